"""The register through the pages: who finds, who enters, and what a refusal looks like."""

import re
from datetime import date

import pytest

from tests.support.parties import firm_command
from tests.support.served import Served, Visitor
from wastetrack.ids import new_id


def firm_fields(**changes: str) -> dict[str, str]:
    command = firm_command()
    return {
        "credit_code": command.credit_code,
        "name": command.name,
        "name_en": "",
        "kinds": "generator",
        "region_code": command.region_code,
        "address": command.address,
        "contact_name": command.contact_name,
        "contact_phone": command.contact_phone,
        "jurisdiction": "",
        **changes,
    }


async def registered(served: Served, **changes: str) -> str:
    """The address of a firm just registered."""
    approver = await served.page_visitor("approver")
    response = await approver.send_form("/organisations/new", firm_fields(**changes), page="/organisations/new")
    assert response.status_code == 303, response.text
    return str(response.headers["location"])


async def test_an_approver_registers_a_firm_and_everybody_finds_it(served: Served) -> None:
    fields = firm_fields()
    approver = await served.page_visitor("approver")
    response = await approver.send_form("/organisations/new", fields, page="/organisations/new")
    place = response.headers["location"]
    assert "已登记。" in (await approver.get(place)).text
    for login in ("viewer", "stranger", "inspector"):
        visitor = await served.page_visitor(login)
        found = await visitor.get("/organisations", params={"q": fields["credit_code"]})
        assert fields["name"] in found.text
        assert (await visitor.get(place)).status_code == 200


async def test_a_wrong_form_comes_back_with_every_broken_rule_at_its_field(served: Served) -> None:
    approver = await served.page_visitor("approver")
    fields = firm_fields(
        credit_code="91370602MA00000000", region_code="370600", contact_phone="none", name="留下的名字"
    )
    response = await approver.send_form("/organisations/new", fields, page="/organisations/new")
    assert response.status_code == 422
    for field in ("credit_code", "region_code", "contact_phone"):
        assert f'href="#f-{field}"' in response.text
        assert f'id="f-{field}-error"' in response.text
    assert 'value="留下的名字"' in response.text
    assert re.search(r'value="generator" checked', response.text)


async def test_a_credit_code_that_is_taken_is_told_in_the_form(served: Served) -> None:
    approver = await served.page_visitor("approver")
    fields = firm_fields()
    assert (await approver.send_form("/organisations/new", fields, page="/organisations/new")).status_code == 303
    again = await approver.send_form("/organisations/new", fields, page="/organisations/new")
    assert again.status_code == 409
    assert fields["credit_code"] in again.text
    assert 'class="summary"' in again.text


@pytest.mark.parametrize("login", ["owner", "filer", "viewer", "regulator", "inspector"])
async def test_others_do_not_register_firms_and_are_told_why(served: Served, login: str) -> None:
    visitor = await served.page_visitor(login)
    assert "/organisations/new" not in (await visitor.get("/organisations")).text
    sent = await visitor.send_form("/organisations/new", firm_fields(name="没有登记"), page="/account")
    for refused in (sent, await visitor.get("/organisations/new")):
        assert refused.status_code == 403
        assert "角色" in refused.text
        assert 'name="credit_code"' not in refused.text, "a form is offered to whoever may send it"


async def test_an_owner_adds_what_belongs_to_his_firm_and_a_stranger_does_not_see_it(served: Served) -> None:
    carrier, stranger = await served.page_visitor("carrier"), await served.page_visitor("stranger")
    place = f"/organisations/{served.places['carrier']}"
    plate = f"鲁F{int(new_id()) % 100000:05}"
    fields = {
        "plate": plate,
        "rated_load": "１2.5",
        "licence_number": "鲁交运管烟字370600099999号",
        "licence_valid_to": "2027-12-31",
    }
    added = await carrier.send_form(f"{place}/vehicles/new", fields, page=f"{place}/vehicles/new")
    assert added.status_code == 303
    shown = (await carrier.get(place)).text
    assert plate in shown
    assert "12.5 t" in shown
    assert plate in (await (await served.page_visitor("inspector")).get(place)).text
    assert plate not in (await stranger.get(place)).text
    refused = await stranger.send_form(f"{place}/vehicles/new", fields, page="/account")
    assert refused.status_code == 403


async def test_drivers_licences_sites_and_stores_are_added_by_forms(served: Served) -> None:
    carrier = await served.page_visitor("carrier")
    place = f"/organisations/{served.places['carrier']}"
    serial = f"{int(new_id()) % 10**10:010}"
    driver = {
        "name": "王强",
        "certificate_number": f"37060219{serial}",
        "certificate_valid_to": "2027-12-31",
        "phone": "13800000000",
    }
    licence = {"number": f"鲁{serial}号", "valid_from": "2026-01-01", "valid_to": "2029-12-31", "classes": "8"}
    site = {
        "name": f"车场{serial}",
        "kind": "depot",
        "region_code": "370602",
        "address": "港湾大道9号",
        "latitude": "37.54",
        "longitude": "121.39",
    }
    site_place = ""
    for path, fields in (("drivers", driver), ("licences", licence), ("sites", site)):
        added = await carrier.send_form(f"{place}/{path}/new", fields, page=f"{place}/{path}/new")
        assert added.status_code == 303, (path, added.text)
        site_place = added.headers["location"]
    store = {"code": "TS9", "name": "暂存间", "limit": "3"}
    added = await carrier.send_form(f"{site_place}/stores/new", store, page=f"{site_place}/stores/new")
    assert added.headers["location"] == site_place
    assert "3 t" in (await carrier.get(site_place)).text
    assert "TS9" not in (await (await served.page_visitor("stranger")).get(site_place)).text


