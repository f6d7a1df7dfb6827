"""What can be asked of the log: leaves of a subject, checkpoints, and proofs made from the stored nodes.

Every proof is verified before it is given: a log that has been tampered with says so instead of handing out a
proof that fails in somebody's hands.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from wastetrack.db.session import ReadSession
from wastetrack.transparency import proofs
from wastetrack.transparency.checkpoint import Checkpoint
from wastetrack.transparency.errors import LeafUnknown, LogInconsistent, NotYetSequenced, ProofRefused, SizeUnknown
from wastetrack.transparency.hashing import leaf_hash
from wastetrack.transparency.leaf import Leaf, personal_bytes, read, write_instant
from wastetrack.transparency.note import write_base64
from wastetrack.transparency.tree import Coordinate, Frontier, frontier_coordinates

if TYPE_CHECKING:
    import asyncpg

_LEAF = """
select leaf.arrival, log_index, leaf.bytes, leaf.hash
  from log_leaves leaf left join log_sequence sequence on sequence.arrival = leaf.arrival
"""
_NODES = """
select node.level, node.position, node.hash
  from unnest($1::smallint[], $2::bigint[]) as wanted (level, position)
  join log_nodes node on node.level = wanted.level and node.position = wanted.position
"""
_CHECKPOINT = "select size, root, note, published_at from log_checkpoints"


@dataclass(frozen=True, slots=True)
class StoredLeaf:
    """An event as it lies in the log. `log_index` is None until the sequencer has placed it."""

    arrival: int
    log_index: int | None
    leaf: Leaf
    content: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A published checkpoint."""

    size: int
    root: bytes
    note: str
    published_at: datetime

    @property
    def origin(self) -> str:
        """The log that it speaks for."""
        return Checkpoint.parse(self.note.rpartition("\n\n")[0] + "\n").origin

    def as_json(self) -> dict[str, object]:
        """The JSON object of schema checkpoint.v1; only its note is signed."""
        return {
            "v": 1,
            "origin": self.origin,
            "size": self.size,
            "root": write_base64(self.root),
            "note": self.note,
            "published_at": write_instant(self.published_at),
        }


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Proof that an event stands at `log_index` of the tree of this size and root."""

    event_id: UUID
    log_index: int
    leaf_hash: bytes
    size: int
    root: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Consistency:
    """Proof that the tree of size1 is the beginning of the tree of size2."""

    size1: int
    root1: bytes
    size2: int
    root2: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """The personal part of an event as canonical bytes, with the salt of its digest."""

    salt: bytes
    body: bytes


async def latest_checkpoint(session: ReadSession) -> StoredCheckpoint | None:
    """The newest published checkpoint; None while the log is empty."""
    row = await (await session.driver()).fetchrow(f"{_CHECKPOINT} order by size desc limit 1")
    return None if row is None else StoredCheckpoint(**row)


async def checkpoint_at(session: ReadSession, size: int) -> StoredCheckpoint:
    """The checkpoint of exactly this size. Raises SizeUnknown."""
    row = await (await session.driver()).fetchrow(f"{_CHECKPOINT} where size = $1", size)
    if row is None:
        raise SizeUnknown("log.size_unknown", "No checkpoint of size {size} was published.", size=size)
    return StoredCheckpoint(**row)


async def leaves_of(session: ReadSession, subject_id: UUID) -> list[StoredLeaf]:
    """Everything the log holds about a subject, in the order of arrival."""
    statement = f"""{_LEAF} join log_subjects subject on subject.arrival = leaf.arrival
        where subject.subject_id = $1 order by leaf.arrival"""
    return [_stored(row) for row in await (await session.driver()).fetch(statement, subject_id)]


async def leaves(session: ReadSession, event_ids: Iterable[UUID]) -> list[StoredLeaf]:
    """These events, in the order of arrival. Raises LeafUnknown if one is not there."""
    wanted = set(event_ids)
    rows = await (await session.driver()).fetch(f"{_LEAF} where leaf.id = any($1) order by leaf.arrival", list(wanted))
    found = [_stored(row) for row in rows]
    missing = wanted - {stored.leaf.id for stored in found}
    if missing:
        raise LeafUnknown("log.event_unknown", "The log holds no event {event_id}.", event_id=str(min(missing)))
    return found


async def openings(session: ReadSession, event_ids: Iterable[UUID]) -> dict[UUID, Opening]:
    """The personal parts of these events that exist and have not been erased."""
    rows = await (await session.driver()).fetch(
        "select leaf_id, salt, body::text as body from log_personal where leaf_id = any($1)", list(event_ids)
    )
    return {row["leaf_id"]: Opening(row["salt"], personal_bytes(json.loads(row["body"]))) for row in rows}


async def inclusion(session: ReadSession, event_id: UUID, size: int | None = None) -> Inclusion:
    """Proof for one event at a size, or at the newest checkpoint. Raises LeafUnknown, NotYetSequenced, SizeUnknown."""
    (found,) = await inclusions(session, (event_id,), size)
    return found


async def inclusions(session: ReadSession, event_ids: Iterable[UUID], size: int | None = None) -> list[Inclusion]:
    """The same for many events, in the order of arrival, with three statements however many there are."""
    at_size = await _published_size(session, size)
    stored = await leaves(session, event_ids)
    placed = [(leaf, _place(leaf, at_size)) for leaf in stored]
    needs = [proofs.inclusion_needs(index, at_size) for _, index in placed]
    frontier = frontier_coordinates(at_size)
    nodes = await fetch_nodes(session, [*frontier, *_flat(needs)])
    root = _root(at_size, frontier, nodes)
    given = [
        Inclusion(leaf.leaf.id, index, leaf.hash, at_size, root, proofs.make(need, lambda place: _hash(nodes, place)))
        for (leaf, index), need in zip(placed, needs, strict=True)
    ]
    for one, leaf in zip(given, stored, strict=True):
        try:
            proofs.verify_inclusion(
                leaf_hash=leaf_hash(leaf.content), index=one.log_index, size=at_size, proof=one.proof, root=root
            )
        except ProofRefused as error:
            raise LogInconsistent("log.leaf_not_in_tree", error.message, **error.facts) from error
    return given


async def consistency(session: ReadSession, size1: int, size2: int) -> Consistency:
    """Proof that the tree of size1 begins the tree of size2. Raises SizeUnknown, and ProofRefused for size1 = 0."""
    needs = proofs.consistency_needs(size1, await _published_size(session, size2))
    old, new = frontier_coordinates(size1), frontier_coordinates(size2)
    nodes = await fetch_nodes(session, [*old, *new, *_flat([needs])])
    given = Consistency(
        size1=size1,
        root1=_root(size1, old, nodes),
        size2=size2,
        root2=_root(size2, new, nodes),
        proof=proofs.make(needs, lambda place: _hash(nodes, place)),
    )
    try:
        proofs.verify_consistency(size1=size1, root1=given.root1, size2=size2, root2=given.root2, proof=given.proof)
    except ProofRefused as error:
        raise LogInconsistent("log.trees_disagree", error.message, **error.facts) from error
    return given


async def fetch_nodes(session: ReadSession, places: Iterable[Coordinate]) -> dict[Coordinate, bytes]:
    """The stored hashes of these nodes; those that are not there are left out."""
    wanted = list(set(places))
    rows = await (await session.driver()).fetch(
        _NODES, [place.level for place in wanted], [place.position for place in wanted]
    )
    return {Coordinate(row["level"], row["position"]): row["hash"] for row in rows}


async def frontier(session: ReadSession, size: int) -> Frontier:
    """The tree of this size from its stored nodes. Raises LogInconsistent if one is missing."""
    places = frontier_coordinates(size)
    nodes = await fetch_nodes(session, places)
    return Frontier(size, tuple(_hash(nodes, place) for place in places))


async def sequenced_size(session: ReadSession) -> int:
    """How many leaves have a place: one more than the highest index."""
    size: int = await (await session.driver()).fetchval("select coalesce(max(log_index) + 1, 0) from log_sequence")
    return size


async def any_pending(session: ReadSession) -> bool:
    """Whether a committed leaf waits for its place."""
    waiting: bool = await (await session.driver()).fetchval("select exists (select from log_pending)")
    return waiting


async def pending(session: ReadSession, limit: int) -> list[tuple[int, bytes]]:
    """Arrival and leaf hash of the leaves that wait, the earliest first."""
    # The sequencer looks for nobody and sees no leaf; the function gives it these two columns of those that wait.
    rows = await (await session.driver()).fetch("select arrival, hash from log_waiting($1)", limit)
    return [(row["arrival"], row["hash"]) for row in rows]


async def _published_size(session: ReadSession, size: int | None) -> int:
    newest = await latest_checkpoint(session)
    if newest is None:
        raise NotYetSequenced("log.empty", "The log has not published a checkpoint yet.")
    if size is None:
        return newest.size
    if not 0 < size <= newest.size:
        raise SizeUnknown(
            "log.size_unknown", "The newest tree has {newest} leaves, not {size}.", newest=newest.size, size=size
        )
    return size


def _place(stored: StoredLeaf, size: int) -> int:
    if stored.log_index is None or stored.log_index >= size:
        raise NotYetSequenced(
            "log.not_yet_sequenced",
            "Event {event_id} is recorded but not yet in the tree of {size} leaves.",
            event_id=str(stored.leaf.id),
            size=size,
        )
    return stored.log_index


def _stored(row: "asyncpg.Record") -> StoredLeaf:
    return StoredLeaf(row["arrival"], row["log_index"], read(row["bytes"]), row["bytes"], row["hash"])


def _root(size: int, places: Sequence[Coordinate], nodes: dict[Coordinate, bytes]) -> bytes:
    return Frontier(size, tuple(_hash(nodes, place) for place in places)).root()


def _hash(nodes: dict[Coordinate, bytes], place: Coordinate) -> bytes:
    try:
        return nodes[place]
    except KeyError:
        raise LogInconsistent(
            "log.node_missing",
            "The stored tree lacks the node at level {level}, position {position}.",
            level=place.level,
            position=place.position,
        ) from None


def _flat(several: Iterable[proofs.Needs]) -> Iterable[Coordinate]:
    return (place for needs in several for group in needs for place in group)
