"""A milk run on pages without script."""

from typing import Any

from tests.support.milk_runs import two_filed
from tests.support.trade import Trade, sent, today


async def test_the_same_on_pages_without_script(trade: Trade) -> None:
    drums, manifests = await two_filed(trade)
    driver = await trade.served.page_visitor("driver")
    form = await driver.get("/trips/new")
    assert all(manifest_id in form.text for manifest_id in manifests)
    fields: dict[str, Any] = {"plate": trade.world.plate, "day": today().isoformat(), "manifest_ids": manifests}
    wrong = await driver.send_form("/trips/new", fields | {"stops": ["x", ""]}, page="/trips/new")
    assert wrong.status_code == 422
    made = await driver.send_form("/trips/new", fields | {"stops": ["2", "1"]}, page="/trips/new")
    assert made.status_code == 303, made.text
    here = made.headers["location"]
    page = await driver.get(here)
    assert page.text.index(f"/manifests/{manifests[1]}") < page.text.index(f"/manifests/{manifests[0]}")
    for manifest_id in manifests:
        await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    await driver.sign_form(f"{here}/arrival", {}, page=here)
    gate = await trade.served.page_visitor("gate")
    for manifest_id, drum in zip(manifests, drums, strict=True):
        await sent(await trade.gate(), f"/manifests/{manifest_id}/scans", trade.scan(drum), expect=201)
    assert f"{here}/closing" in (await gate.get(here)).text
    done = await gate.sign_form(f"{here}/closing", {}, page=here)
    assert done.headers["location"] == here
    assert "已办结" in (await gate.get(here)).text
