"""Pages of matching: ask whether capacity matches what arises, see what came of it, lay several side by side."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, BeforeValidator, Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand_authority, may
from wastetrack.capacity import queries, questioning, reading
from wastetrack.capacity.project_queries import projects
from wastetrack.capacity.projects import AWAITED
from wastetrack.capacity.questioning import AskMatching
from wastetrack.capacity.result import Question, Result, ScenarioKind, SupplyGround, Verdict
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.errors import NotFound
from wastetrack.i18n import message
from wastetrack.reports import capacity_words as words
from wastetrack.reports import oversight_figures
from wastetrack.reports.capacity_tables import document_of, reasons_told
from wastetrack.reports.figures import Words
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import workbook_answer
from wastetrack.serving.written_text import Line
from wastetrack.tasks import queries as tasks
from wastetrack.tasks.model import LongTask
from wastetrack.web import capacity_pictures as pictures
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.reading_fields import TonnesOrNone
from wastetrack.web.rendering import AnyPage, Page, renderer_of
from wastetrack.web.tasks import seen

router = RoomRouter(prefix="/capacity", route_class=AnsweringRoute)

MOST_COMPARED = 4
_PLANTS, _WORTH, _MISSED = 40, 15, 20
_SHORT_SHOWN, _FULL = 5, 100
"""Codes that are short and stand on the page at once; percent of its capacity at which a plant is full."""
_KINDS = {Verdict.MATCHES: "good", Verdict.SHORT_BY_CODE: "warn", Verdict.SHORT_IN_TOTAL: "bad"}
_VERDICTS = {
    Verdict.MATCHES: message("Matches"),
    Verdict.SHORT_BY_CODE: message("Ample in total, short by code"),
    Verdict.SHORT_IN_TOTAL: message("Short in total"),
}
SCENARIOS = {
    ScenarioKind.AS_IT_IS: message("As things stand"),
    ScenarioKind.OUTAGE: message("Plants stand still"),
    ScenarioKind.RETIREMENT: message("Plants are retired"),
    ScenarioKind.NEW_PLANT: message("With planned projects"),
    ScenarioKind.MORE_SUPPLY: message("More arises"),
    ScenarioKind.SHARING: message("Groups share their own plants"),
    ScenarioKind.OTHER_QUANTITY: message("Another quantity of a permit item"),
}


class AskForm(BaseModel):
    """What is to be matched."""

    year: int
    region: str = Field("", max_length=6, pattern=r"^\d*$")
    title: Line = ""
    ground: SupplyGround = SupplyGround.LARGER
    scenario: ScenarioKind = ScenarioKind.AS_IT_IS
    plants: list[Line] = []
    from_month: int = 1
    factor: float = 1.0
    item: Annotated[Line, Field(max_length=40)] = ""
    quantity: TonnesOrNone = None
    free_elsewhere: bool = False
    reach_km: Annotated[float | None, BeforeValidator(lambda value: value or None)] = None


@router.get("")
async def listed(page: AnyPage, work: Reading) -> Response:
    """The newest assessments of one's region."""
    lists = await snapshot(work.session)
    found = await queries.runs(work.session, work.actor)
    return page.show(
        "capacity/runs.html",
        runs=found,
        names={one.region: oversight_figures.name_of(lists, one.region) for one in found},
        scenarios=SCENARIOS,
        may_ask=bool(may(work.actor, Verb.ASSESS_CAPACITY)),
        percent=reading.percent,
        most=MOST_COMPARED,
    )


