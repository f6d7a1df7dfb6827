"""A milk run in Chromium: the driver plans it on his telephone, and one signature at the gate closes all its papers."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_main_job import Desk, count, file_a_manifest, label_a_drum, scan
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.commits]


def fits(desk: Desk) -> None:
    """Nothing stands beyond the edge of the telephone."""
    desk.page.wait_for_load_state()  # between two pages there is no document to measure
    assert desk.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_trip_is_planned_driven_and_closed_in_one_act(chromium: Browser, address: str, world: World) -> None:
    generator = Desk(chromium, address, "owner")
    codes, manifests = [], []
    for gross in ("200", "110"):
        codes.append(label_a_drum(generator, gross))
        manifests.append(file_a_manifest(generator, world.plate, 1))
    generator.close()

    driver = Desk(chromium, address, "driver", phone=True)
    driver.page.goto("/trips/new")
    for position, stop in enumerate(driver.page.locator("input[name=stops]").all(), 1):
        stop.fill(str(position))
    fits(driver)
    driver.page.get_by_role("button", name="安排车次").click()
    expect(driver.page.get_by_role("status")).to_contain_text("请逐站取货")
    trip = driver.page.url
    for code in codes:
        fits(driver)
        driver.page.get_by_role("link", name="在此取货").first.click()
        count(driver, [code])
        driver.page.get_by_role("button", name="签字：已装车启运").click()
        driver.sign()
        driver.page.goto(trip)
    driver.page.get_by_role("button", name="报告全部到达").click()
    expect(driver.page.locator(".plain-words").first).to_contain_text("2 份联单")
    driver.sign()
    expect(driver.page.get_by_role("status")).to_contain_text("全部货物已到门岗")
    driver.close()

    gate = Desk(chromium, address, "gate", phone=True)
    for manifest, code, gross in zip(manifests, codes, ("200", "110"), strict=True):
        gate.page.goto(manifest.replace("/manifests/", "/gate/"))
        scan(gate, code, gross)
        expect(gate.page.locator("#answer.good h2")).to_have_text("准予接受")
    gate.page.goto(trip)
    fits(gate)
    gate.page.get_by_role("button", name="全部接受并确认").click()
    gate.sign()
    expect(gate.page.get_by_role("status")).to_contain_text("全部联单已接受并办结")
    for manifest in manifests:
        gate.page.goto(manifest)
        expect(gate.page.locator(".head .badge")).to_contain_text("已办结")
    gate.close()
