"""What goes wrong on the way: a breakdown and who takes the load on, a container lost or leaking (令23 art. 9, 11)."""

from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor, viewer_of_organisation, viewers_of_region
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import show
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers import queries as containers
from wastetrack.containers.model import ContainerState
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Moment, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Forbidden, NotFound, refuse, refuse_one
from wastetrack.ledger import rules
from wastetrack.ledger.model import Entry, Measurement
from wastetrack.manifests import checking, journey_queries, queries
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.journey_model import (
    CloseIncident,
    IncidentKind,
    IncidentState,
    ReplaceVehicle,
    ReportIncident,
)
from wastetrack.manifests.journey_tables import IncidentRow
from wastetrack.manifests.model import ON_THE_ROAD, ManifestState, Outcome
from wastetrack.manifests.tables import LegRow, LineRow, ManifestRow
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.transparency.appending import Appended

ARTICLE = "令23 art. 9, 11"
_NOT_YET = frozenset({ManifestState.DRAFT, ManifestState.FILED, ManifestState.CANCELLED, ManifestState.VOID})


async def report_incident(
    session: WriteSession, actor: Actor, command: ReportIncident, *, at: datetime
) -> tuple[IncidentRow, Appended]:
    """A carrier says what went wrong while it had the load; also later, when its telephone finds a network again.

    What leaked or is lost leaves the road's account at once, unless the gate has weighed the container meanwhile: then
    the difference stands in the books already, and the record alone is kept. Raises ManifestUnknown, Forbidden,
    OutOfOrder before the load has left, RuleBroken.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    legs = await queries.legs(session, row.id)
    _demand_carrier(actor, legs)
    if ManifestState(row.state) in _NOT_YET:
        message = "Manifest {number} is {state}: nothing of it is on the road."
        raise OutOfOrder("not_on_the_road", message, number=row.number, state=ManifestState(row.state))
    line = None
    if command.container_id is not None:
        line = await journey_queries.line_of(session, row.id, command.container_id)
        if line is None:
            raise NotFound(
                "container_unknown", "This container is not on the manifest.", container_id=command.container_id
            )
    lists = await catalogues.snapshot(session)
    refuse([*_check(command, row, legs, actor, line), *lists.why_not_region(command.region_code)])
    moment = moment_of(command.happened_at, at, after=row.picked_up_at)
    entry, lost_g = None, None
    if line is not None:
        lost_g = line.carried_g if command.kind is IncidentKind.CONTAINER_LOST else (command.spilled or Mass(0)).grams
        if line.outcome is None:
            entry = await _take_off(session, row.id, line, command, moment)
    incident = _incident(actor, row, command, moment, lost_g=lost_g, booked=entry is not None)
    session.add(incident)
    await session.flush()
    await show(session, journey_queries.INCIDENT, incident.id, _viewers(row, legs, command.region_code))
    facts = {**_facts(incident, row.number), "reasons": [incident.what, incident.measures, incident.reported_to]}
    leaf = await record(
        session,
        actor,
        "incident_reported",
        subjects=_subjects(incident),
        moment=moment,
        facts=facts,
        entry=entry,
        event_id=incident.id,
    )
    return incident, leaf


def _incident(
    actor: Actor, row: ManifestRow, command: ReportIncident, moment: Moment, *, lost_g: int | None, booked: bool
) -> IncidentRow:
    return IncidentRow(
        id=command.incident_id,
        manifest_id=row.id,
        kind=command.kind.value,
        state=IncidentState.OPEN.value,
        organisation_id=actor.organisation_id,
        shipper_id=row.shipper_id,
        person_id=actor.person_id,
        container_id=command.container_id,
        place=command.place.strip(),
        region_code=command.region_code,
        what=command.what.strip(),
        measures=command.measures.strip(),
        reported_to=command.reported_to.strip(),
        lost_g=lost_g,
        method=None if lost_g is None else command.method.value,
        booked=booked,
        happened_at=moment.happened_at,
        reported_at=moment.recorded_at,
    )


def _demand_carrier(actor: Actor, legs: list[LegRow]) -> None:
    mine = [leg for leg in legs if leg.taken_over_at is not None and leg.carrier_id == actor.organisation_id]
    if not mine:
        raise Forbidden("not_carried", "Only a carrier that has had this load reports what happened to it.")
    demand_own(actor, Verb.CARRY, actor.organisation_id)


def _check(
    command: ReportIncident, row: ManifestRow, legs: list[LegRow], actor: Actor, line: LineRow | None
) -> list[Broken]:
    broken: list[Broken] = []
    told = {"place": command.place, "what": command.what}
    if command.kind is not IncidentKind.BREAKDOWN:
        told |= {"measures": command.measures, "reported_to": command.reported_to}
    for name, value in told.items():
        if not value.strip():
            broken.append(Broken(name, "incident_unsaid", "This is needed for the record.", article=ARTICLE))
    if command.kind is IncidentKind.BREAKDOWN:
        present = [leg for leg in legs if leg.taken_over_at is not None][-1]
        if ManifestState(row.state) not in ON_THE_ROAD or present.carrier_id != actor.organisation_id:
            message = "Only the vehicle that bears the load now can break down."
            broken.append(Broken("kind", "not_the_present_carrier", message, article=ARTICLE))
        return broken
    if line is None:
        broken.append(Broken("container_id", "container_unsaid", "Say which container it is.", article=ARTICLE))
    elif command.kind is IncidentKind.CONTAINER_LEAKING:
        broken += _check_spilled(command.spilled, line)
    return broken


def _check_spilled(spilled: Mass | None, line: LineRow) -> list[Broken]:
    facts: dict[str, object] = {"carried": Mass(line.carried_g).kg_text()}
    if spilled is None or spilled.grams <= 0:
        message = "Say how much has leaked out, estimated if it cannot be weighed."
        return [Broken("spilled_g", "spilled_unsaid", message, article=ARTICLE)]
    if spilled.grams >= line.carried_g:
        message = "{value} cannot have leaked out of a container with {carried}."
        step = "If nothing is left of it, report the container as lost."
        return [Broken("spilled_g", "spilled_too_much", message, spilled.kg_text(), facts=facts, next_step=step)]
    return []


async def _take_off(
    session: WriteSession, manifest_id: UUID, line: LineRow, command: ReportIncident, moment: Moment
) -> Entry:
    """Off the road what is not there any more: the container with all its mass, or what has leaked out of it."""
    (container,) = await containers.locked_on_paper(session, (line.container_id,))
    if command.kind is IncidentKind.CONTAINER_LOST:
        load = ((line.waste_code, Mass(line.carried_g)),)
        line.outcome, line.open, line.scanned_at = Outcome.MISSING.value, False, moment.happened_at
        line.reason = command.what.strip()
        container.state, container.manifest_id = ContainerState.LOST.value, None
        await session.flush()
        return rules.missing(manifest_id, load)
    spilled = command.spilled or Mass(0)
    line.spilled_g += spilled.grams
    container.net_g -= spilled.grams
    container.gross_g -= spilled.grams
    await session.flush()
    return rules.spilled(manifest_id, line.waste_code, spilled, Measurement(command.method))


def _viewers(row: ManifestRow, legs: list[LegRow], region_code: str) -> set[str]:
    firms = {row.shipper_id, row.receiver_id, *(leg.carrier_id for leg in legs)}
    viewers = {viewer_of_organisation(firm) for firm in firms}
    for region in (region_code, row.origin_region, row.destination_region):
        viewers |= {*viewers_of_region(region)}
    return viewers


async def replace_vehicle(
    session: WriteSession, actor: Actor, command: ReplaceVehicle, *, at: datetime
) -> tuple[LegRow, Appended]:
    """After a breakdown the carrier names who takes the load on: another vehicle of its own, or another carrier. It is
    a leg like any other: the new one sees the manifest now, and signs when it has taken over.

    Raises NotFound, Forbidden, OutOfOrder once the breakdown is over, RuleBroken for a vehicle, licence or driver that
    may not carry it.
    """
    seen = await journey_queries.incident(session, actor, command.incident_id)
    row = await queries.locked(session, actor, seen.manifest_id)
    incident = await journey_queries.incident_locked(session, actor, command.incident_id)
    demand_own(actor, Verb.CARRY, incident.organisation_id)
    legs = await queries.legs(session, row.id)
    _demand_broken_down(row, incident)
    present = [leg for leg in legs if leg.taken_over_at is not None][-1]
    demand_own(actor, Verb.CARRY, present.carrier_id)
    vehicle = await parties.vehicle_of_carrier(session, command.carrier_id, command.plate)
    if vehicle is None:
        message = "This carrier has no vehicle {value}."
        refuse_one("plate", "vehicle_unknown", message, value=command.plate, article="令23 art. 11")
    leg = LegRow(
        manifest_id=row.id,
        position=present.position + 1,
        carrier_id=command.carrier_id,
        vehicle_id=vehicle.id,
        driver_id=command.driver_id,
        start=command.at_place.strip(),
        end=present.end,
        handover_place=command.at_place.strip(),
        handover_at=command.meet_at,
    )
    refuse([*_check_replacement(command, present, vehicle.id), *await _check_fleet(session, row, leg, at)])
    await journey_queries.insert_leg(session, leg)
    await show(session, queries.KIND, row.id, (viewer_of_organisation(leg.carrier_id),))
    await show(session, journey_queries.INCIDENT, incident.id, (viewer_of_organisation(leg.carrier_id),))
    facts: dict[str, object] = {
        **_facts(incident, row.number),
        "leg": leg.position,
        "carrier": str(leg.carrier_id),
        "vehicle": str(leg.vehicle_id),
        "handover_at": command.meet_at.isoformat(),
    }
    moment = Moment(happened_at=at, recorded_at=at)
    subjects = _subjects(incident)
    return leg, await record(session, actor, "manifest_leg_inserted", subjects=subjects, moment=moment, facts=facts)


def _demand_broken_down(row: ManifestRow, incident: IncidentRow) -> None:
    if incident.kind != IncidentKind.BREAKDOWN.value or incident.state != IncidentState.OPEN.value:
        message = "Another vehicle takes a load on only while a breakdown is open."
        raise OutOfOrder("no_breakdown", message)
    if ManifestState(row.state) not in ON_THE_ROAD:
        message = "Manifest {number} is {state}: nothing of it is on the road."
        raise OutOfOrder("not_on_the_road", message, number=row.number, state=ManifestState(row.state))


def _check_replacement(command: ReplaceVehicle, present: LegRow, vehicle_id: UUID) -> list[Broken]:
    broken: list[Broken] = []
    if not command.at_place.strip():
        message = "Say where the load is taken over."
        broken.append(Broken("at_place", "handover_place_missing", message, article=checking.HANDOVER_ARTICLE))
    if vehicle_id == present.vehicle_id:
        message = "{value} is the vehicle that has broken down."
        broken.append(Broken("plate", "vehicle_broken_down", message, command.plate))
    return broken


async def _check_fleet(session: WriteSession, row: ManifestRow, leg: LegRow, at: datetime) -> list[Broken]:
    lines = [line for line in await queries.line_rows(session, row.id) if line.outcome is None]
    faces = await containers.faces(session, [line.container_id for line in lines])
    transfer = checking.Transfer(
        receiver_id=row.receiver_id,
        receiver_site_id=row.receiver_site_id,
        method=row.method,
        on=legal_day(at),
        grams_by_code={},
        load=Mass(sum(line.carried_g + faces[line.container_id].tare_g for line in lines)),
        legs=[leg],
    )
    return await checking.check_fleet(session, transfer)


async def close_incident(
    session: WriteSession, actor: Actor, command: CloseIncident, *, at: datetime
) -> tuple[IncidentRow, Appended]:
    """Whoever reported it says how it ended. Raises NotFound, Forbidden, OutOfOrder, RuleBroken without a word."""
    incident = await journey_queries.incident_locked(session, actor, command.incident_id)
    demand_own(actor, Verb.CARRY, incident.organisation_id)
    if incident.state == IncidentState.CLOSED.value:
        raise OutOfOrder("incident_closed", "This incident is closed already.")
    if not command.outcome.strip():
        refuse_one("outcome", "reason_missing", "Say how it ended; the authorities will read it.", article=ARTICLE)
    incident.state, incident.closed_at = IncidentState.CLOSED.value, at
    incident.outcome = command.outcome.strip()
    await session.flush()
    facts = {**_facts(incident, None), "reason": incident.outcome}
    moment = Moment(happened_at=at, recorded_at=at)
    subjects = _subjects(incident)
    return incident, await record(session, actor, "incident_closed", subjects=subjects, moment=moment, facts=facts)


async def note_incident(
    session: WriteSession, actor: Actor, incident_id: UUID, *, at: datetime
) -> tuple[IncidentRow, Appended]:
    """The shipper says that it knows. Raises NotFound, Forbidden, OutOfOrder where it has said so."""
    incident = await journey_queries.incident_locked(session, actor, incident_id)
    demand_own(actor, Verb.FILE, incident.shipper_id)
    if incident.noted_at is not None:
        raise OutOfOrder("noted_already", "This was taken note of already.")
    incident.noted_at = at
    await session.flush()
    moment = Moment(happened_at=at, recorded_at=at)
    facts = _facts(incident, None)
    subjects = _subjects(incident)
    return incident, await record(session, actor, "incident_noted", subjects=subjects, moment=moment, facts=facts)


def _subjects(incident: IncidentRow) -> tuple[UUID, ...]:
    named = (incident.id, incident.manifest_id)
    return named if incident.container_id is None else (*named, incident.container_id)


def _facts(incident: IncidentRow, number: str | None) -> dict[str, object]:
    return {
        "incident": str(incident.id),
        "manifest": str(incident.manifest_id),
        "number": number,
        "kind": incident.kind,
        "state": incident.state,
        "place": incident.place,
        "region": incident.region_code,
        "container": None if incident.container_id is None else str(incident.container_id),
        "lost_g": incident.lost_g,
        "method": incident.method,
        "booked": incident.booked,
    }
