"""A milk run: one vehicle fetches from several shippers, each on a manifest of its own (令23 art. 16)."""

from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor, viewer_of_organisation, viewers_of_region
from wastetrack.auth.policy import Verb, demand
from wastetrack.auth.sight import show
from wastetrack.containers.recording import Moment, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, refuse, refuse_one
from wastetrack.manifests import journey_queries, queries
from wastetrack.manifests.journey_model import PlanTrip, TripState
from wastetrack.manifests.journey_tables import StopRow, TripRow
from wastetrack.manifests.model import ManifestState
from wastetrack.manifests.tables import LegRow, ManifestRow
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties import vehicles as vehicle_rules
from wastetrack.transparency.appending import Appended

ARTICLE = "令23 art. 16"
MOST_STOPS = 60
_FEWEST = 2
_GROSS = """
select coalesce(sum(line.declared_g + container.tare_g), 0)::bigint
from manifest_containers line join containers container on container.id = line.container_id
where line.manifest_id = any($1)
"""


async def plan_trip(
    session: WriteSession, actor: Actor, command: PlanTrip, *, at: datetime
) -> tuple[TripRow, Appended]:
    """The carrier ties filed manifests to one journey of one vehicle, in the order of the stops.

    Raises Forbidden, ManifestUnknown, RuleBroken with everything that stands against it: another vehicle or receiver,
    a load beyond the rated one, a manifest that is on another trip.
    """
    demand(actor, Verb.CARRY)
    refuse(_check_count(command.manifest_ids))
    vehicle = await parties.vehicle_of_carrier(session, actor.organisation_id, command.plate)
    if vehicle is None:
        message = "This carrier has no vehicle {value}."
        refuse_one("plate", "vehicle_unknown", message, value=command.plate, article="令23 art. 11")
    rows = {
        # In id order: two plans that name the same manifests wait for each other.
        manifest_id: await queries.locked(session, actor, manifest_id)
        for manifest_id in sorted(command.manifest_ids)
    }
    legs = {manifest_id: (await queries.legs(session, manifest_id))[0] for manifest_id in rows}
    taken = await journey_queries.stops_taken(session, list(rows))
    broken: list[Broken] = []
    for manifest_id in command.manifest_ids:
        broken += _check_stop(rows[manifest_id], legs[manifest_id], vehicle.id, taken)
    if len({row.receiver_site_id for row in rows.values()}) > 1:
        message = "These manifests go to different receivers; a trip ends at one gate."
        broken.append(Broken("manifest_ids", "trip_of_two_receivers", message, article=ARTICLE))
    load = Mass(int(await (await session.driver()).fetchval(_GROSS, list(rows))))
    _, driver, licences = await parties.carriage_for_use(session, vehicle.id, command.driver_id)
    licence = vehicle_rules.licence_for(licences, command.day)
    broken += vehicle_rules.fit(vehicle, licence, driver, load, command.day)
    refuse(broken)
    return await _write(session, actor, command, rows[command.manifest_ids[0]], vehicle.id, at=at)


def _check_count(manifest_ids: tuple[UUID, ...]) -> list[Broken]:
    broken: list[Broken] = []
    if len(manifest_ids) < _FEWEST:
        message = "A trip has at least two stops; a single manifest needs none."
        broken.append(Broken("manifest_ids", "trip_too_short", message, len(manifest_ids), article=ARTICLE))
    if len(manifest_ids) > MOST_STOPS:
        message = "{value} stops are more than one trip has ({limit})."
        facts: dict[str, object] = {"limit": MOST_STOPS}
        broken.append(Broken("manifest_ids", "trip_too_long", message, len(manifest_ids), facts=facts))
    if len(set(manifest_ids)) < len(manifest_ids):
        broken.append(Broken("manifest_ids", "stop_twice", "A manifest stands twice on this trip."))
    return broken


def _check_stop(row: ManifestRow, leg: LegRow, vehicle_id: UUID, taken: set[UUID]) -> list[Broken]:
    broken: list[Broken] = []
    if row.state != ManifestState.FILED.value:
        message = "Manifest {value} is {state}; a trip is planned over filed manifests."
        facts: dict[str, object] = {"state": ManifestState(row.state)}
        broken.append(Broken("manifest_ids", "stop_not_filed", message, row.number or "—", facts=facts))
    if leg.vehicle_id != vehicle_id:
        message = "Manifest {value} names another vehicle."
        step = "Its shipper files it anew with this vehicle, or it travels apart."
        broken.append(
            Broken("manifest_ids", "stop_other_vehicle", message, row.number, article=ARTICLE, next_step=step)
        )
    if row.id in taken:
        message = "Manifest {value} is on another trip already."
        broken.append(Broken("manifest_ids", "stop_taken", message, row.number))
    return broken


async def _write(
    session: WriteSession, actor: Actor, command: PlanTrip, row: ManifestRow, vehicle_id: UUID, *, at: datetime
) -> tuple[TripRow, Appended]:
    trip = TripRow(
        id=command.trip_id,
        carrier_id=actor.organisation_id,
        vehicle_id=vehicle_id,
        driver_id=command.driver_id,
        receiver_id=row.receiver_id,
        receiver_site_id=row.receiver_site_id,
        day=command.day,
        state=TripState.PLANNED.value,
        planned_by=actor.person_id,
        planned_at=at,
    )
    session.add(trip)
    await session.flush()
    session.add_all(
        StopRow(trip_id=trip.id, position=position, manifest_id=manifest_id)
        for position, manifest_id in enumerate(command.manifest_ids, 1)
    )
    await session.flush()
    viewers = {viewer_of_organisation(trip.carrier_id), viewer_of_organisation(trip.receiver_id)}
    await show(session, journey_queries.TRIP, trip.id, viewers | {*viewers_of_region(row.destination_region)})
    # Ids alone: each shipper finds this in the chain of its own manifest, and learns nothing of the others.
    facts = {
        "trip": str(trip.id),
        "vehicle": str(vehicle_id),
        "day": command.day.isoformat(),
        "manifests": [str(manifest_id) for manifest_id in command.manifest_ids],
    }
    moment = Moment(happened_at=at, recorded_at=at)
    subjects = (trip.id, *command.manifest_ids)
    return trip, await record(
        session, actor, "trip_planned", subjects=subjects, moment=moment, facts=facts, event_id=trip.id
    )
