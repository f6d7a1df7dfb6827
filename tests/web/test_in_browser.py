"""Pages in a real browser: with and without script, and never against their own content policy."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from tests.support.browser import chromium_path
from tests.support.served import PASSWORD, Served, on_the_network

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 1280, 1920)
PAGES = (
    "/",
    "/account",
    "/account/factors",
    "/account/password",
    "/organisations",
    "/codes?q=废矿物油",
    "/codes/900-249-08",
    "/organisations/new",
)


@pytest.fixture(scope="module")
async def address(served: Served) -> AsyncIterator[str]:
    async with on_the_network(served.app) as address:
        yield address


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield browser
        await browser.close()


async def signed_in(context: BrowserContext, address: str, login: str) -> Page:
    page = await context.new_page()
    await page.goto(f"{address}/sign-in")
    await page.get_by_label("登录名").fill(login)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("main").get_by_role("button", name="登录").click()
    await expect(page).to_have_url(f"{address}/")
    return page


async def test_no_page_breaks_its_content_policy_or_asks_another_host(browser: Browser, address: str) -> None:
    context = await browser.new_context()
    page = await signed_in(context, address, "approver")
    said: list[str] = []
    asked: set[str] = set()
    page.on("console", lambda message: note(message, said))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.add(request.url))
    for path in PAGES:
        await page.goto(address + path)
    assert said == []
    assert {url for url in asked if not url.startswith((address, "data:"))} == set()
    await context.close()


def note(message: ConsoleMessage, said: list[str]) -> None:
    if message.type in {"error", "warning"}:
        said.append(message.text)


@pytest.mark.parametrize("width", WIDTHS)
async def test_no_page_is_wider_than_the_screen(browser: Browser, address: str, width: int) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 800})
    page = await signed_in(context, address, "approver")
    for path in PAGES:
        for language in ("zh", "en"):
            await page.goto(f"{address}{path}{'&' if '?' in path else '?'}lang={language}")
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, (path, language)
    await context.close()


async def test_codes_are_found_while_typing(browser: Browser, address: str, served: Served) -> None:
    if not served.app.state.assets.has("vendor/htmx.min.js"):
        pytest.skip("htmx was not fetched when the assets were built")
    context = await browser.new_context()
    page = await signed_in(context, address, "viewer")
    await page.goto(f"{address}/codes")
    await page.get_by_role("main").get_by_role("searchbox").press_sequentially("fkwy")
    await expect(page.locator("#results")).to_contain_text("900-249-08")
    await expect(page).to_have_url(f"{address}/codes?q=fkwy&on={await page.locator('#on').input_value()}")
    await context.close()


async def test_everything_works_without_script(browser: Browser, address: str) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await signed_in(context, address, "viewer")
    await page.goto(f"{address}/codes")
    await page.get_by_role("main").get_by_role("searchbox").fill("fkwy")
    await page.get_by_role("main").get_by_role("search").get_by_role("button").click()
    await expect(page.locator("#results")).to_contain_text("900-249-08")
    await page.get_by_role("banner").locator("summary").click()
    await page.get_by_role("banner").get_by_role("button", name="退出登录").click()
    await expect(page).to_have_url(f"{address}/sign-in")
    await expect(page.get_by_role("status")).to_contain_text("您已退出登录")
    await context.close()


async def test_a_refused_form_takes_the_focus_to_its_summary_and_each_line_to_its_field(
    browser: Browser, address: str
) -> None:
    context = await browser.new_context()
    page = await signed_in(context, address, "approver")
    await page.goto(f"{address}/organisations/new")
    await page.get_by_label("县（市、区）").fill("370602")
    await page.get_by_role("main").get_by_role("button", name="登记").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.get_by_role("alert").get_by_role("link", name="地址").click()
    await expect(page.get_by_label("地址", exact=True)).to_be_in_viewport()
    await context.close()


async def test_keyboards_reach_the_content_first(browser: Browser, address: str) -> None:
    context = await browser.new_context()
    page = await signed_in(context, address, "viewer")
    await page.goto(f"{address}/organisations")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.closest('main') !== null")
    await context.close()
