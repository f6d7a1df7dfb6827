"""A growing Merkle tree of which only the frontier is held: the roots of its perfect subtrees, widest first.

A tree of 13 = 8 + 4 + 1 leaves has a frontier of three hashes. Nodes are addressed by level (0 = leaf hashes) and
position (from the left); the node at (level, position) covers leaves position·2^level up to (position+1)·2^level.
Only complete nodes are ever stored: they never change again, however the tree grows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from wastetrack.transparency.errors import LogInconsistent
from wastetrack.transparency.hashing import EMPTY_ROOT, HASH_BYTES, leaf_hashes, node_hash, node_hashes

# Leaves hashed and integrated together: so few that bytes and hashes stay in the processor's cache.
_BATCH = 1024


class Coordinate(NamedTuple):
    """Where a node stands."""

    level: int
    position: int


class Node(NamedTuple):
    """A complete node."""

    level: int
    position: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """Neighbouring complete nodes of one level, from position `start` on."""

    level: int
    start: int
    hashes: Sequence[bytes]

    def nodes(self) -> Iterator[Node]:
        """The same one by one."""
        for position, value in enumerate(self.hashes, self.start):
            yield Node(self.level, position, value)


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree of `size` leaves. Refuses to be made of the wrong number of hashes."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise LogInconsistent(
                "log.frontier_incomplete",
                "A tree of {size} leaves has {expected} frontier nodes, not {found}.",
                size=self.size,
                expected=self.size.bit_count() if self.size >= 0 else 0,
                found=len(self.hashes),
            )
        if any(len(value) != HASH_BYTES for value in self.hashes):
            raise LogInconsistent("log.frontier_hash_length", "A frontier hash is not 32 bytes long.")

    def root(self) -> bytes:
        """The root hash of the whole tree: the frontier folded from the narrowest subtree to the widest."""
        return fold(self.hashes)

    def append(self, hashes: Sequence[bytes]) -> "Grown":
        """The tree with these leaf hashes added, and the complete nodes that were born, level by level."""
        size = self.size + len(hashes)
        standing = dict(zip((level for level, _ in frontier_coordinates(self.size)), self.hashes, strict=True))
        rows: list[Row] = []
        frontier: list[bytes] = []
        row: Sequence[bytes] = hashes
        level = 0
        while size >> level:
            start = self.size >> level
            if row:
                rows.append(Row(level, start, row))
            if size >> level & 1:
                frontier.append(row[-1] if row else standing[level])
            if row:
                # An odd start means that the left neighbour of the first newcomer stands on the old frontier.
                row = node_hashes([standing[level], *row] if start & 1 else row)
            level += 1
        return Grown(Frontier(size, tuple(reversed(frontier))), tuple(rows))


@dataclass(frozen=True, slots=True)
class Grown:
    """What an append gives: the new tree, and the complete nodes born by it (level 0 first)."""

    frontier: Frontier
    rows: tuple[Row, ...]

    def nodes(self) -> Iterator[Node]:
        """All the nodes born, lowest level first, from left to right."""
        for row in self.rows:
            yield from row.nodes()


def fold(hashes: Sequence[bytes]) -> bytes:
    """One hash of several neighbouring perfect subtrees, given widest first."""
    if not hashes:
        return EMPTY_ROOT
    *wider, value = hashes
    for left in reversed(wider):
        value = node_hash(left, value)
    return value


def cover(begin: int, end: int) -> list[Coordinate]:
    """The complete nodes that together cover leaves [begin, end), widest first.

    `begin` must be a multiple of the widest of them, as it is for every subtree RFC 6962 speaks of.
    """
    nodes = []
    for level in range((end - begin).bit_length() - 1, -1, -1):
        if (end - begin) >> level & 1:
            nodes.append(Coordinate(level, begin >> level))
            begin += 1 << level
    return nodes


def frontier_coordinates(size: int) -> list[Coordinate]:
    """Where the frontier of a tree of `size` leaves stands, widest subtree first."""
    return cover(0, size)


def grow(leaves: Iterable[bytes], frontier: Frontier | None = None) -> Iterator[Grown]:
    """Append leaves given as bytes, in batches; memory stays bounded however many there are."""
    standing = frontier or Frontier()
    stream = iter(leaves)
    while batch := leaf_hashes(islice(stream, _BATCH)):
        grown = standing.append(batch)
        standing = grown.frontier
        yield grown


def rebuild(leaves: Iterable[bytes]) -> Frontier:
    """The tree over these leaves, computed from nothing but their bytes."""
    frontier = Frontier()
    for grown in grow(leaves):
        frontier = grown.frontier
    return frontier
