"""Signing in, who I am, and personal tokens."""

import secrets
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Request
from pydantic import Field, SecretStr
from starlette.responses import JSONResponse, Response

from wastetrack import clock
from wastetrack.api.schemas import Body, Me, Shown, TokenShown, problems
from wastetrack.auth import ceremonies, issuing, queries, signing_in
from wastetrack.auth.factors import FactorKind, GivenFactor
from wastetrack.auth.issuing import IssueToken
from wastetrack.auth.model import Scope
from wastetrack.auth.opening import Browser
from wastetrack.auth.queries import Credential
from wastetrack.auth.signing_in import Arrival, SignIn
from wastetrack.db.session import writing
from wastetrack.errors import Forbidden, RuleBroken, Unauthenticated
from wastetrack.serving.deps import Reading, Writing, engine_of
from wastetrack.serving.idempotency import AnsweringRoute, keep_instead
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.sign_in_rules import rules_of
from wastetrack.serving.written_text import Line

router = RoomRouter(route_class=AnsweringRoute, tags=["signing in"])

_EXAMPLE = {"login": "zhang.wei", "password": "correct horse battery"}


class Credentials(Body):
    """Login and password; and a code, where the person has enrolled a second factor."""

    login: str = Field(max_length=200)
    password: SecretStr = Field(max_length=200)
    totp_code: SecretStr | None = Field(None, max_length=20, description="Of the authenticator app; works once")
    recovery_code: SecretStr | None = Field(None, max_length=60, description="Of the list; works once")

    @property
    def factor(self) -> GivenFactor | None:
        """The second factor sent along."""
        for kind, code in ((FactorKind.TOTP, self.totp_code), (FactorKind.RECOVERY_CODE, self.recovery_code)):
            if code is not None:
                return GivenFactor(kind, code=code.get_secret_value())
        return None


class Opened(Shown):
    """A session: send `Authorization: Bearer <token>` until it expires or lies idle too long."""

    token: str
    token_type: str = "Bearer"  # noqa: S105  the scheme's name
    expires_at: datetime


class NewToken(Body):
    """A personal token to make."""

    name: Line = Field(max_length=100, examples=["weighbridge 2"])
    days: int = Field(90, ge=1, le=issuing.LONGEST_DAYS)
    scopes: list[Scope] | None = Field(None, max_length=len(Scope))


class TokenMade(TokenShown):
    """The token with its secret, told this once; a repeated request gets it without."""

    secret: str | None


class PasskeyOptions(Shown):
    """What to ask the authenticator; `ceremony` is sent back with its answer, within five minutes, once."""

    ceremony: str
    options: dict[str, Any]


class PasskeyAnswer(Body):
    """What the authenticator said."""

    ceremony: SecretStr = Field(max_length=100)
    assertion: dict[str, Any] = Field(description="PublicKeyCredential.toJSON()")


@router.post("/sign-in", status_code=201, responses=problems(422, 429))
async def sign_in(
    request: Request, keys: DeploymentKeys, body: Annotated[Credentials, FromBody(examples=[_EXAMPLE])]
) -> Opened:
    """Open a session with login and password. Needs no Idempotency-Key: each call opens a session of its own.

    Where a second factor is enrolled and none was sent, the answer is 401 with the code `second_factor_needed`, and
    its `errors` name what would do; send one of them together with login and password.
    """
    command = SignIn(
        login=body.login,
        password=body.password.get_secret_value(),
        address=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", ""),
        factor=body.factor,
    )
    rules, party = rules_of(request), keys.relying_party
    try:
        opened = await signing_in.sign_in(
            engine_of(request),
            command,
            lasts=rules.lasts,
            at=clock.now(),
            required=rules.required,
            relying_party=party,
        )
    except RuleBroken as refused:
        raise Unauthenticated("second_factor_refused", refused.broken[0].message) from refused
    return Opened(token=opened.token, expires_at=opened.expires_at)


@router.post("/sign-in/passkey/options", responses=problems())
async def passkey_options(request: Request, keys: DeploymentKeys) -> PasskeyOptions:
    """What to ask a passkey, for signing in with it alone. Needs no Idempotency-Key: each call is a ceremony."""
    ceremony = secrets.token_urlsafe(32)
    async with writing(engine_of(request)) as session:
        bound, party = ceremonies.bound_to(ceremony), keys.relying_party
        options = await signing_in.passkey_options(session, bound, party=party, at=clock.now())
    return PasskeyOptions(ceremony=ceremony, options=options)


@router.post("/sign-in/passkey", status_code=201, responses=problems(422))
async def sign_in_with_passkey(request: Request, keys: DeploymentKeys, body: PasskeyAnswer) -> Opened:
    """Open a session with a passkey alone. Needs no Idempotency-Key: a ceremony is answered once."""
    rules = rules_of(request)
    opened = await signing_in.sign_in_with_passkey(
        engine_of(request),
        body.assertion,
        Arrival(browser=Browser(request.headers.get("user-agent", "")), lasts=rules.lasts, required=rules.required),
        bound=ceremonies.bound_to(body.ceremony.get_secret_value()),
        relying_party=keys.relying_party,
        at=clock.now(),
    )
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
