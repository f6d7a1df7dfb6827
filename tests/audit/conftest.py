"""One eventful history per test process; tests tamper with it in transactions that are undone."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.audit.eventful import History, write_history
from tests.support.databases import Cluster
from tests.support.sessions import undone
from tests.support.world import World
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import WriteSession


@pytest.fixture(scope="session")
async def eventful(cluster: Cluster, town: tuple[World, Address]) -> AsyncIterator[tuple[AsyncEngine, str, History]]:
    """The pool on a database with the history, its URL, and what is in it."""
    address = cluster.clone(town[1].database)
    engine = make_engine(address.url, pool_size=5)
    history = await write_history(engine, town[0])
    yield engine, address.dsn, history
    await engine.dispose()
    cluster.drop(address)


@pytest.fixture
def history(eventful: tuple[AsyncEngine, str, History]) -> History:
    """What is in the database."""
    return eventful[2]


@pytest.fixture
async def forger(eventful: tuple[AsyncEngine, str, History]) -> AsyncIterator[WriteSession]:
    """A superuser's session in which no trigger and no foreign key looks on; undone at the end."""
    async with undone(eventful[0]) as session:
        await session.execute(text("set local session_replication_role = replica"))
        yield session
