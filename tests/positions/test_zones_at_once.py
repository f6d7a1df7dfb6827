"""Two officers of one authority send the same file of zones at the same moment."""

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.access.things_of_tracks import zone_file
from tests.manifests.test_at_once import at_once
from tests.support.world import AT, World
from wastetrack.db.session import WriteSession, reading
from wastetrack.positions import queries
from wastetrack.positions.drawing import draw_zones
from wastetrack.positions.model import DrawZones
from wastetrack.positions.tables import ZoneRow


async def test_the_second_waits_and_finds_them_there(fresh_town: AsyncEngine, world: World) -> None:
    """Eight at once: the zone is made by one of them, and nobody is told of an error."""

    async def work(session: WriteSession) -> list[ZoneRow]:
        return await draw_zones(session, world.inspector, DrawZones(content=zone_file("门楼水库")), at=AT)

    made = await at_once(fresh_town, [work] * 8)

    assert [one for one in made if isinstance(one, BaseException)] == []
    assert sorted(len(one) for one in made if isinstance(one, list)) == [0] * 7 + [1]
    async with reading(fresh_town) as session:
        assert len(await queries.zones(session)) == 1
