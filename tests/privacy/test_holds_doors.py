"""Holds through both doors."""

from tests.support.trade import API, Trade, asked, refused, sent
from wastetrack.ids import new_id


async def test_an_inspector_holds_and_lets_go_over_http(trade: Trade) -> None:
    inspector, shipper = await trade.inspector(), await trade.shipper()
    manifest_id = await trade.filed(await trade.labelled())
    body = {"thing": "manifest", "subject_id": manifest_id, "reason": "案件调查", "told": True}
    assert (await (await trade.nobody()).send_json(f"{API}/holds", body)).status_code == 401
    assert (await shipper.send_json(f"{API}/holds", body)).status_code == 403
    await refused(inspector, "/holds", {**body, "reason": " "}, "reason_missing")
    unknown = {**body, "subject_id": str(new_id())}
    assert (await inspector.send_json(f"{API}/holds", unknown)).status_code == 404
    hold = (await sent(inspector, "/holds", body, expect=201))["hold"]
    secret = (await sent(inspector, "/holds", {**body, "told": False}, expect=201))["hold"]
    known = {one["id"] for one in (await asked(shipper, "/holds"))["items"]}
    assert hold["id"] in known
    assert secret["id"] not in known
    assert (await shipper.send_json(f"{API}/holds/{hold['id']}/end", {"reason": "不再需要"})).status_code == 403
    ended = await sent(inspector, f"/holds/{hold['id']}/end", {"reason": "案件已结"})
    assert ended["hold"]["ended_at"]
    again = await inspector.send_json(f"{API}/holds/{hold['id']}/end", {"reason": "案件已结"})
    assert again.status_code == 409


async def test_holds_are_begun_and_ended_by_forms(trade: Trade) -> None:
    browser = await trade.served.page_visitor("inspector")
    code = trade.world.generator.credit_code
    form = {"thing": "organisation", "named": code, "reason": "案件调查"}
    wrong = await browser.send_form("/holds", {**form, "named": "1"}, page="/holds")
    assert wrong.status_code in {400, 422}
    assert (await browser.send_form("/holds", form, page="/holds")).status_code == 303
    page = (await browser.get("/holds")).text
    action = page.partition('action="/holds/')[2].partition('"')[0]
    assert (await browser.send_form(f"/holds/{action}", {"end_reason": ""}, page="/holds")).status_code == 422
    assert (await browser.send_form(f"/holds/{action}", {"end_reason": "案件已结"}, page="/holds")).status_code == 303
    owner = await trade.served.page_visitor("owner")
    shown = await owner.get("/holds")
    assert shown.status_code == 200
    assert "/holds/" not in shown.text.partition("<main")[2]
