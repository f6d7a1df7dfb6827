"""What the printed papers say: gathered from the database, read back by an independent parser."""

import io

from pypdf import PdfReader

from tests.support.trade import API, Trade, sent


async def text_of(trade: Trade, path: str) -> str:
    """The words of a PDF, blanks left out."""
    printed = await (await trade.shipper()).get(API + path)
    assert printed.status_code == 200, printed.text
    assert printed.headers["content-type"] == "application/pdf"
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(printed.content)).pages)


async def test_a_label_says_in_chinese_what_is_in_the_drum(trade: Trade) -> None:
    drum = await trade.labelled(harmful_components="矿物油、重金属")
    said = await text_of(trade, f"/containers/{drum['id']}/label.pdf")
    for words in ("废矿物油", "HW08", "900-249-08", "液态", "矿物油、重金属", "180"):
        assert words in said, words


async def test_a_manifest_says_who_signed_what_was_weighed_and_what_was_corrected(trade: Trade) -> None:
    good, leaking = await trade.labelled(precautions="远离火种"), await trade.labelled(precautions="泄漏时用砂土吸附")
    manifest_id = await trade.arrived(good, leaking)
    await trade.scanned(manifest_id, good, gross_g=150_000)
    await trade.scanned(manifest_id, leaking, gross_g=None, reject_reason="桶身破损渗漏")
    receiver = await trade.receiver()
    await sent(receiver, f"/manifests/{manifest_id}/receipt", {"opinion": "一桶退回"})
    wrong = {"container_id": good["id"], "measured_g": 151_000, "reason": "地磅未归零"}
    asked_for = await sent(receiver, f"/manifests/{manifest_id}/corrections", wrong, expect=201)
    answer = f"/corrections/{asked_for['correction']['id']}/answer"
    await sent(await trade.shipper(), answer, {"consent": True})
    number = (await trade.standing(manifest_id))["manifest"]["number"]
    said = await text_of(trade, f"/manifests/{manifest_id}/manifest.pdf")
    expected = (
        number,
        trade.world.generator.credit_code,
        trade.world.plate,
        "部分接受",
        "拒收",
        "接受（有差异）",
        "地磅未归零",
        "一桶退回",
        "王秀英",
        "D10",
        "突发环境事件防范措施",
        "远离火种、泄漏时用砂土吸附",
    )
    assert [words for words in expected if words not in said] == []
    english = await text_of(trade, f"/manifests/{manifest_id}/manifest.pdf?lang=en")
    assert "Partlyreceived" in english


async def test_a_draft_is_printed_as_one(trade: Trade) -> None:
    manifest_id = await trade.drafted(await trade.labelled(), legs=2)
    assert "草稿" in await text_of(trade, f"/manifests/{manifest_id}/manifest.pdf")
