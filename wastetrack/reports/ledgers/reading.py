"""The ledgers of a site for whoever may open its books, with official names of wastes and the check at the foot."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Final
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, legal_day
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken, Malformed, RuleBroken, refuse
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Organisation, Site
from wastetrack.reports import books
from wastetrack.reports.ledgers import gathering, tables
from wastetrack.reports.ledgers.model import ARTICLE, Balance, LedgerKind, LedgerLine, Period
from wastetrack.reports.tabular import Document

LONGEST_PERIOD_DAYS: Final = 366
MOST_SKIPPED: Final = 1_000_000
MOST_LINES: Final = 20_000
"""In one document. Whoever needs more prints by month."""


@dataclass(frozen=True, slots=True)
class Books:
    """A site whose ledgers are read, and for which days."""

    site: Site
    firm: Organisation
    period: Period
    lists: Catalogue

    def names(self) -> tables.Names:
        """The official name of a code on a day; the category's name where the list has no entry."""

        @cache
        def of(code: str, day: date) -> str:
            try:
                return self.lists.waste(code, day).description
            except (RuleBroken, Malformed):
                return self.lists.category_names.get(f"HW{code[-2:]}", "")

        return of


def this_month(at: datetime) -> Period:
    """From its first day until today."""
    today = legal_day(at)
    return Period(since=today.replace(day=1), until=today)


def checked_period(since: date | None, until: date | None, at: datetime) -> Period:
    """The period asked for; without days, this month. Raises RuleBroken for one that ends before it begins."""
    usual = this_month(at)
    period = Period(since=since or (usual.since if until is None else until.replace(day=1)), until=until or usual.until)
    broken: list[Broken] = []
    facts: dict[str, object] = {"since": period.since.isoformat()}
    if period.until < period.since:
        message = "The period ends on {value}, before it begins ({since})."
        step = "Give the first day before the last."
        broken.append(
            Broken("until", "period_ends_first", message, period.until.isoformat(), facts=facts, next_step=step)
        )
    elif (period.until - period.since).days > LONGEST_PERIOD_DAYS:
        message = "A ledger is read for a year at most, not from {since} to {value}."
        step = "Choose a shorter period."
        broken.append(
            Broken("until", "period_too_long", message, period.until.isoformat(), facts=facts, next_step=step)
        )
    refuse(broken)
    return period


async def books_of(session: ReadSession, actor: Actor, site_id: UUID, period: Period) -> Books:
    """The books of a site, for its firm and its authorities. Raises NotFound."""
    site = await parties.site(session, await books.site_with_books(session, actor, site_id))
    firm = await parties.organisation(session, site.organisation_id)
    return Books(site, firm, period, await catalogues.snapshot(session))


async def page_of(
    session: ReadSession,
    of: Books,
    kind: LedgerKind,
    *,
    waste_code: str | None = None,
    offset: int = 0,
    limit: int = gathering.EVERYTHING,
) -> list[LedgerLine]:
    """Some lines of one ledger."""
    return await gathering.lines_of(
        session, of.site.id, kind, of.period, waste_code=waste_code, offset=offset, limit=limit
    )


async def check_of(session: ReadSession, of: Books) -> tuple[list[Balance], dict[str, int]]:
    """The totals by code beside the mass ledger's, and how many lines each ledger has in the period."""
    return await gathering.balances(session, of.site.id, of.period)


def refuse_too_long(lines: int) -> None:
    """Raise RuleBroken where a table would be too long to use."""
    if lines > MOST_LINES:
        message = "This ledger has more than {value} lines."
        step = "Print it by month or by waste code."
        refuse([Broken("until", "ledger_too_long", message, MOST_LINES, article=ARTICLE, next_step=step)])


async def document_of(
    session: ReadSession, of: Books, kinds: Iterable[LedgerKind], *, waste_code: str | None, at: datetime
) -> Document:
    """Ledgers to print or to keep, one table each. Raises RuleBroken where a table would be too long to use."""
    checked, _ = await check_of(session, of)
    notes = tables.check_notes([one for one in checked if waste_code in {None, one.waste_code}])
    sheets = []
    for kind in kinds:
        lines = await page_of(session, of, kind, waste_code=waste_code, limit=MOST_LINES + 1)
        refuse_too_long(len(lines))
        sheets.append(tables.sheet(kind, lines, of.names(), notes))
    return tables.document(
        sheets,
        firm=of.firm.name,
        site=of.site.name,
        credit_code=of.firm.credit_code,
        period=of.period,
        printed_at=at,
        zone=LEGAL_ZONE.key,
    )
