"""Templates that one application of a test process has compiled, for the others of the same process.

A test process runs a score of applications, and each would compile every template that it shows.
"""

from functools import cache

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledTemplates(BytecodeCache):
    """In memory; Jinja compares the source before it takes one."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, if it is known."""
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._compiled[bucket.key] = bucket.bytecode_to_string()


@cache
def compiled_for(time_zone: str) -> CompiledTemplates:  # noqa: ARG001  the key
    """Of the applications in one time zone: a filter over a constant is reckoned while the template is compiled."""
    return CompiledTemplates()
