"""The growing tree: published vectors, and agreement with the slow definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transparency import reference
from tests.transparency.published import LEAVES, NODES, ROOTS
from wastetrack.transparency.errors import LogInconsistent
from wastetrack.transparency.hashing import EMPTY_ROOT, leaf_hash, leaf_hashes, node_hash
from wastetrack.transparency.tree import Coordinate, Frontier, Node, cover, frontier_coordinates, grow, rebuild

sizes = st.integers(0, 300)


def some_leaves(count: int) -> list[bytes]:
    return [b"leaf %d" % number for number in range(count)]


def test_the_empty_tree_has_the_published_root() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Frontier().root() == EMPTY_ROOT == reference.tree_hash([])


@pytest.mark.parametrize("size", range(1, 9))
def test_trees_of_the_published_leaves_have_the_published_roots(size: int) -> None:
    assert rebuild(LEAVES[:size]).root().hex() == ROOTS[size - 1]


def test_the_published_leaves_bear_the_published_nodes() -> None:
    born = [node for grown in grow(LEAVES) for node in grown.nodes()]
    assert born == [
        Node(level, position, bytes.fromhex(text))
        for level, row in enumerate(NODES)
        for position, text in enumerate(row)
    ]


@given(sizes)
def test_roots_agree_with_the_slow_definition(size: int) -> None:
    assert rebuild(some_leaves(size)).root() == reference.tree_hash(some_leaves(size))


@given(st.lists(st.integers(0, 40), max_size=12))
def test_the_tree_does_not_depend_on_how_the_leaves_are_cut_into_batches(batches: list[int]) -> None:
    leaves = iter(some_leaves(sum(batches)))
    frontier, born = Frontier(), []
    for count in batches:
        grown = frontier.append(leaf_hashes(next(leaves) for _ in range(count)))
        frontier = grown.frontier
        born += list(grown.nodes())
    at_once = Frontier().append(leaf_hashes(some_leaves(sum(batches))))
    assert frontier == at_once.frontier
    assert sorted(born) == sorted(at_once.nodes())
    assert len({(node.level, node.position) for node in born}) == len(born), "a node is born once"


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_growing_in_batches_of_the_cache_is_the_same_as_growing_at_once(first: int, second: int) -> None:
    leaves = some_leaves(first + second)
    begun = rebuild(leaves[:first])
    grown = list(grow(leaves[first:], begun))
    assert (grown[-1].frontier if grown else begun) == rebuild(leaves)


@given(sizes)
def test_every_born_node_is_the_hash_of_its_children(size: int) -> None:
    born = {
        (node.level, node.position): node.hash for node in Frontier().append(leaf_hashes(some_leaves(size))).nodes()
    }
    assert len(born) == sum(size >> level for level in range(size.bit_length()))
    for (level, position), value in born.items():
        if level:
            assert value == node_hash(born[level - 1, 2 * position], born[level - 1, 2 * position + 1])
        else:
            assert value == leaf_hash(some_leaves(size)[position])


def test_a_tree_of_thirteen_stands_on_eight_four_and_one() -> None:
    assert frontier_coordinates(13) == [Coordinate(3, 0), Coordinate(2, 2), Coordinate(0, 12)]
    assert cover(8, 13) == [Coordinate(2, 2), Coordinate(0, 12)]


def test_a_frontier_of_the_wrong_number_of_hashes_is_refused() -> None:
    with pytest.raises(LogInconsistent, match="3 leaves has 2 frontier nodes, not 1"):
        Frontier(3, (EMPTY_ROOT,))
    with pytest.raises(LogInconsistent):
        Frontier(-1, ())


def test_a_frontier_hash_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(LogInconsistent, match="32 bytes"):
        Frontier(1, (b"short",))
