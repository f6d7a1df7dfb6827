"""An authenticator in software: makes passkeys and signs with them, as a phone or a security key does (ES256).

It follows the standard (WebAuthn §6.1, §6.5), not our code: what a browser would send, byte for byte. A test may make
it lie, to see the lie refused.
"""

import dataclasses
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

USER_PRESENT, USER_VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, KEY_FOLLOWS = 0x01, 0x04, 0x08, 0x10, 0x40
_ES256 = -7


@dataclasses.dataclass
class Authenticator:
    """One device with one passkey."""

    origin: str = "http://localhost:8000"
    rp_id: str = "localhost"
    user_verified: bool = True
    counts: bool = False
    """Whether it tells how often it was used; those whose keys are copied to the cloud do not."""
    count: int = 0
    cross_origin: bool = False
    credential_id: bytes = dataclasses.field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes = b""

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """`navigator.credentials.create(options)`, as toJSON tells it."""
        self.user_handle = base64url_to_bytes(options["user"]["id"])
        numbers = self._key.public_key().public_numbers()
        cose = cbor2.dumps(
            {1: 2, 3: _ES256, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        )
        told = len(self.credential_id).to_bytes(2, "big") + self.credential_id + cose
        data = self._authenticator_data(KEY_FOLLOWS) + bytes(16) + told
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return {
            **self._named(),
            "response": {
                "clientDataJSON": bytes_to_base64url(self._client_data("webauthn.create", options["challenge"])),
                "attestationObject": bytes_to_base64url(attestation),
                "transports": ["internal", "hybrid"],
            },
        }

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """`navigator.credentials.get(options)`, as toJSON tells it."""
        data = self._authenticator_data(0)
        client_data = self._client_data("webauthn.get", options["challenge"])
        signed = data + hashlib.sha256(client_data).digest()
        return {
            **self._named(),
            "response": {
                "clientDataJSON": bytes_to_base64url(client_data),
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(self._key.sign(signed, ec.ECDSA(hashes.SHA256()))),
                "userHandle": bytes_to_base64url(self.user_handle),
            },
        }

    def _named(self) -> dict[str, Any]:
        told = bytes_to_base64url(self.credential_id)
        return {"id": told, "rawId": told, "type": "public-key", "clientExtensionResults": {}}

    def _authenticator_data(self, more: int) -> bytes:
        if self.counts:
            self.count += 1
        flags = USER_PRESENT | (USER_VERIFIED if self.user_verified else 0) | BACKUP_ELIGIBLE | BACKED_UP | more
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin}
        return json.dumps(said, separators=(",", ":")).encode()
