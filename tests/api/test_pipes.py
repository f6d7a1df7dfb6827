"""A pipe over HTTP: meters, a month that runs, readings of both ends, and who may do what."""

from typing import Any

from tests.support.trade import API, Trade, asked, refused, sent, today
from tests.support.world import OIL
from wastetrack.ids import new_id
from wastetrack.manifests.periods import PeriodLength, whole_period


def a_meter(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  any field
    """A mass flow meter that counts tonnes."""
    day = today()
    return {
        "code": "FT-1",
        "name": "外输流量计",
        "kind": "mass_flow",
        "unit": "t",
        "uncertainty_per_mille": 2,
        "verified_on": day.isoformat(),
        "verified_until": day.replace(year=day.year + 2, day=1).isoformat(),
        **changes,
    }


def a_period(trade: Trade, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """This month's waste oil, from the workshop to the incinerator."""
    month = whole_period(today(), PeriodLength.MONTH)
    waste = {"waste_code": OIL, "waste_name": "废矿物油", "form": "liquid", "hazards": ["T", "I"], "planned_g": 10**6}
    return {
        "shipper_site_id": str(trade.world.generator.site.id),
        "receiver_site_id": str(trade.world.receiver.site.id),
        "method": "D10",
        "begins_on": month.begins_on.isoformat(),
        "ends_on": month.ends_on.isoformat(),
        "wastes": [waste],
        **changes,
    }


async def a_running_month(trade: Trade) -> tuple[str, str, str]:
    """The ids of a manifest that runs and of the meters at its ends."""
    shipper, receiver = await trade.shipper(), await trade.receiver()
    site, other = trade.world.generator.site.id, trade.world.receiver.site.id
    first = await sent(shipper, f"/sites/{site}/meters", a_meter(), expect=201)
    owner = await trade.program(trade.world.receiver.logins["owner"])  # type: ignore[index]
    second = await sent(owner, f"/sites/{other}/meters", a_meter(), expect=201)
    draft = await sent(shipper, "/manifests/periods", a_period(trade), expect=201)
    assert (draft["kind"], draft["state"], draft["number"]) == ("continuous", "draft", None)
    assert (await receiver.get(f"{API}/manifests/{draft['id']}")).status_code == 404
    opened = await sent(shipper, f"/manifests/{draft['id']}/opening", {})
    assert opened["manifest"]["state"] == "running"
    return draft["id"], first["id"], second["id"]


async def test_a_month_runs_over_http(trade: Trade) -> None:
    manifest_id, first, second = await a_running_month(trade)
    shipper, gate = await trade.shipper(), await trade.gate()
    path = f"/manifests/{manifest_id}/readings"
    reading = {"waste_code": OIL, "day": today().isoformat()}
    sender = {**reading, "side": "shipper", "meter_id": first, "value": "1.25"}
    taker = {**reading, "side": "receiver", "meter_id": second, "value": "1.24"}

    assert (await (await trade.nobody()).send_json(API + path, sender)).status_code == 401
    assert (await (await trade.stranger()).send_json(API + path, sender)).status_code == 404
    assert (await gate.send_json(API + path, sender)).status_code == 403
    assert (await shipper.send_json(API + path, {**sender, "value": 1.25})).status_code in {201, 422}
    await sent(shipper, path, {**sender, "reason": "再次填报"}, expect=201)
    entered = await sent(gate, path, taker, expect=201)
    assert (entered["day"]["sent_g"], entered["day"]["received_g"]) == (1_250_000, 1_240_000)
    assert entered["day"]["closed_at"]
    assert entered["log"]["receipt"]["signature"]

    period = await asked(gate, f"/manifests/{manifest_id}/period")
    assert period["totals"][0] | {"waste_name": ""} == {
        "waste_code": OIL,
        "waste_name": "",
        "form": "liquid",
        "planned_g": 10**6,
        "sent_g": 1_250_000,
        "received_g": 1_240_000,
        "records": 1,
    }
    assert len(period["days"]) == today().day
    assert (await (await trade.stranger()).get(f"{API}/manifests/{manifest_id}/period")).status_code == 404
    assert (await (await trade.inspector()).get(f"{API}/manifests/{manifest_id}/period")).status_code == 200
    listed = await asked(shipper, "/manifests?state=running")
    assert any(one["id"] == manifest_id and one["measured_g"] == 1_240_000 for one in listed["items"])

    steps = (await asked(shipper, f"/manifests/{manifest_id}"))["next_steps"]
    assert {step["step"] for step in steps} == {"cancel", "sum_up"}
    await refused(shipper, f"/manifests/{manifest_id}/cancellation", {"reason": "停用"}, "moved_already")
    month_over = today() == whole_period(today(), PeriodLength.MONTH).ends_on
    codes = [] if month_over else ["period_lasts"]
    if today().day > 1 or not month_over:
        await refused(shipper, f"/manifests/{manifest_id}/summing-up", {}, *codes, "days_open")
    missing = {"waste_code": OIL, "day": today().isoformat(), "reason": "无答复"}
    path = f"/manifests/{manifest_id}/missing-readings"
    assert (await (await trade.stranger()).send_json(API + path, missing)).status_code == 404
    await refused(shipper, path, missing, "reading_not_overdue", "nothing_missing")

    # Preparing the sum shows its words, or what is missing, as it does for every signed step.
    prepared = await shipper.send_json(f"{API}/manifests/{manifest_id}/summing-up/preparation", {})
    assert prepared.status_code == 422
    assert (await shipper.get(f"{API}/manifests/{manifest_id}/manifest.pdf")).status_code == 200


async def test_the_words_of_an_opening_tell_period_and_waste(trade: Trade) -> None:
    shipper = await trade.shipper()
    day = whole_period(today(), PeriodLength.MONTH).begins_on.replace(year=today().year - 1)
    last_year = {"begins_on": day.isoformat(), "ends_on": day.isoformat()}
    old = await sent(shipper, "/manifests/periods", a_period(trade, **last_year), expect=201)
    await refused(shipper, f"/manifests/{old['id']}/opening", {}, "period_over")
    other = a_period(trade, wastes=[{**a_period(trade)["wastes"][0], "waste_code": "336-064-17", "hazards": ["T"]}])
    draft = await sent(shipper, "/manifests/periods", other, expect=201)
    prepared = await sent(shipper, f"/manifests/{draft['id']}/opening/preparation", {}, expect=201)
    assert "336-064-17 废矿物油: 1 t expected." in prepared["words"]["en"] or "expected" in prepared["words"]["en"]
    assert "预计" in prepared["words"]["zh"]
    assert day.replace(year=today().year).isoformat() in prepared["words"]["zh"]
    refusal = await shipper.send_json(f"{API}/manifests/{draft['id']}/pick-up", {})
    assert refusal.status_code == 409
    no_period = await trade.filed(await trade.labelled())
    assert (await shipper.get(f"{API}/manifests/{no_period}/period")).status_code == 404


async def test_meters_are_entered_by_their_site_and_read_there_and_by_its_authority(trade: Trade) -> None:
    site = trade.world.generator.site.id
    path = f"/sites/{site}/meters"
    assert (await (await trade.nobody()).send_json(API + path, a_meter())).status_code == 401
    assert (await (await trade.stranger()).send_json(API + path, a_meter())).status_code == 403
    await refused(await trade.shipper(), path, a_meter(unit="m3"), "density_implausible")
    made = await sent(await trade.shipper(), path, a_meter(code="FT-9", unit="m3", density_g_per_l=870), expect=201)
    await asked(await trade.stranger(), path, expect=404)
    await asked(await trade.shipper(), f"/sites/{new_id()}/meters", expect=404)
    found = await asked(await trade.inspector(), path)
    assert made["id"] in {one["id"] for one in found["meters"]}
