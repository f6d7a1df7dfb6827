"""Tokens for systems: client credentials (RFC 6749 §4.4), revocation (7009), introspection (7662), metadata (8414).

These addresses answer in OAuth's own words, not in problem documents, and take forms, not JSON: any library can use
them. The client is authenticated here and not by `Writing`; a token request needs no key, for each makes a new token.
"""

import base64
import binascii
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import unquote_plus

from fastapi import Request
from starlette.exceptions import HTTPException as AnsweredByFramework
from starlette.responses import JSONResponse, Response

from wastetrack import clock
from wastetrack.auth import assertions, granting
from wastetrack.auth.assertions import AssertionWrong
from wastetrack.auth.granting import TOKEN_PATH, Known, Shown
from wastetrack.auth.registering_clients import GRANTABLE
from wastetrack.db.session import reading, writing
from wastetrack.errors import Malformed, RuleBroken, Throttled, Unauthenticated, WastetrackError
from wastetrack.serving.deps import engine_of, settings_of
from wastetrack.serving.problems import FAMILIES
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.strict_routes import StrictRoute

well_known = RoomRouter(include_in_schema=False)

REVOKE, INTROSPECT = "/api/v1/oauth/revoke", "/api/v1/oauth/introspect"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
_FORM = "application/x-www-form-urlencoded"
_LONGEST_VALUE = 10_000
_OF_THE_FORM = frozenset({400, 415})
"""How the reader of forms says that this is none."""

_AUTHENTICATION = {
    "client_id": {"type": "string"},
    "client_secret": {"type": "string"},
    "client_assertion_type": {"type": "string", "enum": [ASSERTION_TYPE]},
    "client_assertion": {"type": "string"},
}


def _described(needed: str, **fields: dict[str, Any]) -> dict[str, Any]:
    """What the description of the API says of a form that we read ourselves."""
    schema = {"type": "object", "properties": {**fields, **_AUTHENTICATION}, "required": [needed]}
    return {"requestBody": {"required": True, "content": {_FORM: {"schema": schema}}}}


