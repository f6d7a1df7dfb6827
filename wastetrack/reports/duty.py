"""One act that is owed, as every part of the regime tells it; duties.py collects them."""

from dataclasses import dataclass, field
from datetime import date, datetime

from wastetrack.catalogues.jurisdiction import legal_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One act that is owed. `title` is a message id, its places are filled from `facts`; `what` names the thing at hand
    (a number, a firm, a waste) in its own words."""

    title: str
    what: str
    address: str
    """The page on which it is done."""
    due_on: date | None = None
    """The last day on which it is in time; None where the law says “in time” and no figure."""
    due_at: datetime | None = None
    """The last instant, for terms counted in hours."""
    article: str = ""
    facts: dict[str, object] = field(default_factory=dict)

    def last_day(self) -> date:
        """For sorting; what has no term comes last."""
        if self.due_at is not None:
            return legal_day(self.due_at)
        return self.due_on or date.max

    def overdue(self, at: datetime) -> bool:
        """Whether its term is over."""
        if self.due_at is not None:
            return self.due_at < at
        return self.due_on is not None and self.due_on < legal_day(at)
