"""Scales over HTTP and on pages: entered, connected, read by the script beside a weight field, or chosen without it."""

import re
from typing import Any

from tests.support.served import Served, Visitor
from tests.support.trade import Trade, today
from wastetrack.ids import new_id

API = "/api/v1/scales"


def details(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "name": "2号磅房台秤",
        "kind": "platform",
        "verified_on": "2025-06-01",
        "verified_until": "2099-05-31",
        "division_g": 200,
        **changes,
    }


async def entered(program: Visitor, site_id: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    body = {"site_id": site_id, "serial": f"PS-{new_id()}", **details(**changes)}
    made = await program.send_json(API, body)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def weigher(served: Served, owner: Visitor) -> Visitor:
    """A program that may push readings and nothing else."""
    made = await owner.send_json("/api/v1/tokens", {"name": f"scale {new_id()}", "days": 1, "scopes": ["weigh"]})
    program = served.visitor()
    program.bearer = made.json()["secret"]
    return program


async def test_a_scale_is_entered_read_and_ended_by_programs(trade: Trade) -> None:
    owner = await trade.served.api_visitor("owner")
    scale = await entered(owner, str(trade.world.generator.site.id))
    place = f"{API}/{scale['id']}"
    program = await weigher(trade.served, owner)
    key = new_id()
    pushed = await program.send_json(f"{place}/readings", {"gross_g": 198_400}, key=key)
    assert (pushed.status_code, pushed.json()["id"], pushed.json()["stable"]) == (201, str(key), True)
    again = await program.send_json(f"{place}/readings", {"gross_g": 198_400}, key=key)
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert (await program.get(place)).status_code == 403
    newest = (await owner.get(f"{place}/readings/newest")).json()
    assert (newest["reading_id"], newest["gross_g"], newest["uncertainty_g"], newest["verification"]) == (
        str(key),
        198_400,
        58,
        "holds",
    )
    stranger = await trade.served.api_visitor("stranger")
    for path in (place, f"{place}/readings/newest"):
        assert (await stranger.get(path)).status_code == 404
    for path, body in ((f"{place}/readings", {"gross_g": 1}), (place, details()), (f"{place}/ending", {})):
        assert (await stranger.send_json(path, body)).status_code == 404
    changed = await owner.send_json(place, details(verified_until="2099-12-31"))
    assert changed.json()["verified_until"] == "2099-12-31"
    listed = (await owner.get(f"{API}?site_id={trade.world.generator.site.id}")).json()["items"]
    assert scale["id"] in {one["id"] for one in listed}
    ended = await owner.send_json(f"{place}/ending", {})
    assert ended.json()["ended_at"] is not None
    assert (await program.send_json(f"{place}/readings", {"gross_g": 5})).status_code == 404


async def test_a_drum_is_labelled_by_the_reading_over_the_api(trade: Trade) -> None:
    owner = await trade.served.api_visitor("owner")
    scale = await entered(owner, str(trade.world.generator.site.id))
    reading = new_id()
    await owner.send_json(f"{API}/{scale['id']}/readings", {"gross_g": 201_200}, key=reading)
    drum = await trade.labelled()
    body = {"gross_g": 201_200, "tare_g": 20_000, "method": "count", "reading_id": str(reading)}
    weighed = await owner.send_json(f"/api/v1/containers/{drum['id']}/weighing", body)
    assert weighed.status_code == 200, weighed.text
    now = (await owner.get(f"/api/v1/containers/{drum['id']}")).json()
    assert (now["method"], now["scale_id"], now["uncertainty_g"]) == ("platform_scale", scale["serial"], 58)
    assert (await owner.get(f"{API}/{scale['id']}/readings/newest")).json()["used"] is True


async def test_pages_enter_show_change_and_end_a_scale(served: Served) -> None:
    owner = await served.page_visitor("owner")
    serial = f"PS-{new_id()}"
    fields = {
        "site_id": str(served.world.generator.site.id),
        "serial": serial,
        "name": "1号台秤",
        "kind": "platform",
        "verified_on": "2024-06-01",
        "verified_until": "2025-05-31",
        "accuracy": "III",
        "unit": "kg",
        "division": "0.2",
        "uncertainty": "",
    }
    refused = await owner.send_form("/scales/new", {**fields, "division": "0"}, page="/scales/new")
    assert (refused.status_code, "秤的分度值须大于零" in refused.text) == (422, True)
    made = await owner.send_form("/scales/new", fields, page="/scales/new")
    place = made.headers["location"]
    page = (await owner.get(place)).text
    assert "该电子秤检定已过期" in page
    assert f"{place.rpartition('/')[2]}/readings" in page
    assert "± 58 g" in page
    listed = (await owner.get("/scales")).text
    assert "已过期" in listed
    assert "台秤</span>" in listed
    english = (await owner.get("/scales?lang=en")).text
    assert "The verification of a scale is over." in english
    await owner.get("/scales?lang=zh")
    form = (await owner.get(f"{place}/change")).text
    assert 'value="0.2"' in form
    anew = {**fields, "verified_on": str(today()), "verified_until": "2099-01-01"}
    del anew["site_id"], anew["serial"]
    assert (await owner.send_form(f"{place}/change", anew, page=f"{place}/change")).status_code == 303
    assert "该电子秤检定已过期" not in (await owner.get(place)).text
    assert (await owner.send_form(f"{place}/end", {}, page=place)).status_code == 303
    assert "已停用" in (await owner.get(place)).text
    viewer = await served.page_visitor("viewer")
    assert (await viewer.get("/scales/new")).status_code == 403
    stranger = await served.page_visitor("stranger")
    assert (await stranger.get(place)).status_code == 404
    assert (await stranger.get(f"{place}/reading")).status_code == 404


async def test_the_script_reads_what_the_scale_says(trade: Trade) -> None:
    program, browser = await trade.served.api_visitor("owner"), await trade.served.page_visitor("filer")
    scale = await entered(program, str(trade.world.generator.site.id))
    address = f"/scales/{scale['id']}/reading"
    assert (await browser.get(address)).json() == {"verification": "holds"}
    await program.send_json(f"{API}/{scale['id']}/readings", {"gross_g": 198_400, "stable": False})
    told = (await browser.get(address)).json()
    assert (told["kg"], told["stable"], told["used"], told["age_s"] < 60) == ("198.4", False, False, True)
    assert re.fullmatch(r"[0-9a-f-]{36}", told["id"])
