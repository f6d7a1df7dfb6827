"""Pages and addresses of imports: from the file to the labels, in two steps; nobody else's business."""

from typing import Any
from uuid import UUID

import pytest

from tests.support.first_day_files import heading_of, row_of, stock
from tests.support.import_files import FIELDS, good_row, heading, workbook
from tests.support.served import Served, Visitor
from tests.support.trade import API, Trade, asked, today
from wastetrack import clock
from wastetrack.auth.queries import actor_of_membership
from wastetrack.db.session import Sight, reading
from wastetrack.ids import new_id
from wastetrack.imports.model import ImportKind
from wastetrack.jobs.handlers import HANDLERS
from wastetrack.jobs.long_work import perform
from wastetrack.settings import Settings


async def worked(trade: Trade, visitor: Visitor, import_id: str) -> dict[str, Any]:
    """Let the worker do what waits of an import of this person."""
    shown = await asked(visitor, f"/imports/{import_id}")
    me = await asked(visitor, "/me")
    engine = trade.app.state.engine
    async with reading(engine) as session:
        actor = await actor_of_membership(session, UUID(me["membership_id"]), at=clock.now())
    sight = Sight(actor.viewer, actor.organisation_id, actor.person_id)
    await perform(engine, Settings(), HANDLERS, sight, UUID(shown["task_id"]))
    return await asked(visitor, f"/imports/{import_id}")


async def sent_by_page(browser: Visitor, site_id: str, content: bytes, **more: str) -> Any:  # noqa: ANN401
    token = await browser.token_on("/imports/new")
    fields = {"csrf_token": token, "request_id": str(new_id()), "kind": "containers", "site_id": site_id} | more
    return await browser.post("/imports/new", data=fields, files={"file": ("七月 容器.xlsx", content)})


async def sent(visitor: Visitor, site_id: str, content: bytes, kind: str = "containers") -> Any:  # noqa: ANN401
    return await visitor.post(
        f"{API}/imports",
        data={"kind": kind, "site_id": site_id},
        files={"file": ("a.csv", content)},
        headers={"Idempotency-Key": str(new_id())},
    )


def table(*lines: str) -> bytes:
    """A CSV as Chinese Windows writes it."""
    return "\n".join(lines).encode("gb18030")


def unlike(number: int) -> list[Any]:
    """A good row that no other test sends."""
    row = good_row(number)
    row[FIELDS.index("remarks")] = str(new_id())
    return row


async def test_from_the_file_to_the_labels_in_two_steps(trade: Trade) -> None:
    browser, program = await trade.served.page_visitor("owner"), await trade.shipper()
    site_id = str(trade.world.generator.site.id)
    book = await browser.get("/imports/templates/containers.xlsx?lang=zh")
    assert book.content.startswith(b"PK")
    assert "attachment" in book.headers["content-disposition"]
    heavy = unlike(2)
    heavy[FIELDS.index("gross_g")] = 1_000
    answered = await sent_by_page(browser, site_id, workbook([unlike(0), heavy]))
    assert answered.status_code == 303, answered.text
    address = answered.headers["location"]
    import_id = address.rpartition("/")[2]
    waiting = (await browser.get(f"{address}?lang=zh")).text
    assert 'hx-trigger="every 2s"' in waiting
    assert "排队中" in waiting
    assert (await worked(trade, program, import_id))["state"] == "ready"
    page = (await browser.get(address)).text
    for words in ("七月 容器.xlsx", "待确认", "毛重(kg)", "相当于每升 4.9 kg", "下载已标记的表格", "下一步：确认"):
        assert words in page, words
    assert "没有错误" not in (await browser.get(f"{address}?severity=error")).text.split('id="findings"')[1]
    assert (await browser.get(f"{address}/marked.xlsx")).content.startswith(b"PK")
    unread = await browser.send_form(f"{address}/confirm", {}, page=f"{address}/confirm")
    assert unread.status_code == 422
    assert "有 1 条提醒尚未确认" in unread.text
    assert (await asked(program, f"/imports/{import_id}"))["state"] == "ready"
    for _ in range(2):
        going = await browser.send_form(f"{address}/confirm", {"warnings": "1"}, page="/imports/new")
        assert going.status_code == 303, going.text
    assert (await worked(trade, program, import_id))["state"] == "imported"
    made = (await asked(program, f"/imports/{import_id}/made"))["items"]
    assert [one["row"] for one in made] == [2, 3]
    page = (await browser.get(address)).text
    assert made[0]["name"] in page
    assert "文件中的全部内容已生成" in page
    unfit = await browser.send_form(f"{address}/labels", {"after": "-1", "paper": "a4-four"}, page=address)
    assert unfit.status_code == 422
    assert made[0]["name"] in unfit.text
    printed = await browser.send_form(f"{address}/labels", {"after": "-1", "paper": "single"}, page=address)
    assert printed.status_code == 303, printed.text
    assert (await browser.get(printed.headers["location"])).content.startswith(b"%PDF")
    history = await asked(program, f"/containers/{made[0]['id']}/history")
    assert "container_labelled" in str(history)


