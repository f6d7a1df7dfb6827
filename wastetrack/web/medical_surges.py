"""Pages of simulated epidemics: the form with its presets, the list, the answer by day and by plant."""

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, BeforeValidator
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand_authority, may
from wastetrack.capacity.running_surges import AskSurge, ask_surge, surge_run, surge_runs
from wastetrack.capacity.surge_model import (
    CURVES,
    HOLD_DAYS,
    HelperTier,
    PlantPlan,
    SurgeAnswer,
    SurgePreset,
    SurgeQuestion,
)
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.errors import NotFound
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.reports import oversight_figures
from wastetrack.reports.surge_tables import document_of
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import workbook_answer
from wastetrack.serving.written_text import Day, Line
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.reading_fields import TonnesOrNone, WholeOrNone
from wastetrack.web.rendering import AnyPage, Page, renderer_of

router = RoomRouter(prefix="/medical/surges", route_class=AnsweringRoute)

_TONNE = 1_000_000
_TONNES = {"base_g": "base", "peak_g": "peak"}


class SurgeForm(BaseModel):
    """An epidemic; an empty field is that of the preset, or of the last thirty days."""

    region_code: Line
    preset: SurgePreset
    begins_on: Day
    base: TonnesOrNone = None
    peak: TonnesOrNone = None
    rise_days: WholeOrNone = None
    high_days: WholeOrNone = None
    fall_days: WholeOrNone = None
    called_after_days: WholeOrNone = None
    hold_days: int = HOLD_DAYS

    def command(self) -> AskSurge:
        """As the use case wants it."""
        told = self.model_dump(exclude={"base", "peak"})
        return AskSurge(**told, base_g=_grams(self.base), peak_g=_grams(self.peak))


def _grams(mass: Mass | None) -> int | None:
    return None if mass is None else mass.grams


async def ask_for_surge(page: Page, work: ReadWork, filled: Filled) -> Response:
    """Those of one's authority, and the form."""
    demand_authority(work.actor)
    return page.show(
        "medical/surges.html",
        filled=filled,
        runs=await surge_runs(work.session, work.actor),
        may_ask=bool(may(work.actor, Verb.ASSESS_CAPACITY)),
        presets=SurgePreset,
        curves={preset.value: curve for preset, curve in CURVES.items()},
        regions=oversight_figures.choosable(await snapshot(work.session), work.actor),
        tomorrow=legal_day(work.at) + timedelta(days=1),
        hold_days=HOLD_DAYS,
    )


@router.get("")
async def listed(page: AnyPage, work: Reading) -> Response:
    """The list and the empty form."""
    return await ask_for_surge(page, work, EMPTY)


@router.post("")
@asked_again(ask_for_surge)
async def ask(page: AnyPage, work: Writing, form: Annotated[SurgeForm, Form()]) -> Response:
    """Ask; the worker answers."""
    with naming_fields(_TONNES):
        row = await ask_surge(work.session, work.actor, form.command(), at=work.at)
    return page.go(f"/medical/surges/{row.id}", message("The simulation waits for its worker."))


@router.get("/{surge_id:uuid}")
async def one(
    page: AnyPage,
    work: Reading,
    surge_id: UUID,
    day: Annotated[date | None, Query(), BeforeValidator(lambda value: value or None)] = None,
) -> Response:
    """The answer; who sends what where on one day, the worst one unless another is asked for."""
    run = await surge_run(work.session, work.actor, surge_id)
    shown = None if run.answer is None else _day_shown(run.answer, day)
    names = {place.id: place.name for place in run.asked.places}
    return page.show(
        "medical/surge.html",
        run=run,
        chart=None if run.answer is None else _chart(page, run.asked, run.answer),
        tiers=HelperTier,
        place_names=names,
        plant_names={plant.id: plant.name for plant in run.asked.plants},
        taking=[] if run.answer is None else [one for one in run.answer.plants if one.total_g > 0],
        idle=[] if run.answer is None else [one for one in run.answer.plants if one.total_g == 0],
        day_shown=shown,
        loads=[] if run.answer is None else [load for load in run.answer.loads if load.day == shown],
    )


def _day_shown(found: SurgeAnswer, asked: date | None) -> date:
    """The day that is asked for, where it is one of the epidemic's; else its worst."""
    return asked if asked in {one.day for one in found.days} else found.worst.day


@router.get("/{surge_id:uuid}/plan.xlsx")
async def workbook(page: AnyPage, work: Reading, surge_id: UUID) -> Response:
    """The plan of all days as a workbook: who takes what, from where."""
    run = await surge_run(work.session, work.actor, surge_id)
    if run.answer is None:
        raise NotFound("surge_not_made", "This simulation has no answer yet.", surge_id=surge_id)
    zone = str(renderer_of(page.request).zone)
    document = document_of(run.asked, run.answer, made_at=run.created_at, zone=zone)
    return await workbook_answer(document, f"surge-{run.asked.begins_on}", page.locale)


def _chart(page: Page, asked: SurgeQuestion, found: SurgeAnswer) -> dict[str, Any]:
    """The stacked areas of who takes what, under the line of what arises; and the same as rows."""
    plants = [one for one in found.plants if one.total_g > 0]
    days = [one.day.isoformat() for one in found.days]
    lines: list[dict[str, Any]] = [_area(one) for one in plants]
    if found.unmatched_g:
        nowhere = page.translate(message("Goes nowhere"))
        lines.append(_stacked(nowhere, [one.unmatched_g for one in found.days]))
    arises = page.translate(message("Arises"))
    lines.append({"name": arises, "type": "line", "showSymbol": False, "data": _tonnes(asked.curve.grams())})
    option = {
        "legend": {"type": "scroll", "top": 0},
        "grid": {"left": 48, "right": 16, "top": 64, "bottom": 32},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": days, "boundaryGap": False},
        "yAxis": {"type": "value", "name": page.translate(message("t/d"))},
        "series": lines,
    }
    rows = [
        (
            day.day.isoformat(),
            _tonne(day.arises_g),
            *(_tonne(plant.taken_g[place]) for plant in plants),
            _tonne(day.waits_g),
            _tonne(day.unmatched_g),
        )
        for place, day in enumerate(found.days)
    ]
    heads = [
        (page.translate(message("On which day")), ""),
        (arises, "number"),
        *((one.name, "number") for one in plants),
        (page.translate(message("Waits")), "number"),
        (page.translate(message("Goes nowhere")), "number"),
    ]
    return {"option": option, "rows": rows, "heads": heads}


def _area(plant: PlantPlan) -> dict[str, Any]:
    return _stacked(plant.name, list(plant.taken_g))


def _stacked(name: str, grams: list[int]) -> dict[str, Any]:
    return {
        "name": name,
        "type": "line",
        "stack": "taken",
        "areaStyle": {},
        "showSymbol": False,
        "data": _tonnes(grams),
    }


def _tonnes(grams: list[int]) -> list[float]:
    return [_tonne(one) for one in grams]


def _tonne(grams: int) -> float:
    return round(grams / _TONNE, 3)
