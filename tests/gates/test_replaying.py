"""Scans that a device kept come in: each once, each by itself; what the books do not take is decided by a person."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.support.gates import GateDevice, PersonKey, base64url, digest, enrolled
from tests.support.trade import Trade, asked, refused, sent
from wastetrack import clock
from wastetrack.auth.model import Role
from wastetrack.db.session import writing
from wastetrack.errors import Malformed
from wastetrack.gates.documents import document_of, scan_of
from wastetrack.gates.enrolling import join_device
from wastetrack.gates.model import JoinDevice, KeptScan
from wastetrack.ids import new_id
from wastetrack.ledger.model import WeighingMethod


async def device(trade: Trade) -> GateDevice:
    return await enrolled(trade, trade.world.receiver.people[Role.GATE_OPERATOR])


async def lines(trade: Trade, manifest_id: str) -> list[Any]:
    found: list[Any] = (await trade.standing(manifest_id))["manifest"]["lines"]
    return found


async def kept(trade: Trade, scan_id: Any) -> Any:  # noqa: ANN401  a record
    async with writing(trade.served.owner) as session:
        statement = text("select * from gate_scans where id = :id")
        return (await session.execute(statement, {"id": scan_id})).mappings().one()


async def events(trade: Trade, kind: str, manifest_id: str, scan_id: object) -> list[Any]:
    """The facts of a manifest's events of a kind about a scan."""
    history = await asked(await trade.gate(), f"/manifests/{manifest_id}/history")
    told = [one["facts"] for one in history["events"] if one["kind"] == kind]
    return [facts for facts in told if facts["scan"] == str(scan_id)]


async def test_a_load_that_was_scanned_without_network_comes_in_under_its_own_times_once(trade: Trade) -> None:
    drums = [await trade.labelled() for _ in range(3)]
    manifest_id = await trade.arrived(*drums)
    tool = await device(trade)
    scans = [tool.scan(manifest_id, trade.label_text(drum)) for drum in drums]
    assert [item["status"] for item in await tool.replay(*scans)] == ["done"] * 3
    again = await tool.replay(*scans)
    assert [(item["status"], item["outcome"], item["repeated"]) for item in again] == [("done", "accepted", True)] * 3
    assert [line["outcome"] for line in await lines(trade, manifest_id)] == ["accepted"] * 3
    row = await kept(trade, scans[0].scan_id)
    assert (row["state"], row["happened_at"]) == ("done", scans[0].happened_at)
    assert row["recorded_at"] > row["happened_at"]
    assert row["membership_id"] == tool.actor.membership_id
    history = await asked(await trade.gate(), f"/manifests/{manifest_id}/history")
    told = [one["facts"] for one in history["events"] if one["kind"] == "container_scanned"]
    assert [facts["device"] for facts in told] == [str(tool.id)] * 3
    await sent(await trade.receiver(), f"/manifests/{manifest_id}/receipt", {})


async def test_a_scan_that_was_changed_or_signed_by_another_is_refused_and_stands_in_nobody_s_way(trade: Trade) -> None:
    drums = [await trade.labelled() for _ in range(3)]
    manifest_id = await trade.arrived(*drums)
    tool = await device(trade)
    good, heavier, foreign = [tool.scan(manifest_id, trade.label_text(drum)) for drum in drums]
    items = await tool.replay(replace(heavier, gross_g=1), good, PersonKey().signed(foreign))
    assert [item["status"] for item in items] == ["refused", "done", "refused"]
    assert items[0]["errors"][0]["code"] == "gate_scan_forged"
    assert "没有由" in items[0]["errors"][0]["message_zh"]
    assert [line["outcome"] for line in await lines(trade, manifest_id)] == ["accepted", None, None]
    answered = await tool.visitor.post(
        "/api/v1/gate/scans",
        json={"sent_at": clock.now().isoformat(), "scans": [{"scan_id": "nonsense"}, document_of(heavier)]},
    )
    assert [item["status"] for item in answered.json()["items"]] == ["refused", "done"]


async def test_a_device_s_body_that_is_no_document_is_refused(trade: Trade) -> None:
    tool = await device(trade)
    for body in (b'"a"', b"[]", b"null", b"-0", b"{"):
        headers = {"Content-Type": "application/json"}
        answered = await tool.visitor.http.post(
            "/api/v1/gate/scans", content=body, headers={**headers, "Authorization": f"Bearer {tool.visitor.bearer}"}
        )
        assert answered.status_code in {400, 422}, body
        assert answered.json()["code"] in {"input_invalid", "json_invalid"}, body


