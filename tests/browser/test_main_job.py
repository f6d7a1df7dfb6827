"""The main job in Chromium: label, file, carry, weigh at the gate, receive, treat, follow the chain."""

import json
import re

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, expect

from tests.support.served import PASSWORD
from tests.support.world import World
from wastetrack.reports import bundle

pytestmark = [pytest.mark.browser, pytest.mark.commits]


class Desk:
    """One person's browser; whatever goes wrong in it fails the test."""

    def __init__(self, browser: Browser, address: str, login: str, *, script: bool = True, phone: bool = False) -> None:
        size = ViewportSize(width=390, height=844) if phone else ViewportSize(width=1280, height=900)
        self.context = browser.new_context(
            base_url=address,
            locale="zh-CN",
            viewport=size,
            java_script_enabled=script,
        )
        self.context.set_default_timeout(10_000)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.goto("/sign-in")
        self.page.get_by_label("登录名").fill(login)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录", exact=True).click()
        expect(self.page).to_have_url(address + "/")

    def _hear(self, said: ConsoleMessage) -> None:
        # A form that comes back refused is an answer, though the browser notes its status.
        if said.type == "error" and "422" not in said.text:
            self.complaints.append(said.text)

    def sign(self) -> None:
        """On the page that a form to be signed leads to: the words are there; give the password, sign."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text("阅读后签署", timeout=15_000)
        expect(self.page.locator(".plain-words").first).to_contain_text("代表")
        self.page.get_by_label("您的密码").fill(PASSWORD)
        self.page.get_by_role("button", name="签字", exact=True).click()

    def close(self) -> None:
        """Nothing may have been complained about: no script error, nothing refused by the content policy."""
        self.context.close()
        assert self.complaints == []


def label_a_drum(desk: Desk, gross: str) -> str:
    """Weigh and label through the form; gives the text that a scanner reads off the label."""
    page = desk.page
    page.goto("/containers/new")
    page.get_by_label("废物代码").fill("900-249")
    page.locator("#suggestions a", has_text="900-249-08").click()
    expect(page.get_by_label("废物名称")).to_have_value("废矿物油与含矿物油废物")
    page.get_by_label("废物形态").select_option("liquid")
    page.get_by_label("包装类型").select_option("drum")
    page.get_by_label("容积").fill("200")
    page.get_by_label("毛重").fill(gross)
    page.get_by_label("皮重").fill("20")
    page.get_by_label("贮存设施").select_option(index=1)
    page.get_by_role("button", name="保存并打印").click()
    expect(page.get_by_role("status")).to_contain_text("已入账")
    label = page.request.get(page.locator("[data-open-label]").get_attribute("href") or "")
    assert label.body().startswith(b"%PDF-")
    return digital_code(page)


def digital_code(page: Page) -> str:
    """The 37 characters under the QR code."""
    return "".join(page.locator(".label-box .groups").inner_text().split())


def file_a_manifest(desk: Desk, plate: str, containers: int) -> str:
    """From the containers in store to a number; gives the address of the manifest's page."""
    page = desk.page
    page.goto("/manifests/new")
    for box in page.locator("input.pick").all()[:containers]:
        box.check()
    page.get_by_label("接受人").select_option(index=1)
    page.get_by_label("利用处置方式").select_option("D10")
    page.get_by_label("承运人", exact=True).select_option(index=1)
    page.locator("#f-plate").fill(plate)
    page.get_by_role("button", name="核对草稿").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("核对并签字")
    page.get_by_role("button", name="签字并提交").click()
    desk.sign()
    expect(page.get_by_role("status")).to_contain_text("已签字提交")
    assert re.fullmatch(r"\d{14}", page.locator("h1.manifest-number").inner_text())
    return page.url


