"""An authority's matchings in Chromium, with and without script: asked for, made by a worker, drawn, compared; axe."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import violations_now
from tests.support.browsing import serving
from tests.support.capacity import INCINERATOR, made_run, result
from tests.support.databases import Cluster
from tests.support.desks import Desk
from tests.support.served import Served
from tests.support.world import World
from wastetrack import clock
from wastetrack.capacity.result import Result, ScenarioKind
from wastetrack.db.addresses import Address
from wastetrack.db.session import writing
from wastetrack.i18n import Locale

TALLEST, TALLEST_WIDE = 6_500, 3_500
"""Pixels of a result with everything folded away that is not the first thing to know; it was 17,000 on a telephone."""
pytestmark = [pytest.mark.browser, pytest.mark.commits]


def of_the_prefecture(told: Result, title: str) -> Result:
    """The small region as this authority's own."""
    asked = told.question.model_copy(update={"region": "3706", "title": title})
    return told.model_copy(update={"question": asked})


def told_by_keyboard(page: Page) -> None:
    """Every picture is opened, reached and told without a mouse; what has the focus is seen to have it."""
    for picture in ("class-chart", "heat-chart", "stream-chart", "month-chart"):
        page.locator("details.folded", has=page.locator(f"#{picture}")).locator("> summary").focus()
        page.keyboard.press("Enter")
        place = page.locator(f"#{picture} [data-chart]")
        expect(place.locator("svg")).to_be_visible()
        page.keyboard.press("Tab")
        expect(place).to_be_focused()
        assert place.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
        expect(page.locator(f"#{picture}-keys")).to_be_visible()
        heard = page.locator(f"#{picture} [data-heard]")
        page.keyboard.press("Enter")
        expect(heard).not_to_be_empty()
        first = heard.inner_text()
        page.keyboard.press("ArrowRight")
        expect(heard).not_to_have_text(first)
    place = page.locator("#matching-map [data-map]")
    place.scroll_into_view_if_needed()
    expect(page.locator("#matching-map path.leaflet-interactive")).not_to_have_count(0)
    place.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "A", "not each shape of the map is a stop of its own"
    page.keyboard.press("Shift+Tab")
    expect(place).to_be_focused()
    page.keyboard.press("Enter")
    heard = page.locator("#matching-map [data-heard]")
    expect(heard).not_to_be_empty()
    popup = page.locator("#matching-map .leaflet-popup")
    expect(popup).to_have_count(1)
    page.wait_for_function("""() => {
      const [outer, inner] = ["[data-map]", ".leaflet-popup"].map(
        (one) => document.querySelector(`#matching-map ${one}`)?.getBoundingClientRect());
      return inner && inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top;
    }""")
    first = heard.inner_text()
    page.keyboard.press("Enter")
    expect(heard).not_to_have_text(first)
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)


@pytest.fixture
def matched(cluster: Cluster, town: tuple[World, Address], tmp_path: Path) -> Iterator[str]:
    """The application, a worker beside it, with two assessments of a small region."""
    world, template = town
    copy = cluster.clone(template.database)

    async def kept(served: Served) -> None:
        now = clock.now()
        usual = of_the_prefecture(result(now), "现状")
        plants = (str(INCINERATOR.id),)
        retired = of_the_prefecture(result(now, scenario=ScenarioKind.RETIREMENT, plants=plants), "退役")
        async with writing(served.owner) as session:
            for told in (usual, retired):
                made_run(session, world.inspector, told, at=now)

    with serving(copy.url, world, tmp_path, prepare=kept, jobs=True) as address:
        yield address
    cluster.drop(copy)


@pytest.mark.parametrize(("locale", "phone", "script"), [("zh", True, True), ("en", False, True), ("en", False, False)])
def test_an_assessment_is_asked_for_and_read(
    chromium: Browser, matched: str, locale: Locale, *, phone: bool, script: bool
) -> None:
    desk = Desk(chromium, matched, "inspector", locale=locale, phone=phone, script=script)
    say, page = desk.say, desk.page
    page.goto("/capacity")
    desk.fits()
    for box in page.locator("input[name=run]").all():
        box.check()
    desk.button("Lay side by side").click()
    desk.reads("Assessments side by side")
    expect(page.locator("main")).to_contain_text("900-041-49")
    desk.fits()
    if script:
        assert violations_now(page) == []
    page.goto("/capacity")
    page.get_by_role("link", name="现状").click()
    expect(page.locator(".headline")).to_contain_text("772-002-18")
    desk.fits()
    assert desk.page.evaluate("document.documentElement.scrollHeight") < (TALLEST if phone else TALLEST_WIDE)
    # A figure at the head leads to what it counts, though that is folded away.
    expect(page.locator("#plants")).not_to_be_visible()
    page.locator('a[href="#plants"]').click()
    expect(page.locator("#plants")).to_be_visible()
    if script:
        told_by_keyboard(page)
        assert violations_now(page) == []
    page.goto("/capacity")
    desk.link("New assessment").click()
    desk.fits()
    if script:
        assert violations_now(page) == []
    page.locator("input[name=title]").fill("烟台 2026")
    desk.button("Match").click()
    address = page.url
    expect(page.locator("h1")).to_have_text("烟台 2026")
    for _ in range(30):
        page.goto(address)
        if page.locator(".headline").count():
            break
        page.wait_for_timeout(1_000)
    expect(page.locator("main")).to_contain_text(say("What finds no plant"))
    desk.close()
