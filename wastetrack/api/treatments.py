"""Treatment: the end of what containers held, and the beginning of its residues."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import (
    ContainerShown,
    DescribedFields,
    Grams,
    LogEntry,
    MeasuredBy,
    Recorded,
    answer,
    log_entry,
)
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.containers.batch_rules import (
    BatchBasis,
    BatchOutcome,
    BatchPlan,
    Heel,
    Product,
    ReadingKind,
)
from wastetrack.containers.batch_rules import (
    Reading as Figure,
)
from wastetrack.containers.batches import batch_told
from wastetrack.containers.batching import begin_batch, finish_batch, withdraw_batch
from wastetrack.containers.ledger_facts import Operation
from wastetrack.containers.model import BeginBatch, FinishBatch, Residue, Treat, WithdrawBatch
from wastetrack.containers.queries import Batch, Container
from wastetrack.containers.treating import treat
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Instant, Line, Prose

router = RoomRouter(prefix="/treatments", route_class=AnsweringRoute, tags=["treatments"])

_A_BATCH: dict[str, Any] = {
    "site_id": "0192f0c1-7b1a-7000-8000-000000000005",
    "container_ids": ["0192f0c1-7b1a-7000-8000-000000000002"],
    "method": "D10",
    "treated_on": "2026-11-23",
    "residues": [
        {
            "waste_code": "772-003-18",
            "waste_name": "焚烧飞灰",
            "form": "solid",
            "hazards": ["T"],
            "packaging": "big_bag",
            "volume_l": 1000,
            "gross_g": 24500,
            "tare_g": 2000,
            "method": "platform_scale",
        }
    ],
}

_MOST_DETAILS = 100
_BEGUN: dict[str, Any] = {
    "site_id": "0192f0c1-7b1a-7000-8000-000000000005",
    "container_ids": ["0192f0c1-7b1a-7000-8000-000000000002"],
    "method": "R9",
    "begun_on": "2026-11-23",
    "recipe": "蒸馏 2号方",
    "components": [{"name": "废矿物油", "quantity": "80", "unit": "%"}],
}
_FINISHED: dict[str, Any] = {
    "treated_on": "2026-11-25",
    "readings": [
        {"kind": "energy", "name": "电", "quantity": "1200.5", "unit": "kWh"},
        {"kind": "reagent", "name": "石灰", "quantity": "30", "unit": "kg"},
        {"kind": "parameter", "name": "炉温", "quantity": "1100", "unit": "℃"},
    ],
    "products": [{"name": "再生基础油", "mass_g": 150000, "destination": "山东某润滑油公司"}],
}


class ResidueBody(DescribedFields):
    """New waste that treatment left."""

    def residue(self) -> Residue:
        """As the command wants it."""
        return Residue(
            description=self.description(),
            packaging=self.packaging,
            volume_l=self.volume_l,
            weighing=self.weighing(),
        )


class ReadingBody(Body):
    """One figure of a batch in its own unit, such as energy 1200.5 kWh."""

    kind: ReadingKind
    name: Line
    quantity: Annotated[Decimal, Field(max_digits=17, decimal_places=4)]
    unit: Line

    def reading(self) -> Figure:
        """As the rules know it."""
        return Figure(kind=self.kind, name=self.name, quantity=self.quantity, unit=self.unit)


class ComponentBody(Body):
    """One component of a recipe."""

    name: Line
    quantity: Annotated[Decimal, Field(max_digits=17, decimal_places=4)]
    unit: Line

    def reading(self) -> Figure:
        """As the rules know it."""
        return Figure(kind=ReadingKind.COMPONENT, name=self.name, quantity=self.quantity, unit=self.unit)


class ProductBody(Body):
    """What was won of the waste and is waste no more."""

    name: Line
    mass_g: Grams
    destination: Line = ""

    def product(self) -> Product:
        """As the rules know it."""
        return Product(name=self.name, mass=Mass(self.mass_g), destination=self.destination)


class HeelBody(Body):
    """A container that was not emptied wholly: what it weighs with what is left in it. It stays at the site."""

    container_id: UUID
    gross_g: Grams
    method: MeasuredBy = MeasuredBy.PLATFORM_SCALE
    scale_id: Line | None = None

    def heel(self) -> Heel:
        """As the rules know it."""
        method = WeighingMethod(self.method.value)
        return Heel(container_id=self.container_id, gross=Mass(self.gross_g), method=method, scale_id=self.scale_id)


class PlanFields(Body):
    """What is known when a batch begins."""

    basis: BatchBasis = Field(BatchBasis.PERMIT, description="own: one's own waste in one's own registered facility")
    facility_id: UUID | None = None
    recipe: Line = ""
    started_at: Instant | None = None
    components: tuple[ComponentBody, ...] = Field((), max_length=_MOST_DETAILS)

    def plan(self) -> BatchPlan:
        """As the command wants it."""
        return BatchPlan(
            basis=self.basis,
            facility_id=self.facility_id,
            recipe=self.recipe,
            started_at=self.started_at,
            components=tuple(component.reading() for component in self.components),
        )


class OutcomeFields(Body):
    """What is known when it is finished."""

    treated_on: Day
    finished_at: Instant | None = None
    residues: tuple[ResidueBody, ...] = Field((), max_length=_MOST_DETAILS)
    readings: tuple[ReadingBody, ...] = Field((), max_length=_MOST_DETAILS)
    products: tuple[ProductBody, ...] = Field((), max_length=_MOST_DETAILS)
    heels: tuple[HeelBody, ...] = Field((), max_length=_MOST_DETAILS)
    facility_code: Line = Field("", description="Of the facility, where none that is registered is named")
    handler: Line = Field("", description="Who ran it; empty: who acts")

    def operation(self) -> Operation:
        """What the ledger asks beside it."""
        return Operation(facility_code=self.facility_code, handler=self.handler)

    def outcome(self) -> BatchOutcome:
        """As the command wants it."""
        return BatchOutcome(
            finished_at=self.finished_at,
            readings=tuple(reading.reading() for reading in self.readings),
            products=tuple(product.product() for product in self.products),
            heels=tuple(heel.heel() for heel in self.heels),
        )


class Beginning(PlanFields):
    """Containers at one site that go into treatment, which takes its time."""

    site_id: UUID
    container_ids: tuple[UUID, ...] = Field(min_length=1, max_length=500)
    method: Line
    begun_on: Day


class Treatment(PlanFields, OutcomeFields):
    """Containers at one site that were destroyed, recovered or landfilled by a method."""

    site_id: UUID
    container_ids: tuple[UUID, ...] = Field(min_length=1, max_length=500)
    method: Line


class Withdrawal(Body):
    """Why a batch that runs is given up."""

    reason: Prose


class BatchShown(Shown):
    """What was treated together; its id is that of the event that says it is finished."""

    id: UUID
    site_id: UUID
    state: str
    basis: str
    method: str
    facility_id: UUID | None
    recipe: str
    started_at: datetime | None
    finished_at: datetime | None
    treated_on: date
    input_g: int
    product_g: int
    residue_g: int


class ReadingShown(Shown):
    """One figure of a batch."""

    kind: str
    name: str
    quantity: Decimal
    unit: str


class ProductShown(Shown):
    """What was won."""

    name: str
    mass_g: int
    destination: str


class HeldShown(Shown):
    """A container that the batch holds or has ended."""

    id: UUID
    digital_code: str
    waste_code: str
    net_g: int


class BatchWhole(BatchShown):
    """A batch with containers, readings, products and balance; `rest_g` was destroyed or left with gas and water."""

    containers: list[HeldShown]
    readings: list[ReadingShown]
    products: list[ProductShown]
    reagent_g: int
    rest_g: int


class BatchChanged(Shown):
    """A batch after a change, and the event that states it."""

    batch: BatchShown
    log: LogEntry


class Treated(Shown):
    """The batch, its residues' containers, and the event that states it."""

    batch: BatchShown
    residues: list[ContainerShown]
    log: LogEntry


