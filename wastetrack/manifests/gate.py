"""Scan at the gate: the truck is there, so what is found is an outcome with its own event, never an error."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import show, viewer_of_organisation, viewers_of_region
from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.containers import queries as containers
from wastetrack.containers.model import ContainerState, Weighing, check_weighing
from wastetrack.containers.moments import moment_of
from wastetrack.containers.permission import why_not_permitted
from wastetrack.containers.policy import demand_own
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import Moment, record
from wastetrack.containers.stores import check_store
from wastetrack.db.session import WriteSession
from wastetrack.errors import refuse
from wastetrack.ledger import rules
from wastetrack.ledger.model import Entry, Measurement, WeighingMethod
from wastetrack.manifests import queries
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.filing import LEGAL_ZONE
from wastetrack.manifests.model import ManifestKind, ManifestState, Outcome, ScanAtGate
from wastetrack.manifests.tables import LineRow, ManifestRow
from wastetrack.manifests.tolerance import agrees, tolerance
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.transparency.appending import Appended


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What the gate is told."""

    outcome: Outcome
    container_id: UUID | None
    digital_code: str
    declared: Mass | None
    measured: Mass | None
    tolerance: Mass | None
    reason: str
    left: int
    """Containers of this manifest that are still undecided."""
    appended: Appended


async def scan_at_gate(session: WriteSession, actor: Actor, command: ScanAtGate, *, at: datetime) -> Scanned:
    """Decide one container at the receiver's gate, and book what was taken in.

    Raises ManifestUnknown, OutOfOrder when the truck has not been reported as arrived, Forbidden, and RuleBroken for
    a weight that cannot be (the operator weighs again; nothing is recorded).
    """
    row = await queries.locked(session, actor, command.manifest_id)
    demand_own(actor, Verb.SCAN, row.receiver_id)
    if row.state not in {ManifestState.ARRIVED.value, ManifestState.RETURNING.value}:
        message = "Manifest {number} is {state}: containers are scanned between arrival and the receipt."
        raise OutOfOrder("not_at_the_gate", message, number=row.number, state=row.state)
    moment = moment_of(command.happened_at, at, after=row.arrived_at or row.picked_up_at)
    lines = await queries.line_rows(session, row.id)
    container = await containers.locked_by_code(session, str(command.code))
    line = next((line for line in lines if container is not None and line.container_id == container.id), None)
    visit = _Visit(session, actor, command, row, moment)
    outcome, reason = await _decide(visit, line)
    left = sum(known.outcome is None for known in lines)
    if container is None or line is None or outcome in {Outcome.ALREADY_HERE, Outcome.NOT_PERMITTED}:
        leaf = await _record(visit, container, outcome, reason)
        return _answer(visit, outcome, reason, container, line, left=left, leaf=leaf)
    if outcome is Outcome.REJECTED:
        line.outcome, line.reason, line.scanned_at = outcome.value, reason, moment.happened_at
        await session.flush()
        leaf = await _record(visit, container, outcome, reason)
        return _answer(visit, outcome, reason, container, line, left=left - 1, leaf=leaf)
    return await _take_in(visit, container, line, left=left - 1)


@dataclass(frozen=True, slots=True)
class _Visit:
    """What every step of one scan needs."""

    session: WriteSession
    actor: Actor
    command: ScanAtGate
    row: ManifestRow
    moment: Moment


async def _decide(visit: _Visit, line: LineRow | None) -> tuple[Outcome, str]:
    command, row = visit.command, visit.row
    if line is None:
        return Outcome.UNEXPECTED, "This container is not on the manifest."
    if line.outcome is not None:
        return Outcome.ALREADY_HERE, line.outcome
    if command.reject_reason.strip():
        return Outcome.REJECTED, command.reject_reason.strip()
    if row.kind == ManifestKind.RETURN.value:  # goods that come home need no permit
        return Outcome.ACCEPTED, ""
    day = visit.moment.happened_at.astimezone(LEGAL_ZONE).date()
    broken = await why_not_permitted(
        visit.session, row.receiver_id, row.receiver_site_id, (line.waste_code,), method=row.method, on=day
    )
    if broken:
        return Outcome.NOT_PERMITTED, " ".join(rule.sentence() for rule in broken)
    return Outcome.ACCEPTED, ""


