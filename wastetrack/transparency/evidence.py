"""How somebody put his name to an event: the forms of evidence, and how they are verified with nothing else at hand.

What is signed is the statement of the event (leaf.py). A passkey signs authenticator data and client data, of which
the challenge is SHA-256 of the statement (WebAuthn level 2 §7.2); a system's key signs the statement itself with
Ed25519. A password, a code, or a link given to a driver leave nothing that a third party could verify: there stands
the server's word alone, and it is named as such. An event that another signed one brings about says which.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import NoReturn
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_authenticator_data,
    verify_signature,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.decode_credential_public_key import (
    DecodedEC2PublicKey,
    DecodedMLDSAPublicKey,
    DecodedOKPPublicKey,
    DecodedRSAPublicKey,
)
from webauthn.helpers.exceptions import WebAuthnException

from wastetrack.transparency.errors import EvidenceRefused


class EvidenceKind(StrEnum):
    """With what somebody signed."""

    PASSKEY = "passkey"
    SYSTEM_KEY = "system_key"
    TOTP = "totp"
    PASSWORD = "password"  # noqa: S105  the name of a kind
    RECOVERY_CODE = "recovery_code"
    DRIVER_LINK = "driver_link"
    FOLLOWS = "follows"
    """Nobody signed this apart: it is brought about by the signed event that it names."""


KEYS = frozenset({EvidenceKind.PASSKEY, EvidenceKind.SYSTEM_KEY})
"""Kinds that anybody can verify."""
ALGORITHMS = {
    COSEAlgorithmIdentifier.ECDSA_SHA_256: "ES256",
    COSEAlgorithmIdentifier.EDDSA: "EdDSA",
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256: "RS256",
}

_CoseKey = DecodedOKPPublicKey | DecodedEC2PublicKey | DecodedRSAPublicKey | DecodedMLDSAPublicKey
_UNREADABLE = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError)

_FIELDS: dict[EvidenceKind, frozenset[str]] = {
    EvidenceKind.PASSKEY: frozenset(
        {"kind", "key_id", "public_key", "authenticator_data", "client_data", "signature", "rp_id", "origin"}
    ),
    EvidenceKind.SYSTEM_KEY: frozenset({"kind", "key_id", "public_key", "signature"}),
    EvidenceKind.FOLLOWS: frozenset({"kind", "event"}),
}
_WORD_ALONE = frozenset({"kind"})


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key as evidence and enrolment name it."""

    id: UUID
    public_key: str
    algorithm: str
    rp_id: str | None = None
    """Of a passkey: the site for which it was made, which it will sign for and no other."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What evidence shows once it is verified: its kind, and the key or the other event if there is one."""

    kind: EvidenceKind
    key: SigningKey | None = None
    event: UUID | None = None


def challenge_of(statement: bytes) -> bytes:
    """What a passkey is asked to sign."""
    return sha256(statement).digest()


def examine(evidence: Mapping[str, object], statement: bytes) -> Shown:
    """Verify evidence for a statement; whether its key was enrolled is looked at by whoever has the log.

    Raises EvidenceRefused.
    """
    try:
        kind = EvidenceKind(str(evidence.get("kind")))
    except ValueError:
        _refuse("evidence.kind", "There is no evidence of the kind {value}.", value=repr(evidence.get("kind")))
    if evidence.keys() != _FIELDS.get(kind, _WORD_ALONE):
        _refuse("evidence.shape", "Evidence of the kind {kind} has other fields.", kind=kind.value)
    told = {name: _text(value, name) for name, value in evidence.items()}
    if kind is EvidenceKind.PASSKEY:
        return Shown(kind, key=_passkey(told, statement))
    if kind is EvidenceKind.SYSTEM_KEY:
        return Shown(kind, key=_system_key(told, statement))
    return Shown(kind, event=_uuid(told["event"]) if kind is EvidenceKind.FOLLOWS else None)


def algorithm_of(public_key: str) -> str:
    """By which algorithm a passkey signs, from its COSE key in base64url. Raises EvidenceRefused."""
    return _cose_key(public_key)[1]


