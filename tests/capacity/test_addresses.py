"""The register of projects, how plants run and outages, over the wire: pages and API, for whom they are."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.served import Served
from tests.support.trade import API, Trade, asked, refused, sent
from wastetrack import clock
from wastetrack.capacity.forecast import CategoryForecast, ForecastMethod, RegionForecast, TrialOf
from wastetrack.db.session import writing
from wastetrack.ids import new_id

PROJECT: dict[str, Any] = {
    "kind": "hazardous_disposal",
    "state": "building",
    "name": "莱山飞灰填埋场",
    "builder": "烟台某环保有限公司",
    "region_code": "370613",
    "longitude": "121.445",
    "latitude": "37.51",
    "starts_on": "2027-04-01",
    "items": [{"pattern": "772-002-18", "methods": ["D1"], "yearly_g": 30_000_000_000}],
}


def form_of(**changes: str) -> dict[str, str]:
    """The same as a person types it."""
    told = {name: str(value) for name, value in PROJECT.items() if name != "items"}
    line = {"items.0.pattern": "772-002-18", "items.0.methods": "D1、D10", "items.0.yearly": "30000"}
    return told | line | changes


async def test_an_authority_keeps_projects_at_the_api(trade: Trade) -> None:
    officer = await trade.inspector()
    made = (await sent(officer, "/capacity/projects", PROJECT | {"name": "飞灰甲"}, expect=201)).copy()
    assert made["yearly_g"] == 30_000_000_000
    path = f"/capacity/projects/{made['id']}"
    changed = await sent(officer, path, PROJECT | {"name": "飞灰甲", "state": "trial", "version": 1}, expect=200)
    assert (changed["state"], changed["version"]) == ("trial", 2)
    await refused(officer, path, PROJECT | {"name": "飞灰甲", "version": 1}, "project_changed_meanwhile", status=409)
    told = await asked(officer, "/capacity/projects?state=trial&region=3706")
    assert [one["id"] for one in told["items"]] == [made["id"]]
    assert (await asked(officer, path))["name"] == "飞灰甲"
    stranger = await trade.stranger()
    assert (await stranger.get(f"{API}/capacity/projects")).status_code == 403
    assert (await stranger.get(API + path)).status_code == 403
    assert (await stranger.send_json(f"{API}/capacity/projects", PROJECT)).status_code == 403
    assert (await (await trade.nobody()).get(API + path)).status_code == 401
    assert (await officer.get(f"{API}/capacity/projects?region=3201")).status_code == 404


async def test_a_plant_tells_its_outages_at_the_api(trade: Trade) -> None:
    plant, site = await trade.gate(), trade.world.receiver.site.id
    told = {"site_id": str(site), "cause": "maintenance", "from_on": "2026-06-01", "percent": 50}
    made = await sent(plant, "/outages", told, expect=201)
    ended = await sent(plant, f"/outages/{made['id']}/ending", {"last_on": "2026-06-10"}, expect=200)
    assert ended["to_on"] == "2026-06-10"
    for eyes, seen in ((plant, 1), (await trade.inspector(), 1), (await trade.stranger(), 0)):
        assert len((await asked(eyes, f"/sites/{site}/outages"))["items"]) == seen
    stranger = await trade.stranger()
    assert (await stranger.send_json(f"{API}/outages", told)).status_code == 403
    # What one does not see is not there.
    assert (
        await stranger.send_json(f"{API}/outages/{made['id']}/ending", {"last_on": "2026-06-10"})
    ).status_code == 404


async def test_plants_are_shown_to_whom_they_concern(trade: Trade) -> None:
    await trade.received(await trade.labelled())
    for person, plants in ((await trade.inspector(), 1), (await trade.receiver(), 1), (await trade.stranger(), 0)):
        found = await asked(person, "/capacity/operation")
        assert len(found["plants"]) == plants
        assert all(one["received_g"] > 0 for one in found["plants"])
    inspector = await trade.inspector()
    assert (await inspector.get(f"{API}/capacity/operation?region=3201")).status_code == 404
    backwards = f"{API}/capacity/operation?since=2026-02-01&until=2026-01-01"
    assert (await inspector.get(backwards)).status_code == 422


@pytest.mark.parametrize("locale", ["en", "zh"])
async def test_the_pages_stand_in_both_languages(served: Served, locale: str) -> None:
    officer = await served.page_visitor("inspector")
    for path in ("/capacity/operation", "/capacity/projects", "/capacity/projects/new"):
        page = await officer.get(f"{path}?lang={locale}")
        assert page.status_code == 200, page.text[:300]
    for ending in ("csv", "xlsx"):
        file = await officer.get(f"/capacity/operation.{ending}?lang={locale}")
        assert file.status_code == 200
        assert file.headers["content-disposition"].endswith(f'.{ending}"')
    assert (await (await served.page_visitor("stranger")).get("/capacity/projects")).status_code == 403


async def test_an_officer_enters_and_changes_a_project_on_the_pages(served: Served) -> None:
    officer = await served.page_visitor("inspector")
    wrong = await officer.send_form(
        "/capacity/projects/new", form_of(name="", **{"items.0.pattern": "772-999-18"}), page="/capacity/projects/new"
    )
    assert wrong.status_code == 422
    assert 'value="烟台某环保有限公司"' in wrong.text
    right = await officer.send_form("/capacity/projects/new", form_of(name="飞灰乙"), page="/capacity/projects/new")
    assert right.status_code == 303, right.text[:500]
    path = right.headers["location"].partition("?")[0]
    shown = await officer.get(path)
    assert "飞灰乙" in shown.text
    assert "D1 D10" in shown.text
    change = await officer.get(f"{path}/change")
    assert 'value="30,000"' in change.text or 'value="30000"' in change.text
    again = await officer.send_form(
        f"{path}/change", form_of(name="飞灰乙", state="dropped", version="1"), page=f"{path}/change"
    )
    assert again.status_code == 303, again.text[:500]
    assert "飞灰乙" in (await officer.get("/capacity/projects?state=dropped")).text


async def test_a_plant_enters_an_outage_on_its_page(served: Served) -> None:
    gate, site = await served.page_visitor("gate"), served.world.receiver.site.id
    told = {
        "site_id": str(site),
        "cause": "breakdown",
        "from_on": "2026-05-01",
        "to_on": "",
        "percent": "100",
        "remarks": "",
    }
    made = await gate.send_form("/outages", told, page="/capacity/operation")
    assert made.status_code == 303, made.text[:500]
    page = (await gate.get("/capacity/operation?lang=en")).text
    assert "Breakdown" in page
    ending = page.partition('action="/outages/')[2].partition("/ending")[0]
    done = await gate.send_form(f"/outages/{ending}/ending", {"last_on": "2026-05-03"}, page="/capacity/operation")
    assert done.status_code == 303, done.text[:500]
    wrong = await gate.send_form("/outages", told | {"to_on": "2026-04-01"}, page="/capacity/operation")
    assert wrong.status_code == 422
    assert (
        "stands before the first day"
        in (await gate.send_form("/outages?lang=en", told | {"to_on": "2026-04-01"}, page="/capacity/operation")).text
    )


async def test_a_forecast_is_asked_for_and_shown(served: Served, trade: Trade) -> None:
    inspector = await trade.inspector()
    assert (await inspector.get(f"{API}/capacity/forecast?region=370613")).json()["code"] == "forecast_not_made"
    under_way = await sent(inspector, "/capacity/forecast", {"region": "3706"}, expect=202)
    assert (await asked(inspector, f"/tasks/{under_way['task_id']}"))["state"] == "queued"
    stranger = await trade.stranger()
    assert (await stranger.get(f"{API}/capacity/forecast")).status_code == 403
    assert (await stranger.send_json(f"{API}/capacity/forecast", {})).status_code == 403
    made = CategoryForecast(
        code="900-249-08",
        known_g=(1_000_000,) * 30,
        method=ForecastMethod.SMOOTHING,
        low_g=(800_000,) * 12,
        middle_g=(1_000_000,) * 12,
        high_g=(1_300_000,) * 12,
        year_g=(10_000_000, 12_000_000, 15_000_000),
        months_tried=3,
        trials=(
            TrialOf(method=ForecastMethod.SEASONAL_NAIVE, mase=(1.0, 1.1, 0.9), pinball_g=(1, 2, 3), covered=0.7),
            TrialOf(method=ForecastMethod.SMOOTHING, mase=(0.5, 0.6, 0.7), pinball_g=(1, 2, 3), covered=0.8),
        ),
        regions={"370602": 9_000_000, "370613": 3_000_000},
    )
    whole = RegionForecast(
        region="370602",
        region_name="芝罘区",
        first_month=date(2024, 5, 1),
        known_until=date(2026, 10, 31),
        ahead=12,
        categories=(made,),
    )
    async with writing(served.owner) as session:
        row = {"organisation_id": served.places["authority"], "region": "370602", "known_until": whole.known_until}
        person = (await session.execute(text("select id from people limit 1"))).scalar_one()
        more = {"id": new_id(), "person_id": person, "created_at": clock.now(), "content": whole.model_dump_json()}
        await session.execute(
            text(
                "insert into capacity_forecasts (id, organisation_id, region, known_until, content, person_id, "
                "created_at) values (:id, :organisation_id, :region, :known_until, cast(:content as jsonb), "
                ":person_id, :created_at)"
            ),
            row | more,
        )
    told = await asked(inspector, "/capacity/forecast?region=370602")
    assert RegionForecast.model_validate(told["forecast"]) == whole
    officer = await served.page_visitor("inspector")
    page = (await officer.get("/capacity/forecast?region=370602&code=900-249-08&lang=en")).text
    assert "Smoothing" in page
    assert "0.60" in page
    assert "80 %" in page
    assert "2027-10" in page
    asked_for = await officer.send_form("/capacity/forecast", {"region": "370602"}, page="/capacity/forecast")
    assert asked_for.status_code == 303
    assert asked_for.headers["location"].startswith("/tasks/")
