"""Purge: what has served its time is taken away, batch by batch, each stated in the log with what it removed.

Drafts that were never filed, the details of manifests that ended long ago, files beside them, and the personal parts of
old events. Never a posting, a leaf, a balance, a number or a container: what the proofs are made of stays. What lies
under a legal hold, and whatever was landfilled, stays whole.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from wastetrack.auth.model import PLATFORM_VIEWER, Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.auth.sight import show
from wastetrack.catalogues.jurisdiction import Figure
from wastetrack.containers.moments import moment_of
from wastetrack.containers.recording import record
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.privacy.erasing import Stated
from wastetrack.privacy.model import RecordKind, kind_of
from wastetrack.privacy.retention import Retention, kept_since
from wastetrack.transparency.erasing import digest_of

EVENT = "records_purged"
KIND = "purge"
MOST = 500
"""Rows of one batch, which is one transaction."""


class Purged(StrEnum):
    """What is taken away."""

    DRAFTS = "drafts"
    MANIFESTS = "manifests"
    OPENINGS = "openings"


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction took away. `files` are hashes that no row names any more."""

    what: Purged
    count: int
    kind: RecordKind
    numbers: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    more: bool = False
    appended: Stated | None = field(default=None, compare=False)


_DRAFTS = "select id, '' as number, files from purge_drafts($1, $2)"
_MANIFESTS = "select id, number, files from purge_manifests($1, $2, $3)"
_KINDS = "select kind from purge_event_kinds() as kind"
_OPENINGS = "select purge_openings($1, $2, $3) as id"
_UNNAMED = "select sha256 from purge_files($1) as sha256"


async def purge_batch(
    session: WriteSession, actor: Actor, what: Purged, kept: Retention, *, at: datetime, most: int = MOST
) -> Batch:
    """Take away one batch of what has served its time by `at`, and state it. A batch of nothing states nothing.

    Raises Forbidden for all but the platform's operator. The files themselves are deleted after the commit.
    """
    demand(actor, Verb.ERASE_PERSONS)
    if what is Purged.OPENINGS:
        ids, kind = await _openings(session, kept, at, most)
        taken = Batch(what, len(ids), kind, more=len(ids) == most)
        return await _stated(session, actor, taken, ids, kept[kind], at=at)
    driver = await session.driver()
    if what is Purged.DRAFTS:
        kind = RecordKind.DRAFT
        rows = await driver.fetch(_DRAFTS, kept_since(at, kept[kind].value), most)
    else:
        kind = RecordKind.MANIFEST
        rows = await driver.fetch(_MANIFESTS, kept_since(at, kept[kind].value), at, most)
    named = sorted({sha256 for row in rows for sha256 in row["files"]})
    files = tuple(row["sha256"] for row in await driver.fetch(_UNNAMED, named)) if named else ()
    numbers = tuple(sorted(row["number"] for row in rows if row["number"]))
    ids = [row["id"] for row in rows]
    taken = Batch(what, len(ids), kind, numbers, files, more=len(ids) == most)
    return await _stated(session, actor, taken, ids, kept[kind], at=at)


async def _openings(session: WriteSession, kept: Retention, at: datetime, most: int) -> tuple[list[UUID], RecordKind]:
    """The first kind of record that has old openings, and those of one batch that were taken away."""
    driver = await session.driver()
    known = [row["kind"] for row in await driver.fetch(_KINDS)]
    for kind in RecordKind:
        events = [one for one in known if kind_of(one) is kind]
        if events:  # at most five statements, one for each kind of record
            rows = await driver.fetch(_OPENINGS, events, kept_since(at, kept[kind].value), most)
            if rows:
                return [row["id"] for row in rows], kind
    return [], RecordKind.OTHER


async def _stated(
    session: WriteSession, actor: Actor, taken: Batch, ids: list[UUID], kept: Figure, *, at: datetime
) -> Batch:
    if not ids:
        return taken
    what, numbers, files = taken.what, taken.numbers, taken.files
    event_id = new_id()
    await show(session, KIND, event_id, (PLATFORM_VIEWER,))
    # Those who were on a manifest can see that its details went; a draft has nobody left to see it.
    subjects = (event_id, *ids) if what is Purged.MANIFESTS else (event_id,)
    appended = await record(
        session,
        actor,
        EVENT,
        subjects=subjects,
        moment=moment_of(None, at),
        facts={
            "what": what.value,
            "count": len(ids),
            "digest": digest_of(ids),
            "numbers": list(numbers),
            "files": len(files),
            "files_digest": _digest(files),
            "record": taken.kind.value,
            "years": kept.value,
            "article": kept.article,
        },
        event_id=event_id,
    )
    return replace(taken, appended=appended)


def _digest(files: Iterable[str]) -> str:
    return hashlib.sha256("".join(sorted(files)).encode()).hexdigest()
