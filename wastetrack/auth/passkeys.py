"""Passkeys (WebAuthn Level 3): asking a browser for one, and judging what it answers. Reading and writing their rows.

User verification is always required, so a passkey is two factors in one: the device, and what it recognises its holder
by. It is a discoverable credential: its holder types no login. Attestation is not asked for: which maker's device
somebody uses is none of our business.
"""

import dataclasses
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import webauthn
from sqlmodel import col
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from wastetrack.auth.factor_tables import Passkey
from wastetrack.auth.relying import NAME, RelyingParty
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, RuleBroken

LONGEST_NAME = 60
MOST = 20
"""Passkeys of one person."""
_TIMEOUT_MS = 120_000
_TRANSPORTS = {transport.value: transport for transport in AuthenticatorTransport}
# What a hostile answer can make the library raise: its own errors, and those of the parsers under it.
_UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)
_USE = """
update passkeys set sign_count = $2, backed_up = $3, last_used_at = $4
where id = $1 and revoked_at is null and (sign_count < $2 or (sign_count = 0 and $2 = 0)) returning true
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Registered:
    """What a browser made, judged."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    backed_up: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Asserted:
    """A signature by a passkey, judged; `evidence` lets a third party judge it again, offline."""

    sign_count: int
    backed_up: bool
    evidence: dict[str, object]


def registration_options(
    person_id: UUID, login: str, name: str, held: Sequence[Passkey], *, challenge: bytes, party: RelyingParty
) -> dict[str, Any]:
    """What `navigator.credentials.create` is asked, as JSON."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=NAME,
        user_id=person_id.bytes,
        user_name=login,
        user_display_name=name,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[_descriptor(passkey) for passkey in held],
    )
    return _as_json(options)


def request_options(held: Sequence[Passkey], *, challenge: bytes, party: RelyingParty) -> dict[str, Any]:
    """What `navigator.credentials.get` is asked, as JSON; without passkeys, for whichever the browser holds."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        allow_credentials=[_descriptor(passkey) for passkey in held],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _as_json(options)


def judge_registration(credential: dict[str, Any], *, challenge: bytes, party: RelyingParty) -> Registered:
    """Whether a browser made a passkey for us just now. Raises RuleBroken at field `factor`."""
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
        _refuse_foreign_frame(credential)
        told = credential["response"].get("transports") or []
        transports = tuple(name for name in _TRANSPORTS if name in told)
    except _UNREADABLE as why:
        raise not_accepted() from why
    return Registered(
        made.credential_id, made.credential_public_key, made.sign_count, transports, made.credential_backed_up
    )


def judge_assertion(passkey: Passkey, assertion: dict[str, Any], *, challenge: bytes, party: RelyingParty) -> Asserted:
    """Whether this passkey, its holder recognised, has signed this challenge for us. Raises RuleBroken at `factor`."""
    try:
        verified = webauthn.verify_authentication_response(
            credential=assertion,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
        _refuse_foreign_frame(assertion)
        response = assertion["response"]
        handle = response.get("userHandle")
        # A security key need not tell whose it is, but if it does it must be this person's.
        if verified.credential_id != passkey.credential_id or (
            handle and base64url_to_bytes(handle) != passkey.person_id.bytes
        ):
            raise not_accepted()
    except _UNREADABLE as why:
        raise not_accepted() from why
    evidence: dict[str, object] = {
        "kind": "passkey",
        "key_id": str(passkey.id),
        "public_key": bytes_to_base64url(passkey.public_key),
        "authenticator_data": _unpadded(response["authenticatorData"]),
        "client_data": _unpadded(response["clientDataJSON"]),
        "signature": _unpadded(response["signature"]),
    }
    return Asserted(verified.new_sign_count, verified.credential_backed_up, evidence)


def credential_id_of(assertion: dict[str, Any] | None) -> bytes | None:
    """Which passkey an assertion says it is of; None for what is no assertion."""
    told = assertion.get("id") if isinstance(assertion, dict) else None
    if not isinstance(told, str):
        return None
    try:
        return base64url_to_bytes(told)
    except ValueError:
        return None


def not_accepted() -> RuleBroken:
    """The one refusal of a passkey, whatever was wrong with it."""
    return RuleBroken(
        (
            Broken(
                "factor",
                "passkey_not_accepted",
                "This passkey was not accepted.",
                next_step="Try again with a passkey that you have enrolled here, or use another factor.",
            ),
        )
    )


async def passkeys_of(session: ReadSession, person_id: UUID) -> list[Passkey]:
    """A person's passkeys in force, the oldest first."""
    mine = col(Passkey.person_id) == person_id, col(Passkey.revoked_at).is_(None)
    statement = sa.select(Passkey).where(*mine).order_by(col(Passkey.created_at), col(Passkey.id))
    return list((await session.execute(statement)).scalars())


async def passkey_by_credential(session: ReadSession, credential_id: bytes) -> Passkey | None:
    """The passkey in force that a browser names."""
    named = col(Passkey.credential_id) == credential_id, col(Passkey.revoked_at).is_(None)
    return (await session.execute(sa.select(Passkey).where(*named))).scalar_one_or_none()


async def is_taken(session: ReadSession, credential_id: bytes) -> bool:
    """Whether somebody has enrolled it, revoked ones too."""
    statement = sa.select(sa.exists().where(col(Passkey.credential_id) == credential_id))
    return bool((await session.execute(statement)).scalar_one())


async def use(session: WriteSession, passkey: Passkey, asserted: Asserted, *, at: datetime) -> bool:
    """Write down a use; False if it was revoked, or its count went on, in the meantime: a copy is about."""
    driver = await session.driver()
    return bool(await driver.fetchval(_USE, passkey.id, asserted.sign_count, asserted.backed_up, at))


def _refuse_foreign_frame(credential: dict[str, Any]) -> None:
    """Level 3 lets browsers say that another site framed us; our pages are never framed."""
    said = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    if said.get("crossOrigin") or said.get("topOrigin"):
        msg = "the ceremony ran in a frame of another site"
        raise ValueError(msg)


def _unpadded(told: str) -> str:
    return bytes_to_base64url(base64url_to_bytes(told))


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    transports = [_TRANSPORTS[name] for name in passkey.transports if name in _TRANSPORTS]
    return PublicKeyCredentialDescriptor(id=passkey.credential_id, transports=transports or None)


def _as_json(options: Any) -> dict[str, Any]:  # noqa: ANN401  one of the library's two kinds of options
    told: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return told
