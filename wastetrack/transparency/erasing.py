"""Taking personal parts out of reach: salt and text go, the leaf stays with a digest that says nothing any more.

Bundles, proofs and checkpoints verify as before, for they are made of the leaves alone.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.db.session import ReadSession, WriteSession

# Functions of the database: the platform's operator, who may erase, sees nothing of what the log holds.
_NAMING = "select leaf_id, event_kind, recorded_at from privacy_openings($1)"
_ERASE = "select privacy_erase($1)"


@dataclass(frozen=True, slots=True)
class NamedIn:
    """An event whose personal part names a person."""

    leaf_id: UUID
    event_kind: str
    recorded_at: datetime


async def openings_that_name(session: ReadSession, person_id: UUID) -> list[NamedIn]:
    """The events that a person has signed and whose personal parts still stand, in their order. Looks through all of
    them: erasing is rare, and an index would burden every event."""
    driver = await session.driver()
    return [NamedIn(**dict(row)) for row in await driver.fetch(_NAMING, person_id)]


async def erase_openings(session: WriteSession, leaf_ids: Iterable[UUID]) -> None:
    """Erase these personal parts. Cannot be undone."""
    driver = await session.driver()
    await driver.execute(_ERASE, list(leaf_ids))


def digest_of(leaf_ids: Iterable[UUID]) -> str:
    """SHA-256 over the names of events, sorted: whoever keeps the list can show later that it was this one."""
    return hashlib.sha256(b"".join(sorted(one.bytes for one in leaf_ids))).hexdigest()
