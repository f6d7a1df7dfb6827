"""Second factors through the pages, as a browser without script sends them; passkeys as a script would."""

import html
import json
import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from tests.support.authenticator import Authenticator
from tests.support.databases import Cluster
from tests.support.served import PASSWORD, Served, Visitor, served_on
from tests.support.world import World
from wastetrack import clock
from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.model import Role
from wastetrack.db.addresses import Address
from wastetrack.db.session import writing
from wastetrack.ids import new_id

HERE = "/account/factors"


async def somebody(served: Served, role: Role = Role.SIGNER) -> str:
    """The login of a new member of the generator."""
    login = f"zhou.min.{new_id()}"
    command = Enrol(login=login, name="周敏", password=PASSWORD, organisation_id=served.places["generator"], role=role)
    async with writing(served.app.state.engine) as session:
        await install(session, command, at=clock.now())
    return login


async def signed_in(served: Served, login: str) -> Visitor:
    visitor = served.visitor()
    assert (await visitor.sign_in(login)).headers["location"] == "/"
    return visitor


async def confirmed(visitor: Visitor, **given: str) -> None:
    """Show once more who one is."""
    fields = given or {"factor_password": PASSWORD}
    response = await visitor.send_form("/account/confirm", fields, page=HERE)
    assert (response.status_code, response.headers["location"]) == (303, HERE), response.text


async def options(visitor: Visitor, path: str, *, page: str) -> dict[str, Any]:
    """What the script of a page asks for."""
    headers = {"X-CSRF-Token": await visitor.token_on(page), "Idempotency-Key": str(new_id())}
    response = await visitor.post(path, headers=headers)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def with_totp(visitor: Visitor) -> pyotp.TOTP:
    """Enrol an app as a person does who types the secret."""
    await visitor.send_form("/account/totp/offer", {}, page=HERE)
    page = (await visitor.get("/account/totp")).text
    secret = "".join(re.findall(r"<span>([A-Z2-7]{1,4})</span>", page))
    app = pyotp.TOTP(secret)
    code = app.at(clock.now() - timedelta(seconds=30))
    response = await visitor.send_form("/account/totp", {"code": code}, page="/account/totp")
    assert response.headers["location"] == HERE, response.text
    return app


async def with_passkey(visitor: Visitor, device: Authenticator) -> None:
    asked = await options(visitor, "/account/passkeys/options", page=HERE)
    fields = {"name": "我的手机", "assertion": json.dumps(device.create(asked))}
    response = await visitor.send_form("/account/passkeys", fields, page=HERE)
    assert (response.status_code, response.headers.get("location")) == (303, HERE), response.text


async def test_nothing_is_changed_before_one_shows_who_one_is(served: Served) -> None:
    visitor = await signed_in(served, await somebody(served))
    page = (await visitor.get(HERE)).text
    assert "更改前请先验证身份" in page
    assert "/account/totp/offer" not in page
    for path in ("/account/totp/offer", "/account/totp/remove", "/account/recovery-codes", "/account/passkeys"):
        assert (await visitor.send_form(path, {}, page=HERE)).status_code == 403
    wrong = await visitor.send_form("/account/confirm", {"factor_password": "wrong"}, page=HERE)
    assert wrong.status_code == 422
    assert "密码" in wrong.text
    assert (await visitor.get("/account/totp")).headers["location"] == HERE
    await confirmed(visitor)
    assert "/account/totp/offer" in (await visitor.get(HERE)).text


async def test_an_app_is_enrolled_and_asked_for_at_the_next_sign_in(served: Served) -> None:
    login = await somebody(served)
    visitor, other = await signed_in(served, login), await signed_in(served, login)
    await confirmed(visitor)
    app = await with_totp(visitor)
    assert (await other.get("/account")).headers["location"].startswith("/sign-in"), "other sessions end"
    assert "已启用" in (await visitor.get(HERE)).text

    newcomer = served.visitor()
    asked = await newcomer.sign_in(login)
    assert asked.headers["location"] == "/sign-in/factor?next=%2F"
    assert "wastetrack" not in newcomer.http.cookies, "no session yet"
    assert (await newcomer.get("/account")).headers["location"].startswith("/sign-in")
    page = "/sign-in/factor"
    wrong = await newcomer.send_form("/sign-in/factor", {"factor_code": "000000"}, page=page)
    assert wrong.status_code == 422
    assert "验证码无效" in wrong.text
    password = await newcomer.send_form("/sign-in/factor", {"factor_password": PASSWORD}, page=page)
    assert password.status_code == 422
    right = await newcomer.send_form("/sign-in/factor", {"factor_code": app.now(), "next": "/account"}, page=page)
    assert (right.status_code, right.headers["location"]) == (303, "/account")
    assert "验证器应用" in (await newcomer.get("/account")).text


