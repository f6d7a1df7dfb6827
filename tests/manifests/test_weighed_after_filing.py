"""What a shipper has signed for stays as it is until the truck has it, or the manifest is withdrawn."""

from datetime import timedelta

import pytest

from tests.support.acts import SignAct
from tests.support.refused import balances
from tests.support.world import AT, TODAY, World, a_drum, filed, weighed
from wastetrack.containers.errors import ContainerElsewhere
from wastetrack.containers.model import Filling, Packaging, Repack, Treat, WeighContainer
from wastetrack.containers.repacking import repack
from wastetrack.containers.storing import weigh_container
from wastetrack.containers.treating import treat
from wastetrack.db.session import WriteSession
from wastetrack.manifests import filing, transporting


async def test_a_drum_on_a_filed_manifest_is_neither_weighed_nor_repacked_nor_treated(
    town_session: WriteSession, world: World
) -> None:
    drum, owner = await a_drum(town_session, world, "180 kg"), world.generator.owner
    await filed(town_session, world, [drum])
    weighing = WeighContainer(container_id=drum.id, weighing=weighed("170 kg"))
    filling = Filling(packaging=Packaging.DRUM, volume_l=200, weighing=weighed("180 kg"))
    repacking = Repack(from_ids=(drum.id,), into=(filling,), repacked_on=TODAY)
    burning = Treat(site_id=world.generator.site.id, container_ids=(drum.id,), method="D10", treated_on=TODAY)
    for act in (
        weigh_container(town_session, owner, weighing, at=AT),
        repack(town_session, owner, repacking, at=AT),
        treat(town_session, owner, burning, at=AT),
    ):
        with pytest.raises(ContainerElsewhere) as refused:
            await act
        assert refused.value.code == "container_on_filed_manifest"


async def test_after_the_withdrawal_it_is_weighed_again_and_travels_under_the_new_figure(
    town_session: WriteSession, world: World
) -> None:
    drum, owner = await a_drum(town_session, world, "180 kg"), world.generator.owner
    withdrawal = SignAct(manifest_id=await filed(town_session, world, [drum]), reason="重新称重")
    await filing.cancel_manifest(town_session, owner, withdrawal, at=AT)
    again = WeighContainer(container_id=drum.id, weighing=weighed("170 kg"))
    town_session.expire_all()
    await weigh_container(town_session, owner, again, at=AT)
    renewed = SignAct(manifest_id=await filed(town_session, world, [drum]))
    await transporting.pick_up(town_session, world.carrier.owner, renewed, at=AT + timedelta(hours=1))
    assert await balances(town_session, renewed.manifest_id) == {"in_transit": 170_000}
