"""The five ledgers and the reports over HTTP, by the application's own role in the database."""

import csv
import io
from typing import Any

import pypdf
import pytest
from python_calamine import CalamineWorkbook

from tests.support.trade import API, Trade, asked, refused, sent, today
from tests.support.wire import on_the_wire
from wastetrack.transparency.publishing import publish_all

KINDS = ("generated", "stored", "taken_out", "treated", "contracted_out")


async def a_way_through(trade: Trade) -> tuple[dict[str, Any], dict[str, Any]]:
    """One drum by the store to the incinerator, another straight onto the truck."""
    stored = await trade.labelled(facility_code="MF0001", trade_name="机修废油", handler="张工", destination="危废库")
    straight = await trade.labelled()
    store = str(trade.world.store_id)
    body = {"container_ids": [stored["id"]], "store_id": store, "handler": "李库管", "carrier_handler": "王运送"}
    await sent(await trade.shipper(), "/containers/storing", body)
    await trade.received(stored, straight, await refilled(trade))
    await publish_all(trade.served.owner, trade.keys.signer)
    return stored, straight


async def refilled(trade: Trade) -> dict[str, Any]:
    """A drum whose content came out of another, and that again out of another: its receiver sees only the last."""
    drum = await trade.labelled()
    for _ in range(2):
        filling = {
            "packaging": "drum",
            "volume_l": 200,
            "gross_g": 200_000,
            "tare_g": 20_000,
            "method": "platform_scale",
        }
        body = {"from_ids": [drum["id"]], "into": [filling], "repacked_on": today().isoformat()}
        made = await sent(await trade.shipper(), "/containers/repacking", body, expect=201)
        (drum,) = made["containers"]
    return drum


def place(trade: Trade) -> str:
    return f"/sites/{trade.world.generator.site.id}/ledgers"


async def lines(trade: Trade, kind: str) -> dict[str, dict[str, Any]]:
    """The lines of today by container."""
    return {line["container_id"]: line for line in await all_lines(trade, kind)}


async def all_lines(trade: Trade, kind: str) -> list[dict[str, Any]]:
    """The lines of today; a container that was weighed again has more than one."""
    found: list[dict[str, Any]] = []
    path: str | None = f"{place(trade)}/{kind}?since={today()}&limit=50"
    while path is not None:
        page = await asked(await trade.shipper(), path)
        found += page["items"]
        path = None if page["next"] is None else page["next"].removeprefix(API)
    return found


async def test_every_ledger_names_what_was_told_where_it_happened(trade: Trade) -> None:
    stored, straight = await a_way_through(trade)
    made = (await lines(trade, "generated"))[stored["id"]]
    assert made["grams"] == 180_000
    told = {"own_name": "机修废油", "facility_code": "MF0001", "handler": "张工", "destination": "危废库"}
    assert {name: made["fields"][name] for name in told} == told
    assert made["fields"]["official_name"].startswith("其他生产、销售、使用过程中产生的废矿物油")
    put = (await lines(trade, "stored"))[stored["id"]]
    assert (put["fields"]["handler"], put["fields"]["carrier_handler"]) == ("李库管", "王运送")
    assert put["links"] == [made["batch"]]
    out = (await lines(trade, "taken_out"))[stored["id"]]
    assert out["links"] == [put["batch"]]
    assert (out["fields"]["handler"], out["fields"]["carrier_handler"]) == ("王秀英", "陈杰")
    sent_out = await lines(trade, "contracted_out")
    assert sent_out[stored["id"]]["links"] == [out["batch"]]
    # What never stood in a store has no line of storing or taking out, and follows from its generation at once.
    assert straight["id"] not in await lines(trade, "stored")
    assert straight["id"] not in await lines(trade, "taken_out")
    assert sent_out[straight["id"]]["links"] == [(await lines(trade, "generated"))[straight["id"]]["batch"]]
    assert sent_out[straight["id"]]["batch"].startswith(f"HWWWCZ{today():%Y%m%d}")
    fields = sent_out[straight["id"]]["fields"]
    assert fields["receiver_type"] == "危险废物经营许可证持有单位"
    assert "危证" in fields["permit_number"]
    assert len(fields["manifest_number"]) == 14


