"""A passkey in software with any kind of key, and lies where a test wants them (authenticator.py is a whole device)."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

from wastetrack.ids import new_id

RP_ID, ORIGIN = "waste.example", "https://waste.example"
PRESENT_AND_VERIFIED = 0x05


def p256() -> ec.EllipticCurvePrivateKey:
    """The usual kind of key."""
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class SoftPasskey:
    """One passkey of a person for a site."""

    key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey = field(default_factory=p256)
    key_id: UUID = field(default_factory=new_id)
    rp_id: str = RP_ID
    origin: str = ORIGIN
    flags: int = PRESENT_AND_VERIFIED
    counter: int = 0

    @property
    def credential_id(self) -> bytes:
        """What the site calls this passkey by."""
        return sha256(self.key_id.bytes).digest()

    @property
    def public_key(self) -> bytes:
        """The COSE form (RFC 9052)."""
        key = self.key
        if isinstance(key, ec.EllipticCurvePrivateKey):
            point = key.public_key().public_numbers()
            tree: dict[int, Any] = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        elif isinstance(key, ed25519.Ed25519PrivateKey):
            tree = {1: 1, 3: -8, -1: 6, -2: key.public_key().public_bytes_raw()}
        else:
            numbers = key.public_key().public_numbers()
            tree = {1: 3, 3: -257, -1: numbers.n.to_bytes(256), -2: numbers.e.to_bytes(3)}
        return cbor2.dumps(tree)

    def sign(self, challenge: bytes, **client: object) -> tuple[bytes, bytes, bytes]:
        """Authenticator data, client data and signature; `client` replaces what the browser says."""
        self.counter += 1
        authenticator = sha256(self.rp_id.encode()).digest() + bytes([self.flags]) + self.counter.to_bytes(4)
        told = {"type": "webauthn.get", "challenge": bytes_to_base64url(challenge), "origin": self.origin, **client}
        data = json.dumps(told).encode()
        signed = authenticator + sha256(data).digest()
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            signature = self.key.sign(signed, ec.ECDSA(SHA256()))
        elif isinstance(self.key, ed25519.Ed25519PrivateKey):
            signature = self.key.sign(signed)
        else:
            signature = self.key.sign(signed, padding.PKCS1v15(), SHA256())
        return authenticator, data, signature

    def evidence(self, challenge: bytes, **client: object) -> dict[str, object]:
        """What the log keeps of a signature."""
        authenticator, data, signature = self.sign(challenge, **client)
        return {
            "kind": "passkey",
            "key_id": str(self.key_id),
            "public_key": bytes_to_base64url(self.public_key),
            "authenticator_data": bytes_to_base64url(authenticator),
            "client_data": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature),
            "rp_id": self.rp_id,
            "origin": self.origin,
        }