async def test_a_container_that_was_taken_elsewhere_meanwhile_is_decided_by_a_person(trade: Trade) -> None:
    drums = [await trade.labelled() for _ in range(2)]
    manifest_id = await trade.arrived(*drums)
    tool = await device(trade)
    scan = tool.scan(manifest_id, trade.label_text(drums[0]))
    await trade.scanned(manifest_id, drums[0], reject_reason="桶身渗漏")
    (item,) = await tool.replay(scan)
    assert (item["status"], item["outcome"]) == ("to_decide", "already_here")
    gate = await trade.gate()
    listed: Any = await asked(gate, "/gate/waiting")
    (waiting,) = [one for one in listed if one["id"] == str(scan.scan_id)]
    assert (waiting["told"], waiting["person"], waiting["device"]) == ("accepted", tool.actor.person_name, "1 号门手机")
    assert len(await events(trade, "gate_scan_kept", manifest_id, scan.scan_id)) == 1
    path = f"/gate/waiting/{scan.scan_id}/settling"
    await refused(gate, path, {"settlement": "taken_in"}, "scan_still_differs")
    await refused(gate, path, {"settlement": "set_aside"}, "note_missing")
    done = await sent(gate, path, {"settlement": "set_aside", "note": "已退回车上"})
    assert (done["state"], done["note"]) == ("settled", "已退回车上")
    assert len(await events(trade, "gate_scan_settled", manifest_id, scan.scan_id)) == 1
    await refused(gate, path, {"settlement": "set_aside", "note": "又一次"}, "gate_scan_decided", status=409)
    assert [item["status"] for item in await tool.replay(scan)] == ["settled"]
    assert [line["outcome"] for line in await lines(trade, manifest_id)] == ["rejected", None]