async def test_the_check_says_what_the_mass_ledger_says(trade: Trade) -> None:
    await a_way_through(trade)
    for who in ("shipper", "inspector"):
        check = await asked(await getattr(trade, who)(), f"{place(trade)}?since={today()}")
        assert check["balances"]
        assert all(one["agrees"] for one in check["balances"])
    receiver = f"/sites/{trade.world.receiver.site.id}/ledgers?since={today()}"
    check = await asked(await trade.receiver(), receiver)
    assert all(one["agrees"] for one in check["balances"])


async def test_files_hold_the_same_lines(trade: Trade) -> None:
    await a_way_through(trade)
    shipper = await trade.shipper()
    for kind in KINDS:
        expected = await all_lines(trade, kind)
        answered = await shipper.get(f"{API}{place(trade)}/{kind}.csv?since={today()}")
        rows = list(csv.reader(io.StringIO(answered.text.removeprefix("\ufeff"))))
        assert len(rows) == len(expected) + 1
    answered = await shipper.get(f"{API}{place(trade)}.xlsx?since={today()}")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answered.content))
    assert len(book.sheet_names) == 5
    sheet = book.get_sheet_by_index(0).to_python()
    head = next(index for index, row in enumerate(sheet) if row[0] == "序号")
    quantity = sheet[head].index("产生量（t）")
    body = [row for row in sheet[head + 1 :] if isinstance(row[0], float)]
    grams = sum(line["grams"] for line in (await lines(trade, "generated")).values())
    assert sum(round(float(str(row[quantity])) * 1_000_000) for row in body) == grams
    answered = await shipper.get(f"{API}{place(trade)}.pdf?since={today()}&kind=generated")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answered.content)).pages)
    assert "危险废物产生环节记录表" in text
    assert "与质量账一致" in text


async def test_a_page_of_a_ledger_takes_as_many_statements_whatever_its_length(trade: Trade) -> None:
    await a_way_through(trade)
    shipper = await trade.shipper()
    counts = []
    for limit in (1, 50):
        with on_the_wire(trade.app.state.engine) as statements:
            await asked(shipper, f"{place(trade)}/generated?since={today()}&limit={limit}")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12


@pytest.mark.parametrize(
    ("query", "code"),
    [("since=2026-03-02&until=2026-03-01", "period_ends_first"), ("since=2020-01-01", "period_too_long")],
)
async def test_a_period_that_cannot_be_is_refused(trade: Trade, query: str, code: str) -> None:
    problem = await asked(await trade.shipper(), f"{place(trade)}/generated?{query}", expect=422)
    assert [error["code"] for error in problem["errors"]] == [code]


async def test_a_report_is_read_handed_in_and_seen_by_the_authority(trade: Trade) -> None:
    shipper, inspector, site = await trade.shipper(), await trade.inspector(), trade.world.generator.site.id
    await trade.labelled()
    path = f"/sites/{site}/reports/2025"
    now = await asked(shipper, path)
    assert (now["period"], now["due_on"], now["stands"], now["versions"]) == ("2025", "2026-03-31", False, [])
    await refused(shipper, path, {"seen": "0" * 64}, "figures_changed")
    handed = await sent(shipper, path, {"seen": now["digest"]}, expect=201)
    assert handed["report"]["version"] == 1
    assert (await asked(inspector, path))["stands"]
    await refused(shipper, path, {"reason": "再报"}, "nothing_to_correct")
    this_year = f"/sites/{site}/reports/{today().year}"
    problem = await asked(shipper, this_year, expect=422)
    assert [error["code"] for error in problem["errors"]] == ["period_not_over"]
    assert (await asked(shipper, f"/sites/{site}/reports/soon", expect=400))["code"] == "period_unreadable"


async def test_an_authority_sees_who_has_not_handed_in(trade: Trade) -> None:
    await trade.labelled()
    site = str(trade.world.generator.site.id)
    period = f"{today().year}-Q1"
    yearly = f"{today().year - 1}"
    found = await asked(await trade.inspector(), f"/periodic-reports?period={period}")
    # Of the class that the plan says, this site owes no quarterly report; the yearly one everybody owes.
    assert site not in {one["site_id"] for one in found["items"]}
    assert yearly
    stranger = await asked(await trade.stranger(), f"/periodic-reports?period={yearly}")
    assert site not in {one["site_id"] for one in stranger["items"]}
