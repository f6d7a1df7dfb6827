"""The same seed tells the same story."""

from random import Random

import pytest
import sqlalchemy as sa

from tests.demo.conftest import Region, region_of
from tests.support.databases import Cluster
from wastetrack.cli.demonstration import fates
from wastetrack.cli.demonstration.fates import ALONG_THE_YEAR, OPEN_AT_THE_END, Fate

_STORY = """
select kind, digital_code, net_g, state from containers join lateral (select 'container' as kind) k on true
union all
select 'manifest', coalesce(number, ''), 0, state || ' ' || method || ' ' || planned_on from manifests
union all
select 'event', kind, 0, recorded_at::text from log_leaves
order by 1, 2, 3, 4
"""


async def story(region: Region) -> list[tuple[object, ...]]:
    """All that does not depend on the ids and keys of one database."""
    async with region.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(sa.text(_STORY))]


async def test_a_seed_gives_one_and_the_same_year(
    region: Region, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with region_of(cluster, tmp_path_factory.mktemp("again"), 60, until=region.until) as again:
        assert await story(again) == await story(region)


def dice(seed: int) -> Random:
    """Dice for a test."""
    return Random(seed)  # noqa: S311  no secret


@pytest.mark.parametrize("manifests", [1, 2, 7, 20, 60, 500, 3000])
def test_fates_are_as_many_as_manifests(manifests: int) -> None:
    along, at_the_end = fates.draw(manifests, dice(5))
    assert len(along) + len(at_the_end) == manifests


def test_sixty_manifests_have_every_fate() -> None:
    along, at_the_end = fates.draw(60, dice(5))
    assert set(along) | set(at_the_end) == set(Fate)


def test_shares_are_kept_in_a_large_region() -> None:
    along, at_the_end = fates.draw(1_000, dice(5))
    for share in (*ALONG_THE_YEAR, *OPEN_AT_THE_END):
        assert (along + at_the_end).count(share.fate) == share.per_mille


def test_other_dice_mix_otherwise() -> None:
    assert fates.draw(100, dice(1)) != fates.draw(100, dice(2))
