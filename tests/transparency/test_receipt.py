"""The promise given at once: always the same, verified offline, and a zoo of bad ones."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.transparency.histories import MORNING, ORIGIN, SIGNER, STRANGER, event_id
from wastetrack.transparency import checkpoint, receipt
from wastetrack.transparency.errors import NoteRefused
from wastetrack.transparency.hashing import leaf_hash
from wastetrack.transparency.note import Signer, read_base64, sign, write_base64
from wastetrack.transparency.receipt import Receipt

HASH = leaf_hash(b"leaf")
GIVEN = receipt.give(event_id=event_id(1), leaf_hash=HASH, recorded_at=MORNING, signer=SIGNER)


def changed(**changes: Any) -> dict[str, object]:  # noqa: ANN401  any JSON
    return GIVEN.as_json() | changes


def test_the_same_event_always_gets_the_same_receipt() -> None:
    assert receipt.give(event_id=event_id(1), leaf_hash=HASH, recorded_at=MORNING, signer=SIGNER) == GIVEN


def test_a_receipt_goes_through_json_and_is_verified_offline() -> None:
    back = receipt.read(GIVEN.as_json())
    assert back == GIVEN
    receipt.verify(back, SIGNER.verifier)


BAD_RECEIPTS: dict[str, Receipt] = {
    "another origin": replace(GIVEN, origin="other.example"),
    "another event": replace(GIVEN, event_id=event_id(2)),
    "another leaf": replace(GIVEN, leaf_hash=leaf_hash(b"other")),
    "another time": replace(GIVEN, recorded_at=MORNING + timedelta(microseconds=1)),
    "a flipped bit": replace(GIVEN, signature=GIVEN.signature[:-1] + bytes([GIVEN.signature[-1] ^ 1])),
    "a flipped key id": replace(GIVEN, signature=bytes([GIVEN.signature[0] ^ 1]) + GIVEN.signature[1:]),
    "a cut signature": replace(GIVEN, signature=GIVEN.signature[:-1]),
    "no signature": replace(GIVEN, signature=b""),
    "a stranger's": receipt.give(event_id=event_id(1), leaf_hash=HASH, recorded_at=MORNING, signer=STRANGER),
    "a stranger's under our key id": replace(
        GIVEN, signature=SIGNER.verifier.key_id + STRANGER.signature(GIVEN.text())
    ),
}


@pytest.mark.parametrize("name", BAD_RECEIPTS)
def test_no_bad_receipt_is_believed(name: str) -> None:
    with pytest.raises(NoteRefused) as refused:
        receipt.verify(BAD_RECEIPTS[name], SIGNER.verifier)
    assert str(refused.value)


@pytest.mark.parametrize(
    "tree",
    [
        None,
        [],
        {},
        changed(more=1),
        changed(v=2),
        changed(v=True),
        changed(origin=1),
        changed(event_id=str(event_id(1)).upper()),
        changed(leaf_hash=HASH.hex().upper()),
        changed(leaf_hash=HASH.hex()[:-2]),
        changed(leaf_hash=None),
        changed(recorded_at="2026-03-02T01:30:00Z"),
        changed(signature=None),
        changed(signature="?"),
        changed(signature=write_base64(GIVEN.signature).rstrip("=")),
    ],
)
def test_what_is_not_shaped_as_a_receipt_is_refused(tree: object) -> None:
    with pytest.raises(NoteRefused):
        receipt.read(tree)


def test_only_whole_hashes_are_promised() -> None:
    with pytest.raises(NoteRefused, match="32 bytes"):
        receipt.give(event_id=event_id(1), leaf_hash=b"short", recorded_at=MORNING, signer=SIGNER)


def test_a_receipt_is_never_a_checkpoint_nor_the_other_way_round() -> None:
    note = sign(GIVEN.text(), SIGNER)
    with pytest.raises(NoteRefused):
        checkpoint.verify(note, SIGNER.verifier)
    title = GIVEN.text().split("\n")[0]
    with pytest.raises(NoteRefused, match="cannot be the name"):
        Signer(title, bytes(32))
    tree = checkpoint.Checkpoint(ORIGIN, 1, HASH)
    signature = read_base64(checkpoint.sign(tree, SIGNER).split(" ")[-1].strip())
    with pytest.raises(NoteRefused):
        receipt.verify(replace(GIVEN, signature=signature), SIGNER.verifier)
