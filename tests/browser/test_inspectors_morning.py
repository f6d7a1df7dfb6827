"""An inspector's morning in Chromium: the first page, a finding with its evidence, the search, the balance, the map."""

import itertools
import re

import pytest
from playwright.sync_api import Browser, expect

from tests.support.desks import Desk, file_a_manifest, label_a_drum
from tests.support.pictures import Album
from tests.support.spoken import EVERY_LOOK
from tests.support.world import World
from wastetrack.i18n import LOCALES, Locale

pytestmark = [pytest.mark.browser, pytest.mark.commits]


@pytest.mark.parametrize(
    ("locale", "phone"), itertools.product(LOCALES, (False, True)) if EVERY_LOOK else [("zh", False), ("en", True)]
)
def test_the_morning(chromium: Browser, address: str, world: World, locale: Locale, *, phone: bool) -> None:
    generator = Desk(chromium, address, "owner", locale=locale)
    label = label_a_drum(generator, "200")
    manifest = file_a_manifest(generator, world.plate, 1)
    generator.close()

    desk = Desk(chromium, address, "inspector", locale=locale, phone=phone)
    say, album = desk.say, Album("inspector", locale)
    desk.page.goto("/")
    expect(desk.page.get_by_role("heading", name=say("Findings")).first).to_be_visible()
    desk.fits()
    album.keep(desk.page, "findings")
    desk.page.get_by_label(say("Search everything")).last.fill(label)
    desk.page.keyboard.press("Enter")
    desk.page.locator("#found-container .hits a").first.click()
    expect(desk.page).to_have_url(re.compile("/containers/"))
    desk.page.goto(f"/search?q={world.plate}")
    expect(desk.page.locator("#found-manifest .hits a").first).to_have_attribute(
        "href", re.compile(re.escape(manifest.rpartition("/")[2]))
    )
    desk.fits()
    album.keep(desk.page, "search")
    for path, heading in (
        ("/oversight/balance", say("Mass balance")),
        ("/oversight/capacity", say("Permits and capacity")),
        ("/oversight/non-filers", say("Not filed")),
        ("/oversight/findings/not_received", say("Arrived, not received")),
        (f"/oversight/companies/{world.generator.id}", ""),
        ("/oversight/map", say("Map of {region}", region="烟台市")),
        ("/oversight/regions", "烟台市"),
    ):
        desk.page.goto(path)
        expect(desk.page.locator("h1")).to_contain_text(heading)
        desk.fits()
        album.keep(desk.page, path.split("/")[2])
    desk.page.goto("/looks")
    expect(desk.page.locator("table")).to_contain_text("/search?q=")
    desk.close()
