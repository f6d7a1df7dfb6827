"""The only place that makes identifiers: UUID version 7 (RFC 9562 §5.7), so that ids sort by time of making.

PostgreSQL makes them by itself only from version 18 and Python only from 3.14; ours must run on older ones.
"""

import os
import time
from uuid import UUID

_RANDOM_BITS = 74


def new_id() -> UUID:
    """A fresh id: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big") & ((1 << _RANDOM_BITS) - 1)
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
