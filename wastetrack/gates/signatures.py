"""Signatures that a browser makes over a scan: ECDSA on P-256 with SHA-256 (FIPS 186-5), as WebCrypto writes them.

What the PIN of a device protects, and what it does not. The PIN never leaves the device, so there is nothing of it that
the server could count or compare: a new one is set by signing in, whose attempts are counted (auth/throttling.py). On
the device it locks the private key (gate_keys.js): PBKDF2 with 600,000 rounds, then an HMAC with a key of the device
that scripts can use and not read, then AES-GCM. Each try is counted before it is made; the fifth wrong one destroys the
locked key. That keeps out whoever picks up a device and colleagues at its screen. It does not keep out somebody who
reads the browser's own files from an unlocked or unencrypted device: he has the device's key too, and tries a million
PINs in minutes; while a shift is open he needs none. Hence: devices are encrypted and locked by their own code, and a
lost one is ended at *Devices of the gate*. From then on its token is worth nothing, and whatever still comes in that is
signed by its keys, by the file of its queue, waits for a person to decide, whenever it says that it was made.
"""

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from wastetrack.errors import Malformed

KEY_BYTES = 65
SIGNATURE_BYTES = 64


def parse_key(text: str) -> bytes:
    """The point of a public key, from base64url. Raises Malformed for what is no point of the curve."""
    raw = decoded(text)
    if len(raw) != KEY_BYTES:
        raise _unreadable()
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw)
    except ValueError:
        raise _unreadable() from None
    return raw


def _unreadable() -> Malformed:
    return Malformed("gate_key_unreadable", "This is not a key that a device makes.")


def decoded(text: str) -> bytes:
    """Bytes from base64url with or without padding; nothing where it is none."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""


def fits(public_key: bytes, statement: bytes, signature: bytes) -> bool:
    """Whether this signature was made with the other half of this key over just these bytes."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    half = SIGNATURE_BYTES // 2
    pair = encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
    try:
        key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public_key)
        key.verify(pair, statement, ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
