"""A clerk's day in Chinese, from what she owes to a template kept of what she filed; and a filing without a mouse."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_main_job import Desk
from tests.support.served import PASSWORD
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.commits]

PICTURES = os.environ.get("WASTETRACK_PICTURES")
"""A folder in which the pictures of the walk are kept; none are made without it."""


def picture(page: Page, name: str) -> None:
    """What the page looks like, on a desk and on a phone."""
    if PICTURES is None:
        return
    Path(PICTURES).mkdir(parents=True, exist_ok=True)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=f"{PICTURES}/clerk-{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def weigh_two(page: Page) -> None:
    """Two drums: the second begins with all that the first had."""
    page.goto("/")
    page.get_by_role("link", name="称重贴标签").click()
    page.get_by_label("废物代码").fill("900-249")
    page.locator("#suggestions a", has_text="900-249-08").click()
    expect(page.get_by_label("废物名称")).to_have_value("废矿物油与含矿物油废物")
    page.get_by_label("废物形态").select_option("liquid")
    page.get_by_label("包装类型").select_option("drum")
    page.get_by_label("容积").fill("200")
    page.get_by_label("皮重").fill("20")
    page.get_by_label("毛重").fill("0.2")
    told = page.locator("#told")
    expect(told).to_contain_text("是否应为 200 kg")
    picture(page, "weigh")
    told.get_by_role("button", name="改为 200 kg").click()
    expect(page.get_by_label("毛重")).to_have_value("200")
    expect(told).to_contain_text("180 kg")
    expect(told).to_contain_text("年度计划")
    page.get_by_label("贮存设施").select_option(index=1)
    page.get_by_role("button", name="保存打印，继续下一个").click()
    expect(page.locator(".done-panel")).to_contain_text("已保存")
    expect(page.locator(".done-panel iframe")).to_be_visible()
    expect(page.get_by_role("button", name="立即打印")).to_be_focused()
    expect(page.get_by_label("皮重")).to_have_value("20")
    expect(page.get_by_label("毛重")).to_have_value("")
    picture(page, "next")
    page.get_by_label("毛重").fill("195.5")
    page.get_by_role("button", name="保存并打印").click()
    expect(page.get_by_role("status")).to_contain_text("已入账，标签已打印")


def fill_the_way(page: Page, plate: str) -> None:
    page.get_by_label("接受人").select_option(index=1)
    page.get_by_label("利用处置方式").select_option("D10")
    page.get_by_label("承运人", exact=True).select_option(index=1)
    page.locator("#f-plate").fill(plate)


def test_the_clerks_day(chromium: Browser, address: str, world: World) -> None:
    desk = Desk(chromium, address, "owner")
    page = desk.page
    picture(page, "home")
    weigh_two(page)

    page.goto("/containers?state=at_site")
    boxes = page.locator('tbody input[name="chosen"]')
    for place in range(2):
        boxes.nth(place).check()
    picture(page, "containers")
    page.get_by_role("button", name="用所选容器填写联单").click()
    expect(page.locator("input.pick:checked")).to_have_count(2)
    expect(page.locator("[data-load]")).to_contain_text("已选 2 个容器")
    checks = page.locator("aside.checks")
    expect(checks).to_contain_text("尚未填写")
    fill_the_way(page, "鲁F00000")
    expect(checks).to_contain_text("需改正")
    picture(page, "filing")
    page.locator("#f-plate").fill(world.plate)
    expect(checks).to_contain_text("可以提交")
    page.get_by_role("button", name="核对草稿").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("核对并签字")
    picture(page, "check")
    page.locator('a[href$="/change#f-planned_on"]').click()
    expect(page).to_have_url(re.compile("change#f-planned_on$"))
    page.get_by_label("备注").fill("请带泵")
    page.get_by_role("button", name="核对草稿").click()
    expect(page.locator(".answers-of-draft")).to_contain_text("请带泵")
    page.get_by_role("button", name="签字并提交").click()
    desk.sign()
    expect(page.get_by_role("status")).to_contain_text("已签字提交")
    expect(page.locator(".stages .done")).to_have_count(1)
    expect(page.locator(".stages .now")).to_contain_text("装车启运")
    number = page.locator("h1.manifest-number").inner_text()
    picture(page, "tracker")

    page.get_by_role("link", name="照此再填一份").click()
    expect(page.locator(".notice")).to_contain_text(number)
    expect(page.locator("#f-plate")).to_have_value(world.plate)
    expect(page.locator("input.pick:checked:not([disabled])")).to_have_count(0)
    page.go_back()
    page.get_by_text("存为模板").click()
    page.get_by_label("模板名称").fill("每月废油")
    page.get_by_role("button", name="保存模板").click()
    expect(page.get_by_role("heading", level=2, name="每月废油")).to_be_visible()
    picture(page, "templates")
    page.get_by_role("link", name="套用填写").click()
    expect(page.locator(".notice")).to_contain_text("每月废油")
    expect(page.locator("#f-plate")).to_have_value(world.plate)
    desk.close()


def tab_to(page: Page, wanted: Locator, *, most: int = 150) -> None:
    """Press Tab until this has the focus; wherever it is on the way, one sees it."""
    for _ in range(most):
        page.keyboard.press("Tab")
        assert page.evaluate(SEEN), page.evaluate("document.activeElement.outerHTML")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    pytest.fail(f"{wanted} cannot be reached by Tab")


# What has the focus has an outline, is in sight, and is not under the bars that stand still (WCAG 2.4.7, 2.4.11).
SEEN = """
() => {
  const one = document.activeElement;
  if (one === document.body) return true;
  if (one.matches("[type=date], [type=datetime-local]")) return true; // the browser marks the part of it that has it
  const style = getComputedStyle(one);
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const box = one.getBoundingClientRect();
  const inSight = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return outlined && inSight;
}
"""


def choose(page: Page, wanted: Locator, value: str) -> None:
    """An option of a list by its keys, as the arrow keys go through it."""
    tab_to(page, wanted)
    for _ in range(60):
        if wanted.input_value() == value:
            return
        page.keyboard.press("ArrowDown")
    pytest.fail(f"{value} is no option of {wanted}")


def test_a_filing_by_the_keyboard_alone(chromium: Browser, address: str, world: World) -> None:
    desk = Desk(chromium, address, "owner")
    page = desk.page
    weigh_two(page)
    page.goto("/")

    tab_to(page, page.get_by_role("link", name="新建联单"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("新建联单")
    send = page.get_by_role("button", name="核对草稿")
    tab_to(page, send)
    page.keyboard.press("Enter")
    summary = page.locator("#summary")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^错误"))
    tab_to(page, summary.get_by_role("link").first)
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash").startswith("#f-")

    boxes = page.locator("input.pick:not([disabled])")
    for place in range(2):
        tab_to(page, boxes.nth(place))
        page.keyboard.press("Space")
    expect(page.locator("input.pick:checked")).to_have_count(2)
    receiver = page.get_by_label("接受人")
    choose(page, receiver, str(world.receiver.site.id))
    choose(page, page.get_by_label("利用处置方式"), "D10")
    choose(page, page.get_by_label("承运人", exact=True), str(world.carrier.id))
    tab_to(page, page.locator("#f-plate"))
    page.keyboard.type(world.plate)
    expect(page.locator("aside.checks")).to_contain_text("可以提交")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("核对并签字")
    tab_to(page, page.get_by_role("button", name="签字并提交"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("阅读后签署")
    tab_to(page, page.get_by_label("您的密码"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已签字提交")
    desk.close()
