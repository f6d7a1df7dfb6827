"""One's own account at the API: factors, sessions, signing in with a second factor or with a passkey alone."""

from datetime import timedelta

import pyotp
import pytest

from tests.support.authenticator import Authenticator
from tests.support.served import PASSWORD, Served, Visitor
from wastetrack import clock
from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.model import Role
from wastetrack.db.session import writing
from wastetrack.ids import new_id

ACCOUNT = "/api/v1/account"


async def somebody(served: Served) -> tuple[str, Visitor]:
    """A new member and a program of his, signed in."""
    login = f"integrator.{new_id()}"
    command = Enrol(
        login=login, name="何静", password=PASSWORD, organisation_id=served.places["generator"], role=Role.OWNER
    )
    async with writing(served.app.state.engine) as session:
        await install(session, command, at=clock.now())
    return login, await signed_in(served, login)


async def signed_in(served: Served, login: str) -> Visitor:
    program = served.visitor()
    assert (await program.sign_in_at_api(login)).status_code == 201
    return program


async def confirmed(program: Visitor) -> None:
    assert (await program.post(f"{ACCOUNT}/confirm", json={"password": PASSWORD})).status_code == 204


async def test_an_app_is_enrolled_and_its_code_sent_along_when_signing_in(served: Served) -> None:
    login, program = await somebody(served)
    other = await signed_in(served, login)
    refused = await program.send_json(f"{ACCOUNT}/totp", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "factor_needed_again")
    await confirmed(program)
    key = new_id()
    offered = (await program.send_json(f"{ACCOUNT}/totp", {}, key=key)).json()
    repeated = (await program.send_json(f"{ACCOUNT}/totp", {}, key=key)).json()
    assert repeated == {"secret": None, "address": None}
    app = pyotp.parse_uri(offered["address"])
    assert isinstance(app, pyotp.TOTP)
    assert app.secret == offered["secret"]
    wrong = await program.send_json(f"{ACCOUNT}/totp/confirmation", {"code": "12345"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "code_not_accepted")
    code = app.at(clock.now() - timedelta(seconds=30))
    assert (await program.send_json(f"{ACCOUNT}/totp/confirmation", {"code": code})).status_code == 204
    assert (await other.get("/api/v1/me")).status_code == 401, "other sessions end"
    codes = (await program.send_json(f"{ACCOUNT}/recovery-codes", {})).json()["codes"]
    assert len(codes) == 10
    held = (await program.get(f"{ACCOUNT}/factors")).json()
    assert held == {"passkeys": [], "totp_enrolled": True, "recovery_codes_left": 10}

    needed = await served.visitor().sign_in_at_api(login)
    assert (needed.status_code, needed.json()["code"]) == (401, "second_factor_needed")
    assert [(one["field"], one["code"]) for one in needed.json()["errors"]] == [
        ("totp_code", "totp_needed"),
        ("recovery_code", "recovery_code_needed"),
    ]
    credentials = {"login": login, "password": PASSWORD}
    for more, status in (
        ({"totp_code": "000000"}, 401),
        ({"totp_code": app.now()}, 201),
        ({"totp_code": app.now()}, 401),
        ({"recovery_code": codes[0]}, 201),
        ({"recovery_code": codes[0]}, 401),
    ):
        answer = await served.visitor().post("/api/v1/sign-in", json=credentials | more)
        assert answer.status_code == status, (more, answer.text)
        assert status == 201 or answer.json()["code"] == "second_factor_refused"
    # Without the right password nobody learns that there is a second factor.
    stranger = await served.visitor().post("/api/v1/sign-in", json=credentials | {"password": "x" * 12})
    assert stranger.json()["code"] == "sign_in_refused"


async def test_a_passkey_is_enrolled_and_signs_in_alone(served: Served) -> None:
    _, program = await somebody(served)
    device = Authenticator()
    await confirmed(program)
    options = (await program.send_json(f"{ACCOUNT}/passkeys/options", {})).json()
    body = {"name": "my phone", "credential": device.create(options)}
    made = await program.send_json(f"{ACCOUNT}/passkeys", body)
    assert made.status_code == 201, made.text
    assert (made.json()["name"], made.json()["backed_up"]) == ("my phone", True)

    visitor = served.visitor()
    asked = (await visitor.post("/api/v1/sign-in/passkey/options")).json()
    answer = {"ceremony": asked["ceremony"], "assertion": device.get(asked["options"])}
    other = (await visitor.post("/api/v1/sign-in/passkey/options")).json()
    crossed = await visitor.post("/api/v1/sign-in/passkey", json=answer | {"ceremony": other["ceremony"]})
    assert (crossed.status_code, crossed.json()["code"]) == (401, "passkey_refused")
    opened = await visitor.post("/api/v1/sign-in/passkey", json=answer)
    assert opened.status_code == 201, opened.text
    assert (await visitor.post("/api/v1/sign-in/passkey", json=answer)).status_code == 401, "once"
    visitor.bearer = opened.json()["token"]
    assert (await visitor.get("/api/v1/me")).json()["person_name"] == "何静"

    options = (await visitor.send_json(f"{ACCOUNT}/confirm/options", {})).json()
    confirm = await visitor.post(f"{ACCOUNT}/confirm", json={"assertion": device.get(options)})
    assert confirm.status_code == 204, confirm.text
    place = f"{ACCOUNT}/passkeys/{made.json()['id']}/revoke"
    _, stranger = await somebody(served)
    await confirmed(stranger)
    assert (await stranger.send_json(place, {})).status_code == 404
    assert (await visitor.send_json(place, {})).status_code == 204
    asked = (await visitor.post("/api/v1/sign-in/passkey/options")).json()
    answer = {"ceremony": asked["ceremony"], "assertion": device.get(asked["options"])}
    assert (await served.visitor().post("/api/v1/sign-in/passkey", json=answer)).status_code == 401, "revoked"


async def test_sessions_are_listed_and_revoked(served: Served) -> None:
    login, program = await somebody(served)
    second, third = await signed_in(served, login), await signed_in(served, login)
    listed = (await program.get(f"{ACCOUNT}/sessions")).json()
    assert [one["is_this"] for one in listed].count(True) == 1
    assert all(one["factors"] == ["password"] for one in listed)
    assert program.bearer is not None
    assert program.bearer not in str(listed)
    others = [one["id"] for one in listed if not one["is_this"]]
    _, stranger = await somebody(served)
    assert (await stranger.send_json(f"{ACCOUNT}/sessions/{others[0]}/revoke", {})).status_code == 404
    assert (await program.send_json(f"{ACCOUNT}/sessions/{others[0]}/revoke", {})).status_code == 204
    assert sorted([(await one.get("/api/v1/me")).status_code for one in (second, third)]) == [200, 401]
    assert (await program.send_json(f"{ACCOUNT}/sessions/revoke-others", {})).status_code == 204
    assert [(await one.get("/api/v1/me")).status_code for one in (program, second, third)] == [200, 401, 401]
    told = [one["kind"] for one in (await program.get(f"{ACCOUNT}/happenings")).json()]
    assert told == ["sessions_ended"] * 2 + ["signed_in"] * 3


async def test_the_password_is_changed_with_the_present_one(served: Served) -> None:
    login, program = await somebody(served)
    wanted = "nine loud rivers at dawn"
    wrong = await program.send_json(f"{ACCOUNT}/password", {"present": "x" * 12, "wanted": "short"})
    assert {(one["field"], one["code"]) for one in wrong.json()["errors"]} >= {
        ("present", "password_wrong"),
        ("wanted", "password_length"),
    }
    changed = await program.send_json(f"{ACCOUNT}/password", {"present": PASSWORD, "wanted": wanted})
    assert changed.status_code == 204, changed.text
    assert (await served.visitor().sign_in_at_api(login)).status_code == 401
    assert (await served.visitor().sign_in_at_api(login, wanted)).status_code == 201


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/confirm", {"password": PASSWORD}),
        ("/totp", {}),
        ("/password", {"present": PASSWORD, "wanted": "nine loud rivers at dawn"}),
        ("/sessions/revoke-others", {}),
        ("/recovery-codes", {}),
        ("/passkeys/options", {}),
    ],
)
async def test_a_token_looks_after_no_account(served: Served, path: str, body: dict[str, str]) -> None:
    _, program = await somebody(served)
    made = (await program.send_json("/api/v1/tokens", {"name": "scale", "days": 1})).json()
    machine = served.visitor()
    machine.bearer = made["secret"]
    refused = await machine.send_json(ACCOUNT + path, body)
    assert (refused.status_code, refused.json()["code"]) == (403, "token_changes_no_account")
    nobody = await served.visitor().send_json(ACCOUNT + path, body)
    assert nobody.status_code == 401


async def test_a_factor_must_be_sent(served: Served) -> None:
    _, program = await somebody(served)
    refused = await program.post(f"{ACCOUNT}/confirm", json={})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "factor_missing")
