"""Periodic reports (HJ 1259-2022, 7.2): which periods there are, who owes which, and until when. Pure."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from wastetrack.errors import Broken, Malformed

ARTICLE: Final = "HJ 1259-2022 7.2"
MONTHS: Final = 12
QUARTERS: Final = 4
_MONTHS_OF_A_QUARTER: Final = 3
FIRST_YEAR: Final = 2022
"""The standard came into force on 2022-10-01."""


class ReportKind(StrEnum):
    """How long a report reaches (tables C.1, C.2, C.3)."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


_NUMBERS: Final = {ReportKind.MONTHLY: MONTHS, ReportKind.QUARTERLY: QUARTERS, ReportKind.YEARLY: 1}
DRAWN: Final = {ReportKind.MONTHLY: "C.1", ReportKind.QUARTERLY: "C.2", ReportKind.YEARLY: "C.3"}


@dataclass(frozen=True, slots=True, order=True)
class ReportPeriod:
    """A month, a quarter or a year; `number` is that of the month or quarter, 1 for a year."""

    kind: ReportKind
    year: int
    number: int = 1

    @property
    def since(self) -> date:
        """Its first day."""
        return date(self.year, (self.number - 1) * self._months + 1, 1)

    @property
    def until(self) -> date:
        """Its last day."""
        month = self.number * self._months
        return date(self.year, month, calendar.monthrange(self.year, month)[1])

    @property
    def _months(self) -> int:
        return MONTHS // _NUMBERS[self.kind]

    def due_on(self, days: "DueDays") -> date:
        """The last day on which it is in time (7.2.1 to 7.2.3)."""
        if self.kind is ReportKind.YEARLY:
            return date(self.year + 1, days.yearly_month, days.yearly_day)
        month = self.until.month + 1
        year = self.year + (month > MONTHS)
        return date(year, (month - 1) % MONTHS + 1, days.day_of_month)

    @property
    def name(self) -> str:
        """`2026-03`, `2026-Q1`, `2026`."""
        match self.kind:
            case ReportKind.MONTHLY:
                return f"{self.year}-{self.number:02}"
            case ReportKind.QUARTERLY:
                return f"{self.year}-Q{self.number}"
            case ReportKind.YEARLY:
                return f"{self.year}"


_NAME: Final = re.compile(r"(20\d\d)(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")


def read_period(name: str) -> ReportPeriod:
    """`2026-03`, `2026-Q1` or `2026`. Raises Malformed."""
    found = _NAME.fullmatch(name)
    if found is None:
        message = "“{value}” is not a period; write it like 2026-03, 2026-Q1 or 2026."
        raise Malformed("period_unreadable", message, value=name)
    year, quarter, month = found.groups()
    if month:
        return ReportPeriod(ReportKind.MONTHLY, int(year), int(month))
    return (
        ReportPeriod(ReportKind.QUARTERLY, int(year), int(quarter))
        if quarter
        else ReportPeriod(ReportKind.YEARLY, int(year))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDays:
    """The days of the jurisdiction."""

    day_of_month: int
    yearly_month: int
    yearly_day: int


def owed(management_class: str | None) -> tuple[ReportKind, ...]:
    """The reports that a class owes; a site of which no class is known owes what all owe."""
    match management_class:
        case "key_supervision":
            return (ReportKind.MONTHLY, ReportKind.YEARLY)
        case "simplified":
            return (ReportKind.QUARTERLY, ReportKind.YEARLY)
        case _:
            return (ReportKind.YEARLY,)


def last_ended(kind: ReportKind, today: date) -> ReportPeriod:
    """The newest period of a kind that is over."""
    if kind is ReportKind.YEARLY:
        return ReportPeriod(kind, today.year - 1)
    ended = (today.month - 1) // (1 if kind is ReportKind.MONTHLY else _MONTHS_OF_A_QUARTER)
    return ReportPeriod(kind, today.year, ended) if ended else ReportPeriod(kind, today.year - 1, _NUMBERS[kind])


def check_period(period: ReportPeriod, today: date) -> tuple[Broken, ...]:
    """Which rules a period breaks: none such, or not over yet."""
    if not (FIRST_YEAR <= period.year <= today.year and 1 <= period.number <= _NUMBERS[period.kind]):
        step = "Give the year and the number of the month or quarter."
        return (Broken("period", "period_unknown", "There is no report for {value}.", period.year, next_step=step),)
    if period.until >= today:
        message = "The period {value} is not over; it ends on {until}."
        facts: dict[str, object] = {"until": period.until.isoformat()}
        step = "Report it after its last day."
        return (
            Broken("period", "period_not_over", message, period.name, article=ARTICLE, facts=facts, next_step=step),
        )
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitReport:
    """Command: hand in the report of a site for a period, as its figures stand; or hand it in anew, with a reason.

    `seen` is the digest of the figures that the reporter was shown: if they changed meanwhile he reads them again.
    """

    site_id: UUID
    period: ReportPeriod
    figures: Mapping[str, Any]
    seen: str | None = None
    reason: str = ""
