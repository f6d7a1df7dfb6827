"""A receiver publishes its terms, a generator finds it and has quantity set aside, without a script too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.capacity.test_offering import JINAN, NANJING, plant
from tests.support import parties as made
from tests.support.axe import violations_now
from tests.support.browsing import serving
from tests.support.databases import Cluster
from tests.support.desks import Desk
from tests.support.pictures import Album
from tests.support.served import Served
from tests.support.spoken import IN_EACH_LANGUAGE
from tests.support.world import OIL, World
from wastetrack.db.addresses import Address
from wastetrack.db.session import writing
from wastetrack.i18n import Locale

pytestmark = [pytest.mark.browser, pytest.mark.commits]


async def more_plants(served: Served) -> None:
    """Two more in the province, one that takes no oil, one in another province."""
    async with writing(served.owner) as session:
        await plant(session, JINAN, "36.6512", "117.1201", made.item("HW08", "D10 R9", "300 t"))
        await plant(session, JINAN, "36.7", "117.2", made.item("HW34", "D10", "50 t"))
        await plant(session, NANJING, "32.0603", "118.7969", made.item("HW08", "D10", "500 t"))


@pytest.fixture
def address(cluster: Cluster, town: tuple[World, Address], tmp_path: Path) -> Iterator[str]:
    """Where the application is served, with some more receivers."""
    world, template = town
    copy = cluster.clone(template.database)
    with serving(copy.url, world, tmp_path, prepare=more_plants) as address:
        yield address
    cluster.drop(copy)


@IN_EACH_LANGUAGE
def test_terms_are_published_and_quantity_is_set_aside(chromium: Browser, address: str, locale: Locale) -> None:
    album = Album("reserving", locale)
    receiver = Desk(chromium, address, "receiver", locale=locale)
    page = receiver.page
    page.goto("/intake")
    page.locator('[name="is_open"]').check()
    page.locator('[name="items.0.pattern"]').fill("HW08")
    page.locator('[name="items.0.yuan_per_t"]').fill("eins")
    receiver.button("Publish").click()
    expect(page.get_by_role("alert")).to_be_visible()
    album.keep(page, "refused")
    page.locator('[name="items.0.yuan_per_t"]').fill("1200")
    receiver.button("Publish").click()
    receiver.told("Published. Generators see it now.")
    _usable(receiver, album, "terms")
    receiver.link("Free days").click()
    page.locator('[name^="free."]').first.fill("12.5")
    receiver.button("Publish").click()
    receiver.told("Published. Generators see it now.")
    _usable(receiver, album, "days")

    maker = Desk(chromium, address, "owner", locale=locale, phone=True, script=False)
    page = maker.page
    page.goto("/receivers")
    maker.field("Waste code").fill(OIL)
    maker.field("How much").fill("4")
    maker.button("Find a receiver").click()
    expect(page.get_by_role("heading", level=2)).to_contain_text(OIL)
    expect(page.get_by_text("12.5", exact=False).first).to_be_visible()
    maker.button("Set aside").first.click()
    maker.told("Set aside. File the manifest before the hold ends, or it lapses.")
    here = page.url
    maker.close()

    clerk = Desk(chromium, address, "owner", locale=locale)
    clerk.page.goto(f"/receivers?waste_code={OIL}&mass=4")
    clerk.page.locator("details.box").evaluate("one => one.open = true")
    _usable(clerk, album, "receivers")
    clerk.page.goto(here)
    _usable(clerk, album, "reservation")
    clerk.page.goto("/reservations")
    _usable(clerk, album, "reservations")
    clerk.page.goto("/")
    expect(clerk.page.locator(f'a[href="{here.removeprefix(address)}"]').first).to_be_visible()
    album.keep(clerk.page, "home")
    clerk.close()
    page = receiver.page
    page.goto(here)
    page.locator("main summary").click()
    receiver.field("Why").fill("设备检修")
    receiver.button("Decline it").click()
    receiver.told("Declined. The generator reads why.")
    receiver.close()


def _usable(desk: Desk, album: Album, station: str) -> None:
    """Readable by everybody, within the edges, and kept as a picture."""
    assert violations_now(desk.page) == []
    desk.fits()
    album.keep(desk.page, station)
