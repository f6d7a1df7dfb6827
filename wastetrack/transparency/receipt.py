"""The log's signed promise, given at once, that an event is recorded and will stand in the published tree.

Made in the same transaction as the event, before a checkpoint can cover it. Whoever holds a receipt and finds no
inclusion proof for its leaf hash a minute later can show that the log has broken its word.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from wastetrack.transparency.errors import LeafRefused, NoteRefused
from wastetrack.transparency.hashing import HASH_BYTES
from wastetrack.transparency.leaf import read_instant, read_uuid, write_instant
from wastetrack.transparency.note import Signer, Verifier, read_base64, write_base64

VERSION = 1
# The first line of the signed text. It holds spaces, which no origin may, so that a receipt is never a checkpoint.
_TITLE = "wastetrack receipt v1"
_FIELDS = frozenset({"v", "origin", "event_id", "leaf_hash", "recorded_at", "signature"})
_HEX_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KEY_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was promised, and the signature (key id and 64 bytes). The same event always gets the same receipt."""

    origin: str
    event_id: UUID
    leaf_hash: bytes
    recorded_at: datetime
    signature: bytes

    def text(self) -> str:
        """The lines that are signed."""
        return _text(self.origin, self.event_id, self.leaf_hash, self.recorded_at)

    def as_json(self) -> dict[str, object]:
        """The JSON object that answers carry."""
        return {
            "v": VERSION,
            "origin": self.origin,
            "event_id": str(self.event_id),
            "leaf_hash": self.leaf_hash.hex(),
            "recorded_at": write_instant(self.recorded_at),
            "signature": write_base64(self.signature),
        }


def give(*, event_id: UUID, leaf_hash: bytes, recorded_at: datetime, signer: Signer) -> Receipt:
    """Promise that the leaf is recorded."""
    if len(leaf_hash) != HASH_BYTES:
        _refuse("receipt.leaf_hash", "A leaf hash is 32 bytes long.")
    signature = signer.signature(_text(signer.name, event_id, leaf_hash, recorded_at))
    return Receipt(signer.name, event_id, leaf_hash, recorded_at, signer.verifier.key_id + signature)


def read(tree: object) -> Receipt:
    """The receipt in a JSON object, not yet verified."""
    if not isinstance(tree, dict) or tree.keys() != _FIELDS:
        _refuse("receipt.shape", "A receipt has the fields {fields}.", fields=sorted(_FIELDS))
    if type(tree["v"]) is not int or tree["v"] != VERSION:
        _refuse("receipt.version", "Receipts of version {value} are not known here.", value=repr(tree["v"]))
    origin, leaf_hash, signature = tree["origin"], tree["leaf_hash"], tree["signature"]
    if not isinstance(origin, str) or not isinstance(signature, str):
        _refuse("receipt.shape", "Origin and signature of a receipt are text.")
    if not isinstance(leaf_hash, str) or not _HEX_HASH.fullmatch(leaf_hash):
        _refuse("receipt.leaf_hash", "A leaf hash is 64 hexadecimal digits.")
    try:
        event_id, recorded_at = read_uuid(tree["event_id"]), read_instant(tree["recorded_at"])
    except LeafRefused as error:
        raise NoteRefused("receipt.shape", error.message, **error.facts) from error
    return Receipt(origin, event_id, bytes.fromhex(leaf_hash), recorded_at, read_base64(signature))


def verify(receipt: Receipt, verifier: Verifier) -> None:
    """Raise NoteRefused unless this key made this promise."""
    if receipt.origin != verifier.name or receipt.signature[:_KEY_ID_BYTES] != verifier.key_id:
        _refuse("receipt.not_signed", "The receipt is not by {name} with this key.", name=verifier.name)
    if not verifier.verify(receipt.text(), receipt.signature[_KEY_ID_BYTES:]):
        _refuse(
            "receipt.signature_wrong",
            "The signature of {name} does not belong to this receipt.",
            name=verifier.name,
            text=receipt.text(),
            signature=receipt.signature.hex(),
        )


def _text(origin: str, event_id: UUID, leaf_hash: bytes, recorded_at: datetime) -> str:
    return f"{_TITLE}\n{origin}\n{event_id}\n{leaf_hash.hex()}\n{write_instant(recorded_at)}\n"


def _refuse(code: str, message: str, **facts: object) -> NoReturn:
    raise NoteRefused(code, message, **facts)
