"""A mass that was signed and is wrong: asked for, consented to or refused."""

from tests.support.trade import Trade, asked, refused, sent

WRONG = {"measured_g": 178_000, "reason": "地磅未归零"}


async def measured(trade: Trade, manifest_id: str) -> int:
    """What stands as measured for the manifest's one container, in grams."""
    mass: int = (await trade.standing(manifest_id))["manifest"]["lines"][0]["measured_g"]
    return mass


async def test_a_correction_changes_nothing_before_the_shipper_consents(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.received(drum)
    asked_for = {**WRONG, "container_id": drum["id"]}
    made = await sent(await trade.receiver(), f"/manifests/{manifest_id}/corrections", asked_for, expect=201)
    correction = made["correction"]
    assert (correction["state"], correction["old_measured_g"]) == ("requested", 180_000)
    assert await measured(trade, manifest_id) == 180_000
    answered = await sent(await trade.shipper(), f"/corrections/{correction['id']}/answer", {"consent": True})
    assert answered["correction"]["state"] == "consented"
    assert await measured(trade, manifest_id) == 178_000
    balances = (await asked(await trade.receiver(), f"/ledger/balances?manifest_id={manifest_id}"))["balances"]
    assert [(line["detail"], line["balance_g"]) for line in balances] == [("weighing", 2_000)]
    history = await asked(await trade.shipper(), f"/manifests/{manifest_id}/history")
    kinds = [event["kind"] for event in history["events"]][-3:]
    assert kinds == ["correction_requested", "entry_reversed", "correction_consented"]
    again = f"/corrections/{correction['id']}/answer"
    await refused(await trade.shipper(), again, {"consent": True}, "correction_closed", status=409)


async def test_one_refusal_with_its_reason_ends_it(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.received(drum)
    asked_for = {**WRONG, "container_id": drum["id"]}
    made = await sent(await trade.receiver(), f"/manifests/{manifest_id}/corrections", asked_for, expect=201)
    path = f"/corrections/{made['correction']['id']}/answer"
    await refused(await trade.shipper(), path, {"consent": False}, "reason_missing")
    refusal = await sent(await trade.shipper(), path, {"consent": False, "reason": "未见复磅单"})
    assert refusal["correction"]["state"] == "refused"
    assert await measured(trade, manifest_id) == 180_000


async def test_what_cannot_be_corrected_says_why(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.received(drum)
    path = f"/manifests/{manifest_id}/corrections"
    receiver = await trade.receiver()
    same = {"container_id": drum["id"], "measured_g": 180_000, "reason": "x"}
    await refused(receiver, path, same, "nothing_to_correct")
    await refused(receiver, path, {**WRONG, "container_id": drum["id"], "reason": " "}, "reason_missing")
    slipped = {**WRONG, "container_id": drum["id"], "measured_g": 178_000_000}
    await refused(receiver, path, slipped, "mass_absurd")
    await sent(receiver, path, {**WRONG, "container_id": drum["id"]}, expect=201)
    await refused(receiver, path, {**WRONG, "container_id": drum["id"]}, "correction_waits")
    early = await trade.filed(await trade.labelled())
    on_it = (await trade.standing(early))["manifest"]["lines"][0]["container_id"]
    problem = await sent(receiver, f"/manifests/{early}/corrections", {**WRONG, "container_id": on_it}, expect=422)
    assert "not_received" in [error["code"] for error in problem["errors"]]
