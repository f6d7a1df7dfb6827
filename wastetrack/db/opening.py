"""Opening the database that the settings name: the same three lines for the server, the commands and the demo.

An external one (`WASTETRACK_DATABASE_URL`) must be at this program's revision; the embedded one is started, upgraded
and stopped here.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.db import addresses, embedded, migrating
from wastetrack.db.engine import make_engine
from wastetrack.errors import Conflict
from wastetrack.settings import Settings

_SECONDS_TO_JOIN = 30.0


@dataclass(frozen=True, slots=True)
class Database:
    """An open database at this program's revision. `dsn` is for libraries that want no SQLAlchemy."""

    engine: AsyncEngine
    url: str
    embedded: bool

    @property
    def dsn(self) -> str:
        """For asyncpg, psycopg and PostgreSQL's own programs."""
        return addresses.over("", self.url)


@asynccontextmanager
async def open_database(settings: Settings, *, join: bool = False) -> AsyncIterator[Database]:
    """The database, checked and with a pool; everything is closed at the end.

    With `join` an embedded server that another process runs on the folder is used beside it; without, that is a
    Conflict. Raises Unavailable, Conflict or Malformed with one line for whatever is wrong with it.
    """
    with_address = reached(settings, join=join)
    # Starting and migrating block for up to a second and wait on the disk.
    url = await asyncio.to_thread(with_address.__enter__)
    try:
        await asyncio.to_thread(migrating.ensure_current, url, embedded=settings.database_url is None)
        engine = make_engine(url, pool_size=settings.pool_size)
        try:
            yield Database(engine, url, embedded=settings.database_url is None)
        finally:
            await engine.dispose()
    finally:
        await asyncio.to_thread(with_address.__exit__, None, None, None)


@contextmanager
def reached(settings: Settings, *, join: bool = False) -> Iterator[str]:
    """The URL (asyncpg) of the database, whatever its revision; an embedded server runs as long as this is open."""
    if settings.database_url is not None:
        yield addresses.over("asyncpg", settings.database_url)
        return
    try:
        server = embedded.start(settings.data_dir)
    except Conflict:
        if not join:
            raise
        yield embedded.attach(settings.data_dir, patience_seconds=_SECONDS_TO_JOIN).url
        return
    with server:
        yield server.address.url
