"""An authority's figures: mass balance, permits and capacity, who has not filed, the map, regions, one firm whole."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.auth.policy import demand_authority
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.i18n import label, message
from wastetrack.reports import filers, mass_balance, oversight_figures, permit_use
from wastetrack.reports.mass_balance import COLUMNS, MOVEMENTS, Balance
from wastetrack.reports.tabular import Document
from wastetrack.searches import queries as searches
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import csv_document_answer, workbook_answer
from wastetrack.serving.written_text import Day, Line
from wastetrack.web.custody_fields import Search
from wastetrack.web.list_views import Column, ListView
from wastetrack.web.rendering import AnyPage, Page
from wastetrack.web.shown_values import mass_shown

router = RoomRouter(prefix="/oversight")

MOST_LINES, CHARTED, MOST_STORES, MOST_FILERS = 200, 12, 100, 500
_REGION = r"^\d{0,6}$"


class AskedBalance(Search):
    """Which sites, code and days."""

    region: str = Field("", pattern=_REGION)
    site: UUID | None = None
    code: Line = ""
    since: Day | None = None
    until: Day | None = None

    def days(self, today: date) -> tuple[date, date]:
        """The year so far, where nothing is asked; never an end before the beginning."""
        until = self.until or today
        since = self.since or date(until.year, 1, 1)
        return min(since, until), until


async def _balance(work: ReadWork, asked: AskedBalance) -> Balance:
    demand_authority(work.actor)
    since, until = asked.days(legal_day(work.at))
    region = oversight_figures.within(work.actor, asked.region)
    return await mass_balance.balance_of(
        work.session, since=since, until=until, site_id=asked.site, region=region, code=asked.code, at=work.at
    )


_BALANCE_COLUMNS = (
    Column("site", message("Site"), always=True),
    Column("code", message("Waste code"), "code", always=True),
    Column("opening", message("Opening stock"), "number"),
    Column("generated", message("Generated here"), "number"),
    Column("received", message("Came in"), "number"),
    Column("residue", message("Residue of treatment"), "number", extra=True),
    Column("recoded", message("Re-coded"), "number", extra=True),
    Column("shipped", message("Went out"), "number"),
    Column("treated", message("Treated here"), "number"),
    Column("discrepancy", message("Differences"), "number"),
    Column("closing", message("Closing stock"), "number"),
    Column("less_on_arrival", message("Less than declared on arrival"), "number", extra=True),
)


@router.get("/balance")
async def balance(page: AnyPage, work: Reading, asked: Annotated[AskedBalance, Query()]) -> Response:
    """What was there, came, went and is there, by site and code."""
    found = await _balance(work, asked)
    kept = await searches.kept(work.session, work.actor, page.path)
    return page.show(
        "oversight/balance.html",
        asked=asked,
        found=found,
        view=ListView(page, _BALANCE_COLUMNS, kept),
        columns=COLUMNS,
        lines=found.lines[:MOST_LINES],
        more=max(len(found.lines) - MOST_LINES, 0),
        sums=[(label(name, page.locale), mass_shown(found.total.mass(name))) for name in COLUMNS],
        chart=_bars(page, found),
        chart_columns=[
            (page.translate("Waste code"), ""),
            *((label(name, page.locale), "number") for name in MOVEMENTS),
        ],
        exports=_exports(page, "/oversight/balance"),
    )


def _bars(page: Page, found: Balance) -> dict[str, Any]:
    """In tonnes: what came up, what went down, code by code."""
    by_code: dict[str, list[int]] = {}
    for line in found.lines:
        sums = by_code.setdefault(line.waste_code, [0] * len(MOVEMENTS))
        for place, name in enumerate(MOVEMENTS):
            sums[place] += line.grams[name]
    codes = sorted(by_code, key=lambda code: -sum(map(abs, by_code[code])))[:CHARTED]
    series = [
        {
            "type": "bar",
            "stack": "mass",
            "name": label(name, page.locale),
            "data": [round(by_code[code][place] / 1_000_000, 3) for code in codes],
        }
        for place, name in enumerate(MOVEMENTS)
    ]
    return {
        "option": {
            "legend": {},
            "tooltip": {"trigger": "axis"},
            "xAxis": {"data": codes, "axisLabel": {"rotate": 45}},
            "yAxis": {},
            "series": series,
        },
        "rows": [[code, *(one["data"][place] for one in series)] for place, code in enumerate(codes)],
    }


def _exports(page: Page, path: str) -> list[tuple[str, str]]:
    """The same list to keep."""
    asked = page.request.url.query
    return [(name.upper(), f"{path}.{name}?{asked}".rstrip("?")) for name in ("csv", "xlsx")]


async def _kept(page: Page, document: Document, name: str, ending: str) -> Response:
    if ending == "csv":
        return csv_document_answer(document, name, page.locale)
    return await workbook_answer(document, name, page.locale)


async def _balance_document(work: ReadWork, asked: AskedBalance) -> Document:
    return mass_balance.document_of(await _balance(work, asked), printed_at=work.at, zone=LEGAL_ZONE.key)


@router.get("/balance.csv")
async def balance_csv(page: AnyPage, work: Reading, asked: Annotated[AskedBalance, Query()]) -> Response:
    """The balance as CSV."""
    return await _kept(page, await _balance_document(work, asked), "mass-balance", "csv")


@router.get("/balance.xlsx")
async def balance_xlsx(page: AnyPage, work: Reading, asked: Annotated[AskedBalance, Query()]) -> Response:
    """The balance as a workbook."""
    return await _kept(page, await _balance_document(work, asked), "mass-balance", "xlsx")


class AskedRegion(Search):
    """Which region, and which year."""

    region: str = Field("", pattern=_REGION)
    year: int | None = Field(None, ge=2000, le=2100)


@router.get("/capacity")
async def capacity(page: AnyPage, work: Reading, asked: Annotated[AskedRegion, Query()]) -> Response:
    """What permits allow, what is used and left; how full the stores are."""
    demand_authority(work.actor)
    region = oversight_figures.within(work.actor, asked.region)
    year = asked.year or legal_day(work.at).year
    return page.show(
        "oversight/capacity.html",
        asked=asked,
        year=year,
        view=ListView(page, (), await searches.kept(work.session, work.actor, page.path)),
        permits=await permit_use.use_in_region(work.session, region, year=year),
        stores=await oversight_figures.stores_by_fullness(work.session, region, limit=MOST_STORES),
        exports=_exports(page, "/oversight/capacity"),
    )


async def _permits(work: ReadWork, asked: AskedRegion) -> Document:
    demand_authority(work.actor)
    region = oversight_figures.within(work.actor, asked.region)
    year = asked.year or legal_day(work.at).year
    sheet = permit_use.sheet_of(await permit_use.use_in_region(work.session, region, year=year))
    return Document(sheet.title, (), (sheet,), work.at, LEGAL_ZONE.key)


@router.get("/capacity.csv")
async def capacity_csv(page: AnyPage, work: Reading, asked: Annotated[AskedRegion, Query()]) -> Response:
    """The use of permits as CSV."""
    return await _kept(page, await _permits(work, asked), "permits", "csv")


@router.get("/capacity.xlsx")
async def capacity_xlsx(page: AnyPage, work: Reading, asked: Annotated[AskedRegion, Query()]) -> Response:
    """The use of permits as a workbook."""
    return await _kept(page, await _permits(work, asked), "permits", "xlsx")


class AskedFilers(Search):
    """Which paper of which period; without a name, the plan of this year."""

    region: str = Field("", pattern=_REGION)
    what: filers.Paper = filers.Paper.PLAN
    period: Line = ""


@router.get("/non-filers")
async def non_filers(page: AnyPage, work: Reading, asked: Annotated[AskedFilers, Query()]) -> Response:
    """Who has not filed a plan, or not handed in a report, county by county."""
    demand_authority(work.actor)
    region = oversight_figures.within(work.actor, asked.region)
    found = await filers.missing(work.session, work.actor, asked.what, asked.period, region=region, at=work.at)
    return page.show(
        "oversight/non_filers.html",
        asked=asked,
        papers=filers.Paper,
        found=found.sites[:MOST_FILERS],
        more=max(len(found.sites) - MOST_FILERS, 0),
        period=found.period,
        due_on=found.due_on,
        counties=filers.by_county(await snapshot(work.session), found.sites),
        view=ListView(page, (), await searches.kept(work.session, work.actor, page.path)),
        exports=_exports(page, "/oversight/non-filers"),
    )


async def _filers(work: ReadWork, asked: AskedFilers) -> Document:
    demand_authority(work.actor)
    region = oversight_figures.within(work.actor, asked.region)
    found = await filers.missing(work.session, work.actor, asked.what, asked.period, region=region, at=work.at)
    return filers.document_of(await snapshot(work.session), found, printed_at=work.at, zone=LEGAL_ZONE.key)


@router.get("/non-filers.csv")
async def non_filers_csv(page: AnyPage, work: Reading, asked: Annotated[AskedFilers, Query()]) -> Response:
    """The list as CSV."""
    return await _kept(page, await _filers(work, asked), "non-filers", "csv")


@router.get("/non-filers.xlsx")
async def non_filers_xlsx(page: AnyPage, work: Reading, asked: Annotated[AskedFilers, Query()]) -> Response:
    """The list as a workbook."""
    return await _kept(page, await _filers(work, asked), "non-filers", "xlsx")
