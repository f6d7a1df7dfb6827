"""The sequencer: gives committed leaves their place in the tree, integrates them, signs and publishes a checkpoint.

All in one transaction under one advisory lock, so that a kill between any two steps leaves nothing half done and any
number of processes may run it. Before anything is signed the old tree is rebuilt from the stored nodes and compared
with the newest checkpoint: a log whose storage was tampered with stops instead of signing for it.
"""

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack import clock
from wastetrack.db.session import ReadSession, WriteSession, writing
from wastetrack.transparency import checkpoint, queries
from wastetrack.transparency.checkpoint import Checkpoint
from wastetrack.transparency.errors import LogInconsistent, NoteRefused
from wastetrack.transparency.note import Signer, Verifier
from wastetrack.transparency.queries import StoredCheckpoint
from wastetrack.transparency.tree import Frontier, Grown

_log = logging.getLogger(__name__)

# Any number will do as long as nothing else in the database locks it; this one spells "wt_log".
_ADVISORY_LOCK = int.from_bytes(b"wt_log", "big")
_BATCH = 10_000
# NOTIFY would wake us sooner but takes a lock on the whole database at each commit that sends one: writers would queue.
_POLL_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 5.0

_TROUBLE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, sa.exc.SQLAlchemyError, LogInconsistent)


@dataclass(frozen=True, slots=True)
class Published:
    """One turn of the sequencer: how many leaves it placed, and the checkpoint over them."""

    placed: int
    checkpoint: StoredCheckpoint


async def publish(session: WriteSession, signer: Signer, *, at: datetime, limit: int = _BATCH) -> Published | None:
    """Place up to `limit` waiting leaves and sign the new tree; None if none waits.

    Waits while another process is at it; afterwards every leaf committed before the call has its place, unless more
    than `limit` waited. Raises LogInconsistent rather than sign on top of a damaged tree.
    """
    driver = await session.driver()
    # Protects the head of the log; held until the caller's commit. Each later statement sees what was committed
    # before it, so the head read next is the one that the previous holder left.
    await driver.execute("select pg_advisory_xact_lock($1)", _ADVISORY_LOCK)
    waiting = await queries.pending(session, limit)
    if not waiting:
        return None
    standing = await _standing(session, signer.verifier)
    arrivals = [arrival for arrival, _ in waiting]
    grown = standing.append([value for _, value in waiting])
    await _store(driver, standing.size, arrivals, grown)
    tree = Checkpoint(signer.name, grown.frontier.size, grown.frontier.root())
    stored = StoredCheckpoint(tree.size, tree.root, checkpoint.sign(tree, signer), at)
    await driver.execute(
        "insert into log_checkpoints (size, root, note, published_at) values ($1, $2, $3, $4)",
        stored.size,
        stored.root,
        stored.note,
        stored.published_at,
    )
    return Published(len(waiting), stored)


async def publish_all(engine: AsyncEngine, signer: Signer) -> int:
    """Place everything that waits now, a transaction per batch. Returns how many leaves were placed."""
    placed = 0
    while True:
        async with writing(engine) as session:
            turn = await publish(session, signer, at=clock.now())
        if turn is None:
            return placed
        placed += turn.placed


async def run_sequencer(engine: AsyncEngine, signer: Signer, stop: asyncio.Event) -> None:
    """Publish until told to stop, each committed leaf within a second.

    Lost connections and a damaged tree are logged and tried again, ever more slowly: the operator may be restoring
    the database, and meanwhile events are still accepted and receipts given.
    """
    pause = _POLL_SECONDS
    while not stop.is_set():
        try:
            await _turn(engine, signer)
            pause = _POLL_SECONDS
        except _TROUBLE as error:
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            level = logging.CRITICAL if isinstance(error, LogInconsistent) else logging.WARNING
            _log.log(level, "The log could not be published, next try in %s s: %s", pause, error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def _turn(engine: AsyncEngine, signer: Signer) -> None:
    """Look without a lock first: an idle log costs one small query, and idle processes do not queue."""
    async with writing(engine) as session:
        waiting = await queries.any_pending(session)
    if waiting:
        placed = await publish_all(engine, signer)
        _log.debug("%s leaves placed", placed)


async def _standing(session: ReadSession, verifier: Verifier) -> Frontier:
    """The tree as it stands, found equal to the newest checkpoint, which this key must have signed."""
    newest = await queries.latest_checkpoint(session)
    size = newest.size if newest else 0
    sequenced = await queries.sequenced_size(session)
    if sequenced != size:
        raise LogInconsistent(
            "log.sequence_and_checkpoint",
            "{sequenced} leaves have a place but the newest checkpoint covers {size}.",
            sequenced=sequenced,
            size=size,
        )
    standing = await queries.frontier(session, size)
    if newest is None:
        return standing
    if standing.root() != newest.root:
        raise LogInconsistent(
            "log.root_differs",
            "The stored nodes of {size} leaves give root {computed}; the checkpoint says {root}.",
            size=size,
            computed=standing.root().hex(),
            root=newest.root.hex(),
            note=newest.note,
        )
    try:
        signed = checkpoint.verify(newest.note, verifier)
    except NoteRefused as error:
        raise LogInconsistent(
            "log.signed_by_another",
            "The newest checkpoint is not signed by {key}: {why}",
            key=str(verifier),
            why=str(error),
            note=newest.note,
        ) from error
    if (signed.size, signed.root) != (newest.size, newest.root):
        raise LogInconsistent(
            "log.checkpoint_altered", "The newest checkpoint's note says otherwise than its row.", note=newest.note
        )
    return standing


async def _store(driver: "asyncpg.Connection[asyncpg.Record]", first: int, arrivals: list[int], grown: Grown) -> None:
    await driver.copy_records_to_table(
        "log_sequence", columns=("log_index", "arrival"), records=list(enumerate(arrivals, first))
    )
    await driver.copy_records_to_table("log_nodes", columns=("level", "position", "hash"), records=list(grown.nodes()))
    await driver.execute("delete from log_pending where arrival = any($1)", arrivals)
