"""Write events into the log, in the transaction of whoever reports them; a signed receipt can be given at once.

The place in the tree is not given here: a counter would make all writers queue. A committed leaf waits in
`log_pending` (a trigger puts it there) until the sequencer takes it up, at most a second later. Whoever writes about a
thing holds that thing's lock, so leaves about one subject arrive in the order in which they were committed.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from wastetrack.db.session import WriteSession
from wastetrack.transparency import receipt
from wastetrack.transparency.errors import LeafExists
from wastetrack.transparency.hashing import leaf_hash
from wastetrack.transparency.leaf import SALT_BYTES, Event, leaf_of, personal_bytes, write
from wastetrack.transparency.note import Signer
from wastetrack.transparency.receipt import Receipt

# One round trip however many events there are. The function is the only way into the log: the application's role may
# not write leaves itself, nor hang one onto another subject afterwards.
_APPEND = "select log_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"


@dataclass(frozen=True, slots=True)
class Appended:
    """A leaf that stands once the caller's transaction is committed; a receipt can be signed over it."""

    id: UUID
    hash: bytes
    recorded_at: datetime

    def receipt(self, signer: Signer) -> Receipt:
        """The signed promise that the log will hold it. Give it away only after the commit."""
        return receipt.give(event_id=self.id, leaf_hash=self.hash, recorded_at=self.recorded_at, signer=signer)


def new_salt() -> bytes:
    """A fresh salt for a personal part."""
    return secrets.token_bytes(SALT_BYTES)


async def append(session: WriteSession, event: Event, *, salt: bytes | None = None) -> Appended:
    """Write one event; with this salt if its personal part was signed for already. Raises LeafRefused, LeafExists."""
    (given,) = await append_all(session, (event,), salts=None if salt is None else (salt,))
    return given


async def append_all(
    session: WriteSession, events: Sequence[Event], *, salts: Sequence[bytes | None] | None = None
) -> tuple[Appended, ...]:
    """Write several events in their order, in one statement; salts are drawn unless given. Raises LeafRefused,
    LeafExists."""
    if salts is None:
        salts = [None if event.personal is None else new_salt() for event in events]
    contents = [write(leaf_of(event, salt=salt)) for event, salt in zip(events, salts, strict=True)]
    hashes = [leaf_hash(content) for content in contents]
    subjects = [(event.id, subject) for event in events for subject in event.subjects]
    personal = [
        (event.id, salt, personal_bytes(event.personal).decode())
        for event, salt in zip(events, salts, strict=True)
        if salt is not None
    ]
    driver = await session.driver()
    try:
        await driver.execute(
            _APPEND,
            [event.id for event in events],
            [event.kind for event in events],
            contents,
            hashes,
            [event.recorded_at for event in events],
            [leaf_id for leaf_id, _ in subjects],
            [subject for _, subject in subjects],
            [leaf_id for leaf_id, _, _ in personal],
            [salt for _, salt, _ in personal],
            [body for _, _, body in personal],
        )
    except asyncpg.UniqueViolationError as error:
        raise LeafExists("log.leaf_exists", "The log already holds an event with this identifier.") from error
    return tuple(Appended(event.id, value, event.recorded_at) for event, value in zip(events, hashes, strict=True))
