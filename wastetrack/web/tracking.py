"""Where a manifest is on its way: planned, picked up, arrived, received, confirmed; what is next, until when, and who
must act."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.catalogues.working_days import after_working_days
from wastetrack.i18n import message
from wastetrack.manifests.model import ManifestKind, ManifestState

_OVER = frozenset({ManifestState.CANCELLED, ManifestState.VOID})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage. `title` is a message id; `standing` is done, now or ahead."""

    title: str
    who: str
    standing: str
    at: datetime | None = None
    due: date | datetime | None = None
    yours: bool = False


def tracker_of(found: Any, own: str) -> list[Stage]:  # noqa: ANN401  a document
    """The stages of a load on the road; none for a month of a pipe, a paper, or what was withdrawn."""
    if found["kind"] not in {ManifestKind.ROAD, ManifestKind.RETURN} or found["state"] in _OVER or found["on_paper"]:
        return []
    shipper, receiver = found["shipper"], found["receiver"]
    carrier = _carrier(found)
    received = found["received_at"]
    confirm_by = None
    if received is not None:
        confirm_by = after_working_days(legal_day(received), jurisdiction().confirm_working_days.value)
    stages = [
        (message("Manifest filed"), shipper["name"], shipper["organisation_id"], found["filed_at"], None),
        (message("Loaded and picked up"), carrier[0], carrier[1], found["picked_up_at"], found["planned_on"]),
        (message("Arrived at the receiver"), carrier[0], carrier[1], found["arrived_at"], None),
        (message("Taken in by the receiver"), receiver["name"], receiver["organisation_id"], received, None),
    ]
    if found["kind"] is ManifestKind.ROAD:
        closed = found["closed_at"]
        stages.append(
            (message("Confirmed and closed"), receiver["name"], receiver["organisation_id"], closed, confirm_by)
        )
    return _standing(stages, own)


def _carrier(found: Any) -> tuple[str, str]:  # noqa: ANN401
    """Who has the load, or is to fetch it."""
    legs = found["legs"]
    if not legs:
        return found["shipper"]["name"], found["shipper"]["organisation_id"]
    taken = [leg for leg in legs if leg["taken_over_at"] is not None]
    leg = taken[-1] if taken else legs[0]
    return leg["carrier"], leg["carrier_id"]


def _standing(stages: list[tuple[str, str, str, datetime | None, date | None]], own: str) -> list[Stage]:
    """What was done, the first that was not, and what comes after."""
    done = [place for place, stage in enumerate(stages) if stage[3] is not None]
    following = max(done, default=-1) + 1
    return [
        Stage(
            title=title,
            who=who,
            standing="done" if place < following else "now" if place == following else "ahead",
            at=happened,
            due=due if happened is None and place == following else None,
            yours=place == following and whose == own,
        )
        for place, (title, who, whose, happened, due) in enumerate(stages)
    ]
