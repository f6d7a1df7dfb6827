"""What the printed manifest says of its way: several classes, hand-over, leak, mismatch, another receiver, void."""

from tests.api.test_printed import text_of
from tests.support.journeys import permitted
from tests.support.trade import Trade, sent
from tests.support.world import SLUDGE
from wastetrack.db.session import writing


async def test_several_classes_on_one_manifest_are_told_class_by_class(trade: Trade) -> None:
    """令23 art. 16: one vehicle's load of several classes may travel on one manifest."""
    oil, more = await trade.labelled(), await trade.labelled()
    sludge = await trade.labelled(waste_code=SLUDGE, waste_name="电镀污泥", form="semi_solid")
    manifest_id = await trade.filed(oil, more, sludge)
    said = await text_of(trade, f"/manifests/{manifest_id}/manifest.pdf")
    for words in ("900-249-08", "336-064-17", "废矿物油", "电镀污泥", "0.36", "0.18"):
        assert words in said, words
    page = await (await trade.served.page_visitor("owner")).get(f"/manifests/{manifest_id}")
    assert "336-064-17" in page.text


async def test_the_way_stands_on_the_print(trade: Trade) -> None:
    async with writing(trade.served.owner) as session:
        await permitted(session, trade.world.stranger)
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum, legs=2)
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    leak = {
        "kind": "container_leaking",
        "container_id": drum["id"],
        "place": "荣乌高速 K123",
        "region_code": "370602",
        "what": "桶盖脱落",
        "measures": "吸附",
        "reported_to": "12369",
        "spilled_g": 30_000,
    }
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/incidents", leak, expect=201)
    elsewhere = {"receiver_site_id": str(trade.world.stranger.site.id), "method": "R9", "reason": "临时停炉"}
    await sent(await trade.shipper(), f"/manifests/{manifest_id}/redirection", elsewhere)
    await sent(await trade.second_carrier(), f"/manifests/{manifest_id}/hand-over", {})
    await sent(await trade.second_carrier(), f"/manifests/{manifest_id}/arrival", {})
    found = {"kinds": ["packaging"], "found": "桶盖缺失", "container_id": drum["id"]}
    await sent(await trade.stranger(), f"/manifests/{manifest_id}/mismatches", found, expect=201)
    said = await text_of(trade, f"/manifests/{manifest_id}/manifest.pdf")
    for words in ("芝罘区交接点", "容器泄漏", "桶盖脱落", "30kg", "改运", "临时停炉", "不符情况", "桶盖缺失", "待决定"):
        assert words in said, words


async def test_a_void_number_is_printed_and_listed_as_void(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    await sent(await trade.shipper(), f"/manifests/{manifest_id}/voiding", {"reason": "填错"})
    assert "作废" in await text_of(trade, f"/manifests/{manifest_id}/manifest.pdf")
    listed = await (await trade.served.page_visitor("owner")).get("/manifests?state=void")
    assert manifest_id in listed.text
    assert "作废" in listed.text
