"""Plants, outages, projects, a forecast in Chromium, with and without script, on a desk and on a telephone; axe over
each page."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from tests.support.axe import violations_now
from tests.support.browsing import serving
from tests.support.databases import Cluster
from tests.support.desks import Desk
from tests.support.pictures import Album
from tests.support.served import Served
from tests.support.world import World
from wastetrack import clock
from wastetrack.capacity.forecast import CategoryForecast, ForecastMethod, RegionForecast, TrialOf
from wastetrack.capacity.project_tables import CapacityForecastRow
from wastetrack.db.addresses import Address
from wastetrack.db.session import writing
from wastetrack.i18n import Locale
from wastetrack.ids import new_id

pytestmark = [pytest.mark.browser, pytest.mark.commits]


def a_forecast(code: str, tonnes: int) -> CategoryForecast:
    """Three years of a code with a season, carried on."""
    months = [tonnes + tonnes * (number % 12 - 6) // 20 for number in range(36)]
    ahead = [one * 1_000_000 for one in months[-12:]]
    return CategoryForecast(
        code=code,
        known_g=tuple(one * 1_000_000 for one in months),
        method=ForecastMethod.SMOOTHING,
        low_g=tuple(one * 8 // 10 for one in ahead),
        middle_g=tuple(ahead),
        high_g=tuple(one * 13 // 10 for one in ahead),
        year_g=(sum(ahead) * 9 // 10, sum(ahead), sum(ahead) * 11 // 10),
        months_tried=6,
        trials=(
            TrialOf(method=ForecastMethod.SEASONAL_NAIVE, mase=(1.0, 1.1, 0.9), pinball_g=(1, 2, 3), covered=0.72),
            TrialOf(method=ForecastMethod.SMOOTHING, mase=(0.7, 0.6, 0.8), pinball_g=(1, 2, 3), covered=0.81),
        ),
        regions={"370602": sum(ahead) * 3 // 4, "370613": sum(ahead) // 4},
    )


@pytest.fixture
def forecast(cluster: Cluster, town: tuple[World, Address], tmp_path: Path) -> Iterator[str]:
    """The application with a forecast of its prefecture."""
    world, template = town
    copy = cluster.clone(template.database)

    async def made(served: Served) -> None:
        whole = RegionForecast(
            region="3706",
            region_name="烟台市",
            first_month=clock.now().date().replace(year=2023, month=11, day=1),
            known_until=clock.now().date().replace(year=2026, month=10, day=31),
            ahead=12,
            categories=(a_forecast("900-249-08", 400), a_forecast("772-002-18", 180)),
        )
        async with writing(served.owner) as session:
            session.add(
                CapacityForecastRow(
                    id=new_id(),
                    organisation_id=served.places["authority"],
                    region="3706",
                    known_until=whole.known_until,
                    content=whole.model_dump(mode="json"),
                    person_id=UUID(str(world.inspector.person_id)),
                    created_at=clock.now(),
                )
            )

    with serving(copy.url, world, tmp_path, prepare=made) as address:
        yield address
    cluster.drop(copy)


def looked_at(desk: Desk, album: Album, path: str, station: str, *, script: bool) -> None:
    """A page fits, can be used by everybody, and has its picture taken."""
    desk.page.goto(path)
    desk.fits()
    if script:
        assert violations_now(desk.page) == [], path
        album.keep(desk.page, station)


@pytest.mark.parametrize(("locale", "phone", "script"), [("zh", False, True), ("en", True, True), ("en", False, False)])
def test_an_officer_looks_at_plants_and_plans_one(
    chromium: Browser, forecast: str, tmp_path: Path, locale: Locale, *, phone: bool, script: bool
) -> None:
    plant = Desk(chromium, forecast, "gate", locale=locale, phone=phone, script=script)
    album = Album("plants-and-projects", locale)
    plant.page.goto("/capacity/operation")
    plant.page.locator("select[name=cause]").select_option("maintenance")
    plant.page.locator("input[name=from_on]").fill("2026-11-01")
    plant.button("Enter the outage").click()
    expect(plant.page.locator("main")).to_contain_text(plant.say("It runs again"))
    looked_at(plant, album, "/capacity/operation", "own-plant", script=script)
    plant.button("It runs again").click()
    expect(plant.page.locator("main")).not_to_contain_text(plant.say("It runs again"))
    plant.close()
    desk = Desk(chromium, forecast, "inspector", locale=locale, phone=phone, script=script)
    page = desk.page
    looked_at(desk, album, "/capacity/operation", "operation", script=script)
    looked_at(desk, album, "/capacity/forecast", "forecast", script=script)
    looked_at(desk, album, "/capacity/projects/new", "new-project", script=script)
    desk.field("Name").fill("莱山飞灰填埋场")
    desk.field("Builder").fill("烟台某环保有限公司")
    page.locator("select[name=kind]").select_option("hazardous_disposal")
    page.locator("select[name=state]").select_option("building")
    page.locator("input[name=starts_on]").fill("2027-04-01")
    page.locator("input[name=region_code]").fill("370613")
    page.locator("input[name=latitude]").fill("37.51")
    page.locator("input[name=longitude]").fill("121.445")
    desk.button("Save the project").click()
    expect(page.locator("main")).to_contain_text(desk.say("The project would be allowed to take nothing."))
    page.locator("[name='items.0.pattern']").fill("772-002-18")
    page.locator("[name='items.0.methods']").fill("D1")
    page.locator("[name='items.0.yearly']").fill("30000")
    desk.button("Save the project").click()
    expect(page.locator("h1")).to_contain_text("莱山飞灰填埋场")
    looked_at(desk, album, page.url, "project", script=script)
    looked_at(desk, album, "/capacity/projects", "projects", script=script)
    looked_at(desk, album, "/capacity/roads", "roads", script=script)
    with page.expect_download() as given:
        page.get_by_role("link", name=desk.say("The file to fill in")).click()
    known = given.value.path().read_text("utf-8-sig").replace('",,"', '",42.5,"')
    filled = tmp_path / "roads.csv"
    filled.write_text(known, "utf-8")
    page.locator("input[type=file]").set_input_files(filled)
    desk.field("Where the distances are from").fill("交通运输局 2026")
    desk.button("Upload").click()
    expect(page.locator("main")).to_contain_text(desk.say("{count} distances are uploaded.", count=known.count("42.5")))
    looked_at(desk, album, "/capacity/roads", "roads-uploaded", script=script)
    looked_at(desk, album, "/capacity/new", "ask", script=script)
    expect(page.locator("main")).to_contain_text("莱山飞灰填埋场")
    desk.close()
