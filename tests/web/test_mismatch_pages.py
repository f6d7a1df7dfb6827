"""Mismatches on pages: the gate's form, the shipper's and the authority's first page, the decision."""

from tests.support.trade import Trade


async def test_the_gate_reports_and_decides_on_its_pages(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    here = f"/gate/{manifest_id}"
    gate = await trade.served.page_visitor("gate")
    assert f"{here}/mismatch" in (await gate.get(here)).text
    empty = await gate.send_form(f"{here}/mismatch", {"container_id": "", "found": ""}, page=f"{here}/mismatch")
    assert empty.status_code == 422
    fields = {"kinds": "form", "container_id": drum["id"], "found": "实为固态"}
    made = await gate.send_form(f"{here}/mismatch", fields, page=f"{here}/mismatch")
    assert made.status_code == 303, made.text
    address = made.headers["location"]
    shipper = await trade.served.page_visitor("owner")
    assert address in (await shipper.get("/")).text
    page = await shipper.get(address)
    assert "实为固态" in page.text
    assert drum["digital_code"] in page.text
    assert f"{address}/decision" not in page.text
    assert (await shipper.send_form(f"{address}/note", {}, page=address)).status_code == 303
    inspector = await trade.served.page_visitor("inspector")
    assert address in (await inspector.get("/")).text
    assert (await inspector.send_form(f"{address}/acknowledgement", {}, page=address)).status_code == 303
    silent = await gate.send_form(f"{address}/decision", {"accept": "true", "reason": ""}, page=address)
    assert silent.status_code == 422
    done = await gate.send_form(f"{address}/decision", {"accept": "true", "reason": "按合同接受"}, page=address)
    assert done.headers["location"] == here
    label = {"label": trade.label_text(drum), "gross": "200"}
    assert (await gate.send_form(here, label, page=here)).status_code == 303
