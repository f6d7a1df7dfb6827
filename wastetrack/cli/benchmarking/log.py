"""(e) Leaves appended to the tree and verified again per second, against bare SHA-256 over the same bytes."""

import os
import time
from hashlib import sha256

from wastetrack.cli.benchmarking.rows import Row, rate
from wastetrack.transparency.tree import Frontier, rebuild

_LEAF_BYTES = 256


def measure(*, scale: float) -> list[Row]:
    """Append all leaves to an empty tree; then rebuild the tree from its leaves, as an auditor does."""
    count = max(int(200_000 * scale), 20_000)
    block = os.urandom(_LEAF_BYTES * count)
    leaves = [block[place : place + _LEAF_BYTES] for place in range(0, len(block), _LEAF_BYTES)]
    begin = time.perf_counter()
    for leaf in leaves:
        sha256(leaf).digest()
    bare = count / (time.perf_counter() - begin)
    begin = time.perf_counter()
    appended = rebuild(leaves)
    appending = count / (time.perf_counter() - begin)
    begin = time.perf_counter()
    again: Frontier = rebuild(leaves)
    assert again.root() == appended.root()  # noqa: S101  else the figure means nothing
    verifying = count / (time.perf_counter() - begin)
    return [
        rate("leaves_appended", appending, bare, "leaves/s", at_least=0.3),
        rate("leaves_verified", verifying, bare, "leaves/s", at_least=0.3),
        # Both in one figure: each leaf is then hashed twice and the yardstick once.
        rate("leaves_appended_and_verified", 1 / (1 / appending + 1 / verifying), bare, "leaves/s", at_least=0.3),
    ]
