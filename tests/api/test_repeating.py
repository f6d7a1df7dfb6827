"""Repeating a request is harmless, and two who do the same thing at once do not both do it."""

import asyncio
from typing import Any

import httpx2

from tests.support.trade import API, Trade, asked, sent
from wastetrack.ids import new_id


def same(answers: list[httpx2.Response]) -> dict[str, Any]:
    """The one body that all answers carry."""
    bodies = {(answer.status_code, answer.text) for answer in answers}
    assert len(bodies) == 1, bodies
    body: dict[str, Any] = answers[0].json()
    return body


async def stored_g(trade: Trade) -> int:
    """What the workshop holds by its books, in grams."""
    path = f"/ledger/balances?site_id={trade.world.generator.site.id}"
    balances = (await asked(await trade.shipper(), path))["balances"]
    return sum(one["balance_g"] for one in balances if one["kind"] == "stored")


async def test_ten_equal_labels_at_once_make_one_container(trade: Trade) -> None:
    shipper, key, body = await trade.shipper(), new_id(), trade.drum()
    before = await stored_g(trade)
    answers = await asyncio.gather(*(shipper.send_json(f"{API}/containers", body, key=key) for _ in range(10)))
    assert same(answers)["container"]["net_g"] == 180_000
    assert await stored_g(trade) == before + 180_000
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 9


async def test_ten_equal_filings_at_once_file_once(trade: Trade) -> None:
    shipper, key = await trade.shipper(), new_id()
    path = f"{API}/manifests/{await trade.drafted(await trade.labelled())}/filing"
    answers = await asyncio.gather(*(shipper.send_json(path, {"version": 1}, key=key) for _ in range(10)))
    filed = same(answers)
    assert (filed["manifest"]["state"], filed["manifest"]["version"]) == ("filed", 2)


async def test_ten_equal_scans_at_once_take_one_container_in(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    gate, key = await trade.gate(), new_id()
    path, scan = f"{API}/manifests/{manifest_id}/scans", trade.scan(drum, gross_g=199_500)
    answers = await asyncio.gather(*(gate.send_json(path, scan, key=key) for _ in range(10)))
    found = same(answers)
    assert (found["outcome"], found["measured_g"]) == ("accepted", 179_500)
    assert found["log"]["event_id"] == str(key)
    history = await asked(await trade.shipper(), f"/containers/{drum['id']}/history")
    assert [event["kind"] for event in history["events"]].count("container_scanned") == 1


async def test_a_scan_may_carry_its_key_in_the_body(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    gate, scan_id = await trade.gate(), new_id()
    scan = trade.scan(drum, scan_id=str(scan_id))
    answered = await gate.post(f"{API}/manifests/{manifest_id}/scans", json=scan)
    assert answered.status_code == 201, answered.text
    assert answered.json()["log"]["event_id"] == str(scan_id)
    problem = await sent(gate, f"/manifests/{manifest_id}/scans", scan, expect=422)
    assert problem["errors"][0]["code"] == "scan_id_differs"


async def test_a_second_scan_under_a_new_key_finds_the_container_already_here(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    first, second = await trade.scanned(manifest_id, drum), await trade.scanned(manifest_id, drum)
    assert (first["outcome"], second["outcome"], second["left"]) == ("accepted", "already_here", 0)


async def test_two_gates_that_scan_the_same_container_at_once_take_it_in_once(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    scan = trade.scan(drum)
    gates = (await trade.gate(), await trade.receiver())
    answers = await asyncio.gather(*(gate.send_json(f"{API}/manifests/{manifest_id}/scans", scan) for gate in gates))
    assert sorted(answer.json()["outcome"] for answer in answers) == ["accepted", "already_here"]


async def test_two_clerks_file_the_same_manifest_at_once_and_one_is_told(trade: Trade) -> None:
    path = f"{API}/manifests/{await trade.drafted(await trade.labelled())}/filing"
    clerks = (await trade.shipper(), await trade.served.api_visitor("signer"))
    answers = await asyncio.gather(*(clerk.send_json(path, {}) for clerk in clerks))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["code"] == "signature_out_of_order"


async def test_two_manifests_over_one_container_filed_at_once_do_not_both_get_it(trade: Trade) -> None:
    drum = await trade.labelled()
    drafts = [await trade.drafted(drum) for _ in range(2)]
    clerks = (await trade.shipper(), await trade.served.api_visitor("signer"))
    answers = await asyncio.gather(
        *(clerk.send_json(f"{API}/manifests/{draft}/filing", {}) for clerk, draft in zip(clerks, drafts, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422]
    refused = next(answer.json() for answer in answers if answer.status_code == 422)
    assert [error["code"] for error in refused["errors"]] == ["container_on_open_manifest"]


async def test_a_clerk_who_saw_an_older_version_is_told(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    carrier = await trade.carrier()
    problem = await sent(carrier, f"/manifests/{manifest_id}/pick-up", {"version": 1}, expect=409)
    assert problem["code"] == "manifest_changed"
    shown = await carrier.get(f"{API}/manifests/{manifest_id}")
    answered = await carrier.post(
        f"{API}/manifests/{manifest_id}/pick-up",
        json={"factor": {"kind": "password", "password": carrier.password}},
        headers={"Idempotency-Key": str(new_id()), "If-Match": shown.headers["etag"]},
    )
    assert answered.status_code == 200, answered.text


async def test_a_key_is_for_one_request_only(trade: Trade) -> None:
    shipper, key = await trade.shipper(), new_id()
    await sent(shipper, "/containers", trade.drum(), expect=201, key=key)
    problem = await sent(shipper, "/containers", trade.drum(volume_l=100), expect=422, key=key)
    assert problem["code"] == "key_reused"
    without = await shipper.post(f"{API}/containers", json=trade.drum())
    assert (without.status_code, without.json()["code"]) == (400, "key_missing")


async def test_a_refused_request_may_be_mended_under_the_same_key(trade: Trade) -> None:
    shipper, key = await trade.shipper(), new_id()
    await sent(shipper, "/containers", trade.drum(gross_g=0), expect=422, key=key)
    await sent(shipper, "/containers", trade.drum(), expect=201, key=key)
