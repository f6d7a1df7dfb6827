"""Storage over the API: rooms of stores, what may stand there, terms, counts, old stock, other codes."""

import csv
from datetime import timedelta

import httpx2

from tests.support.served import Visitor
from tests.support.stored import a_site, a_store, begun
from tests.support.trade import API, Trade, asked, sent, today
from tests.support.wire import on_the_wire
from tests.support.world import OIL
from wastetrack.ids import new_id


async def test_a_store_tells_its_room_what_stands_there_and_how_long(trade: Trade) -> None:
    shipper = await trade.shipper()
    room = {"kind": "warehouse", "facility_code": "TS001", "containment_l": 500, "area_m2": 80}
    store = await a_store(trade, room=room)
    assert {name: store[name] for name in room} == room
    zone = await a_store(trade, room={"kind": "zone", "parent_id": store["id"], "containment_l": 300})
    await trade.labelled(store_id=zone["id"])
    whole = await asked(shipper, f"/stores/{store['id']}")
    assert (whole["net_g"], whole["containers"], whole["containment_needed_l"]) == (180_000, 1, 200)
    assert [one["id"] for one in whole["zones"]] == [zone["id"]]
    (kind,) = whole["kinds"]
    assert (kind["waste_code"], kind["classes"], kind["oldest"]) == (OIL, ["flammable"], today().isoformat())
    assert whole["clock"]["kind"] == "year"
    listed = await asked(shipper, f"/sites/{store['site_id']}/stores")
    assert store["id"] in [one["id"] for one in listed["items"]]
    acid = trade.drum(waste_code="900-300-34", waste_name="废酸", hazards=["C", "T"], store_id=zone["id"])
    problem = await sent(shipper, "/containers", acid, expect=422)
    (error,) = problem["errors"]
    assert (error["code"], error["field"]) == ("incompatible", "store_id")
    assert "酸类" in error["message_zh"]
    assert error["article"].startswith("GB 18597-2023 6.1.2")
    neutral = await sent(shipper, "/containers", {**acid, "compatibility": "inert"}, expect=201)
    assert neutral["container"]["compatibility"] == "inert"


async def test_a_store_is_put_anew_and_closed(trade: Trade) -> None:
    shipper, stranger = await trade.shipper(), await trade.stranger()
    store = await a_store(trade)
    body = {"code": store["code"], "name": "新库", "limit_g": 5_000_000, "room": {"kind": "spot"}}
    path = f"{API}/stores/{store['id']}"

    async def put(who: Visitor) -> httpx2.Response:
        headers = {"Idempotency-Key": str(new_id()), "Authorization": f"Bearer {who.bearer}"}
        return await who.http.put(path, json=body, headers=headers)

    assert (await put(stranger)).status_code == 404
    changed = await put(shipper)
    assert changed.status_code == 200, changed.text
    assert changed.json()["store"]["kind"] == "spot"
    assert (await asked(shipper, f"/stores/{store['id']}"))["may_hold_g"] == 3_000_000
    await sent(shipper, f"/stores/{store['id']}/closing", {})
    refused = await sent(shipper, "/containers", trade.drum(store_id=store["id"]), expect=422)
    assert refused["errors"][0]["code"] == "store_closed"


async def test_containers_say_how_long_they_may_stand_in_lists_and_tables(trade: Trade) -> None:
    shipper = await trade.shipper()
    store = await a_store(trade)
    drum = await trade.labelled(store_id=store["id"])
    (clock,) = (await asked(shipper, f"/containers/{drum['id']}"))["clocks"]
    assert clock["kind"] == "year"
    assert clock["days_left"] in {365, 366}
    (listed,) = (await asked(shipper, f"/containers?store_id={store['id']}"))["items"]
    assert listed["clocks"] == [clock]
    table = await shipper.get(f"{API}/containers.csv?store_id={store['id']}")
    heading, row = csv.reader(table.text.removeprefix("\ufeff").splitlines())
    assert heading[-2:] == ["May stand until", "Days left"]
    assert row[-2:] == [clock["due_on"], str(clock["days_left"])]
    await trade.labelled(store_id=store["id"])
    sizes = set()
    for limit in (1, 2):
        path = f"{API}/containers?store_id={store['id']}&limit={limit}"
        await shipper.get(path)
        with on_the_wire(trade.app.state.engine) as statements:
            await shipper.get(path)
        sizes.add(len(statements))
    assert sizes == {2}


async def test_a_store_costs_the_gate_two_statements_however_much_stands_there(trade: Trade) -> None:
    drums = [await trade.labelled() for _ in range(5)]
    manifest_id = await trade.arrived(*drums)
    keeper = await trade.gate()
    store_id = str(trade.world.receiver_store_id)
    counts = []
    for drum, chosen in zip(drums, (None, None, store_id, store_id, store_id), strict=True):
        scan = {"label": drum["digital_code"], "gross_g": 200_000, "store_id": chosen}
        with on_the_wire(trade.app.state.engine) as statements:
            await sent(keeper, f"/manifests/{manifest_id}/scans", scan, expect=201)
        counts.append(len(statements))
    without = counts[1]  # the first finds nothing prepared
    assert counts[2:] == [without + 2] * 3


