"""Opening the database that the settings name: the same three lines for the server, the commands and the demo.

An external one (`WASTETRACK_DATABASE_URL`) must be at this program's revision; the embedded one is started, upgraded
and stopped here. The server opens it as the application, whom row-level security binds; what migrates, builds or
audits opens it as the owner.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.db import addresses, embedded, migrating, roles
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.errors import Conflict, Malformed
from wastetrack.settings import Settings

_SECONDS_TO_JOIN = 30.0


@dataclass(frozen=True, slots=True)
class Reached:
    """The two ways into one database, as URLs for asyncpg. An external one may be given one of them only."""

    owner_url: str
    application_url: str


@dataclass(frozen=True, slots=True)
class Database:
    """An open database at this program's revision; `engine` is of whoever opened it, `url` always the application's."""

    engine: AsyncEngine
    url: str
    embedded: bool

    @property
    def dsn(self) -> str:
        """For asyncpg, psycopg and PostgreSQL's own programs."""
        return addresses.over("", self.url)


@asynccontextmanager
async def open_database(settings: Settings, *, join: bool = False, as_owner: bool = False) -> AsyncIterator[Database]:
    """The database, checked and with a pool; everything is closed at the end.

    With `join` an embedded server that another process runs on the folder is used beside it; without, that is a
    Conflict. Raises Unavailable, Conflict or Malformed with one line for whatever is wrong with it, a role too
    powerful for an application among it, or one too weak for an owner.
    """
    with_address = reached(settings, join=join)
    # Starting and migrating block for up to a second and wait on the disk.
    found = await asyncio.to_thread(with_address.__enter__)
    try:
        await asyncio.to_thread(_check, found, embedded=settings.database_url is None, as_owner=as_owner)
        opened = found.owner_url if as_owner else found.application_url
        engine = make_engine(opened, pool_size=settings.pool_size)
        try:
            yield Database(engine, found.application_url, embedded=settings.database_url is None)
        finally:
            await engine.dispose()
    finally:
        await asyncio.to_thread(with_address.__exit__, None, None, None)


def _check(found: Reached, *, embedded: bool, as_owner: bool) -> None:
    if embedded:
        migrating.ensure_current(found.owner_url, embedded=True)
    if as_owner:
        roles.refuse_bound(found.owner_url)
    else:
        roles.refuse_powerful(found.application_url)
    if not embedded:
        migrating.ensure_current(found.owner_url if as_owner else found.application_url, embedded=False)


@contextmanager
def reached(settings: Settings, *, join: bool = False) -> Iterator[Reached]:
    """The URLs of the database, whatever its revision; an embedded server runs as long as this is open."""
    if settings.database_url is not None:
        application = addresses.over("asyncpg", settings.database_url)
        owner = settings.owner_database_url
        yield Reached(application if owner is None else addresses.over("asyncpg", owner), application)
        return
    if settings.owner_database_url is not None:
        message = "WASTETRACK_OWNER_DATABASE_URL stands alone; set WASTETRACK_DATABASE_URL, the application's own, too."
        raise Malformed("db.url", message)
    try:
        server = embedded.start(settings.data_dir)
    except Conflict:
        if not join:
            raise
        yield _of(embedded.attach(settings.data_dir, patience_seconds=_SECONDS_TO_JOIN))
        return
    with server:
        yield _of(server.address)


def _of(address: Address) -> Reached:
    return Reached(address.url, address.for_application().url)