async def test_a_permit_is_granted_line_by_line_and_wrong_lines_are_named(served: Served) -> None:
    place = await registered(served, kinds="disposer")
    approver = await served.page_visitor("approver")
    number = f"烟台危证{new_id()}"
    fields = {
        "number": number,
        "kind": "comprehensive",
        "valid_from": "2026-01-01",
        "valid_to": "2030-12-31",
        "site_id": "",
        "items.1.pattern": "HW08",
        "items.1.methods": "D10、R9",
        "items.1.yearly": "1,000",
        "items.3.pattern": "900-999-99",
        "items.3.methods": "D10",
        "items.3.yearly": "5",
    }
    address = f"{place}/permits/new"
    refused = await approver.send_form(address, fields, page=address)
    assert refused.status_code == 422
    # The line is the form's, though the second of those that were filled.
    assert 'href="#f-items-3-pattern"' in refused.text
    unreadable = await approver.send_form(address, {**fields, "items.1.yearly": "a lot"}, page=address)
    assert 'href="#f-items-1-yearly"' in unreadable.text
    right = {**fields, "items.3.pattern": "900-041-49"}
    checked = await approver.send_form(address, {**right, "step": "check"}, page=f"{address}?lang=zh")
    assert checked.status_code == 200
    assert "尚未录入" in checked.text
    for told in (number, "HW08", "D10 R9", "1,000 t", 'name="items.3.pattern" value="900-041-49"'):
        assert told in checked.text, told
    assert number not in (await approver.get(place)).text
    changing = await approver.send_form(address, {**right, "step": "change"}, page=address)
    assert changing.status_code == 200
    assert 'name="items.3.pattern" value="900-041-49"' in changing.text
    assert "尚未录入" not in changing.text
    granted = await approver.send_form(address, {**right, "step": "enter"}, page=address)
    assert granted.status_code == 303
    shown = (await approver.get(granted.headers["location"])).text
    assert number in shown
    assert "1,000 t" in shown
    assert "900-041-49" in shown
    assert (await (await served.page_visitor("inspector")).get(address)).status_code == 403
    owner = await served.page_visitor("owner")
    assert (await owner.send_form(address, fields, page="/account")).status_code == 403


async def test_a_permit_is_suspended_restored_and_renewed(served: Served) -> None:
    approver = await served.page_visitor("approver")
    place = f"/permits/{served.world.permit_id}"
    fields = {"from_on": date(2026, 6, 1).isoformat(), "to_on": "", "reason": "台账不全"}
    suspended = await approver.send_form(f"{place}/suspend", fields, page=place)
    assert suspended.status_code == 303
    shown = (await approver.get(place)).text
    assert "台账不全" in shown
    again = await approver.send_form(f"{place}/suspend", fields, page=place)
    assert again.status_code == 409
    lift = re.search(r'action="([^"]+/lift)"', shown)
    assert lift is not None
    lifted = await approver.send_form(lift.group(1), {"last_on": "2026-06-30"}, page=place)
    assert lifted.status_code == 303
    renewal = (await approver.get(f"{place}/renew")).text
    assert 'value="HW08"' in renewal
    assert 'value="100"' in renewal
    inspector: Visitor = await served.page_visitor("inspector")
    assert "/suspend" not in (await inspector.get(place)).text
    assert (await inspector.send_form(f"{place}/suspend", fields, page="/account")).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/organisations/00000000-0000-7000-8000-000000000000",
        "/organisations/not-a-uuid",
        "/sites/00000000-0000-7000-8000-000000000000",
        "/permits/00000000-0000-7000-8000-000000000000",
        "/permits/00000000-0000-7000-8000-000000000000/renew",
        "/organisations/00000000-0000-7000-8000-000000000000/sites/new",
    ],
)
async def test_what_is_not_registered_is_not_found(served: Served, path: str) -> None:
    assert (await (await served.page_visitor("approver")).get(path)).status_code == 404
    assert (await served.visitor().get(path)).status_code in {303, 404}


async def test_codes_are_found_by_words_and_initials_and_as_a_block(served: Served) -> None:
    viewer = await served.page_visitor("viewer")
    for asked in ("900-249", "废矿物油", "fkwy", "HW08"):
        response = await viewer.get("/codes", params={"q": asked})
        assert "900-249-08" in response.text
        assert "<!doctype html>" in response.text
    block = await viewer.get("/codes", params={"q": "fkwy"}, headers={"HX-Request": "true"})
    assert "900-249-08" in block.text
    assert "<html" not in block.text
    general = await viewer.get("/codes", params={"q": "900-001-S17"})
    assert all(said in general.text for said in ("SW17", "可再生类废物", "一般工业固体废物类别"))
    nothing = await viewer.get("/codes", params={"q": "zzzzzz"})
    assert "名录中没有符合条件的条目" in nothing.text


async def test_a_code_is_shown_with_its_edition_and_a_retired_one_with_the_reason(served: Served) -> None:
    viewer = await served.page_visitor("viewer")
    entry = await viewer.get("/codes/900-249-08", params={"on": "2026-03-02"})
    assert "2025年版" in entry.text
    earlier = await viewer.get("/codes/900-249-08", params={"on": "2022-03-02"})
    assert "2021年版" in earlier.text
    unknown = await viewer.get("/codes/999-999-49")
    assert unknown.status_code == 422
    assert (await served.visitor().get("/codes")).status_code == 303
