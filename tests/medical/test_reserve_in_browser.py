"""An authority prepares for an epidemic in Chromium: lists and calls a facility, fills the reserve, simulates it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.support.browser import chromium, pytest_runtest_makereport
from tests.support.browsing import serving
from tests.support.databases import Cluster
from tests.support.medical import Hospital
from tests.support.pictures import Album
from tests.support.served import PASSWORD
from tests.support.trade import today
from tests.support.world import World
from wastetrack.db.addresses import Address
from wastetrack.i18n import LOCALES, Locale

pytestmark = [pytest.mark.browser, pytest.mark.commits]
__all__ = ["chromium", "pytest_runtest_makereport"]

DONE = {"zh": "每日由谁处置多少", "en": "Who takes what on which day"}
KILN = {
    "region_code": "3706",
    "name": "东方水泥二号窑",
    "address": "福山区工业路8号",
    "longitude": "121.25",
    "latitude": "37.45",
    "daily": "20",
    "lead_hours": "24",
    "agreement_number": "烟环协〔2026〕7号",
    "agreement_from": today().isoformat(),
    "agreement_to": (today() + timedelta(days=700)).isoformat(),
    "contact_name": "值班室",
    "contact_phone": "0535-6000000",
    "rules": "由市指挥部调度；专用投料口，每班消毒；高度感染性废物优先。",
}


@pytest.fixture
def address(
    cluster: Cluster, town: tuple[World, Address], hospital_town: tuple[Hospital, Address], tmp_path: Path
) -> Iterator[str]:
    """Where the application is served, with a worker beside it."""
    copy = cluster.clone(hospital_town[1].database)
    with serving(copy.url, town[0], tmp_path, jobs=True) as served:
        yield served
    cluster.drop(copy)


def fill(page: Page, action: str, fields: dict[str, str]) -> None:
    """Type into the form that goes there, and send it."""
    form = page.locator(f'form[action="{action}"]')
    for name, value in fields.items():
        field = form.locator(f'[name="{name}"]')
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    form.locator("button").click()


@pytest.mark.parametrize("locale", LOCALES)
def test_an_authority_prepares_for_an_epidemic(chromium: Browser, address: str, locale: Locale) -> None:
    album = Album("epidemic", locale)
    context = chromium.new_context(base_url=address, locale=locale, viewport=ViewportSize(width=1280, height=900))
    context.set_default_timeout(15_000)
    page, complaints = context.new_page(), list[str]()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"/sign-in?lang={locale}")
    page.locator('[name="login"]').fill("approver")
    page.locator('[name="password"]').fill(PASSWORD)
    page.locator('[name="password"]').press("Enter")
    expect(page).to_have_url(address + "/")
    album.keep(page, "today")
    page.goto("/medical/helpers")
    album.keep(page, "nobody")
    page.locator('form[action="/medical/helpers"] [name="kind"]').select_option("cement_kiln")
    fill(page, "/medical/helpers", KILN)
    expect(page.get_by_role("status")).to_be_visible()
    page.locator('form[action="/medical/helpers"] [name="kind"]').select_option("municipal_incinerator")
    burner = {
        **KILN,
        "name": "城北生活垃圾焚烧厂",
        "longitude": "121.4",
        "latitude": "37.5",
        "daily": "40",
        "rules": "",
    }
    fill(page, "/medical/helpers", {**burner, "lead_hours": "96"})
    expect(page.get_by_text("城北生活垃圾焚烧厂").first).to_be_visible()
    album.keep(page, "helpers")
    _drill(page, album)
    _reserve(page, album)
    page.goto("/medical/surges")
    page.locator('[name="preset"]').select_option("wuhan")
    fill(page, "/medical/surges", {"base": "9", "begins_on": "2027-01-21"})
    expect(page).not_to_have_url(f"{address}/medical/surges")
    for _ in range(40):
        if page.get_by_text(DONE[locale]).count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator("#surge-chart svg").first).to_be_visible()
    expect(page.get_by_text("东方水泥二号窑").first).to_be_attached()
    album.keep(page, "surge")
    page.goto("/medical/surges")
    album.keep(page, "surges")
    context.close()
    assert complaints == []


def _drill(page: Page, album: Album) -> None:
    page.goto("/medical/emergencies")
    page.locator('[name="is_drill"]').check()
    days = {"from_on": today().isoformat(), "until_on": (today() + timedelta(days=2)).isoformat()}
    told = {
        "region_code": "3706",
        "order_number": "烟疫指演〔2026〕1号",
        "reason": "年度演练",
        "rules": "由市指挥部调度",
    }
    fill(page, "/medical/emergencies", {**told, **days})
    page.locator('[name="helper_id"]').select_option(index=0)
    page.locator('[name="daily"]').fill("15")
    page.locator('form[action$="/calls"] button').click()
    expect(page.get_by_role("status")).to_be_visible()
    album.keep(page, "drill")
    page.goto("/medical/emergencies")
    album.keep(page, "emergencies")


def _reserve(page: Page, album: Album) -> None:
    page.goto("/medical/supplies")
    gloves = {"name": "防护手套", "unit": "双", "place": "市应急库 A 架", "minimum": "500"}
    page.locator('[name="kind"]').select_option("protection")
    fill(page, "/medical/supplies", gloves)
    page.locator('[name="kind"][value="in"]').check()
    page.locator('[name="quantity"]').fill("300")
    page.locator('[name="expires_on"]').fill((today() + timedelta(days=40)).isoformat())
    page.locator('form[action$="/moves"] button').click()
    expect(page.get_by_role("status")).to_be_visible()
    album.keep(page, "supply")
    page.goto("/medical/supplies")
    album.keep(page, "supplies")