async def test_errors_stand_by_row_and_column_and_stop_the_file(trade: Trade) -> None:
    browser, program = await trade.served.page_visitor("filer"), await trade.served.api_visitor("filer")
    bad = [unlike(0), unlike(2), unlike(4)]
    bad[0][FIELDS.index("waste_code")], bad[1][FIELDS.index("tare_g")] = "900-999-08", None
    bad[1][FIELDS.index("waste_name")] = None
    answered = await sent(program, str(trade.world.generator.site.id), workbook(bad))
    assert answered.status_code == 201, answered.text
    import_id = answered.json()["id"]
    shown = await worked(trade, program, import_id)
    assert (shown["state"], shown["errors"], shown["bad_rows"]) == ("refused", 3, 2)
    found = (await asked(program, f"/imports/{import_id}/findings?column=2"))["items"]
    assert [(one["row"], one["column"], one["heading"], one["rule"]["code"]) for one in found] == [
        (3, 2, "废物名称", "cell_empty")
    ]
    page = (await browser.get(f"/imports/{import_id}?lang=en")).text
    for words in (
        "Nothing of this file can be imported",
        "has never been in the waste list",
        "“皮重” (Tare) is needed",
    ):
        assert words in page, words
    by_column = (await browser.get(f"/imports/{import_id}?column=2")).text.split("By row")[1]
    assert "废物名称" in by_column
    assert "has never been" not in by_column
    refused = await program.send_json(f"{API}/imports/{import_id}/taking-in", {"warnings": 0})
    assert (refused.status_code, refused.json()["code"]) == (409, "import_not_ready")
    gone = await browser.send_form(f"/imports/{import_id}/withdrawal", {}, page="/imports/new")
    assert gone.status_code == 303
    assert (await asked(program, f"/imports/{import_id}"))["state"] == "withdrawn"
    unreadable = (await sent(program, str(trade.world.generator.site.id), "甲,乙\n1,2".encode())).json()["id"]
    assert (await worked(trade, program, unreadable))["state"] == "refused"
    assert "No row at the top" in (await browser.get(f"/imports/{unreadable}?lang=en")).text


async def test_manifests_become_drafts_over_their_containers(trade: Trade) -> None:
    world, program = trade.world, await trade.shipper()
    drums = [await trade.labelled() for _ in range(3)]
    heads = "批次,数字识别码,转移日期,接收单位代码,处置方式,承运单位代码,车牌号,备注"
    said = f"{today().isoformat()},{world.receiver.credit_code},D10,{world.carrier.credit_code},{world.plate}"
    lines = [
        f"甲,{drums[0]['digital_code']},{said},夜间",
        f"甲,{drums[1]['digital_code']},{said},",
        f"乙,{drums[2]['digital_code']},{said},",
    ]
    site_id = str(world.generator.site.id)
    wrong = [
        lines[0],
        lines[0].replace(",夜间", ",白天"),
        lines[2].replace(world.plate, "鲁F·Z9999"),
        f"丙,{'9' * 37},{said},",
    ]
    import_id = (await sent(program, site_id, table(heads, *wrong), "manifests")).json()["id"]
    assert (await worked(trade, program, import_id))["state"] == "refused"
    found = (await asked(program, f"/imports/{import_id}/findings"))["items"]
    assert [(one["row"], one["column"], one["rule"]["code"]) for one in found] == [
        (3, 2, "container_twice"),
        (3, 8, "load_differs"),
        (4, 7, "vehicle_unknown"),
        (5, 2, "container_unknown_here"),
    ]
    import_id = (await sent(program, site_id, table(heads, *lines), "manifests")).json()["id"]
    shown = await worked(trade, program, import_id)
    assert (shown["state"], shown["summary"]["count"]) == ("ready", 2), await asked(
        program, f"/imports/{import_id}/findings"
    )
    assert (await program.send_json(f"{API}/imports/{import_id}/taking-in", {"warnings": 0})).status_code == 200
    assert (await worked(trade, program, import_id))["state"] == "imported"
    made = (await asked(program, f"/imports/{import_id}/made"))["items"]
    assert [one["name"] for one in made] == ["甲", "乙"]
    draft = (await asked(program, f"/manifests/{made[0]['id']}"))["manifest"]
    assert (draft["state"], draft["remarks"]) == ("draft", "夜间")
    browser = await trade.served.page_visitor("owner")
    assert f"/manifests/{made[1]['id']}" in (await browser.get(f"/imports/{import_id}")).text


