"""A milk run over HTTP, from the plan to the one act that closes it."""

from tests.support.milk_runs import two_filed
from tests.support.trade import Trade, asked, refused, sent, today


async def test_a_milk_run_is_closed_in_one_act(trade: Trade) -> None:
    drums, manifests = await two_filed(trade)
    carrier, gate, receiver = await trade.carrier(), await trade.gate(), await trade.receiver()
    plan = {"plate": trade.world.plate, "day": today().isoformat(), "manifest_ids": manifests}
    trip = (await sent(carrier, "/trips", plan, expect=201))["trip"]
    here = f"/trips/{trip['id']}"
    assert trip["id"] in [one["id"] for one in (await asked(receiver, "/trips"))["items"]]
    await refused(carrier, "/trips", plan, "stop_taken", "stop_taken")
    await refused(carrier, f"{here}/arrival", {}, "stop_ahead")
    for manifest_id in manifests:
        await sent(carrier, f"/manifests/{manifest_id}/pick-up", {})
    prepared = await sent(carrier, f"{here}/arrival/preparation", {}, expect=201)
    assert all(stop["number"] in prepared["words"]["zh"] for stop in (await asked(carrier, here))["stops"])
    await sent(carrier, f"{here}/arrival", {})
    await refused(receiver, f"{here}/closing", {}, "containers_undecided", "containers_undecided")
    for manifest_id, drum in zip(manifests, drums, strict=True):
        await sent(gate, f"/manifests/{manifest_id}/scans", trade.scan(drum), expect=201)
    closed = await sent(receiver, f"{here}/closing", {})
    assert closed["trip"]["state"] == "closed"
    assert [stop["state"] for stop in (await asked(carrier, here))["stops"]] == ["closed", "closed"]
    for visitor in (await trade.shipper(), await trade.stranger(), await trade.second_carrier()):
        await asked(visitor, here, expect=404)
