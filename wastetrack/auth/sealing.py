"""Secrets that we must be able to read again, sealed with a key that does not lie in the database (AES-256-GCM).

Whoever reads the database alone gets nothing, and a sealed secret moved to another row does not open: the name of the
row is part of what the seal covers.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wastetrack.errors import Unavailable

_NONCE_BYTES = 12
_KEY_BYTES = 32


def seal(key: bytes, secret: bytes, *, row: str) -> bytes:
    """The secret, sealed for one row."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, secret, row.encode())


def unseal(key: bytes, sealed: bytes, *, row: str) -> bytes:
    """The secret again. Raises Unavailable where the key is not the one that sealed it: restored without its file."""
    try:
        return _cipher(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], row.encode())
    except InvalidTag:
        raise Unavailable(
            "factor_key_differs", "This secret was sealed with another key. Ask the operator to restore the factor key."
        ) from None


def _cipher(key: bytes) -> AESGCM:
    # The key of the deployment is stretched to this one purpose, so that another use of it gives nothing away.
    return AESGCM(HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=b"wastetrack sealed secrets").derive(key))
