"""Makes a site's report of a period from its ledgers, and hands it in."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, jurisdiction, legal_day
from wastetrack.containers.model import Form
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import refuse
from wastetrack.filings import queries
from wastetrack.filings.model import DueDays, ReportKind, ReportPeriod, SubmitReport, check_period, last_ended
from wastetrack.filings.policy import digest_of
from wastetrack.filings.queries import Report
from wastetrack.filings.submitting import HandedIn, submit_report
from wastetrack.reports.figures import Words
from wastetrack.reports.ledgers import gathering, reading, report_statements
from wastetrack.reports.ledgers.model import USES, Period
from wastetrack.reports.ledgers.periodic import Contracted, ReportFigures, Treated, WasteFigures, document, thawed
from wastetrack.reports.tabular import Document, named

FORMS: Final[Mapping[str, Words]] = {form.value: named(form) for form in Form}


@dataclass(frozen=True, slots=True)
class Reporting:
    """A report as it would be handed in now, and what was handed in before."""

    books: reading.Books
    period: ReportPeriod
    figures: ReportFigures
    digest: str
    versions: list[Report]

    @property
    def stands(self) -> bool:
        """Whether what was handed in last is what the ledgers say now."""
        return bool(self.versions) and self.versions[0].digest == self.digest


def due_days() -> DueDays:
    """As the jurisdiction has them."""
    figures = jurisdiction()
    return DueDays(
        day_of_month=figures.report_day_of_month.value,
        yearly_month=figures.yearly_report_month.value,
        yearly_day=figures.yearly_report_day.value,
    )


def last_period(kind: ReportKind, at: datetime) -> ReportPeriod:
    """The newest period of a kind that is over."""
    return last_ended(kind, legal_day(at))


def end_of(period: ReportPeriod) -> datetime:
    """The instant at which a period ends, by the law's clock."""
    return datetime.combine(period.until + timedelta(days=1), time(), tzinfo=LEGAL_ZONE)


async def report_of(
    session: ReadSession, actor: Actor, site_id: UUID, period: ReportPeriod, *, at: datetime
) -> Reporting:
    """The report of a period as the ledgers have it now. Raises NotFound, RuleBroken for a period that is not over."""
    refuse(check_period(period, legal_day(at)))
    days = Period(since=period.since, until=period.until)
    of = await reading.books_of(session, actor, site_id, days)
    figures = await _figures(session, of, period)
    versions = await queries.versions(session, of.site.id, period)
    return Reporting(of, period, figures, digest_of(figures.frozen()), versions)


async def _figures(session: ReadSession, of: reading.Books, period: ReportPeriod) -> ReportFigures:
    driver = await session.driver()
    days = (of.period.since, of.period.until)
    rows = await driver.fetch(report_statements.REPORTED, of.site.id, USES, *days)
    words = {
        row["waste_code"]: row for row in await driver.fetch(report_statements.WORDS, of.site.id, USES, of.period.until)
    }
    checked, _ = await gathering.balances(session, of.site.id, of.period)
    wastes = tuple(_waste(code, found, words.get(code), of) for code, found in _by_code(rows).items())
    wastes = tuple(one for one in wastes if _said_of(one))
    return ReportFigures(
        kind=period.kind.value,
        period=period.name,
        firm=of.firm.name,
        credit_code=of.firm.credit_code,
        site=of.site.name,
        region=of.site.region_code,
        wastes=wastes,
        agrees=all(one.agrees for one in checked) and all(one.balanced for one in wastes),
    )


def _by_code(rows: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row["waste_code"]].append(row)
    return dict(sorted(found.items()))


def _said_of(one: WasteFigures) -> bool:
    """A waste that neither stood there nor moved in the period is not reported."""
    moved = one.treated or one.contracted or one.generated_g or one.differences_g
    return bool(moved or one.start_g or one.end_g)


def _waste(code: str, rows: list[Any], words: Any, of: reading.Books) -> WasteFigures:  # noqa: ANN401  a row, or none
    def total(*kinds: str, before: bool | None = None) -> int:
        return sum(row["grams"] for row in rows if row["kind"] in kinds and before in {None, row["before"]})

    came, went = ("generated", "received", "differences"), ("treated", "contracted_out")
    now = [row for row in rows if not row["before"]]
    lists = of.lists
    return WasteFigures(
        own_names=tuple(words["own_names"]) if words else (),
        official_name=of.names()(code, of.period.until),
        category=f"HW{code[-2:]}",
        waste_code=code,
        harmful_components=tuple(words["harmful"] or ()) if words else (),
        forms=tuple(words["forms"]) if words else (),
        hazards=tuple(words["hazards"] or ()) if words else (),
        start_g=total(*came, before=True) - total(*went, before=True),
        generated_g=total("generated", before=False),
        treated=tuple(Treated(method=row["method"], grams=row["grams"]) for row in now if row["kind"] == "treated"),
        contracted=tuple(
            Contracted(
                region=lists.region_name(f"{row['region'][:2]}0000"),
                receiver=row["receiver"],
                permit_number=row["permit_number"],
                method=row["method"],
                grams=row["grams"],
            )
            for row in now
            if row["kind"] == "contracted_out" and row["grams"]
        ),
        differences_g=total("differences", "received", before=False),
        end_g=total(*came) - total(*went),
    )


async def submit(
    session: WriteSession,
    actor: Actor,
    site_id: UUID,
    period: ReportPeriod,
    *,
    seen: str | None,
    reason: str,
    at: datetime,
) -> HandedIn:
    """Hand in the report as the ledgers have it now. Raises what `report_of` and `submit_report` raise."""
    found = await report_of(session, actor, site_id, period, at=at)
    command = SubmitReport(site_id=site_id, period=period, figures=found.figures.frozen(), seen=seen, reason=reason)
    return await submit_report(session, actor, command, at=at)


def document_of(figures: ReportFigures, period: ReportPeriod, *, at: datetime) -> Document:
    """A report to print: as it would be handed in, or as it was."""
    return document(figures, period=period, forms=FORMS, printed_at=at, zone=LEGAL_ZONE.key)


def frozen_document(report: Report, *, at: datetime) -> Document:
    """A report as it was handed in."""
    return document_of(thawed(report.figures), queries.period_of(report), at=at)
