"""The register of projects, how plants run and outages, over the wire: pages and API, for whom they are."""

from typing import Any

import pytest

from tests.support.served import Served
from tests.support.trade import API, Trade, asked, refused, sent

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
