"""Simulated time: many lives go on at once, one at a time does something, in the order of their moments.

A life is a coroutine that waits with `until` and gets a Step: the open unit of work and the moment. Each simulated
day is one transaction, at whose end the log is published; so checkpoints lie through the whole year as they would.
Nothing runs in parallel and ties are broken by the order of waiting: the same dice give the same year.
"""

import asyncio
import contextlib
import heapq
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.db.session import WriteSession, writing
from wastetrack.transparency.note import Signer
from wastetrack.transparency.publishing import publish


@dataclass(frozen=True, slots=True)
class Step:
    """What a life may do now: write in this session, at this moment."""

    session: WriteSession
    at: datetime


@dataclass(slots=True)
class SimulatedClock:
    """Wakes the lives in order, until the end."""

    end: datetime
    _waiting: list[tuple[datetime, int, asyncio.Future[Step]]] = field(default_factory=list)
    _lives: list[asyncio.Task[None]] = field(default_factory=list)
    _count: int = 0
    _running: int = 0
    _rested: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, moment: datetime) -> Step:
        """Wait; never returns when the moment lies beyond the end."""
        future: asyncio.Future[Step] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._waiting, (moment, self._count, future))
        self._rest()
        return await future

    async def begin(self, life: Coroutine[Any, Any, None]) -> None:
        """Let a life begin, up to its first wait."""
        self._running += 1
        self._rested.clear()
        task = asyncio.create_task(life)
        task.add_done_callback(lambda _: self._rest())
        self._lives.append(task)
        await self._rested.wait()
        self._raise_failures()

    async def run(self, engine: AsyncEngine, signer: Signer, *, each_day: Callable[[date], None]) -> None:
        """Live every day to the end; commit and publish at each one's close. A life's error ends everything."""
        try:
            while self._waiting and self._waiting[0][0] <= self.end:
                day = local_day(self._waiting[0][0])
                async with writing(engine) as session:
                    last = await self._live_through(day, session)
                    await publish(session, signer, at=last)
                each_day(day)
        finally:
            await self._end_lives()

    async def _live_through(self, day: date, session: WriteSession) -> datetime:
        now = self._waiting[0][0]
        while self._waiting and self._waiting[0][0] <= self.end and local_day(self._waiting[0][0]) <= day:
            moment, _, future = heapq.heappop(self._waiting)
            # A life that computed a moment already past acts now: time never runs back in the log.
            now = max(now, moment)
            self._running += 1
            self._rested.clear()
            future.set_result(Step(session, now))
            await self._rested.wait()
            self._raise_failures()
        # Published a little after the last event, and before anything of the next day.
        return min(now + timedelta(seconds=1), self.end)

    def _rest(self) -> None:
        self._running -= 1
        if self._running <= 0:
            self._rested.set()

    def _raise_failures(self) -> None:
        for life in self._lives:
            if life.done() and not life.cancelled() and (error := life.exception()) is not None:
                raise error
        self._lives = [life for life in self._lives if not life.done()]

    async def _end_lives(self) -> None:
        for life in self._lives:
            life.cancel()
        for life in self._lives:
            with contextlib.suppress(asyncio.CancelledError):
                await life