async def test_a_sign_in_that_waits_is_finished_once(served: Served) -> None:
    login = await somebody(served)
    visitor = await signed_in(served, login)
    await confirmed(visitor)
    app = await with_totp(visitor)
    page = (await visitor.send_form("/account/recovery-codes", {}, page=HERE)).text
    codes = re.findall(r"<code>([A-Z0-9-]{29})</code>", page)
    assert len(codes) == 10
    assert codes[0] not in (await visitor.get(HERE)).text, "told once"
    newcomer = served.visitor()
    await newcomer.sign_in(login)
    pending = newcomer.http.cookies["wastetrack_pending"]
    done = await newcomer.send_form("/sign-in/factor", {"factor_code": app.now()}, page="/sign-in/factor")
    assert done.headers["location"] == "/"
    second = served.visitor()
    await second.get("/sign-in")
    second.http.cookies.set("wastetrack_pending", pending)
    token = await second.token_on("/sign-in")
    late = await second.post("/sign-in/factor", data={"csrf_token": token, "factor_code": codes[0]})
    assert (late.status_code, late.headers["location"]) == (303, "/sign-in?next=%2F")
    # It was over: the recovery code was not taken for it and still works.
    await second.sign_in(login)
    used = await second.send_form("/sign-in/factor", {"factor_code": codes[0].lower()}, page="/sign-in/factor")
    assert used.headers["location"] == "/"


async def test_a_passkey_signs_in_alone_or_after_the_password(served: Served) -> None:
    login, device = await somebody(served), Authenticator()
    visitor = await signed_in(served, login)
    await confirmed(visitor)
    await with_passkey(visitor, device)
    assert "我的手机" in (await visitor.get(HERE)).text

    alone = served.visitor()
    asked = await options(alone, "/sign-in/passkey/options", page="/sign-in")
    assert asked["allowCredentials"] == []
    assert asked["userVerification"] == "required"
    answer = {"assertion": json.dumps(device.get(asked)), "next": "/account"}
    entered = await alone.send_form("/sign-in/passkey", answer, page="/sign-in")
    assert (entered.status_code, entered.headers["location"]) == (303, "/account")
    assert "周敏" in (await alone.get("/account")).text
    replayed = await served.visitor().send_form("/sign-in/passkey", answer, page="/sign-in")
    assert replayed.status_code == 401

    after = served.visitor()
    await after.sign_in(login)
    asked = await options(after, "/sign-in/factor/options", page="/sign-in/factor")
    assert [one["id"] for one in asked["allowCredentials"]] == [device.get(asked)["id"]]
    fields = {"assertion": json.dumps(device.get(asked))}
    assert (await after.send_form("/sign-in/factor", fields, page="/sign-in/factor")).headers["location"] == "/"

    asked = await options(after, "/account/confirm/options", page=HERE)
    await confirmed(after, assertion=json.dumps(device.get(asked)))


async def test_a_challenge_belongs_to_the_browser_that_asked(served: Served) -> None:
    login, device = await somebody(served), Authenticator()
    visitor = await signed_in(served, login)
    await confirmed(visitor)
    await with_passkey(visitor, device)
    thief = served.visitor()
    asked = await options(served.visitor(), "/sign-in/passkey/options", page="/sign-in")
    fields = {"assertion": json.dumps(device.get(asked))}
    assert (await thief.send_form("/sign-in/passkey", fields, page="/sign-in")).status_code == 401


async def test_passkeys_are_renamed_and_removed_by_their_owner_alone(served: Served) -> None:
    login = await somebody(served)
    visitor = await signed_in(served, login)
    await confirmed(visitor)
    await with_passkey(visitor, Authenticator())
    found = re.search(r"/account/passkeys/([0-9a-f-]{36})/rename", (await visitor.get(HERE)).text)
    assert found is not None
    place = f"/account/passkeys/{found.group(1)}"
    stranger = await signed_in(served, await somebody(served))
    await confirmed(stranger)
    for path in ("/rename", "/remove"):
        assert (await stranger.send_form(place + path, {"name": "偷来的"}, page=HERE)).status_code == 404
    assert (await visitor.send_form(f"{place}/rename", {"name": " "}, page=HERE)).status_code == 422
    assert (await visitor.send_form(f"{place}/rename", {"name": "<b>钥匙</b>"}, page=HERE)).status_code == 303
    assert html.escape("<b>钥匙</b>") in (await visitor.get(HERE)).text
    assert (await visitor.send_form(f"{place}/remove", {}, page=HERE)).status_code == 303
    assert "您还没有通行密钥" in (await visitor.get(HERE)).text
    assert (await served.visitor().sign_in(login)).headers["location"] == "/"


async def owner_opens(served: Served, link: str, wanted: str) -> Any:  # noqa: ANN401  httpx's own
    """Open the link in a browser that nobody is signed in at, and choose this password."""
    visitor = served.visitor()
    token = link.partition("token=")[2]
    return await visitor.send_form("/join", {"token": token, "password": wanted}, page=link)


