"""Incidents, hand-overs and other receivers on pages without script."""

from tests.support.journeys import permitted
from tests.support.trade import Trade, asked, sent
from wastetrack.db.session import writing


async def test_a_driver_reports_a_leak_and_closes_it(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    driver = await trade.served.page_visitor("driver")
    form = f"/manifests/{manifest_id}/incident"
    assert form in (await driver.get(f"/manifests/{manifest_id}")).text
    fields = {
        "kind": "container_leaking",
        "container_id": drum["id"],
        "spilled": "",
        "method": "estimate",
        "place": "荣乌高速 K123",
        "region_code": "370602",
        "what": "桶盖脱落",
        "measures": "吸附",
        "reported_to": "12369",
        "happened_at": "",
    }
    assert '<option value="370602" selected>山东省烟台市芝罘区</option>' in (await driver.get(form)).text
    wrong = await driver.send_form(form, {**fields, "spilled": "200"}, page=form)
    assert wrong.status_code == 422
    assert 'id="f-spilled-error"' in wrong.text
    made = await driver.send_form(form, {**fields, "spilled": "12.5"}, page=form)
    assert made.status_code == 303, made.text
    here = made.headers["location"]
    shipper, inspector = await trade.served.page_visitor("owner"), await trade.served.page_visitor("inspector")
    for visitor in (shipper, inspector):
        assert here in (await visitor.get("/")).text
        assert "12.5 kg" in (await visitor.get(here)).text
        assert here in (await visitor.get("/on-the-way")).text
    assert (await shipper.send_form(f"{here}/note", {}, page=here)).status_code == 303
    assert (await driver.send_form(f"{here}/end", {"outcome": ""}, page=here)).status_code == 422
    assert (await driver.send_form(f"{here}/end", {"outcome": "已清理"}, page=here)).status_code == 303
    assert here not in (await inspector.get("/")).text


async def test_a_breakdown_ends_with_the_other_carrier_s_signature(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    driver = await trade.served.page_visitor("driver")
    form = f"/manifests/{manifest_id}/incident"
    fields = {"kind": "breakdown", "place": "K123", "region_code": "370602", "what": "爆胎", "method": "estimate"}
    here = (await driver.send_form(form, fields, page=form)).headers["location"]
    other = {"carrier_id": str(trade.world.second_carrier.id), "plate": "鲁F·Z9999", "at_place": "K123", "meet_at": ""}
    assert (await driver.send_form(f"{here}/replacement", other, page=here)).status_code == 422
    named = await driver.send_form(f"{here}/replacement", {**other, "plate": trade.world.second_plate}, page=here)
    assert named.status_code == 303, named.text
    await sent(await trade.second_carrier(), f"/manifests/{manifest_id}/hand-over", {})
    page = await driver.get(f"/manifests/{manifest_id}")
    assert "K123" in page.text
    assert trade.world.second_plate in page.text


async def test_the_next_carrier_counts_before_it_signs(trade: Trade) -> None:
    """The driver without the count is asked for it; the words then say what was counted."""
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum, legs=2)
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    world = trade.world
    visitor = trade.served.visitor()
    await visitor.sign_in(next(iter(world.second_carrier.logins.values())), "an-orange-drum-of-oil")
    here = f"/manifests/{manifest_id}"
    page = await visitor.get(here)
    assert "芝罘区交接点" in page.text
    silent = await visitor.send_form(f"{here}/sign/hand-over", {"note": ""}, page=here)
    assert silent.status_code == 422
    wrong = await visitor.send_form(f"{here}/sign/hand-over", {"counted": "3"}, page=here)
    assert wrong.status_code == 422
    read = await visitor.send_form(f"{here}/sign/hand-over", {"counted": "1"}, page=here)
    assert read.status_code == 303
    assert "清点容器 1 个" in (await visitor.get(read.headers["location"])).text


async def test_a_load_is_sent_to_another_receiver(trade: Trade) -> None:
    async with writing(trade.served.owner) as session:
        await permitted(session, trade.world.stranger)
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    shipper = await trade.served.page_visitor("owner")
    form = f"/manifests/{manifest_id}/redirection"
    fields = {"receiver_site_id": str(trade.world.stranger.site.id), "method": "R9", "reason": ""}
    assert (await shipper.send_form(form, fields, page=form)).status_code == 422
    signed = await shipper.sign_form(form, {**fields, "reason": "临时停炉"}, page=form)
    assert signed.status_code == 303, signed.text
    here = f"/manifests/{manifest_id}"
    assert "临时停炉" in (await shipper.get(here)).text
    old = await trade.served.page_visitor("receiver")
    page = await old.get(here)
    assert "/redirections/" in page.text
    note = next(part.split('"')[0] for part in page.text.split('action="') if "/redirections/" in part.split('"')[0])
    assert (await old.send_form(note, {}, page=here)).status_code == 303
    assert note not in (await old.get(here)).text


async def test_a_lost_drum_is_found_and_the_pages_lead_there(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    driver, here = await trade.served.page_visitor("driver"), f"/manifests/{manifest_id}"
    form = f"{here}/found"
    assert form not in (await driver.get(here)).text
    assert (await driver.get(form)).status_code == 404
    lost = {
        "kind": "container_lost",
        "container_id": drum["id"],
        "place": "K123",
        "region_code": "370602",
        "what": "甩落",
        "measures": "搜寻",
        "reported_to": "12369",
        "method": "estimate",
    }
    made = await driver.send_form(f"{here}/incident", lost, page=f"{here}/incident")
    assert made.status_code == 303, made.text
    assert form in (await driver.get(here)).text
    assert form not in (await (await trade.served.page_visitor("receiver")).get(here)).text
    assert "重新列入本联单在途" in (await driver.get(form)).text
    shipper = await trade.served.page_visitor("owner")
    assert 'name="gross"' in (await shipper.get(form)).text
    fields = {"container_id": drum["id"], "what": "", "gross": "", "method": "platform_scale", "happened_at": ""}
    wrong = await shipper.send_form(form, fields, page=form)
    assert (wrong.status_code, 'id="f-what-error"' in wrong.text) == (422, True)
    done = await shipper.send_form(form, {**fields, "what": "厂门口找到", "gross": "199"}, page=form)
    assert done.status_code == 303, done.text
    page = await shipper.get(here)
    assert form not in page.text
    assert "at_site" in (await sent_state(trade, drum["id"]))


async def sent_state(trade: Trade, container_id: str) -> str:
    """Where a container is, as its shipper reads it."""
    return str((await asked(await trade.shipper(), f"/containers/{container_id}"))["state"])
