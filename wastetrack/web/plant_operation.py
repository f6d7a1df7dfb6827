"""How plants run: for the authority those of its region, for a firm its own; and the days on which they stand still."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.capacity import project_queries, standing_still
from wastetrack.capacity.evaluating import (
    HARD_TO_TREAT_DAYS,
    Operation,
    PlantLoad,
    PlantOperation,
    last_year_of,
    percent,
    percents,
)
from wastetrack.capacity.operating import long_stored, operation_of
from wastetrack.capacity.outages import OutageCause, ReportOutage
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.i18n import label, message
from wastetrack.mass import ZERO
from wastetrack.parties import queries as parties
from wastetrack.parties.model import SiteKind
from wastetrack.reports import plant_operation
from wastetrack.reports.oversight_figures import choosable, within
from wastetrack.reports.tabular import Document
from wastetrack.searches import queries as searches
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import csv_document_answer, workbook_answer
from wastetrack.serving.written_text import Day, Line
from wastetrack.web.custody_fields import Search
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.list_views import Column, ListView
from wastetrack.web.rendering import AnyPage, Page
from wastetrack.web.shown_values import beside, mass_shown

router = RoomRouter(route_class=AnsweringRoute)

KINDS: dict[PlantLoad, str] = {
    PlantLoad.WITHOUT_PERMIT: "plain",
    PlantLoad.IDLE: "info",
    PlantLoad.LOW: "info",
    PlantLoad.NORMAL: "good",
    PlantLoad.TIGHT: "warn",
    PlantLoad.OVER: "bad",
}
"""How a class is drawn."""
CHARTED, MOST_CODES, MOST_PLANTS = 20, 15, 500
_COLUMNS = (
    Column("site", message("Plant"), always=True),
    Column("region", message("Region"), extra=True),
    Column("load", message("Load factor"), always=True),
    Column("treated", message("Treated"), "number"),
    Column("licensed", message("Allowed in the period"), "number"),
    Column("effective", message("Could be treated"), "number", extra=True),
    Column("received", message("Received"), "number"),
    Column("lost", message("Days lost"), "number"),
    Column("refusal", message("Refused at the gate"), "number"),
    Column("residue", message("Residue"), "number"),
    Column("standing", message("In store"), "number"),
    Column("fullness", message("Stores full"), "number", extra=True),
    Column("oldest", message("Longest stay"), "number", extra=True),
    Column("hard", message("Hard to treat"), "number"),
)


class AskedOperation(Search):
    """Which region and days."""

    region: str = Field("", pattern=r"^\d{0,6}$")
    since: Day | None = None
    until: Day | None = None

    def days(self, today: date) -> tuple[date, date]:
        """A year that ends today, where nothing is asked; never an end before the beginning."""
        until = self.until or today
        return min(self.since or last_year_of(until), until), until


class OutageForm(BaseModel):
    """Days on which a plant stands still."""

    site_id: UUID
    cause: OutageCause
    from_on: Day
    to_on: Day | None = None
    percent: int = 100
    remarks: Line = ""


class EndingForm(BaseModel):
    """The last of them."""

    last_on: Day


async def _operation(work: ReadWork, asked: AskedOperation) -> Operation:
    since, until = asked.days(legal_day(work.at))
    region = within(work.actor, asked.region) if work.actor.is_regulator else asked.region
    return await operation_of(work.session, work.actor, region=region, since=since, until=until, at=work.at)


async def _page(page: Page, work: ReadWork, filled: Filled, asked: AskedOperation) -> Response:
    found = await _operation(work, asked)
    actor = work.actor
    sites = [] if actor.is_regulator else await parties.sites_of(work.session, actor.organisation_id)
    plants = [one for one in sites if one.kind is SiteKind.TREATMENT]
    lists = await snapshot(work.session)
    return page.show(
        "capacity/operation.html",
        asked=asked,
        regions=choosable(lists, actor, asked.region) if actor.is_regulator else (),
        filled=filled,
        found=found,
        plants=found.plants[:MOST_PLANTS],
        more=max(len(found.plants) - MOST_PLANTS, 0),
        view=ListView(
            page, _COLUMNS, await searches.kept(work.session, actor, "/capacity/operation"), path="/capacity/operation"
        ),
        kinds=KINDS,
        percent=percent,
        facts=_facts(page, found),
        chart=_chart(page, found),
        methods=found.by_method,
        hard_days=HARD_TO_TREAT_DAYS,
        standing=(
            await long_stored(work.session, region=within(actor, asked.region), days=HARD_TO_TREAT_DAYS, at=work.at)
        )[:MOST_CODES]
        if actor.is_regulator
        else [],
        lists=lists,
        own=[(one.id, one.name) for one in plants],
        outages=await project_queries.outages(work.session, [one.id for one in plants]) if plants else [],
        names={one.id: one.name for one in plants},
        causes=OutageCause,
        may_tell=bool(may(actor, Verb.TREAT)) and bool(plants),
        today=legal_day(work.at),
        exports=_exports(page),
    )


async def ask(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The page again, with what was typed of an outage."""
    return await _page(page, work, filled, AskedOperation())


