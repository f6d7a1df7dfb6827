"""Containers: fill, weigh and label, list, store, repack."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import (
    ContainerShown,
    DescribedFields,
    FilledFields,
    LogEntry,
    WeighingFields,
    answer,
    log_entry,
)
from wastetrack.api.histories import HistoryShown, history_answer
from wastetrack.api.paging import Paged, uuid_before
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.api.storing_fields import ClockShown, clocks_shown
from wastetrack.catalogues.compatibility import CompatibilityClass
from wastetrack.containers import queries
from wastetrack.containers.labelling import label_container
from wastetrack.containers.ledger_facts import Generation, Handling
from wastetrack.containers.model import (
    ContainerState,
    Filling,
    LabelContainer,
    Packed,
    Repack,
    StoreContainers,
    WeighContainer,
)
from wastetrack.containers.packaging_rules import MOST_LAYERS
from wastetrack.containers.queries import Container, ContainerFilter, Relative
from wastetrack.containers.repacking import repack
from wastetrack.containers.storing import store_containers, weigh_container
from wastetrack.reports.storage_clocks import clocks_for
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose

router = RoomRouter(prefix="/containers", route_class=AnsweringRoute, tags=["containers"])

_A_DRUM: dict[str, Any] = {
    "site_id": "0192f0c1-7b1a-7000-8000-000000000001",
    "waste_code": "900-249-08",
    "waste_name": "废矿物油",
    "form": "liquid",
    "hazards": ["T", "I"],
    "packaging": "drum",
    "volume_l": 200,
    "gross_g": 200000,
    "tare_g": 20000,
    "method": "platform_scale",
    "scale_id": "PS-1",
    "uncertainty_g": 100,
    "generated_on": "2026-11-23",
}
_WEIGHED: dict[str, Any] = {"gross_g": 198500, "tare_g": 20000, "method": "platform_scale", "scale_id": "PS-1"}
_STORED: dict[str, Any] = {
    "container_ids": ["0192f0c1-7b1a-7000-8000-000000000002"],
    "store_id": "0192f0c1-7b1a-7000-8000-000000000003",
}
_MERGED: dict[str, Any] = {
    "from_ids": ["0192f0c1-7b1a-7000-8000-000000000002", "0192f0c1-7b1a-7000-8000-000000000004"],
    "into": [{**_WEIGHED, "packaging": "tank", "volume_l": 1000}],
    "repacked_on": "2026-11-23",
    "loss_reason": "",
}


class NewContainer(DescribedFields):
    """A container that was filled at a site, weighed, and gets its label."""

    site_id: UUID
    generated_on: Day
    store_id: UUID | None = None
    department: Line = Field("", description="Ward or department that the waste comes from")
    layers: int = Field(1, ge=1, le=MOST_LAYERS, description="How many bags, one in the other")
    filled_percent: int | None = Field(
        None, ge=1, le=100, description="Share of its volume that is filled; asked for bags and boxes of medical waste"
    )
    highly_infectious: bool = Field(default=False, description="From patients isolated for an infectious disease")
    trade_name: Line = Field("", description="What the firm itself calls the waste")
    facility_code: Line = Field("", description="Of the facility that made it")
    destination: Line = ""
    handler: Line = Field("", description="Of the department that made it; empty: who acts")

    def packed(self) -> Packed:
        """How it was packed."""
        return Packed(
            department=self.department,
            layers=self.layers,
            filled_percent=self.filled_percent,
            highly_infectious=self.highly_infectious,
        )

    def generation(self) -> Generation:
        """What the ledger asks beside the label."""
        return Generation(
            trade_name=self.trade_name,
            facility_code=self.facility_code,
            destination=self.destination,
            handler=self.handler,
        )


class Storing(Body):
    """Containers of one site that go into a storage area, or out of it for loading."""

    container_ids: tuple[UUID, ...] = Field(min_length=1, max_length=500)
    store_id: UUID | None = Field(description="Null takes them out of store")
    compatibility: CompatibilityClass | None = Field(
        None, description="What they must not stand beside, stated anew for all of them"
    )
    handler: Line = Field("", description="Of the store; empty: who acts")
    carrier_handler: Line = Field("", description="Of the department that carries it; empty: who acts")
    destination: Line = Field("", description="On the way out")

    def handling(self) -> Handling:
        """What the ledger asks beside it."""
        return Handling(handler=self.handler, carrier_handler=self.carrier_handler, destination=self.destination)


class FillingBody(FilledFields):
    """One container that repacking fills."""

    remarks: Prose = ""

    def filling(self) -> Filling:
        """As the command wants it."""
        return Filling(packaging=self.packaging, volume_l=self.volume_l, weighing=self.weighing(), remarks=self.remarks)


class Repacking(Body):
    """The content of some containers went into others: one into one, several into one, one into several."""

    from_ids: tuple[UUID, ...] = Field(min_length=1, max_length=100)
    into: tuple[FillingBody, ...] = Field(min_length=1, max_length=100)
    repacked_on: Day
    loss_reason: Prose = Field("", description="Why the masses differ, if they do")


class Changed(Shown):
    """A container after a change, and the event that states it."""

    container: ContainerShown
    log: LogEntry


class SeveralChanged(Shown):
    """Containers after a change, and the event that states it."""

    containers: list[ContainerShown]
    log: LogEntry


class RelativeShown(Shown):
    """A container that this one's content came from, or went into."""

    id: UUID
    digital_code: str
    kind: str
    net_g: int


class ContainerListed(ContainerShown):
    """A container in a list, with the terms for which it may stand where it stands, the soonest first."""

    clocks: list[ClockShown]


