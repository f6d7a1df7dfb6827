"""A milk run: three garages, one lorry, one manifest each, one trip that is closed in one act."""

from wastetrack.auth.model import Role
from wastetrack.cli.demonstration import places
from wastetrack.cli.demonstration.firms import Trade
from wastetrack.cli.demonstration.members import Waiting
from wastetrack.cli.demonstration.stories.hauling import Haul, label
from wastetrack.cli.demonstration.stories.telling import Teller, leg, signed
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.ids import new_id
from wastetrack.manifests.closing_trips import arrive_trip, close_trip
from wastetrack.manifests.journey_model import PlanTrip, SignTrip
from wastetrack.manifests.planning_trips import plan_trip

_OIL, _METHOD = "900-214-08", "R9"


async def milk_run(teller: Teller) -> None:
    """Filed by each, planned by the carrier, fetched, weighed in, closed; the oil is then refined."""
    plant, carrier = teller.year.cast.plants["oil"], teller.carrier()
    garages = [
        one
        for one in teller.year.cast.shippers
        if one.trade is Trade.GARAGE and one.place.region_code in {places.ZHIFU.region_code, places.LAIXI.region_code}
    ][:3]
    step = await teller.at(23, 8.0)
    hauls = []
    for number, garage in enumerate(garages):
        loads = await label(teller, step, garage, _OIL, 168 - number, 171 - number)
        haul = Haul(teller=teller, sender=garage, receiver=plant, carriers=[carrier], method=_METHOD, loads=loads)
        haul.legs = (leg(carrier, garage, plant),)  # one lorry for all
        step = await haul.file(await teller.later(step, 0.2))
        hauls.append(haul)
    plate = leg(carrier, garages[0], plant).plate
    trip_id = new_id()
    command = PlanTrip(
        trip_id=trip_id,
        plate=plate,
        day=local_day(step.at),
        manifest_ids=tuple(haul.manifest_id for haul in hauls),
        driver_id=carrier.drivers[0].id,
    )
    await plan_trip(step.session, carrier.by(Role.OWNER), command, at=step.at)
    for haul in hauls:
        step = await haul.pick_up(step)
    step = await teller.later(step, 3)
    there = SignTrip(trip_id=trip_id, signing=signed(step, carrier, Role.DRIVER))
    await arrive_trip(step.session, carrier.by(Role.DRIVER), there, at=step.at)
    for haul in hauls:
        step = await haul.scan(step)
    step = await teller.later(step, 0.4)
    closed = SignTrip(trip_id=trip_id, signing=signed(step, plant, Role.OWNER))
    await close_trip(step.session, plant.by(Role.OWNER), closed, at=step.at)
    plant.waiting.extend(Waiting(load, _METHOD, step.at) for haul in hauls for load in haul.loads)
