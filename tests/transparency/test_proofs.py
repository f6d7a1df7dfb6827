"""Proofs: published vectors, agreement with the slow definition, and a zoo of wrong ones named by what is wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transparency import reference
from tests.transparency.published import CONSISTENCY, INCLUSION, LEAVES, ROOTS
from wastetrack.transparency import proofs
from wastetrack.transparency.errors import ProofRefused
from wastetrack.transparency.hashing import EMPTY_ROOT, leaf_hash
from wastetrack.transparency.tree import Coordinate, Frontier

Hashes = tuple[bytes, ...]
SOME_HASH = sha256(b"some hash").digest()


def some_leaves(count: int) -> list[bytes]:
    return [b"leaf %d" % number for number in range(count)]


def node_getter(leaves: Sequence[bytes]) -> dict[Coordinate, bytes]:
    """All complete nodes, as storage would hold them."""
    grown = Frontier().append([leaf_hash(leaf) for leaf in leaves])
    return {Coordinate(node.level, node.position): node.hash for node in grown.nodes()}


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> Hashes:
    return proofs.make(proofs.inclusion_needs(index, len(leaves)), node_getter(leaves).__getitem__)


def consistency_proof(size1: int, leaves: Sequence[bytes]) -> Hashes:
    return proofs.make(proofs.consistency_needs(size1, len(leaves)), node_getter(leaves).__getitem__)


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_of_the_published_leaves_are_the_published_ones(index: int, size: int) -> None:
    proof = inclusion_proof(index, LEAVES[:size])
    assert [value.hex() for value in proof] == INCLUSION[index, size]
    proofs.verify_inclusion(
        leaf_hash=leaf_hash(LEAVES[index]), index=index, size=size, proof=proof, root=bytes.fromhex(ROOTS[size - 1])
    )


@pytest.mark.parametrize(("size1", "size2"), CONSISTENCY)
def test_consistency_proofs_of_the_published_leaves_are_the_published_ones(size1: int, size2: int) -> None:
    proof = consistency_proof(size1, LEAVES[:size2])
    assert [value.hex() for value in proof] == CONSISTENCY[size1, size2]
    root1, root2 = bytes.fromhex(ROOTS[size1 - 1]), bytes.fromhex(ROOTS[size2 - 1])
    proofs.verify_consistency(size1=size1, root1=root1, size2=size2, root2=root2, proof=proof)


@given(st.data())
def test_inclusion_proofs_agree_with_the_slow_definition(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 200))
    index = data.draw(st.integers(0, size - 1))
    leaves = some_leaves(size)
    proof = inclusion_proof(index, leaves)
    assert list(proof) == reference.path(index, leaves)
    root = reference.tree_hash(leaves)
    proofs.verify_inclusion(leaf_hash=leaf_hash(leaves[index]), index=index, size=size, proof=proof, root=root)


@given(st.data())
def test_consistency_proofs_agree_with_the_slow_definition(data: st.DataObject) -> None:
    size2 = data.draw(st.integers(1, 200))
    size1 = data.draw(st.integers(1, size2))
    leaves = some_leaves(size2)
    proof = consistency_proof(size1, leaves)
    assert list(proof) == reference.proof(size1, leaves)
    root1, root2 = reference.tree_hash(leaves[:size1]), reference.tree_hash(leaves)
    proofs.verify_consistency(size1=size1, root1=root1, size2=size2, root2=root2, proof=proof)


def test_all_proofs_of_all_trees_up_to_forty_leaves_hold() -> None:
    leaves = some_leaves(40)
    roots = [reference.tree_hash(leaves[:size]) for size in range(41)]
    for size in range(1, 41):
        for index in range(size):
            proof = inclusion_proof(index, leaves[:size])
            assert (
                proofs.root_from_inclusion(leaf_hash=leaf_hash(leaves[index]), index=index, size=size, proof=proof)
                == roots[size]
            )
        for older in range(1, size + 1):
            proof = consistency_proof(older, leaves[:size])
            proofs.verify_consistency(size1=older, root1=roots[older], size2=size, root2=roots[size], proof=proof)


@dataclass(frozen=True)
class InclusionClaim:
    leaf_hash: bytes
    index: int
    size: int
    proof: Hashes
    root: bytes

    def verify(self) -> None:
        proofs.verify_inclusion(
            leaf_hash=self.leaf_hash, index=self.index, size=self.size, proof=self.proof, root=self.root
        )


@dataclass(frozen=True)
class ConsistencyClaim:
    size1: int
    root1: bytes
    size2: int
    root2: bytes
    proof: Hashes

    def verify(self) -> None:
        proofs.verify_consistency(
            size1=self.size1, root1=self.root1, size2=self.size2, root2=self.root2, proof=self.proof
        )


def flipped(proof: Hashes) -> Iterator[tuple[str, Hashes]]:
    for place, value in enumerate(proof):
        for bit in (0, 100, 255):
            wrong = (int.from_bytes(value, "big") ^ 1 << bit).to_bytes(32, "big")
            yield f"flipped bit {bit} of hash {place}", (*proof[:place], wrong, *proof[place + 1 :])


def misshapen(proof: Hashes, roots: Sequence[bytes]) -> Iterator[tuple[str, Hashes]]:
    """Proofs with something too much, too little or in the wrong order."""
    yield from flipped(proof)
    yield "empty hash appended", (*proof, b"")
    yield "garbage before", (b"\x00" * 7, *proof)
    yield "long hash appended", (*proof, bytes(33))
    for name, root in zip(("root", "other root"), roots, strict=False):
        yield f"{name} appended", (*proof, root)
        yield f"{name} before", (root, *proof)
    yield "some hash appended", (*proof, SOME_HASH)
    yield "some hash before", (SOME_HASH, *proof)
    for place in range(len(proof)):
        yield f"removed hash {place}", (*proof[:place], *proof[place + 1 :])
        yield f"repeated hash {place}", (*proof[: place + 1], *proof[place:])
        yield f"inserted after {place}", (*proof[: place + 1], SOME_HASH, *proof[place + 1 :])
        yield f"truncated hash {place}", (*proof[:place], proof[place][:31], *proof[place + 1 :])
    if proof:
        yield "empty proof", ()
    if len(proof) > 1:
        yield "reversed order", tuple(reversed(proof))
        yield "first two swapped", (proof[1], proof[0], *proof[2:])


def wrong_inclusions(right: InclusionClaim, leaves: Sequence[bytes]) -> Iterator[tuple[str, InclusionClaim]]:
    for name, proof in misshapen(right.proof, (right.root,)):
        yield name, replace(right, proof=proof)
    for name, index in (
        ("index one less", right.index - 1),
        ("index one more", right.index + 1),
        ("index shifted by two", right.index ^ 2),
        ("index doubled and one", right.index * 2 + 1),
        ("index at the end", right.size),
    ):
        yield name, replace(right, index=index)
    yield "size doubled", replace(right, size=right.size * 2)
    yield "size halved", replace(right, size=right.size // 2)
    yield "size nothing", replace(right, size=0)
    yield "size negative", replace(right, size=-right.size)
    yield "another leaf", replace(right, leaf_hash=leaf_hash(b"another leaf"))
    yield "leaf hash is the root", replace(right, leaf_hash=right.root, index=right.index + right.size)
    yield "leaf bytes instead of hash", replace(right, leaf_hash=leaves[right.index])
    yield "empty leaf hash", replace(right, leaf_hash=b"")
    yield "root of the empty tree", replace(right, root=EMPTY_ROOT)
    yield "some root", replace(right, root=SOME_HASH)
    yield "no root", replace(right, root=b"")
    yield "root of the tree one smaller", replace(right, root=reference.tree_hash(leaves[:-1]))
    yield "root of the tree one greater", replace(right, root=reference.tree_hash([*leaves, b"more"]))
    if len(leaves) > 1:
        other = (right.index + 1) % right.size
        yield "right proof of another leaf", replace(right, proof=tuple(reference.path(other, leaves)))
        yield (
            "right leaf, index and proof of another",
            replace(right, index=other, proof=tuple(reference.path(other, leaves))),
        )
        # The sides swapped: as a verifier would compute that put siblings on the wrong side.
        yield "sides swapped", replace(right, root=swapped_root(right))


def swapped_root(right: InclusionClaim) -> bytes:
    value = right.leaf_hash
    here, last = right.index, right.size - 1
    for sibling in right.proof:
        left = here & 1 or here == last
        value = sha256(b"\x01" + (value + sibling if left else sibling + value)).digest()
        if left:
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        here, last = here >> 1, last >> 1
    return value


def wrong_consistencies(right: ConsistencyClaim, leaves: Sequence[bytes]) -> Iterator[tuple[str, ConsistencyClaim]]:
    for name, proof in misshapen(right.proof, (right.root1, right.root2)):
        yield name, replace(right, proof=proof)
    for name, size1 in (
        ("older size one less", right.size1 - 1),
        ("older size one more", right.size1 + 1),
        ("older size shifted by two", right.size1 ^ 2),
        ("older size nothing", 0),
        ("older size negative", -1),
    ):
        yield name, replace(right, size1=size1)
    yield "newer size doubled", replace(right, size2=right.size2 * 2)
    yield "newer size halved", replace(right, size2=right.size2 // 2)
    yield "sizes swapped", replace(right, size1=right.size2, size2=right.size1)
    yield "roots swapped", replace(right, root1=right.root2, root2=right.root1)
    yield "both swapped", replace(right, size1=right.size2, size2=right.size1, root1=right.root2, root2=right.root1)
    yield "older root wrong", replace(right, root1=SOME_HASH)
    yield "newer root wrong", replace(right, root2=SOME_HASH)
    yield "older root of no length", replace(right, root1=b"")
    yield "newer root too long", replace(right, root2=right.root2 + b"\x00")
    yield "older root of another size", replace(right, root1=reference.tree_hash(leaves[: right.size1 - 1]))
    yield "newer root of another size", replace(right, root2=reference.tree_hash([*leaves, b"more"]))
    rewritten = [b"rewritten", *leaves[1:]]
    yield (
        "history rewritten",
        replace(right, root2=reference.tree_hash(rewritten), proof=tuple(reference.proof(right.size1, rewritten))),
    )
    yield "an inclusion proof", replace(right, proof=(*reference.path(right.size1, leaves), SOME_HASH))


def harmless(wrong: object, right: object) -> bool:
    """A mutation may give the right claim back, e.g. swapping what is alike."""
    return wrong == right


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (1, 2), (2, 3), (1, 5), (4, 5), (5, 8), (7, 11), (40, 53)])
def test_no_wrong_inclusion_proof_is_believed(index: int, size: int) -> None:
    leaves = some_leaves(size)
    right = InclusionClaim(
        leaf_hash(leaves[index]), index, size, tuple(reference.path(index, leaves)), reference.tree_hash(leaves)
    )
    right.verify()
    believed = []
    for name, wrong in wrong_inclusions(right, leaves):
        if harmless(wrong, right):
            continue
        try:
            wrong.verify()
        except ProofRefused:
            continue
        believed.append(name)
    assert believed == []


@pytest.mark.parametrize(
    ("size1", "size2"), [(1, 2), (1, 3), (2, 3), (2, 5), (4, 5), (6, 8), (7, 11), (8, 16), (40, 53)]
)
def test_no_wrong_consistency_proof_is_believed(size1: int, size2: int) -> None:
    leaves = some_leaves(size2)
    right = ConsistencyClaim(
        size1,
        reference.tree_hash(leaves[:size1]),
        size2,
        reference.tree_hash(leaves),
        tuple(reference.proof(size1, leaves)),
    )
    right.verify()
    believed = []
    for name, wrong in wrong_consistencies(right, leaves):
        if harmless(wrong, right):
            continue
        try:
            wrong.verify()
        except ProofRefused:
            continue
        believed.append(name)
    assert believed == []


def test_equal_trees_need_no_proof_and_bear_none() -> None:
    root = reference.tree_hash(some_leaves(5))
    proofs.verify_consistency(size1=5, root1=root, size2=5, root2=root, proof=())
    with pytest.raises(ProofRefused, match="1 hashes but only 0"):
        proofs.verify_consistency(size1=5, root1=root, size2=5, root2=root, proof=(SOME_HASH,))
    with pytest.raises(ProofRefused, match="claimed were"):
        proofs.verify_consistency(size1=5, root1=root, size2=5, root2=SOME_HASH, proof=())


def test_consistency_with_the_empty_tree_is_refused_because_it_says_nothing() -> None:
    with pytest.raises(ProofRefused, match="cannot be shown"):
        proofs.consistency_needs(0, 5)
    with pytest.raises(ProofRefused, match="cannot be shown"):
        proofs.verify_consistency(size1=0, root1=EMPTY_ROOT, size2=5, root2=SOME_HASH, proof=())


def test_a_refused_proof_carries_the_evidence() -> None:
    leaves = some_leaves(5)
    proof = tuple(reference.path(2, leaves))
    with pytest.raises(ProofRefused) as refused:
        proofs.verify_inclusion(leaf_hash=leaf_hash(leaves[2]), index=2, size=5, proof=proof, root=SOME_HASH)
    facts = refused.value.facts
    assert refused.value.code == "proof.root_differs"
    assert facts["computed"] == reference.tree_hash(leaves).hex()
    assert facts["root"] == SOME_HASH.hex()
    assert facts["proof"] == [value.hex() for value in proof]
    assert "leads to root" in str(refused.value)


def test_proofs_need_only_complete_nodes_and_few_of_them() -> None:
    size = 2**40 + 12345
    for needs in (proofs.inclusion_needs(2**39 + 7, size), proofs.consistency_needs(2**40 - 3, size)):
        assert len(needs) <= 42
        for place in (place for group in needs for place in group):
            assert (place.position + 1) << place.level <= size


def test_needs_of_a_leaf_outside_the_tree_are_refused() -> None:
    with pytest.raises(ProofRefused, match="no leaf 5"):
        proofs.inclusion_needs(5, 5)
