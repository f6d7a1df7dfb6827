"""What a handler asks for: a unit of work with its actor.

    async def show(work: Reading, page: Page): ...          # reads at one moment; PostgreSQL refuses a write
    async def change(work: Writing, page: Page): ...        # writes, commits once after the handler, before the answer

A session cannot be had without an actor, so no handler can forget to ask who is there; the two that must do without
one (signing in, health) take the engine itself. The scope is `function`: with FastAPI's default the commit would come
after the answer was sent, and a refused commit would be lost (measured).
"""

import dataclasses
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from wastetrack import clock
from wastetrack.auth import clients, queries
from wastetrack.auth.clients import ACCESS_PREFIX
from wastetrack.auth.issuing import TOKEN_PREFIX
from wastetrack.auth.model import Actor, Scope
from wastetrack.auth.policy import demand_scope
from wastetrack.auth.queries import Credential, Identity
from wastetrack.db.session import ReadSession, WriteSession, reading, writing
from wastetrack.errors import Unauthenticated
from wastetrack.serving import logs
from wastetrack.serving.acting import note_delegation
from wastetrack.serving.cookies import session_token
from wastetrack.serving.doors import Door, door
from wastetrack.serving.forgery import refuse_forgery
from wastetrack.serving.idempotency import take_key
from wastetrack.serving.looking import record_looks, seen_in
from wastetrack.serving.restrictions import refuse_held_back
from wastetrack.settings import Settings


@dataclasses.dataclass(frozen=True, slots=True)
class ReadWork:
    """A reading session and who looks through it."""

    session: ReadSession
    actor: Actor
    at: datetime
    identity: Identity


@dataclasses.dataclass(frozen=True, slots=True)
class WriteWork:
    """A writing session and who acts in it; `at` is the recorded time of everything it does."""

    session: WriteSession
    actor: Actor
    at: datetime
    identity: Identity


def engine_of(request: Request) -> AsyncEngine:
    """The pool of this process."""
    engine: AsyncEngine = request.app.state.engine
    return engine


def settings_of(request: Request) -> Settings:
    """The settings of this process."""
    settings: Settings = request.app.state.settings
    return settings


async def identify(request: Request, session: ReadSession, *, at: datetime) -> Identity:
    """Who is asking, by the door's kind of credential; from here on PostgreSQL shows what he sees, and nothing else.

    Raises Unauthenticated, HeldBack.
    """
    at_api = door(request) is not Door.PAGE
    secret = bearer_of(request) if at_api else session_token(request)
    if not secret:
        raise Unauthenticated("sign_in_needed", "Sign in first.")
    if at_api and secret.startswith(TOKEN_PREFIX):
        identity = await queries.authenticate_token(session, secret, at=at)
    elif at_api and secret.startswith(ACCESS_PREFIX):
        identity = await clients.authenticate_client(session, secret, at=at)
    else:
        idle = timedelta(hours=settings_of(request).session_idle_hours)
        identity = await queries.authenticate_session(session, secret, idle=idle, at=at)
    if identity is None:
        raise Unauthenticated("credential_ended", "Your sign-in has ended. Sign in again.")
    request.state.identity = identity
    await note_delegation(request, session, identity.actor)
    logs.names.set((identity.actor.person_name,))
    refuse_held_back(request, identity)
    return identity


def identity_of(request: Request) -> Identity | None:
    """Who is asking, if that has been found out in this request."""
    return getattr(request.state, "identity", None)


def bearer_of(request: Request) -> str | None:
    """The token that a program sends."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


async def _read(request: Request) -> AsyncIterator[ReadWork]:
    at = clock.now()
    async with reading(engine_of(request)) as session:
        identity = await identify(request, session, at=at)
        demand_scope(identity.actor, Scope.READ)
        yield ReadWork(session, identity.actor, at, identity)
        seen = await seen_in(request, session, identity)
    await record_looks(engine_of(request), seen, at=at)
    await _note_use(request, identity, at)


async def write_work(request: Request) -> AsyncIterator[WriteWork]:
    """The unit of work of a handler that writes; for `Writing`, and for what has to be done before it."""
    at = clock.now()
    async with writing(engine_of(request)) as session:
        identity = await identify(request, session, at=at)
        if door(request) is Door.PAGE:
            await refuse_forgery(request, identity.csrf_token)
        await take_key(request, session, identity.actor, at=at)
        yield WriteWork(session, identity.actor, at, identity)
    await _note_use(request, identity, at)


async def _note_use(request: Request, identity: Identity, at: datetime) -> None:
    """After the unit of work, in one of its own: nested, it would wait for a connection while holding one."""
    if identity.stale:
        async with writing(engine_of(request)) as session:
            await queries.note_use(session, identity, at=at)


Reading = Annotated[ReadWork, Depends(_read, scope="function")]
Writing = Annotated[WriteWork, Depends(write_work, scope="function")]

__all__ = [
    "Credential",
    "ReadWork",
    "Reading",
    "WriteWork",
    "Writing",
    "engine_of",
    "identify",
    "identity_of",
    "write_work",
]
