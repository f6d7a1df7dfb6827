"""Paper over HTTP: reserved, printed, entered with its scan, signed by both sides, its marks in the log."""

import io
from datetime import timedelta
from typing import Any

import pypdfium2
import zxingcpp
from pypdf import PdfReader

from tests.support import files
from tests.support.trade import API, Trade, asked, refused, sent
from wastetrack import clock
from wastetrack.ids import new_id


async def a_number(trade: Trade) -> str:
    """A number that the workshop holds in reserve."""
    body = {"site_id": str(trade.world.generator.site.id), "count": 1}
    given = await sent(await trade.shipper(), "/reserved-numbers", body, expect=201)
    return str(given["items"][0]["number"])


def a_paper(trade: Trade, *containers: Any, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  any field
    """These containers went yesterday, each with a kilogram less on the receiver's scale."""
    then = clock.now() - timedelta(days=1)
    world = trade.world
    leg = {"carrier_id": str(world.carrier.id), "plate": world.plate, "taken_over_at": then.isoformat()}
    return {
        "number": None,
        "shipper_site_id": str(world.generator.site.id),
        "receiver_site_id": str(world.receiver.site.id),
        "method": "D10",
        "legs": [leg],
        "arrived_at": (then + timedelta(hours=2)).isoformat(),
        "received_at": (then + timedelta(hours=3)).isoformat(),
        "lines": [{"container_id": one["id"], "received_g": 179_000} for one in containers],
        "reason": "平台停机",
        **changes,
    }


async def scanned(trade: Trade, manifest_id: str) -> None:
    """The scan of the form, attached by the shipper."""
    shipper = await trade.shipper()
    answered = await shipper.http.post(
        f"{API}/manifests/{manifest_id}/attachments",
        files={"file": ("联单.pdf", files.document(), "application/octet-stream")},
        headers={"Authorization": f"Bearer {shipper.bearer}", "Idempotency-Key": str(new_id())},
    )
    assert answered.status_code == 201, answered.text


async def test_a_paper_is_entered_and_received_over_http(trade: Trade) -> None:
    number, drum = await a_number(trade), await trade.labelled()
    shipper, receiver = await trade.shipper(), await trade.receiver()
    draft = await sent(shipper, "/manifests/back-entries", a_paper(trade, drum, number=number), expect=201)
    path = f"/manifests/{draft['id']}"
    steps = (await asked(shipper, path))["next_steps"]
    assert {step["step"] for step in steps} == {"cancel", "back_enter"}
    await refused(shipper, f"{path}/back-entry", {}, "scan_missing")
    await refused(shipper, f"{path}/filing", {}, "went_on_paper")
    await scanned(trade, draft["id"])
    prepared = await sent(shipper, f"{path}/back-entry/preparation", {}, expect=201)
    assert number in prepared["words"]["zh"]
    signed = await sent(
        shipper, f"{path}/back-entry", {"intent_id": prepared["intent_id"], "factor": password(shipper)}
    )
    assert (signed["manifest"]["state"], signed["manifest"]["number"]) == ("arrived", number)
    strange = await (await trade.stranger()).send_json(f"{API}{path}/back-entry", {})
    assert strange.status_code == 404, strange.text

    prepared = await sent(receiver, f"{path}/receipt/preparation", {}, expect=201)
    body = {"intent_id": prepared["intent_id"], "factor": password(receiver)}
    received = await sent(receiver, f"{path}/receipt", body)
    assert received["manifest"]["state"] == "received"
    await sent(receiver, f"{path}/confirmation", {})
    shown = (await asked(shipper, path))["manifest"]
    assert shown["on_paper"] is True
    assert shown["lines"][0]["measured_g"] == 179_000
    found = await asked(await trade.inspector(), "/reserved-numbers")
    assert {one["number"]: one["state"] for one in found["items"]}[number] == "used"
    assert (await shipper.get(f"{API}{path}/manifest.pdf")).status_code == 200


def password(visitor: Any) -> dict[str, str]:  # noqa: ANN401
    """The factor of whoever signed in with a password."""
    return {"kind": "password", "password": visitor.password}


async def test_a_number_is_seen_by_its_own_and_its_authority_and_voided_by_its_own(trade: Trade) -> None:
    number = await a_number(trade)
    body = {"reason": "停电结束"}
    for visitor, status in ((await trade.stranger(), 404), (await trade.inspector(), 403), (await trade.nobody(), 401)):
        assert (await visitor.send_json(f"{API}/reserved-numbers/{number}/surrender", body)).status_code == status
    for visitor, status in ((await trade.stranger(), 404), (await trade.inspector(), 200), (await trade.nobody(), 401)):
        assert (await visitor.get(f"{API}/reserved-numbers/{number}/form.pdf")).status_code == status
    await refused(await trade.shipper(), f"/reserved-numbers/{number}/surrender", {"reason": " "}, "reason_missing")
    voided = await sent(await trade.shipper(), f"/reserved-numbers/{number}/surrender", body)
    assert voided["number"]["state"] == "voided"
    await refused(
        await trade.shipper(),
        "/manifests/back-entries",
        a_paper(trade, await trade.labelled(), number=number),
        "number_not_reserved",
    )
    stranger = {"site_id": str(trade.world.generator.site.id), "count": 1}
    assert (await (await trade.stranger()).send_json(f"{API}/reserved-numbers", stranger)).status_code == 403


async def test_the_form_bears_its_number_three_parts_and_a_code_that_reads(trade: Trade) -> None:
    number = await a_number(trade)
    for language, part in (("zh", "第三部分"), ("en", "Part 3")):
        answered = await (await trade.shipper()).get(f"{API}/reserved-numbers/{number}/form.pdf?lang={language}")
        reader = PdfReader(io.BytesIO(answered.content))
        assert len(reader.pages) == 3
        for page in reader.pages:
            text = page.extract_text()
            assert number in text
            assert part in text
            assert "□" not in text
        picture = pypdfium2.PdfDocument(answered.content)[2].render(scale=3).to_pil()
        codes = {code.text for code in zxingcpp.read_barcodes(picture)}
        assert codes == {f"http://localhost:8000/paper/{number}"}
