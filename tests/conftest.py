"""What every test may ask for: a database of this process, a session whose work is undone, a database of its own."""

import gc
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.databases import Cluster, running_cluster
from tests.support.sessions import undone
from tests.support.sockets import closed_door
from tests.support.world import AT, World, build_world
from wastetrack import clock
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.loading import load_packaged
from wastetrack.catalogues.queries import snapshot
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import WriteSession, reading, writing


def pytest_configure() -> None:
    """Look for rubbish seldom: half a million objects live as long as the process, and each search meets them."""
    gc.set_threshold(100_000, 50, 1000)


def pytest_collection_finish() -> None:
    """What is loaded by now stays; nobody has to look at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def stay_on_this_machine() -> Iterator[None]:
    """No connection leaves for another host."""
    with closed_door():
        yield


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of this test process, started when the first test asks."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def database_url(cluster: Cluster) -> str:
    """A migrated database of this test process (asyncpg); nothing but `official_lists` is ever committed to it."""
    return cluster.clone().url


@pytest.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The pool on it."""
    engine = make_engine(database_url, pool_size=5)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
async def official_lists(engine: AsyncEngine) -> Catalogue:
    """The lists that travel with the product; the one thing committed to the database of this test process."""
    async with writing(engine) as session:
        await load_packaged(session, at=clock.now())
    async with reading(engine) as session:
        return await snapshot(session)


@pytest.fixture
async def session(engine: AsyncEngine) -> AsyncIterator[WriteSession]:
    """A writing session; all its work is undone, its commits check deferred constraints and triggers."""
    async with undone(engine) as session:
        yield session


@pytest.fixture
def fresh_database(cluster: Cluster) -> Iterator[str]:
    """The URL (asyncpg) of a migrated database for this test alone, which may really commit there."""
    address = cluster.clone()
    yield address.url
    cluster.drop(address)


@pytest.fixture
async def fresh_engine(fresh_database: str) -> AsyncIterator[AsyncEngine]:
    """A pool on the database of this test alone."""
    engine = make_engine(fresh_database, pool_size=32)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
async def town(cluster: Cluster) -> tuple[World, Address]:
    """The small world of tests/support/world.py, made and committed once; others work on copies of its database."""
    address = cluster.clone()
    engine = make_engine(address.url, pool_size=1)
    # Committed before: lists of one's own transaction would be read anew from the database at each question.
    async with writing(engine) as session:
        await load_packaged(session, at=AT)
    async with writing(engine) as session:
        world = await build_world(session)
    await engine.dispose()
    return world, address


@pytest.fixture(scope="session")
def world(town: tuple[World, Address]) -> World:
    """Who lives in the small world."""
    return town[0]


@pytest.fixture(scope="session")
async def town_engine(cluster: Cluster, town: tuple[World, Address]) -> AsyncIterator[AsyncEngine]:
    """The pool on this process's copy of the small world; nothing is ever committed there."""
    engine = make_engine(cluster.clone(town[1].database).url, pool_size=5)
    yield engine
    await engine.dispose()


@pytest.fixture
async def town_session(town_engine: AsyncEngine) -> AsyncIterator[WriteSession]:
    """A writing session in the small world; all its work is undone."""
    async with undone(town_engine) as session:
        yield session


@pytest.fixture
async def fresh_town(cluster: Cluster, town: tuple[World, Address]) -> AsyncIterator[AsyncEngine]:
    """A copy of the small world for this test alone, which may really commit there."""
    address = cluster.clone(town[1].database)
    engine = make_engine(address.url, pool_size=32)
    yield engine
    await engine.dispose()
    cluster.drop(address)
