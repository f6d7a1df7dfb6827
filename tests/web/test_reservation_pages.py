"""Finding a receiver, reservations and terms on pages, in both languages."""

from datetime import timedelta

from tests.support.approvals import agree
from tests.support.trade import Trade, today
from tests.support.world import OIL
from wastetrack import clock
from wastetrack.capacity.offering import OfferOrder
from wastetrack.capacity.roads import RoadLine, UploadRoads
from wastetrack.capacity.uploading_roads import upload_roads
from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.db.session import writing
from wastetrack.i18n import english_label, translate_in
from wastetrack.manifests.reservations import ReservationState
from wastetrack.plans.model import ReceiverKind, TransferKind


async def test_terms_are_published_and_shown_again(trade: Trade) -> None:
    plant = await trade.served.page_visitor("receiver")
    site = str(trade.world.receiver.site.id)
    assert "接收条件" in (await plant.get("/intake")).text
    fields = {
        "site_id": site,
        "is_open": "true",
        "hold_days": "40",
        "most": "",
        "note": "桶装，工作日 8:00–16:00",
        "items.0.pattern": "HW8",
        "items.0.method": "",
        "items.0.yuan_per_t": "1200.00",
        "items.2.pattern": "HW17",
        "items.2.method": "D10",
        "items.2.yuan_per_t": "zwei",
    }
    unread = await plant.send_form("/intake", fields, page="/intake")
    assert unread.status_code == 422
    assert 'href="#f-items-2-yuan_per_t"' in unread.text
    fields["items.2.yuan_per_t"] = "-80.5"
    refused = await plant.send_form("/intake", fields, page="/intake")
    assert refused.status_code == 422
    for field in ("f-hold_days", "f-items-0-pattern"):
        assert f'href="#{field}"' in refused.text, field
    fields |= {"hold_days": "7", "items.0.pattern": "HW08"}
    made = await plant.send_form("/intake", fields, page="/intake")
    assert made.status_code == 303, made.text
    again = (await plant.get(made.headers["location"])).text
    for told in ('value="HW08"', 'value="1200.00"', 'value="-80.50"', "桶装，工作日", "接受预约"):
        assert told in again, told
    maker = await trade.served.page_visitor("owner")
    assert "没有接收他人废物的场所" in (await maker.get("/intake")).text


async def test_free_days_are_named_and_taken_back(trade: Trade) -> None:
    await opened(trade)
    plant = await trade.served.page_visitor("receiver")
    site, day = str(trade.world.receiver.site.id), (today() + timedelta(days=9)).isoformat()
    wrong = await plant.send_form("/intake/days", {"site_id": site, f"free.{day}": "viel"}, page="/intake/days")
    assert wrong.status_code == 422
    assert f'href="#f-free-{day}"' in wrong.text
    made = await plant.send_form("/intake/days", {"site_id": site, f"free.{day}": "12.5"}, page="/intake/days")
    assert made.status_code == 303
    shown = (await plant.get("/intake/days?lang=en")).text
    assert f'name="free.{day}" value="12.5"' in shown
    assert shown.count('name="free.') == jurisdiction().planning_days.value + 1
    await plant.send_form("/intake/days", {"site_id": site, f"free.{day}": ""}, page="/intake/days")
    assert f'name="free.{day}" value=""' in (await plant.get("/intake/days")).text


async def test_a_generator_finds_reserves_files_and_gives_up(trade: Trade) -> None:
    await opened(trade)
    await trade.labelled()
    maker = await trade.served.page_visitor("owner")
    site = str(trade.world.generator.site.id)
    begin = (await maker.get(f"/receivers?site_id={site}")).text
    assert f"waste_code={OIL}" in begin, "what stands there is one click away"
    day = (today() + timedelta(days=3)).isoformat()
    address = f"/receivers?site_id={site}&waste_code={OIL}&mass=0.5&on={day}&method=&order=distance"
    found = (await maker.get(address)).text
    for told in ("能接收", "许可证剩余量", "1,200.00", "有合同"):
        assert told in found, told
    wrong = await maker.get(f"/receivers?site_id={site}&waste_code=900-998-08&mass=0.5")
    assert wrong.status_code == 422
    assert 'href="#f-waste_code"' in wrong.text
    receiver_site = str(trade.world.receiver.site.id)
    fields = {
        "site_id": site,
        "receiver_site_id": receiver_site,
        "waste_code": OIL,
        "method": "D10",
        "mass": "0.5",
        "on": day,
    }
    too_much = await maker.send_form("/receivers", fields | {"mass": "5000"}, page=address)
    assert too_much.status_code == 422
    assert "剩余" in too_much.text
    made = await maker.send_form("/receivers", fields, page=address)
    assert made.status_code == 303, made.text
    here = made.headers["location"]
    page = (await maker.get(here)).text
    assert "保留中" in page
    assert f"/manifests/new?reservation={here.rpartition('/')[2]}" in page
    assert here in (await maker.get("/")).text, "the duty stands on the first page"
    plan = (await maker.get(f"/manifests/new?reservation={here.rpartition('/')[2]}")).text
    assert f'value="{receiver_site}" selected' in plan
    assert f'value="{day}"' in plan
    plant = await trade.served.page_visitor("receiver")
    assert here in (await plant.get("/reservations")).text
    assert "不予保留" in (await plant.get(here)).text
    silent = await maker.send_form(f"{here}/give-up", {"reason": ""}, page=here)
    assert silent.status_code == 422
    ended = await maker.send_form(f"{here}/give-up", {"reason": "自行利用"}, page=here)
    assert ended.status_code == 303
    told = (await plant.get(f"{here}?lang=en")).text
    assert "Given up" in told
    assert "自行利用" in told
    assert (await (await trade.served.page_visitor("stranger")).get(here)).status_code == 404