async def test_an_owner_who_opens_the_link_for_a_password_does_not_get_past_the_second_factor(served: Served) -> None:
    login = await somebody(served)
    visitor = await signed_in(served, login)
    await confirmed(visitor)
    app = await with_totp(visitor)
    people = f"/organisations/{served.places['generator']}/people"
    owner = await served.page_visitor("owner")
    page = (await owner.get(people)).text
    place = re.search(r'action="([^"]+)/password-link"', page[page.index(login) :])
    assert place is not None
    shown = await owner.send_form(f"{place.group(1)}/password-link", {}, page=people)
    link = re.search(r"/join\?token=[A-Za-z0-9_-]+", shown.text)
    assert link is not None
    wanted = "nine loud rivers at dawn"
    # Whoever opens the link chooses a password, be it the owner herself.
    assert (await owner_opens(served, link.group(0), wanted)).status_code == 303
    intruder = served.visitor()
    entered = await intruder.sign_in(login, wanted)
    assert entered.headers["location"].startswith("/sign-in/factor"), entered.text
    assert (await intruder.get("/account/password")).headers["location"].startswith("/sign-in")
    # The intruder has not used it up; the person has both.
    await visitor.sign_in(login, wanted)
    given = {"factor_code": app.now()}
    await visitor.send_form("/sign-in/factor", given, page="/sign-in/factor")
    assert (await visitor.get("/")).status_code == 200
    assert "王秀英" in (await visitor.get("/account")).text, "who set it is told"


async def test_sessions_are_listed_and_ended_one_by_one(served: Served) -> None:
    login = await somebody(served)
    first, second, third = [await signed_in(served, login) for _ in range(3)]
    places = re.findall(r"/account/sessions/([0-9a-f-]{36})/end", (await first.get("/account")).text)
    assert len(places) == 2, "not this one"
    stranger = await signed_in(served, await somebody(served))
    assert (await stranger.send_form(f"/account/sessions/{places[0]}/end", {}, page="/account")).status_code == 404
    assert (await first.send_form(f"/account/sessions/{places[0]}/end", {}, page="/account")).status_code == 303
    assert sorted([(await one.get("/account")).status_code for one in (second, third)]) == [200, 303]
    await first.send_form("/account/sign-out-others", {}, page="/account")
    assert [(await one.get("/account")).status_code for one in (first, second, third)] == [200, 303, 303]


async def test_what_happened_is_told_to_the_person(served: Served) -> None:
    login = await somebody(served)
    visitor = await signed_in(served, login)
    await served.visitor().sign_in(login, "a wrong guess again")
    page = (await visitor.get("/account?lang=en")).text
    assert "Somebody tried to sign in with a wrong password" in page
    assert "127.0.0.1" not in page


async def test_guesses_at_the_present_password_are_counted(served: Served) -> None:
    visitor = await signed_in(served, await somebody(served))
    fields = {"present": "wrong", "wanted": "nine loud rivers at dawn"}
    told = [
        (await visitor.send_form("/account/password", fields, page="/account/password")).status_code for _ in range(7)
    ]
    assert told == [422] * 5 + [429] * 2


@pytest.fixture
async def strict(cluster: Cluster, town: tuple[World, Address], tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401  an async generator, as fixtures are
    world, template = town
    address = cluster.clone(template.database)
    folder = tmp_path_factory.mktemp("strict")
    async with served_on(address.url, world, folder, require_second_factor=("owner", "signer")) as served:
        yield served
    cluster.drop(address)


async def test_where_a_role_needs_a_second_factor_it_is_enrolled_before_anything_else(strict: Served) -> None:
    visitor = strict.visitor()
    await visitor.sign_in("signer")
    for path in ("/", "/manifests", "/account", "/account/password"):
        assert (await visitor.get(path)).headers["location"] == HERE
    posted = await visitor.send_form("/account/tokens", {"name": "x", "days": "1"}, page=HERE)
    assert posted.headers["location"] == HERE
    assert "您的角色必须有第二验证因素" in (await visitor.get(HERE)).text
    app = await with_totp(visitor)
    assert (await visitor.get("/manifests")).status_code == 200
    last = await visitor.send_form("/account/totp/remove", {}, page=HERE)
    assert last.status_code == 422
    assert "这是您的最后一个" in last.text
    at_api = strict.visitor()
    refused = await at_api.sign_in_at_api("owner")
    assert refused.status_code == 201
    assert (await at_api.get("/api/v1/manifests")).json()["code"] == "enrol_factor_first"
    assert (await at_api.get("/api/v1/me")).status_code == 200
    free = strict.visitor()
    await free.sign_in("filer")
    assert (await free.get("/manifests")).status_code == 200
    assert app.digits == 6