class ContainerPage(Shown):
    """A page of containers."""

    items: list[ContainerListed]
    next: str | None


class ContainerWhole(ContainerShown):
    """A container with its lineage."""

    came_from: list[RelativeShown]
    went_into: list[RelativeShown]
    clocks: list[ClockShown]


@router.post("", status_code=201, response_model=Changed, responses=problems(400, 403, 404, 422))
async def label(
    work: Writing, keys: DeploymentKeys, body: Annotated[NewContainer, FromBody(examples=[_A_DRUM])]
) -> Response:
    """Take a newly filled container into the ledger and give it its digital code."""
    command = LabelContainer(
        site_id=body.site_id,
        description=body.description(),
        packaging=body.packaging,
        volume_l=body.volume_l,
        weighing=body.weighing(),
        generated_on=body.generated_on,
        store_id=body.store_id,
        packed=body.packed(),
        generation=body.generation(),
    )
    row, appended = await label_container(work.session, work.actor, command, at=work.at)
    return answer(Changed(container=_shown(row), log=log_entry(appended, keys)), 201)


@router.get("", response_model=ContainerPage, responses=problems(400, 422))
async def containers(
    *,
    work: Reading,
    paging: Paged,
    site_id: UUID | None = None,
    store_id: UUID | None = None,
    state: ContainerState | None = None,
    waste_code: Line | None = None,
    search: Annotated[Line | None, Query(description="The beginning of a digital code, or part of a name")] = None,
) -> Response:
    """The containers that one may see, the newest first."""
    wanted = ContainerFilter(site_id=site_id, store_id=store_id, state=state, waste_code=waste_code, search=search)
    rows = await queries.page(work.session, work.actor, wanted, before=uuid_before(paging), limit=paging.fetch)
    following = paging.following(rows, lambda row: (str(row.id),))
    listed = rows[: paging.limit]
    clocks = await clocks_for(work.session, work.actor, [row.id for row in listed], at=work.at)
    items = [
        ContainerListed(**_shown(row).model_dump(), clocks=clocks_shown(clocks.get(row.id, ()), work.at))
        for row in listed
    ]
    page = ContainerPage(items=items, next=following)
    return answer(page, headers=paging.links(following))


@router.post("/storing", response_model=SeveralChanged, responses=problems(400, 403, 404, 409, 422))
async def store(
    work: Writing, keys: DeploymentKeys, body: Annotated[Storing, FromBody(examples=[_STORED])]
) -> Response:
    """Put containers of one site into a storage area, or take them out of store."""
    command = StoreContainers(
        container_ids=body.container_ids,
        store_id=body.store_id,
        compatibility=body.compatibility,
        handling=body.handling(),
    )
    rows, appended = await store_containers(work.session, work.actor, command, at=work.at)
    return answer(SeveralChanged(containers=[_shown(row) for row in rows], log=log_entry(appended, keys)))


@router.post("/repacking", status_code=201, response_model=SeveralChanged, responses=problems(400, 403, 404, 409, 422))
async def repack_containers(
    work: Writing, keys: DeploymentKeys, body: Annotated[Repacking, FromBody(examples=[_MERGED])]
) -> Response:
    """Empty containers into others at the same site; the answer holds the new ones."""
    command = Repack(
        from_ids=body.from_ids,
        into=tuple(filled.filling() for filled in body.into),
        repacked_on=body.repacked_on,
        loss_reason=body.loss_reason,
    )
    rows, appended = await repack(work.session, work.actor, command, at=work.at)
    return answer(SeveralChanged(containers=[_shown(row) for row in rows], log=log_entry(appended, keys)), 201)


@router.get("/{container_id}", response_model=ContainerWhole, responses=problems(404))
async def container(work: Reading, container_id: UUID) -> Response:
    """One container, with what its content came from and went into."""
    row = await queries.container(work.session, work.actor, container_id)
    relatives = await queries.relatives(work.session, work.actor, container_id)
    clocks = await clocks_for(work.session, work.actor, [row.id], at=work.at)
    return answer(
        ContainerWhole(
            **_shown(row).model_dump(),
            came_from=[_relative(one) for one in relatives if one.is_parent],
            went_into=[_relative(one) for one in relatives if not one.is_parent],
            clocks=clocks_shown(clocks.get(row.id, ()), work.at),
        )
    )


@router.post("/{container_id}/weighing", response_model=Changed, responses=problems(400, 403, 404, 409, 422))
async def weigh(
    work: Writing,
    keys: DeploymentKeys,
    container_id: UUID,
    body: Annotated[WeighingFields, FromBody(examples=[_WEIGHED])],
) -> Response:
    """Weigh again a container that still stands where it was made."""
    command = WeighContainer(container_id=container_id, weighing=body.weighing())
    row, appended = await weigh_container(work.session, work.actor, command, at=work.at)
    return answer(Changed(container=_shown(row), log=log_entry(appended, keys)))


@router.get("/{container_id}/history", response_model=HistoryShown, responses=problems(404))
async def history(work: Reading, container_id: UUID) -> Response:
    """Everything that the log holds about a container, with its place in the tree."""
    row = await queries.container(work.session, work.actor, container_id)
    return await history_answer(work.session, row.id)


def _shown(row: Container) -> ContainerShown:
    return ContainerShown.model_validate(row)


def _relative(one: Relative) -> RelativeShown:
    return RelativeShown(
        id=one.container.id, digital_code=one.container.digital_code, kind=one.kind, net_g=one.container.net_g
    )
