"""Templates and what is foreseen, through the API."""

from tests.support.trade import API, Trade, sent, today
from wastetrack.ids import new_id


async def test_a_template_is_kept_listed_renamed_and_thrown_away(trade: Trade) -> None:
    shipper = await trade.shipper()
    manifest_id = await trade.filed(await trade.labelled())
    name = f"每月废油 {new_id()}"
    made = await sent(shipper, "/manifest-templates", {"manifest_id": manifest_id, "name": name}, expect=201)
    assert made["legs"] == [
        {"carrier_id": str(trade.world.carrier.id), "plate": trade.world.plate, "handover_place": ""}
    ]
    assert made["waste_codes"] == ["900-249-08"]
    listed = (await shipper.get(f"{API}/manifest-templates")).json()["items"]
    assert made in listed
    renamed = await sent(shipper, f"/manifest-templates/{made['id']}/renaming", {"name": f"{name}!"}, expect=200)
    assert renamed["name"] == f"{name}!"
    removed = await sent(shipper, f"/manifest-templates/{made['id']}/removal", {}, expect=200)
    assert removed == {"id": made["id"], "name": f"{name}!"}
    again = await shipper.send_json(f"{API}/manifest-templates/{made['id']}/removal", {})
    assert again.status_code == 404


async def test_what_would_be_refused_is_told_in_both_languages_before_anything_is_drafted(trade: Trade) -> None:
    shipper, drum = await trade.shipper(), await trade.labelled()
    plan = trade.plan(drum, method="D9")
    intention = {name: plan[name] for name in plan if name != "remarks"}
    answered = await shipper.post(f"{API}/manifests/foreseen", json=intention)
    assert answered.status_code == 200, answered.text
    checks = {one["concern"]: one for one in answered.json()["checks"]}
    (refused,) = [one for one in checks["permit"]["refused"] if one["code"] == "permit_without_method"]
    assert refused["message_zh"] != refused["message"]
    assert refused["next_step_zh"]
    assert refused["article"]
    assert checks["containers"]["refused"] == checks["transport"]["refused"] == []
    early = {"shipper_site_id": plan["shipper_site_id"], "planned_on": today().isoformat()}
    answered = await shipper.post(f"{API}/manifests/foreseen", json=early)
    assert [one["concern"] for one in answered.json()["checks"]] == ["day"]
