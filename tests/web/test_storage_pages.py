"""Pages of stores, stock-takes, opening stock, other codes and extensions: who gets in, what a form does, refusals."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.served import Served, Visitor
from tests.support.stored import a_site, a_store, begun
from tests.support.trade import Trade, asked, sent, today
from tests.support.visible import words
from tests.support.wire import on_the_wire
from tests.support.world import OIL


async def shown(browser: Visitor, path: str, *, language: str = "en") -> str:
    """A page in a language; the browser keeps to it."""
    answered = await browser.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert answered.status_code == 200, f"{path}: {answered.status_code} {answered.text[:400]}"
    return str(answered.text)


@pytest.mark.parametrize("login", ["owner", "filer", "viewer"])
async def test_the_stores_open_for_their_firm(served: Served, login: str) -> None:
    visitor = await served.page_visitor(login)
    assert "What must leave, by day" in await shown(visitor, "/stores")
    assert "到期清单" in await shown(visitor, "/stores", language="zh")


async def test_another_s_stock_is_not_found(trade: Trade) -> None:
    served, site_id = trade.served, trade.world.generator.site.id
    store = await a_store(trade)
    take_id = await begun(trade, store["id"])
    stranger = await served.page_visitor("stranger")
    for path in (
        f"/stores?site={site_id}",
        f"/stores/due?site={site_id}",
        f"/stores/{store['id']}",
        f"/stores/{store['id']}/change",
        f"/stock-takes/{take_id}",
        f"/sites/{site_id}/stock-takes",
        f"/sites/{site_id}/storage-extensions",
    ):
        assert (await stranger.get(path)).status_code == 404, path
    assert (await stranger.get(f"/sites/{site_id}/opening-stock")).status_code == 403
    inspector = await served.page_visitor("inspector")
    for path in (f"/stores?site={site_id}", f"/stores/{store['id']}", f"/stock-takes/{take_id}"):
        assert (await inspector.get(path)).status_code == 200, path


async def test_a_store_is_added_with_a_zone_filled_changed_and_closed(trade: Trade) -> None:
    owner, site_id = await trade.served.page_visitor("owner"), str(trade.world.generator.site.id)
    code = (await a_store(trade))["code"][:-1]
    await shown(owner, "/stores")
    form = {"code": code, "name": "甲类库", "limit": "2", "kind": "warehouse", "containment_l": "150", "parent_id": ""}
    adding = f"/sites/{site_id}/stores/new"
    odd = await owner.send_form(adding, {**form, "facility_code": "库1"}, page=adding)
    assert odd.status_code == 422
    assert "is not the code of a facility" in odd.text
    assert (await owner.send_form(adding, form, page=adding)).status_code == 303
    (store,) = [
        one for one in (await asked(await trade.shipper(), f"/sites/{site_id}/stores"))["items"] if one["code"] == code
    ]
    drum = await trade.labelled()
    here = f"/containers/{drum['id']}"
    spilling = await owner.send_form(f"{here}/storing", {"store_id": store["id"]}, page=here)
    assert spilling.status_code == 422
    assert "must hold 200 L" in spilling.text
    changing = f"/stores/{store['id']}/change"
    assert 'value="150"' in await shown(owner, changing)
    changed = await owner.send_form(changing, {**form, "containment_l": "400"}, page=changing)
    assert changed.status_code == 303, changed.text
    assert (await owner.send_form(f"{here}/storing", {"store_id": store["id"]}, page=here)).status_code == 303
    page = words(await shown(owner, f"/stores/{store['id']}"))
    for said in ("180 kg of 2 t", "400 L", "200 L needed", "suffices", OIL):
        assert said in page, said
    refused = await owner.send_form(f"/stores/{store['id']}/close", {}, page=changing)
    assert refused.status_code == 422
    assert "still holds 180 kg" in refused.text
    listing = await shown(owner, f"/containers?store={store['id']}")
    assert drum["digital_code"][26:34] in listing
    assert "days left" in listing
    zone = {**form, "code": f"{code}A", "parent_id": store["id"]}
    assert (await owner.send_form(adding, zone, page=adding)).status_code == 303
    assert f"{code}A" in await shown(owner, f"/stores?site={site_id}")


async def test_a_count_is_begun_scanned_and_finished(trade: Trade) -> None:
    owner, site_id = await trade.served.page_visitor("owner"), str(trade.world.generator.site.id)
    store = await a_store(trade)
    here, gone = [await trade.labelled(store_id=store["id"]) for _ in range(2)]
    listing = f"/sites/{site_id}/stock-takes"
    await shown(owner, listing)
    started = await owner.send_form(listing, {"store_id": store["id"]}, page=listing)
    assert started.status_code == 303, started.text
    address = str(started.headers["location"])
    again = await owner.send_form(listing, {"store_id": store["id"]}, page=listing)
    assert again.status_code == 409
    assert "is open since" in again.text
    assert "2 of those in the books" in await shown(owner, address)
    empty = await owner.send_form(address, {"label": ""}, page=address)
    assert empty.status_code == 422
    noted = await owner.send_form(address, {"label": here["digital_code"], "gross": "199.5"}, page=address)
    assert noted.status_code == 303, noted.text
    assert "账面尚有1个容器未找到" in await shown(owner, address, language="zh")
    assert "1 of those in the books" in await shown(owner, address)
    finished = await owner.send_form(f"{address}/finish", {}, page=address)
    assert finished.status_code == 303, finished.text
    report = await shown(owner, address)
    assert "Weighed different" in report
    assert "Missing" in report
    assert gone["digital_code"][34:] in report


async def test_old_stock_is_entered_and_declared_complete(trade: Trade) -> None:
    owner, site_id = await trade.served.page_visitor("owner"), await a_site(trade)
    path = f"/sites/{site_id}/opening-stock"
    await shown(owner, path)
    form: dict[str, Any] = {
        "waste_code": OIL,
        "waste_name": "",
        "form": "liquid",
        "packaging": "drum",
        "volume_l": "200",
        "gross": "200",
        "tare": "20",
        "method": "platform_scale",
        "generated_on": "2023-04-05",
        "store_id": "",
        "compatibility": "",
    }
    entered = await owner.send_form(path, form, page=path)
    assert entered.status_code == 303, entered.text
    page = await shown(owner, str(entered.headers["location"]))
    assert "overdue" in page
    assert (await owner.send_form(f"{path}/close", {}, page=path)).status_code == 303
    late = await owner.send_form(path, form, page=path)
    assert late.status_code == 422
    assert "was declared complete" in late.text
    assert (await owner.send_form(path, {**form, "reason": "清库时发现"}, page=path)).status_code == 303
    due = await shown(owner, f"/stores/due?site={site_id}")
    assert due.count("overdue") >= 2
    assert "have stood a year, or nearly" in await shown(owner, "/")


async def test_waste_gets_another_code(trade: Trade) -> None:
    owner = await trade.served.page_visitor("owner")
    drum = await trade.labelled(waste_code="900-006-09", waste_name="废乳化液", hazards=["T"])
    path = f"/containers/{drum['id']}/recode"
    await shown(owner, path)
    form = {"waste_code": OIL, "waste_name": "", "form": "liquid", "compatibility": "", "reason": ""}
    silent = await owner.send_form(path, form, page=path)
    assert silent.status_code == 422
    assert "Say why the waste gets another code." in silent.text
    made = await owner.send_form(path, {**form, "reason": "鉴别报告"}, page=path)
    assert made.status_code == 303, made.text
    assert "came from" in await shown(owner, str(made.headers["location"]))
    other = (await trade.labelled())["id"]
    assert (await (await trade.served.page_visitor("viewer")).get(f"/containers/{other}/recode")).status_code == 403


async def test_an_extension_is_recorded_by_the_approver(trade: Trade) -> None:
    approver, site_id = await trade.served.page_visitor("approver"), await a_site(trade)
    path = f"/sites/{site_id}/storage-extensions"
    form = {"waste_code": "", "until": today().isoformat(), "document": "烟环函12号", "reason": "检修"}
    past = await approver.send_form(path, form, page=path)
    assert past.status_code == 422
    until = (today() + timedelta(days=500)).isoformat()
    assert (await approver.send_form(path, {**form, "until": until}, page=path)).status_code == 303
    page = await shown(await trade.served.page_visitor("owner"), path)
    assert until in page
    assert "Grant an extension" not in page


async def test_the_pages_cost_the_same_statements_however_much_stands_there(trade: Trade) -> None:
    owner, site_id = await trade.served.page_visitor("owner"), await a_site(trade)
    store = await sent(
        await trade.shipper(),
        f"/sites/{site_id}/stores",
        {"code": "TS001", "name": "库", "limit_g": 9_000_000},
        expect=201,
    )
    paths = (
        f"/stores?site={site_id}",
        f"/stores/due?site={site_id}",
        f"/stores/{store['id']}",
        f"/containers?site={site_id}",
    )

    async def cost(path: str) -> int:
        await owner.get(path)
        with on_the_wire(trade.app.state.engine) as statements:
            assert (await owner.get(path)).status_code == 200
        return len(statements)

    await trade.labelled(site_id=site_id, store_id=store["id"])
    few = [await cost(path) for path in paths]
    for _ in range(3):
        await trade.labelled(site_id=site_id, store_id=store["id"])
    assert [await cost(path) for path in paths] == few
