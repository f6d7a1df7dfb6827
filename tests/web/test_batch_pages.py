"""Batches at their pages: begun, finished with what came out, told with where the mass went."""

from datetime import timedelta
from typing import Any

from tests.support.facilities import facility_added
from tests.support.trade import Trade, today
from wastetrack.db.session import writing
from wastetrack.parties.facilities import FacilityKind


def the_batch(trade: Trade, *drums: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "site_id": str(trade.world.receiver.site.id),
        "container_ids": [drum["id"] for drum in drums],
        "treatment": "R9",
        "treated_on": today().isoformat(),
        "basis": "permit",
        "facility_id": "",
        "recipe": "",
        "components": "",
        "started_at": "",
        "when": "done",
        **the_end(),
        **changes,
    }


def the_end(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "finished_at": "",
        "energy": "",
        "reagents": "",
        "parameters": "",
        "product_name": ["", "", ""],
        "product_kg": ["", "", ""],
        "product_to": ["", "", ""],
        "waste_code": "",
        **changes,
    }


async def test_a_batch_is_booked_at_once_with_its_products(trade: Trade) -> None:
    drum = await trade.labelled()
    await trade.received(drum)
    browser = await trade.served.page_visitor("gate")
    fields = the_batch(
        trade,
        drum,
        energy="电 1200.5 kWh\n蒸汽 3 t",
        reagents="白土 2.5 kg",
        product_name=["再生基础油", "", ""],
        product_kg=["150", "", ""],
        product_to=["润滑油公司", "", ""],
    )
    made = await browser.send_form("/treatment", fields, page="/treatment")
    assert made.status_code == 303, made.text
    page = (await browser.get(made.headers["location"])).text
    for words in ("再生基础油", "150 kg", "润滑油公司", "1200.5 kWh", "蒸汽", "32.5 kg"):
        assert words in page, words


async def test_a_batch_begins_runs_and_is_finished_with_what_is_left(trade: Trade) -> None:
    first, second = await trade.labelled(), await trade.labelled()
    await trade.received(first, second)
    firm = trade.world.receiver
    async with writing(trade.served.owner) as session:
        still = await facility_added(session, firm.owner, firm.site.id, FacilityKind.USE)
    browser = await trade.served.page_visitor("gate")
    yesterday = (today() - timedelta(days=1)).isoformat()
    fields = the_batch(
        trade, first, second, when="begun", recipe="蒸馏 2号方", components="废油 80 %", facility_id=str(still.id),
        started_at=f"{yesterday}T08:30",
    )  # fmt: skip
    made = await browser.send_form("/treatment", fields, page="/treatment")
    assert made.status_code == 303, made.text
    here = made.headers["location"].split("?")[0]
    page = (await browser.get(here)).text
    assert "运行中" in page
    assert "蒸馏 2号方" in page
    assert "废油 80 %" in page
    assert f"{yesterday} 08:30" in page
    assert first["digital_code"] in page
    assert first["id"] not in (await browser.get("/treatment/new")).text, "it is held"
    end = the_end(
        treated_on=today().isoformat(),
        heel_of=[first["id"], second["id"]],
        heel_gross=["21.5", ""],
        parameters="温度 -5 ℃",
    )
    done = await browser.send_form(f"{here}/finish", end, page=f"{here}/finish")
    assert done.status_code == 303, done.text
    page = (await browser.get(here)).text
    assert "358.5 kg" in page
    assert "1.5 kg" in page
    assert "-5 ℃" in page


async def test_a_refused_finish_comes_back_with_what_was_typed(trade: Trade) -> None:
    drum = await trade.labelled()
    await trade.received(drum)
    browser = await trade.served.page_visitor("gate")
    made = await browser.send_form("/treatment", the_batch(trade, drum, when="begun"), page="/treatment")
    here = made.headers["location"].split("?")[0]
    for changes, sentence in (
        ({"energy": "很多电"}, "很多电"),
        ({"finished_at": "昨天"}, "昨天"),
        ({"heel_of": [drum["id"]], "heel_gross": ["500"]}, "500"),
        ({"product_name": ["油", "", ""], "product_kg": ["900", "", ""]}, "900"),
        ({"energy": "电 -3 kWh"}, "-3"),
    ):
        end = the_end(treated_on=today().isoformat(), **changes)
        refused = await browser.send_form(f"{here}/finish", end, page=f"{here}/finish")
        assert refused.status_code == 422, changes
        assert sentence in refused.text, changes
    withdrawn = await browser.send_form(f"{here}/withdrawal", {"reason": "设备故障"}, page=f"{here}/finish")
    assert withdrawn.status_code == 303
    assert "已撤回" in (await browser.get(here)).text
    assert drum["id"] in (await browser.get("/treatment/new")).text


async def test_a_generator_treats_its_own(trade: Trade) -> None:
    drum, firm = await trade.labelled(), trade.world.generator
    async with writing(trade.served.owner) as session:
        still = await facility_added(session, firm.owner, firm.site.id, FacilityKind.USE)
    browser = await trade.served.page_visitor("owner")
    assert still.code in (await browser.get(f"/treatment/new?site_id={still.site_id}")).text
    fields = the_batch(trade, drum, site_id=str(firm.site.id), basis="own", facility_id=str(still.id))
    made = await browser.send_form("/treatment", fields, page="/treatment")
    assert made.status_code == 303, made.text
    assert "自行利用处置" in (await browser.get(made.headers["location"])).text


async def test_strangers_find_no_batch(trade: Trade) -> None:
    drum = await trade.labelled()
    await trade.received(drum)
    browser = await trade.served.page_visitor("gate")
    made = await browser.send_form("/treatment", the_batch(trade, drum, when="begun"), page="/treatment")
    here = made.headers["location"].split("?")[0]
    stranger = await trade.served.page_visitor("stranger")
    assert (await stranger.get(here)).status_code == 404
    assert (await stranger.get(f"{here}/finish")).status_code == 404