async def test_an_import_is_its_organisation_s_and_made_by_whoever_may_make_one(trade: Trade) -> None:
    served, site_id = trade.served, str(trade.world.generator.site.id)
    owner = await trade.shipper()
    import_id = (await sent(owner, site_id, workbook([unlike(0)]))).json()["id"]
    assert (await worked(trade, owner, import_id))["state"] == "ready"
    colleague = await served.page_visitor("filer")
    assert (await colleague.get(f"/imports/{import_id}")).status_code == 200
    for login in ("stranger", "receiver", "inspector"):
        visitor = await served.page_visitor(login)
        for path in ("", "/confirm", "/marked.xlsx"):
            assert (await visitor.get(f"/imports/{import_id}{path}")).status_code == 404, (login, path)
    program = await trade.stranger()
    for path in ("", "/findings", "/made", "/marked.xlsx"):
        assert (await program.get(f"{API}/imports/{import_id}{path}")).status_code == 404, path
    for step, body in (("taking-in", {"warnings": 0}), ("withdrawal", {})):
        assert (await program.send_json(f"{API}/imports/{import_id}/{step}", body)).status_code == 404
    assert import_id not in (await program.get(f"{API}/imports")).text
    assert (await sent(program, site_id, workbook([unlike(0)]))).status_code == 403
    viewer = await served.page_visitor("viewer")
    assert (await viewer.get("/imports/new")).status_code == 403
    gate = await served.api_visitor("gate")
    assert (await sent(gate, str(trade.world.receiver.site.id), b"x", "manifests")).status_code == 403


@pytest.mark.parametrize("content", [b"", b"   "])
async def test_an_empty_file_is_refused_at_once(served: Served, trade: Trade, content: bytes) -> None:
    browser = await served.page_visitor("owner")
    refused = await sent_by_page(browser, str(trade.world.generator.site.id), content)
    assert refused.status_code == 422
    assert len(heading()) == len(FIELDS)


async def test_a_carrier_s_owner_brings_its_fleet_and_no_site(trade: Trade) -> None:
    browser, program = await trade.served.page_visitor("carrier"), await trade.served.api_visitor("carrier")
    form = (await browser.get("/imports/new?lang=zh")).text
    for words in ("驾驶员和押运员", "模板：车辆", "无需选择"):
        assert words in form, words
    plates = [f"鲁F{72000 + number}" for number in range(3)]
    rows = [f"{plate},9.5,运证{plate},{today().replace(year=today().year + 1)}" for plate in plates]
    content = table("车牌号,核定载质量(t),道路运输证号,道路运输证有效期至", *rows)
    token = await browser.token_on("/imports/new")
    fields = {"csrf_token": token, "request_id": str(new_id()), "kind": "vehicles", "site_id": ""}
    answered = await browser.post("/imports/new", data=fields, files={"file": ("车辆.csv", content)})
    assert answered.status_code == 303, answered.text
    address = answered.headers["location"]
    import_id = address.rpartition("/")[2]
    shown = await worked(trade, program, import_id)
    assert (shown["state"], shown["site_id"], shown["summary"]["count"]) == ("ready", None, 3), shown
    asked_for = (await browser.get(f"{address}/confirm")).text
    assert all(plate in asked_for for plate in plates)
    going = await browser.send_form(f"{address}/confirm", {}, page=f"{address}/confirm")
    assert going.status_code == 303, going.text
    assert (await worked(trade, program, import_id))["state"] == "imported"
    assert f"/organisations/{trade.world.carrier.id}" in (await browser.get(address)).text
    assert plates[0] in (await browser.get(f"/organisations/{trade.world.carrier.id}")).text
    assert "打印" not in (await browser.get(address)).text


async def test_old_stock_without_a_site_is_refused_and_its_labels_are_printed(trade: Trade) -> None:
    browser, program = await trade.served.page_visitor("owner"), await trade.shipper()
    rows = [row_of(ImportKind.STOCK, stock(number) | {"remarks": str(new_id())}) for number in range(2)]
    content = workbook(rows, heads=heading_of(ImportKind.STOCK))
    refused = await sent_by_page(browser, "", content, kind="opening_stock")
    assert refused.status_code == 422, refused.text
    assert "请选择所在场所" in refused.text
    answered = await sent_by_page(browser, str(trade.world.generator.site.id), content, kind="opening_stock")
    address = answered.headers["location"]
    assert (await worked(trade, program, address.rpartition("/")[2]))["state"] == "ready"
    assert (await browser.send_form(f"{address}/confirm", {}, page=f"{address}/confirm")).status_code == 303
    assert (await worked(trade, program, address.rpartition("/")[2]))["state"] == "imported"
    printed = await browser.send_form(f"{address}/labels", {"after": "-1", "paper": "single"}, page=address)
    assert printed.status_code == 303, printed.text
