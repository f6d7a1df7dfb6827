"""A unit of work in which somebody signs: his own factor is given again, and judged before the work is begun.

    async def sign(work: Signing, …) -> Response:
        acted = await work.act(Asked(…))

Being signed in, or holding a token, is not enough to sign. The factor stands in the body (`factor` as JSON, or the
fields of templates/components/factors.html); what was prepared is named by `intent_id` in the body or the address. The
signer may be another person than the one whose session the device holds: then the intent says who.
"""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from weakref import WeakValueDictionary

from fastapi import Depends
from starlette.requests import Request
from webauthn.helpers import base64url_to_bytes

import wastetrack.medical.signing_cards  # noqa: F401  its steps are signed here too
from wastetrack import clock
from wastetrack.auth import factors, queries
from wastetrack.auth.factors import FactorProof, GivenFactor
from wastetrack.auth.model import Actor, FactorKind
from wastetrack.auth.queries import Identity
from wastetrack.containers.statements import Signing as Step
from wastetrack.containers.statements import Statement
from wastetrack.db.session import ReadSession, WriteSession, reading
from wastetrack.errors import refuse_one
from wastetrack.manifests import acting, giving_evidence, preparing
from wastetrack.manifests.acting import Acted, Asked
from wastetrack.manifests.preparing import Device
from wastetrack.manifests.signing import refuse_unsigned
from wastetrack.manifests.signing_tables import IntentRow
from wastetrack.serving import deps, idempotency
from wastetrack.serving.cookies import session_token
from wastetrack.serving.deps import engine_of
from wastetrack.serving.doors import Door, door
from wastetrack.serving.forgery import refuse_forgery
from wastetrack.serving.keys import Keys
from wastetrack.transparency.evidence import EvidenceKind

_LONGEST = 200
_LONGEST_ASSERTION = 20_000
_DIGITS_OF_APP = 6


@dataclasses.dataclass(frozen=True, slots=True)
class SystemSignature:
    """A system's key and what it signed with it."""

    key_id: UUID
    signature: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class SigningWork:
    """A writing session, who signs in it, and with what. `identity` is whose session the device holds."""

    session: WriteSession
    actor: Actor
    at: datetime
    identity: Identity
    intent_id: UUID | None
    proof: FactorProof | None
    system: SystemSignature | None
    keys: Keys

    async def act(self, asked: Asked | None = None) -> Acted:
        """Take the step: as it was prepared, if it was; else in one go, as far as the factor allows that."""
        device = Device(self.identity.actor.membership_id, self.identity.actor.organisation_id)
        if self.intent_id is not None and (self.proof is not None or self.system is not None):
            return await preparing.sign_intent(
                self.session, self.actor, self.intent_id, self._seal, device=device, asked=asked, at=self.at
            )
        if asked is None:  # a page on which nothing was given
            refuse_unsigned()
        signing = None if self.proof is None and self.system is None else Step(seal=self._seal)
        return await acting.act(self.session, self.actor, asked, signing, at=self.at)

    async def _seal(self, statement: Statement) -> Mapping[str, object]:
        if self.intent_id is None and (self.system is not None or _is_passkey(self.proof)):
            refuse_one(
                "factor",
                "preparation_needed",
                "A key signs exactly what is prepared for it.",
                next_step="Ask for the preparation of this step first, and name its intent_id here.",
            )
        if self.system is not None:
            seal = giving_evidence.by_system(
                self.session, self.actor, self.system.key_id, self.system.signature, at=self.at
            )
        elif self.proof is not None and self.proof.evidence is not None and _is_passkey(self.proof):
            party = self.keys.relying_party
            evidence = {**self.proof.evidence, "rp_id": party.id, "origin": party.origin}
            seal = giving_evidence.by_key(self.session, self.actor, evidence, at=self.at)
        else:
            assert self.proof is not None  # noqa: S101  there is no step without
            seal = giving_evidence.vouched(EvidenceKind(self.proof.kind.value))
        return await seal(statement)


def _is_passkey(proof: FactorProof | None) -> bool:
    return proof is not None and proof.kind is FactorKind.PASSKEY


_under_way: "WeakValueDictionary[str, asyncio.Lock]" = WeakValueDictionary()


