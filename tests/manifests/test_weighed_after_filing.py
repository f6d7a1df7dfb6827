"""A drum whose mass changed after the shipper's signature does not travel under the old figure."""

from datetime import timedelta

import pytest

from tests.support.world import AT, World, a_drum, filed, weighed
from wastetrack.containers.model import WeighContainer
from wastetrack.containers.storing import weigh_container
from wastetrack.db.session import WriteSession
from wastetrack.errors import RuleBroken
from wastetrack.manifests import filing, transporting
from wastetrack.manifests.model import SignAct


async def test_a_drum_weighed_again_after_filing_is_not_picked_up(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world, "180 kg")
    manifest_id = await filed(town_session, world, [drum])
    again = WeighContainer(container_id=drum.id, weighing=weighed("170 kg"))
    await weigh_container(town_session, world.generator.owner, again, at=AT)
    with pytest.raises(RuleBroken) as refused:
        await transporting.pick_up(
            town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=AT + timedelta(hours=1)
        )
    assert [rule.code for rule in refused.value.broken] == ["weighed_after_filing"]
    assert refused.value.broken[0].facts == {"net": "170 kg", "declared": "180 kg"}

    withdrawal = SignAct(manifest_id=manifest_id, reason="重新称重")
    await filing.cancel_manifest(town_session, world.generator.owner, withdrawal, at=AT)
    renewed = await filed(town_session, world, [drum])
    await transporting.pick_up(
        town_session, world.carrier.owner, SignAct(manifest_id=renewed), at=AT + timedelta(hours=1)
    )
