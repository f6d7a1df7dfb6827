"""What happens to a container while it stands at its site: weighed again, put into store, picked for loading."""

from dataclasses import replace

import pytest

from tests.support import parties as made
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about
from tests.support.world import AT, World, a_drum, arrived, drum_of, received, weighed
from wastetrack.auth.model import Role
from wastetrack.containers import queries
from wastetrack.containers.errors import ContainerElsewhere, ContainerUnknown
from wastetrack.containers.labelling import label_container
from wastetrack.containers.model import StoreContainers, WeighContainer
from wastetrack.containers.storing import store_containers, weigh_container
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden, NotFound
from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.parties.registering import add_store


async def test_weighing_again_books_the_difference_and_keeps_the_old_figure(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world, "180 kg")
    again = WeighContainer(container_id=drum.id, weighing=weighed("176.5 kg"))
    row, _ = await weigh_container(town_session, world.generator.owner, again, at=AT)
    assert (row.gross_g, row.tare_g, row.net_g) == (196_500, 20_000, 176_500)
    assert await balances(town_session, world.generator.site.id) == {"generated": -176_500, "stored": 176_500}
    labelled, weighing = await events_about(town_session, drum.id)
    assert labelled["facts"]["net_g"] == 180_000
    assert (weighing["kind"], weighing["facts"]["old_net_g"], weighing["facts"]["net_g"]) == (
        "container_weighed",
        180_000,
        176_500,
    )
    assert [posting["g"] for posting in weighing["postings"]] == [-3_500, 3_500]


async def test_weighing_the_same_again_is_an_event_that_moves_nothing(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world, "180 kg")
    again = WeighContainer(container_id=drum.id, weighing=weighed("180 kg"))
    await weigh_container(town_session, world.generator.owner, again, at=AT)
    assert (await events_about(town_session, drum.id))[-1]["postings"] == []


async def test_a_second_weighing_must_be_possible_too(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    slipped = WeighContainer(container_id=drum.id, weighing=weighed("180 t"))
    work = weigh_container(town_session, world.generator.owner, slipped, at=AT)
    assert await codes_broken(work) == ["mass_absurd"]


async def test_who_took_the_drum_over_does_not_change_its_makers_figure(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    again = WeighContainer(container_id=drum.id, weighing=weighed("170 kg"))
    manifest_id = await arrived(town_session, world, [drum])
    with pytest.raises(ContainerElsewhere):
        await weigh_container(town_session, world.generator.owner, again, at=AT)
    del manifest_id
    other = await a_drum(town_session, world)
    await received(town_session, world, [other], "200 kg")
    too_late = WeighContainer(container_id=other.id, weighing=weighed("170 kg"))
    assert await codes_broken(weigh_container(town_session, world.generator.owner, too_late, at=AT)) == [
        "already_taken_over"
    ]
    with pytest.raises(Forbidden):
        await weigh_container(town_session, world.receiver.owner, too_late, at=AT)


async def test_strangers_do_not_find_the_drum_and_lookers_on_do_not_weigh_it(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    again = WeighContainer(container_id=drum.id, weighing=weighed("170 kg"))
    into = StoreContainers(container_ids=(drum.id,), store_id=world.store_id)
    for stranger in (world.stranger.owner, world.receiver.owner, world.carrier.owner):
        with pytest.raises(ContainerUnknown):
            await weigh_container(town_session, stranger, again, at=AT)
        with pytest.raises(ContainerUnknown):
            await store_containers(town_session, stranger, into, at=AT)
    for looker in (world.generator.people[Role.VIEWER], world.inspector):
        with pytest.raises(Forbidden):
            await weigh_container(town_session, looker, again, at=AT)
        with pytest.raises(Forbidden):
            await store_containers(town_session, looker, into, at=AT)


async def test_drums_go_into_store_and_are_picked_for_loading(town_session: WriteSession, world: World) -> None:
    drums = [await a_drum(town_session, world), await a_drum(town_session, world, "90 kg")]
    ids = tuple(drum.id for drum in drums)
    into = StoreContainers(container_ids=ids, store_id=world.store_id)
    await store_containers(town_session, world.generator.owner, into, at=AT)
    assert await queries.store_mass(town_session, world.store_id) == Mass.parse("270 kg")
    out = StoreContainers(container_ids=ids[:1], store_id=None)
    rows, _ = await store_containers(town_session, world.generator.owner, out, at=AT)
    assert [row.store_id for row in rows] == [None]
    assert await queries.store_mass(town_session, world.store_id) == Mass.parse("90 kg")
    kinds = [event["kind"] for event in await events_about(town_session, ids[0])]
    assert kinds == ["container_labelled", "containers_stored", "containers_picked"]
    assert await books_and_containers_agree(town_session, world.generator.site.id)


async def test_a_full_store_takes_no_more_however_the_drums_come(town_session: WriteSession, world: World) -> None:
    owner = world.generator.owner
    command = made.store_command(world.generator.site.id, limit=Mass.parse("300 kg"))
    store = await add_store(town_session, owner, command, at=AT)
    first = await a_drum(town_session, world, "180 kg")
    await store_containers(town_session, owner, StoreContainers(container_ids=(first.id,), store_id=store.id), at=AT)
    # What stands there already is not counted twice.
    await store_containers(town_session, owner, StoreContainers(container_ids=(first.id,), store_id=store.id), at=AT)
    second = await a_drum(town_session, world, "120.001 kg")
    work = store_containers(
        town_session, owner, StoreContainers(container_ids=(first.id, second.id), store_id=store.id), at=AT
    )
    assert await codes_broken(work) == ["store_full"]
    labelled_into = replace(drum_of("120.001 kg", world), store_id=store.id)
    assert await codes_broken(label_container(town_session, owner, labelled_into, at=AT)) == ["store_full"]
    fits = replace(drum_of("120 kg", world), store_id=store.id)
    row, _ = await label_container(town_session, owner, fits, at=AT)
    assert row.store_id == store.id


async def test_the_store_of_another_site_takes_nothing(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    elsewhere = StoreContainers(container_ids=(drum.id,), store_id=world.receiver_store_id)
    assert await codes_broken(store_containers(town_session, world.generator.owner, elsewhere, at=AT)) == [
        "store_elsewhere"
    ]
    unknown = StoreContainers(container_ids=(drum.id,), store_id=new_id())
    with pytest.raises(NotFound):
        await store_containers(town_session, world.generator.owner, unknown, at=AT)


async def test_only_drums_of_one_site_are_stored_together_and_each_is_named_once(
    town_session: WriteSession, world: World
) -> None:
    owner = world.generator.owner
    drum = await a_drum(town_session, world)
    nothing = StoreContainers(container_ids=(), store_id=world.store_id)
    assert await codes_broken(store_containers(town_session, owner, nothing, at=AT)) == ["containers_missing"]
    twice = StoreContainers(container_ids=(drum.id, drum.id), store_id=world.store_id)
    assert await codes_broken(store_containers(town_session, owner, twice, at=AT)) == ["container_twice"]
    gone = await a_drum(town_session, world)
    await received(town_session, world, [gone], "200 kg")
    both = StoreContainers(container_ids=(drum.id, gone.id), store_id=world.store_id)
    assert await codes_broken(store_containers(town_session, owner, both, at=AT)) == ["several_sites"]
