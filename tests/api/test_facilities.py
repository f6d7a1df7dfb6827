"""Facilities through the API."""

from tests.support.served import Served
from tests.support.trade import API
from wastetrack.ids import new_id


async def test_a_facility_is_entered_changed_closed_and_seen_by_the_firm_and_its_authority(served: Served) -> None:
    owner = await served.api_visitor("owner")
    code = f"TS{int(new_id()) % 10**9:09}"
    place = f"{API}/sites/{served.world.generator.site.id}/facilities"
    body = {"kind": "disposal", "code": code, "name": "焚烧炉", "capacity": "3000", "capacity_unit": "t/a"}
    made = await owner.send_json(place, {**body, "since": "2026-01-01"})
    assert made.status_code == 201, made.text
    facility = f"{API}/facilities/{made.json()['id']}"

    changed = await owner.send_json(f"{facility}/change", {"name": "回转窑"})
    assert (changed.status_code, changed.json()["name"], changed.json()["capacity"]) == (200, "回转窑", None)
    closed = await owner.send_json(f"{facility}/closing", {"until": "2026-12-31"})
    assert closed.status_code == 200, closed.text
    assert closed.json()["until"] == "2026-12-31"

    assert (await owner.send_json(f"{facility}/closing", {"until": "2026-12-31"})).status_code == 409
    assert (await owner.send_json(place, {**body, "since": "2026-01-01"})).status_code == 409
    seen = {
        who: code in {one["code"] for one in (await (await served.api_visitor(who)).get(place)).json()["items"]}
        for who in ("owner", "inspector", "stranger", "receiver")
    }
    assert seen == {"owner": True, "inspector": True, "stranger": False, "receiver": False}
    stranger = await served.api_visitor("stranger")
    assert (await stranger.send_json(f"{facility}/change", {"name": "回转窑"})).status_code == 404
    assert (await stranger.send_json(place, {**body, "since": "2026-01-01"})).status_code == 403
