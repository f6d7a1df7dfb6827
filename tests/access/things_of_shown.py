"""A made assessment of the prefecture's capacity, and a distance by road, for the table of access."""

from tests.support.capacity import made_run, result
from tests.support.world import World
from wastetrack import clock
from wastetrack.capacity.project_tables import RoadDistanceRow
from wastetrack.db.session import WriteSession

Things = dict[str, str]


async def things_of_shown(session: WriteSession, world: World) -> Things:
    """Of the authority of this world."""
    told, region = result(clock.now()), world.inspector.viewer.removeprefix("r:")
    told = told.model_copy(update={"question": told.question.model_copy(update={"region": region})})
    run_id = made_run(session, world.inspector, told, at=clock.now())
    road = RoadDistanceRow(
        organisation_id=world.inspector.organisation_id,
        origin=world.generator.site.region_code,
        site_id=world.receiver.site.id,
        km=31.5,
        person_id=world.inspector.person_id,
        recorded_at=clock.now(),
    )
    session.add(road)
    await session.flush()
    return {"capacity_run": str(run_id)}
