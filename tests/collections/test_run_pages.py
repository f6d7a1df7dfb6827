"""The run and its stops on pages without script, in both languages, for whoever drives."""

import asyncio
import io
from datetime import timedelta
from typing import Any

from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.served import PASSWORD, Visitor
from tests.support.statements import counted
from tests.support.trade import Trade, asked, sent, today
from tests.support.world import AT, TODAY, World, a_drum, filed
from tests.support.world import PASSWORD as PASSWORD_OF_WORLD
from wastetrack.auth.model import Role
from wastetrack.collections.model import StopKind
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.reports.run import RunStop, stops_of_day


async def test_the_stops_of_a_day_come_in_three_statements(
    town_session: WriteSession, town_engine: AsyncEngine, world: World
) -> None:
    driver = world.carrier.people[Role.DRIVER]
    found: list[RunStop] = []
    for stops in (1, 3):
        for _ in range(stops):
            await filed(town_session, world, [await a_drum(town_session, world)])
        with counted(town_engine) as sent_:
            found = await stops_of_day(town_session, driver, TODAY)
        assert len(sent_) <= 1, sent_  # and two that asyncpg asks
        assert {stop.kind for stop in found} == {StopKind.LOAD}
    assert len(found) == 4
    assert found[0].firm
    assert AT.date() == found[0].planned_on


async def called(trade: Trade, visitor: Visitor) -> str:
    """A call that is accepted for today by the carrier."""
    drum = await trade.labelled()
    body = {
        "site_id": str(trade.world.generator.site.id),
        "collector_id": str(trade.world.receiver.id),
        "container_ids": [drum["id"]],
    }
    call = (await sent(visitor, "/collection-calls", body, expect=201))["call"]
    accepted = {"planned_on": today().isoformat(), "carrier_id": str(trade.world.carrier.id)}
    await sent(await trade.receiver(), f"/collection-calls/{call['id']}/acceptance", accepted)
    return str(call["id"])