def _refusals() -> dict[int | str, dict[str, Any]]:
    error = {"type": "object", "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}}}
    content = {"application/json": {"schema": error}}
    return {
        400: {"description": "invalid_request, invalid_scope or unsupported_grant_type", "content": content},
        401: {"description": "invalid_client", "content": content},
        429: {"description": "Too many attempts", "content": content},
    }


class OauthRoute(StrictRoute):
    """Reads a form strictly; a refusal, also of the form itself, is told as RFC 6749 §5.2 has it."""

    def wants_form(self) -> bool:
        """The handlers read the form themselves."""
        return True

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, wrapped."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except (Malformed, Unauthenticated, Throttled) as refusal:
                return _refused(refusal)
            except RuleBroken:
                return _refused(Malformed("invalid_request", "A parameter is too long, or holds what no text does."))
            except AnsweredByFramework as unreadable:
                if unreadable.status_code not in _OF_THE_FORM:
                    raise
                return _refused(Malformed("invalid_request", "Send a form, application/x-www-form-urlencoded."))

        return answer


router = RoomRouter(route_class=OauthRoute, tags=["systems"])


def _refused(refusal: WastetrackError) -> Response:
    headers = {}
    code = refusal.code
    if isinstance(refusal, Unauthenticated):
        headers["WWW-Authenticate"] = 'Basic realm="wastetrack"'
    if isinstance(refusal, Throttled):
        headers["Retry-After"] = str(refusal.facts["retry_after_seconds"])
        code = "temporarily_unavailable"
    body = {"error": code, "error_description": refusal.message.format(**refusal.facts)}
    return JSONResponse(body, FAMILIES[type(refusal)].status, headers)


@router.post(
    "/oauth/token",
    responses=_refusals(),
    openapi_extra=_described(
        "grant_type", grant_type={"type": "string", "enum": ["client_credentials"]}, scope={"type": "string"}
    ),
)
async def token(request: Request) -> Response:
    """An access token for an hour, for a secret or an assertion; narrowed to the scopes asked for."""
    fields = await _fields(request)
    client = await _client(request, fields)
    if fields.get("grant_type") != "client_credentials":
        code = "unsupported_grant_type" if fields.get("grant_type") else "invalid_request"
        raise Malformed(code, "The grant type is client_credentials.")
    async with writing(engine_of(request)) as session:
        granted = await granting.grant(session, client, fields.get("scope"), at=clock.now())
    return JSONResponse(
        {
            "access_token": granted.token,
            "token_type": "Bearer",
            "expires_in": granted.expires_in,
            "scope": " ".join(granted.scopes),
        },
        headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
    )


@router.post("/oauth/revoke", responses=_refusals(), openapi_extra=_described("token", token={"type": "string"}))
async def revoke(request: Request) -> Response:
    """End one of the client's own tokens; 200 whether it held or not."""
    fields = await _fields(request)
    client = await _client(request, fields)
    async with writing(engine_of(request)) as session:
        await granting.revoke(session, client, _needed(fields, "token"), at=clock.now())
    return Response(status_code=200)


@router.post("/oauth/introspect", responses=_refusals(), openapi_extra=_described("token", token={"type": "string"}))
async def introspect(request: Request) -> Response:
    """What one of the client's own tokens is worth; of any other it is said that it is not active."""
    fields = await _fields(request)
    client = await _client(request, fields)
    async with reading(engine_of(request)) as session:
        found = await granting.introspect(session, client, _needed(fields, "token"), at=clock.now())
    if found is None:
        return JSONResponse({"active": False})
    return JSONResponse(
        {
            "active": True,
            "client_id": str(found.client_id),
            "scope": " ".join(found.scopes),
            "token_type": "Bearer",
            "iat": int(found.issued_at.timestamp()),
            "exp": int(found.expires_at.timestamp()),
            "iss": _issuer(request),
        }
    )


@well_known.get("/.well-known/oauth-authorization-server")
async def metadata(request: Request) -> Response:
    """Where and how a system gets its tokens (RFC 8414)."""
    issuer = _issuer(request)
    found: dict[str, object] = {
        "issuer": issuer,
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": list(GRANTABLE),
    }
    for name, path in (("token", TOKEN_PATH), ("revocation", REVOKE), ("introspection", INTROSPECT)):
        found[f"{name}_endpoint"] = issuer + path
        found[f"{name}_endpoint_auth_methods_supported"] = _METHODS
        found[f"{name}_endpoint_auth_signing_alg_values_supported"] = list(assertions.ALGORITHMS)
    return JSONResponse(found)


def _issuer(request: Request) -> str:
    return settings_of(request).base_url.rstrip("/")


async def _fields(request: Request) -> dict[str, str]:
    """The form's fields. One that is empty was not sent, one that is sent twice is refused (RFC 6749 §3.2)."""
    if "content-type" not in request.headers:
        return {}
    if request.headers["content-type"].partition(";")[0].strip().lower() != _FORM:
        raise Malformed("invalid_request", "Send a form, application/x-www-form-urlencoded.")
    items = (await request.form()).multi_items()
    if len({name for name, _ in items}) < len(items):
        raise Malformed("invalid_request", "Send each parameter once.")
    fields = {name: value for name, value in items if isinstance(value, str) and value}
    if any(len(value) > _LONGEST_VALUE for value in fields.values()):
        raise Malformed("invalid_request", "A parameter is too long, or holds what no text does.")
    return fields


def _needed(fields: dict[str, str], name: str) -> str:
    if name not in fields:
        raise Malformed("invalid_request", "The parameter {name} is missing.", name=name)
    return fields[name]


async def _client(request: Request, fields: dict[str, str]) -> Known:
    """Who the client is, by the one method that it used (RFC 6749 §2.3)."""
    basic = _basic(request)
    used = [basic is not None, "client_secret" in fields, "client_assertion" in fields]
    if sum(used) > 1:
        raise Malformed("invalid_request", "Authenticate in one way only.")
    client_id, secret = basic or (fields.get("client_id", ""), fields.get("client_secret"))
    assertion = fields.get("client_assertion")
    if assertion is not None:
        if fields.get("client_assertion_type") != ASSERTION_TYPE:
            raise Malformed("invalid_request", "The type of the assertion is {type}.", type=ASSERTION_TYPE)
        try:
            named = assertions.client_named_by(assertion)
        except AssertionWrong:
            named = ""
        if client_id not in {"", named}:
            raise Malformed("invalid_request", "client_id is not who the assertion is from.")
        client_id = named
    elif basic and fields.get("client_id", client_id) != client_id:
        raise Malformed("invalid_request", "client_id is not who the header says.")
    issuer = _issuer(request)
    shown = Shown(
        client_id=client_id,
        secret=secret,
        assertion=assertion,
        audiences=(issuer, issuer + TOKEN_PATH),
        address=request.client.host if request.client else "",
    )
    return await granting.authenticate(engine_of(request), shown, at=clock.now())


def _basic(request: Request) -> tuple[str, str] | None:
    """Id and secret of the header, each encoded as in a form (RFC 6749 §2.3.1); None if there is none."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return (unquote_plus(client_id), unquote_plus(secret)) if colon else ("", "")
