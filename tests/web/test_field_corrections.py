"""The correction of a plate, over the API and on pages: asked for, answered, and the old value struck through."""

from tests.support.trade import Trade, sent


async def test_a_place_is_corrected_from_page_to_print(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    here = f"/manifests/{manifest_id}"
    shipper = await trade.served.page_visitor("owner")
    fields = {"field": "leg_end.1", "new": "莱阳市", "field_reason": ""}
    assert (await shipper.send_form(f"{here}/corrections/fields", fields, page=here)).status_code == 422
    unknown = {**fields, "field": "leg_colour.1", "field_reason": "x"}
    assert (await shipper.send_form(f"{here}/corrections/fields", unknown, page=here)).status_code == 422
    asked = await shipper.sign_form(f"{here}/corrections/fields", {**fields, "field_reason": "录入有误"}, page=here)
    assert asked.status_code == 303
    assert "<s>莱山区</s>" in (await shipper.get(here)).text
    driver = await trade.served.page_visitor("driver")
    assert "莱阳市" in (await driver.get("/")).text
    page = (await driver.get(here)).text
    answer = next(part.split('"')[0] for part in page.split('action="') if "/corrections/0" in part.split('"')[0])
    await driver.sign_form(answer, {"consent": "true"}, page=here)
    assert "莱阳市" in (await driver.get(here)).text
    printed = await driver.get(f"{here}/manifest.pdf")
    assert printed.status_code == 200


async def test_the_same_over_the_api(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    path = f"/manifests/{manifest_id}/field-corrections"
    body = {"field": "remarks", "new": "夜间运输", "reason": "漏填"}
    prepared = await sent(await trade.shipper(), f"{path}/preparation", body, expect=201)
    assert "夜间运输" in prepared["words"]["zh"]
    await sent(await trade.carrier(), path, body, expect=403)
    made = await sent(await trade.shipper(), path, body, expect=201)
    assert (made["correction"]["field"], made["correction"]["old_text"]) == ("remarks", "")
    answer = f"/corrections/{made['correction']['id']}/answer"
    await sent(await trade.shipper(), answer, {"consent": True}, expect=403)
    done = await sent(await trade.receiver(), answer, {"consent": True})
    assert done["correction"]["state"] == "consented"
    assert (await trade.standing(manifest_id))["manifest"]["remarks"] == "夜间运输"