def _cose_key(public_key: str) -> tuple[_CoseKey, str]:
    """The key and its algorithm's name. The library trips over what is CBOR and no key in many ways."""
    try:
        decoded = decode_credential_public_key(_bytes(public_key, "public_key"))
        return decoded, ALGORITHMS[decoded.alg]
    except _UNREADABLE as error:
        raise EvidenceRefused("evidence.key", "The public key cannot be read, or is of another kind.") from error


def _passkey(told: Mapping[str, str], statement: bytes) -> SigningKey:
    """WebAuthn level 2 §7.2, steps 11 to 20, as far as they can be taken without the server."""
    client = _bytes(told["client_data"], "client_data")
    authenticator = _bytes(told["authenticator_data"], "authenticator_data")
    _check_client(client, told, statement)
    try:
        parsed = parse_authenticator_data(authenticator)
    except _UNREADABLE as error:
        raise EvidenceRefused("evidence.authenticator_data", "The authenticator's data cannot be read.") from error
    if parsed.rp_id_hash != sha256(told["rp_id"].encode()).digest():
        _refuse("evidence.other_site", "The passkey signed for another site than {rp_id}.", rp_id=told["rp_id"])
    if not (parsed.flags.up and parsed.flags.uv):
        _refuse("evidence.nobody_there", "The authenticator does not say that its user was there and was verified.")
    key, algorithm = _cose_key(told["public_key"])
    signature = _bytes(told["signature"], "signature")
    try:
        verify_signature(
            public_key=decoded_public_key_to_cryptography(key),
            signature_alg=key.alg,
            signature=signature,
            data=authenticator + sha256(client).digest(),
        )
    except (InvalidSignature, *_UNREADABLE) as error:
        raise EvidenceRefused("evidence.signature", "The signature is not by this key over this event.") from error
    return SigningKey(_uuid(told["key_id"]), told["public_key"], algorithm, told["rp_id"])


def _check_client(client: bytes, told: Mapping[str, str], statement: bytes) -> None:
    try:
        tree = json.loads(client)
    except ValueError as error:
        raise EvidenceRefused("evidence.client_data", "The client's data are not JSON.") from error
    if not isinstance(tree, dict) or tree.get("type") != "webauthn.get":
        _refuse("evidence.client_data", "The client's data are not those of a signature.")
    if tree.get("challenge") != bytes_to_base64url(challenge_of(statement)):
        _refuse("evidence.other_event", "What was signed is not this event.")
    host = urlsplit(told["origin"]).hostname or ""
    at_site = host == told["rp_id"] or host.endswith("." + told["rp_id"])
    if tree.get("origin") != told["origin"] or not at_site or tree.get("crossOrigin"):
        _refuse("evidence.other_site", "The passkey signed for another site than {rp_id}.", rp_id=told["rp_id"])


def _system_key(told: Mapping[str, str], statement: bytes) -> SigningKey:
    try:
        key = Ed25519PublicKey.from_public_bytes(_bytes(told["public_key"], "public_key"))
    except ValueError as error:
        raise EvidenceRefused("evidence.key", "The public key cannot be read, or is of another kind.") from error
    try:
        key.verify(_bytes(told["signature"], "signature"), statement)
    except InvalidSignature as error:
        raise EvidenceRefused("evidence.signature", "The signature is not by this key over this event.") from error
    return SigningKey(_uuid(told["key_id"]), told["public_key"], "Ed25519")


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        _refuse("evidence.shape", "{name} of the evidence is text.", name=name)
    return value


def _bytes(text: str, name: str) -> bytes:
    """Base64url without padding, in its one form: otherwise two texts would be one signature."""
    try:
        data = base64url_to_bytes(text)
    except ValueError:
        data = b""
    if bytes_to_base64url(data) != text or not data:
        _refuse("evidence.encoding", "{name} of the evidence is not base64url.", name=name)
    return data


def _uuid(text: str) -> UUID:
    try:
        value = UUID(text)
    except ValueError:
        value = None
    if value is None or str(value) != text:
        _refuse("evidence.shape", "{name} of the evidence is an identifier.", name="key_id")
    return value


def _refuse(code: str, message: str, **facts: object) -> NoReturn:
    raise EvidenceRefused(code, message, **facts)
