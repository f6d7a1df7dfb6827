"""A writing session for tests whose work is undone, yet whose commit checks all that a real commit checks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.db.session import WriteSession


class UndoneSession(WriteSession):
    """Commits into an outer transaction. Deferred constraints and triggers fire at each commit, as they really would.

    A refused commit rolls back to the last successful one and leaves the session usable.
    """

    async def commit(self) -> None:
        """Check what a real commit checks, then keep the work for the rest of the test."""
        try:
            await self.flush()
            await self.execute(text("set constraints all immediate"))
            await self.execute(text("set constraints all deferred"))
        except BaseException:
            await self.rollback()
            raise
        await super().commit()


@asynccontextmanager
async def undone(engine: AsyncEngine) -> AsyncIterator[WriteSession]:
    """A session in an outer transaction that is rolled back at the end."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        try:
            async with UndoneSession(
                bind=connection,
                expire_on_commit=False,
                autoflush=False,
                join_transaction_mode="create_savepoint",
            ) as session:
                yield session
        finally:
            await outer.rollback()