async def _take_in(visit: _Visit, container: Container, line: LineRow, *, left: int) -> Scanned:
    session, command, row = visit.session, visit.command, visit.row
    declared = Mass(line.declared_g)
    weighing = _weighing(command, container, declared)
    refuse(check_weighing(weighing, container.volume_l))
    measured, measurement = weighing.net, weighing.measurement()
    within = _tolerance(line, measurement)
    outcome = Outcome.ACCEPTED if agrees(declared, measured, within) else Outcome.ACCEPTED_WITH_DIFFERENCE
    site = await parties.site(session, row.receiver_site_id)
    if command.store_id is not None:
        refuse(await check_store(session, command.store_id, site.id, adding=measured))
    entry = rules.received(
        row.id, site.id, line.waste_code, declared=declared, measured=measured, measurement=measurement
    )
    container.state, container.site_id, container.manifest_id = ContainerState.AT_SITE.value, site.id, None
    container.store_id = command.store_id
    container.gross_g, container.tare_g, container.net_g = weighing.gross.grams, weighing.tare.grams, measured.grams
    container.method, container.scale_id = measurement.method.value, measurement.scale_id
    container.uncertainty_g = measurement.uncertainty_g
    line.outcome, line.open, line.scanned_at = outcome.value, False, visit.moment.happened_at
    line.measured_g, line.measured_method = measured.grams, measurement.method.value
    line.measured_uncertainty_g, line.entry_id = measurement.uncertainty_g, command.scan_id
    await session.flush()
    viewers = (viewer_of_organisation(row.receiver_id), *viewers_of_region(site.region_code))
    await show(session, containers.KIND, container.id, viewers)
    facts: dict[str, object] = {
        "declared_g": declared.grams,
        "measured_g": measured.grams,
        "tolerance_g": within.grams,
        "method": measurement.method.value,
        "scale": measurement.scale_id,
        "uncertainty_g": measurement.uncertainty_g,
    }
    leaf = await _record(visit, container, outcome, "", weighed=facts, entry=entry)
    return Scanned(
        outcome=outcome,
        container_id=container.id,
        digital_code=container.digital_code,
        declared=declared,
        measured=measured,
        tolerance=within,
        reason="",
        left=left,
        appended=leaf,
    )


def _weighing(command: ScanAtGate, container: Container, declared: Mass) -> Weighing:
    """What the gate weighed; where it did not, the declared mass, marked as such."""
    tare = Mass(container.tare_g)
    if command.gross is None:
        return Weighing(gross=declared + tare, tare=tare, method=WeighingMethod.DECLARED, confirmed=True)
    return Weighing(
        gross=command.gross,
        tare=tare,
        method=command.method,
        scale_id=command.scale_id,
        uncertainty=command.uncertainty,
        confirmed=True,  # light or not, this is what stands on the scale
    )


def _tolerance(line: LineRow, measurement: Measurement) -> Mass:
    figures = jurisdiction()
    return tolerance(
        Mass(line.declared_g),
        per_mille=figures.weight_tolerance.value,
        floor_g=figures.weight_tolerance_floor.value,
        declared_u=None if line.declared_uncertainty_g is None else Mass(line.declared_uncertainty_g),
        measured_u=None if measurement.uncertainty_g is None else Mass(measurement.uncertainty_g),
    )


async def _record(
    visit: _Visit,
    container: Container | None,
    outcome: Outcome,
    reason: str,
    *,
    weighed: dict[str, object] | None = None,
    entry: Entry | None = None,
) -> Appended:
    command, row = visit.command, visit.row
    facts: dict[str, object] = {
        "manifest": str(row.id),
        "number": row.number,
        "site": str(row.receiver_site_id),
        "digital_code": str(command.code),
        "typed": command.code.typed,
        "waste_code": container.waste_code if container else command.code.waste_code,
        "outcome": outcome.value,
        "reason": reason or None,
    }
    return await record(
        visit.session,
        visit.actor,
        "container_scanned",
        subjects=(row.id,) if container is None else (row.id, container.id),
        moment=visit.moment,
        facts=facts | (weighed or {}),
        entry=entry,
        event_id=command.scan_id,
    )


def _answer(
    visit: _Visit,
    outcome: Outcome,
    reason: str,
    container: Container | None,
    line: LineRow | None,
    *,
    left: int,
    leaf: Appended,
) -> Scanned:
    return Scanned(
        outcome=outcome,
        container_id=container.id if container is not None and line is not None else None,
        digital_code=str(visit.command.code),
        declared=Mass(line.declared_g) if line is not None else None,
        measured=Mass(line.measured_g) if line is not None and line.measured_g is not None else None,
        tolerance=None,
        reason=reason,
        left=left,
        appended=leaf,
    )