def scan(desk: Desk, code: str, gross: str) -> None:
    """As a scanner does: the field has the focus, the code is typed, Enter ends it; then the scale's figure."""
    page = desk.page
    expect(page.locator("#f-label")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_contain_text("请称重")
    expect(page.locator("#f-gross")).to_be_focused()
    page.keyboard.type(gross)
    page.keyboard.press("Enter")


def count(desk: Desk, codes: list[str]) -> None:
    """At the vehicle: each label is read, and found right."""
    expect(desk.page.locator("#load[data-listening]")).to_be_visible()
    for code in codes:
        desk.page.locator("#f-label").focus()
        desk.page.keyboard.type(code)
        desk.page.keyboard.press("Enter")
        expect(desk.page.locator("#answer.good")).to_contain_text(code[-3:])


def test_the_main_job_through_the_pages(chromium: Browser, address: str, world: World) -> None:
    generator = Desk(chromium, address, "owner")
    codes = [label_a_drum(generator, gross) for gross in ("200", "195.5")]
    manifest = file_a_manifest(generator, world.plate, 2)
    generator.close()

    driver = Desk(chromium, address, "driver", phone=True)
    driver.page.locator(".run .great").first.click()
    count(driver, codes)
    driver.page.get_by_role("button", name="签字：已装车启运").click()
    driver.sign()
    expect(driver.page.get_by_role("status")).to_contain_text("已签字")
    driver.page.locator(".run .great").first.click()
    driver.page.get_by_role("button", name="报告到达").click()
    driver.sign()
    expect(driver.page.get_by_role("status")).to_contain_text("已签字")
    driver.page.goto(manifest)
    expect(driver.page.locator(".head .badge")).to_contain_text("已到达")
    driver.close()

    gate = Desk(chromium, address, "gate")
    gate.page.goto("/gate")
    gate.page.locator(".truck-card a").first.click()
    scan(gate, codes[0], "199.5")
    expect(gate.page.locator("#answer.good h2")).to_have_text("准予接受")
    expect(gate.page.locator(".gate .left")).to_contain_text("1")
    scan(gate, codes[1], "150")
    expect(gate.page.locator("#answer.warn h2")).to_contain_text("有差异")
    gate.page.get_by_role("link", name="签收").click()
    gate.page.get_by_role("button", name="签收").click()
    gate.sign()
    expect(gate.page.get_by_role("status")).to_contain_text("已签字")
    gate.page.get_by_role("button", name="确认并办结").click()
    gate.sign()
    expect(gate.page.locator(".head .badge")).to_contain_text("已办结")
    gate.page.goto("/treatment/new")
    gate.page.locator("input.pick").first.check()
    gate.page.get_by_label("利用处置方式").select_option("D10")
    gate.page.get_by_role("button", name="登记批次").click()
    expect(gate.page.get_by_role("status")).to_contain_text("已登记")
    gate.close()

    authority = Desk(chromium, address, "inspector")
    number = open_chain(authority, manifest)
    titles = authority.page.locator(".timeline .title").all_inner_texts()
    assert len(titles) >= 10
    assert any("称重并贴标签" in title for title in titles)
    expect(authority.page.locator(".timeline")).to_contain_text("日志序号")
    file = authority.page.request.get(f"{manifest}/bundle.json?why=routine_inspection")
    key = authority.page.request.get("/api/v1/log/key").text()
    verdict = bundle.verify_file(file.body(), key)
    assert verdict.holds, [check.sentence() for check in verdict.checks if not check.holds]
    assert any(event["facts"].get("number") == number for event in _leaves(file.text()))
    authority.close()


def _leaves(text: str) -> list[dict[str, dict[str, object]]]:
    return [
        json.loads(event["leaf"]) if isinstance(event.get("leaf"), str) else event
        for event in json.loads(text)["events"]
    ]


def open_chain(desk: Desk, manifest: str) -> str:
    """Find the chain by the manifest's number."""
    desk.page.goto(manifest)
    number = desk.page.locator("h1.manifest-number").inner_text()
    desk.page.goto("/audit")
    desk.page.get_by_label("联单编号或数字识别码").fill(number)
    desk.page.get_by_role("button", name="追踪").click()
    expect(desk.page.locator("h1")).to_have_text(number)
    return number


def test_the_gate_works_without_script(chromium: Browser, address: str, world: World) -> None:
    generator = Desk(chromium, address, "owner")
    code = label_a_drum(generator, "200")
    manifest = file_a_manifest(generator, world.plate, 1)
    generator.close()
    driver = Desk(chromium, address, "driver", script=False)
    driver.page.goto(manifest)
    driver.page.get_by_role("button", name="签字：已装车启运").click()
    driver.sign()
    driver.page.locator(".run .great").first.click()
    driver.page.get_by_role("button", name="报告到达").click()
    driver.sign()
    driver.close()
    gate = Desk(chromium, address, "gate", script=False)
    gate.page.goto(manifest.replace("/manifests/", "/gate/"))
    gate.page.locator("#f-label").fill(code)
    gate.page.locator("#f-gross").fill("200")
    gate.page.get_by_role("button", name="接受").click()
    expect(gate.page.locator("#answer.good h2")).to_have_text("准予接受")
    gate.close()
