"""Plans and contracts through the API, and who reads and writes them."""

from typing import Any

from tests.support import parties as made
from tests.support.parties import AT
from tests.support.plans import UNIT
from tests.support.trade import Trade, asked, refused, sent, today
from tests.support.world import OIL
from wastetrack.db.session import writing
from wastetrack.ids import new_id
from wastetrack.parties.registering import add_site


async def a_new_site(trade: Trade) -> str:
    """A further site of the workshop."""
    async with writing(trade.served.owner) as session:
        command = made.site_command(trade.world.generator.id, name=f"分厂{new_id()}")
        return str((await add_site(session, made.platform_operator(), command, at=AT)).id)


def tables(trade: Trade, value: str = "12.5") -> dict[str, Any]:
    """What a small maker of waste must say."""
    return {
        "unit": UNIT.model_dump(mode="json"),
        "generation": [{"waste_code": OIL, "hazards": ["T", "I"], "planned": {"value": value, "unit": "t"}}],
        "transfer": [
            {
                "waste_code": OIL,
                "planned": {"value": value, "unit": "t"},
                "method": "D10",
                "receiver_id": str(trade.world.receiver.id),
            }
        ],
    }


async def filed(trade: Trade) -> str:
    """A plan of a site of its own, filed."""
    shipper = await trade.shipper()
    plan = await sent(shipper, f"/sites/{await a_new_site(trade)}/plans", {"year": today().year}, expect=201)
    await sent(shipper, f"/plans/{plan['id']}/tables", tables(trade))
    done = await sent(shipper, f"/plans/{plan['id']}/submission", {})
    assert done["plan"]["state"] == "filed"
    assert done["log"]["event_id"]
    return str(plan["id"])


async def test_a_plan_is_begun_filled_in_filed_and_changed(trade: Trade) -> None:
    shipper = await trade.shipper()
    plan_id = await filed(trade)
    shown = await asked(shipper, f"/plans/{plan_id}")
    assert [(one["waste_code"], one["planned_g"], one["booked_g"]) for one in shown["items"]] == [(OIL, 12_500_000, 0)]
    assert (shown["newest"]["management_class"], shown["plan"]["version"]) == ("registration", 1)
    await refused(shipper, f"/plans/{plan_id}/tables", {"generation": []}, "plan_filed_already", status=409)
    await sent(shipper, f"/plans/{plan_id}/change", {}, expect=201)
    await sent(shipper, f"/plans/{plan_id}/tables", {"transfer": tables(trade, "20")["transfer"]})
    await sent(shipper, f"/plans/{plan_id}/submission", {})
    version = await asked(shipper, f"/plans/{plan_id}/versions/2")
    (changed,) = version["differences"]
    assert (changed["name"], changed["before"], changed["after"]) == ("planned", "12.5 t", "20 t")
    assert plan_id in {one["id"] for one in (await asked(shipper, f"/plans?year={today().year}"))["items"]}


async def test_everything_that_is_missing_is_told_at_once(trade: Trade) -> None:
    shipper = await trade.shipper()
    plan = await sent(shipper, f"/sites/{await a_new_site(trade)}/plans", {"year": today().year}, expect=201)
    problem = await sent(shipper, f"/plans/{plan['id']}/submission", {}, expect=422)
    assert len(problem["errors"]) == 10
    assert {"unit.legal_person", "unit.industry_code", "generation", "transfer"} <= {
        error["field"] for error in problem["errors"]
    }


async def test_a_quantity_is_a_number_of_a_known_unit(trade: Trade) -> None:
    shipper = await trade.shipper()
    plan = await sent(shipper, f"/sites/{await a_new_site(trade)}/plans", {"year": today().year}, expect=201)
    body = {"generation": [{"waste_code": OIL, "planned": {"value": "1", "unit": "stone"}}]}
    await refused(shipper, f"/plans/{plan['id']}/tables", body, "enum")
    await refused(shipper, f"/plans/{plan['id']}/tables", {"waste": []}, "extra_forbidden")


async def test_drafts_are_the_owner_s_and_filed_plans_the_authority_s_too(trade: Trade) -> None:
    shipper, inspector, stranger = await trade.shipper(), await trade.inspector(), await trade.stranger()
    site = await a_new_site(trade)
    draft = await sent(shipper, f"/sites/{site}/plans", {"year": today().year}, expect=201)
    plan_id = await filed(trade)
    for path in (f"/plans/{draft['id']}", f"/plans/{draft['id']}/versions/1"):
        await asked(inspector, path, expect=404)
        await asked(stranger, path, expect=404)
    await asked(inspector, f"/plans/{plan_id}")
    await asked(await trade.receiver(), f"/plans/{plan_id}", expect=404)
    for path in ("tables", "change", "submission"):
        await sent(stranger, f"/plans/{plan_id}/{path}", {}, expect=404)
        await sent(inspector, f"/plans/{plan_id}/{path}", {}, expect=403)
    await sent(stranger, f"/sites/{site}/plans", {"year": today().year}, expect=403)
    open_ones = (await asked(inspector, f"/plan-filings?filed=false&year={today().year}"))["items"]
    assert site in {one["site_id"] for one in open_ones}
    await asked(shipper, "/plan-filings", expect=403)


