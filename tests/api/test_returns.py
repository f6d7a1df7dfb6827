"""What the receiver does not take in: rejected, missing, unexpected; and what comes home."""

from tests.support.trade import Trade, asked, refused, sent


async def test_a_rejected_drum_goes_home_on_a_manifest_of_its_own(trade: Trade) -> None:
    good, leaking = await trade.labelled(), await trade.labelled()
    manifest_id = await trade.arrived(good, leaking)
    await trade.scanned(manifest_id, good)
    rejected = await trade.scanned(manifest_id, leaking, gross_g=None, reject_reason="桶身破损渗漏")
    assert (rejected["outcome"], rejected["reason"], rejected["left"]) == ("rejected", "桶身破损渗漏", 0)
    receiver, shipper = await trade.receiver(), await trade.shipper()
    receipt = await sent(receiver, f"/manifests/{manifest_id}/receipt", {"opinion": "一桶退回"})
    assert receipt["manifest"]["state"] == "partly_received"
    back = receipt["return_manifest"]
    assert (back["kind"], back["state"], len(back["number"])) == ("return", "returning", 14)
    shown = (await trade.standing(manifest_id))["manifest"]
    assert [one["id"] for one in shown["returned_by"]] == [back["id"]]
    await refused(receiver, f"/manifests/{manifest_id}/confirmation", {}, "return_under_way")
    home = await sent(shipper, f"/manifests/{back['id']}/scans", trade.scan(leaking), expect=201)
    assert home["outcome"] == "accepted"
    taken_back = await sent(shipper, f"/manifests/{back['id']}/receipt", {})
    assert taken_back["manifest"]["state"] == "returned"
    assert (await sent(receiver, f"/manifests/{manifest_id}/confirmation", {}))["manifest"]["state"] == "closed"
    drum = await asked(shipper, f"/containers/{leaking['id']}")
    assert (drum["state"], drum["site_id"]) == ("at_site", str(trade.world.generator.site.id))
    for one in (manifest_id, back["id"]):
        balances = (await asked(shipper, f"/ledger/balances?manifest_id={one}"))["balances"]
        assert not [line for line in balances if line["kind"] == "in_transit"]
    # The drum that came home can be sent again.
    await trade.filed(leaking)


async def test_a_load_that_is_rejected_whole_stays_the_shipper_s(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    await trade.scanned(manifest_id, drum, gross_g=None, reject_reason="成分不符")
    receipt = await sent(await trade.receiver(), f"/manifests/{manifest_id}/receipt", {})
    assert receipt["manifest"]["state"] == "rejected"


async def test_a_drum_that_never_arrives_is_written_off_by_name_only(trade: Trade) -> None:
    good, gone = await trade.labelled(), await trade.labelled()
    manifest_id = await trade.arrived(good, gone)
    await trade.scanned(manifest_id, good)
    receiver = await trade.receiver()
    path = f"/manifests/{manifest_id}/receipt"
    problem = await refused(receiver, path, {}, "containers_undecided")
    assert (problem["errors"][0]["field"], problem["errors"][0]["value"]) == ("missing_ids", 1)
    await refused(receiver, path, {"missing_ids": [good["id"], gone["id"]]}, "not_missing")
    receipt = await sent(receiver, path, {"missing_ids": [gone["id"]]})
    assert receipt["manifest"]["state"] == "partly_received"
    balances = (await asked(receiver, f"/ledger/balances?manifest_id={manifest_id}"))["balances"]
    assert [(line["detail"], line["balance_g"]) for line in balances] == [("missing_container", 180_000)]
    assert (await asked(await trade.shipper(), f"/containers/{gone['id']}"))["state"] == "lost"


async def test_a_drum_that_is_not_on_the_manifest_is_told_and_not_taken_in(trade: Trade) -> None:
    listed, stray = await trade.labelled(), await trade.labelled()
    manifest_id = await trade.arrived(listed)
    found = await trade.scanned(manifest_id, stray)
    assert (found["outcome"], found["left"], found["measured_g"]) == ("unexpected", 1, None)


async def test_scales_that_differ_say_so_and_the_rest_goes_to_the_discrepancy(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    found = await trade.scanned(manifest_id, drum, gross_g=180_000)
    assert (found["outcome"], found["difference_g"]) == ("accepted_with_difference", -20_000)
    path = f"/ledger/statement?kind=discrepancy&detail=weighing&manifest_id={manifest_id}"
    lines = (await asked(await trade.receiver(), path))["lines"]
    assert [(line["amount_g"], line["balance_g"], line["kind"]) for line in lines] == [(20_000, 20_000, "received")]


async def test_a_cancelled_manifest_frees_its_containers_and_its_number_stays_used(trade: Trade) -> None:
    drum = await trade.labelled()
    shipper = await trade.shipper()
    manifest_id = await trade.filed(drum)
    number = (await trade.standing(manifest_id))["manifest"]["number"]
    path = f"/manifests/{manifest_id}/cancellation"
    await refused(shipper, path, {}, "reason_missing")
    cancelled = await sent(shipper, path, {"reason": "车辆故障"})
    assert (cancelled["manifest"]["state"], cancelled["manifest"]["number"]) == ("cancelled", number)
    again = await trade.filed(drum)
    assert (await trade.standing(again))["manifest"]["number"] > number
    await refused(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {}, "signature_out_of_order", status=409)


async def test_a_voided_number_stays_burnt(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    voided = await sent(await trade.shipper(), f"/manifests/{manifest_id}/voiding", {"reason": "接受单位填错"})
    assert voided["manifest"]["state"] == "void"
