"""What carriers and collectors handle: a call, a load to be counted, and loads that are counted."""

from datetime import timedelta
from uuid import UUID

from tests.support.acts import SignAct
from tests.support.world import AT, TODAY, Firm, World, a_drum, filed
from wastetrack.auth.model import Role
from wastetrack.collections.calling import call_collection
from wastetrack.collections.model import CallCollection, OrderStops, Stop, StopKind
from wastetrack.collections.ordering import order_stops
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.manifests import transporting
from wastetrack.manifests.loading import scan_at_pick_up
from wastetrack.manifests.loading_model import ScanAtPickUp

Things = dict[str, str]


async def things_of_carrier(session: WriteSession, world: World) -> Things:
    """Of the workshop, its carriers and the incinerator of this world."""
    called, drum, counted, handed = [await a_drum(session, world) for _ in range(4)]
    await a_drum(session, world)  # that can be called for
    command = CallCollection(
        site_id=world.generator.site.id, collector_id=world.receiver.id, container_ids=(called.id,)
    )
    call, _ = await call_collection(session, world.generator.owner, command, at=AT)
    loadable = await filed(session, world, [drum])
    ready = await filed(session, world, [counted])
    await _read(session, world.carrier, ready, counted)
    two_legs = await filed(session, world, [handed], legs=2)
    at = AT + timedelta(hours=1)
    await transporting.pick_up(session, world.carrier.owner, SignAct(manifest_id=two_legs), at=at)
    await _read(session, world.second_carrier, two_legs, handed)
    stop = Stop(kind=StopKind.LOAD, subject_id=loadable)
    await order_stops(session, world.carrier.owner, OrderStops(day=TODAY, stops=(stop,)), at=AT)
    return {
        "call": str(call.id),
        "loadable": str(loadable),
        "loadable_container": str(drum.id),
        "loadable_code": drum.digital_code,
        "counted": str(ready),
        "counted_two_legs": str(two_legs),
        "next_drivers_login": world.second_carrier.logins[Role.DRIVER],
        "shippers_login": world.generator.logins[Role.SIGNER],
    }


async def _read(session: WriteSession, carrier: Firm, manifest_id: UUID, drum: Container) -> None:
    code = DigitalCode.parse(drum.digital_code)
    scan = ScanAtPickUp(scan_id=new_id(), manifest_id=manifest_id, code=code)
    await scan_at_pick_up(session, carrier.owner, scan, at=AT + timedelta(hours=1))
