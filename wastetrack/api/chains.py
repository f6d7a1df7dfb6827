"""The chain of custody of anything for programs: steps with their mass, and the mass that went between them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.api.fields import json_answer
from wastetrack.api.schemas import Shown, problems
from wastetrack.reports.chains.following import fraction_of, shares
from wastetrack.reports.chains.gathering import Asked, ChainOf, chain
from wastetrack.reports.chains.model import ChainDirection, Edge, Node
from wastetrack.reports.chains.naming import title_of
from wastetrack.serving.deps import Reading
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Instant
from wastetrack.transparency.leaf import write_instant

router = RoomRouter(prefix="/chains", tags=["chains"])


class StepShown(Shown):
    """One step of a container, or a batch, a product, others told as one. `struck`: a correction took its place;
    `not_in_sight`: it, or what it came from, is not shown to you."""

    id: str
    kind: str
    stage: str
    event_id: UUID | None
    log_index: int | None
    happened_at: datetime | None
    recorded_at: datetime | None
    mass_g: int
    standing_g: int
    share: float
    container_id: UUID | None
    digital_code: str
    waste_code: str
    name: str
    count: int
    site_id: str
    carrier_id: str
    vehicle_id: str
    place: str
    manifest_id: str
    number: str
    method: str
    scale: str
    signed: str | None
    on_paper: bool
    exception: bool
    struck: bool
    not_in_sight: bool


class FlowShown(Shown):
    """Mass that went from one step to another; `within_tolerance` is null where none was stated."""

    source: str
    target: str
    sent_g: int
    arrived_g: int
    delta_g: int
    tolerance_g: int | None
    within_tolerance: bool | None
    share_of_source: float
    share_of_target: float
    struck: bool


class CutShown(Shown):
    """What was left out because there is too much."""

    starts: bool
    containers: bool
    events: bool


class ChainShown(Shown):
    """A chain: what was asked for, its steps, and the mass between them."""

    of: str
    subject_id: UUID
    known_until: datetime | None
    starts: list[UUID]
    steps: list[StepShown]
    flows: list[FlowShown]
    cut: CutShown


@router.get("/{of}/{subject_id}", response_model=ChainShown, responses=problems(404, 422))
async def read_chain(  # noqa: PLR0917  each is a parameter of the address
    work: Reading,
    of: ChainOf,
    subject_id: UUID,
    since: Annotated[Instant | None, Query()] = None,
    until: Annotated[Instant | None, Query()] = None,
    known_until: Annotated[Instant | None, Query()] = None,
    direction: ChainDirection = ChainDirection.BOTH,
) -> Response:
    """A container, manifest, vehicle, site, organisation, permit or batch, followed both ways, as it was known then."""
    await title_of(work.session, work.actor, of, subject_id)
    asked = Asked(of=of, subject_id=subject_id, since=since, until=until, known_until=known_until, direction=direction)
    found = await chain(work.session, work.actor, asked)
    parts = shares(found.graph)
    places = {node.id: found.name(node.site) or found.name(node.vehicle) for node in found.graph.nodes}
    return json_answer(
        {
            "of": of.value,
            "subject_id": str(subject_id),
            "known_until": None if known_until is None else write_instant(known_until),
            "starts": [str(one) for one in sorted(found.graph.starts)],
            "steps": [
                _step(node, found.graph.standing_g(node), float(parts.get(node.id, 0)), places[node.id])
                for node in found.graph.nodes
            ],
            "flows": [_flow(edge) for edge in found.graph.edges],
            "cut": {
                "starts": found.cut.starts,
                "containers": found.cut.containers,
                "events": found.cut.events,
            },
        }
    )


def _step(node: Node, standing_g: int, share: float, place: str) -> dict[str, Any]:
    event = node.event
    return {
        "id": node.id,
        "kind": node.kind.value,
        "stage": node.stage.value,
        "event_id": None if event is None else str(event.id),
        "log_index": None if event is None else event.log_index,
        "happened_at": None if event is None else write_instant(event.happened_at),
        "recorded_at": None if event is None else write_instant(event.recorded_at),
        "mass_g": node.mass_g,
        "standing_g": 0 if node.struck else standing_g,
        "share": share,
        "container_id": None if node.container_id is None else str(node.container_id),
        "digital_code": node.digital_code,
        "waste_code": node.waste_code,
        "name": node.name,
        "count": node.count,
        "site_id": node.site,
        "carrier_id": node.carrier,
        "vehicle_id": node.vehicle,
        "place": place,
        "manifest_id": node.manifest_id,
        "number": node.number,
        "method": node.method,
        "scale": node.scale,
        "signed": None if event is None else event.sign.value,
        "on_paper": node.on_paper,
        "exception": node.is_bad,
        "struck": node.struck,
        "not_in_sight": node.beyond,
    }


def _flow(edge: Edge) -> dict[str, Any]:
    of_source, of_target = fraction_of(edge)
    return {
        "source": edge.source.id,
        "target": edge.target.id,
        "sent_g": edge.sent_g,
        "arrived_g": edge.arrived_g,
        "delta_g": edge.delta_g,
        "tolerance_g": edge.tolerance_g,
        "within_tolerance": edge.within,
        "share_of_source": float(of_source),
        "share_of_target": float(of_target),
        "struck": edge.struck,
    }
