"""Who has not filed: the management plan of a year, or a report of a period; site by site and county by county."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from wastetrack.auth.model import Actor
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken, refuse
from wastetrack.filings.model import ReportKind, read_period
from wastetrack.i18n import message
from wastetrack.reports.duties_plans import last_day
from wastetrack.reports.ledgers.reporting import due_days, end_of, last_period
from wastetrack.reports.ledgers.standing import standing_of
from wastetrack.reports.oversight_figures import NonFiler, name_of, places_of, sites_without_plan
from wastetrack.reports.tabular import Column, Document, Sheet, said

_YEARS = (2000, 2100)


class Paper(StrEnum):
    """What is owed."""

    PLAN = "plan"
    """The management plan of a year."""
    REPORT = "report"
    """The report of a month, a quarter or a year."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The sites that owe it still."""

    what: Paper
    period: str
    due_on: date
    sites: tuple[NonFiler, ...]


async def missing(
    session: ReadSession, actor: Actor, what: Paper, period: str, *, region: str, at: datetime
) -> Missing:
    """Who owes it in a region; without a period, of this year or of the month that ended last."""
    if what is Paper.PLAN:
        return await _plans(session, period, region=region, at=at)
    asked = read_period(period) if period else last_period(ReportKind.MONTHLY, at)
    due_on = asked.due_on(due_days())
    owed = [one for one in await standing_of(session, actor, [asked], ends=[end_of(asked)]) if one.report_id is None]
    places = await places_of(session, [one.site_id for one in owed])
    sites = [
        NonFiler(one.site_id, one.site, places[one.site_id][1], one.firm, places[one.site_id][0], asked.name, due_on)
        for one in owed
        if places[one.site_id][0].startswith(region)
    ]
    sites.sort(key=lambda one: (one.region_code, one.firm, one.site))
    return Missing(what, asked.name, due_on, tuple(sites))


async def _plans(session: ReadSession, period: str, *, region: str, at: datetime) -> Missing:
    year = int(period) if period.isascii() and period.isdigit() else legal_day(at).year
    refuse(() if _YEARS[0] <= year <= _YEARS[1] and (not period or period == str(year)) else (_no_year(period),))
    due_on = last_day(year)
    sites = await sites_without_plan(session, region, year=year, due_on=due_on)
    return Missing(Paper.PLAN, str(year), due_on, tuple(sites))


def _no_year(period: str) -> Broken:
    return Broken(
        "period",
        "not_a_year",
        message("“{value}” is no year."),
        value=period,
        next_step=message("Write a year, such as 2026; plans are filed for years."),
    )


def by_county(lists: Catalogue, sites: Sequence[NonFiler]) -> list[tuple[str, str, int]]:
    """Code, name and count of each county, the most first."""
    counts = Counter(one.region_code for one in sites)
    return [
        (code, name_of(lists, code), count) for code, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]


def document_of(lists: Catalogue, found: Missing, *, printed_at: datetime, zone: str) -> Document:
    """The list as a table to keep."""
    columns = (
        Column(said("Region"), 1.5),
        Column(said("Firm"), 3),
        Column(said("Site"), 3),
        Column(said("Period")),
        Column(said("Due")),
    )
    rows = tuple((name_of(lists, one.region_code), one.firm, one.site, one.what, one.due_on) for one in found.sites)
    title = said("Not filed")
    return Document(title, ((said("Period"), found.period),), (Sheet(title, columns, rows),), printed_at, zone)
