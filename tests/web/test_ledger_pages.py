"""Pages of the ledgers and reports: who gets in, what stands there, handing in by the form."""

import pytest

from tests.api.test_ledgers import a_way_through
from tests.support.served import Served, Visitor
from tests.support.trade import Trade, today


def place(trade: Trade) -> str:
    return f"/ledgers/{trade.world.generator.site.id}"


@pytest.mark.parametrize("path", ["/ledgers", "/reports"])
async def test_nobody_is_led_to_the_sign_in_page(served: Served, path: str) -> None:
    assert (await served.visitor().get(path)).headers["location"].startswith("/sign-in?next=")


async def all_pages(browser: Visitor, path: str) -> str:
    """A ledger page by page, for other tests of the day have left lines too."""
    shown = (await browser.get(path)).text
    skip = 0
    while f"skip={(skip := skip + 50)}" in shown:
        shown += (await browser.get(f"{path}&skip={skip}")).text
    return shown


async def test_a_ledger_shows_its_lines_and_its_check(trade: Trade) -> None:
    stored, _ = await a_way_through(trade)
    browser = await trade.served.page_visitor("owner")
    assert str(trade.world.generator.site.id) in (await browser.get("/ledgers")).text
    for kind, told in {
        "generated": ("HWCS", "MF0001", "机修废油", "张工", "危废库"),
        "stored": ("HWRK", "李库管", "王运送", "贮存库"),
        "taken_out": ("HWCK",),
        "contracted_out": ("HWWWCZ", "危险废物经营许可证持有单位"),
    }.items():
        shown = await all_pages(browser, f"{place(trade)}?kind={kind}&since={today()}&lang=zh")
        assert stored["digital_code"][34:] in shown
        assert [word for word in told if word not in shown] == []
        assert "不一致" not in shown
    empty = (await browser.get(f"{place(trade)}?kind=treated&since={today()}&lang=en")).text
    assert "Nothing was recorded for this ledger in these days." in empty
    for file, kind in (("ledgers.pdf", "application/pdf"), ("ledgers.xlsx", "spreadsheetml")):
        assert kind in (await browser.get(f"{place(trade)}/{file}?since={today()}")).headers["content-type"]


@pytest.mark.parametrize("kind", ["record-book", "medical-register", "general-waste", "hazardous-flow"])
async def test_the_books_beside_the_ledgers_open_for_the_firm_and_its_authority(trade: Trade, kind: str) -> None:
    await a_way_through(trade)
    receiver = f"/ledgers/{trade.world.receiver.site.id}/records/{kind}"
    for login in ("receiver", "inspector"):
        browser = await trade.served.page_visitor(login)
        shown = await browser.get(f"{receiver}?lang=en")
        assert shown.status_code == 200
        for file in ("record.pdf", "record.xlsx"):
            assert (await browser.get(f"{receiver}/{file}")).status_code == 200
        if kind == "record-book":
            assert "Receipts, treatments and what was sent on" in shown.text
            assert "says otherwise" not in shown.text
    stranger = await trade.served.page_visitor("stranger")
    assert (await stranger.get(receiver)).status_code == 404


async def test_strangers_find_no_ledgers_and_authorities_do(trade: Trade) -> None:
    stranger = await trade.served.page_visitor("stranger")
    for path in ("", "/reports", "/reports/2025", "/ledgers.pdf", "/reports/2025/report.pdf"):
        assert (await stranger.get(place(trade) + path)).status_code == 404
    inspector = await trade.served.page_visitor("inspector")
    assert (await inspector.get(place(trade))).status_code == 200
    assert (await inspector.get(f"{place(trade)}/reports/2025")).status_code == 200


async def test_a_report_is_handed_in_by_the_form_once_and_stands_on_the_duties_until_then(trade: Trade) -> None:
    await trade.labelled()
    browser = await trade.served.page_visitor("owner")
    address = f"{place(trade)}/reports/2023-04"
    read = (await browser.get(f"{address}?lang=en")).text
    assert "not handed in yet" in read
    seen = read.partition('name="seen" value="')[2].partition('"')[0]
    assert len(seen) == 64
    handed = await browser.send_form(address, {"seen": seen, "reason": ""}, page=address)
    assert (handed.status_code, handed.headers["location"].partition("?")[0]) == (303, address), handed.text
    read = (await browser.get(f"{address}?lang=en")).text
    assert "not handed in yet" not in read
    assert 'name="seen"' not in read
    again = await browser.send_form(address, {"seen": seen, "reason": ""}, page=place(trade))
    assert again.status_code == 422
    listed = (await browser.get(f"{place(trade)}/reports?lang=en")).text
    assert "2023-04" in listed
    frozen = listed.partition("/report.pdf?report_id=")[2].partition('"')[0]
    document = await browser.get(f"{address}/report.pdf?report_id={frozen}")
    assert document.content.startswith(b"%PDF")
    stranger = await trade.served.page_visitor("stranger")
    assert (await stranger.get(f"{address}/report.pdf?report_id={frozen}")).status_code == 404


async def test_a_viewer_reads_the_report_and_has_no_form(trade: Trade) -> None:
    viewer = await trade.served.page_visitor("viewer")
    read = (await viewer.get(f"{place(trade)}/reports/2023-05")).text
    assert 'name="seen"' not in read


async def test_an_authority_reads_who_has_not_handed_in(trade: Trade) -> None:
    await trade.labelled()
    inspector = await trade.served.page_visitor("inspector")
    assert (await inspector.get("/reports?lang=en")).status_code == 200
    assert (await inspector.get("/reports?period=2026-Q1&lang=en")).status_code == 200
    assert (await inspector.get("/reports?period=tomorrow")).status_code == 400


async def test_general_waste_leaves_the_works_on_a_page(trade: Trade) -> None:
    bag = await trade.labelled(
        waste_code="900-001-S17", waste_name="废钢铁", form="solid", hazards=[], packaging="big_bag", volume_l=1000
    )
    drum = await trade.labelled()
    owner, here = await trade.served.page_visitor("owner"), "/containers/leaving"
    page = await owner.get(here)
    assert here in (await owner.get("/containers")).text
    assert (bag["id"] in page.text, drum["id"] in page.text) == (True, False)
    fields = {
        "site_id": str(trade.world.generator.site.id),
        "container_ids": bag["id"],
        "receiver": "烟台再生资源有限公司",
        "method": "R4",
        "plate": "鲁F",
        "reference": "磅单 07",
        "handler": "",
        "happened_at": "",
    }
    wrong = await owner.send_form(here, fields, page=here)
    assert (wrong.status_code, 'id="f-plate-error"' in wrong.text) == (422, True)
    done = await owner.send_form(here, {**fields, "plate": "鲁FA1234"}, page=here)
    assert done.status_code == 303, done.text
    ledger = (await owner.get(done.headers["location"])).text
    assert all(
        said in ledger for said in ("出厂环节记录", "烟台再生资源有限公司", "鲁FA1234", "磅单 07", "900-001-S17")
    )
    assert bag["id"] not in (await owner.get(here)).text
