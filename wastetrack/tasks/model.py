"""A long task: where it stands, how far it has come, what it left."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from wastetrack.errors import Broken

RUN = "long_work"
"""The name of the job that does a long task."""
MOST_ATTEMPTS = 5
"""A task that brings down its worker each time is given up after so many."""
LARGEST_RESULT = 64 * 1024 * 1024
"""Bytes of a file that a task leaves."""
MOST_TOLD = 200
"""Broken rules that a failed task keeps."""


class LongTaskState(StrEnum):
    """Where a long task stands."""

    QUEUED = "queued"
    """It waits for a worker."""
    RUNNING = "running"
    """A worker does it."""
    DONE = "done"
    """All of it is done."""
    FAILED = "failed"
    """Nothing of it is done; it says why."""
    CANCELLED = "cancelled"
    """Nothing of it is done, because somebody said so."""


ENDED = frozenset({LongTaskState.DONE, LongTaskState.FAILED, LongTaskState.CANCELLED})


@dataclasses.dataclass(frozen=True, slots=True)
class ResultFile:
    """A file that a task leaves, for download."""

    name: str
    media_type: str
    content: bytes = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a handler gives back: a sentence (a message id) with its facts, and a page or a file to go on to."""

    message: str
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    address: str | None = None
    """A page of ours where the result stands."""
    file: ResultFile | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LongTask:
    """A task as it stands."""

    id: UUID
    kind: str
    title: str
    """A message id, its places filled from `title_facts`."""
    title_facts: Mapping[str, Any]
    organisation_id: UUID
    person_id: UUID
    membership_id: UUID
    scopes: frozenset[str] | None
    arguments: Mapping[str, Any]
    state: LongTaskState
    done: int
    total: int | None
    """How many steps there are, once it is known."""
    message: str
    message_facts: Mapping[str, Any]
    result_address: str | None
    result_name: str | None
    broken: tuple[Broken, ...]
    attempt: int
    cancel_asked_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    seen_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in ENDED

    @property
    def percent(self) -> int | None:
        """How far it has come; None as long as nobody knows how much there is."""
        if self.state is LongTaskState.DONE:
            return 100
        return None if not self.total else min(100, self.done * 100 // self.total)


def as_json(broken: Broken) -> dict[str, Any]:
    """A broken rule as the table keeps it; what JSON cannot say is kept as its text."""
    return {
        "field": broken.field,
        "code": broken.code,
        "message": broken.message,
        "value": plain(broken.value),
        "article": broken.article,
        "next_step": broken.next_step,
        "facts": {name: plain(fact) for name, fact in broken.facts.items()},
    }


def from_json(kept: Mapping[str, Any]) -> Broken:
    """The same read back."""
    return Broken(**kept)


def plain(value: object) -> object:
    """What JSON can say; anything else as its text."""
    return value if value is None or isinstance(value, str | int | bool) else str(value)
