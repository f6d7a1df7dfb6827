"""A driver without an account signs one pick-up by a link: with six digits told by voice, once, and nothing else."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.support.served import Visitor
from tests.support.trade import Trade
from wastetrack import clock
from wastetrack.db.session import writing

DRIVER = {"driver_name": "赵铁柱", "phone": "138 0000 0000"}


async def made(trade: Trade, manifest_id: str, by: str = "owner") -> tuple[str, str]:
    """The link's address without the host, and the code."""
    here, maker = f"/manifests/{manifest_id}/driver-link", await trade.served.page_visitor(by)
    shown = await maker.send_form(here, DRIVER, page=here)
    assert shown.status_code == 200, shown.text
    [address] = re.findall(r"http://[^<]*(/d/[A-Za-z0-9_-]{32})", shown.text)
    [code] = re.findall(r'id="code">(\d{6})<', shown.text)
    return address, code


async def tried(phone: Visitor, address: str, code: str) -> tuple[int, str]:
    """The page opened, the code typed, sent."""
    page = (await phone.get(address)).text
    [intent] = re.findall(r'name="intent_id" value="([^"]+)"', page)
    [token] = set(re.findall(r'name="csrf_token" value="([^"]+)"', page))
    answer = await phone.post(address, data={"csrf_token": token, "intent_id": intent, "code": code})
    return answer.status_code, answer.text


async def test_the_driver_reads_what_he_signs_and_signs_it_with_the_code(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    address, code = await made(trade, manifest_id)
    phone = trade.served.visitor()
    page = await phone.get(address)
    for said in ("赵铁柱", "已装载完毕", trade.world.plate, "180 kg"):
        assert said in page.text
    assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("no-referrer", "no-store")
    assert (await tried(phone, address, code))[0] == 303
    assert "您已签署启运" in (await phone.get(address)).text
    standing = (await trade.standing(manifest_id))["manifest"]
    assert standing["state"] == "picked_up"
    [signed] = [one for one in standing["signatures"] if one["act"] == "pick_up"]
    assert (signed["person"], signed["organisation_id"]) == ("赵铁柱", str(trade.world.carrier.id))
    async with writing(trade.served.owner) as session:
        statement = text("select convert_from(bytes, 'UTF8') from log_leaves where id = :id")
        leaf = (await session.execute(statement, {"id": signed["event_id"]})).scalar_one()
    assert json.loads(leaf)["evidence"] == {"kind": "driver_link"}
    assert "赵铁柱" not in leaf
    assert DRIVER["phone"] not in leaf
    assert "13800000000" not in leaf


async def test_a_link_works_once(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    address, code = await made(trade, manifest_id)
    phone = trade.served.visitor()
    page = (await phone.get(address)).text
    [intent] = re.findall(r'name="intent_id" value="([^"]+)"', page)
    [token] = set(re.findall(r'name="csrf_token" value="([^"]+)"', page))
    fields = {"csrf_token": token, "intent_id": intent, "code": code}
    assert (await phone.post(address, data={**fields, "csrf_token": "forged"})).status_code == 403
    assert (await phone.post(address, data=fields)).status_code == 303
    assert (await phone.post(address, data=fields)).status_code == 404


async def test_five_wrong_codes_end_the_link(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    address, code = await made(trade, manifest_id)
    phone = trade.served.visitor()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(4):
        status, shown = await tried(phone, address, wrong)
        assert status == 422
        assert "这不是与此链接对应的六位数字" in shown
    page = (await phone.get(address)).text
    [intent] = re.findall(r'name="intent_id" value="([^"]+)"', page)
    [token] = set(re.findall(r'name="csrf_token" value="([^"]+)"', page))
    fields = {"csrf_token": token, "intent_id": intent}
    assert (await phone.post(address, data={**fields, "code": wrong})).status_code == 404
    assert (await phone.post(address, data={**fields, "code": code})).status_code == 404
    assert (await trade.standing(manifest_id))["manifest"]["state"] == "filed"


async def test_a_link_ends_with_its_time_with_a_newer_one_and_is_never_guessed(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    older, _ = await made(trade, manifest_id)
    newer, _ = await made(trade, manifest_id, by="carrier")
    phone = trade.served.visitor()
    assert (await phone.get(older)).status_code == 404
    assert (await phone.get(newer)).status_code == 200
    assert (await phone.get(newer[:-1] + ("A" if newer[-1] != "A" else "B"))).status_code == 404
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=13))
    assert (await phone.get(newer)).status_code == 404


async def test_a_link_opens_nothing_else_and_nobody_signs_in_as_its_driver(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    address, _ = await made(trade, manifest_id)
    phone = trade.served.visitor()
    await phone.get(address)
    assert (await phone.get(f"/manifests/{manifest_id}")).headers["location"].startswith("/sign-in")
    async with writing(trade.served.owner) as session:
        found = await session.execute(
            text("select p.login, p.password_hash, p.disabled_at, m.ended_at from people p join memberships m "
                 "on m.person_id = p.id where p.login like 'driver-link.%'")
        )  # fmt: skip
        for login, password_hash, disabled_at, ended_at in found:
            assert login.startswith("driver-link.")
            assert password_hash is None
            assert disabled_at is not None
            assert ended_at is not None


@pytest.mark.parametrize(("who", "status"), [("driver", 403), ("filer", 403), ("gate", 403), ("stranger", 404)])
async def test_links_are_made_by_the_carriers_owner_and_the_shippers_signers(
    trade: Trade, who: str, status: int
) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    visitor = await trade.served.page_visitor(who)
    answer = await visitor.send_form(f"/manifests/{manifest_id}/driver-link", DRIVER, page="/account")
    assert answer.status_code == status
    assert 'id="code"' not in answer.text


async def test_a_link_needs_a_name_and_a_number(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    here, owner = f"/manifests/{manifest_id}/driver-link", await trade.served.page_visitor("owner")
    refused = await owner.send_form(here, {"driver_name": "", "phone": "call me"}, page=here)
    assert refused.status_code == 422
    assert "请填写司机姓名" in refused.text
    assert "“call me”不是电话号码" in refused.text