async def test_a_count_from_the_beginning_to_the_books(trade: Trade) -> None:
    shipper = await trade.shipper()
    store = await a_store(trade)
    seen, gone = [await trade.labelled(store_id=store["id"]) for _ in range(2)]
    take_id = await begun(trade, store["id"])
    again = await sent(shipper, f"/sites/{store['site_id']}/stock-takes", {"store_id": store["id"]}, expect=409)
    assert again["code"] == "stock_take_open"
    line = await sent(
        shipper,
        f"/stock-takes/{take_id}/counting",
        {"label": seen["digital_code"], "gross_g": 199_000, "scale_id": "PS-1"},
    )
    assert (line["expected"], line["book_g"], line["outcome"]) == (True, 180_000, None)
    await sent(shipper, f"/stock-takes/{take_id}/finishing", {})
    whole = await asked(shipper, f"/stock-takes/{take_id}")
    assert whole["state"] == "finished"
    outcomes = {one["container_id"]: one["outcome"] for one in whole["lines"]}
    assert outcomes == {seen["id"]: "weighed_different", gone["id"]: "missing"}
    assert (await asked(shipper, f"/containers/{gone['id']}"))["state"] == "lost"
    kinds = [one["kind"] for one in (await asked(shipper, f"/containers/{gone['id']}/history"))["events"]]
    assert kinds[-1] == "container_counted"
    report = await asked(await trade.inspector(), f"/stock-takes/{take_id}")
    assert report["lines"] == whole["lines"]
    listed = await asked(shipper, f"/sites/{store['site_id']}/stock-takes")
    assert take_id in [one["id"] for one in listed["items"]]
    ended = await sent(shipper, f"/stock-takes/{take_id}/dropping", {}, expect=409)
    assert ended["code"] == "stock_take_ended"


async def test_old_stock_until_the_opening_is_closed(trade: Trade) -> None:
    shipper = await trade.shipper()
    site_id = await a_site(trade)
    old = trade.drum(generated_on="2024-06-01")
    del old["site_id"]
    path = f"/sites/{site_id}/opening-stock"
    entered = await sent(shipper, path, old, expect=201)
    assert entered["container"]["generated_on"] == "2024-06-01"
    clocks = (await asked(shipper, f"/containers/{entered['container']['id']}"))["clocks"]
    assert [(clock["due_on"], clock["overdue"]) for clock in clocks] == [("2025-06-01", True)]
    await sent(shipper, f"{path}/closing", {})
    assert (await sent(shipper, f"{path}/closing", {}, expect=409))["code"] == "opening_closed"
    assert (await sent(shipper, path, old, expect=422))["errors"][0]["code"] == "opening_closed"
    await sent(shipper, path, {**old, "reason": "清库时发现"}, expect=201)


async def test_recoded_content_stands_under_a_new_code(trade: Trade) -> None:
    shipper = await trade.shipper()
    drum = await trade.labelled(waste_code="900-006-09", waste_name="废乳化液", hazards=["T"])
    body = {"waste_code": OIL, "waste_name": "废矿物油", "form": "liquid", "hazards": ["T", "I"], "reason": "鉴别报告"}
    key = new_id()
    made = await sent(shipper, f"/containers/{drum['id']}/recoding", body, expect=201, key=key)
    repeated = await sent(shipper, f"/containers/{drum['id']}/recoding", body, expect=201, key=key)
    assert repeated == made
    new = made["container"]
    assert (new["waste_code"], new["net_g"], new["generated_on"]) == (OIL, 180_000, drum["generated_on"])
    before = await asked(shipper, f"/containers/{drum['id']}")
    assert (before["state"], [one["kind"] for one in before["went_into"]]) == ("emptied", ["recoded"])


async def test_an_extension_is_the_approver_s_and_moves_the_term(trade: Trade) -> None:
    shipper, approver = await trade.shipper(), await trade.served.api_visitor("approver")
    site_id = await a_site(trade)
    until = (today() + timedelta(days=500)).isoformat()
    body = {"until": until, "document": "烟环函〔2026〕12号", "reason": "接收单位检修"}
    path = f"/sites/{site_id}/storage-extensions"
    assert (await sent(shipper, path, body, expect=403))["code"] == "may_not_extend_storage"
    await sent(approver, path, body, expect=201)
    (extension,) = (await asked(shipper, path))["items"]
    assert (extension["until"], extension["waste_code"]) == (until, None)
    drum = await trade.labelled(site_id=site_id)
    (clock,) = (await asked(shipper, f"/containers/{drum['id']}"))["clocks"]
    assert clock["due_on"] == until
