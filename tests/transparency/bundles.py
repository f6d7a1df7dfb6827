"""An example bundle: the history of a drum among other leaves, as the server would give it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.transparency import reference
from tests.transparency.histories import ORIGIN, SIGNER, event, history
from wastetrack.reports import bundle
from wastetrack.reports.bundle import BundleEvent, Earlier
from wastetrack.transparency import checkpoint, receipt
from wastetrack.transparency.checkpoint import Checkpoint
from wastetrack.transparency.hashing import leaf_hash
from wastetrack.transparency.leaf import Event, leaf_of, personal_bytes, write

KEY = str(SIGNER.verifier)
SALT = bytes(range(32, 64))
# Where the five events of the history stand among others; the reader kept the checkpoint of seven leaves.
PLACES = (0, 3, 4, 9, 10)
OLDER, SIZE = 7, 13


@dataclass(frozen=True)
class Log:
    """The leaves of a small log."""

    leaves: tuple[bytes, ...]

    def note(self, size: int) -> str:
        return checkpoint.sign(Checkpoint(ORIGIN, size, reference.tree_hash(self.leaves[:size])), SIGNER)


def content(one: Event) -> bytes:
    return write(leaf_of(one, salt=SALT if one.personal else None))


def log_of(events: Sequence[Event]) -> Log:
    leaves = [content(event(number)) for number in range(100, 100 + SIZE)]
    for place, one in zip(PLACES, events, strict=False):
        leaves[place] = content(one)
    return Log(tuple(leaves))


def made(events: Sequence[Event] | None = None, **changes: Any) -> dict[str, object]:  # noqa: ANN401  any field
    """The bundle of these events; `changes` replace fields of each BundleEvent."""
    told = history() if events is None else events
    log = log_of(told)
    parts = []
    for place, one in zip(PLACES, told, strict=False):
        leaf = log.leaves[place]
        part = BundleEvent(
            content=leaf,
            log_index=place,
            proof=reference.path(place, log.leaves),
            salt=SALT if one.personal else None,
            personal=personal_bytes(one.personal) if one.personal else None,
            receipt=receipt.give(
                event_id=one.id, leaf_hash=leaf_hash(leaf), recorded_at=one.recorded_at, signer=SIGNER
            ),
        )
        parts.append(replace(part, **changes))
    return bundle.build(
        verifier=SIGNER.verifier,
        note=log.note(SIZE),
        events=parts,
        earlier=Earlier(log.note(OLDER), reference.proof(OLDER, log.leaves)),
    )
