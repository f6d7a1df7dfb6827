"""Ed25519 public keys as people have them, and whether a signature is right (RFC 8032).

Three forms are read: the 32 bytes in base64 or base64url, PEM (RFC 8410), and a line of OpenSSH (`ssh-ed25519 AAAA…`).
All become the 32 bytes; they are shown in base64url without padding, as in a JWK (RFC 8037).
"""

import base64
import binascii

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
    load_ssh_public_key,
)

from wastetrack.errors import Malformed

KEY_BYTES = 32
SIGNATURE_BYTES = 64
LONGEST_TEXT = 1000
"""Characters; an RSA key sent by mistake still fits and is told what is wrong with it."""

# Points of small order, whatever their sign bit: a signature under such a key can be made to fit any statement
# (RFC 8032 §5.1.7 leaves the check to us). Two are not in canonical form.
_SMALL_ORDER = frozenset(
    bytes.fromhex(encoded)
    for encoded in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)


def parse(text: str) -> bytes:
    """The 32 bytes of a key in any of its forms. Raises Malformed."""
    stripped = text.strip()
    if len(stripped) > LONGEST_TEXT:
        raise _unreadable()
    if stripped.startswith("-----BEGIN"):
        raw = _loaded(stripped.encode(), pem=True)
    elif stripped.startswith("ssh-"):
        raw = _loaded(stripped.encode(), pem=False)
    else:
        raw = _decoded(stripped, KEY_BYTES)
    if raw[:-1] + bytes([raw[-1] & 0x7F]) in _SMALL_ORDER:
        raise Malformed("system_key_weak", "This key is weak: a signature under it would fit any statement.")
    return raw


def shown(raw: bytes) -> str:
    """A key as a JWK writes it: base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def parse_signature(text: str) -> bytes:
    """The 64 bytes of a signature, from base64 or base64url. Raises Malformed."""
    return _decoded("".join(text.split()), SIGNATURE_BYTES)


def fits(raw: bytes, statement: bytes, signature: bytes) -> bool:
    """Whether this signature was made with the other half of this key over just these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def _loaded(text: bytes, *, pem: bool) -> bytes:
    try:
        key = load_pem_public_key(text) if pem else load_ssh_public_key(text)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _unreadable() from error
    if not isinstance(key, Ed25519PublicKey):
        raise Malformed("system_key_kind", "This is a key of another kind. Make an Ed25519 key.")
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _decoded(text: str, length: int) -> bytes:
    digits = text.rstrip("=").translate(_FROM_URL)
    try:
        raw = base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except (ValueError, binascii.Error) as error:
        raise _unreadable() if length == KEY_BYTES else _unreadable_signature() from error
    if len(raw) != length:
        raise _unreadable() if length == KEY_BYTES else _unreadable_signature()
    return raw


_FROM_URL = str.maketrans("-_", "+/")


def _unreadable() -> Malformed:
    return Malformed(
        "system_key_form", "This is no Ed25519 public key: send its 32 bytes in base64url, PEM, or a line of OpenSSH."
    )


def _unreadable_signature() -> Malformed:
    return Malformed("signature_form", "This is no Ed25519 signature: send its 64 bytes in base64 or base64url.")
