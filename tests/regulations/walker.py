"""What a walk rests on: the model's books and trips, and one transaction that is undone at the end."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine

from tests.support.sessions import undone
from wastetrack.containers.queries import Container
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import WriteSession
from wastetrack.manifests.model import ManifestState

T = TypeVar("T")
MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@dataclass
class Trip:
    """A road manifest as the model knows it: what was declared, and what the gate has decided."""

    id: UUID
    drums: list[Container]
    state: ManifestState
    legs: int
    handed: bool = False
    decided: dict[UUID, int | None] = field(default_factory=dict)
    """By container: measured grams, or None for rejected."""
    back: UUID | None = None
    returns: UUID | None = None
    home: set[UUID] = field(default_factory=set)


class Walker(RuleBasedStateMachine):
    """Books of grams by holder and account, a clock, and a session in which each step is a use case."""

    address: Address

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.books: Counter[tuple[UUID, str]] = Counter()
        self.minutes = 0
        self.session: WriteSession = self.runner.run(self._begin())

    async def _begin(self) -> WriteSession:
        self.stack = AsyncExitStack()
        engine = make_engine(self.address.url, pool_size=1)
        self.stack.push_async_callback(engine.dispose)
        return await self.stack.enter_async_context(undone(engine))

    def teardown(self) -> None:
        """Everything that was walked is undone."""
        self.runner.run(self.stack.aclose())
        self.runner.close()

    def do(self, work: Callable[[WriteSession], Awaitable[T]]) -> T:
        """One use case, committed into the transaction that is undone at the end."""

        async def whole() -> T:
            done = await work(self.session)
            await self.session.commit()
            return done

        return self.runner.run(whole())

    def now(self) -> datetime:
        """Each step a minute later."""
        self.minutes += 1
        return MORNING + timedelta(minutes=self.minutes)

    def move(self, holder: UUID, account: str, grams: int) -> None:
        """A line of the model."""
        self.books[holder, account] += grams
