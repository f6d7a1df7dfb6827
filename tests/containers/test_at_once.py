"""Two people at the same store at the same moment, each in a transaction that really commits."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support import parties as made
from tests.support.world import AT, World, a_drum
from wastetrack.containers import queries
from wastetrack.containers.model import StoreContainers
from wastetrack.containers.storing import store_containers
from wastetrack.db.session import reading, writing
from wastetrack.errors import RuleBroken
from wastetrack.mass import Mass
from wastetrack.parties.registering import add_store


@pytest.mark.commits
async def test_a_store_for_one_drum_takes_one_of_five(fresh_town: AsyncEngine, world: World) -> None:
    owner = world.generator.owner
    async with writing(fresh_town) as session:
        command = made.store_command(world.generator.site.id, limit=Mass.parse("200 kg"))
        store = await add_store(session, owner, command, at=AT)
        drums = [await a_drum(session, world, "180 kg") for _ in range(5)]

    async def put(container_id: UUID) -> None:
        async with writing(fresh_town) as session:
            into = StoreContainers(container_ids=(container_id,), store_id=store.id)
            await store_containers(session, owner, into, at=AT)

    done = await asyncio.gather(*(put(drum.id) for drum in drums), return_exceptions=True)
    assert [type(one) for one in done if one is not None] == [RuleBroken] * 4
    async with reading(fresh_town) as books:
        assert await queries.store_mass(books, store.id) == Mass.parse("180 kg")
