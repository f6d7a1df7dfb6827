"""The lists that grounds of a transfer rest on: exemptions by their place, and classes of general industrial waste."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Shown, problems
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day

router = RoomRouter(tags=["lists"])

_OnADay = Annotated[Day | None, Query(description="The list of that day; without it, of today")]


class ExemptionEntry(Shown):
    """One stage of one item of the exemption list. A manifest names it by `position`."""

    position: int
    item: int
    scope: str
    patterns: list[str]
    waste: str
    stage: str
    condition: str
    effect: str
    language: str


class ExemptionList(Shown):
    """The exemption list of a day."""

    items: list[ExemptionEntry]


class GeneralClassShown(Shown):
    """A class of general industrial solid waste, and how sure we are of its name."""

    code: str
    name_zh: str
    name_en: str
    certainty: str


class GeneralClassList(Shown):
    """The classes of a day."""

    items: list[GeneralClassShown]


@router.get("/waste-exemptions", response_model=ExemptionList, responses=problems(422))
async def waste_exemptions(work: Reading, on: _OnADay = None) -> Response:
    """The exemption list, in the order printed."""
    listed = (await snapshot(work.session)).exemptions_on(_day(work, on))
    return answer(ExemptionList(items=[ExemptionEntry.model_validate(one) for one in listed]))


@router.get("/general-waste-classes", response_model=GeneralClassList, responses=problems(422))
async def general_waste_classes(work: Reading, on: _OnADay = None) -> Response:
    """The classes of general industrial solid waste; of the code before the class only the form is known."""
    listed = (await snapshot(work.session)).general_classes_on(_day(work, on))
    return answer(GeneralClassList(items=[GeneralClassShown.model_validate(one) for one in listed.values()]))


def _day(work: ReadWork, on: Day | None) -> Day:
    return on or legal_day(work.at)
