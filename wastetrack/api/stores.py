"""Stores: what stands in one, change and close it; opening stock, re-coding, extensions of the year."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import ContainerShown, DescribedFields, Grams, LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.api.storing_fields import ClockShown, RoomBody, StoreShown, clocks_shown, store_shown
from wastetrack.catalogues.compatibility import CompatibilityClass
from wastetrack.catalogues.hazards import Hazard
from wastetrack.containers.extending import ExtendStorage, StorageExtension, extend_storage, extensions_of
from wastetrack.containers.keeping_stores import change_store, close_store
from wastetrack.containers.model import Description, Form, LabelContainer
from wastetrack.containers.opening_stock import OpenStock, close_opening, open_stock
from wastetrack.containers.recoding import Recode, recode
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties import store_queries
from wastetrack.parties.storerooms import ChangeStore
from wastetrack.reports.store_board import Shelf, board, demand_stock
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose

router = RoomRouter(route_class=AnsweringRoute, tags=["stores"])

_A_STORE: dict[str, Any] = {
    "code": "TS001",
    "name": "危废暂存库",
    "limit_g": 20_000_000,
    "room": {"kind": "warehouse", "facility_code": "TS001", "containment_l": 2_000, "area_m2": 120},
}
_OLD_DRUM: dict[str, Any] = {
    "waste_code": "900-249-08",
    "waste_name": "废矿物油",
    "form": "liquid",
    "hazards": ["T", "I"],
    "packaging": "drum",
    "volume_l": 200,
    "gross_g": 200_000,
    "tare_g": 20_000,
    "method": "platform_scale",
    "generated_on": "2025-08-01",
}
_RECODED: dict[str, Any] = {
    "waste_code": "900-300-34",
    "waste_name": "废酸",
    "form": "liquid",
    "hazards": ["C", "T"],
    "reason": "鉴别报告 2026-017",
}
_GRANTED: dict[str, Any] = {
    "waste_code": "900-249-08",
    "until": "2027-06-30",
    "document": "烟环函〔2026〕12号",
    "reason": "接收单位检修",
}


class StoreChanged(Body):
    """The whole of a store as it is now."""

    code: Line
    name: Line
    limit_g: Grams
    room: RoomBody = RoomBody()


class KindShown(Shown):
    """Containers of one waste in a store."""

    waste_code: str
    waste_name: str
    classes: list[str]
    containers: int
    net_g: int
    oldest: date


class StoreWhole(StoreShown):
    """A store with what stands in it and its zones. `may_hold_g` is the limit by the store's kind too."""

    may_hold_g: int
    containers: int
    net_g: int
    oldest: date | None
    containment_needed_l: int | None
    kinds: list[KindShown]
    clock: ClockShown | None
    zones: list[StoreShown]


class StoreAndLog(Shown):
    """A store after a change, and the event that states it."""

    store: StoreShown
    log: LogEntry


class OldContainer(DescribedFields):
    """A container that stood at the site when its records began."""

    generated_on: Day
    store_id: UUID | None = None
    reason: Prose = Field("", description="Needed once the opening stock was declared complete")


class Recoding(Body):
    """What the content of a container really is."""

    waste_code: Line
    waste_name: Annotated[Line, Field(min_length=1)]
    form: Form
    hazards: tuple[Hazard, ...] = Field((), max_length=5)
    main_components: Prose = ""
    harmful_components: Prose = ""
    precautions: Prose = ""
    remarks: Prose = ""
    compatibility: CompatibilityClass | None = None
    reason: Prose

    def description(self) -> Description:
        """The content as the label says it."""
        said = self.model_dump(exclude={"reason", "hazards"})
        return Description(**said, hazards=tuple(hazard.value for hazard in self.hazards))


class ContainerAndLog(Shown):
    """A container after a change, and the event that states it."""

    container: ContainerShown
    log: LogEntry


class JustLogged(Shown):
    """The event that states what was done."""

    log: LogEntry


class Extending(Body):
    """An authority's decision that waste of a site may stand longer than a year."""

    waste_code: Line | None = Field(None, description="Null: all waste of the site")
    until: Day
    document: Line
    reason: Prose


class ExtensionShown(Shown):
    """An extension as it was granted."""

    id: UUID
    site_id: UUID
    waste_code: str | None
    until: date
    document: str
    reason: str
    authority_id: UUID
    created_at: datetime


class ExtensionsShown(Shown):
    """The extensions of a site, the newest first."""

    items: list[ExtensionShown]


class ExtensionAndLog(Shown):
    """An extension, and the event that states it."""

    extension: ExtensionShown
    log: LogEntry


@router.get("/stores/{store_id}", response_model=StoreWhole, responses=problems(404))
async def store(work: Reading, store_id: UUID) -> Response:
    """A store: how much stands in it, how old it is, what it must not stand beside, its zones."""
    found = await store_queries.store(work.session, work.actor, store_id)
    demand_stock(work.actor, await parties.site(work.session, found.site_id))
    stores = await parties.stores_of(work.session, work.actor, found.site_id)
    shelves = await board(work.session, work.actor, found.site_id, stores, at=work.at)
    shelf = next(one for one in shelves if one.store is not None and one.store.id == store_id)
    zones = [store_shown(one) for one in stores if one.parent_id == store_id]
    return answer(_whole(shelf, store_shown(found), zones, work.at))


