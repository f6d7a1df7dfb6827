"""Regions built once for the tests of this folder."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.databases import Cluster
from wastetrack import clock
from wastetrack.attachments.storing import FileStore
from wastetrack.cli.demonstration.building import Built, Wanted, build
from wastetrack.db.engine import make_engine
from wastetrack.transparency import signing_key
from wastetrack.transparency.note import Signer

IN_STORIES = 35
"""Manifests by road that the stories of the region add to those that were asked for."""
PASSWORD = "seven quiet harbours at noon"  # noqa: S105  of people who exist in tests only


@dataclass(frozen=True)
class Region:
    """A built region and its database."""

    engine: AsyncEngine
    signer: Signer
    built: Built
    until: datetime


@asynccontextmanager
async def region_of(cluster: Cluster, folder: Path, manifests: int, *, until: datetime) -> AsyncIterator[Region]:
    """A region in a database of its own."""
    address = cluster.clone()
    engine = make_engine(address.url, pool_size=4)
    try:
        signer = signing_key.load_or_create(folder / "log.key", origin="tests.example/log")
        wanted = Wanted(manifests=manifests, seed=1, password=PASSWORD, until=until)
        files = FileStore(folder)
        built = await build(engine, signer, wanted, files=files, progress=lambda *_: None)
        yield Region(engine, signer, built, until)
    finally:
        await engine.dispose()
        cluster.drop(address)


@pytest.fixture(scope="session")
async def region(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Region]:
    """Sixty manifests: enough for one of everything."""
    async with region_of(cluster, tmp_path_factory.mktemp("sixty"), 60, until=clock.now()) as built:
        yield built
