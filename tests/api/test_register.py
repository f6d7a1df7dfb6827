"""The register and the lists through the API: who enters what, and how it is read back."""

from typing import Any
from uuid import UUID

import pytest

from tests.support.parties import firm_command
from tests.support.served import Served, Visitor
from wastetrack.ids import new_id

API = "/api/v1"


def a_firm(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  any member of the body
    command = firm_command()
    return {
        "credit_code": command.credit_code,
        "name": command.name,
        "kinds": ["generator"],
        "region_code": command.region_code,
        "address": command.address,
        "contact_name": command.contact_name,
        "contact_phone": command.contact_phone,
        **changes,
    }


def a_permit(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "number": f"烟台危证{new_id()}",
        "kind": "comprehensive",
        "valid_from": "2026-01-01",
        "valid_to": "2030-12-31",
        "items": [{"pattern": "HW08", "methods": ["D10", "R9"], "yearly_g": 1_000_000_000}],
        **changes,
    }


async def registered(approver: Visitor, **changes: Any) -> UUID:  # noqa: ANN401
    response = await approver.send_json(f"{API}/organisations", a_firm(**changes))
    assert response.status_code == 201, response.text
    return UUID(response.json()["id"])


async def test_a_plant_is_registered_with_site_store_and_permit(served: Served) -> None:
    approver, operator = await served.api_visitor("approver"), await served.api_visitor("operator")
    plant = await registered(approver, kinds=["disposer"])
    site = await operator.send_json(
        f"{API}/organisations/{plant}/sites",
        {
            "name": "焚烧厂",
            "kind": "treatment",
            "region_code": "370602",
            "address": "港湾大道9号",
            "latitude": "37.54",
            "longitude": "121.39",
        },
    )
    assert site.status_code == 201
    stores = f"{API}/sites/{site.json()['id']}/stores"
    store = await operator.send_json(stores, {"code": "TS1", "name": "暂存库", "limit_g": 20_000_000})
    assert (store.status_code, store.json()["limit_g"]) == (201, 20_000_000)
    permit = await approver.send_json(f"{API}/organisations/{plant}/permits", a_permit(site_id=site.json()["id"]))
    assert permit.status_code == 201
    shown = (await (await served.api_visitor("stranger")).get(f"{API}/permits/{permit.json()['id']}")).json()
    assert shown["items"] == [{"pattern": "HW08", "methods": ["D10", "R9"], "yearly_g": 1_000_000_000}]


async def test_a_permit_is_suspended_lifted_and_renewed(served: Served) -> None:
    approver = await served.api_visitor("approver")
    plant = await registered(approver, kinds=["disposer"])
    permit = (await approver.send_json(f"{API}/organisations/{plant}/permits", a_permit())).json()
    place = f"{API}/permits/{permit['id']}"
    suspended = await approver.send_json(f"{place}/suspensions", {"from_on": "2026-06-01", "reason": "台账不全"})
    suspension = suspended.json()["suspensions"][0]
    assert suspension["to_on"] is None
    lifted = await approver.send_json(f"{place}/suspensions/{suspension['id']}/lift", {"last_on": "2026-06-30"})
    assert lifted.json()["suspensions"][0]["to_on"] == "2026-06-30"
    renewal = {"number": permit["number"], "valid_from": "2031-01-01", "valid_to": "2035-12-31"}
    renewed = await approver.send_json(f"{place}/renewals", renewal)
    assert renewed.status_code == 201
    assert renewed.json()["items"] == permit["items"]


async def test_a_carriers_fleet_is_entered_by_its_owner(served: Served) -> None:
    carrier, stranger = await served.api_visitor("carrier"), await served.api_visitor("stranger")
    place = f"{API}/organisations/{served.places['carrier']}"
    serial = int(new_id()) % 10**5
    bodies: dict[str, dict[str, Any]] = {
        "vehicles": {
            "plate": f"鲁F{serial:05}",
            "rated_load_g": 10_000_000,
            "licence_number": "鲁交运管烟字370600012345号",
            "licence_valid_to": "2027-12-31",
        },
        "drivers": {
            "name": "王强",
            "certificate_number": f"3706021985{serial:08}",
            "certificate_valid_to": "2027-12-31",
            "phone": "13800000000",
        },
        "transport-licences": {
            "number": f"鲁交运管许可烟字{serial:012}号",
            "valid_from": "2026-01-01",
            "valid_to": "2029-12-31",
            "classes": ["8", "9"],
        },
    }
    for path, body in bodies.items():
        assert (await stranger.send_json(f"{place}/{path}", body)).status_code == 403
        assert (await carrier.send_json(f"{place}/{path}", body)).status_code == 201, path
        assert (await carrier.send_json(f"{place}/{path}", body)).status_code == 409, path


async def test_every_broken_rule_is_told_at_once(served: Served) -> None:
    approver = await served.api_visitor("approver")
    wrong = a_firm(credit_code="91370602MA00000000", region_code="370600", contact_phone="none")
    problem = (await approver.send_json(f"{API}/organisations", wrong)).json()
    assert {rule["field"] for rule in problem["errors"]} == {"credit_code", "region_code", "contact_phone"}
    assert all(rule["next_step_zh"] != rule["next_step"] for rule in problem["errors"])


@pytest.mark.parametrize("login", ["owner", "viewer", "inspector", "driver"])
async def test_others_do_not_register(served: Served, login: str) -> None:
    program = await served.api_visitor(login)
    assert (await program.send_json(f"{API}/organisations", a_firm())).status_code == 403
    place = f"{API}/organisations/{served.places['receiver']}/permits"
    assert (await program.send_json(place, a_permit())).status_code == 403


async def test_the_lists_are_asked(served: Served) -> None:
    viewer = await served.api_visitor("viewer")
    found = (await viewer.get(f"{API}/waste-codes", params={"search": "fkwy", "limit": 3})).json()["items"]
    assert len(found) == 3
    entry = (await viewer.get(f"{API}/waste-codes/900-249-08", params={"on": "2026-03-02"})).json()
    assert entry["category"] == "HW08"
    assert entry["hazards"] == ["T", "I"]
    unknown = await viewer.get(f"{API}/waste-codes/999-999-49")
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "waste_code_unknown")
    methods = (await viewer.get(f"{API}/treatment-methods")).json()["items"]
    assert "D10" in {method["code"] for method in methods}
    provinces = (await viewer.get(f"{API}/regions")).json()["items"]
    assert "370000" in {region["code"] for region in provinces}
    cities = (await viewer.get(f"{API}/regions", params={"parent": "370000"})).json()["items"]
    assert "370600" in {region["code"] for region in cities}
    county = (await viewer.get(f"{API}/regions/370602")).json()
    assert county["name_full"] == "山东省烟台市芝罘区"
    assert (await viewer.get(f"{API}/regions/999999")).status_code == 404
    assert (await viewer.get(f"{API}/un-numbers/UN1203")).json()["number"] == "1203"
    names = {edition["list_name"] for edition in (await viewer.get(f"{API}/editions")).json()["items"]}
    assert "waste_codes" in names


@pytest.mark.parametrize(
    "path", ["/waste-codes", "/regions", "/treatment-methods", "/editions", f"/permits/{UUID(int=7)}"]
)
async def test_nobody_is_told_nothing(served: Served, path: str) -> None:
    assert (await served.visitor().get(API + path)).status_code == 401
