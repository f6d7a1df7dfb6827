"""A hospital for the tests of this folder."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.databases import Cluster
from tests.support.medical import Hospital, build_hospital
from tests.support.medical_served import Ward
from tests.support.served import served_on
from tests.support.sessions import undone
from tests.support.world import World
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import WriteSession, writing


@pytest.fixture(scope="session")
async def hospital_town(cluster: Cluster, town: tuple[World, Address]) -> tuple[Hospital, Address]:
    """The small world with a hospital, made and committed once."""
    address = cluster.clone(town[1].database)
    engine = make_engine(address.url, pool_size=1)
    async with writing(engine) as session:
        hospital = await build_hospital(session, town[0])
    await engine.dispose()
    return hospital, address


@pytest.fixture(scope="session")
def hospital(hospital_town: tuple[Hospital, Address]) -> Hospital:
    """Who works there."""
    return hospital_town[0]


@pytest.fixture(scope="session")
async def hospital_engine(cluster: Cluster, hospital_town: tuple[Hospital, Address]) -> AsyncIterator[AsyncEngine]:
    """A pool on a copy; nothing is ever committed there."""
    engine = make_engine(cluster.clone(hospital_town[1].database).url, pool_size=5)
    yield engine
    await engine.dispose()


@pytest.fixture
async def ward_session(hospital_engine: AsyncEngine) -> AsyncIterator[WriteSession]:
    """A writing session with the hospital; all its work is undone."""
    async with undone(hospital_engine) as session:
        yield session


@pytest.fixture
async def fresh_hospital(cluster: Cluster, hospital_town: tuple[Hospital, Address]) -> AsyncIterator[AsyncEngine]:
    """A copy for this test alone, which may really commit there."""
    address = cluster.clone(hospital_town[1].database)
    engine = make_engine(address.url, pool_size=32)
    yield engine
    await engine.dispose()
    cluster.drop(address)


@pytest.fixture(scope="session")
async def medical(
    cluster: Cluster,
    town: tuple[World, Address],
    hospital_town: tuple[Hospital, Address],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Ward]:
    """The running application with the hospital in its database."""
    address = cluster.clone(hospital_town[1].database)
    async with served_on(address.url, town[0], tmp_path_factory.mktemp("medical")) as served:
        yield Ward(served, hospital_town[0])
    cluster.drop(address)
