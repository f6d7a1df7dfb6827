"""An inspector's morning in Chromium: the first page, a finding with its evidence, the search, the balance, the map."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_main_job import Desk, file_a_manifest, label_a_drum
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.commits]


def fits(desk: Desk) -> None:
    """Nothing stands beyond the edge of the screen."""
    assert desk.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("phone", [False, True])
def test_the_morning(chromium: Browser, address: str, world: World, phone: bool) -> None:  # noqa: FBT001  a case
    generator = Desk(chromium, address, "owner")
    label = label_a_drum(generator, "200")
    manifest = file_a_manifest(generator, world.plate, 1)
    generator.close()

    desk = Desk(chromium, address, "inspector", phone=phone)
    desk.page.goto("/")
    expect(desk.page.get_by_role("heading", name="预警").first).to_be_visible()
    fits(desk)
    desk.page.get_by_label("全局搜索").last.fill(label)
    desk.page.keyboard.press("Enter")
    desk.page.locator("#found-container .hits a").first.click()
    expect(desk.page).to_have_url(re.compile("/containers/"))
    desk.page.goto(f"/search?q={world.plate}")
    expect(desk.page.locator("#found-manifest .hits a").first).to_have_attribute(
        "href", re.compile(re.escape(manifest.rpartition("/")[2]))
    )
    fits(desk)
    for path, heading in (
        ("/oversight/balance", "物料平衡"),
        ("/oversight/capacity", "许可与能力"),
        ("/oversight/non-filers", "未申报"),
        ("/oversight/findings/not_received", "已运抵未接受"),
        (f"/oversight/companies/{world.generator.id}", ""),
        ("/oversight/map", "烟台市地图"),
        ("/oversight/regions", "烟台市"),
    ):
        desk.page.goto(path)
        expect(desk.page.locator("h1")).to_contain_text(heading)
        fits(desk)
    desk.page.goto("/looks")
    expect(desk.page.locator("table")).to_contain_text("/search?q=")
    desk.close()
