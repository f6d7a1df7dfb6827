"""Outages: days on which a plant stands still, wholly or in part, and why. Pure."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

from wastetrack.errors import Broken
from wastetrack.parties import field_rules
from wastetrack.parties.field_rules import Found


class OutageCause(StrEnum):
    """Why a plant stands still."""

    MAINTENANCE = "maintenance"
    """计划检修."""
    BREAKDOWN = "breakdown"
    """故障停运."""
    ORDERED = "ordered"
    """责令停产: an authority said so."""
    NO_WASTE = "no_waste"
    """Nothing to treat."""
    REBUILDING = "rebuilding"
    """改造."""
    OTHER = "other"
    """None of these; the remark says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Days, both included, on which so much of a plant's capacity is lost; open as long as `to_on` is None."""

    id: UUID
    organisation_id: UUID
    site_id: UUID
    cause: OutageCause
    percent: int
    from_on: date
    to_on: date | None
    remarks: str
    created_at: datetime

    def holds_on(self, day: date) -> bool:
        """Whether the plant stands still that day."""
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOutage:
    """A plant stands still, or will."""

    site_id: UUID
    cause: OutageCause
    from_on: date
    to_on: date | None = None
    percent: int = 100
    remarks: str = ""

    def broken(self) -> Found:
        """All rules that it breaks by itself."""
        found = list(field_rules.day_order(self.from_on, self.to_on, field="to_on")) if self.to_on else []
        if not 1 <= self.percent <= 100:  # noqa: PLR2004  percent
            found.append(
                Broken(
                    "percent",
                    "outage_share_outside",
                    "{value} percent of the capacity cannot be lost.",
                    self.percent,
                    next_step="Write 1 to 100; 100 where the whole plant stands still.",
                )
            )
        if self.cause is OutageCause.OTHER:
            found.extend(field_rules.text("remarks", self.remarks))
        else:
            found.extend(field_rules.optional_text("remarks", self.remarks or None))
        return tuple(found)


def months_left(outages: Iterable[tuple[date, date | None, int]], year: int) -> tuple[Fraction, ...]:
    """Which share of each month's capacity outages leave."""
    told = tuple(outages)
    left = []
    for month in range(1, 13):
        days = monthrange(year, month)[1]
        left.append(1 - days_lost(told, date(year, month, 1), date(year, month, days)) / days)
    return tuple(left)


def days_lost(outages: Iterable[tuple[date, date | None, int]], since: date, until: date) -> Fraction:
    """How many whole days of a period are lost by outages (first and last day, percent); where two hold at once, the
    larger counts. `since` and `until` both included."""
    told = [one for one in outages if one[0] <= until and (one[1] is None or one[1] >= since)]
    # Between two neighbouring edges nothing begins or ends.
    edges = {since, until + timedelta(days=1)}
    for first, last, _ in told:
        edges.add(max(first, since))
        edges.add(until + timedelta(days=1) if last is None else min(last, until) + timedelta(days=1))
    ordered = sorted(edges)
    lost = Fraction(0)
    for begin, end in pairwise(ordered):
        shares = [share for first, last, share in told if first <= begin and (last is None or begin <= last)]
        lost += Fraction(max(shares, default=0), 100) * (end - begin).days
    return lost
