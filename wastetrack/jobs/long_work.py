"""Long work is done: by kind, each run in one transaction of its own that ends with the word that it is done.

A worker that dies in the middle leaves nothing: its transaction is gone, the task still says that it runs, and as no
heart beats any more, another worker takes it up again. A worker that was thought dead finds at its end that the run is
no longer its own, and is rolled back.
"""

import asyncio
import contextlib
import dataclasses
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack import clock
from wastetrack.auth.model import Actor
from wastetrack.auth.queries import actor_of_membership
from wastetrack.db.session import Sight, WriteSession, writing
from wastetrack.errors import RuleBroken, WastetrackError
from wastetrack.i18n import message
from wastetrack.settings import Settings
from wastetrack.tasks import stepping
from wastetrack.tasks.model import LongTask, Outcome
from wastetrack.tasks.stepping import CancelAsked, Superseded

_log = logging.getLogger(__name__)

BEATS_EVERY = timedelta(seconds=5)
STALLED_AFTER = timedelta(seconds=45)
"""So long no heart beats: the worker is dead, or so busy that another may as well begin anew."""
KEPT = timedelta(days=90)
"""So long an ended task is found again, with the file that it left."""
_TOLD_EVERY = timedelta(seconds=1)
_NO_ATTEMPT = message(
    "This failed by a mistake of the program. Nothing of it was done; the operator finds it in the log."
)
_REFUSED = message("This cannot be done: {count} rule(s) are broken. Nothing of it was done.")


@dataclasses.dataclass(slots=True, kw_only=True)
class Run:
    """One run of a task, as its handler sees it."""

    engine: AsyncEngine
    settings: Settings
    sight: Sight
    task: LongTask
    run_id: UUID
    actor: Actor
    at: datetime
    """The recorded time of everything it does."""
    _told_at: datetime | None = None

    async def progress(self, done: int, total: int | None = None) -> None:
        """Tell how far it is, at most once a second. Raises CancelAsked, Superseded: let them pass."""
        now = clock.now()
        if self._told_at is not None and now - self._told_at < _TOLD_EVERY:
            return
        self._told_at = now
        async with _looking(self.engine, self.sight) as session:
            await stepping.beat(session, self.task.id, self.run_id, at=now, done=done, total=total)


Handler = Callable[[WriteSession, Run], Awaitable[Outcome]]
"""Does the work in this session, which nobody commits but us; gives back what to tell."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """A run's hold on its task: whose eyes it has, and the number under which it writes."""

    engine: AsyncEngine
    sight: Sight
    task: LongTask
    run_id: UUID

    async def close(self, step: Callable[[WriteSession], Awaitable[None]]) -> None:
        """Write the end down, unless another run has taken the task over."""
        with contextlib.suppress(Superseded):
            async with _looking(self.engine, self.sight) as session:
                await step(session)

    async def put_back(self) -> None:
        """Another worker is to do it."""
        await self.close(lambda session: stepping.put_back(session, self.task.id, self.run_id, at=clock.now()))

    async def cancelled(self) -> None:
        """It was not wanted any more."""
        await self.close(lambda session: stepping.end_cancelled(session, self.task.id, self.run_id, at=clock.now()))

    async def failed(self, told: str, error: WastetrackError | None = None) -> None:
        """It cannot be done, for these reasons."""
        broken = error.broken if isinstance(error, RuleBroken) else ()
        facts = {} if error is None else error.facts

        async def step(session: WriteSession) -> None:
            await stepping.end_badly(
                session, self.task.id, self.run_id, told, broken=broken, facts=facts, at=clock.now()
            )

        await self.close(step)

    async def beats(self) -> None:
        """Say every few seconds that the run lives; what it has to hear, it hears with its progress or at its end."""
        while True:
            await asyncio.sleep(BEATS_EVERY.total_seconds())
            with contextlib.suppress(Superseded, CancelAsked, sa.exc.DBAPIError, OSError):
                async with _looking(self.engine, self.sight) as session:
                    await stepping.beat(session, self.task.id, self.run_id, at=clock.now())


async def perform(
    engine: AsyncEngine, settings: Settings, handlers: Mapping[str, Handler], sight: Sight, task_id: UUID
) -> bool:
    """Do one waiting task from beginning to end; whether there was something to do."""
    async with _looking(engine, sight) as session:
        begun = await stepping.begin(session, task_id, at=clock.now())
    if begun is None:
        return False
    claim = _Claim(engine=engine, sight=sight, task=begun[0], run_id=begun[1])
    heart = asyncio.create_task(claim.beats(), name="heart")
    try:
        await _do(claim, settings, handlers)
    except asyncio.CancelledError:
        # The worker has to go. Not by the same cancelled wait: the word has to be written down.
        await asyncio.shield(claim.put_back())
        raise
    except Exception as error:  # noqa: BLE001  whatever it is, whoever waits has to hear of it
        await _end_otherwise(claim, error)
    finally:
        heart.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await heart
    return True


async def _do(claim: _Claim, settings: Settings, handlers: Mapping[str, Handler]) -> None:
    now, task = clock.now(), claim.task
    async with _looking(claim.engine, claim.sight) as session:
        actor = await actor_of_membership(session, task.membership_id, at=now)
        run = Run(
            engine=claim.engine,
            settings=settings,
            sight=claim.sight,
            task=task,
            run_id=claim.run_id,
            actor=dataclasses.replace(actor, scopes=task.scopes),
            at=now,
        )
        outcome = await handlers[task.kind](session, run)
        await stepping.end_well(session, task.id, claim.run_id, outcome, at=clock.now())


async def _end_otherwise(claim: _Claim, error: Exception) -> None:
    """Write down how it ended. Raises the error where nothing can be written: the task is then taken up again."""
    if isinstance(error, Superseded):
        _log.warning("Task %s was taken over by another worker; this run is undone.", claim.task.id)
    elif isinstance(error, CancelAsked):
        await claim.cancelled()
    elif isinstance(error, RuleBroken):
        await claim.failed(_REFUSED, error)
    elif isinstance(error, WastetrackError):
        await claim.failed(error.message, error)
    elif isinstance(error, OSError) or (isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated):
        raise error
    else:
        _log.error("Task %s (%s) failed.", claim.task.id, claim.task.kind, exc_info=error)
        await claim.failed(_NO_ATTEMPT)


@asynccontextmanager
async def _looking(engine: AsyncEngine, sight: Sight) -> AsyncIterator[WriteSession]:
    async with writing(engine) as session:
        await session.look_as(sight.viewer, sight.organisation_id, sight.person_id)
        yield session


async def take_up_again(engine: AsyncEngine, *, stalled_after: timedelta = STALLED_AFTER) -> int:
    """Queue anew what a dead worker has left lying; how many there were."""
    now = clock.now()
    async with writing(engine) as session:
        return await stepping.take_up_again(session, before=now - stalled_after, at=now)


async def watch(engine: AsyncEngine) -> None:
    """Look again and again for work that was left lying."""
    while True:
        try:
            if count := await take_up_again(engine):
                _log.warning("%s task(s) without a heartbeat are taken up again.", count)
        except (sa.exc.DBAPIError, OSError) as error:
            _log.warning("Cannot look for work left lying: %s", error)
        await asyncio.sleep(STALLED_AFTER.total_seconds() / 3)
