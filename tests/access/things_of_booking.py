"""What is set aside at the incinerator: its terms, a reservation that is held, one that a manifest took."""

from tests.support.reservations import open_terms, reserved
from tests.support.trade import today
from tests.support.world import AT, OIL, World, a_drum, filed
from wastetrack import clock
from wastetrack.db.session import WriteSession
from wastetrack.manifests.publishing_intake import publish_days
from wastetrack.manifests.reservations import FreeDay, PublishDays
from wastetrack.mass import Mass

Things = dict[str, str]


async def things_of_booking(session: WriteSession, world: World) -> Things:
    """Of the workshop and the incinerator of this world."""
    await open_terms(session, world, at=AT)
    await reserved(session, world, "100 kg", waste_code=OIL)
    await filed(session, world, [await a_drum(session, world)])
    at = clock.now()
    days = PublishDays(site_id=world.receiver.site.id, days=(FreeDay(day=today(), free=Mass.parse("50 t")),))
    await publish_days(session, world.receiver.owner, days, at=at)
    held = await reserved(session, world, "100 kg", waste_code=OIL, planned_on=today(), at=at)
    return {"reservation": str(held.id)}
