"""Systems of one's organisation: registered, given new secrets and keys, ended; and the tokens of its members."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from wastetrack.api.schemas import Body, Shown, TokenShown, problems
from wastetrack.auth import clients, queries, registering_clients
from wastetrack.auth.clients import System
from wastetrack.auth.model import AuthMethod, Scope
from wastetrack.auth.queries import Credential
from wastetrack.auth.registering_clients import RegisterClient, ToldSecret
from wastetrack.errors import Forbidden
from wastetrack.manifests import signing_keys
from wastetrack.serving.deps import Reading, WriteWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute, keep_instead
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line

router = RoomRouter(route_class=AnsweringRoute, tags=["systems"])

_EXAMPLE = {"name": "ERP", "scopes": ["read", "label", "file"], "days": 90}


class SecretShown(Shown):
    """A secret in force, without itself."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class SecretMade(Shown):
    """A new secret, told this once; a repeated request gets it without."""

    id: UUID
    secret: str | None
    expires_at: datetime


class SystemShown(Shown):
    """A system. Its id is the `client_id`."""

    id: UUID
    name: str
    role: str = Field(description="The least role that the scopes need; the system can do no more than it")
    scopes: list[Scope]
    auth_method: AuthMethod
    jwks: dict[str, Any] | None
    secrets: list[SecretShown]
    created_at: datetime
    created_by: str
    last_used_at: datetime | None


class SystemMade(Shown):
    """A new system, with its secret unless it signs."""

    client_id: UUID
    secret: SecretMade | None


class NewSystem(Body):
    """A system to register. With `private_key_jwt` send `jwks`, the public halves of its keys."""

    name: Line = Field(max_length=registering_clients.LONGEST_NAME)
    scopes: list[Scope] = Field(max_length=len(Scope))
    auth_method: AuthMethod = AuthMethod.CLIENT_SECRET
    jwks: dict[str, Any] | None = None
    days: int = Field(90, ge=1, le=registering_clients.LONGEST_DAYS)


class Rotation(Body):
    """How long the new secret holds, and how long the old one still does."""

    days: int = Field(90, ge=1, le=registering_clients.LONGEST_DAYS)
    overlap_hours: int = Field(72, ge=0, le=registering_clients.LONGEST_OVERLAP_HOURS)


class KeySet(Body):
    """A JWK set (RFC 7517) of 1 to 5 public keys for signing: P-256, Ed25519, or RSA of 2048 bits or more."""

    keys: list[dict[str, Any]] = Field(max_length=20)


class MembersToken(TokenShown):
    """A personal token of a member."""

    owner: str


def shown(system: System) -> SystemShown:
    """As the API tells it."""
    return SystemShown.model_validate(system)


def told(request: Request, made: Shown, without: Shown) -> Response:
    """An answer that tells a secret, with what is kept of it for a repeated request."""
    keep_instead(request, JSONResponse(without.model_dump(mode="json"), 201))
    return JSONResponse(made.model_dump(mode="json"), 201)


def signed_in(work: WriteWork) -> None:
    """A stolen token must not be able to let others in for ever after."""
    if work.identity.credential is not Credential.SESSION:
        raise Forbidden("token_makes_no_token", "A token cannot make another token. Sign in with your password.")


def _made(secret: ToldSecret) -> SecretMade:
    return SecretMade(id=secret.id, secret=secret.secret, expires_at=secret.expires_at)


def _untold(secret: SecretMade) -> SecretMade:
    return secret.model_copy(update={"secret": None})


@router.get("/systems", responses=problems(403))
async def systems(work: Reading) -> list[SystemShown]:
    """The systems of one's organisation, by name; for its owner (or an authority's approver)."""
    return [shown(system) for system in await clients.systems_of(work.session, work.actor, at=work.at)]


@router.get("/systems/{client_id}", responses=problems(403, 404))
async def system(work: Reading, client_id: UUID) -> SystemShown:
    """One system."""
    return shown(await clients.system(work.session, work.actor, client_id, at=work.at))


@router.post("/systems", status_code=201, response_model=SystemMade, responses=problems(400, 403, 422))
async def register(
    request: Request, work: Writing, body: Annotated[NewSystem, FromBody(examples=[_EXAMPLE])]
) -> Response:
    """Register a system. Its secret is told this once."""
    signed_in(work)
    command = RegisterClient(
        name=body.name, scopes=tuple(body.scopes), auth_method=body.auth_method, jwks=body.jwks, days=body.days
    )
    registered = await registering_clients.register_client(work.session, work.actor, command, at=work.at)
    secret = None if registered.secret is None else _made(registered.secret)
    made = SystemMade(client_id=registered.id, secret=secret)
    without = made.model_copy(update={"secret": None if secret is None else _untold(secret)})
    return told(request, made, without)


@router.post(
    "/systems/{client_id}/secrets", status_code=201, response_model=SecretMade, responses=problems(400, 403, 404, 422)
)
async def rotate(request: Request, work: Writing, client_id: UUID, body: Rotation) -> Response:
    """A new secret, told this once; the present one holds for the overlap."""
    signed_in(work)
    secret = await registering_clients.rotate_secret(
        work.session, work.actor, client_id, days=body.days, overlap_hours=body.overlap_hours, at=work.at
    )
    made = _made(secret)
    return told(request, made, _untold(made))


@router.post("/systems/{client_id}/secrets/{secret_id}/end", status_code=204, responses=problems(400, 403, 404))
async def end_secret(work: Writing, client_id: UUID, secret_id: UUID) -> Response:
    """End a secret at once."""
    await registering_clients.end_secret(work.session, work.actor, client_id, secret_id, at=work.at)
    return Response(status_code=204)


@router.post("/systems/{client_id}/jwks", status_code=204, responses=problems(400, 403, 404, 422))
async def replace_jwks(work: Writing, client_id: UUID, body: KeySet) -> Response:
    """Put another key set in place of the present one; for overlap, send old and new keys together for a while."""
    signed_in(work)
    await registering_clients.replace_jwks(work.session, work.actor, client_id, {"keys": body.keys})
    return Response(status_code=204)


@router.post("/systems/{client_id}/end", status_code=204, responses=problems(400, 403, 404))
async def end(work: Writing, client_id: UUID) -> Response:
    """Let a system in no more: its secrets, tokens and signing keys end at once."""
    await signing_keys.end_system(work.session, work.actor, client_id, at=work.at)
    return Response(status_code=204)


@router.get("/members-tokens", responses=problems(403))
async def members_tokens(work: Reading) -> list[MembersToken]:
    """The personal tokens of all members of one's organisation; each can be revoked at /tokens/…/revoke."""
    found = await queries.members_tokens(work.session, work.actor)
    return [MembersToken(**TokenShown.model_validate(token).model_dump(), owner=owner) for token, owner in found]
