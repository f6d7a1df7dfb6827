"""Printing at the page, and what it makes of the labels that are in service."""

import io
from urllib.parse import urlsplit

from pypdf import PdfReader

from tests.support.served import Visitor
from tests.support.trade import API, Trade, sent
from wastetrack.containers.labels import DigitalCode, make_label_text


async def printed(browser: Visitor, container_id: str, **fields: str) -> str:
    """Where the document of a print lies."""
    page = f"/containers/{container_id}/print"
    made = await browser.send_form(page, {"paper": "single", "reason": "", **fields}, page=page)
    assert made.status_code == 303, made.text
    return str(made.headers["location"])


def words(pdf: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


async def test_a_label_is_looked_at_printed_and_replaced(trade: Trade) -> None:
    drum, browser = await trade.labelled(), await trade.served.page_visitor("owner")
    here = f"/containers/{drum['id']}"
    assert f'href="{here}/print"' in (await browser.get(here)).text
    assert "预览" in words((await browser.get(f"{here}/label.pdf")).content)
    form = (await browser.get(f"{here}/print")).text
    assert "首次打印" in form
    assert "破损更换" not in form
    first = await browser.get(await printed(browser, drum["id"], why="first"))
    assert "预览" not in words(first.content)
    form = (await browser.get(f"{here}/print")).text
    assert "首次打印" not in form
    assert "破损更换" in form
    second = await browser.get(await printed(browser, drum["id"], why="damaged", reason="雨淋"))
    assert "第2版" in words(second.content)
    page = (await browser.get(here)).text
    assert "之前打印的标签均已作废" in page
    assert page.count("打印标签") >= 2


async def test_the_document_of_a_void_label_is_not_printed_again(trade: Trade) -> None:
    drum, browser = await trade.labelled(), await trade.served.page_visitor("owner")
    first = await printed(browser, drum["id"], why="first")
    assert (await browser.get(first)).status_code == 200
    await printed(browser, drum["id"], why="changed")
    assert (await browser.get(first)).status_code == 409


async def test_zpl_is_saved_as_a_file(trade: Trade) -> None:
    drum, browser = await trade.labelled(), await trade.served.page_visitor("owner")
    answered = await browser.get(await printed(browser, drum["id"], why="first", paper="zpl-203"))
    assert answered.headers["content-disposition"] == 'attachment; filename="labels.zpl"'
    assert answered.text.startswith("^XA")
    assert f"/91/{drum['digital_code']}/92/" in answered.text


async def test_what_the_rules_refuse_comes_back_with_the_form(trade: Trade) -> None:
    drum, browser = await trade.labelled(), await trade.served.page_visitor("owner")
    page = f"/containers/{drum['id']}/print"
    wrong = {"why": "first", "paper": "a4-four", "reason": ""}
    refused = await browser.send_form(page, wrong, page=page)
    assert refused.status_code == 422
    assert "150" in refused.text
    assert "首次打印" in refused.text
    standing = await (await trade.shipper()).get(f"{API}/containers/{drum['id']}")
    assert standing.json()["label_revision"] == 1


async def test_whoever_holds_a_void_label_is_told(trade: Trade) -> None:
    drum, browser = await trade.labelled(), await trade.served.page_visitor("owner")
    await printed(browser, drum["id"], why="damaged")
    void = await trade.served.visitor().get(urlsplit(trade.label_text(drum)).path)
    assert "此标签已作废" in void.text
    code = DigitalCode.parse(drum["digital_code"])
    valid = urlsplit(make_label_text(trade.keys.base_url, code, trade.keys.label_key, 2)).path
    answered = await trade.served.visitor().get(valid)
    assert answered.status_code == 200
    assert "此标签已作废" not in answered.text


async def test_the_gate_shows_a_void_label_in_words(trade: Trade) -> None:
    drum, browser = await trade.labelled(), await trade.served.page_visitor("owner")
    await printed(browser, drum["id"], why="damaged")
    manifest_id = await trade.arrived(drum)
    (line,) = (await trade.standing(manifest_id))["manifest"]["lines"]
    assert line["label_revision"] == 2, "a reader without network knows it too"
    gate = await trade.served.page_visitor("gate")
    page = f"/gate/{manifest_id}"
    scan = {"label": trade.label_text(drum), "gross": "200", "method": "platform_scale"}
    told = await gate.send_form(page, scan, page=page)
    answered = await gate.get(told.headers["location"])
    assert "停：此标签已作废" in answered.text
    assert "现行有效的是第 2 版" in answered.text


async def test_the_api_orders_a_print_of_many_and_gives_its_document(trade: Trade) -> None:
    drums, shipper = [await trade.labelled() for _ in range(2)], await trade.shipper()
    body = {"container_ids": [drum["id"] for drum in drums], "why": "first", "paper": "zpl-300"}
    order = await sent(shipper, "/label-prints", body, expect=201)
    assert [(one["revision"], one["print_number"]) for one in order["labels"]] == [(1, 1), (1, 1)]
    document = await shipper.get(order["document"])
    assert document.headers["content-type"] == "text/plain; charset=utf-8"
    assert document.text.count("^XA") == 2
    again = await shipper.send_json(f"{API}/label-prints", body)
    assert again.status_code == 422
    assert {error["code"] for error in again.json()["errors"]} == {"label_printed_before"}
