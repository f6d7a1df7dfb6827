"""A passkey in a real browser: enrolled, used to sign in with nothing else, to give a factor again, and as the second
factor; the authenticator is Chromium's own virtual one, spoken to over its debugging protocol.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.support.served import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.commits]


@pytest.fixture
def context(chromium: Browser, address: str) -> Iterator[BrowserContext]:
    """One person's browser; whatever it complains about fails the test."""
    context = chromium.new_context(base_url=address, locale="zh-CN")
    context.set_default_timeout(10_000)
    yield context
    context.close()


def watched(page: Page, complaints: list[str]) -> Page:
    def hear(said: ConsoleMessage) -> None:
        if said.type == "error" and "401" not in said.text:
            complaints.append(said.text)

    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", hear)
    return page


def with_authenticator(page: Page, *, verifies: bool = True) -> str:
    """Plug in a device that recognises its holder (or does not); gives its id."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    added: str = devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    return added


def sign_in_with_password(page: Page, login: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("banner").locator("summary").click()
    page.get_by_role("banner").get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("status")).to_contain_text("您已退出登录")


def test_a_passkey_is_enrolled_and_signs_in_alone(context: BrowserContext, address: str) -> None:
    complaints: list[str] = []
    page = watched(context.new_page(), complaints)
    with_authenticator(page)
    sign_in_with_password(page, "signer")
    page.goto("/account/factors")
    page.get_by_label("您的密码").fill(PASSWORD)
    page.get_by_role("button", name="继续").click()
    page.get_by_label("设备名称").fill("签字用的手机")
    page.get_by_role("button", name="添加通行密钥").click()
    expect(page.get_by_role("status")).to_contain_text("通行密钥已添加")
    expect(page.locator("#passkeys")).to_contain_text("签字用的手机")
    sign_out(page)

    page.get_by_role("button", name="使用通行密钥").click()
    expect(page).to_have_url(f"{address}/")
    expect(page.get_by_role("banner")).to_contain_text("张伟")
    page.goto("/account")
    expect(page.locator("#events li").first).to_contain_text("通行密钥")
    sign_out(page)

    sign_in_with_password(page, "signer")
    expect(page.get_by_role("heading", level=1)).to_have_text("第二步验证")
    page.get_by_role("button", name="使用通行密钥").click()
    expect(page).to_have_url(f"{address}/")
    page.goto("/account/factors")
    page.get_by_role("button", name="使用通行密钥").click()
    expect(page.locator(".fresh")).to_be_visible()
    assert complaints == []


def test_a_device_that_does_not_recognise_its_holder_signs_nobody_in(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    with_authenticator(page, verifies=False)
    page.goto("/sign-in")
    page.get_by_role("button", name="使用通行密钥").click()
    expect(page.get_by_text("未能使用通行密钥")).to_be_visible()
    expect(page).to_have_url(f"{address}/sign-in")
    expect(page.get_by_role("button", name="使用通行密钥")).to_be_enabled()


def test_what_is_typed_into_a_password_field_can_be_shown(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/sign-in")
    field = page.get_by_label("密码")
    field.fill(PASSWORD)
    page.get_by_role("button", name="显示").click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="隐藏").click()
    expect(field).to_have_attribute("type", "password")


def test_without_script_the_pages_say_that_a_passkey_needs_it_and_the_rest_works(
    chromium: Browser, address: str
) -> None:
    context = chromium.new_context(base_url=address, locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    sign_in_with_password(page, "filer")
    expect(page).to_have_url(f"{address}/")
    page.goto("/account/factors")
    page.get_by_label("您的密码").fill(PASSWORD)
    page.get_by_role("button", name="继续").click()
    expect(page.locator("#passkeys")).to_contain_text("使用通行密钥需要浏览器启用脚本")
    expect(page.get_by_role("button", name="添加通行密钥")).to_be_hidden()
    page.get_by_role("button", name="启用验证器应用").click()
    expect(page.locator(".totp-qr svg")).to_be_visible()
    context.close()
