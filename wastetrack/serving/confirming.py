"""A unit of work in which somebody else of the same organisation confirms on this device, with a factor of her own.

    async def hand_over(work: Confirming, …) -> Response:
        nurse = work.confirmed      # None where nobody gave a login

Lighter than a signature: no statement is sealed. The factor is judged before the work is begun, as for signatures.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request

from wastetrack import clock
from wastetrack.auth import factors, queries
from wastetrack.auth.factors import GivenFactor
from wastetrack.auth.model import Actor, FactorKind
from wastetrack.auth.queries import Identity
from wastetrack.db.session import ReadSession, WriteSession, reading
from wastetrack.errors import refuse_one
from wastetrack.serving import deps, idempotency
from wastetrack.serving.deps import engine_of
from wastetrack.serving.doors import Door, door
from wastetrack.serving.forgery import refuse_forgery

if TYPE_CHECKING:
    from wastetrack.serving.keys import Keys

_LONGEST = 200
_DIGITS_OF_APP = 6


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Who confirmed."""

    person_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class ConfirmedWork:
    """A writing session, whose device it is, and who confirmed on it."""

    session: WriteSession
    actor: Actor
    at: datetime
    identity: Identity
    confirmed: Confirmed | None


async def _confirm(request: Request) -> AsyncIterator[ConfirmedWork]:
    at = clock.now()
    told = await _told(request)
    login, given = str(told.get("nurse_login") or "").strip()[:_LONGEST], _given(told)
    person = None
    async with reading(engine_of(request)) as session:
        identity = await deps.identify(request, session, at=at)
        if door(request) is Door.PAGE:
            await refuse_forgery(request, identity.csrf_token)
        repeated = await idempotency.answered_before(request, session, identity.actor)
        if login and not repeated:
            person = await _named(session, identity.actor, login, at=at)
    if person is not None:
        if given is None:
            step = "She gives her own password or code, or leave the login empty."
            refuse_one("nurse_factor", "missing", "This is needed.", next_step=step)
        keys: Keys = request.app.state.keys
        await factors.prove_again(
            engine_of(request), person.person_id, given, challenge=None, relying_party=keys.relying_party, at=at
        )
    async with asynccontextmanager(deps.write_work)(request) as work:
        confirmed = None if person is None else Confirmed(person.person_id, person.person_name)
        yield ConfirmedWork(work.session, work.actor, work.at, work.identity, confirmed)


async def _named(session: ReadSession, device: Actor, login: str, *, at: datetime) -> Actor:
    named = await queries.actors_of_login(session, login, at=at)
    found = next((one for one in named if one.organisation_id == device.organisation_id), None)
    if found is None:
        message = "Nobody of your organisation has the login {value}."
        refuse_one("nurse_login", "signer_unknown", message, value=login)
    return found


async def _told(request: Request) -> Mapping[str, Any]:
    """The body's members or the form's fields; none where it cannot be read, which the handler will say."""
    if "form" in request.headers.get("content-type", ""):
        return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    try:
        tree = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        return {}
    return tree if isinstance(tree, dict) else {}


def _given(told: Mapping[str, Any]) -> GivenFactor | None:
    """One field: six digits are an app's code, anything else is a password."""
    secret = str(told.get("nurse_factor") or "")[:_LONGEST]
    if not secret:
        return None
    if len(secret) == _DIGITS_OF_APP and secret.isdigit():
        return GivenFactor(FactorKind.TOTP, code=secret)
    return GivenFactor(FactorKind.PASSWORD, password=secret)


Confirming = Annotated[ConfirmedWork, Depends(_confirm, scope="function")]