@router.post("", status_code=201, response_model=Treated, responses=problems(400, 403, 404, 409, 422))
async def treat_batch(
    work: Writing, keys: DeploymentKeys, body: Annotated[Treatment, FromBody(examples=[_A_BATCH])]
) -> Response:
    """Book a batch as treated; its residues become containers of their own."""
    command = Treat(
        site_id=body.site_id,
        container_ids=body.container_ids,
        method=body.method,
        treated_on=body.treated_on,
        residues=tuple(residue.residue() for residue in body.residues),
        plan=body.plan(),
        outcome=body.outcome(),
        operation=body.operation(),
    )
    return _treated(await treat(work.session, work.actor, command, at=work.at), keys)


@router.post("/begun", status_code=201, response_model=BatchChanged, responses=problems(400, 403, 404, 409, 422))
async def begin(
    work: Writing, keys: DeploymentKeys, body: Annotated[Beginning, FromBody(examples=[_BEGUN])]
) -> Response:
    """Begin a batch that takes its time: its containers are held for it, nothing is booked yet."""
    command = BeginBatch(
        site_id=body.site_id,
        container_ids=body.container_ids,
        method=body.method,
        begun_on=body.begun_on,
        plan=body.plan(),
    )
    batch, appended = await begin_batch(work.session, work.actor, command, at=work.at)
    return answer(BatchChanged(batch=BatchShown.model_validate(batch), log=log_entry(appended, keys)), 201)


