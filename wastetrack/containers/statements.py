"""What a signer puts his name to, and the step in which he does: called where the event is about to be written.

Preparing a signature runs the whole use case with a step that stops at the statement (`Stopped`), and what was done
until then is rolled back; signing runs it once more, and the step gives the evidence. So nobody can sign what would
be refused, and what is recorded is what was shown.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from wastetrack.transparency.evidence import challenge_of

Words = Mapping[str, str]
"""Plain words by language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is signed: the canonical bytes, and what must be the same when they are made once more."""

    content: bytes
    event_id: UUID
    salt: bytes
    happened_at: datetime
    words: Words

    @property
    def digest(self) -> bytes:
        """What identifies it; the challenge of a passkey."""
        return challenge_of(self.content)


class Stopped(Exception):  # noqa: N818  not an error: the statement is ready to be read
    """Raised by the step that prepares a signature, to undo everything."""

    def __init__(self, statement: Statement) -> None:
        super().__init__(statement.event_id)
        self.statement = statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """How an act is signed. What is None is made fresh."""

    seal: Callable[[Statement], Awaitable[Mapping[str, object]]] = field(repr=False)
    """Gives the evidence (transparency/evidence.py), or raises."""
    event_id: UUID | None = None
    salt: bytes | None = field(default=None, repr=False)
    happened_at: datetime | None = None
    through: UUID | None = None
    """Another organisation, on whose device the signer signs."""


async def stop(statement: Statement) -> Mapping[str, object]:
    """The step of whoever only prepares."""
    raise Stopped(statement)
