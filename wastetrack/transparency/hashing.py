"""The hashes of the tree, as RFC 6962 §2.1 and RFC 9162 §2.1.1 define them, over SHA-256.

Leaves and inner nodes are hashed with different first bytes, so that no leaf can be passed off as a node.
"""

from collections.abc import Iterable
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

_LEAF = b"\x00"
_NODE = b"\x01"
# A copy of a started hash costs less than a new one: OpenSSL looks the algorithm up each time it starts.
_started_node = sha256(_NODE).copy


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf's bytes."""
    return sha256(_LEAF + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two neighbours."""
    return sha256(_NODE + left + right).digest()


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    """The hashes of many leaves, in their order."""
    return [sha256(_LEAF + leaf).digest() for leaf in leaves]


def node_hashes(row: Iterable[bytes]) -> list[bytes]:
    """The row above: one hash for each two neighbours; a last one without a neighbour is left out."""
    hashes = iter(row)
    above = []
    for left, right in zip(hashes, hashes, strict=False):
        node = _started_node()
        node.update(left + right)
        above.append(node.digest())
    return above