async def _sign(request: Request) -> AsyncIterator[SigningWork]:
    """One after the other where they are the same request: a factor is judged, and its attempt counted, once for all
    that a hasty phone sends. Another process counts its own; that is still far from the limit."""
    told = await _told(request)
    credential = deps.bearer_of(request) or session_token(request) or ""
    key = request.headers.get(idempotency.HEADER) or str(told.get(idempotency.FIELD) or "")
    queue = _under_way.setdefault(f"{credential}\0{key}", asyncio.Lock())
    async with queue, asynccontextmanager(_sign_once)(request) as work:
        yield work


async def _sign_once(request: Request) -> AsyncIterator[SigningWork]:
    at = clock.now()
    told = await _told(request)
    system, given = _system_signature(told), _given(told)
    async with reading(engine_of(request)) as session:
        identity = await deps.identify(request, session, at=at)
        if door(request) is Door.PAGE:
            await refuse_forgery(request, identity.csrf_token)
        # A repeated request gets its first answer, though its factor would not be accepted twice.
        repeated = await idempotency.answered_before(request, session, identity.actor)
        signs = given is not None or system is not None
        intent_id = _intent_id(request, told) if signs else None
        waiting = None
        if intent_id is not None and not repeated:
            waiting = await preparing.intent(session, identity.actor.membership_id, intent_id, at=at)
        signer = identity.actor if waiting is None else await _signer(session, identity.actor, waiting, at=at)
    proof = None
    keys: Keys = request.app.state.keys
    if given is not None and not repeated:
        proof = await factors.prove_again(
            engine_of(request),
            signer.person_id,
            given,
            challenge=None if waiting is None else waiting.digest,
            relying_party=keys.relying_party,
            at=at,
        )
    async with asynccontextmanager(deps.write_work)(request) as work:
        if repeated:
            idempotency.refuse_in_flight()
        yield SigningWork(work.session, signer, work.at, work.identity, intent_id, proof, system, keys)


async def _signer(session: ReadSession, device: Actor, waiting: IntentRow, *, at: datetime) -> Actor:
    if waiting.membership_id == device.membership_id:
        return device
    return await queries.actor_of_membership(session, waiting.membership_id, at=at)


async def _told(request: Request) -> Mapping[str, Any]:
    """The body's members or the form's fields; none where it cannot be read, which the handler will say."""
    if "form" in request.headers.get("content-type", ""):
        return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    try:
        tree = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        return {}
    return tree if isinstance(tree, dict) else {}


def _intent_id(request: Request, told: Mapping[str, Any]) -> UUID | None:
    named = request.path_params.get("intent_id") or told.get("intent_id")
    try:
        return UUID(str(named)) if named else None
    except ValueError:
        return None


def _given(told: Mapping[str, Any]) -> GivenFactor | None:
    """The factor of a JSON body or of a form; None where none was given."""
    factor = told.get("factor")
    if isinstance(factor, dict):
        return _given_in_json(factor)
    assertion = told.get("assertion") or ""
    if assertion:
        return GivenFactor(FactorKind.PASSKEY, assertion=_object(assertion))
    code = "".join(str(told.get("factor_code") or "").split())[:_LONGEST]
    if code:
        is_of_app = len(code) == _DIGITS_OF_APP and code.isdigit()
        return GivenFactor(FactorKind.TOTP if is_of_app else FactorKind.RECOVERY_CODE, code=code)
    password = str(told.get("factor_password") or "")[:_LONGEST]
    return GivenFactor(FactorKind.PASSWORD, password=password) if password else None


def _given_in_json(factor: Mapping[str, Any]) -> GivenFactor | None:
    try:
        kind = FactorKind(str(factor.get("kind")))
    except ValueError:
        return None
    password, code, assertion = (factor.get(name) for name in ("password", "code", "assertion"))
    return GivenFactor(
        kind,
        password=password[:_LONGEST] if isinstance(password, str) else None,
        code=code[:_LONGEST] if isinstance(code, str) else None,
        assertion=assertion if isinstance(assertion, dict) else None,
    )


def _object(text: str) -> dict[str, Any] | None:
    try:
        told = json.loads(text) if len(text) <= _LONGEST_ASSERTION else None
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _system_signature(told: Mapping[str, Any]) -> SystemSignature | None:
    factor = told.get("factor")
    if not isinstance(factor, dict) or factor.get("kind") != EvidenceKind.SYSTEM_KEY.value:
        return None
    try:
        return SystemSignature(UUID(str(factor.get("key_id"))), base64url_to_bytes(str(factor.get("signature"))))
    except ValueError:
        return None


Signing = Annotated[SigningWork, Depends(_sign, scope="function")]
