"""Calls through the API and on pages, in both languages, with the database's own eyes."""

from typing import Any

from sqlalchemy import text

from tests.support.trade import Trade, asked, sent, today
from wastetrack.auth.sight import look_as
from wastetrack.db.session import reading


async def test_call_answer_and_fetch_through_the_api(trade: Trade) -> None:
    shipper, receiver, stranger = await trade.shipper(), await trade.receiver(), await trade.stranger()
    drum = await trade.labelled()
    offers = await asked(shipper, "/collection-calls/offers")
    (offer,) = [one for one in offers["items"] if one["collector_id"] == str(trade.world.receiver.id)]
    assert drum["id"] in offer["container_ids"]
    body = {"site_id": offer["site_id"], "collector_id": offer["collector_id"], "container_ids": [drum["id"]]}
    made = await sent(shipper, "/collection-calls", body, expect=201)
    call, path = made["call"], f"/collection-calls/{made['call']['id']}"
    assert (call["state"], call["containers"], call["wastes"][0]["waste_code"]) == ("called", 1, "900-249-08")
    assert made["log"]["event_id"] == call["id"]
    assert (await stranger.get(f"/api/v1{path}")).status_code == 404
    await sent(stranger, f"{path}/acceptance", {"planned_on": today().isoformat()}, expect=404)
    planned = {"planned_on": today().isoformat(), "plate": ""}
    accepted = await sent(receiver, f"{path}/acceptance", planned)
    assert accepted["call"]["state"] == "accepted"
    # The carrier sees no call but those planned with it; its pick-up ends this one all the same.
    async with reading(trade.app.state.engine) as session:
        await look_as(session, trade.world.carrier.owner)
        seen = (await session.execute(text("select id, carrier_id from collection_calls"))).all()
    assert call["id"] not in {str(one.id) for one in seen}
    assert {one.carrier_id for one in seen} <= {trade.world.carrier.id}
    manifest_id = await trade.filed(drum)
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    done = (await shipper.get(f"/api/v1{path}")).json()
    assert (done["state"], done["manifest_id"]) == ("done", manifest_id)
    listed = await asked(receiver, "/collection-calls?state=done")
    assert call["id"] in [one["id"] for one in listed["items"]]


async def test_a_call_is_declined_and_taken_back_through_the_api(trade: Trade) -> None:
    shipper, receiver = await trade.shipper(), await trade.receiver()
    ends = ((receiver, "refusal", "declined"), (shipper, "withdrawal", "cancelled"))
    body = {"site_id": str(trade.world.generator.site.id), "collector_id": str(trade.world.receiver.id)}
    for visitor, ending, state in ends:
        drum = await trade.labelled()
        made = await sent(shipper, "/collection-calls", body | {"container_ids": [drum["id"]]}, expect=201)
        path = f"/collection-calls/{made['call']['id']}"
        ended = await sent(visitor, f"{path}/{ending}", {"reason": "车辆检修"})
        assert (ended["call"]["state"], ended["call"]["end_reason"]) == (state, "车辆检修")
        await sent(visitor, f"{path}/{ending}", {"reason": "再来"}, expect=409)


async def test_one_button_on_the_page_and_the_answer(trade: Trade) -> None:
    await trade.labelled()
    source = await trade.served.page_visitor("owner")
    page = await source.get("/calls")
    assert "呼叫收运" in page.text
    fields: dict[str, Any] = {
        "site_id": str(trade.world.generator.site.id),
        "collector_id": str(trade.world.receiver.id),
    }
    made = await source.send_form("/calls", fields, page="/calls")
    assert made.status_code == 303, made.text
    here = made.headers["location"]
    assert "已呼叫" in (await source.get(here)).text
    again = await source.send_form("/calls", fields, page="/calls")
    assert again.status_code == 422
    assert "没有可由该收运单位收运的废物" in again.text
    collector = await trade.served.page_visitor("receiver")
    assert here in (await collector.get("/calls")).text
    assert here in (await collector.get("/")).text, "the duty stands on the first page"
    answered = await collector.send_form(
        f"{here}/plan", {"planned_on": today().isoformat(), "plate": "", "carrier_id": ""}, page=here
    )
    assert answered.status_code == 303, answered.text
    assert "已受理" in (await source.get(here)).text
    silent = await source.send_form(f"{here}/cancel", {"reason": ""}, page=here)
    assert silent.status_code == 422
    english = await source.get(f"{here}?lang=en")
    assert "Take the call back" in english.text
    ended = await source.send_form(f"{here}/cancel", {"reason": "自行利用"}, page=here)
    assert ended.headers["location"] == "/calls"
    assert "自行利用" in (await collector.get(f"{here}?lang=zh")).text
