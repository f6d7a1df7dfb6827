"""The way of an application over HTTP, by the application's own role: who sees it, who moves it, what it gives."""

import io
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from pypdf import PdfReader

from tests.support.approvals import Settled, settle
from tests.support.files import document
from tests.support.plans import contract_for
from tests.support.served import Served, Visitor
from tests.support.trade import API, Trade, asked, refused, sent, today
from tests.support.world import OIL
from wastetrack.db.session import writing
from wastetrack.ids import new_id
from wastetrack.plans.model import TransferKind


@pytest.fixture(scope="module")
async def settled(served: Served) -> Settled:
    """The neighbours, for the tests of this file."""
    return await settle(served)


def application(trade: Trade, settled: Settled, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """From the workshop to Nanjing."""
    return {
        "kind": "cross_province",
        "shipper_site_id": str(trade.world.generator.site.id),
        "receiver_site_id": str(settled.neighbours.receiver.site.id),
        "from_on": today().isoformat(),
        "to_on": (today() + timedelta(days=300)).isoformat(),
        "items": [
            {
                "waste_code": OIL,
                "waste_name": "废矿物油",
                "form": "liquid",
                "quantity_g": 1_000_000,
                "method": "D10",
            }
        ],
        **changes,
    }


async def attached(visitor: Visitor, approval_id: str, kind: str, *, expect: int = 201) -> httpx2.Response:
    """A PDF of its own beside an application."""
    answered = await visitor.post(
        f"{API}/approvals/{approval_id}/documents",
        files={"file": (f"{kind}.pdf", document() + f"% {new_id()}".encode(), "application/pdf")},
        data={"kind": kind},
        headers={"Idempotency-Key": str(new_id())},
    )
    assert answered.status_code == expect, answered.text
    return answered


async def step(visitor: Visitor, approval_id: str, act: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """One step that is allowed."""
    done = await sent(visitor, f"/approvals/{approval_id}/steps", {"act": act, **more})
    approval: dict[str, Any] = done["approval"]
    return approval


async def submitted(trade: Trade, settled: Settled, **changes: Any) -> str:  # noqa: ANN401
    """A complete application, with the authority."""
    owner = await trade.shipper()
    made = await sent(owner, "/approvals", application(trade, settled, **changes), expect=201)
    for kind in ("permit_copy", "method_description", "contract"):
        await attached(owner, made["id"], kind)
    await step(owner, made["id"], "submit")
    approval_id: str = made["id"]
    return approval_id


async def approved(trade: Trade, settled: Settled, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """An approval in force."""
    approval_id = await submitted(trade, settled, **changes)
    shandong, jiangsu = await settled.program("shandong"), await settled.program("jiangsu")
    await step(shandong, approval_id, "accept")
    await step(shandong, approval_id, "agree_in_review", opinion="同意移出")
    await step(shandong, approval_id, "consult")
    await step(jiangsu, approval_id, "reply_agree", opinion="同意接受")
    return await step(shandong, approval_id, "approve", number="鲁环固转〔2026〕7号")


async def test_the_whole_way_and_a_manifest_on_it(trade: Trade, settled: Settled) -> None:
    held = await approved(trade, settled)
    assert (held["state"], held["number"]) == ("approved", "鲁环固转〔2026〕7号")
    assert [one["kind"] for one in held["documents"]] == ["permit_copy", "method_description", "contract"]
    told = await asked(await settled.program("jiangsu"), f"/approvals/{held['id']}/history")
    assert [event["kind"] for event in told["events"]][-3:] == [
        "approval_consulted",
        "approval_reply_agreed",
        "approval_approved",
    ]
    assert told["events"][2]["words"]["opinion"] == "同意移出"
    drum = await trade.labelled()
    owner = await trade.shipper()
    await trade.plans(settled.neighbours.receiver.id, OIL, kind=TransferKind.ACROSS)
    across = trade.plan(drum, receiver_site_id=str(settled.neighbours.receiver.site.id))
    made = await sent(owner, "/manifests", across, expect=201)
    await sent(owner, f"/manifests/{made['id']}/filing", {})
    for visitor in (owner, await trade.carrier(), await settled.program("owner"), await settled.program("shandong")):
        manifest = (await asked(visitor, f"/manifests/{made['id']}"))["manifest"]
        assert [(one["number"], one["booked_g"]) for one in manifest["approvals"]] == [("鲁环固转〔2026〕7号", 180_000)]
    assert (await asked(owner, f"/approvals/{held['id']}"))["items"][0]["booked_g"] == 180_000
    # The carrier's pick-up looks at the approval's days, though it does not see the application.
    carrier = await trade.carrier()
    assert (await carrier.get(f"{API}/approvals/{held['id']}")).status_code == 404
    await sent(carrier, f"/manifests/{made['id']}/pick-up", {})
    await sent(carrier, f"/manifests/{made['id']}/arrival", {})
    gate = await settled.program("gate_operator")
    scan = trade.scan(drum, gross_g=201_000)
    assert (await sent(gate, f"/manifests/{made['id']}/scans", scan, expect=201))["outcome"] == "accepted"
    await sent(await settled.program("owner"), f"/manifests/{made['id']}/receipt", {})
    assert (await asked(owner, f"/approvals/{held['id']}"))["items"][0]["booked_g"] == 181_000


async def test_what_is_cancelled_is_given_back(trade: Trade, settled: Settled) -> None:
    held = await approved(trade, settled, items=[{**application(trade, settled)["items"][0], "method": "R9"}])
    owner = await trade.shipper()
    await trade.plans(settled.neighbours.receiver.id, OIL, method="R9", kind=TransferKind.ACROSS)
    across = trade.plan(await trade.labelled(), receiver_site_id=str(settled.neighbours.receiver.site.id), method="R9")
    made = await sent(owner, "/manifests", across, expect=201)
    await sent(owner, f"/manifests/{made['id']}/filing", {})
    assert (await asked(owner, f"/approvals/{held['id']}"))["items"][0]["booked_g"] == 180_000
    await sent(owner, f"/manifests/{made['id']}/cancellation", {"reason": "改期"})
    assert (await asked(owner, f"/approvals/{held['id']}"))["items"][0]["booked_g"] == 0


async def test_others_do_not_know_that_it_is_there(trade: Trade, settled: Settled) -> None:
    approval_id = await submitted(trade, settled)
    nobody = await trade.nobody()
    for template in ("/approvals/{id}", "/approvals/{id}/history"):
        path = API + template.format(id=approval_id)
        assert (await nobody.get(path)).status_code == 401
        for stranger in (await trade.stranger(), await trade.carrier()):
            assert (await stranger.get(path)).status_code == 404
            assert (await stranger.get(path.replace(approval_id, str(new_id())))).status_code == 404
        for seeing in ("shandong", "jiangsu", "yantai", "owner"):
            assert (await (await settled.program(seeing)).get(path)).status_code == 200
    stranger = await trade.stranger()
    assert (await asked(stranger, "/approvals"))["items"] == []
    for template, body in (("steps", {"act": "submit"}), ("copy", {})):
        path = f"{API}/approvals/{approval_id}/{template}"
        assert (await stranger.send_json(path, body)).status_code == 404
    owner = await trade.shipper()
    file = (await asked(owner, f"/approvals/{approval_id}"))["documents"][0]
    address = f"{API}/approvals/{approval_id}/documents/{file['id']}"
    assert (await owner.get(address)).content.startswith(b"%PDF")
    assert (await (await settled.program("jiangsu")).get(address)).status_code == 200
    assert (await stranger.get(address)).status_code == 404
    assert (await owner.get(address.replace(approval_id, str(new_id())))).status_code == 404


async def test_a_prefecture_sees_and_does_not_decide(trade: Trade, settled: Settled) -> None:
    approval_id = await submitted(trade, settled)
    yantai = await settled.program("yantai")
    assert (await asked(yantai, f"/approvals/{approval_id}"))["acts"] == []
    problem = await sent(yantai, f"/approvals/{approval_id}/steps", {"act": "accept"}, expect=403)
    assert problem["code"] == "may_not_accept"
    assert (await asked(await settled.program("shandong"), f"/approvals/{approval_id}"))["acts"] == [
        "return_for_correction",
        "accept",
    ]


async def test_all_that_is_missing_is_told_at_once_and_a_clock_runs(trade: Trade, settled: Settled) -> None:
    owner = await trade.shipper()
    made = await sent(owner, "/approvals", application(trade, settled), expect=201)
    await refused(owner, f"/approvals/{made['id']}/steps", {"act": "submit"}, *["document_missing"] * 3)
    for kind in ("permit_copy", "method_description", "contract"):
        await attached(owner, made["id"], kind)
    standing = await step(owner, made["id"], "submit")
    assert (standing["clock"]["side"], standing["clock"]["article"]) == ("authority_of_origin", "令23 art. 23")
    await attached(owner, made["id"], "local_document", expect=409)


async def test_a_draft_is_changed_and_a_copy_made(trade: Trade, settled: Settled) -> None:
    owner = await trade.shipper()
    body = application(trade, settled)
    made = await sent(owner, "/approvals", body, expect=201)
    more = [{**body["items"][0], "quantity_g": 2_000_000}]
    changed = await owner.http.put(
        f"{API}/approvals/{made['id']}",
        json={**body, "items": more, "version": 1},
        headers={"Authorization": f"Bearer {owner.bearer}", "Idempotency-Key": str(new_id())},
    )
    assert changed.status_code == 200, changed.text
    assert changed.json()["items"][0]["quantity_g"] == 2_000_000
    copy = await sent(owner, f"/approvals/{made['id']}/copy", {"in_place": True}, expect=201)
    assert (copy["replaces_id"], copy["items"][0]["quantity_g"]) == (made["id"], 2_000_000)


async def test_the_list_asks_the_same_number_of_statements_however_long_it_is(trade: Trade, settled: Settled) -> None:
    owner = await trade.shipper()
    for _ in range(3):
        await sent(owner, "/approvals", application(trade, settled), expect=201)
    first = await asked(owner, "/approvals?limit=2")
    assert len(first["items"]) == 2
    following = await owner.get(first["next"])
    assert following.status_code == 200
    assert following.json()["items"][0]["id"] < first["items"][-1]["id"]


async def test_the_lists_behind_the_grounds_are_read_by_programs(trade: Trade) -> None:
    owner = await trade.shipper()
    entries = (await asked(owner, "/waste-exemptions"))["items"]
    assert len(entries) == 56
    assert len({entry["position"] for entry in entries}) == 56
    classes = (await asked(owner, "/general-waste-classes"))["items"]
    assert {one["code"]: one["name_zh"] for one in classes}["SW17"] == "可再生类废物"
    assert {one["certainty"] for one in classes} == {"unconfirmed"}
    drum = await trade.labelled(waste_code="900-052-31", waste_name="废铅蓄电池", hazards=["T", "C"])
    position = next(entry["position"] for entry in entries if entry["patterns"] == ["900-052-31"])
    plan = trade.plan(drum, basis="exempt", exemptions=[position])
    made = await sent(owner, "/manifests", plan, expect=201)
    shown = (await asked(owner, f"/manifests/{made['id']}"))["manifest"]
    assert (shown["basis"], shown["exemptions"]) == ("exempt", [position])


async def test_general_waste_goes_over_the_api_and_through_the_gate(trade: Trade) -> None:
    bag = await trade.labelled(
        waste_code="900-001-S17", waste_name="废钢铁", form="solid", hazards=[], packaging="big_bag", volume_l=1000
    )
    owner, firm = await trade.shipper(), trade.world.generator
    async with writing(trade.served.owner) as session:
        await contract_for(session, firm.id, trade.world.receiver.id, ("900-001-S17",), method="R4")
    made = await sent(owner, "/manifests", trade.plan(bag, basis="general", method="R4"), expect=201)
    await sent(owner, f"/manifests/{made['id']}/filing", {})
    await sent(await trade.carrier(), f"/manifests/{made['id']}/pick-up", {})
    await sent(await trade.carrier(), f"/manifests/{made['id']}/arrival", {})
    found = await sent(await trade.gate(), f"/manifests/{made['id']}/scans", trade.scan(bag), expect=201)
    assert (found["outcome"], found["digital_code"]) == ("accepted", bag["digital_code"])
    label = await owner.get(f"{API}/containers/{bag['id']}/label.pdf")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(label.content)).pages)
    assert "一般工业固体废物" in text
    assert "危险废物" not in text
    assert (await owner.get(f"{API}/manifests/{made['id']}/manifest.pdf")).status_code == 200


async def test_general_waste_is_booked_out_without_a_manifest(trade: Trade) -> None:
    bag = await trade.labelled(
        waste_code="900-001-S17", waste_name="废钢铁", form="solid", hazards=[], packaging="big_bag", volume_l=1000
    )
    drum, owner = await trade.labelled(), await trade.shipper()
    body = {
        "container_ids": [bag["id"]],
        "receiver": "烟台再生资源有限公司",
        "method": "R4",
        "plate": "鲁F·A1234",
        "reference": "磅单 07",
    }
    path = "/containers/leaving"
    await sent(await trade.stranger(), path, body, expect=404)
    await refused(owner, path, {**body, "container_ids": [bag["id"], drum["id"]]}, "hazardous_without_manifest")
    await refused(owner, path, {**body, "receiver": " "}, "leaving_unsaid")
    done = await sent(owner, path, body, expect=201)
    assert (done["container_ids"], done["net_g"]) == ([bag["id"]], bag["net_g"])
    assert (await asked(owner, f"/containers/{bag['id']}"))["state"] == "sent_out"
    await sent(owner, path, body, expect=409)


async def test_a_search_of_codes_knows_general_waste(trade: Trade) -> None:
    owner = await trade.shipper()
    found = await asked(owner, "/waste-codes?search=900-001-S17")
    assert (found["items"], [one["code"] for one in found["general_classes"]]) == ([], ["SW17"])
    assert (await asked(owner, "/waste-codes?search=900-249-08"))["general_classes"] == []
