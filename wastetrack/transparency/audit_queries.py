"""What the audit of the log reads: pages of bounded size, in the order of the tree or of arrival."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from wastetrack.db.session import ReadSession
from wastetrack.transparency.queries import StoredCheckpoint
from wastetrack.transparency.tree import Coordinate, Row

if TYPE_CHECKING:
    import asyncpg

_COLUMNS = """
  leaf.id, leaf.kind, leaf.bytes, leaf.hash, leaf.recorded_at, pending.arrival is not null as pending,
  array(select subject_id from log_subjects where log_subjects.arrival = leaf.arrival) as subjects,
  personal.salt, personal.body::text as body
"""
_BESIDE = """
  left join log_pending pending on pending.arrival = leaf.arrival
  left join log_personal personal on personal.leaf_id = leaf.id
"""
_SEQUENCED = f"""
select sequence.log_index, sequence.arrival, {_COLUMNS}
  from log_sequence sequence left join log_leaves leaf on leaf.arrival = sequence.arrival {_BESIDE}
  where sequence.log_index >= $1 order by sequence.log_index limit $2
"""  # noqa: S608  only our own columns enter
_UNSEQUENCED = f"""
select null::bigint as log_index, leaf.arrival, {_COLUMNS}
  from log_leaves leaf left join log_sequence sequence on sequence.arrival = leaf.arrival {_BESIDE}
  where sequence.arrival is null and leaf.arrival > $1 order by leaf.arrival limit $2
"""  # noqa: S608  only our own columns enter
_ORPHANS = """
select pending.arrival
  from log_pending pending left join log_leaves leaf on leaf.arrival = pending.arrival
  where leaf.arrival is null order by pending.arrival limit $1
"""
_NODES = """
select node.level, node.position, node.hash
  from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as wanted (level, start, stop)
  join log_nodes node on node.level = wanted.level and node.position >= wanted.start and node.position < wanted.stop
"""
_BEYOND = """
select level, position from log_nodes
  where (position + 1)::numeric * (2::numeric ^ level::integer) > $1::bigint order by level, position limit 1
"""
_CHECKPOINTS = """
select size, root, note, published_at from log_checkpoints where size > $1 and size <= $2 order by size
"""


@dataclass(frozen=True, slots=True)
class LeafRow:
    """A leaf with everything the database says about it. `content` is None where the row itself is gone."""

    log_index: int | None
    arrival: int
    id: UUID | None
    kind: str | None
    content: bytes | None
    hash: bytes | None
    recorded_at: datetime | None
    pending: bool
    subjects: tuple[UUID, ...]
    salt: bytes | None
    body: object


async def sequenced_page(session: ReadSession, first: int, limit: int) -> list[LeafRow]:
    """Leaves that have a place, from index `first` on."""
    return [_row(row) for row in await (await session.driver()).fetch(_SEQUENCED, first, limit)]


async def unsequenced_page(session: ReadSession, after: int, limit: int) -> list[LeafRow]:
    """Leaves that have none, that arrived after `after`."""
    return [_row(row) for row in await (await session.driver()).fetch(_UNSEQUENCED, after, limit)]


async def pending_without_leaf(session: ReadSession, limit: int) -> list[int]:
    """Arrivals that wait for a place although no leaf arrived."""
    return [row["arrival"] for row in await (await session.driver()).fetch(_ORPHANS, limit)]


async def nodes_of(session: ReadSession, rows: Iterable[Row]) -> dict[Coordinate, bytes]:
    """The stored nodes that stand where these computed ones stand."""
    rows = list(rows)
    found = await (await session.driver()).fetch(
        _NODES,
        [row.level for row in rows],
        [row.start for row in rows],
        [row.start + len(row.hashes) for row in rows],
    )
    return {Coordinate(row["level"], row["position"]): row["hash"] for row in found}


async def leaf_nodes(session: ReadSession, first: int, last: int) -> dict[int, bytes]:
    """The leaf hashes that the tree was built over, by index."""
    rows = await (await session.driver()).fetch(
        "select position, hash from log_nodes where level = 0 and position between $1 and $2", first, last
    )
    return {row["position"]: row["hash"] for row in rows}


async def node_beyond(session: ReadSession, size: int) -> Coordinate | None:
    """A stored node that no tree of this size can have."""
    row = await (await session.driver()).fetchrow(_BEYOND, size)
    return None if row is None else Coordinate(row["level"], row["position"])


async def checkpoints_between(session: ReadSession, after: int, up_to: int) -> list[StoredCheckpoint]:
    """Checkpoints with after < size <= up_to."""
    return [StoredCheckpoint(**row) for row in await (await session.driver()).fetch(_CHECKPOINTS, after, up_to)]


def _row(row: "asyncpg.Record") -> LeafRow:
    return LeafRow(
        log_index=row["log_index"],
        arrival=row["arrival"],
        id=row["id"],
        kind=row["kind"],
        content=row["bytes"],
        hash=row["hash"],
        recorded_at=row["recorded_at"],
        pending=row["pending"],
        subjects=tuple(row["subjects"]),
        salt=row["salt"],
        body=None if row["body"] is None else json.loads(row["body"]),
    )
