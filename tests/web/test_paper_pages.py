"""Pages for outages: numbers reserved by a form, a paper entered row by row, its draft signed with its scan."""

from datetime import timedelta

import pytest

from tests.api.test_papers import scanned
from tests.support.trade import Trade, sent
from tests.support.world import OIL
from wastetrack import clock
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE


def local(hours_ago: int) -> str:
    """As a field for day and time sends it."""
    return (clock.now() - timedelta(hours=hours_ago)).astimezone(LEGAL_ZONE).strftime("%Y-%m-%dT%H:%M")


async def test_numbers_are_reserved_and_voided_by_forms(trade: Trade) -> None:
    browser = await trade.served.page_visitor("owner")
    site = str(trade.world.generator.site.id)
    refused = await browser.send_form("/paper", {"site_id": site, "count": "500"}, page="/paper")
    assert refused.status_code == 422
    assert (await browser.send_form("/paper", {"site_id": site, "count": "1"}, page="/paper")).status_code == 303
    given = await sent(await trade.shipper(), "/reserved-numbers", {"site_id": site, "count": 1}, expect=201)
    number = given["items"][0]["number"]
    assert number in (await browser.get("/paper")).text
    assert (await browser.get(f"/paper/{number}/form.pdf")).headers["content-type"] == "application/pdf"
    page = f"/paper/{number}"
    assert (await browser.send_form(f"{page}/void", {"reason": ""}, page=page)).status_code == 422
    assert (await browser.send_form(f"{page}/void", {"reason": "未停电"}, page=page)).status_code == 303
    assert "未停电" in (await browser.get(page)).text
    inspector = await trade.served.page_visitor("inspector")
    assert number in (await inspector.get("/paper")).text
    stranger = await trade.served.page_visitor("stranger")
    assert number not in (await stranger.get("/paper")).text
    assert (await stranger.get(page)).status_code == 404


async def test_a_paper_is_entered_row_by_row_and_signed_with_its_scan(trade: Trade) -> None:
    browser = await trade.served.page_visitor("owner")
    drum, other = await trade.labelled(), await trade.labelled()
    world = trade.world
    form = {
        "site_id": str(world.generator.site.id),
        "number": "",
        "receiver_site_id": str(world.receiver.site.id),
        "method": "D10",
        "carrier_id": str(world.carrier.id),
        "plate": world.plate,
        "picked_up_at": local(30),
        "arrived_at": local(28),
        "received_at": local(27),
        "container_ids": drum["id"],
        "row_ids": [other["id"], drum["id"]],
        "received": ["", "178.5"],
        "hand_code": OIL,
        "hand_name": "废矿物油",
        "hand_form": "liquid",
        "hand_hazards": ["T"],
        "hand_packaging": "drum",
        "hand_volume": "200",
        "hand_net": "90",
        "hand_received": "90",
        "reason": "平台停机",
        "late_reason": "",
    }
    wrong = await browser.send_form("/paper/new", {**form, "arrived_at": local(40)}, page="/paper/new")
    assert wrong.status_code == 422
    assert 'value="178.5"' in wrong.text
    made = await browser.send_form("/paper/new", form, page="/paper/new")
    assert made.status_code == 303, made.text
    address = made.headers["location"]
    shown = (await browser.get(address)).text
    assert "178.5" in shown
    assert f"{address}/sign/back-enter" in shown
    assert f"{address}/file" not in shown
    refused = await browser.send_form(f"{address}/sign/back-enter", {"version": "1"}, page=address)
    assert refused.status_code == 422
    await scanned(trade, address.removeprefix("/manifests/"))
    words = await browser.send_form(f"{address}/sign/back-enter", {"version": "1"}, page=address)
    assert "/signing/" in words.headers["location"]
    await sent(await trade.shipper(), f"{address}/back-entry", {})
    assert (await browser.get(address)).status_code == 200
    await sent(await trade.receiver(), f"{address}/receipt", {})
    assert "178.5" in (await browser.get(address)).text


@pytest.mark.parametrize(("login", "status"), [("viewer", 403), ("driver", 403), ("inspector", 403), ("filer", 200)])
async def test_papers_are_entered_by_those_who_file(trade: Trade, login: str, status: int) -> None:
    assert (await (await trade.served.page_visitor(login)).get("/paper/new")).status_code == status
