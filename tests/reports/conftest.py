"""The scripted year, lived once for the tests that read its ledgers and reports."""

from collections.abc import AsyncIterator

import pytest

from tests.support.databases import Cluster
from tests.support.enterprise_year import Lived, clock, live_through
from tests.support.sessions import undone
from tests.support.world import World
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.transparency.note import Signer
from wastetrack.transparency.publishing import publish

SIGNER = Signer("wastetrack.example/log", bytes(range(32)))


@pytest.fixture(scope="module")
async def lived(cluster: Cluster, town: tuple[World, Address]) -> AsyncIterator[Lived]:
    """The year lived once for all the tests of this file, in an outer transaction on a copy of the small world."""
    world, address = town
    copy = cluster.clone(address.database)
    engine = make_engine(copy.url, pool_size=2)
    async with undone(engine) as session:
        year = await live_through(session, world)
        await publish(session, SIGNER, at=clock(12, 31))
        yield Lived(session, world, year)
    await engine.dispose()
    cluster.drop(copy)