async def test_an_authority_sets_a_class(trade: Trade) -> None:
    approver = await trade.served.api_visitor("approver")
    path = f"/sites/{await a_new_site(trade)}/management-class"
    body = {"management_class": "key_supervision", "reason": "沿河一公里内"}
    assert (await sent(approver, path, body, expect=201))["log"]["event_id"]
    await sent(await trade.shipper(), path, body, expect=403)
    await refused(approver, path, {**body, "reason": ""}, "field_empty")


def a_contract(trade: Trade, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  any field
    return {
        "shipper_id": str(trade.world.generator.id),
        "receiver_id": str(trade.world.receiver.id),
        "number": f"HT-{new_id().hex[-10:]}",
        "signed_on": "2026-01-05",
        "valid_from": "2026-01-05",
        "valid_to": "2026-12-31",
        "clauses_acknowledged": True,
        "items": [{"waste_code": OIL, "method": "D10", "quantity_g": 5_000_000}],
        **changes,
    }


async def test_a_contract_is_entered_by_one_side_and_agreed_to_by_the_other(trade: Trade) -> None:
    shipper, receiver, stranger = await trade.shipper(), await trade.receiver(), await trade.stranger()
    body = a_contract(trade)
    contract = await sent(shipper, "/contracts", body, expect=201)
    path = f"/contracts/{contract['id']}"
    await refused(shipper, "/contracts", body, "contract_number_taken", status=409)
    await refused(shipper, f"{path}/agreement", {}, "own_contract", status=403)
    await sent(stranger, f"{path}/agreement", {}, expect=404)
    await asked(stranger, path, expect=404)
    await asked(await trade.inspector(), path, expect=404)
    agreed = await sent(receiver, f"{path}/agreement", {})
    assert (agreed["contract"]["state"], bool(agreed["log"]["event_id"])) == ("confirmed", True)
    await refused(receiver, f"{path}/agreement", {}, "contract_state", status=409)
    await asked(await trade.inspector(), path)
    ended = await sent(shipper, f"{path}/ending", {"reason": "停产"})
    assert (ended["contract"]["state"], ended["contract"]["end_reason"]) == ("ended", "停产")
    await sent(stranger, "/contracts", body, expect=403)


async def test_all_that_is_wrong_with_a_contract_is_told(trade: Trade) -> None:
    wrong = a_contract(
        trade,
        number=" ",
        valid_to="2025-12-31",
        signed_on="2199-01-01",
        clauses_acknowledged=False,
        items=[{"waste_code": "900-999-08", "quantity_g": 0}],
    )
    problem = await sent(await trade.shipper(), "/contracts", wrong, expect=422)
    assert [error["code"] for error in problem["errors"]] == [
        "field_empty",
        "days_reversed",
        "contract_signed_later",
        "contract_clauses_missing",
        "waste_code_unknown",
        "mass_not_positive",
    ]


async def test_the_scan_of_a_contract_is_seen_by_both_sides_alone(trade: Trade) -> None:
    shipper, receiver, stranger = await trade.shipper(), await trade.receiver(), await trade.stranger()
    contract = await sent(shipper, "/contracts", a_contract(trade), expect=201)
    path = f"/api/v1/contracts/{contract['id']}/attachments"
    content = b"contract,signed\n1,yes\n"
    kept = await shipper.post(
        path, files={"file": ("合同.csv", content, "text/csv")}, headers={"Idempotency-Key": str(new_id())}
    )
    assert kept.status_code == 201, kept.text
    gate = await trade.gate()
    assert len((await gate.get(path)).json()["items"]) == 1
    more = {"files": {"file": ("门岗.csv", content + b"2", "text/csv")}, "headers": {"Idempotency-Key": str(new_id())}}
    refused_of = await gate.post(path, **more)
    assert (refused_of.status_code, refused_of.json()["code"]) == (403, "may_not_file")
    file = f"/api/v1/contract-attachments/{kept.json()['id']}"
    assert (await receiver.get(file)).content == content
    assert (await stranger.get(file)).status_code == 404
    assert (await stranger.get(path)).status_code == 404
    assert len((await receiver.get(path)).json()["items"]) == 1


async def test_a_manifest_takes_of_the_plan_what_the_api_shows(trade: Trade) -> None:
    shipper = await trade.shipper()
    site = str(trade.world.generator.site.id)
    plans = (await asked(shipper, f"/plans?year={today().year}"))["items"]
    (plan,) = [one for one in plans if one["site_id"] == site]

    async def used() -> int:
        items = (await asked(shipper, f"/plans/{plan['id']}"))["items"]
        return sum(one["booked_g"] for one in items if one["waste_code"] == OIL and one["method"] == "D10")

    before = await used()
    await trade.filed(await trade.labelled())
    assert await used() == before + 180_000
