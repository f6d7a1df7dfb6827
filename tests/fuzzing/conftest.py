"""The application on a copy of its own, the transfers behind it, and files as people send them."""

from collections.abc import AsyncIterator

import pytest

from tests.support.databases import Cluster
from tests.support.served import Served, served_on
from tests.support.trade import trade
from tests.support.world import World
from wastetrack.db.addresses import Address

__all__ = ["served", "trade"]


@pytest.fixture(scope="session")
async def served(
    cluster: Cluster, town: tuple[World, Address], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """Shared with no other test: what is generated ends sessions and slows down whoever gives wrong passwords."""
    world, template = town
    address = cluster.clone(template.database)
    async with served_on(address.url, world, tmp_path_factory.mktemp("fuzzed")) as served:
        yield served
    cluster.drop(address)
