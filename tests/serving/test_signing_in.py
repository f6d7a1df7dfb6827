"""Signing in through both doors: who gets in, who does not, and what a browser holds afterwards."""

import pytest

from tests.support.served import PASSWORD, Served
from wastetrack import clock
from wastetrack.auth import throttling
from wastetrack.db.session import writing


async def test_a_person_signs_in_through_the_page_and_out_again(served: Served) -> None:
    visitor = served.visitor()
    response = await visitor.sign_in("owner")
    assert response.status_code == 303
    assert response.headers["location"] == "/"
    assert "王秀英" in (await visitor.get("/")).text
    await visitor.send_form("/sign-out", {}, page="/")
    assert (await visitor.get("/")).headers["location"] == "/sign-in?next=%2F"


@pytest.mark.parametrize(
    ("login", "password"),
    [("owner", "not the password at all"), ("nobody at all", PASSWORD), ("", ""), ("owner", "")],
)
async def test_whoever_does_not_fit_sees_the_form_again_and_never_why(
    served: Served, login: str, password: str
) -> None:
    response = await served.visitor().sign_in(login, password)
    assert response.status_code == 401
    assert "登录名或密码不正确" in response.text
    assert password == "" or password not in response.text
    assert "set-cookie" not in response.headers or "wastetrack=" not in response.headers["set-cookie"]


async def test_the_login_is_read_in_any_case_of_letters(served: Served) -> None:
    assert (await served.visitor().sign_in("  Owner ")).status_code == 303


async def test_the_session_cookie_is_for_this_site_and_not_for_scripts(served: Served) -> None:
    response = await served.visitor().sign_in("owner")
    cookie = next(line for line in response.headers.get_list("set-cookie") if line.startswith("wastetrack="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


async def test_signing_in_ends_the_session_that_the_browser_held(served: Served) -> None:
    visitor = served.visitor()
    await visitor.sign_in("viewer")
    held = visitor.http.cookies["wastetrack"]
    await visitor.sign_in("viewer")
    assert visitor.http.cookies["wastetrack"] != held
    other = served.visitor()
    other.http.cookies.set("wastetrack", held)
    assert (await other.get("/")).status_code == 303


async def test_after_signing_in_one_goes_where_one_wanted_to(served: Served) -> None:
    visitor = served.visitor()
    fields = {"login": "owner", "password": PASSWORD, "next": "/account?x=1"}
    response = await visitor.send_form("/sign-in", fields, page="/sign-in?next=/account")
    assert response.headers["location"] == "/account?x=1"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/ /evil",
        "/a\nSet-Cookie: x",
    ],
)
async def test_after_signing_in_nobody_is_led_to_another_site(served: Served, elsewhere: str) -> None:
    visitor = served.visitor()
    fields = {"login": "owner", "password": PASSWORD, "next": elsewhere}
    response = await visitor.send_form("/sign-in", fields, page="/sign-in")
    assert response.headers["location"] == "/"


async def test_too_many_attempts_are_refused_even_with_the_right_password(served: Served) -> None:
    guesser = served.visitor_from("198.51.100.7")
    for _ in range(throttling.PER_LOGIN_AND_ADDRESS):
        assert (await guesser.sign_in("driver", "a wrong guess again")).status_code == 401
    refused = await guesser.sign_in("driver")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "登录尝试次数过多" in refused.text
    at_api = await guesser.sign_in_at_api("driver")
    assert at_api.status_code == 429
    assert at_api.json()["code"] == "too_many_sign_ins"
    # The driver himself, elsewhere, is not locked out by it.
    assert (await served.visitor_from("198.51.100.8").sign_in("driver")).status_code == 303


async def test_a_program_signs_in_at_the_api(served: Served) -> None:
    visitor = served.visitor()
    opened = (await visitor.sign_in_at_api("gate")).json()
    assert opened.keys() == {"token", "token_type", "expires_at"}
    me = (await visitor.get("/api/v1/me")).json()
    assert (me["person_name"], me["role"]) == ("刘洋", "gate_operator")
    assert (await visitor.send_json("/api/v1/sign-out", {})).status_code == 204
    assert (await visitor.get("/api/v1/me")).status_code == 401


async def test_the_doors_do_not_take_each_others_keys(served: Served) -> None:
    browser = await served.page_visitor("owner")
    assert (await browser.get("/api/v1/me")).status_code == 401
    program = await served.api_visitor("owner")
    assert (await program.get("/account")).status_code == 303


async def test_strangers_everywhere_make_a_new_device_wait_and_not_one_that_is_known(served: Served) -> None:
    known = served.visitor_from("203.0.113.1")
    assert (await known.sign_in("carrier")).status_code == 303
    engine = served.app.state.engine
    for number in range(throttling.PER_ACCOUNT):
        async with writing(engine) as session:
            await throttling.count_attempt(session, "carrier", f"198.51.100.{number + 20}", at=clock.now())
    new = await served.visitor_from("203.0.113.2").sign_in("carrier")
    assert new.status_code == 429
    assert 0 < int(new.headers["retry-after"]) <= 30
    assert (await known.sign_in("carrier")).status_code == 303
    # A cookie that somebody else signed in with opens nothing, and neither does one made up.
    other = served.visitor_from("203.0.113.3")
    assert (await other.sign_in("viewer")).status_code == 303
    assert (await other.sign_in("carrier")).status_code == 429
    async with writing(engine) as session:
        await throttling.sweep(session, at=clock.now() + throttling.ACCOUNT_WINDOW)
