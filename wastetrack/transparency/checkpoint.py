"""A signed statement of the log's size and root: the C2SP format tlog-checkpoint.

Whoever keeps one can later demand a proof that the log still begins with the tree he saw.
"""

import re
from dataclasses import dataclass
from typing import NoReturn

from wastetrack.transparency.errors import NoteRefused
from wastetrack.transparency.hashing import EMPTY_ROOT, HASH_BYTES
from wastetrack.transparency.note import Signer, Verifier, open_note, read_base64, write_base64
from wastetrack.transparency.note import sign as sign_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tree of `origin` at this size has this root."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if len(self.root) != HASH_BYTES:
            _refuse("checkpoint.root", "A root hash is 32 bytes long.")
        if self.size < 0 or (self.size == 0 and self.root != EMPTY_ROOT):
            _refuse("checkpoint.size", "A tree of {size} leaves cannot have this root.", size=self.size)

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{write_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the three lines. Extension lines are refused: nobody could audit what they say."""
        lines = text.split("\n")
        if len(lines) != _LINES + 1 or lines[-1] or not lines[0]:
            _refuse("checkpoint.shape", "A checkpoint has three lines: origin, size, root.")
        if not _SIZE.fullmatch(lines[1]):
            _refuse("checkpoint.size", "{value} is not a tree size.", value=repr(lines[1]))
        return cls(lines[0], int(lines[1]), read_base64(lines[2]))


def sign(checkpoint: Checkpoint, signer: Signer) -> str:
    """The checkpoint as a signed note. A log signs only for its own name."""
    if checkpoint.origin != signer.name:
        _refuse(
            "checkpoint.origin",
            "The key of {signer} does not sign for {origin}.",
            signer=signer.name,
            origin=checkpoint.origin,
        )
    return sign_note(checkpoint.text(), signer)


def verify(note: str, verifier: Verifier) -> Checkpoint:
    """The checkpoint in a note, after its signature and origin were found right; else NoteRefused."""
    checkpoint = Checkpoint.parse(open_note(note, verifier))
    if checkpoint.origin != verifier.name:
        _refuse(
            "checkpoint.origin",
            "The checkpoint speaks for {origin}, the key for {name}.",
            origin=checkpoint.origin,
            name=verifier.name,
        )
    return checkpoint


def _refuse(code: str, message: str, **facts: object) -> NoReturn:
    raise NoteRefused(code, message, **facts)
