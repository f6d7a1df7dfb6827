"""Nobody in the region drives faster than a road lets them, or with one vehicle for two loads at once."""

import sqlalchemy as sa

from tests.demo.conftest import Region
from wastetrack.cli.demonstration.places import FANGZI, HANTING, TIANQIAO, ZHIFU
from wastetrack.cli.demonstration.roads import minutes_between, road_km

_TOO_FAST = """
with trips as (
  select m.number, extract(epoch from m.arrived_at - m.picked_up_at) / 3600 as hours,
    111.2 * sqrt((b.latitude - a.latitude) ^ 2
      + ((b.longitude - a.longitude) * cos(radians((a.latitude + b.latitude) / 2))) ^ 2) as km
  from manifests m join sites a on a.id = m.shipper_site_id join sites b on b.id = m.receiver_site_id
  where m.arrived_at is not null and m.picked_up_at is not null and m.kind = 'road'
)
select count(*), count(*) filter (where km > 20 and km > 80 * hours) from trips
"""


def test_a_road_is_longer_than_the_great_circle() -> None:
    """From Yantai to Jinan 0.848° and 4.399° × cos 37.1° = 3.508°, at 111.2 km: 401 km, by road 522 km; that takes
    505 to 652 minutes besides the half hour to the hour in yards."""
    assert round(road_km(ZHIFU, TIANQIAO)) == 522
    assert minutes_between(ZHIFU, TIANQIAO) == (30 + 505, 60 + 652)
    assert minutes_between(FANGZI, FANGZI) == (30, 60)
    assert road_km(FANGZI, HANTING) == road_km(HANTING, FANGZI)


async def test_no_trip_is_shorter_than_its_road(region: Region) -> None:
    async with region.engine.connect() as connection:
        trips, too_fast = (await connection.execute(sa.text(_TOO_FAST))).one()
    assert trips > 50
    assert too_fast == 0
