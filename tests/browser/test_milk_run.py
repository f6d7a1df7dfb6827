"""A milk run in Chromium: the driver plans it on his telephone, and one signature at the gate closes all its papers."""

import pytest
from playwright.sync_api import Browser, expect

from tests.support.desks import Desk, count, file_a_manifest, label_a_drum, scan
from tests.support.pictures import Album
from tests.support.spoken import in_language
from tests.support.world import World
from wastetrack.i18n import Locale
from wastetrack.manifests.model import ManifestState

pytestmark = [pytest.mark.browser, pytest.mark.commits]


@in_language("en")
def test_a_trip_is_planned_driven_and_closed_in_one_act(
    chromium: Browser, address: str, world: World, locale: Locale
) -> None:
    album = Album("milk-run", locale)
    generator = Desk(chromium, address, "owner", locale=locale)
    codes, manifests = [], []
    for gross in ("200", "110"):
        codes.append(label_a_drum(generator, gross))
        manifests.append(file_a_manifest(generator, world.plate, 1))
    generator.close()

    driver = Desk(chromium, address, "driver", locale=locale, phone=True)
    driver.page.goto("/trips/new")
    for position, stop in enumerate(driver.page.locator("input[name=stops]").all(), 1):
        stop.fill(str(position))
    driver.fits()
    album.keep(driver.page, "plan")
    driver.button("Plan the trip").click()
    driver.told("The trip is planned. Pick up at each stop.")
    album.keep(driver.page, "trip")
    trip = driver.page.url
    for code in codes:
        driver.fits()
        driver.page.get_by_role("link", name=driver.say("Pick up here")).first.click()
        count(driver, [code])
        driver.button("Sign: loaded and picked up").click()
        driver.sign()
        driver.told("Signed: the load is yours and on its way.")
        driver.page.goto(trip)
    driver.button("Report the arrival of all").click()
    expect(driver.page.locator(".plain-words").first).to_contain_text(
        driver.say("The loads of the {count} manifests of this trip stand at the receiver's gate:", count=2)
    )
    driver.sign()
    driver.told("Signed: all loads of the trip are at the gate.")
    driver.close()

    gate = Desk(chromium, address, "gate", locale=locale, phone=True)
    for manifest, code, gross in zip(manifests, codes, ("200", "110"), strict=True):
        gate.page.goto(manifest.replace("/manifests/", "/gate/"))
        scan(gate, code, gross)
        expect(gate.page.locator("#answer.good h2")).to_have_text(gate.say("ACCEPT"))
    gate.page.goto(trip)
    gate.fits()
    album.keep(gate.page, "to-close")
    gate.button("Receive and confirm all").click()
    gate.sign()
    gate.told("Signed: all manifests of the trip are received and closed.")
    album.keep(gate.page, "closed")
    for manifest in manifests:
        gate.page.goto(manifest)
        expect(gate.page.locator(".head .badge")).to_contain_text(gate.say.label(ManifestState.CLOSED))
    gate.close()
