"""Everybody's authenticator app: with it people sign in and give their factor again, at no price of hashing."""

from datetime import timedelta
from typing import Any

import pyotp

from tests.support.authenticator import Authenticator
from tests.support.served import PASSWORD, Served, Visitor
from tests.support.trade import API, asked, sent
from wastetrack import clock
from wastetrack.ids import new_id


async def with_app(program: Visitor) -> pyotp.TOTP:
    """Enrol an app for whoever is signed in; another one is offered and waits for its first code."""
    await _posted(program, "/account/confirm", {"password": PASSWORD})
    app = _app(await sent(program, "/account/totp", {}, expect=201))
    await _posted(program, "/account/totp/confirmation", {"code": app.at(clock.now() - timedelta(seconds=30))})
    return app


async def another_app(program: Visitor) -> pyotp.TOTP:
    """One more that is offered and waits for its first code."""
    return _app(await sent(program, "/account/totp", {}, expect=201))


async def with_passkey(program: Visitor) -> str:
    """Enrol a passkey; gives its id."""
    options = await sent(program, "/account/passkeys/options", {})
    made = {"name": "手机", "credential": Authenticator().create(options)}
    return str((await sent(program, "/account/passkeys", made, expect=201))["id"])


async def sign_in_with_app(browser: Visitor, login: str, app: pyotp.TOTP) -> None:
    """Through the pages: the password, then the code."""
    assert (await browser.sign_in(login)).headers["location"].startswith("/sign-in/factor")
    fields = {"factor_code": app.at(clock.now())}
    answered = await browser.send_form("/sign-in/factor", fields, page="/sign-in/factor")
    assert answered.status_code == 303, answered.text
    assert answered.headers["location"] == "/"


async def sessions_of(served: Served) -> dict[str, str]:
    """The owner's two sessions, by the door."""
    found: Any = await asked(await served.api_visitor("owner"), "/account/sessions")
    names = {True: "session", False: "page_session"}
    return {names[one["is_this"]]: one["id"] for one in found}


def _app(offered: dict[str, Any]) -> pyotp.TOTP:
    app = pyotp.parse_uri(offered["address"])
    assert isinstance(app, pyotp.TOTP)
    return app


async def _posted(program: Visitor, path: str, body: dict[str, str]) -> None:
    answered = await program.post(f"{API}{path}", json=body, headers={"Idempotency-Key": str(new_id())})
    assert answered.status_code == 204, answered.text