@router.get("/capacity/operation")
async def operation(page: AnyPage, work: Reading, asked: Annotated[AskedOperation, Query()]) -> Response:
    """How plants run."""
    return await _page(page, work, EMPTY, asked)


def _facts(page: Page, found: Operation) -> list[tuple[str, Any]]:
    treated = sum((one.treated for one in found.plants), ZERO)
    licensed = sum((one.licensed for one in found.plants), ZERO)
    return [
        (page.translate("Plants"), len(found.plants)),
        (page.translate("Treated"), mass_shown(treated)),
        (page.translate("Allowed in the period"), mass_shown(licensed)),
        (page.translate("Load of all together"), percent(found.load)),
        *((label(name, page.locale), count) for name, count in found.by_class),
    ]


def _chart(page: Page, found: Operation) -> dict[str, Any]:
    """Load against what is allowed and what is effective, the heaviest first."""
    shown = [one for one in found.plants if one.load is not None][:CHARTED]
    names = [_name(one) for one in shown]
    load = percents([one.load for one in shown])
    free = percents([one.availability for one in shown])
    series = [
        {"type": "bar", "name": f"{page.translate('Load factor')} %", "data": load},
        {"type": "bar", "name": f"{page.translate('Availability')} %", "data": free},
    ]
    return {
        "option": {
            "legend": {},
            "tooltip": {"trigger": "axis"},
            # Lying bars: the name of a plant is longer than a standing one is wide.
            "xAxis": {"type": "value"},
            "yAxis": {
                "type": "category",
                "data": names,
                "inverse": True,
                "axisLabel": {"width": 150, "overflow": "truncate"},
            },
            "series": series,
        },
        "columns": [(page.translate("Plant"), ""), *((one["name"], "number") for one in series)],
        "rows": [list(row) for row in zip(names, load, free, strict=True)],
    }


def _name(plant: PlantOperation) -> str:
    return f"{plant.firm} · {beside(plant.site, plant.firm)}"


def _exports(page: Page) -> list[tuple[str, str]]:
    asked = page.request.url.query
    return [(name.upper(), f"/capacity/operation.{name}?{asked}".rstrip("?")) for name in ("csv", "xlsx")]


async def _document(work: ReadWork, asked: AskedOperation) -> Document:
    return plant_operation.document_of(await _operation(work, asked), printed_at=work.at, zone=LEGAL_ZONE.key)


@router.get("/capacity/operation.csv")
async def operation_csv(page: AnyPage, work: Reading, asked: Annotated[AskedOperation, Query()]) -> Response:
    """The same as CSV."""
    return csv_document_answer(await _document(work, asked), "plants", page.locale)


@router.get("/capacity/operation.xlsx")
async def operation_xlsx(page: AnyPage, work: Reading, asked: Annotated[AskedOperation, Query()]) -> Response:
    """The same as a workbook."""
    return await workbook_answer(await _document(work, asked), "plants", page.locale)


@router.post("/outages")
@asked_again(ask)
async def report(page: AnyPage, work: Writing, form: Annotated[OutageForm, Form()]) -> Response:
    """Say that a plant stands still."""
    await standing_still.report_outage(work.session, work.actor, ReportOutage(**dict(form)), at=work.at)
    return page.go("/capacity/operation", message("The outage is entered."))


@router.post("/outages/{outage_id:uuid}/ending")
@asked_again(ask)
async def end(page: AnyPage, work: Writing, outage_id: UUID, form: Annotated[EndingForm, Form()]) -> Response:
    """It runs again."""
    await standing_still.end_outage(work.session, work.actor, outage_id, last_on=form.last_on, at=work.at)
    return page.go("/capacity/operation", message("The plant runs again."))
