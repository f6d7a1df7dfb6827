"""A container that never arrived turns up again (令23 art. 9, 12): what exists is not missing.

It stands with whoever says so: a carrier brings it on under its manifest; a shipper keeps it, to be sent anew; a
receiver takes it in as at the gate, also after the receipt.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, may
from wastetrack.containers.custody import Standpoint, take_in
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import ContainerState, check_weighing
from wastetrack.containers.moments import moment_of
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import Recorded, record
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Forbidden, refuse, refuse_one
from wastetrack.ledger import rules
from wastetrack.manifests import gate, queries, recovering
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.journey_model import FindAgain
from wastetrack.manifests.model import ON_THE_ROAD, ManifestState, Outcome, ScanAtGate
from wastetrack.manifests.tables import LegRow, LineRow, ManifestRow
from wastetrack.manifests.weighing_in import weighing_of
from wastetrack.mass import Mass

ARTICLE = "令23 art. 9, 12"
UNDER_WAY = frozenset(
    {ManifestState.PICKED_UP, ManifestState.IN_TRANSIT, ManifestState.ARRIVED, ManifestState.RETURNING}
)


class Finder(StrEnum):
    """Who has it, which says where it stands now."""

    SHIPPER = "shipper"
    CARRIER = "carrier"
    RECEIVER = "receiver"


def finder_of(actor: Actor, row: ManifestRow, legs: list[LegRow]) -> Finder | None:
    """As whom an actor may say that he has found it."""
    own = actor.organisation_id
    if own == row.shipper_id and may(actor, Verb.FILE):
        return Finder.SHIPPER
    if own == row.receiver_id and may(actor, Verb.SCAN):
        return Finder.RECEIVER
    carried = any(leg.carrier_id == own and leg.taken_over_at is not None for leg in legs)
    return Finder.CARRIER if carried and may(actor, Verb.CARRY) else None


async def find_again(session: WriteSession, actor: Actor, command: FindAgain, *, at: datetime) -> Recorded:
    """Take a missing container back into the account where it stands now.

    Raises ManifestUnknown, Forbidden, OutOfOrder where it is not missing, or a carrier has it when the load is
    received, RuleBroken.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    finder = finder_of(actor, row, await queries.legs(session, row.id))
    if finder is None:
        message = "Whoever has the container says so: the shipper, a carrier that had it, or the receiver."
        raise Forbidden("not_found_here", message)
    found = await recovering.missed(session, row.id, command.container_id)
    if found is None:
        raise OutOfOrder("not_missing", "This container is not missing from manifest {number}.", number=row.number)
    if not command.what.strip():
        refuse_one("what", "finding_unsaid", "Say where and how it was found.", article=ARTICLE)
    told = _Told(session, actor, row, found, command, at)
    match finder:
        case Finder.SHIPPER:
            return await _keep(told)
        case Finder.CARRIER:
            return await _bring_on(told)
        case Finder.RECEIVER:
            return await _take_in(told)


@dataclass(frozen=True, slots=True)
class _Told:
    """What every way of taking it back needs."""

    session: WriteSession
    actor: Actor
    row: ManifestRow
    found: tuple[LineRow, Container, Mass]
    command: FindAgain
    at: datetime


async def _bring_on(told: _Told) -> Recorded:
    row, command = told.row, told.command
    state = ManifestState(row.state)
    if state not in UNDER_WAY:
        message = "Manifest {number} is {state}: bring the container to the receiver or the shipper, who says so."
        raise OutOfOrder("no_longer_under_way", message, number=row.number, state=state)
    moment = moment_of(command.happened_at, told.at, after=told.found[0].scanned_at)
    return await recovering.put_back(
        told.session,
        told.actor,
        told.found,
        number=row.number,
        what=command.what,
        moment=moment,
        event_id=command.event_id,
    )


async def _keep(told: _Told) -> Recorded:
    session, row, command = told.session, told.row, told.command
    line, container, missed = told.found
    moment = moment_of(command.happened_at, told.at, after=line.scanned_at)
    weighing = weighing_of(command, Mass(container.tare_g), missed)
    refuse(check_weighing(weighing, container.volume_l))
    measured, measurement = weighing.net, weighing.measurement()
    await take_in(session, container.id, Standpoint(row.shipper_site_id, None, moment.happened_at), weighing)
    facts: dict[str, object] = {
        **recovering.told(told.found, row.number, command.what),
        "site": str(row.shipper_site_id),
        "measured_g": measured.grams,
        "method": measurement.method.value,
        "scale": measurement.scale_id,
        "uncertainty_g": measurement.uncertainty_g,
    }
    entry = rules.found_at_site(
        row.id, row.shipper_site_id, line.waste_code, missed=missed, measured=measured, measurement=measurement
    )
    return await record(
        session,
        told.actor,
        recovering.KIND,
        subjects=(row.id, container.id),
        moment=moment,
        facts=facts,
        entry=entry,
        event_id=command.event_id,
    )


async def _take_in(told: _Told) -> Recorded:
    command = told.command
    scan = ScanAtGate(
        manifest_id=told.row.id,
        scan_id=command.event_id,
        code=DigitalCode.parse(told.found[1].digital_code),
        gross=command.gross,
        method=command.method,
        scale_id=command.scale_id,
        uncertainty=command.uncertainty,
        happened_at=command.happened_at,
    )
    scanned = await gate.scan_at_gate(told.session, told.actor, scan, at=told.at)
    if scanned.outcome not in {Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_DIFFERENCE}:
        refuse_one("container_id", "not_taken_in", "It cannot be taken in: {value}", value=scanned.reason)
    return scanned.appended


async def finder_now(session: ReadSession, actor: Actor, manifest_id: UUID) -> Finder | None:
    """As whom the actor may say now that he has what is missing; a carrier only while the load is under way."""
    row = await queries.manifest_row(session, actor, manifest_id)
    finder = finder_of(actor, row, await queries.legs(session, row.id))
    late = finder is Finder.CARRIER and ManifestState(row.state) not in UNDER_WAY
    early = finder is Finder.RECEIVER and ManifestState(row.state) in ON_THE_ROAD
    return None if late or early else finder


async def missing_from(session: ReadSession, manifest_id: UUID) -> list[Container]:
    """What is missing from a manifest now. Who may see the manifest is the caller's rule."""
    statement = (
        select(Container)
        .join(LineRow, col(LineRow.container_id) == col(Container.id))
        .where(
            col(LineRow.manifest_id) == manifest_id,
            col(LineRow.outcome) == Outcome.MISSING.value,
            col(Container.state) == ContainerState.LOST.value,
        )
        .order_by(col(LineRow.position))
    )
    return list((await session.scalars(statement)).all())
