"""The gate's forms in a browser without script."""

import pytest
from playwright.sync_api import Browser, expect

from tests.support.desks import Desk, file_a_manifest, label_a_drum
from tests.support.spoken import in_language
from tests.support.world import World
from wastetrack.i18n import Locale

pytestmark = [pytest.mark.browser, pytest.mark.commits]


@in_language("en")
def test_the_gate_works_without_script(chromium: Browser, address: str, world: World, locale: Locale) -> None:
    generator = Desk(chromium, address, "owner", locale=locale)
    code = label_a_drum(generator, "200")
    manifest = file_a_manifest(generator, world.plate, 1)
    generator.close()
    driver = Desk(chromium, address, "driver", locale=locale, script=False)
    driver.page.goto(manifest)
    driver.button("Sign: loaded and picked up").click()
    driver.sign()
    driver.page.locator(".run .great").first.click()
    driver.button("Report the arrival").click()
    driver.sign()
    driver.close()
    gate = Desk(chromium, address, "gate", locale=locale, script=False)
    gate.page.goto(manifest.replace("/manifests/", "/gate/"))
    gate.page.locator("#f-label").fill(code)
    gate.page.locator("#f-gross").fill("200")
    gate.button("Take in").click()
    expect(gate.page.locator("#answer.good h2")).to_have_text(gate.say("ACCEPT"))
    gate.close()