def _whole(shelf: Shelf, shown: StoreShown, zones: list[StoreShown], at: datetime) -> StoreWhole:
    clocks = clocks_shown([] if shelf.clock is None else [shelf.clock], at)
    return StoreWhole(
        **shown.model_dump(),
        may_hold_g=shown.limit_g if shelf.limit is None else shelf.limit.grams,
        containers=shelf.containers,
        net_g=shelf.net.grams,
        oldest=shelf.oldest,
        containment_needed_l=None if shelf.bund is None else shelf.bund.needed_l,
        kinds=[
            KindShown(
                waste_code=kind.waste_code,
                waste_name=kind.waste_name,
                classes=sorted(kind.classes),
                containers=kind.containers,
                net_g=kind.net.grams,
                oldest=kind.oldest,
            )
            for kind in shelf.kinds
        ],
        clock=clocks[0] if clocks else None,
        zones=zones,
    )


@router.put("/stores/{store_id}", response_model=StoreAndLog, responses=problems(400, 403, 404, 409, 422))
async def change(
    work: Writing, keys: DeploymentKeys, store_id: UUID, body: Annotated[StoreChanged, FromBody(examples=[_A_STORE])]
) -> Response:
    """Change a store, as long as what stands in it fits."""
    command = ChangeStore(
        store_id=store_id, code=body.code, name=body.name, limit=Mass(body.limit_g), room=body.room.room()
    )
    changed, appended = await change_store(work.session, work.actor, command, at=work.at)
    return answer(StoreAndLog(store=store_shown(changed), log=log_entry(appended, keys)))


@router.post("/stores/{store_id}/closing", response_model=JustLogged, responses=problems(403, 404, 422))
async def close(work: Writing, keys: DeploymentKeys, store_id: UUID) -> Response:
    """Use a store no more; it must be empty."""
    appended = await close_store(work.session, work.actor, store_id, at=work.at)
    return answer(JustLogged(log=log_entry(appended, keys)))


@router.post(
    "/sites/{site_id}/opening-stock",
    status_code=201,
    response_model=ContainerAndLog,
    responses=problems(400, 403, 404, 422),
)
async def enter_opening_stock(
    work: Writing, keys: DeploymentKeys, site_id: UUID, body: Annotated[OldContainer, FromBody(examples=[_OLD_DRUM])]
) -> Response:
    """Enter a container that stood at the site when its records began."""
    container = LabelContainer(
        site_id=site_id,
        description=body.description(),
        packaging=body.packaging,
        volume_l=body.volume_l,
        weighing=body.weighing(),
        generated_on=body.generated_on,
        store_id=body.store_id,
    )
    command = OpenStock(container=container, reason=body.reason)
    row, appended = await open_stock(work.session, work.actor, command, at=work.at)
    shown = ContainerAndLog(container=ContainerShown.model_validate(row), log=log_entry(appended, keys))
    return answer(shown, 201)


@router.post(
    "/sites/{site_id}/opening-stock/closing", response_model=JustLogged, responses=problems(403, 404, 409, 422)
)
async def declare_complete(work: Writing, keys: DeploymentKeys, site_id: UUID) -> Response:
    """Say that the opening stock of a site is complete."""
    appended = await close_opening(work.session, work.actor, site_id, at=work.at)
    return answer(JustLogged(log=log_entry(appended, keys)))


@router.post(
    "/containers/{container_id}/recoding",
    status_code=201,
    response_model=ContainerAndLog,
    responses=problems(400, 403, 404, 409, 422),
)
async def give_another_code(
    work: Writing, keys: DeploymentKeys, container_id: UUID, body: Annotated[Recoding, FromBody(examples=[_RECODED])]
) -> Response:
    """Give the content of a container another waste code; the answer holds the container that has it now."""
    command = Recode(container_id=container_id, description=body.description(), reason=body.reason)
    row, appended = await recode(work.session, work.actor, command, at=work.at)
    shown = ContainerAndLog(container=ContainerShown.model_validate(row), log=log_entry(appended, keys))
    return answer(shown, 201)


@router.get("/sites/{site_id}/storage-extensions", response_model=ExtensionsShown, responses=problems(404))
async def extensions(work: Reading, site_id: UUID) -> Response:
    """The extensions of the year that were granted to a site."""
    demand_stock(work.actor, await parties.site(work.session, site_id))
    rows = await extensions_of(work.session, work.actor, site_id)
    return answer(ExtensionsShown(items=[_extension(row) for row in rows]))


@router.post(
    "/sites/{site_id}/storage-extensions",
    status_code=201,
    response_model=ExtensionAndLog,
    responses=problems(400, 403, 404, 422),
)
async def extend(
    work: Writing, keys: DeploymentKeys, site_id: UUID, body: Annotated[Extending, FromBody(examples=[_GRANTED])]
) -> Response:
    """Record that an authority lets waste of a site stand longer."""
    command = ExtendStorage(site_id=site_id, **dict(body))
    row, appended = await extend_storage(work.session, work.actor, command, at=work.at)
    return answer(ExtensionAndLog(extension=_extension(row), log=log_entry(appended, keys)), 201)


def _extension(row: StorageExtension) -> ExtensionShown:
    return ExtensionShown.model_validate(row)
