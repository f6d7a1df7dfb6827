"""A clerk's day, from what she owes to a template kept of what she filed; and a filing without a mouse."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.desks import Desk, describe_oil, fill_the_way
from tests.support.pictures import Album
from tests.support.served import PASSWORD
from tests.support.spoken import IN_EACH_LANGUAGE, in_language
from tests.support.world import World
from wastetrack.i18n import Locale

pytestmark = [pytest.mark.browser, pytest.mark.commits]


def weigh_two(desk: Desk, album: Album) -> None:
    """Two drums: the second begins with all that the first had."""
    page = desk.page
    page.goto("/")
    desk.link("Weigh and label").click()
    describe_oil(desk)
    desk.field("Gross mass").fill("0.2")
    told = page.locator("#told")
    expect(told).to_contain_text(
        desk.say("{typed} kg cannot be right for this container. Did you mean {meant} kg?", typed="0.2", meant=200)
    )
    album.keep(page, "weigh")
    told.get_by_role("button", name="200 kg").click()
    expect(desk.field("Gross mass")).to_have_value("200")
    expect(told).to_contain_text("180 kg")
    expect(told).to_contain_text(desk.say("Plan of the year for {code}", code="900-249-08"))
    desk.field("Store").select_option(index=1)
    desk.button("Save, print, and on to the next").click()
    expect(page.locator(".done-panel h2")).to_have_text(desk.say.like("Saved: {mass} of {name}"))
    expect(page.locator(".done-panel iframe")).to_be_visible()
    expect(desk.button("Print now")).to_be_focused()
    expect(desk.field("Tare")).to_have_value("20")
    expect(desk.field("Gross mass")).to_have_value("")
    album.keep(page, "next")
    desk.field("Gross mass").fill("195.5")
    desk.button("Save and print").click()
    desk.told("The container is in the ledger, and its label is printed. Stick it on.")


@IN_EACH_LANGUAGE
def test_the_clerks_day(chromium: Browser, address: str, world: World, locale: Locale) -> None:
    desk = Desk(chromium, address, "owner", locale=locale)
    page, say, album = desk.page, desk.say, Album("clerk", locale)
    album.keep(page, "home")
    weigh_two(desk, album)

    page.goto("/containers?state=at_site")
    boxes = page.locator('tbody input[name="chosen"]')
    for place in range(2):
        boxes.nth(place).check()
    album.keep(page, "containers")
    desk.button("File a manifest from these").click()
    expect(page.locator("input.pick:checked")).to_have_count(2)
    expect(page.locator("[data-load]")).to_have_text(say("{count} containers chosen, {mass}", count=2, mass="355.5 kg"))
    checks = page.locator("aside.checks")
    expect(checks).to_contain_text(say("not said yet"))
    fill_the_way(desk, "鲁F00000")
    expect(checks).to_contain_text(say("to put right"))
    album.keep(page, "filing")
    page.locator("#f-plate").fill(world.plate)
    expect(checks).to_contain_text(say("could be filed"))
    desk.button("Check the draft").click()

    desk.reads("Check and sign")
    album.keep(page, "check")
    page.locator('a[href$="/change#f-planned_on"]').click()
    expect(page).to_have_url(re.compile("change#f-planned_on$"))
    desk.field("Remarks").fill("请带泵")
    desk.button("Check the draft").click()
    expect(page.locator(".answers-of-draft")).to_contain_text("请带泵")
    desk.button("Sign and file").click()
    desk.sign()
    desk.told("Signed and filed under number {number}. The carrier sees it now.")
    expect(page.locator(".stages .done")).to_have_count(1)
    expect(page.locator(".stages .now")).to_contain_text(say("Loaded and picked up"))
    number = page.locator("h1.manifest-number").inner_text()
    album.keep(page, "tracker")

    desk.link("Repeat").click()
    expect(page.locator(".notice")).to_contain_text(number)
    expect(page.locator("#f-plate")).to_have_value(world.plate)
    expect(page.locator("input.pick:checked:not([disabled])")).to_have_count(0)
    page.go_back()
    page.get_by_text(say("Keep as a template"), exact=True).click()
    desk.field("Name of the template").fill("每月废油")
    desk.button("Keep it").click()
    expect(page.get_by_role("heading", level=2, name="每月废油")).to_be_visible()
    album.keep(page, "templates")
    page.get_by_role("link", name=say("File from this")).click()
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


@in_language("en")
def test_a_filing_by_the_keyboard_alone(chromium: Browser, address: str, world: World, locale: Locale) -> None:
    desk = Desk(chromium, address, "owner", locale=locale)
    page, album = desk.page, Album("keyboard", locale)
    weigh_two(desk, album)
    page.goto("/")

    tab_to(page, desk.link("New manifest"))
    page.keyboard.press("Enter")
    desk.reads("New manifest")
    tab_to(page, desk.button("Check the draft"))
    page.keyboard.press("Enter")
    summary = page.locator("#summary")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile(f"^{desk.say('Error')}"))
    album.keep(page, "refused")
    tab_to(page, summary.get_by_role("link").first)
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash").startswith("#f-")

    boxes = page.locator("input.pick:not([disabled])")
    for place in range(2):
        tab_to(page, boxes.nth(place))
        page.keyboard.press("Space")
    expect(page.locator("input.pick:checked")).to_have_count(2)
    choose(page, desk.field("Receiver"), str(world.receiver.site.id))
    choose(page, desk.field("Method of use or disposal"), "D10")
    choose(page, desk.field("Carrier"), str(world.carrier.id))
    tab_to(page, page.locator("#f-plate"))
    page.keyboard.type(world.plate)
    expect(page.locator("aside.checks")).to_contain_text(desk.say("could be filed"))
    page.keyboard.press("Enter")

    desk.reads("Check and sign")
    tab_to(page, desk.button("Sign and file"))
    page.keyboard.press("Enter")
    desk.reads("Read, then sign")
    tab_to(page, desk.field("Your password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    desk.told("Signed and filed under number {number}. The carrier sees it now.")
    desk.close()
