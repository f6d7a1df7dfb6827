"""Incidents and another receiver over HTTP: told once however often a telephone sends it."""

from typing import Any

from tests.support.journeys import permitted
from tests.support.trade import Trade, asked, refused, sent
from wastetrack.db.session import writing
from wastetrack.ids import new_id

BREAKDOWN = {"kind": "breakdown", "place": "荣乌高速 K123", "region_code": "370602", "what": "发动机故障"}


async def on_the_road(trade: Trade) -> tuple[dict[str, Any], str]:
    """A drum and its manifest, with the first carrier."""
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    return drum, manifest_id


async def test_a_leak_is_booked_once_and_everybody_concerned_reads_it(trade: Trade) -> None:
    drum, manifest_id = await on_the_road(trade)
    body = {
        **BREAKDOWN,
        "kind": "container_leaking",
        "container_id": drum["id"],
        "measures": "吸附",
        "reported_to": "12369",
        "spilled_g": 30_000,
    }
    key, path = new_id(), f"/manifests/{manifest_id}/incidents"
    first, again = [await sent(await trade.carrier(), path, body, expect=201, key=key) for _ in range(2)]
    assert first == again
    assert (first["incident"]["id"], first["incident"]["booked"]) == (str(key), True)
    held = (await asked(await trade.carrier(), f"/ledger/balances?manifest_id={manifest_id}"))["balances"]
    assert {line["account"].split("@")[0]: line["balance_g"] for line in held} == {
        "in_transit": 150_000,
        "discrepancy": 30_000,
    }
    here = f"/incidents/{key}"
    for visitor in (await trade.shipper(), await trade.receiver(), await trade.inspector()):
        assert (await asked(visitor, here))["lost_g"] == 30_000
    await asked(await trade.stranger(), here, expect=404)
    assert str(key) in [one["id"] for one in (await asked(await trade.inspector(), "/incidents"))["items"]]
    await sent(await trade.shipper(), f"{here}/note", {})
    await refused(await trade.carrier(), f"{here}/end", {"outcome": " "}, "reason_missing")
    ended = await sent(await trade.carrier(), f"{here}/end", {"outcome": "已清理"})
    assert ended["incident"]["state"] == "closed"
    (line,) = (await trade.standing(manifest_id))["manifest"]["lines"]
    assert (line["declared_g"], line["spilled_g"]) == (180_000, 30_000)


async def test_after_a_breakdown_another_carrier_takes_over(trade: Trade) -> None:
    _, manifest_id = await on_the_road(trade)
    told = await sent(await trade.carrier(), f"/manifests/{manifest_id}/incidents", BREAKDOWN, expect=201)
    second = await trade.second_carrier()
    await asked(second, f"/manifests/{manifest_id}", expect=404)
    body = {
        "carrier_id": str(trade.world.second_carrier.id),
        "plate": trade.world.second_plate,
        "at_place": "荣乌高速 K123",
        "meet_at": "2099-01-01T08:00:00+08:00",
    }
    named = await sent(await trade.carrier(), f"/incidents/{told['incident']['id']}/replacement", body)
    assert named["position"] == 2
    await sent(second, f"/manifests/{manifest_id}/hand-over", {"counted": 1})
    manifest = (await trade.standing(manifest_id))["manifest"]
    assert [leg["handover_place"] for leg in manifest["legs"]] == ["", "荣乌高速 K123"]
    assert manifest["legs"][1]["checked"]["counted"] == 1


async def test_a_hand_over_says_what_is_not_as_the_paper_says(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum, legs=2)
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    second, path = await trade.second_carrier(), f"/manifests/{manifest_id}/hand-over"
    await refused(second, path, {"counted": 2}, "count_differs")
    prepared = await sent(second, f"{path}/preparation", {"scanned": [drum["id"]]}, expect=201)
    assert "scanned 1 containers" in prepared["words"]["en"]
    damaged = {"differences": [{"container_id": drum["id"], "kind": "damaged", "note": "桶盖松动"}]}
    await sent(second, path, {"scanned": [drum["id"]], **damaged})
    manifest = (await trade.standing(manifest_id))["manifest"]
    assert manifest["legs"][1]["checked"]["differences"][0]["what"] == "damaged"