async def test_manifests_and_calls_are_stops_and_their_order_is_changed_by_buttons(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    call_id = await called(trade, await trade.shipper())
    driver = await trade.served.page_visitor("driver")
    page = (await driver.get("/run?lang=zh")).text
    stops = [f"load.{manifest_id}", f"call.{call_id}"]
    assert all(f'id="{stop}"' in page for stop in stops)
    assert "今日行程" in page
    assert "tel:" in page
    assert page.count("<h1") == 1
    assert f'id="load.{manifest_id}"' in (await driver.get("/")).text, "a driver's first page is the run"
    for way in ("down", "up"):
        fields: dict[str, Any] = {"order": stops, "stop": stops[0], "way": way}
        moved = await driver.send_form("/run/order", fields, page="/run")
        assert moved.status_code == 303, moved.text
        page = (await driver.get("/run")).text
        first = page.index(f'id="{stops[0]}"') < page.index(f'id="{stops[1]}"')
        assert first is (way == "up")
    english = (await driver.get("/run?lang=en")).text
    assert "Collect what was called for" in english
    await driver.get("/run?lang=zh")


async def test_a_stop_without_script_counts_and_leads_to_the_signature(trade: Trade) -> None:
    drums = [await trade.labelled() for _ in range(2)]
    manifest_id = await trade.filed(*drums)
    here = f"/run/stops/{manifest_id}"
    driver = await trade.served.page_visitor("driver")
    early = await driver.send_form(f"{here}/pick-up", {}, page=here)
    assert early.status_code == 422
    assert "还有 2 个未清点" in early.text
    answered = await driver.send_form(f"{here}/scans", {"label": drums[0]["digital_code"]}, page=here)
    assert answered.status_code == 303
    shown = (await driver.get(answered.headers["location"])).text
    assert "正确：在本联单上" in shown
    assert "1/2" in shown
    mark = {"container_id": drums[1]["id"], "found": "left", "reason": "未备妥"}
    await driver.send_form(f"{here}/marks", mark, page=here)
    behind = await driver.send_form(f"{here}/pick-up", {}, page=here)
    assert "仍在联单上" in behind.text
    assert "移出人签字人的登录名" in (await driver.get(here)).text
    mark["found"] = "unread"
    await driver.send_form(f"{here}/marks", mark, page=here)
    signed = await driver.sign_form(f"{here}/pick-up", {}, page=here)
    assert signed.headers["location"] == "/run"
    assert f'id="delivery.{manifest_id}"' in (await driver.get("/run")).text
    assert "报告到达" in (await driver.get(here)).text
    english = (await driver.get(f"{here}?lang=en")).text
    assert "Load list" in english
    await driver.get(f"{here}?lang=zh")
    nothing = await driver.send_form(f"{here}/scans", {"label": " "}, page=here)
    assert nothing.status_code == 422


async def test_the_run_is_for_who_carries(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    stranger = await trade.served.page_visitor("stranger")
    assert (await stranger.get(f"/run/stops/{manifest_id}")).status_code == 404
    viewer = await trade.served.page_visitor("viewer")
    assert (await viewer.get("/run")).status_code == 403
    owner = await trade.served.page_visitor("carrier")
    assert f'id="load.{manifest_id}"' in (await owner.get("/")).text, "and of a firm that does nothing but carry"


async def test_the_shipper_looks_and_signs_on_the_driver_s_telephone_before_the_driver_does(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    here = f"/run/stops/{manifest_id}"
    driver = await trade.served.page_visitor("driver")
    shown = (await driver.get(f"{here}?lang=zh")).text
    assert "先由移出人核实并在此签字" in shown
    assert "令23 第十三条" in shown
    seen = ["crew", "labels", "packages", "emergency"]
    nobody = await driver.send_form(f"{here}/check-loading", {"seen": seen}, page=here)
    assert nobody.status_code == 422
    login = {"signer_login": "owner"}
    partly = await driver.send_form(f"{here}/check-loading", {"seen": seen[:3], **login}, page=here)
    assert partly.status_code == 422
    assert "尚未确认收运人员持有应急防范措施" in partly.text
    assert "不得装载" in partly.text
    signed = await driver.sign_form(f"{here}/check-loading", {"seen": seen, **login}, page=here)
    assert signed.headers["location"] == f"{here}#sign"
    assert "移出人已核实车辆、人员和标志" in (await driver.get(here)).text
    again = await driver.send_form(f"{here}/check-loading", {"seen": seen, **login}, page=here)
    assert again.status_code == 409
    await driver.send_form(f"{here}/scans", {"label": drum["digital_code"]}, page=here)
    assert (await driver.sign_form(f"{here}/pick-up", {}, page=here)).headers["location"] == "/run"
    owner = await trade.served.page_visitor("owner")
    page = (await owner.get(f"/manifests/{manifest_id}?lang=zh")).text
    signatures = page.split('id="signatures"')[1]
    assert signatures.index("装载核实") < signatures.index("启运")
    assert "移出人已核实车辆、人员和标志" in (await owner.get(f"/audit/manifests/{manifest_id}")).text
    form = PdfReader(io.BytesIO((await owner.get(f"/manifests/{manifest_id}/manifest.pdf")).content))
    assert "装载核实" in "".join(sheet.extract_text() for sheet in form.pages)


async def test_a_day_without_stops_and_other_people_s_trips(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    served, world = trade.served, trade.world
    other = served.visitor()
    assert (await other.sign_in(world.second_carrier.logins[Role.DRIVER], PASSWORD_OF_WORLD)).status_code == 303
    page = (await other.get("/run?lang=zh")).text
    assert "今天没有站点" in page
    assert "现场没有网络？" in page
    stop = await other.get(f"/run/stops/{manifest_id}")
    assert stop.status_code == 404
    assert (await other.get(f"/trips/{new_id()}")).status_code == 404
    for act in ("scans", "pick-up", "check-loading", "hand-over"):
        form = {"label": drum["digital_code"], "signer_login": "owner", "seen": "crew", "counted": "1"}
        refused = await other.send_form(f"/run/stops/{manifest_id}/{act}", form, page="/account")
        assert refused.status_code == 404, act


async def test_a_certificate_that_is_over_is_told_at_the_top_and_refuses_the_pick_up(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    here, driver = f"/run/stops/{manifest_id}", await trade.served.page_visitor("driver")
    await driver.send_form(f"{here}/scans", {"label": drum["digital_code"]}, page=here)
    change = text("update vehicles set licence_valid_to = :day where plate = :plate returning licence_valid_to")
    async with trade.served.owner.begin() as connection:
        before = text("select licence_valid_to from vehicles where plate = :plate")
        until = (await connection.execute(before, {"plate": trade.world.plate})).scalar_one()
        await connection.execute(change, {"day": today() - timedelta(days=1), "plate": trade.world.plate})
    try:
        page = (await driver.get("/run?lang=zh")).text
        assert 'id="ending"' in page
        assert "即将到期或已到期的证件" in page
        refused = await driver.send_form(f"{here}/pick-up", {}, page=here)
        assert refused.status_code == 422
        told = refused.text.split('id="answer"')[1].split("</section>")[0]
        for words in ("停止", "道路运输证已于", "部令第23号", "第十三条", "请另选车辆"):
            assert words in told, told
    finally:
        async with trade.served.owner.begin() as connection:
            await connection.execute(change, {"day": until, "plate": trade.world.plate})
    assert 'id="ending"' not in (await driver.get("/run")).text


async def test_touched_twice_it_is_signed_once(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    here, driver = f"/run/stops/{manifest_id}", await trade.served.page_visitor("driver")
    await driver.send_form(f"{here}/scans", {"label": drum["digital_code"]}, page=here)
    read = await driver.send_form(f"{here}/pick-up", {}, page=here)
    address, key = read.headers["location"], new_id()
    fields = {"factor_password": PASSWORD, "csrf_token": await driver.token_on(address), "request_id": str(key)}
    both = await asyncio.gather(*(driver.post(address, data=fields) for _ in range(2)))
    assert {one.status_code for one in both} <= {303, 409}, [one.text for one in both]
    again = await driver.post(address, data=fields)
    assert (again.status_code, again.headers["location"]) == (303, "/run")
    signatures = (await asked(await trade.carrier(), f"/manifests/{manifest_id}"))["manifest"]["signatures"]
    assert [one["act"] for one in signatures] == ["file", "pick_up"]
