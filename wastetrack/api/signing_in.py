"""Signing in, who I am, and personal tokens."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi import Body as FromBody
from pydantic import Field, SecretStr
from starlette.responses import JSONResponse, Response

from wastetrack import clock
from wastetrack.api.schemas import Body, Me, Shown, TokenShown, problems
from wastetrack.auth import issuing, queries, signing_in
from wastetrack.auth.issuing import IssueToken
from wastetrack.auth.model import Scope
from wastetrack.auth.queries import Credential
from wastetrack.auth.signing_in import SignIn
from wastetrack.errors import Forbidden
from wastetrack.serving.deps import Reading, Writing, engine_of, settings_of
from wastetrack.serving.idempotency import AnsweringRoute, keep_instead

router = APIRouter(route_class=AnsweringRoute, tags=["signing in"])

_EXAMPLE = {"login": "zhang.wei", "password": "correct horse battery"}


class Credentials(Body):
    """Login and password."""

    login: str = Field(max_length=200)
    password: SecretStr = Field(max_length=200)


class Opened(Shown):
    """A session: send `Authorization: Bearer <token>` until it expires or lies idle too long."""

    token: str
    token_type: str = "Bearer"  # noqa: S105  the scheme's name
    expires_at: datetime


class NewToken(Body):
    """A personal token to make."""

    name: str = Field(max_length=100, examples=["weighbridge 2"])
    days: int = Field(90, ge=1, le=issuing.LONGEST_DAYS)
    scopes: list[Scope] | None = Field(None, max_length=len(Scope))


class TokenMade(TokenShown):
    """The token with its secret, told this once; a repeated request gets it without."""

    secret: str | None


@router.post("/sign-in", status_code=201, responses=problems(422, 429))
async def sign_in(request: Request, body: Annotated[Credentials, FromBody(examples=[_EXAMPLE])]) -> Opened:
    """Open a session with login and password. Needs no Idempotency-Key: each call opens a session of its own."""
    command = SignIn(
        login=body.login,
        password=body.password.get_secret_value(),
        address=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", ""),
    )
    lasts = timedelta(hours=settings_of(request).session_absolute_hours)
    opened = await signing_in.sign_in(engine_of(request), command, lasts=lasts, at=clock.now())
    return Opened(token=opened.token, expires_at=opened.expires_at)


@router.post("/sign-out", status_code=204, responses=problems(400))
async def sign_out(work: Writing) -> Response:
    """End this session. A personal token is revoked instead, at its own address."""
    if work.identity.credential is Credential.SESSION:
        await signing_in.sign_out(work.session, work.identity.secret_hash)
    return Response(status_code=204)


@router.get("/me", responses=problems())
async def me(work: Reading) -> Me:
    """Who is asking, in which role, for which organisation."""
    return Me.model_validate(work.actor)


@router.get("/tokens", responses=problems())
async def tokens(work: Reading) -> list[TokenShown]:
    """One's own personal tokens that are not revoked, the newest first."""
    return [TokenShown.model_validate(token) for token in await queries.tokens_of(work.session, work.actor)]


@router.post("/tokens", status_code=201, responses=problems(400, 403, 422))
async def issue_token(request: Request, work: Writing, body: NewToken) -> TokenMade:
    """Make a personal token. Only somebody who signed in with a password may: a token makes no tokens."""
    if work.identity.credential is not Credential.SESSION:
        raise Forbidden("token_makes_no_token", "A token cannot make another token. Sign in with your password.")
    scopes = None if body.scopes is None else tuple(body.scopes)
    command = IssueToken(name=body.name, days=body.days, scopes=scopes)
    issued = await issuing.issue_token(work.session, work.actor, command, at=work.at)
    made = TokenMade(
        id=issued.id,
        name=issued.name,
        created_at=work.at,
        expires_at=issued.expires_at,
        last_used_at=None,
        scopes=None if scopes is None else list(scopes),
        secret=issued.secret,
    )
    without = made.model_copy(update={"secret": None})
    keep_instead(request, JSONResponse(without.model_dump(mode="json"), 201))
    return made


@router.post("/tokens/{token_id}/revoke", status_code=204, responses=problems(400, 404))
async def revoke_token(work: Writing, token_id: UUID) -> Response:
    """End a personal token at once."""
    await issuing.revoke_token(work.session, work.actor, token_id, at=work.at)
    return Response(status_code=204)
