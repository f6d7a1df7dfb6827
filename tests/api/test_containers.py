"""Containers over HTTP: weighed again, stored, repacked, printed."""

import io

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from tests.support.trade import API, Trade, asked, refused, sent, today


async def test_a_drum_weighed_again_changes_the_books_by_the_difference(trade: Trade) -> None:
    drum = await trade.labelled()
    again = {"gross_g": 199_000, "tare_g": 20_000, "method": "platform_scale", "scale_id": "PS-1"}
    weighed = await sent(await trade.shipper(), f"/containers/{drum['id']}/weighing", again)
    assert weighed["container"]["net_g"] == 179_000
    events = (await asked(await trade.shipper(), f"/containers/{drum['id']}/history"))["events"]
    assert [event["kind"] for event in events] == ["container_labelled", "container_weighed"]
    assert sorted(posting["g"] for posting in events[1]["postings"]) == [-1_000, 1_000]


async def test_two_drums_become_one_tank_that_knows_where_it_comes_from(trade: Trade) -> None:
    shipper = await trade.shipper()
    first, second = await trade.labelled(), await trade.labelled()
    tank = {
        "packaging": "tank",
        "volume_l": 1000,
        "gross_g": 459_000,
        "tare_g": 100_000,
        "method": "platform_scale",
    }
    merged = {"from_ids": [first["id"], second["id"]], "into": [tank], "repacked_on": today().isoformat()}
    problem = await refused(shipper, "/containers/repacking", merged, "difference_unexplained")
    assert problem["errors"][0]["field"] == "loss_reason"
    made = await sent(shipper, "/containers/repacking", {**merged, "loss_reason": "桶底残留"}, expect=201)
    (new,) = made["containers"]
    shown = await asked(shipper, f"/containers/{new['id']}")
    assert {one["id"] for one in shown["came_from"]} == {first["id"], second["id"]}
    emptied = await asked(shipper, f"/containers/{first['id']}")
    assert (emptied["state"], emptied["went_into"][0]["kind"]) == ("emptied", "merged")


async def test_wastes_of_two_codes_are_not_mixed(trade: Trade) -> None:
    oil, sludge = await trade.labelled(), await trade.labelled(waste_code="336-064-17", hazards=["T", "C"])
    tank = {"packaging": "tank", "volume_l": 1000, "gross_g": 460_000, "tare_g": 100_000, "method": "platform_scale"}
    body = {"from_ids": [oil["id"], sludge["id"]], "into": [tank], "repacked_on": today().isoformat()}
    problem = await refused(await trade.shipper(), "/containers/repacking", body, "codes_mixed")
    assert problem["errors"][0]["article"] == "固废法 art. 81"


async def test_the_symbol_on_the_screen_is_read_by_an_independent_decoder(trade: Trade) -> None:
    drum = await trade.labelled()
    shipper = await trade.shipper()
    png = await shipper.get(f"{API}/containers/{drum['id']}/qr.png?scale=6")
    assert png.headers["content-type"] == "image/png"
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png.content)))
    assert found.text == trade.label_text(drum)
    svg = await shipper.get(f"{API}/containers/{drum['id']}/qr.svg")
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert drum["digital_code"] in svg.text


@pytest.mark.parametrize(("paper", "pages"), [("single", 3), ("a4-four", 1), ("a4-tags", 1)])
async def test_many_labels_are_printed_in_the_order_asked_for(trade: Trade, paper: str, pages: int) -> None:
    drums = [await trade.labelled(volume_l=50, gross_g=60_000) for _ in range(3)]
    body = {"container_ids": [drum["id"] for drum in drums], "paper": paper}
    printed = await (await trade.shipper()).post(f"{API}/containers/labels.pdf", json=body)
    assert printed.status_code == 200, printed.text
    assert len(PdfReader(io.BytesIO(printed.content)).pages) == pages


async def test_a_large_container_s_label_does_not_shrink_onto_a_sheet(trade: Trade) -> None:
    drum = await trade.labelled()
    body = {"container_ids": [drum["id"]], "paper": "a4-four"}
    problem = await refused(await trade.shipper(), "/containers/labels.pdf", body, "label_too_large")
    assert problem["errors"][0]["value"] == drum["digital_code"]


async def test_a_store_takes_no_more_than_its_limit(trade: Trade) -> None:
    heavy = await trade.labelled(packaging="tank", volume_l=20_000, gross_g=20_600_000, tare_g=500_000)
    body = {"container_ids": [heavy["id"]], "store_id": str(trade.world.store_id)}
    problem = await refused(await trade.shipper(), "/containers/storing", body, "store_full")
    assert problem["errors"][0]["article"] == "GB 18597-2023"


async def test_treatment_leaves_residues_that_are_waste_again(trade: Trade) -> None:
    drum = await trade.labelled()
    await trade.received(drum)
    ash = {
        "waste_code": "772-003-18",
        "waste_name": "焚烧飞灰",
        "form": "solid",
        "hazards": ["T"],
        "packaging": "big_bag",
        "volume_l": 1000,
        "gross_g": 24_500,
        "tare_g": 2_000,
        "method": "platform_scale",
    }
    batch = {
        "site_id": str(trade.world.receiver.site.id),
        "container_ids": [drum["id"]],
        "method": "D10",
        "treated_on": today().isoformat(),
        "residues": [ash],
    }
    treated = await sent(await trade.gate(), "/treatments", batch, expect=201)
    assert (treated["batch"]["input_g"], treated["batch"]["residue_g"]) == (180_000, 22_500)
    assert [one["waste_code"] for one in treated["residues"]] == ["772-003-18"]
    assert treated["batch"]["id"] == treated["log"]["event_id"]
    wrong = {**batch, "method": "R1"}
    await sent(await trade.gate(), "/treatments", wrong, expect=409)
