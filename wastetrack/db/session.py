"""Sessions and the one commit.

A use case takes a WriteSession and never commits; `writing` commits once, after it. A reading session is of a wider
type and PostgreSQL itself refuses a write in it, at one moment of the data (repeatable read).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

if TYPE_CHECKING:
    import asyncpg

_BEGIN = text("select")
_LOOK = """
select set_config('wastetrack.viewer', $1, true), set_config('wastetrack.organisation', $2, true),
  set_config('wastetrack.person', $3, true)
"""


@dataclass(frozen=True, slots=True)
class Sight:
    """Who looks: what row-level security reads, in the order of its settings."""

    viewer: str
    organisation_id: UUID
    person_id: UUID


class ReadSession(AsyncSession):
    """May read."""

    _driver: "asyncpg.Connection[Any] | None" = None
    sight: Sight | None = None
    """Whose eyes PostgreSQL was told of; it forgets them with each transaction, this does not."""

    async def look_as(self, viewer: str, organisation_id: UUID, person_id: UUID) -> None:
        """From here to the end of the transaction PostgreSQL shows what these eyes see, and nothing else.

        For an actor already known; where one is found by a credential, that statement says it (auth/queries.py).
        """
        self.sight = Sight(viewer, organisation_id, person_id)
        await self.look_again()

    async def look_again(self) -> None:
        """The same eyes in a new transaction: whoever commits in the middle says it once more."""
        if self.sight is not None:
            driver = await self.driver()
            given = self.sight
            await driver.execute(_LOOK, given.viewer, str(given.organisation_id), str(given.person_id))

    async def driver(self) -> "asyncpg.Connection[Any]":
        """The driver's connection inside this session's transaction, for the few hot statements.

        SQLAlchemy begins lazily, with its own first statement; where it has not yet, it is told to begin.
        """
        if self._driver is not None and self.in_transaction():
            return self._driver
        raw = await (await self.connection()).get_raw_connection()
        connection = cast("asyncpg.Connection[Any]", raw.driver_connection)
        if not connection.is_in_transaction():
            # The adapter has no public word for it; a statement would do, for a seventh of a small request's cost.
            begin: Callable[[], Awaitable[None]] | None = getattr(raw.dbapi_connection, "_start_transaction", None)
            try:
                if begin is not None:
                    await begin()
            except AsyncAdapt_asyncpg_dbapi.Error:
                begin = None  # cut meanwhile: a statement tells it as SQLAlchemy does, and clears the pool
            if begin is None:
                await self.execute(_BEGIN)
        # The same one until the transaction ends and the connection goes back to the pool.
        self._driver = connection
        return connection


class WriteSession(ReadSession):
    """May read and write."""


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[ReadSession]:
    """One moment of the data, read-only."""
    async with ReadSession(read_only(engine), expire_on_commit=False, autoflush=False) as session:
        yield session


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[WriteSession]:
    """A unit of work: commits once at the end, rolls back on any error."""
    async with WriteSession(engine, expire_on_commit=False, autoflush=False) as session:
        yield session
        await session.commit()


_read_only: "WeakKeyDictionary[AsyncEngine, AsyncEngine]" = WeakKeyDictionary()


def read_only(engine: AsyncEngine) -> AsyncEngine:
    """The same pool, but transactions are read-only and repeatable. Made once for each engine."""
    found = _read_only.get(engine)
    if found is None:
        found = _read_only[engine] = _as_read_only(engine)
    return found


def _as_read_only(engine: AsyncEngine) -> AsyncEngine:
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
