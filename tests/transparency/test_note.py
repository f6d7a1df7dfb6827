"""Signed notes, keys and checkpoints: the published examples, round trips, and a zoo of bad ones."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transparency.histories import ORIGIN, SIGNER, STRANGER
from wastetrack.transparency import checkpoint
from wastetrack.transparency.checkpoint import Checkpoint
from wastetrack.transparency.errors import NoteRefused
from wastetrack.transparency.hashing import EMPTY_ROOT
from wastetrack.transparency.note import Signer, Verifier, open_note, read_base64, sign, write_base64

ROOT = sha256(b"root").digest()
TREE = Checkpoint(ORIGIN, 20_852_163, ROOT)
NOTE = checkpoint.sign(TREE, SIGNER)

# The example of golang.org/x/mod/sumdb/note.
NEUMANN_SEED = read_base64("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
NEUMANN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NEUMANN_NOTE = (
    NEUMANN_TEXT + "\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_published_note_is_signed_and_opened() -> None:
    signer = Signer("PeterNeumann", NEUMANN_SEED)
    assert str(signer.verifier) == NEUMANN_KEY
    assert sign(NEUMANN_TEXT, signer) == NEUMANN_NOTE
    assert open_note(NEUMANN_NOTE, Verifier.parse(NEUMANN_KEY)) == NEUMANN_TEXT


@pytest.mark.parametrize("key", [NEUMANN_KEY, "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"])
def test_published_verifier_keys_are_read_and_printed(key: str) -> None:
    assert str(Verifier.parse(key)) == key


def test_a_signature_by_another_key_beside_ours_is_passed_over() -> None:
    witness = Signer("witness.example", bytes(32))
    cosigned = NOTE + sign(TREE.text(), witness).rpartition("\n\n")[2]
    assert checkpoint.verify(cosigned, SIGNER.verifier) == TREE
    assert open_note(cosigned, witness.verifier) == TREE.text()


def test_a_text_may_hold_empty_lines() -> None:
    text = "one\n\ntwo\n"
    assert open_note(sign(text, SIGNER), SIGNER.verifier) == text


@given(st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_read_back_as_it_was_signed(size: int, root: bytes) -> None:
    tree = Checkpoint(ORIGIN, size, root)
    assert checkpoint.verify(checkpoint.sign(tree, SIGNER), SIGNER.verifier) == tree
    assert Checkpoint.parse(tree.text()) == tree


def test_the_empty_tree_has_a_checkpoint() -> None:
    tree = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert checkpoint.verify(checkpoint.sign(tree, SIGNER), SIGNER.verifier) == tree


def test_a_checkpoint_looks_as_the_format_says() -> None:
    lines = NOTE.split("\n")
    assert lines[:4] == [ORIGIN, "20852163", write_base64(ROOT), ""]
    assert lines[4].startswith(f"— {ORIGIN} ")
    assert lines[5:] == [""]


def resigned(text: str) -> str:
    """A note that our key has really signed, over whatever text."""
    return f"{text}\n— {ORIGIN} {write_base64(SIGNER.verifier.key_id + SIGNER.signature(text))}\n"


def with_signature(change: Callable[[bytes], bytes]) -> str:
    head, _, signature = NOTE.rpartition(" ")
    return f"{head} {write_base64(change(read_base64(signature.strip())))}\n"


ROOT_LINE = write_base64(ROOT)
BAD_CHECKPOINTS = {
    "not a note": "hello",
    "empty": "",
    "no signature": TREE.text(),
    "blank line but no signature": TREE.text() + "\n",
    "signature line without newline": NOTE[:-1],
    "size changed": NOTE.replace("20852163", "20852164"),
    "root changed": NOTE.replace(ROOT_LINE, write_base64(sha256(b"other").digest())),
    "origin changed": NOTE.replace(f"{ORIGIN}\n", "other.example/log\n", 1),
    "signed by a stranger of the same name": checkpoint.sign(TREE, STRANGER),
    "stranger's signature under our key id": with_signature(
        lambda _: SIGNER.verifier.key_id + STRANGER.signature(TREE.text())
    ),
    "signature bit flipped": with_signature(lambda data: data[:-1] + bytes([data[-1] ^ 1])),
    "signature cut": with_signature(lambda data: data[:-1]),
    "signature too long": with_signature(lambda data: data + b"\x00"),
    "key id flipped": with_signature(lambda data: bytes([data[0] ^ 1]) + data[1:]),
    "signature not base64": NOTE[:-3] + "!=\n",
    "stray bits in the base64": NOTE[:-3].rstrip("=") + "9==\n",
    "hyphen for dash": NOTE.replace("—", "-"),
    "signature of another size": TREE.text().replace("20852163", "1") + "\n" + NOTE.rpartition("\n\n")[2],
    "garbage between text and signature": NOTE.replace("\n\n", "\n\ngarbage\n"),
    "carriage returns": NOTE.replace("\n", "\r\n"),
    "tab in the text": resigned(f"{ORIGIN}\t\n5\n{ROOT_LINE}\n"),
    "seventy signatures": NOTE + NOTE.rpartition("\n\n")[2] * 70,
    "one good signature and one bad of ours": NOTE
    + with_signature(lambda d: d[:-1] + bytes([d[-1] ^ 1])).rpartition("\n\n")[2],
    "signed, but another origin": resigned(f"other.example\n5\n{ROOT_LINE}\n"),
    "signed, but no origin": resigned(f"\n5\n{ROOT_LINE}\n"),
    "signed, but an extension line": resigned(f"{TREE.text()}extension\n"),
    "signed, but no root": resigned(f"{ORIGIN}\n5\n"),
    "signed, but leading zero": resigned(f"{ORIGIN}\n05\n{ROOT_LINE}\n"),
    "signed, but negative size": resigned(f"{ORIGIN}\n-5\n{ROOT_LINE}\n"),
    "signed, but size in Arabic digits": resigned(f"{ORIGIN}\n٥\n{ROOT_LINE}\n"),
    "signed, but size beyond measure": resigned(f"{ORIGIN}\n{10**19}\n{ROOT_LINE}\n"),
    "signed, but short root": resigned(f"{ORIGIN}\n5\n{write_base64(ROOT[:31])}\n"),
    "signed, but root in hex": resigned(f"{ORIGIN}\n5\n{ROOT.hex()}\n"),
    "signed, but empty tree with a root": resigned(f"{ORIGIN}\n0\n{ROOT_LINE}\n"),
}


@pytest.mark.parametrize("name", BAD_CHECKPOINTS)
def test_no_bad_checkpoint_is_believed(name: str) -> None:
    with pytest.raises(NoteRefused) as refused:
        checkpoint.verify(BAD_CHECKPOINTS[name], SIGNER.verifier)
    assert str(refused.value)


def test_no_flipped_bit_of_a_checkpoint_is_believed() -> None:
    data = NOTE.encode()
    for place in range(len(data)):
        for bit in range(8):
            wrong = data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
            try:
                text = wrong.decode()
            except UnicodeDecodeError:
                continue
            with pytest.raises(NoteRefused):
                checkpoint.verify(text, SIGNER.verifier)


def test_a_wrong_signature_is_told_with_the_evidence() -> None:
    with pytest.raises(NoteRefused) as refused:
        checkpoint.verify(BAD_CHECKPOINTS["size changed"], SIGNER.verifier)
    assert refused.value.code == "note.signature_wrong"
    assert "20852164" in str(refused.value.facts["text"])


def test_a_log_signs_only_for_itself() -> None:
    with pytest.raises(NoteRefused, match="does not sign for"):
        checkpoint.sign(Checkpoint("other.example/log", 1, ROOT), SIGNER)


@pytest.mark.parametrize("text", ["no newline", "", "a tab\t\n", "a return\r\n"])
def test_only_proper_text_is_signed(text: str) -> None:
    with pytest.raises(NoteRefused, match="ends with a newline"):
        sign(text, SIGNER)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "name",
        "name+c74f20a3",
        NEUMANN_KEY.replace("c74f20a3", "C74F20A3"),
        NEUMANN_KEY.replace("c74f20a3", "c74f20a4"),
        NEUMANN_KEY.replace("Peter", "Paul"),
        NEUMANN_KEY.replace("+AR", "+BR"),
        NEUMANN_KEY[:-4],
        NEUMANN_KEY + "!",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_bad_verifier_key_is_refused(key: str) -> None:
    with pytest.raises(NoteRefused):
        Verifier.parse(key)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nbreak", "nul\x00"])
def test_a_bad_name_of_a_key_is_refused(name: str) -> None:
    with pytest.raises(NoteRefused, match="cannot be the name"):
        Signer(name, bytes(32))


def test_a_seed_of_the_wrong_length_is_refused_and_a_right_one_is_never_printed() -> None:
    with pytest.raises(NoteRefused, match="32 bytes"):
        Signer(ORIGIN, b"short")
    assert "\\x01\\x02" not in repr(SIGNER)
