"""The main job over HTTP, from the label to the treatment, by four roles."""

import json
from typing import Any

from tests.support.trade import Trade, asked, sent, today
from wastetrack.reports import bundle


async def test_a_drum_goes_from_its_label_to_the_incinerator(trade: Trade) -> None:
    world = trade.world
    shipper, carrier, receiver = await trade.shipper(), await trade.carrier(), await trade.receiver()
    drum = await trade.labelled()
    stored = {"container_ids": [drum["id"]], "store_id": str(world.store_id)}
    assert (await sent(shipper, "/containers/storing", stored))["containers"][0]["store_id"] == str(world.store_id)
    manifest_id = await trade.drafted(drum)
    filed = await sent(shipper, f"/manifests/{manifest_id}/filing", {"version": 1})
    assert len(filed["manifest"]["number"]) == 14
    assert (await sent(carrier, f"/manifests/{manifest_id}/pick-up", {}))["manifest"]["state"] == "picked_up"
    assert (await sent(carrier, f"/manifests/{manifest_id}/arrival", {}))["manifest"]["state"] == "arrived"
    scan = await trade.scanned(manifest_id, drum, gross_g=199_000, store_id=str(world.receiver_store_id))
    assert (scan["outcome"], scan["declared_g"], scan["measured_g"]) == ("accepted", 180_000, 179_000)
    assert (scan["difference_g"], scan["left"]) == (-1_000, 0)
    received = await sent(receiver, f"/manifests/{manifest_id}/receipt", {"opinion": "同意接受"})
    assert (received["manifest"]["state"], received["return_manifest"]) == ("received", None)
    closed = await sent(receiver, f"/manifests/{manifest_id}/confirmation", {})
    assert closed["manifest"]["state"] == "closed"
    batch = {
        "site_id": str(world.receiver.site.id),
        "container_ids": [drum["id"]],
        "method": "D10",
        "treated_on": today().isoformat(),
    }
    treated = await sent(await trade.gate(), "/treatments", batch, expect=201)
    assert treated["batch"]["input_g"] == 179_000
    assert (await asked(shipper, f"/containers/{drum['id']}"))["state"] == "treated"
    balances = (await asked(receiver, f"/ledger/balances?manifest_id={manifest_id}"))["balances"]
    assert [(one["kind"], one["detail"], one["balance_g"]) for one in balances] == [("discrepancy", "weighing", 1_000)]


async def test_the_bundle_of_a_journey_verifies_without_the_server(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.received(drum)
    inspector = await trade.inspector()
    file = await inspector.get(f"/api/v1/manifests/{manifest_id}/bundle?why=routine_inspection")
    assert file.status_code == 200, file.text
    key = (await trade.served.visitor().get("/api/v1/log/key")).text
    verdict = bundle.verify_file(file.content, key)
    assert verdict.holds, [check.sentence() for check in verdict.checks if not check.holds]
    kinds = [event["kind"] for event in json.loads(file.content)["events"]]
    assert kinds == [
        "container_labelled",
        "manifest_filed",
        "manifest_picked_up",
        "manifest_arrived",
        "container_scanned",
        "manifest_received",
    ]


async def test_a_load_is_handed_from_carrier_to_carrier(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum, legs=2)
    first, second = await trade.carrier(), await trade.second_carrier()
    await sent(first, f"/manifests/{manifest_id}/pick-up", {})
    assert (await sent(second, f"/manifests/{manifest_id}/hand-over", {}))["manifest"]["state"] == "in_transit"
    await sent(second, f"/manifests/{manifest_id}/arrival", {})
    await trade.scanned(manifest_id, drum)
    await sent(await trade.receiver(), f"/manifests/{manifest_id}/receipt", {})
    shown = await trade.standing(manifest_id)
    assert [leg["taken_over_at"] is not None for leg in shown["manifest"]["legs"]] == [True, True]
    acts = [signature["act"] for signature in shown["manifest"]["signatures"]]
    assert acts == ["file", "pick_up", "hand_over", "arrive", "receive"]


async def test_a_draft_says_what_its_owner_may_do_next(trade: Trade) -> None:
    shown = await trade.standing(await trade.drafted(await trade.labelled()))
    assert [one["step"] for one in shown["next_steps"]] == ["amend", "file", "cancel"]
    assert set(shown["sealed"].values()) == {None}


async def test_each_party_is_told_its_own_next_steps(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)

    async def steps(visitor: Any) -> list[str]:  # noqa: ANN401
        return [one["step"] for one in (await asked(visitor, f"/manifests/{manifest_id}"))["next_steps"]]

    assert await steps(await trade.shipper()) == ["cancel", "void", "check_loading"]
    assert await steps(await trade.carrier()) == ["pick_up"]
    assert await steps(await trade.receiver()) == []
    assert await steps(await trade.inspector()) == []
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    assert await steps(await trade.carrier()) == ["arrive", "report_incident"]
    assert await steps(await trade.shipper()) == ["redirect"]
    assert await steps(await trade.gate()) == ["arrive"]
    await sent(await trade.gate(), f"/manifests/{manifest_id}/arrival", {})
    assert await steps(await trade.receiver()) == ["scan", "receive", "report_mismatch"]
