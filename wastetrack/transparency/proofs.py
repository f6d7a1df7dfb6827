"""Proofs that a leaf is in a tree, and that one tree continues another (RFC 9162 §2.1.3 and §2.1.4).

To make one: ask which nodes it needs, fetch them from wherever they are stored, put them together. Each hash of a
proof is the root of a subtree; where that subtree is not perfect it is folded from several complete nodes.
To verify one, nothing is needed but the claim and the proof.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from wastetrack.transparency.errors import ProofRefused
from wastetrack.transparency.hashing import HASH_BYTES, node_hash
from wastetrack.transparency.tree import Coordinate, cover, fold

Needs = tuple[tuple[Coordinate, ...], ...]


@dataclass(frozen=True, slots=True)
class _Subtree:
    """Leaves [begin, end) of a tree of which [begin, end) is a node in the sense of RFC 6962."""

    begin: int
    end: int

    def split(self) -> int:
        """Where its right child begins: the largest power of two smaller than its width."""
        return self.begin + (1 << (self.end - self.begin - 1).bit_length() - 1)


def inclusion_needs(index: int, size: int) -> Needs:
    """The complete nodes that make each hash of the inclusion proof of leaf `index`, lowest hash first."""
    if not 0 <= index < size:
        raise ProofRefused(
            "proof.index_outside_tree", "A tree of {size} leaves has no leaf {index}.", index=index, size=size
        )
    node, siblings = _Subtree(0, size), []
    while node.end - node.begin > 1:
        middle = node.split()
        if index < middle:
            siblings.append(_Subtree(middle, node.end))
            node = _Subtree(node.begin, middle)
        else:
            siblings.append(_Subtree(node.begin, middle))
            node = _Subtree(middle, node.end)
    return _coordinates(reversed(siblings))


def consistency_needs(size1: int, size2: int) -> Needs:
    """The complete nodes that make each hash of the proof that the tree of size1 begins the tree of size2."""
    _check_sizes(size1, size2)
    node, siblings = _Subtree(0, size2), []
    while node.end != size1:
        middle = node.split()
        if size1 <= middle:
            siblings.append(_Subtree(middle, node.end))
            node = _Subtree(node.begin, middle)
        else:
            siblings.append(_Subtree(node.begin, middle))
            node = _Subtree(middle, node.end)
    if node.begin:
        # Unless the old tree is itself a node of the new one, its last subtree is told as well.
        siblings.append(node)
    return _coordinates(reversed(siblings))


def make(needs: Needs, node: Callable[[Coordinate], bytes]) -> tuple[bytes, ...]:
    """The proof itself, from the hashes of the needed nodes."""
    return tuple(fold([node(coordinate) for coordinate in several]) for several in needs)


def root_from_inclusion(*, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that a tree of `size` leaves must have if this proof is right (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofRefused(
            "proof.index_outside_tree", "A tree of {size} leaves has no leaf {index}.", index=index, size=size
        )
    _check_hashes((leaf_hash, *proof))
    here, last, value = index, size - 1, leaf_hash
    for used, sibling in enumerate(proof):
        if last == 0:
            raise _length_refused(len(proof), used)
        if here & 1 or here == last:
            value = node_hash(sibling, value)
            while not here & 1 and here:
                here >>= 1
                last >>= 1
        else:
            value = node_hash(value, sibling)
        here >>= 1
        last >>= 1
    if last:
        raise ProofRefused("proof.too_short", "The proof ends after {length} hashes.", length=len(proof))
    return value


def verify_inclusion(*, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ProofRefused unless the leaf stands at `index` of the tree of this size and root."""
    computed = root_from_inclusion(leaf_hash=leaf_hash, index=index, size=size, proof=proof)
    if computed != root:
        raise ProofRefused(
            "proof.root_differs",
            "Leaf {leaf_hash} at index {index} of {size} leads to root {computed}, not to {root}.",
            leaf_hash=leaf_hash.hex(),
            index=index,
            size=size,
            computed=computed.hex(),
            root=root.hex(),
            proof=[value.hex() for value in proof],
        )


def verify_consistency(*, size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]) -> None:
    """Raise ProofRefused unless the tree of size2 begins with the tree of size1 (RFC 9162 §2.1.4.2)."""
    _check_sizes(size1, size2)
    _check_hashes((root1, root2, *proof))
    if size1 == size2:
        computed1 = computed2 = root1
        if proof:
            raise _length_refused(len(proof), 0)
    else:
        computed1, computed2 = _roots_from_consistency(size1, root1, size2, proof)
    if computed1 != root1 or computed2 != root2:
        raise ProofRefused(
            "proof.root_differs",
            "The proof leads from root {computed1} to root {computed2}; claimed were {root1} and {root2}.",
            size1=size1,
            size2=size2,
            computed1=computed1.hex(),
            computed2=computed2.hex(),
            root1=root1.hex(),
            root2=root2.hex(),
            proof=[value.hex() for value in proof],
        )


def _roots_from_consistency(size1: int, root1: bytes, size2: int, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Both roots as the proof has them, for 0 < size1 < size2."""
    # A tree of 2^n leaves is a node of every later tree, so the proof leaves it out: the verifier knows its root.
    path = [root1, *proof] if size1.bit_count() == 1 else list(proof)
    if not path:
        raise ProofRefused("proof.too_short", "The proof ends after {length} hashes.", length=0)
    here, last = size1 - 1, size2 - 1
    while here & 1:
        here >>= 1
        last >>= 1
    older = newer = path[0]
    for used, sibling in enumerate(path[1:]):
        if last == 0:
            raise _length_refused(len(proof), used)
        if here & 1 or here == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while not here & 1 and here:
                here >>= 1
                last >>= 1
        else:
            newer = node_hash(newer, sibling)
        here >>= 1
        last >>= 1
    if last:
        raise ProofRefused("proof.too_short", "The proof ends after {length} hashes.", length=len(proof))
    return older, newer


def _coordinates(subtrees: Iterable[_Subtree]) -> Needs:
    return tuple(tuple(cover(subtree.begin, subtree.end)) for subtree in subtrees)


def _check_sizes(size1: int, size2: int) -> None:
    # Every tree continues the empty one, so such a proof says nothing; a verifier that accepts it accepts any log.
    if not 0 < size1 <= size2:
        raise ProofRefused(
            "proof.sizes", "A tree of {size1} leaves cannot be shown to begin one of {size2}.", size1=size1, size2=size2
        )


def _check_hashes(hashes: Iterable[bytes]) -> None:
    for place, value in enumerate(hashes):
        if len(value) != HASH_BYTES:
            raise ProofRefused(
                "proof.hash_length",
                "Hash {place} is {length} bytes long, not 32.",
                place=place,
                length=len(value),
                value=value.hex(),
            )


def _length_refused(length: int, used: int) -> ProofRefused:
    return ProofRefused(
        "proof.too_long", "The proof has {length} hashes but only {used} have a place.", length=length, used=used
    )
