"""Treatment: the end of what containers held, and the beginning of its residues."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi import Body as FromBody
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import ContainerShown, DescribedFields, HappenedAt, LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.containers.ledger_facts import Operation
from wastetrack.containers.model import Residue, Treat
from wastetrack.containers.treating import treat
from wastetrack.serving.deps import Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.written_text import Day, Line

router = APIRouter(prefix="/treatments", route_class=AnsweringRoute, tags=["treatments"])

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


class Treatment(Body):
    """Containers at one site that were destroyed, recovered or landfilled by a method."""

    site_id: UUID
    container_ids: tuple[UUID, ...] = Field(min_length=1, max_length=500)
    method: Line
    treated_on: Day
    residues: tuple[ResidueBody, ...] = Field((), max_length=100)
    facility_code: Line = Field("", description="Of the facility that used or disposed of it")
    handler: Line = Field("", description="Who ran it; empty: who acts")
    finished_at: HappenedAt = None


class BatchShown(Shown):
    """What was treated together; its id is that of its event."""

    id: UUID
    site_id: UUID
    method: str
    treated_on: date
    input_g: int
    residue_g: int


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
        operation=Operation(facility_code=body.facility_code, handler=body.handler, finished_at=body.finished_at),
    )
    batch, residues, appended = await treat(work.session, work.actor, command, at=work.at)
    shown = Treated(
        batch=BatchShown.model_validate(batch),
        residues=[ContainerShown.model_validate(row) for row in residues],
        log=log_entry(appended, keys),
    )
    return answer(shown, 201)
