"""Systems of the running application: registered through the API, asking for tokens as any OAuth library does."""

import base64
from typing import Any
from urllib.parse import quote_plus
from uuid import UUID

import httpx2
from joserfc import jwk, jwt

from tests.support.served import Served, Visitor
from wastetrack import clock
from wastetrack.api.oauth import ASSERTION_TYPE
from wastetrack.ids import new_id
from wastetrack.settings import Settings

TOKEN = "/api/v1/oauth/token"  # noqa: S105  an address
ISSUER = str(Settings.model_fields["base_url"].default)
_addresses = iter(range(1, 10_000))


def elsewhere(served: Served) -> Visitor:
    """A program at a network address of its own, so that attempts of one test do not throttle another."""
    number = next(_addresses)
    return served.visitor_from(f"198.51.{number // 250}.{number % 250}")


async def registered(served: Served, *scopes: str, by: str = "owner", **more: Any) -> dict[str, Any]:  # noqa: ANN401  fields
    """A system just registered: `client_id` and its secret."""
    owner = await served.api_visitor(by)
    body = {"name": f"ERP {new_id()}", "scopes": list(scopes), "days": 30, **more}
    answered = await owner.send_json("/api/v1/systems", body)
    assert answered.status_code == 201, answered.text
    made: dict[str, Any] = answered.json()
    return made


def basic(client_id: str, secret: str) -> dict[str, str]:
    """The header of `client_secret_basic`."""
    return {
        "Authorization": "Basic " + base64.b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()
    }


def asking(made: dict[str, Any], **more: str) -> dict[str, str]:
    """The form of `client_secret_post`."""
    return {
        "grant_type": "client_credentials",
        "client_id": made["client_id"],
        "client_secret": made["secret"]["secret"],
        **more,
    }


def assertion_of(client_id: str, key: jwk.Key, *, algorithm: str = "ES256", **changes: object) -> str:
    """What a client that signs sends in place of a secret."""
    now = int(clock.now().timestamp())
    claims: dict[str, Any] = {
        "iss": client_id,
        "sub": client_id,
        "aud": ISSUER + TOKEN,
        "iat": now,
        "exp": now + 60,
        "jti": str(new_id()),
    }
    header = {"alg": algorithm} | {name: changes.pop(name) for name in ("kid",) if name in changes}
    return jwt.encode(header, claims | changes, key, algorithms=[algorithm])


def signed_asking(assertion: str, **more: str) -> dict[str, str]:
    """The form of `private_key_jwt`."""
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        **more,
    }


async def asked(visitor: Visitor, form: dict[str, str], path: str = TOKEN, **more: Any) -> httpx2.Response:  # noqa: ANN401  httpx's own
    """Post a form as it is."""
    return await visitor.post(path, data=form, **more)


async def system(served: Served, *scopes: str, by: str = "owner") -> Visitor:
    """A system with a token for these scopes."""
    made = await registered(served, *scopes, by=by)
    program = elsewhere(served)
    answered = await asked(program, asking(made))
    assert answered.status_code == 200, answered.text
    program.bearer = answered.json()["access_token"]
    return program


def client_id_of(made: dict[str, Any]) -> UUID:
    """The id of a system just registered."""
    return UUID(made["client_id"])
