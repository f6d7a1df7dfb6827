"""Somebody who imports files, with the worker that checks them and takes them in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack import clock
from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession, Sight, writing
from wastetrack.imports import offering, queries
from wastetrack.imports.model import OF_A_SITE, Finding, Import, ImportKind
from wastetrack.imports.offering import Confirm, Offer
from wastetrack.jobs.handlers import HANDLERS
from wastetrack.jobs.long_work import perform
from wastetrack.settings import Settings
from wastetrack.tasks import queries as tasks
from wastetrack.tasks.model import LongTask


@dataclass(frozen=True)
class Office:
    """Somebody who imports, and the database behind."""

    engine: AsyncEngine
    owner: AsyncEngine
    actor: Actor
    site_id: UUID

    @asynccontextmanager
    async def session_of(self) -> AsyncIterator[ReadSession]:
        async with writing(self.engine) as session:
            await session.look_as(self.actor.viewer, self.actor.organisation_id, self.actor.person_id)
            yield session

    async def offered(
        self, content: bytes, kind: ImportKind = ImportKind.CONTAINERS, *, name: str = "容器.xlsx", again: bool = False
    ) -> Import:
        """Send a file and let the worker check it."""
        site_id = self.site_id if kind in OF_A_SITE else None
        command = Offer(kind=kind, site_id=site_id, name=name, content=content, again=again)
        async with writing(self.engine) as session:
            await session.look_as(self.actor.viewer, self.actor.organisation_id, self.actor.person_id)
            made = await offering.offer(session, self.actor, command, at=clock.now())
        return await self.worked(made)

    async def worked(self, made: Import) -> Import:
        """Let the worker do what waits of an import."""
        assert made.task_id is not None
        sight = Sight(self.actor.viewer, self.actor.organisation_id, self.actor.person_id)
        await perform(self.engine, Settings(), HANDLERS, sight, made.task_id)
        return await self.standing(made.id)

    async def standing(self, import_id: UUID) -> Import:
        async with self.session_of() as session:
            return await queries.one_import(session, self.actor, import_id)

    async def task(self, made: Import) -> LongTask:
        assert made.task_id is not None
        async with self.session_of() as session:
            return await tasks.task(session, self.actor, made.task_id)

    async def findings(self, made: Import) -> list[Finding]:
        async with self.session_of() as session:
            found = await queries.findings_of(session, made.id, queries.FindingFilter(), limit=100_000)
            return [one for _, one in found]

    async def confirmed(self, made: Import) -> Import:
        """Say yes, without letting the worker work."""
        async with writing(self.engine) as session:
            await session.look_as(self.actor.viewer, self.actor.organisation_id, self.actor.person_id)
            command = Confirm(import_id=made.id, warnings=made.warnings)
            return await offering.confirm(session, self.actor, command, at=clock.now())

    async def count(self, table: str) -> int:
        async with writing(self.owner) as session:
            return int((await session.execute(text(f"select count(*) from {table}"))).scalar_one())  # noqa: S608

    async def sums_are_zero(self) -> bool:
        """Whether every kilogram is in exactly one account, and every entry has its event."""
        async with writing(self.owner) as session:
            off = "select count(*) from (select waste_code from accounts group by 1 having sum(balance_g) <> 0) as off"
            alone = "select count(*) from entries where id not in (select id from log_leaves)"
            left = [int((await session.execute(text(one))).scalar_one()) for one in (off, alone)]
        return left == [0, 0]