async def test_the_shipper_sends_a_load_elsewhere(trade: Trade) -> None:
    async with writing(trade.served.owner) as session:
        await permitted(session, trade.world.stranger)
    _, manifest_id = await on_the_road(trade)
    path = f"/manifests/{manifest_id}/redirection"
    body = {"receiver_site_id": str(trade.world.stranger.site.id), "method": "R9", "reason": "临时停炉"}
    prepared = await sent(await trade.shipper(), f"{path}/preparation", body, expect=201)
    assert "R9" in prepared["words"]["zh"]
    for visitor in (await trade.carrier(), await trade.receiver()):
        await sent(visitor, path, body, expect=403)
    await sent(await trade.shipper(), path, {**body, "reason": ""}, expect=422)
    done = await sent(await trade.shipper(), path, body)
    assert done["manifest"]["state"] == "picked_up"
    stranger = await trade.stranger()
    assert (await asked(stranger, f"/manifests/{manifest_id}"))["manifest"]["method"] == "R9"
    event_id = done["log"]["event_id"]
    await sent(stranger, f"/redirections/{event_id}/note", {}, expect=403)
    await sent(await trade.receiver(), f"/redirections/{event_id}/note", {})
    await sent(await trade.receiver(), f"/redirections/{event_id}/note", {}, expect=409)


LOST = {**BREAKDOWN, "kind": "container_lost", "what": "弯道甩落", "measures": "搜寻", "reported_to": "12369"}


async def test_whoever_has_a_lost_drum_says_so(trade: Trade) -> None:
    drum, manifest_id = await on_the_road(trade)
    carrier, path = await trade.carrier(), f"/manifests/{manifest_id}/findings"
    body = {"container_id": drum["id"], "what": "路边沟内找到"}
    await sent(carrier, path, body, expect=409)
    await sent(carrier, f"/manifests/{manifest_id}/incidents", {**LOST, "container_id": drum["id"]}, expect=201)
    await sent(await trade.stranger(), path, body, expect=404)
    await sent(await trade.inspector(), path, body, expect=403)
    await refused(carrier, path, {**body, "what": " "}, "finding_unsaid")
    key = new_id()
    first, again = [await sent(carrier, path, body, expect=201, key=key) for _ in range(2)]
    assert (first, first["log"]["event_id"]) == (again, str(key))
    held = (await asked(carrier, f"/ledger/balances?manifest_id={manifest_id}"))["balances"]
    assert {line["account"].split("@")[0]: line["balance_g"] for line in held if line["balance_g"]} == {
        "in_transit": 180_000
    }


async def test_what_was_missing_at_the_receipt_is_taken_in_or_kept_later(trade: Trade) -> None:
    drum, other = await trade.labelled(), await trade.labelled()
    manifest_id = await trade.arrived(drum, other)
    receiver = await trade.receiver()
    await sent(receiver, f"/manifests/{manifest_id}/receipt", {"missing_ids": [drum["id"], other["id"]]})
    path = f"/manifests/{manifest_id}/findings"
    found = {"container_id": drum["id"], "what": "车厢夹层内找到", "gross_g": 199_000}
    await sent(await trade.gate(), path, found, expect=201)
    await sent(await trade.shipper(), path, {**found, "container_id": other["id"], "gross_g": 200_000}, expect=201)
    for visitor, held in ((await trade.shipper(), other), (receiver, drum)):
        assert (await asked(visitor, f"/containers/{held['id']}"))["state"] == "at_site"
    await sent(await trade.shipper(), path, {**found, "container_id": other["id"]}, expect=409)
