"""Purge: all batches of all that has served its time, by an operator's token; told by command, or every night."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.attachments.storing import FileStore
from wastetrack.auth import queries
from wastetrack.db.session import writing
from wastetrack.errors import Unauthenticated
from wastetrack.privacy.purging import MOST, Batch, Purged, purge_batch
from wastetrack.privacy.retention import Retention, retention
from wastetrack.settings import Settings

ALL = 1_000_000
"""A dry run counts in one batch what is rolled back."""


@dataclass(frozen=True, slots=True)
class Gone:
    """How much of one kind was taken away, or would be."""

    what: Purged
    count: int
    files: int


async def purge_all(
    engine: AsyncEngine, settings: Settings, token: str, *, at: datetime, dry_run: bool = False
) -> list[Gone]:
    """Take away what has served its time by `at`: each batch one transaction and one event, under the operator's name.

    Raises Unauthenticated for a token that has ended, Forbidden for all but the platform's operator.
    """
    kept, store = retention(settings.retention_years), FileStore(settings.data_dir)
    gone = []
    for what in Purged:
        count, files, more = 0, 0, True
        while more:
            batch = await _batch(engine, token, what, kept, at=at, dry_run=dry_run)
            count, more = count + batch.count, batch.more and not dry_run
            # After the commit: until then a row still names them.
            files += len(batch.files) if dry_run else sum(store.remove(one) for one in batch.files)
        gone.append(Gone(what, count, files))
    return gone


async def _batch(
    engine: AsyncEngine, token: str, what: Purged, kept: Retention, *, at: datetime, dry_run: bool
) -> Batch:
    async with writing(engine) as session:
        identity = await queries.authenticate_token(session, token, at=at)
        if identity is None:
            raise Unauthenticated("credential_ended", "Your sign-in has ended. Sign in again.")
        batch = await purge_batch(session, identity.actor, what, kept, at=at, most=ALL if dry_run else MOST)
        if dry_run:
            await session.rollback()
    return batch


def lines_of(gone: list[Gone], *, dry_run: bool = False) -> Iterator[str]:
    """What was done, one line for each kind."""
    said = "would go" if dry_run else "gone"
    return (f"{one.what}: {one.count} {said}, {one.files} files." for one in gone)
