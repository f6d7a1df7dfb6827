"""A carrier sends where its lorry was, an authority draws a zone: faults with their place, and what is known after."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.positions.test_reading_zones import SQUARE, feature
from tests.support.browsing import serving
from tests.support.databases import Cluster
from tests.support.desks import Desk
from tests.support.pictures import Album
from tests.support.spoken import IN_EACH_LANGUAGE
from tests.support.world import World
from wastetrack.db.addresses import Address
from wastetrack.i18n import Locale

pytestmark = [pytest.mark.browser, pytest.mark.commits]
HEAD = "plate,seen_at,latitude,longitude,frame\n"


@pytest.fixture
def address(cluster: Cluster, town: tuple[World, Address], tmp_path: Path) -> Iterator[str]:
    """Where the application is served."""
    world, template = town
    copy = cluster.clone(template.database)
    with serving(copy.url, world, tmp_path) as address:
        yield address
    cluster.drop(copy)


@IN_EACH_LANGUAGE
def test_a_carrier_sends_positions(chromium: Browser, address: str, tmp_path: Path, locale: Locale) -> None:
    desk, album = Desk(chromium, address, "carrier", locale=locale, phone=True), Album("positions", locale)
    page, say = desk.page, desk.say
    page.goto("/positions")
    plate = page.locator("tbody tr").first.locator("td, th").first.inner_text().splitlines()[-1].strip()
    begin = datetime(2026, 1, 5, 1, 0, tzinfo=UTC).isoformat()
    wrong, right = tmp_path / "一月.csv", tmp_path / "二月.csv"
    wrong.write_text(HEAD + f"{plate},then,137,121.4,mars\n", encoding="utf-8")
    right.write_text(HEAD + f"{plate},{begin},37.4,121.4,gcj02\n" * 2, encoding="utf-8")

    desk.field("The file").set_input_files(wrong)
    desk.button("Take in the file").click()
    expect(page.get_by_role("alert")).to_contain_text("一月.csv, 2, latitude")
    album.keep(page, "faults")
    desk.field("The file").set_input_files(right)
    desk.button("Take in the file").click()
    expect(page.get_by_role("heading", name="二月.csv")).to_be_visible()
    expect(page.get_by_text(say("The same moment of a vehicle stands there twice; the first counts."))).to_be_visible()
    album.keep(page, "file")
    desk.fits()
    page.get_by_role("link", name=say("All positions")).click()
    expect(page.get_by_text("二月.csv")).to_be_visible()
    album.keep(page, "positions")
    desk.fits()


@IN_EACH_LANGUAGE
def test_an_authority_draws_a_zone(chromium: Browser, address: str, tmp_path: Path, locale: Locale) -> None:
    desk, album = Desk(chromium, address, "inspector", locale=locale, phone=True), Album("zones", locale)
    page = desk.page
    for name, ring in (("wrong", SQUARE[:-1]), ("right", SQUARE)):
        document = {"type": "FeatureCollection", "features": [feature(ring)]}
        (tmp_path / f"{name}.geojson").write_text(json.dumps(document), encoding="utf-8")
    page.goto("/zones")
    desk.field("The file").set_input_files(tmp_path / "wrong.geojson")
    page.get_by_label("WGS 84").check()
    desk.button("Draw the zones").click()
    expect(page.get_by_role("alert")).to_contain_text("zones, 1, ring 1")
    album.keep(page, "faults")
    desk.field("The file").set_input_files(tmp_path / "right.geojson")
    page.get_by_label("WGS 84").check()
    desk.button("Draw the zones").click()
    expect(page.get_by_role("cell", name="门楼水库一级保护区")).to_be_visible()
    album.keep(page, "zones")
    desk.fits()
