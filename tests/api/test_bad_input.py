"""What cannot be right is refused with every broken rule: its field, code, value and the next step."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support import parties as made
from tests.support.receivers import Receiver, receiver_with, suspended_receiver, yesterday
from tests.support.trade import API, Trade, refused, sent, today
from tests.support.world import OIL
from wastetrack import clock
from wastetrack.containers.labels import DigitalCode, make_label_text
from wastetrack.db.session import writing
from wastetrack.ids import new_id
from wastetrack.parties.model import OrganisationKind


def only_error(problem: dict[str, Any]) -> dict[str, Any]:
    """The one broken rule of a problem document, complete in both languages."""
    (error,) = problem["errors"]
    assert error["message"]
    assert error["message_zh"]
    assert "{" not in error["message"] + error["next_step"]
    found: dict[str, Any] = error
    return found


@pytest.mark.parametrize(
    ("changes", "field", "code", "value"),
    [
        ({"waste_code": "900-999-08"}, "waste_code", "waste_code_unknown", "900-999-08"),
        ({"waste_code": "336-100-21"}, "waste_code", "waste_code_retired", "336-100-21"),
        ({"waste_code": "oil"}, "waste_code", "waste_code_unreadable", "oil"),
        ({"gross_g": 20_000}, "gross_g", "mass_not_positive", 20_000),
        ({"gross_g": 0, "tare_g": 0}, "gross_g", "mass_not_positive", 0),
        ({"gross_g": 200_000_000}, "gross_g", "mass_absurd", 200_000_000),
        ({"gross_g": 20_180}, "gross_g", "mass_too_light", 20_180),
        ({"volume_l": 200_000, "confirmed": True}, "volume_l", "volume_absurd", 200_000),
        ({"generated_on": "2099-01-01"}, "generated_on", "generated_on_implausible", "2099-01-01"),
    ],
)
async def test_a_label_that_cannot_be_right_is_not_printed(
    trade: Trade, changes: dict[str, Any], field: str, code: str, value: object
) -> None:
    error = only_error(await refused(await trade.shipper(), "/containers", trade.drum(**changes), code))
    assert (error["field"], error["value"]) == (field, value)
    assert error["next_step"]
    assert error["next_step_zh"]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"gross_g": -5}, "gross_g", "greater_than_equal"),
        ({"gross_g": 1.5}, "gross_g", "int_type"),
        ({"gross_g": "200 kg"}, "gross_g", "int_type"),
        ({"gross_g": 10**16}, "gross_g", "less_than_equal"),
        ({"gros_g": 1}, "gros_g", "extra_forbidden"),
        ({"waste_name": "油\x00"}, "waste_name", "character_refused"),
        ({"waste_name": "油\u202e"}, "waste_name", "character_refused"),
        ({"waste_name": "废\u200d油"}, "waste_name", "character_refused"),
        ({"site_id": "here"}, "site_id", "uuid_parsing"),
        ({"packaging": "sack"}, "packaging", "enum"),
        ({"hazards": ["T", "Z"]}, "hazards.1", "enum"),
        ({"method": "declared"}, "method", "enum"),
    ],
)
async def test_a_value_that_cannot_be_read_names_its_field(
    trade: Trade, changes: dict[str, Any], field: str, code: str
) -> None:
    error = only_error(await refused(await trade.shipper(), "/containers", trade.drum(**changes), code))
    assert error["field"] == field


async def test_all_broken_rules_are_told_at_once(trade: Trade) -> None:
    body = trade.drum(waste_code="900-999-08", volume_l=0, gross_g=20_000)
    codes = ("volume_absurd", "mass_not_positive", "waste_code_unknown")
    problem = await refused(await trade.shipper(), "/containers", body, *codes)
    assert (problem["code"], problem["status"]) == ("volume_absurd", 422)
    assert problem["type"].endswith("/problems/rule-broken")


async def filing_refused(trade: Trade, code: str, receiver: Receiver | None = None, **drum: Any) -> dict[str, Any]:  # noqa: ANN401
    """File a fresh drum for a receiver; the one broken rule."""
    end = trade.world.receiver.site if receiver is None else receiver.site
    await trade.plans(end.organisation_id, drum.get("waste_code", OIL))
    changes = {} if receiver is None else {"receiver_site_id": str(receiver.site.id)}
    manifest_id = await trade.drafted(await trade.labelled(**drum), **changes)
    return only_error(await refused(await trade.shipper(), f"/manifests/{manifest_id}/filing", {}, code))


async def test_a_code_that_is_not_on_the_receiver_s_permit_is_not_filed(trade: Trade) -> None:
    error = await filing_refused(trade, "permit_without_code", waste_code="900-041-49", hazards=["T"])
    assert (error["field"], error["value"]) == ("waste_code", "900-041-49")
    assert error["article"]


async def test_an_expired_permit_allows_nothing(trade: Trade) -> None:
    async with writing(trade.served.owner) as session:
        receiver = await receiver_with(session, valid_to=yesterday(today()))
    error = await filing_refused(trade, "permit_expired", receiver)
    assert receiver.permit_number in error["message"]


async def test_a_suspended_permit_allows_nothing_while_it_is_suspended(trade: Trade) -> None:
    async with writing(trade.served.owner) as session:
        receiver = await suspended_receiver(session, since=today())
    error = await filing_refused(trade, "permit_suspended", receiver)
    assert receiver.permit_number in error["message"]


async def test_the_yearly_quantity_of_a_permit_is_not_exceeded(trade: Trade) -> None:
    async with writing(trade.served.owner) as session:
        receiver = await receiver_with(session, items=(made.item("HW08", "D10", "300 kg"),))
    await trade.plans(receiver.site.organisation_id, OIL)
    first = await trade.filed(await trade.labelled(), receiver_site_id=str(receiver.site.id))
    error = await filing_refused(trade, "permit_quantity_exceeded", receiver)
    assert error["article"]
    # What is given back can be used again.
    await sent(await trade.shipper(), f"/manifests/{first}/cancellation", {"reason": "改期"})
    await trade.filed(await trade.labelled(), receiver_site_id=str(receiver.site.id))


async def test_a_receiver_without_a_permit_gets_nothing(trade: Trade) -> None:
    async with writing(trade.served.owner) as session:
        firm = await made.registered(session, OrganisationKind.DISPOSER)
        receiver = Receiver(await made.site_added(session, firm), "")
    await filing_refused(trade, "permit_missing", receiver)


@pytest.mark.parametrize(
    ("plate", "code"),
    [("鲁F1234", "plate_unreadable"), ("鲁O12345", "plate_letter"), ("鲁F99999", "vehicle_unknown")],
)
async def test_a_plate_that_is_wrong_or_not_the_carrier_s_is_refused_in_the_draft(
    trade: Trade, plate: str, code: str
) -> None:
    plan = trade.plan(await trade.labelled())
    plan["legs"][0]["plate"] = plate
    error = only_error(await refused(await trade.shipper(), "/manifests", plan, code))
    assert (error["field"], error["value"]) == ("legs.0.plate", plate)


async def test_a_container_is_on_one_open_manifest_at_a_time(trade: Trade) -> None:
    drum = await trade.labelled()
    first = await trade.filed(drum)
    number = (await trade.standing(first))["manifest"]["number"]
    second = await trade.drafted(drum)
    path = f"/manifests/{second}/filing"
    error = only_error(await refused(await trade.shipper(), path, {}, "container_on_open_manifest"))
    assert (error["field"], error["value"]) == ("container_ids", drum["digital_code"])
    assert number in error["message"]


async def test_a_plan_for_a_distant_day_is_not_filed(trade: Trade) -> None:
    distant = (today() + timedelta(days=400)).isoformat()
    manifest_id = await trade.drafted(await trade.labelled(), planned_on=distant)
    problem = await sent(await trade.shipper(), f"/manifests/{manifest_id}/filing", {}, expect=422)
    assert "planned_on_implausible" in [error["code"] for error in problem["errors"]]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"), "label_forged"),
        (lambda text: text[:-4], "label_damaged"),
        (lambda text: text.replace("LOCALHOST", "WASTE.EXAMPLE"), "label_other_deployment"),
        (lambda _: "https://example.test/menu", "label_unreadable"),
        (lambda _: "a drum of oil", "label_unreadable"),
    ],
    ids=["forged", "damaged", "other deployment", "another address", "no label"],
)
async def test_a_label_that_is_not_ours_is_refused_at_the_gate(trade: Trade, spoil: Any, code: str) -> None:  # noqa: ANN401
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    scan = trade.scan(drum, label=spoil(trade.label_text(drum)))
    problem = await refused(await trade.gate(), f"/manifests/{manifest_id}/scans", scan, code, status=400)
    assert problem["detail"]
    assert (await trade.standing(manifest_id))["manifest"]["lines"][0]["outcome"] is None


async def test_a_typed_code_with_a_wrong_credit_code_is_damaged(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    code = drum["digital_code"]
    wrong = code[:16] + ("0" if code[16] != "0" else "1") + code[17:]
    scan = trade.scan(drum, label=wrong)
    await refused(await trade.gate(), f"/manifests/{manifest_id}/scans", scan, "label_damaged", status=400)
    typed = trade.scan(drum, label=f"{code[:18]} {code[18:26]} {code[26:34]} {code[34:]}")
    scanned = await sent(await trade.gate(), f"/manifests/{manifest_id}/scans", typed, expect=201)
    assert scanned["outcome"] == "accepted"


async def test_a_label_of_another_key_is_forged(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    text = make_label_text(trade.keys.base_url, DigitalCode.parse(drum["digital_code"]), b"another deployment's key")
    scan = trade.scan(drum, label=text)
    await refused(await trade.gate(), f"/manifests/{manifest_id}/scans", scan, "label_forged", status=400)


async def test_a_mass_that_cannot_be_is_weighed_again_at_the_gate(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    path = f"/manifests/{manifest_id}/scans"
    error = only_error(await refused(await trade.gate(), path, trade.scan(drum, gross_g=200_000_000), "mass_absurd"))
    assert error["field"] == "gross_g"


async def test_a_signature_out_of_order_says_what_is_possible(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    problem = await refused(
        await trade.carrier(), f"/manifests/{manifest_id}/arrival", {}, "not_at_the_gate", status=403
    )
    assert problem["detail_zh"]
    problem = await refused(
        await trade.receiver(), f"/manifests/{manifest_id}/confirmation", {}, "signature_out_of_order", status=409
    )
    assert "Cancel, Void, Check loading, Pick up" in problem["detail"]
    assert "撤销、作废" in problem["detail_zh"]


async def test_nothing_is_signed_for_a_time_to_come_or_before_the_last_step(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    path = f"/manifests/{manifest_id}/pick-up"
    later = {"happened_at": (clock.now() + timedelta(hours=1)).isoformat()}
    error = only_error(await refused(await trade.carrier(), path, later, "dated_in_future"))
    assert error["field"] == "happened_at"
    assert error["next_step"]
    earlier = {"happened_at": (clock.now() - timedelta(days=2)).isoformat()}
    assert only_error(await refused(await trade.carrier(), path, earlier, "dated_before"))["field"] == "happened_at"
    without_zone = {"happened_at": "2026-03-02T09:00:00"}
    only_error(await refused(await trade.carrier(), path, without_zone, "timezone_aware"))


async def test_characters_that_cannot_be_kept_are_refused_wherever_they_stand(trade: Trade) -> None:
    shipper = await trade.shipper()
    site = trade.world.generator.site.id
    for path in (
        "/containers?search=%00",
        "/containers?waste_code=%00",
        f"/ledger/statement?kind=treated&detail=%00&site_id={site}",
        "/manifests?number=%00",
    ):
        assert (await shipper.get(API + path)).status_code in {400, 422}, path


async def test_what_is_not_there_is_not_found_and_not_described(trade: Trade) -> None:
    shipper = await trade.shipper()
    for path in (f"/manifests/{new_id()}", f"/containers/{new_id()}", f"/log/leaves/{new_id()}"):
        answered = await shipper.get(API + path)
        assert answered.status_code == 404, path
    await refused(shipper, "/containers", trade.drum(site_id=str(new_id())), "site_unknown", status=404)
