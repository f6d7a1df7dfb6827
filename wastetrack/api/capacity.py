"""Matching of capacity: ask whether what arises in a region finds plants, and what came of it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import Grams, answer
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.capacity import queries, questioning, reading
from wastetrack.capacity.questioning import AskMatching
from wastetrack.capacity.result import Question, Result, ScenarioKind, SupplyGround, Verdict
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.errors import NotFound
from wastetrack.i18n import Locale
from wastetrack.mass import Mass
from wastetrack.reports.capacity_tables import document_of
from wastetrack.reports.capacity_words import headline
from wastetrack.reports.workbooks import MEDIA_TYPE
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import workbook_answer
from wastetrack.serving.written_text import Line

router = RoomRouter(prefix="/capacity", route_class=AnsweringRoute, tags=["capacity"])

_WORKBOOK: dict[int | str, dict[str, Any]] = {
    200: {"description": "The workbook", "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
}
_LIKE_THE_DEMONSTRATION: dict[str, Any] = {"region": "37", "year": 2026, "ground": "larger", "scenario": "as_it_is"}
_STANDSTILL: dict[str, Any] = {
    "year": 2026,
    "scenario": "outage",
    "plants": ["0192f0c1-7b1a-7000-8000-000000000002"],
    "from_month": 7,
}


class MatchingAsked(Body):
    """What is to be matched."""

    year: int
    region: str = Field("", max_length=6, pattern=r"^\d*$", description="Prefix of a region's code; one's own if empty")
    title: Line = ""
    ground: SupplyGround = SupplyGround.LARGER
    scenario: ScenarioKind = ScenarioKind.AS_IT_IS
    plants: list[Line] = Field([], max_length=100, description="Ids of sites (or of planned projects) of the scenario")
    from_month: int = Field(1, description="From which month on plants stand still or are retired")
    factor: float = Field(1.0, description="How much more arises, where more arises")
    item: Line = Field(
        "",
        description="Of the one plant whose permit item has another quantity: the code or class that it names, with a "
        "method behind it where several items do",
    )
    quantity_g: Grams | None = Field(None, description="What that item is to allow in a year")
    free_elsewhere: bool = Field(
        default=False,
        description="Count plants of the province outside the region with what their permits leave free in the year",
    )
    reach_km: float | None = Field(None, description="How far waste is carried at most; null: as far as need be")


class MatchingRun(Shown):
    """An assessment; `made_at` is null as long as a worker is at it, whose task tells how far it is."""

    id: UUID
    task_id: UUID | None
    region: str
    year: int
    scenario: ScenarioKind
    title: str
    asked_at: datetime
    made_at: datetime | None
    seconds: float | None
    supply_g: int | None
    unmatched_g: int | None


class MatchingRuns(Shown):
    """The newest first."""

    items: list[MatchingRun]


class MatchingWhole(Shown):
    """An assessment with its question and its result, in grams, and in one sentence."""

    run: MatchingRun
    question: Question
    verdict: Verdict | None
    headline: str | None
    headline_zh: str | None
    result: Result | None


@router.get("/runs", response_model=MatchingRuns, responses=problems(403))
async def listed(work: Reading) -> Response:
    """The newest assessments of one's region and of those within it."""
    found = await queries.runs(work.session, work.actor)
    return answer(MatchingRuns(items=[MatchingRun.model_validate(one) for one in found]))


@router.post("/runs", status_code=202, response_model=MatchingRun, responses=problems(400, 403, 404, 422))
async def ask(
    work: Writing, body: Annotated[MatchingAsked, FromBody(examples=[_LIKE_THE_DEMONSTRATION, _STANDSTILL])]
) -> Response:
    """Ask. A worker matches it, which takes from seconds to some minutes; ask for it again until `made_at` is set."""
    told = dict(body)
    grams = told.pop("quantity_g")
    told["quantity"] = None if grams is None else Mass(grams)
    command = AskMatching(**{**told, "plants": tuple(body.plants)})
    run_id = await questioning.ask(work.session, work.actor, command, at=work.at)
    found, _, _ = await queries.run_of(work.session, work.actor, run_id)
    return answer(MatchingRun.model_validate(found), 202)


@router.get("/runs/{run_id}", response_model=MatchingWhole, responses=problems(403, 404, 422))
async def one(work: Reading, run_id: UUID) -> Response:
    """One of them whole."""
    found, question, result = await queries.run_of(work.session, work.actor, run_id)
    told = None if result is None else headline(result)
    return answer(
        MatchingWhole(
            run=MatchingRun.model_validate(found),
            question=question,
            verdict=None if result is None else reading.verdict(result),
            headline=None if told is None else told.en,
            headline_zh=None if told is None else told.zh,
            result=result,
        )
    )


@router.get("/runs/{run_id}/matching.xlsx", response_class=Response, responses={**_WORKBOOK, **problems(403, 404, 422)})
async def workbook(work: Reading, run_id: UUID, lang: Annotated[Locale, Query()] = "zh") -> Response:
    """The result as a workbook."""
    _, question, result = await queries.run_of(work.session, work.actor, run_id)
    if result is None:
        raise NotFound("capacity_run_not_made", "This assessment has no result yet.", run_id=run_id)
    name = f"matching-{question.region}-{question.year}"
    return await workbook_answer(document_of(result, zone=LEGAL_ZONE.key), name, lang)
