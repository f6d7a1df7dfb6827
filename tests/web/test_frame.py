"""The frame of the pages as visitors meet it: language, navigation, forms that come back filled."""

import re

import pytest
from starlette.datastructures import FormData

from tests.support.served import PEOPLE, Served
from wastetrack import resources
from wastetrack.ids import new_id
from wastetrack.web.forms import Filled


@pytest.mark.parametrize("path", ["/", "/account"])
async def test_nobody_is_led_to_the_sign_in_page_and_everybody_sees_his_own(served: Served, path: str) -> None:
    assert (await served.visitor().get(path)).headers["location"].startswith("/sign-in?next=")
    for login, (name, *_rest) in PEOPLE.items():
        response = await (await served.page_visitor(login)).get(path)
        assert response.status_code == 200
        assert name in response.text


async def test_pages_are_chinese_until_english_is_chosen_and_then_stay_english(served: Served) -> None:
    visitor = served.visitor()
    chinese = await visitor.get("/sign-in")
    assert '<html lang="zh-CN">' in chinese.text
    assert "<title>登录 · wastetrack</title>" in chinese.text
    english = await visitor.get("/sign-in?lang=en")
    assert '<html lang="en">' in english.text
    assert "<title>Sign in · wastetrack</title>" in (await visitor.get("/sign-in")).text
    assert "<title>登录" in (await visitor.get("/sign-in?lang=zh")).text
    assert "<title>登录" in (await visitor.get("/sign-in?lang=xx")).text


async def test_the_other_language_is_one_click_away_on_every_page(served: Served) -> None:
    visitor = await served.page_visitor("owner")
    assert 'href="/account?x=%E6%B2%B9&amp;lang=en"' in (await visitor.get("/account?x=油")).text


async def test_light_and_dark_are_the_visitor_s_choice_and_else_the_system_s(served: Served) -> None:
    visitor = served.visitor()
    usual = await visitor.get("/sign-in")
    assert 'media="screen and (prefers-color-scheme: dark)"' in usual.text
    assert "data-theme" not in usual.text
    dark = await visitor.get("/sign-in?theme=dark")
    assert '<html lang="zh-CN" data-theme="dark">' in dark.text
    assert "HttpOnly" in dark.headers["set-cookie"]
    later = await visitor.get("/sign-in")
    assert re.search(r'/dark\.css" media="screen">', later.text)
    assert '<meta name="color-scheme" content="dark">' in later.text
    light = await visitor.get("/sign-in?theme=light")
    assert "dark.css" not in light.text
    assert 'data-theme="light"' in (await visitor.get("/sign-in?theme=sepia")).text
    assert "data-theme" not in (await visitor.get("/sign-in?theme=")).text
    assert "data-theme" not in (await visitor.get("/sign-in")).text


async def test_each_value_of_the_light_has_one_in_the_dark() -> None:
    tokens, dark = (
        set(re.findall(r"^\s+(--[a-z0-9-]+): (?:#|rgb|none|0 1px)", text, re.MULTILINE))
        for text in ((resources.static_dir() / f"{name}.css").read_text() for name in ("tokens", "dark"))
    )
    assert tokens == dark
    assert len(tokens) > 30


async def test_a_page_below_another_says_where_it_is_and_help_is_always_at_hand(served: Served) -> None:
    owner = await served.page_visitor("owner")
    below = (await owner.get("/manifests/new?lang=en")).text
    assert re.search(r'<nav class="crumbs".*?href="/">Today</a>.*?href="/manifests">Manifests</a>', below, re.DOTALL)
    assert 'class="crumbs"' not in (await owner.get("/manifests")).text
    for visitor, path in ((owner, "/manifests/new"), (served.visitor(), "/sign-in")):
        assert (await visitor.get(path)).text.count('href="/help"') == 2
    assert "Your day" in (await owner.get("/help?lang=en")).text
    nobody = await served.visitor().get("/help?lang=en")
    assert "Whom to ask" in nobody.text
    assert "Your day" not in nobody.text


