"""A plant's pages: its day, the plan of its stores, moving and counting by scanning, permits, residues labelled."""

import io
import re
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from tests.support.served import Visitor
from tests.support.stored import a_store, begun
from tests.support.trade import Trade, sent, today
from wastetrack.ids import new_id


async def two_zones(trade: Trade) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A store of the workshop with two zones."""
    facility = await a_store(trade)
    zones = [
        await a_store(trade, room={"kind": "zone", "parent_id": facility["id"]}, limit_g=5_000_000, name=name)
        for name in ("A区", "B区")
    ]
    return facility, zones[0], zones[1]


async def stored(trade: Trade, store: dict[str, Any]) -> dict[str, Any]:
    drum = await trade.labelled()
    await sent(await trade.shipper(), "/containers/storing", {"container_ids": [drum["id"]], "store_id": store["id"]})
    return drum


async def test_the_plan_shows_each_zone_with_what_stands_there(trade: Trade) -> None:
    facility, first, second = await two_zones(trade)
    await stored(trade, first)
    owner = await trade.served.page_visitor("owner")
    site_id = trade.world.generator.site.id
    page = (await owner.get(f"/stores/map?site={site_id}&lang=en")).text
    block = page[page.index(first["code"]) :]
    block = block[: block.index("</li>\n")]
    assert page.index(facility["code"]) < page.index(first["code"])
    for words in ("Containers: 1", "180 kg", "900-249-08"):
        assert words in block, words
    assert re.search(r'class="hazard"[^>]*>T<', page)
    assert f'href="/stores/{second["id"]}"' in page
    assert "库房平面" in (await owner.get("/stores/map?lang=zh")).text
    assert (await (await trade.served.page_visitor("stranger")).get(f"/stores/map?site={site_id}")).status_code == 404
    assert (await (await trade.served.page_visitor("inspector")).get(f"/stores/map?site={site_id}")).status_code == 200


async def test_containers_move_by_their_labels(trade: Trade) -> None:
    _, first, second = await two_zones(trade)
    drums = [await stored(trade, first) for _ in range(2)]
    owner, site_id = await trade.served.page_visitor("owner"), trade.world.generator.site.id
    here = f"/stores/moving?site={site_id}"
    told = (await owner.get("/stores/moving/look", params={"label": drums[0]["digital_code"]})).json()
    assert (told["known"], told["store"], told["id"]) == (True, first["code"], drums[0]["id"])
    for label in ("nonsense", drums[0]["digital_code"][:-3] + "998"):
        assert (await owner.get("/stores/moving/look", params={"label": label})).json()["known"] is False
    wrong = {"labels": f"{drums[0]['digital_code']}\nnonsense", "store_id": second["id"]}
    refused = await owner.send_form(here, wrong, page=here)
    assert (refused.status_code, drums[0]["digital_code"] in refused.text) == (422, True)
    unknown = {"labels": drums[0]["digital_code"][:-3] + "997", "store_id": second["id"]}
    assert (await owner.send_form(here, unknown, page=here)).status_code == 422
    assert (await owner.send_form(here, {"labels": "", "store_id": second["id"]}, page=here)).status_code == 422
    labels = "\n".join(drum["digital_code"] for drum in (*drums, drums[0]))
    done = await owner.send_form(here, {"labels": labels, "store_id": second["id"]}, page=here)
    assert (done.status_code, done.headers["location"]) == (303, here)
    for drum in drums:
        now = (await (await trade.shipper()).get(f"/api/v1/containers/{drum['id']}")).json()
        assert now["store_id"] == second["id"]
    assert (await (await trade.served.page_visitor("stranger")).get(here)).status_code == 404
    assert (await owner.get("/stores/moving?site=nowhere")).status_code == 404


async def test_the_label_of_a_zone_leads_to_it(trade: Trade) -> None:
    _, zone, _ = await two_zones(trade)
    owner = await trade.served.page_visitor("owner")
    printed = await owner.get(f"/stores/{zone['id']}/label.pdf")
    assert printed.headers["content-type"] == "application/pdf"
    picture = pypdfium2.PdfDocument(io.BytesIO(printed.content))[0].render(scale=3).to_pil()
    (code,) = zxingcpp.read_barcodes(picture.convert("L"))
    assert code.text.endswith(f"/stores/{zone['id']}")
    assert (
        await (await trade.served.page_visitor("stranger")).get(f"/stores/{zone['id']}/label.pdf")
    ).status_code == 404


async def test_a_scan_of_a_count_says_what_was_found(trade: Trade) -> None:
    facility, first, _ = await two_zones(trade)
    drum = await stored(trade, first)
    elsewhere = await trade.labelled()
    here = f"/stock-takes/{await begun(trade, facility['id'])}"
    owner = await trade.served.page_visitor("owner")

    async def scan(label: str) -> dict[str, Any]:
        answer = await owner.send_form(f"{here}/scan", {"label": label}, page=here)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    page = (await owner.get(f"{here}?lang=en")).text
    assert re.search(r"<span data-found>0</span> / <span data-expected>1</span>", page)
    found = await scan(drum["digital_code"])
    assert (found["kind"], found["store"]) == ("found", first["id"])
    assert (await scan(elsewhere["digital_code"]))["kind"] == "elsewhere"
    assert (await scan(drum["digital_code"][:-3] + "996"))["kind"] == "unknown"
    unreadable = await scan("not a label")
    assert (unreadable["kind"], bool(unreadable["words"])) == ("unreadable", True)
    page = (await owner.get(here)).text
    assert re.search(r"<span data-found>1</span> / <span data-expected>1</span>", page)
    assert page.count("not expected here") > 1
    assert (await owner.send_form(f"{here}/finish", {}, page=here)).status_code == 303
    assert 'id="counting"' not in (await owner.get(here)).text


async def test_a_count_takes_the_reading_of_a_scale_without_script(trade: Trade) -> None:
    facility, first, _ = await two_zones(trade)
    drum = await stored(trade, first)
    here = f"/stock-takes/{await begun(trade, facility['id'])}"
    program, owner = await trade.served.api_visitor("owner"), await trade.served.page_visitor("owner")
    scale = {
        "site_id": str(trade.world.generator.site.id),
        "serial": f"PS-{new_id()}",
        "name": "盘点秤",
        "verified_on": "2025-06-01",
        "verified_until": "2099-05-31",
    }
    made = await sent(program, "/scales", scale, expect=201)
    reading = new_id()
    await program.send_json(f"/api/v1/scales/{made['id']}/readings", {"gross_g": 199_000}, key=reading)
    assert str(reading) in (await owner.get(here)).text, "it is offered as a choice"
    fields = {"label": drum["digital_code"], "gross": "", "method": "platform_scale", "reading_id": str(reading)}
    assert (await owner.send_form(here, fields, page=here)).status_code == 303
    assert "179" in (await owner.get(here)).text
    again = {**fields, "label": (await stored(trade, first))["digital_code"]}
    assert (await owner.send_form(here, again, page=here)).status_code == 422


async def test_the_plant_sees_its_day_and_others_do_not(trade: Trade) -> None:
    waiting, coming = await trade.labelled(), await trade.labelled()
    here = await trade.arrived(waiting)
    await trade.filed(coming)
    gate = await trade.served.page_visitor("gate")
    for path in ("/plant", "/"):
        page = (await gate.get(f"{path}?lang=en")).text
        for words in ("Coming today", "Room in the stores", "Batches that run", f"/gate/{here}"):
            assert words in page, (path, words)
    assert "今日到货" in (await gate.get("/plant?lang=zh")).text
    for login in ("owner", "driver", "inspector"):
        assert (await (await trade.served.page_visitor(login)).get("/plant")).status_code == 404, login
    assert "Coming today" not in (await (await trade.served.page_visitor("owner")).get("/?lang=en")).text


async def test_the_use_of_permits_is_a_page_a_table_and_an_answer(trade: Trade) -> None:
    await trade.received(await trade.labelled())
    plant = str(trade.world.receiver.id)
    gate = await trade.served.page_visitor("gate")
    page = (await gate.get("/permit-use?lang=en")).text
    assert "Use of the permits" in page
    assert "900-249-08" in page
    csv = await gate.get("/permit-use.csv?lang=zh")
    assert "900-249-08" in csv.text
    assert "12月" in csv.text
    assert (await gate.get("/permit-use.xlsx")).content[:2] == b"PK"
    assert (await gate.get("/permit-use?year=2001&lang=en")).text.count("No permit is valid in 2001.") == 1
    program = await trade.served.api_visitor("inspector")
    told = (await program.get(f"/api/v1/organisations/{plant}/permit-use?year={today().year}")).json()
    lines = [line for permit in told["items"] for line in permit["lines"] if line["codes"]]
    assert lines
    assert all(line["received_g"] == sum(sum(code["months_g"]) for code in line["codes"]) for line in lines)
    stranger = await trade.served.api_visitor("stranger")
    assert (await stranger.get(f"/api/v1/organisations/{plant}/permit-use")).status_code == 404
    foreign = await trade.served.page_visitor("stranger")
    assert (await foreign.get(f"/permit-use?organisation_id={plant}")).status_code == 404


class TestBatches:
    """The board, and what a batch leaves."""

    @pytest.fixture
    async def gate(self, trade: Trade) -> Visitor:
        return await trade.served.page_visitor("gate")

    async def test_a_batch_stands_on_the_board_while_it_runs(self, trade: Trade, gate: Visitor) -> None:
        drum = await trade.labelled()
        await trade.received(drum)
        fields = {
            "site_id": str(trade.world.receiver.site.id),
            "container_ids": drum["id"],
            "treatment": "R9",
            "treated_on": today().isoformat(),
            "recipe": f"R-{new_id().hex[-6:]}",
            "when": "begun",
        }
        made = await gate.send_form("/treatment", fields, page="/treatment/new")
        place = made.headers["location"]
        board = (await gate.get("/treatment?lang=en")).text
        assert f'href="{place}/finish"' in board
        assert fields["recipe"] in board
        await gate.send_form(f"{place}/withdrawal", {"reason": "故障"}, page=f"{place}/finish")
        assert f'href="{place}/finish"' not in (await gate.get("/treatment?lang=en")).text

    async def test_residues_are_labelled_from_the_batch(self, trade: Trade, gate: Visitor) -> None:
        drum = await trade.labelled()
        await trade.received(drum)
        fields = {
            "site_id": str(trade.world.receiver.site.id),
            "container_ids": drum["id"],
            "treatment": "D10",
            "treated_on": today().isoformat(),
            "waste_code": "772-003-18",
            "form": "solid",
            "packaging": "big_bag",
            "volume_l": "1000",
            "gross": "24.5",
            "tare": "2",
        }
        place = (await gate.send_form("/treatment", fields, page="/treatment/new")).headers["location"]
        page = (await gate.get(f"{place}?lang=en")).text
        assert "Print the labels now" in page
        printed = await gate.send_form(f"{place}/labels", {}, page=place)
        assert printed.status_code == 303
        assert (await gate.get(printed.headers["location"])).content[:5] == b"%PDF-"
        page = (await gate.get(place)).text
        assert "Print the labels now" not in page
        again = await gate.send_form(f"{place}/labels", {}, page=place)
        assert (again.status_code, again.headers["location"]) == (303, place)
        stranger = await trade.served.page_visitor("stranger")
        assert (await stranger.send_form(f"{place}/labels", {}, page="/account")).status_code == 404
