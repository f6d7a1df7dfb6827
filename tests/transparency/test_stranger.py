"""A third party verifies a bundle with nothing of ours: Python's standard library, and Ed25519 from cryptography.

Written from the schemas' descriptions and the RFCs alone. It imports our code only to have a bundle to look at.
"""

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.transparency.bundles import KEY, made
from wastetrack.reports import bundle

Tree = dict[str, Any]


class Wrong(Exception):  # noqa: N818  a word of this test
    """The stranger does not believe it."""


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def ed25519(verifier_key: str, key_id_and_signature: bytes, text: bytes) -> None:
    name, key_id, key = verifier_key.split("+", 2)
    public = base64.b64decode(key)[1:]
    if sha(name.encode() + b"\n\x01" + public)[:4].hex() != key_id or key_id_and_signature[:4].hex() != key_id:
        raise Wrong("key id")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(key_id_and_signature[4:], text)
    except InvalidSignature as error:
        raise Wrong("signature") from error


def checkpoint(note: str, verifier_key: str) -> tuple[int, bytes]:
    text, _, signature_line = note.rpartition("\n\n")
    ed25519(verifier_key, base64.b64decode(signature_line.split(" ")[2]), (text + "\n").encode())
    origin, size, root = text.split("\n")
    if origin != verifier_key.split("+", maxsplit=1)[0]:
        raise Wrong("origin")
    return int(size), base64.b64decode(root)


def climb(value: bytes, begin: int, end: int, index: int, proof: list[bytes]) -> bytes:
    """The root of leaves [begin, end), going down from it: the last hash of the proof is the highest."""
    if end - begin == 1:
        if proof:
            raise Wrong("proof too long")
        return value
    if not proof:
        raise Wrong("proof too short")
    middle = begin + 1
    while begin + 2 * (middle - begin) < end:
        middle = begin + 2 * (middle - begin)
    *lower, sibling = proof
    if index < middle:
        return sha(b"\x01" + climb(value, begin, middle, index, lower) + sibling)
    return sha(b"\x01" + sibling + climb(value, middle, end, index, lower))


def old_root(begin: int, end: int, size: int, proof: list[bytes], known: bytes | None) -> tuple[bytes, bytes]:
    """Roots of [begin, size) and of [begin, end) as a consistency proof has them (RFC 6962 §2.1.2)."""
    if size == end:
        value = known if known is not None else proof[0]
        return value, value
    middle = begin + 1
    while begin + 2 * (middle - begin) < end:
        middle = begin + 2 * (middle - begin)
    *lower, sibling = proof
    if size <= middle:
        old, new = old_root(begin, middle, size, lower, known)
        return old, sha(b"\x01" + new + sibling)
    old, new = old_root(middle, end, size, lower, None)
    return sha(b"\x01" + sibling + old), sha(b"\x01" + sibling + new)


def believe(tree: Tree, verifier_key: str) -> int:
    """How many events the stranger believes; raises Wrong."""
    size, root = checkpoint(tree["checkpoint"], verifier_key)
    if tree["earlier"]:
        older, older_root = checkpoint(tree["earlier"]["checkpoint"], verifier_key)
        proof = [base64.b64decode(one) for one in tree["earlier"]["proof"]]
        if old_root(0, size, older, proof, older_root) != (older_root, root):
            raise Wrong("history rewritten")
    under_way = 0
    for event in tree["events"]:
        leaf = event["leaf"].encode()
        proof = [base64.b64decode(one) for one in event["proof"]]
        if climb(sha(b"\x00" + leaf), 0, size, event["log_index"], proof) != root:
            raise Wrong("not in the tree")
        told = json.loads(leaf)
        if sum(posting["g"] for posting in told["postings"]):
            raise Wrong("unbalanced")
        under_way += sum(one["g"] for one in told["postings"] if one["account"].startswith("in_transit@"))
        if under_way < 0:
            raise Wrong("less than nothing under way")
        if event["personal"]:
            salt, body = bytes.fromhex(event["personal"]["salt"]), event["personal"]["body"].encode()
            if sha(salt + body).hex() != told["personal"]:
                raise Wrong("personal part")
        given = event["receipt"]
        lines = ["wastetrack receipt v1", given["origin"], told["id"], sha(b"\x00" + leaf).hex(), told["recorded_at"]]
        ed25519(verifier_key, base64.b64decode(given["signature"]), "".join(f"{line}\n" for line in lines).encode())
    return len(tree["events"])


def test_a_stranger_believes_a_true_bundle() -> None:
    assert believe(json.loads(bundle.write(made())), KEY) == 5


@pytest.mark.parametrize("place", range(5))
def test_a_stranger_does_not_believe_an_altered_event(place: int) -> None:
    tree: Tree = made()
    tree["events"][place]["leaf"] = tree["events"][place]["leaf"].replace("2026-03-02", "2026-03-03")
    with pytest.raises(Wrong, match="not in the tree"):
        believe(tree, KEY)


def test_a_stranger_notices_a_rewritten_history() -> None:
    tree: Tree = made()
    tree["earlier"]["proof"] = tree["earlier"]["proof"][::-1]
    with pytest.raises(Wrong, match="history rewritten"):
        believe(tree, KEY)
