"""The official lists as programs ask them: waste codes, methods, regions, UN numbers, editions."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query, Request
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.grounds import GeneralClassShown
from wastetrack.api.schemas import Shown, problems
from wastetrack.catalogues import queries, waste_codes
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.model import Exemption, ListedWaste, Region
from wastetrack.serving.deps import Reading, ReadWork, settings_of
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day

router = RoomRouter(tags=["lists"])

_Limit = Annotated[int, Query(ge=1, le=200)]
_OnADay = Annotated[Day | None, Query(description="The list of that day; without it, of today")]


class EditionShown(Shown):
    """A dated edition of a list."""

    list_name: str
    name: str
    title: str
    valid_from: date
    valid_to: date | None


class WasteShown(Shown):
    """An entry of the waste list. Texts are Chinese as printed."""

    code: str
    edition: str
    category: str
    category_name: str
    industry_name: str
    description: str
    hazards: list[str]
    hazards_certain: list[str]
    hazards_one_of_them: bool
    replaced_by: str | None


class ExemptionShown(Shown):
    """An exemption that may apply, with its own condition."""

    item: int
    waste: str
    stage: str
    condition: str
    effect: str


class WasteWithExemptions(WasteShown):
    """An entry with the exemptions that may apply to it."""

    exemptions: list[ExemptionShown]


class WastesShown(Shown):
    """What was found, the best first. `general_classes`: classes of general industrial solid waste that were asked for;
    of their codes (900-001-S17) only the form is known."""

    items: list[WasteShown]
    general_classes: list[GeneralClassShown]


class TreatmentShown(Shown):
    """A method of use or disposal."""

    code: str
    group: str
    name_zh: str
    name_en: str


class RegionShown(Shown):
    """An administrative division; `name_full` is the whole chain."""

    code: str
    name: str
    name_full: str
    level: int
    parent: str | None


class UnNumberShown(Shown):
    """A number of dangerous goods."""

    number: str
    name: str
    danger_class: str | None
    class_code: str | None
    tunnel_category: str | None


class TreatmentsShown(Shown):
    """The methods in the order printed."""

    items: list[TreatmentShown]


class RegionsShown(Shown):
    """Divisions by code."""

    items: list[RegionShown]


class EditionsShown(Shown):
    """Editions by list, oldest first."""

    items: list[EditionShown]


def _day(request: Request, work: ReadWork, on: date | None) -> date:
    return on or work.at.astimezone(ZoneInfo(settings_of(request).time_zone)).date()


def _shown(waste: ListedWaste) -> Mapping[str, object]:
    return {
        "code": str(waste.code),
        "edition": waste.edition,
        "category": waste.category,
        "category_name": waste.category_name,
        "industry_name": waste.industry_name,
        "description": waste.description,
        "hazards": [hazard.value for hazard in waste.hazards.listed],
        "hazards_certain": sorted(hazard.value for hazard in waste.hazards.certain),
        "hazards_one_of_them": waste.hazards.one_of_them,
        "replaced_by": waste.replaced_by,
    }


def _exempted(exemptions: tuple[Exemption, ...]) -> list[ExemptionShown]:
    return [ExemptionShown.model_validate(exemption) for exemption in exemptions]


def _region(lists: Catalogue, region: Region) -> RegionShown:
    return RegionShown(
        code=region.code,
        name=region.name,
        name_full=lists.region_name(region.code),
        level=region.level,
        parent=region.parent,
    )


@router.get("/editions", response_model=EditionsShown, responses=problems())
async def editions(work: Reading) -> Response:
    """The editions of all lists that this deployment holds."""
    found = await queries.editions(work.session)
    return answer(EditionsShown(items=[EditionShown.model_validate(edition) for edition in found]))


@router.get("/waste-codes", response_model=WastesShown, responses=problems(422))
async def wastes(
    request: Request,
    work: Reading,
    search: Annotated[str, Query(max_length=100, description="Code, Chinese words or pinyin initials")] = "",
    on: _OnADay = None,
    limit: _Limit = 50,
) -> Response:
    """Search the list of hazardous wastes, and the classes of general industrial solid waste."""
    day = _day(request, work, on)
    found = await queries.search(work.session, search, on=day, limit=limit)
    general = await queries.search_general(work.session, search, on=day)
    shown = WastesShown(
        items=[WasteShown.model_validate(_shown(waste)) for waste in found],
        general_classes=[GeneralClassShown.model_validate(one) for one in general],
    )
    return answer(shown)


@router.get("/waste-codes/{code}", response_model=WasteWithExemptions, responses=problems(422))
async def waste(request: Request, work: Reading, code: str, on: _OnADay = None) -> Response:
    """One entry on a day; for a code that is not in that day's list, the reason and the code to use instead."""
    lists = await queries.snapshot(work.session)
    day = _day(request, work, on)
    entry = lists.waste(code, day)
    exemptions = _exempted(lists.exemptions(waste_codes.parse(code), day))
    return answer(WasteWithExemptions.model_validate({**_shown(entry), "exemptions": exemptions}))


@router.get("/treatment-methods", response_model=TreatmentsShown, responses=problems())
async def treatment_methods(request: Request, work: Reading, on: _OnADay = None) -> Response:
    """The methods of use and disposal."""
    lists = await queries.snapshot(work.session)
    found = lists.treatments_on(_day(request, work, on))
    return answer(TreatmentsShown(items=[TreatmentShown.model_validate(method) for method in found]))


@router.get("/regions", response_model=RegionsShown, responses=problems(404))
async def regions(work: Reading, parent: Annotated[str | None, Query(pattern=r"^\d{6}$")] = None) -> Response:
    """The divisions directly inside one; the provinces without a parent."""
    lists = await queries.snapshot(work.session)
    if parent is not None:
        lists.region(parent)
    return answer(RegionsShown(items=[_region(lists, region) for region in lists.regions_in(parent)]))


@router.get("/regions/{code}", response_model=RegionShown, responses=problems(404))
async def region(work: Reading, code: str) -> Response:
    """One division."""
    lists = await queries.snapshot(work.session)
    return answer(_region(lists, lists.region(code)))


@router.get("/un-numbers/{number}", response_model=UnNumberShown, responses=problems(422))
async def un_number(work: Reading, number: str) -> Response:
    """One number of the list of dangerous goods."""
    lists = await queries.snapshot(work.session)
    return answer(UnNumberShown.model_validate(lists.un_number(number)))