async def test_a_refused_form_comes_back_filled_with_what_is_wrong(served: Served) -> None:
    browser = await served.page_visitor("owner")
    fields = {"name": "<b>weighbridge</b>", "days": "4000"}
    response = await browser.send_form("/account/tokens", fields, page="/account?lang=en")
    assert response.status_code == 422
    assert 'value="&lt;b&gt;weighbridge&lt;/b&gt;"' in response.text
    assert 'value="4000"' in response.text
    assert '<a href="#f-days">Lives for: A token lives for 1 to 366 days.</a>' in response.text
    assert 'id="f-days-error"' in response.text
    assert 'aria-describedby="f-days-error"' in response.text
    assert "<title>Error: My account" in response.text
    # The form that came back can be sent at once.
    key = re.search(r'name="request_id" value="([^"]+)"', response.text)
    assert key is not None


async def test_a_value_that_cannot_be_read_is_told_at_its_field(served: Served) -> None:
    browser = await served.page_visitor("owner")
    response = await browser.send_form("/account/tokens", {"name": "x", "days": "many"}, page="/account")
    assert response.status_code == 422
    assert '<a href="#f-days">有效期：必须是整数。</a>' in response.text


async def test_a_password_is_never_sent_back(served: Served) -> None:
    browser = await served.page_visitor("viewer")
    fields = {"present": "wrong present one", "wanted": "short"}
    response = await browser.send_form("/account/password", fields, page="/account")
    assert response.status_code == 422
    assert "wrong present one" not in response.text
    assert 'value="short"' not in response.text
    assert "当前密码不正确。" in response.text
    assert "密码长度须为 12 至 200 个字符。" in response.text


async def test_a_note_after_something_was_done_is_shown_once(served: Served) -> None:
    browser = await served.page_visitor("owner")
    program = await served.api_visitor("owner")
    made = (await program.send_json("/api/v1/tokens", {"name": f"n {new_id()}", "days": 3})).json()
    await browser.send_form(f"/account/tokens/{made['id']}/revoke", {}, page="/account")
    assert "令牌已吊销。" in (await browser.get("/account")).text
    assert "令牌已吊销。" not in (await browser.get("/account")).text


async def test_a_planted_note_shows_nothing_but_text(served: Served) -> None:
    browser = await served.page_visitor("owner")
    for planted in ("no base64!", "WzFd", "W10=", "eyJhIjoxfQ=="):
        browser.http.cookies.set("wastetrack_flash", planted)
        assert (await browser.get("/account")).status_code == 200


async def test_a_strangers_token_is_not_there(served: Served) -> None:
    mine = await served.api_visitor("owner")
    made = (await mine.send_json("/api/v1/tokens", {"name": "mine", "days": 3})).json()
    stranger = await served.page_visitor("stranger")
    refused = await stranger.send_form(f"/account/tokens/{made['id']}/revoke", {}, page="/account")
    assert refused.status_code == 404
    assert "没有这个令牌" in refused.text
    assert "mine" in (await (await served.page_visitor("owner")).get("/account")).text


async def test_whoever_may_not_make_tokens_is_told_why(served: Served) -> None:
    viewer = await served.page_visitor("viewer")
    assert "生成令牌" not in (await viewer.get("/account")).text
    refused = await viewer.send_form("/account/tokens", {"name": "x", "days": "1"}, page="/account")
    assert refused.status_code == 403
    assert "您的角色（查看人）无权进行此操作" in refused.text


def test_secrets_are_left_out_of_a_form_that_is_shown_again() -> None:
    sent = FormData({"login": "li.na", "password": "a secret", "csrf_token": "another", "wanted": "a third"})
    filled = Filled.from_request(sent, (), "")
    assert filled.values == {"login": ("li.na",)}
    assert filled.sent == {"login", "password", "csrf_token", "wanted"}
