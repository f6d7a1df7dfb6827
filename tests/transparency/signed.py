"""Signed events: a history in which keys are enrolled and manifests signed with them."""

from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from webauthn.helpers import bytes_to_base64url

from tests.support.soft_passkey import SoftPasskey
from tests.transparency.bundles import SALT
from tests.transparency.histories import DRUM, MANIFEST, event, event_id
from wastetrack.transparency.evidence import algorithm_of, challenge_of
from wastetrack.transparency.leaf import SIGNED, Event, leaf_of, statement_of

SYSTEM = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SYSTEM_ID = event_id(900)


def statement(one: Event) -> bytes:
    """What is to be signed of an event."""
    return statement_of(leaf_of(one, salt=SALT if one.personal else None))


def unsigned(number: int, kind: str = "manifest_picked_up", **changes: Any) -> Event:  # noqa: ANN401  any field
    """An event that waits for its evidence."""
    told = event(
        number, kind, subjects=(MANIFEST, DRUM), facts={"words_sha256": "00" * 32}, personal={"name": "王小明"}
    )
    return replace(told, v=SIGNED, **changes)


def by_passkey(one: Event, passkey: SoftPasskey, **client: object) -> Event:
    """The event signed with a passkey."""
    return replace(one, evidence=passkey.evidence(challenge_of(statement(one)), **client))


def by_system(one: Event) -> Event:
    """The event signed with the system's key."""
    return replace(
        one,
        evidence={
            "kind": "system_key",
            "key_id": str(SYSTEM_ID),
            "public_key": bytes_to_base64url(SYSTEM.public_key().public_bytes_raw()),
            "signature": bytes_to_base64url(SYSTEM.sign(statement(one))),
        },
    )


def by_word(one: Event, kind: str = "password") -> Event:
    """The event for which the server stands."""
    return replace(one, evidence={"kind": kind})


def enrolment(number: int, passkey: SoftPasskey) -> Event:
    """The event that states a passkey."""
    public_key = bytes_to_base64url(passkey.public_key)
    facts: dict[str, object] = {
        "public_key": public_key,
        "algorithm": algorithm_of(public_key),
        "rp_id": passkey.rp_id,
    }
    return event(number, "signing_key_enrolled", subjects=(passkey.key_id,), facts=facts, personal={"name": "王小明"})


def system_enrolment(number: int) -> Event:
    """The event that states the system's key."""
    public_key = bytes_to_base64url(SYSTEM.public_key().public_bytes_raw())
    facts = {"public_key": public_key, "algorithm": "Ed25519", "rp_id": None}
    return event(number, "signing_key_enrolled", subjects=(SYSTEM_ID,), facts=facts)