async def test_the_receiver_declines_and_the_generator_reads_why(trade: Trade) -> None:
    await opened(trade)
    maker, plant = await trade.served.page_visitor("owner"), await trade.served.page_visitor("receiver")
    fields = {
        "site_id": str(trade.world.generator.site.id),
        "receiver_site_id": str(trade.world.receiver.site.id),
        "waste_code": OIL,
        "method": "D10",
        "mass": "0.2",
        "on": today().isoformat(),
    }
    here = (await maker.send_form("/receivers", fields, page="/receivers")).headers["location"]
    ended = await plant.send_form(f"{here}/decline", {"reason": "设备检修"}, page=here)
    assert ended.status_code == 303, ended.text
    assert "设备检修" in (await maker.get(here)).text
    assert here in (await maker.get("/")).text


async def test_who_may_not_file_does_not_find(trade: Trade) -> None:
    for login, path in (("viewer", "/receivers"), ("gate", "/intake"), ("inspector", "/receivers")):
        visitor = await trade.served.page_visitor(login)
        assert (await visitor.get(path)).status_code == 403, (login, path)


async def opened(trade: Trade) -> None:
    """The incinerator takes reservations for waste oil, at a price."""
    plant = await trade.served.page_visitor("receiver")
    fields = {
        "site_id": str(trade.world.receiver.site.id),
        "is_open": "true",
        "hold_days": "7",
        "items.0.pattern": "HW08",
        "items.0.yuan_per_t": "1200",
    }
    assert (await plant.send_form("/intake", fields, page="/intake")).status_code == 303


def test_states_and_orders_are_named_in_chinese() -> None:
    for one in (*ReservationState, *OfferOrder):
        english = english_label(one)
        assert translate_in(type(one).__name__, english, "zh") != english


async def test_a_receiver_without_a_permit_is_listed_with_the_reason(trade: Trade) -> None:
    world = trade.world
    async with writing(trade.served.owner) as session:
        exempt = ReceiverKind.EXEMPT_USER
        within = TransferKind.WITHIN
        await agree(session, world, world.stranger, OIL, methods=("R4",), kind=within, receiver_kind=exempt)
    maker, program = await trade.served.page_visitor("owner"), await trade.served.api_visitor("owner")
    address = f"site_id={world.generator.site.id}&waste_code={OIL}&method=R4"
    chinese = (await maker.get(f"/receivers?{address}&mass=4&lang=zh")).text
    for told in (
        "无需许可证：豁免清单第 8 项豁免该废物的利用环节",
        "不接受预约，请电话商定",
        "带“≈”的里程按大圆距离乘 1.3 估算",
    ):
        assert told in chinese, told
    english = (await maker.get(f"/receivers?{address}&mass=4&lang=en")).text
    assert "Needs no permit: item 8 of the exemption list frees 利用 of this waste" in english
    (found,) = [
        one
        for one in (await program.get(f"/api/v1/receiver-offers?{address}&mass_g=4000000")).json()["possible"]
        if one["site_id"] == str(world.stranger.site.id)
    ]
    assert (found["basis"], found["exemption"]["item"], found["by_road"]) == ("exempt", 8, False)
    assert (found["can_reserve"], found["approval_number"]) == (False, None)
    async with writing(trade.served.owner) as session:
        lines = (RoadLine(world.generator.site.region_code, world.stranger.site.id, 41.0),)
        await upload_roads(session, world.inspector, UploadRoads(lines=lines, reason="交通局"), at=clock.now())
    again = (await program.get(f"/api/v1/receiver-offers?{address}&mass_g=4000000")).json()["possible"]
    assert [(one["km"], one["by_road"]) for one in again if one["site_id"] == str(world.stranger.site.id)] == [
        (41, True)
    ]
    assert "41 km" in (await maker.get(f"/receivers?{address}&mass=4&lang=en")).text