@router.post("/{batch_id}/finish", status_code=201, response_model=Treated, responses=problems(400, 403, 404, 409, 422))
async def finish(
    work: Writing, keys: DeploymentKeys, batch_id: UUID, body: Annotated[OutcomeFields, FromBody(examples=[_FINISHED])]
) -> Response:
    """Finish a batch that runs: what it treated is booked."""
    command = FinishBatch(
        batch_id=batch_id,
        treated_on=body.treated_on,
        residues=tuple(residue.residue() for residue in body.residues),
        outcome=body.outcome(),
        operation=body.operation(),
    )
    return _treated(await finish_batch(work.session, work.actor, command, at=work.at), keys)


@router.post("/{batch_id}/withdrawal", response_model=BatchChanged, responses=problems(400, 403, 404, 409, 422))
async def withdraw(work: Writing, keys: DeploymentKeys, batch_id: UUID, body: Withdrawal) -> Response:
    """Give up a batch that runs; its containers are free again."""
    command = WithdrawBatch(batch_id=batch_id, reason=body.reason)
    batch, appended = await withdraw_batch(work.session, work.actor, command, at=work.at)
    return answer(BatchChanged(batch=BatchShown.model_validate(batch), log=log_entry(appended, keys)))


@router.get("/{batch_id}", response_model=BatchWhole, responses=problems(404))
async def one_batch(work: Reading, batch_id: UUID) -> Response:
    """A batch at one's own site, or in one's region, with its balance."""
    whole = await batch_told(work.session, batch_id)
    shown = BatchShown.model_validate(whole.batch).model_dump()
    return answer(
        BatchWhole(
            **shown,
            containers=[HeldShown.model_validate(row) for row in whole.containers],
            readings=[ReadingShown.model_validate(row) for row in whole.readings],
            products=[ProductShown.model_validate(row) for row in whole.products],
            reagent_g=whole.balance.reagents.grams,
            rest_g=whole.balance.rest.grams,
        )
    )


def _treated(done: tuple[Batch, list[Container], Recorded], keys: Keys) -> Response:
    batch, residues, appended = done
    shown = Treated(
        batch=BatchShown.model_validate(batch),
        residues=[ContainerShown.model_validate(row) for row in residues],
        log=log_entry(appended, keys),
    )
    return answer(shown, 201)
