"""Mismatches over HTTP: reported once however often it is sent, decided, taken note of, acknowledged."""

from tests.support.trade import API, Trade, asked, refused, sent
from wastetrack.ids import new_id

FOUND = {"kinds": ["packaging", "name"], "found": "吨袋破损，标签为另一种废物"}


async def reported(trade: Trade) -> tuple[str, str, str]:
    """The ids of a drum, its manifest and the mismatch that the gate reports."""
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    body = {**FOUND, "container_id": drum["id"]}
    made = await sent(await trade.gate(), f"/manifests/{manifest_id}/mismatches", body, expect=201)
    return drum["id"], manifest_id, made["mismatch"]["id"]


async def test_a_mismatch_from_the_gate_to_the_authority(trade: Trade) -> None:
    drum_id, manifest_id, mismatch_id = await reported(trade)
    await refused(
        await trade.receiver(), f"/manifests/{manifest_id}/receipt", {"missing_ids": [drum_id]}, "mismatch_undecided"
    )
    here = f"/mismatches/{mismatch_id}"
    for visitor in (await trade.shipper(), await trade.inspector(), await trade.receiver()):
        shown = await asked(visitor, here)
        assert (shown["state"], shown["kinds"], shown["container_id"]) == ("reported", ["name", "packaging"], drum_id)
        assert mismatch_id in [one["id"] for one in (await asked(visitor, "/mismatches"))["items"]]
    for visitor in (await trade.carrier(), await trade.stranger()):
        await asked(visitor, here, expect=404)
    await sent(await trade.receiver(), f"{here}/decision", {"accept": False, "reason": "名称不符"})
    noted = await sent(await trade.shipper(), f"{here}/note", {})
    assert noted["mismatch"]["noted_at"]
    known = await sent(await trade.inspector(), f"{here}/acknowledgement", {})
    assert known["mismatch"]["acknowledged_at"]
    received = await sent(await trade.receiver(), f"/manifests/{manifest_id}/receipt", {})
    assert received["manifest"]["state"] == "rejected"


async def test_sent_twice_it_is_reported_once(trade: Trade) -> None:
    drum = await trade.labelled()
    path, key = f"/manifests/{await trade.arrived(drum)}/mismatches", new_id()
    first, again = [await sent(await trade.gate(), path, FOUND, expect=201, key=key) for _ in range(2)]
    assert first == again
    assert first["mismatch"]["id"] == str(key)
    await refused(await trade.gate(), path, FOUND, "mismatch_waits")


async def test_what_is_not_a_mismatch_is_refused(trade: Trade) -> None:
    drum = await trade.labelled()
    path = f"/manifests/{await trade.arrived(drum)}/mismatches"
    for body in ({"kinds": [], "found": "x"}, {"kinds": ["colour"], "found": "x"}, {"kinds": ["name"]}):
        await sent(await trade.gate(), path, body, expect=422)
    answered = await (await trade.nobody()).send_json(API + path, FOUND)
    assert answered.status_code == 401