async def test_what_the_device_stopped_is_never_taken_in_by_itself(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    tool = await device(trade)
    scan = tool.scan(manifest_id, trade.label_text(drum), told="not_permitted")
    (item,) = await tool.replay(scan)
    assert (item["status"], item["outcome"]) == ("to_decide", "accepted")
    assert [line["outcome"] for line in await lines(trade, manifest_id)] == [None]
    done = await sent(await trade.gate(), f"/gate/waiting/{scan.scan_id}/settling", {"settlement": "taken_in"})
    assert done["outcome"] == "accepted"
    assert [line["outcome"] for line in await lines(trade, manifest_id)] == ["accepted"]


async def test_scans_before_the_truck_was_reported_wait_and_are_recorded_together(trade: Trade) -> None:
    drums = [await trade.labelled() for _ in range(3)]
    manifest_id = await trade.filed(*drums)
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    tool = await device(trade)
    scans = [tool.scan(manifest_id, trade.label_text(drum)) for drum in drums]
    items = await tool.replay(*scans)
    assert [(item["status"], item["errors"][0]["code"]) for item in items] == [("to_decide", "not_at_the_gate")] * 3
    page = await trade.served.page_visitor("gate")
    assert "尚未" in (await page.get("/gate/waiting")).text
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/arrival", {})
    answered = await page.send_form(f"/gate/waiting/of/{manifest_id}", {}, page="/gate/waiting")
    assert answered.status_code == 303, answered.text
    assert [line["outcome"] for line in await lines(trade, manifest_id)] == ["accepted"] * 3
    assert {(await kept(trade, scan.scan_id))["state"] for scan in scans} == {"settled"}


async def test_a_container_that_no_paper_names_is_noted_or_decided(trade: Trade) -> None:
    drum = await trade.labelled()
    tool = await device(trade)
    label = trade.label_text(drum)
    stopped, let_in = tool.scan(None, label, told="unexpected"), tool.scan(None, label)
    items = await tool.replay(stopped, let_in)
    assert [(item["status"], item["outcome"]) for item in items] == [
        ("done", "unexpected"),
        ("to_decide", "unexpected"),
    ]
    path = f"/gate/waiting/{let_in.scan_id}/settling"
    await refused(await trade.gate(), path, {"settlement": "taken_in"}, "scan_without_manifest")
    await sent(await trade.gate(), path, {"settlement": "set_aside", "note": "隔离区待查"})


async def test_deciding_needs_the_scope_of_the_gate(trade: Trade) -> None:
    tool = await device(trade)
    scan = tool.scan(None, trade.label_text(await trade.labelled()))
    await tool.replay(scan)
    body = {"name": f"narrowed {new_id()}", "days": 1, "scopes": ["read", "label", "sign"]}
    made = await sent(await trade.gate(), "/tokens", body, expect=201)
    program = trade.served.visitor()
    program.bearer = made["secret"]
    assert (await program.get("/api/v1/gate/waiting")).status_code == 200
    for path in (f"/gate-devices/{tool.id}/ending", f"/gate/waiting/{scan.scan_id}/settling"):
        body = {"settlement": "set_aside", "note": "x"} if "settling" in path else {}
        answered = await program.send_json(f"/api/v1{path}", body)
        assert answered.status_code == 403, path
        assert answered.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="gate"', path


async def test_a_clock_that_is_wrong_is_taken_off_and_both_times_are_kept(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    tool = await device(trade)
    ahead = clock.now() + timedelta(days=2)
    scan = tool.scan(manifest_id, trade.label_text(drum), happened_at=ahead)
    (item,) = await tool.replay(scan, sent_at=ahead + timedelta(seconds=1))
    assert item["status"] == "done", item
    row = await kept(trade, scan.scan_id)
    assert row["said"]["happened_at"] == ahead.isoformat()
    assert abs(row["happened_at"] - clock.now()) < timedelta(minutes=1)
    # Whoever decides sees both; of a clock that is right there is nothing to say.
    page = await trade.served.page_visitor("gate")
    right, wrong = [tool.scan(None, trade.label_text(drum), happened_at=at) for at in (clock.now(), ahead)]
    await tool.replay(right)
    assert "设备显示时间" not in (await page.get("/gate/waiting")).text
    await tool.replay(wrong, sent_at=ahead + timedelta(seconds=1))
    assert (await page.get("/gate/waiting")).text.count("设备显示时间") == 1
    listed: Any = await asked(await trade.gate(), "/gate/waiting")
    (shown,) = [one for one in listed if one["id"] == str(wrong.scan_id)]
    assert datetime.fromisoformat(shown["device_time"]) == ahead


async def test_what_was_scanned_in_three_days_without_network_is_recorded_with_both_times(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    drums = [await trade.labelled() for _ in range(3)]
    manifest_id = await trade.arrived(*drums)
    tool = await device(trade)
    began, pack = clock.now(), await tool.pack()
    hours = (1, 71, 73)
    made = [began + timedelta(hours=hour) for hour in hours]
    assert datetime.fromisoformat(pack["good_until"]) > made[-1], "the list itself decides for longer"
    scans = [
        tool.scan(manifest_id, trade.label_text(drum), happened_at=at) for drum, at in zip(drums, made, strict=True)
    ]
    back = began + timedelta(hours=74)
    monkeypatch.setattr(clock, "now", lambda: back)
    items = await tool.replay(*scans)
    assert [(item["status"], item["outcome"]) for item in items] == [("done", "accepted")] * 3
    for scan, at in zip(scans, made, strict=True):
        row = await kept(trade, scan.scan_id)
        assert (row["happened_at"], row["recorded_at"]) == (at, back)
    async with writing(trade.served.owner) as session:
        entries = "select happened_at, recorded_at from entries where id = any(:ids) order by happened_at"
        found = await session.execute(text(entries), {"ids": [scan.scan_id for scan in scans]})
        assert [tuple(one) for one in found] == [(at, back) for at in made]


async def test_who_has_left_meanwhile_has_scanned_all_the_same(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    signer = trade.world.receiver.people[Role.SIGNER]
    tool = await device(trade)
    key = PersonKey()
    operator = trade.world.receiver.owner
    async with writing(trade.served.owner) as session:
        command = JoinDevice(device_id=tool.id, token=tool.token, public_key=key.public)
        await join_device(session, operator, command, at=clock.now())
        await session.execute(
            text("update memberships set ended_at = now() where id = :id"), {"id": operator.membership_id}
        )
    try:
        scan = key.signed(tool.scan(manifest_id, trade.label_text(drum), membership_id=operator.membership_id))
        (item,) = await tool.replay(scan)
    finally:
        async with writing(trade.served.owner) as session:
            await session.execute(
                text("update memberships set ended_at = null where id = :id"), {"id": operator.membership_id}
            )
    assert (item["status"], item["errors"][0]["code"]) == ("to_decide", "membership_ended")
    assert signer.organisation_id == operator.organisation_id


async def test_a_device_that_was_ended_is_nobody_and_what_its_file_brings_a_person_decides(trade: Trade) -> None:
    drums = [await trade.labelled() for _ in range(3)]
    manifest_id = await trade.arrived(*drums)
    tool = await device(trade)
    scans = [tool.scan(manifest_id, trade.label_text(drum)) for drum in drums]
    assert [item["status"] for item in await tool.replay(scans[0])] == ["done"]
    ended = await sent(await trade.gate(), f"/gate-devices/{tool.id}/ending", {})
    assert ended["ended_at"] is not None
    await tool.replay(*scans, expect=401)
    assert (await tool.visitor.get("/api/v1/gate/pack")).status_code == 401
    page = await trade.served.page_visitor("gate")
    told = {"format": "wastetrack-gate-queue-1", "scans": [document_of(scan) for scan in scans]}
    token = await page.token_on("/gate/queue-file")
    for _ in range(2):
        answered = await page.post(
            "/gate/queue-file",
            data={"csrf_token": token, "request_id": str(new_id())},
            files={"file": ("queue.json", json.dumps(told).encode(), "application/json")},
        )
        assert answered.status_code == 303, answered.text
        states = [(await kept(trade, scan.scan_id))["state"] for scan in scans]
        assert states == ["done", "to_decide", "to_decide"], "whoever has a lost device may say any time"
        assert [line["outcome"] for line in await lines(trade, manifest_id)] == ["accepted", None, None]
    assert "之后" in (await page.get("/gate/waiting")).text
    answered = await page.send_form(f"/gate/waiting/of/{manifest_id}", {}, page="/gate/waiting")
    assert answered.status_code == 303, answered.text
    assert [line["outcome"] for line in await lines(trade, manifest_id)] == ["accepted"] * 3


async def test_a_device_sees_what_comes_to_its_own_site_and_knows_true_labels(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    tool = await device(trade)
    pack = await tool.pack()
    (line,) = [one for one in pack["lines"] if one["code"] == drum["digital_code"]]
    assert line["digests"] == [digest(trade.label_text(drum))]
    assert (line["declared_g"], line["tare_g"], line["outcome"]) == (180_000, 20_000, None)
    (paper,) = [one for one in pack["manifests"] if one["id"] == manifest_id]
    assert paper["plates"] == [trade.world.plate]
    assert [spell["broken"] for spell in paper["permitted"][drum["waste_code"]]] == [[]]
    assert trade.keys.label_key.hex() not in str(pack)
    assert pack["stores"]
    assert {one["manifest"] for one in pack["lines"]} <= {one["id"] for one in pack["manifests"]}


@pytest.mark.parametrize("state", ["stranger", "driver"])
async def test_only_the_site_s_own_people_end_and_decide(trade: Trade, state: str) -> None:
    tool = await device(trade)
    visitor = await trade.served.api_visitor(state)
    status = 404 if state == "stranger" else 403
    assert (await visitor.send_json(f"/api/v1/gate-devices/{tool.id}/ending", {})).status_code == status


def test_a_scan_reads_as_it_was_written_and_nothing_else_is_one() -> None:
    scan = KeptScan(
        scan_id=UUID(int=1),
        device_id=UUID(int=2),
        membership_id=UUID(int=3),
        manifest_id=None,
        label="HTTPS://X/91/“é\\",
        gross_g=5,
        method=WeighingMethod.TRUCK_SCALE,
        scale_id="",
        uncertainty_g=None,
        reject_reason="桶",
        store_id=None,
        happened_at=clock.now(),
        happened_text=clock.now().isoformat(),
        told="accepted",
        signature=b"x" * 64,
    )
    whole = document_of(scan)
    assert scan_of(whole).statement() == scan.statement()
    assert scan_of(whole).signature == scan.signature
    for wrong in (
        {"gross_g": True}, {"gross_g": -1}, {"gross_g": 1.5}, {"method": "declared"}, {"label": "x" * 401},
        {"happened_at": "2026-11-25T10:00:00"}, {"scan_id": "1"}, {"told": 5}, {"label": "a\u202eb"},
    ):  # fmt: skip
        with pytest.raises(Malformed):
            scan_of({**whole, **wrong})
    assert base64url(b"\xff\xff") == "__8"
