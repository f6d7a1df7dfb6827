"""Planning a manifest: templates of usual transfers, and what would be refused if a plan were filed now."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.manifests import Leg
from wastetrack.api.schemas import Body, BrokenRule, Shown, problems
from wastetrack.manifests import foreseeing, templates
from wastetrack.manifests.foreseeing import Concern, Found, Intended
from wastetrack.manifests.model import LegPlan, TransferBasis
from wastetrack.manifests.templates import KeepTemplate, RenameTemplate
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.problems import broken_document
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose

router = RoomRouter(route_class=AnsweringRoute, tags=["manifests"])

_A_TEMPLATE: dict[str, Any] = {"manifest_id": "0192f0c1-7b1a-7000-8000-000000000003", "name": "每月废油 · 恒邦"}


class NewTemplate(Body):
    """A usual transfer to be kept of a manifest of one's own, whatever became of it."""

    manifest_id: UUID
    name: Line = Field(description="Up to 60 characters, each name once")


class NewName(Body):
    """Another name."""

    name: Line


class LegOfTemplate(Shown):
    """Who carries it, in what."""

    carrier_id: UUID
    plate: str
    handover_place: str


class TemplateShown(Shown):
    """A transfer without its containers and its day."""

    id: UUID
    name: str
    shipper_site_id: UUID
    receiver_site_id: UUID
    method: str
    basis: TransferBasis
    exemptions: list[int]
    legs: list[LegOfTemplate]
    waste_codes: list[str]
    remarks: str
    created_at: datetime
    changed_at: datetime


class TemplateList(Shown):
    """Those of one's own organisation, by name."""

    items: list[TemplateShown]


class Removed(Shown):
    """What was thrown away."""

    id: UUID
    name: str


class Intention(Body):
    """What is said so far of a manifest; what is left out is not asked yet."""

    shipper_site_id: UUID
    container_ids: tuple[UUID, ...] = Field((), max_length=1000)
    receiver_site_id: UUID | None = None
    method: Line = ""
    planned_on: Day | None = None
    legs: tuple[Leg, ...] = Field((), max_length=20)
    basis: TransferBasis = TransferBasis.PERMIT
    exemptions: tuple[int, ...] = Field((), max_length=50)
    plan_reason: Prose = ""
    manifest_id: UUID | None = Field(None, description="The draft that is being changed")

    def intended(self) -> Intended:
        """As the use case wants it."""
        told = dict(self)
        told["legs"] = tuple(LegPlan(**dict(leg)) for leg in self.legs)
        return Intended(**told)


class CheckShown(Shown):
    """What one check says; both lists empty: it is in order."""

    concern: Concern
    refused: list[BrokenRule]
    warned: list[BrokenRule]


class RoomShown(Shown):
    """How much of plan and contract is left for a code, before this transfer; null where nothing names it."""

    waste_code: str
    asked_g: int
    plan_left_g: int | None
    contract_left_g: int | None


class ForeseenShown(Shown):
    """The checks that could be made so far."""

    checks: list[CheckShown]
    room: list[RoomShown]
    containers: int


@router.get("/manifest-templates", response_model=TemplateList, responses=problems())
async def listed(work: Reading) -> Response:
    """The templates of one's own organisation."""
    found = await templates.templates(work.session, work.actor)
    return answer(TemplateList(items=[TemplateShown.model_validate(one) for one in found]))


@router.post(
    "/manifest-templates", status_code=201, response_model=TemplateShown, responses=problems(400, 403, 404, 422)
)
async def keep(work: Writing, body: Annotated[NewTemplate, FromBody(examples=[_A_TEMPLATE])]) -> Response:
    """Keep how a manifest was planned: receiver, carriers, way, wastes, ground."""
    command = KeepTemplate(manifest_id=body.manifest_id, name=body.name)
    row = await templates.keep_template(work.session, work.actor, command, at=work.at)
    return answer(TemplateShown.model_validate(row), 201)


@router.post(
    "/manifest-templates/{template_id}/renaming", response_model=TemplateShown, responses=problems(400, 403, 404, 422)
)
async def rename(work: Writing, template_id: UUID, body: NewName) -> Response:
    """Call it otherwise."""
    command = RenameTemplate(template_id=template_id, name=body.name)
    row = await templates.rename_template(work.session, work.actor, command, at=work.at)
    return answer(TemplateShown.model_validate(row))


@router.post(
    "/manifest-templates/{template_id}/removal", response_model=Removed, responses=problems(400, 403, 404, 422)
)
async def remove(work: Writing, template_id: UUID) -> Response:
    """Throw it away; manifests that were made from it stay as they are."""
    name = await templates.delete_template(work.session, work.actor, template_id)
    return answer(Removed(id=template_id, name=name))


@router.post("/manifests/foreseen", response_model=ForeseenShown, responses=problems(403, 404, 422))
async def foresee(work: Reading, body: Intention) -> Response:
    """What would be refused or wants a look if this were filed now. Changes nothing, so it needs no Idempotency-Key."""
    seen = await foreseeing.foresee(work.session, work.actor, body.intended(), at=work.at)
    room = [
        RoomShown(
            waste_code=one.asked.waste_code,
            asked_g=one.asked.mass.grams,
            plan_left_g=None if one.plan is None else one.plan.left.grams,
            contract_left_g=None if one.contract is None else one.contract.left.grams,
        )
        for one in seen.compared
    ]
    return answer(ForeseenShown(checks=[_check(one) for one in seen.found], room=room, containers=seen.containers))


def _check(found: Found) -> CheckShown:
    return CheckShown(
        concern=found.concern,
        refused=[BrokenRule(**broken_document(one)) for one in found.refused],
        warned=[BrokenRule(**broken_document(one)) for one in found.warned],
    )