async def ask_question(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form."""
    own = queries.region_of(work.actor)
    lists = await snapshot(work.session)
    if filled is EMPTY:
        filled = Filled.of(
            {
                "year": legal_day(work.at).year,
                "region": own,
                "ground": SupplyGround.LARGER.value,
                "scenario": ScenarioKind.AS_IT_IS.value,
                "from_month": 1,
                "factor": "1.0",
            }
        )
    return page.show(
        "capacity/ask.html",
        filled=filled,
        regions=oversight_figures.choosable(lists, work.actor),
        grounds=[(one.value, page.translate(said)) for one, said in words.GROUNDS.items()],
        scenarios=[(one.value, page.translate(said)) for one, said in SCENARIOS.items()],
        plants=[
            *((str(one.id), one.title) for one in await queries.plants_of(work.session, own, at=work.at)),
            *(
                (one.plant, page.translate("Planned from {day}: {name}", day=one.starts_on, name=one.name))
                for one in await projects(work.session, work.actor, region=own)
                if one.state in AWAITED and one.items
            ),
        ],
    )


@router.get("/new")
async def new(page: AnyPage, work: Reading) -> Response:
    """The empty form."""
    return await ask_question(page, work, EMPTY)


@router.post("/new")
@asked_again(ask_question)
async def ask(page: AnyPage, work: Writing, form: Annotated[AskForm, Form()]) -> Response:
    """Keep the question; a worker answers it."""
    command = AskMatching(**{**dict(form), "plants": tuple(form.plants)})
    return page.go(f"/capacity/{await questioning.ask(work.session, work.actor, command, at=work.at)}")


@router.get("/{run_id:uuid}")
async def run(page: AnyPage, work: Reading, run_id: UUID) -> Response:
    """What came of it; until then, how far it is."""
    found, question, result = await queries.run_of(work.session, work.actor, run_id)
    if result is None:
        task = await _task(work, found.task_id)
        shown = page.show("capacity/waiting.html", run=found, task=task, scenarios=SCENARIOS)
        return seen(page, work, task, shown)
    return page.show("capacity/result.html", **_shown(page, question, result), run=found)


async def _task(work: ReadWork, task_id: UUID | None) -> LongTask | None:
    """Its long task, if it is one's own."""
    if task_id is None:
        return None
    try:
        return await tasks.task(work.session, work.actor, task_id)
    except NotFound:
        return None


def _shown(page: Page, question: Question, result: Result) -> dict[str, Any]:
    def told(sentence: Words) -> str:
        return sentence.of(page.locale)

    verdict, names, uses = reading.verdict(result), words.names_of(result), reading.uses(result)
    return {
        "question": question,
        "result": result,
        "headline": told(words.headline(result)),
        "kind": _KINDS[verdict],
        "verdict": page.translate(_VERDICTS[verdict]),
        "scenario": told(words.scenario_told(question, names)),
        "ground": page.translate(words.GROUNDS[question.ground]),
        "shortages": reading.shortages(result),
        "need": reading.need_g,
        "why": {reason: page.translate(said) for reason, said in words.WHY.items()},
        "reasons": lambda reasons: told(reasons_told(reasons)),
        "SHORT_SHOWN": _SHORT_SHOWN,
        "surplus": reading.surplus(result),
        "classes_short": sum(one.unmatched_g >= reading.TRACE_G for one in result.classes),
        "plants_full": sum((one.of_capacity or 0) >= _FULL for one in uses),
        "uses": uses[:_PLANTS],
        "more_plants": max(len(result.plants) - _PLANTS, 0),
        "worth": reading.worth(result, _WORTH),
        "missed": reading.missed(result)[:_MISSED],
        "names": names,
        "method": [page.translate(one) for one in words.METHOD],
        "rests": [told(one) for one in words.grounds_told(result)],
        "cautions": [told(words.caution_told(one)) for one in result.cautions],
        "percent": reading.percent,
        "tonnes": words.tonnes,
        "by_class": pictures.by_class(page, result),
        "heat": pictures.heat(page, result),
        "streams": pictures.streams(page, result),
        "months": pictures.by_month(page, result),
        "map": pictures.on_the_map(page, result),
    }


@router.get("/{run_id:uuid}/matching.xlsx")
async def workbook(page: AnyPage, work: Reading, run_id: UUID) -> Response:
    """The same as a workbook."""
    _, _, result = await queries.run_of(work.session, work.actor, run_id)
    if result is None:
        raise NotFound("capacity_run_not_made", "This assessment has no result yet.", run_id=run_id)
    document = document_of(result, zone=str(renderer_of(page.request).zone))
    return await workbook_answer(document, f"matching-{result.question.region}-{result.question.year}", page.locale)


@router.get("/compare")
async def compare(page: AnyPage, work: Reading, run: Annotated[list[UUID], Query()] = []) -> Response:  # noqa: B006  FastAPI copies it
    """Several answers side by side."""
    demand_authority(work.actor)
    found = await queries.runs_whole(work.session, work.actor, run[:MOST_COMPARED])
    made = [(found[one][0], found[one][2]) for one in dict.fromkeys(run[:MOST_COMPARED]) if one in found]
    results = [(head, result) for head, result in made if result is not None]
    scenarios = [words.scenario_told(result.question, words.names_of(result)).of(page.locale) for _, result in results]
    return page.show(
        "capacity/compare.html",
        runs=[head for head, _ in results],
        titles=_told_apart([head.title for head, _ in results], scenarios),
        results=[result for _, result in results],
        scenarios=scenarios,
        headlines=[words.headline(result).of(page.locale) for _, result in results],
        differences=reading.differences([result for _, result in results]),
        percent=reading.percent,
        plants=_side_by_side([result for _, result in results]),
        items=reading.other_limits([result for _, result in results]),
    )


def _told_apart(titles: list[str], scenarios: list[str]) -> list[str]:
    """Titles of which none stands twice: those that do name their scenario, and after that their place in the row."""
    told = (
        scenarios
        if len(set(titles)) == 1
        else [
            f"{title} · {scenario}" if titles.count(title) > 1 else title
            for title, scenario in zip(titles, scenarios, strict=True)
        ]
    )
    return [f"{one} ({place})" if told.count(one) > 1 else one for place, one in enumerate(told, start=1)]


def _side_by_side(results: list[Result]) -> list[tuple[str, list[int | None]]]:
    """How full each plant is in each, where that differs."""
    shares: dict[str, dict[int, int | None]] = {}
    names: dict[str, str] = {}
    for place, result in enumerate(results):
        for one in result.plants:
            names[one.plant] = one.name
            shares.setdefault(one.plant, {})[place] = reading.percent(one.treated_g, one.effective_g)
    rows = [(names[plant], [told.get(place) for place in range(len(results))]) for plant, told in shares.items()]
    return sorted((row for row in rows if len(set(row[1])) > 1), key=lambda row: row[0])
