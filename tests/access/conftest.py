"""The running application on a database of its own: the matrix needs a second region in it."""

from collections.abc import AsyncIterator

import pytest

from tests.access.calling import Caller
from tests.access.things import make_objects
from tests.support.databases import Cluster
from tests.support.served import served_on
from tests.support.trade import Trade
from tests.support.world import World
from wastetrack.db.addresses import Address
from wastetrack.privacy.model import RecordKind


@pytest.fixture(scope="session")
async def caller(
    cluster: Cluster, town: tuple[World, Address], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Caller]:
    """Everybody signed in, and the things that they call for."""
    world, template = town
    address = cluster.clone(template.database)
    # Nothing is kept by the law here, so that an erasure gets through.
    free = dict.fromkeys(RecordKind, 0)
    async with served_on(address.url, world, tmp_path_factory.mktemp("matrix"), retention_years=free) as served:
        caller = Caller(served, await make_objects(Trade(served)))
        await caller.sign_everybody_in()
        yield caller
    cluster.drop(address)
