"""An authority's pages and the search, in both languages, and who is not let in."""

import csv
import io

import pytest

from tests.support.statements import counted
from tests.support.trade import Trade, asked

PAGES = (
    "/",
    "/oversight/findings/not_received",
    "/oversight/findings/incidents",
    "/oversight/balance",
    "/oversight/capacity",
    "/oversight/non-filers",
    "/oversight/non-filers?what=report&period=2025",
    "/oversight/map",
    "/oversight/regions/3706",
    "/oversight/regions/370602",
    "/search?q=37",
    "/search?q=370602",
    "/search?q=%E6%97%A0%E6%AD%A4%E5%85%AC%E5%8F%B8",
    "/approvals",
    "/looks",
)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_is_there_for_the_authority(trade: Trade, language: str) -> None:
    drum = await trade.labelled()
    await trade.arrived(drum)
    inspector = await trade.served.page_visitor("inspector")
    firm = trade.world.generator.id
    for path in (*PAGES, f"/oversight/companies/{firm}", f"/oversight/companies/{trade.world.receiver.id}"):
        mark = "&" if "?" in path else "?"
        answer = await inspector.get(f"{path}{mark}lang={language}")
        assert answer.status_code == 200, f"{path}: {answer.text[-500:]}"
        assert ("物料平衡" in answer.text) == (language == "zh") or not path.startswith("/oversight"), path


async def test_firms_and_strangers_are_not_let_in(trade: Trade) -> None:
    for who in ("owner", "stranger", "driver", "operator"):
        visitor = await trade.served.page_visitor(who)
        for path in PAGES[1:10]:
            assert (await visitor.get(path)).status_code == 403, (who, path)
    inspector = await trade.served.page_visitor("inspector")
    for path in ("/oversight/regions/3201", "/oversight/map?region=32", "/oversight/balance?region=3201"):
        assert (await inspector.get(path)).status_code == 404, path
    assert (await inspector.get("/oversight/findings/no-such-queue")).status_code == 404


async def test_the_balance_is_taken_away_as_csv_and_workbook(trade: Trade) -> None:
    await trade.labelled()
    inspector = await trade.served.page_visitor("inspector")
    told = await inspector.get("/oversight/balance.csv?lang=en")
    rows = list(csv.DictReader(io.StringIO(told.text.removeprefix("\ufeff"))))
    assert rows[-1]["Site"] == ""
    assert any(row["Waste code"] == "900-249-08" for row in rows)
    for name in ("balance", "capacity", "non-filers"):
        assert (await inspector.get(f"/oversight/{name}.xlsx")).content[:2] == b"PK"
        assert (await inspector.get(f"/oversight/{name}.csv")).status_code == 200


async def test_a_balance_reads_the_same_over_the_api(trade: Trade) -> None:
    drum = await trade.labelled()
    await trade.received(drum)
    inspector = await trade.inspector()
    found = await asked(inspector, "/mass-balance")
    assert found["agrees"] is True
    for line in found["lines"]:
        grams = line["grams"]
        moved = sum(
            grams[name] for name in ("generated", "received", "residue", "recoded", "shipped", "treated", "discrepancy")
        )
        assert grams["opening"] + moved == grams["closing"]
    assert found["total"]["closing"] == sum(line["grams"]["closing"] for line in found["lines"])
    assert (await (await trade.shipper()).get("/api/v1/mass-balance")).status_code == 403


async def test_findings_read_the_same_over_the_api(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    told = {"kinds": ["form"], "container_id": drum["id"], "found": "实为固态"}
    made = await (await trade.gate()).send_json(f"/api/v1/manifests/{manifest_id}/mismatches", told)
    assert made.status_code in {200, 201}, made.text
    inspector = await trade.inspector()
    queues = {one["id"]: one for one in (await asked(inspector, "/findings"))["items"]}
    assert len(queues) == 13
    assert queues["mismatches"]["total"] >= 1
    whole = await asked(inspector, "/findings/mismatches?limit=200")
    assert whole["total"] == len(whole["findings"])
    assert any("实为固态" in one["numbers"] for one in whole["findings"])
    assert (await (await trade.shipper()).get("/api/v1/findings")).status_code == 403
    await asked(inspector, "/findings/none", expect=404)


async def test_a_search_asks_few_statements_however_much_it_finds(trade: Trade) -> None:
    drums = [await trade.labelled() for _ in range(3)]
    shipper = await trade.shipper()
    code = drums[0]["digital_code"]
    with counted(trade.app.state.engine) as few:
        one = await asked(shipper, f"/search?q={code}")
    with counted(trade.app.state.engine) as many:
        all_of = await asked(shipper, f"/search?q={code[:18]}")
    assert [group["kind"] for group in one["groups"]] == ["container"]
    assert {group["kind"] for group in all_of["groups"]} >= {"container", "organisation"}
    assert len(few) == len(many)
    assert await asked(await trade.stranger(), f"/search?q={code}") == {"too_short": False, "groups": []}
    assert (await asked(shipper, "/search?q=a"))["too_short"] is True


async def test_the_frame_holds_the_field_and_the_page_leads_on(trade: Trade) -> None:
    drum = await trade.labelled()
    owner = await trade.served.page_visitor("owner")
    page = await owner.get(f"/search?q={drum['digital_code'][-14:]}")
    assert f"/containers/{drum['id']}" in page.text
    assert 'class="search-box"' in (await owner.get("/")).text
    inspector = await trade.served.page_visitor("inspector")
    firm = await inspector.get(f"/search?q={trade.world.generator.credit_code}")
    assert f"/oversight/companies/{trade.world.generator.id}" in firm.text
