"""Medical waste over HTTP: the way of a bag, who may, and which token is enough."""

import io
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from tests.support.medical import STEAM
from tests.support.medical_served import API, Ward
from tests.support.trade import today
from tests.support.world import PASSWORD
from wastetrack.ids import new_id


async def test_a_bag_from_the_ward_to_the_plant(medical: Ward) -> None:
    bag = await medical.packed()
    assert (bag["waste_code"], bag["department"]) == ("841-001-01", "内科一病区")
    walk = await medical.stored(bag)
    whole = await medical.got("office", f"/rounds/{walk}")
    assert (whole["state"], whole["bags"], whole["handovers"][0]["nurse_name"]) == ("in_store", 1, "李护士")
    card = await medical.sent("office", "/cards", medical.card(bag))
    address = f"/cards/{card['id']}"
    await medical.got("gate", address, expect=404)
    prepared = await medical.sent("office", f"{address}/hand-over/preparation", {"version": 1})
    assert "I have handed over the medical waste of trip card" in prepared["words"]["en"]
    done = await medical.sent("office", f"{address}/hand-over", {"version": 1}, expect=200)
    assert done["card"]["state"] == "handed_over"
    await medical.sent("driver", f"{address}/pick-up", {}, expect=200)
    await medical.sent("gate", f"{address}/arrived", {}, expect=200)
    weighed = await medical.sent(
        "gate", f"{address}/weighings", {"label": bag["digital_code"], "gross_g": 3_300, "scale_id": "GATE-2"}
    )
    assert (weighed["found"], weighed["measured_g"]) == ("as_declared", 3_250)
    done = await medical.sent("plant", f"{address}/receipt", {}, expect=200)
    assert done["card"]["state"] == "received"
    for path, pages in ((f"{address}/card.pdf?lang=en", 1), (f"/months/{card['manifest_id']}/manifest.pdf", 2)):
        printed = await (await medical.program("inspector")).get(API + path)
        assert (printed.status_code, len(PdfReader(io.BytesIO(printed.content)).pages)) == (200, pages)
        assert (await (await medical.program("stranger")).get(API + path)).status_code == 404
    await medical.sent("gate", f"{address}/cleanings", {"what": ["vehicle", "boxes"], "agent": "含氯消毒剂"})
    seen = await medical.got("inspector", address)
    assert [one["what"] for one in seen["cleanings"]] == ["vehicle", "boxes"]
    line = (
        await medical.got(
            "office", f"/register?site_id={medical.hospital.site_id}&begins_on={today()}&ends_on={today()}"
        )
    )["items"][-1]
    assert (line["source"], line["kind"], line["net_g"], line["method"]) == ("内科一病区", "infectious", 3_200, STEAM)
    assert line["handed_over_at"] is not None


async def test_a_scale_pushes_with_the_scope_weigh_alone(medical: Ward) -> None:
    owner = await medical.program("owner")
    made = await owner.send_json("/api/v1/tokens", {"name": f"scale {new_id()}", "days": 1, "scopes": ["weigh"]})
    assert made.status_code == 201, made.text
    scale = medical.served.visitor()
    scale.bearer = made.json()["secret"]
    reading_id = new_id()
    pushed = await scale.send_json(f"{API}/scales/readings", {"serial": "SC-001", "gross_g": 4_050}, key=reading_id)
    assert (pushed.status_code, pushed.json()["id"]) == (201, str(reading_id))
    again = await scale.send_json(f"{API}/scales/readings", {"serial": "SC-001", "gross_g": 4_050}, key=reading_id)
    assert (again.status_code, again.json()) == (201, pushed.json())
    refused = await scale.send_json(f"{API}/bags", medical.bag())
    assert refused.status_code == 403
    assert refused.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="label"'
    newest = await medical.got("nurse", f"/wards/{medical.hospital.ward.id}/reading")
    assert (newest["reading_id"], newest["gross_g"], newest["scale"]) == (str(reading_id), 4_050, "SC-001")
    bag = await medical.packed(reading_id=str(reading_id), gross_g=None)
    assert (bag["net_g"], bag["scale_id"]) == (4_000, "SC-001")
    assert (await medical.got("nurse", f"/wards/{medical.hospital.ward.id}/reading"))["reading_id"] is None


async def test_a_nurse_confirms_with_her_own_factor_on_the_collectors_phone(medical: Ward) -> None:
    bag = await medical.packed()
    walk = await medical.sent("collector", "/rounds", {"site_id": str(medical.hospital.site_id)})
    given = {
        "ward_id": str(medical.hospital.ward.id),
        "labels": [bag["digital_code"]],
        "bags": 1,
        "mass_g": 3_200,
        "nurse_login": medical.login_of("nurse"),
    }
    path = f"/rounds/{walk['id']}/hand-overs"
    refused = await medical.sent("collector", path, {**given, "nurse_factor": "falsch"}, expect=422)
    assert refused["errors"][0]["code"] == "password_wrong"
    unnamed = await medical.sent("collector", path, given, expect=422)
    assert unnamed["errors"][0]["field"] == "nurse_factor"
    stranger = await medical.sent("collector", path, {**given, "nurse_login": "stranger"}, expect=422)
    assert stranger["errors"][0]["code"] == "signer_unknown"
    done = await medical.sent("collector", path, {**given, "nurse_factor": PASSWORD})
    assert done["nurse_confirmed"] == "factor"


async def test_others_see_nothing_of_a_hospital(medical: Ward) -> None:
    bag = await medical.packed()
    walk = await medical.stored(bag)
    ward_id = medical.hospital.ward.id
    assert (await medical.got("stranger", "/wards"))["items"] == []
    assert (await medical.got("stranger", f"/bags?ward_id={ward_id}"))["items"] == []
    assert (await medical.got("stranger", "/rounds"))["items"] == []
    assert (await medical.got("stranger", "/scales"))["items"] == []
    days = f"begins_on={today()}&ends_on={today()}"
    register = f"/register?site_id={medical.hospital.site_id}&{days}"
    for path in (f"/rounds/{walk}", f"/wards/{ward_id}/reading", f"/cards/{new_id()}", register):
        await medical.got("stranger", path, expect=404)
    await medical.sent("stranger", "/bags", medical.bag(), expect=404)
    await medical.sent("stranger", "/rounds", {"site_id": str(medical.hospital.site_id)}, expect=403)
    await medical.sent("stranger", "/cards", medical.card(bag), expect=403)
    watched = await medical.got("inspector", "/wards")
    assert str(ward_id) in {one["id"] for one in watched["items"]}
    assert (await medical.got("inspector", f"/bags?ward_id={ward_id}"))["items"]


async def test_points_institutions_visits_and_their_clock(medical: Ward) -> None:
    world = medical.served.world
    opening = {"site_id": str(medical.hospital.site_id), "served_by_id": str(world.carrier.id)}
    point = await medical.sent("owner", "/points", opening)
    clinic = {
        "point_id": point["id"],
        "name": "东村卫生室",
        "region_code": "370602",
        "kind": "village_clinic",
        "contact_name": "孙医生",
        "contact_phone": "13800001111",
    }
    made = await medical.sent("owner", "/institutions", clinic)
    visit = {
        "way": "delivered",
        "given_by": "孙医生",
        "taken_by": "收集员",
        "bags": [
            {
                "kind": "infectious",
                "packaging": "bag",
                "volume_l": 20,
                "filled_percent": 70,
                "gross_g": 1_050,
                "tare_g": 50,
                "method": "platform_scale",
            }
        ],
    }
    done = await medical.sent("collector", f"/institutions/{made['id']}/visits", visit)
    assert (done["bags"], done["mass_g"], done["containers"][0]["site_id"]) == (1, 1_000, str(medical.hospital.site_id))
    for who in ("collector", "driver", "inspector"):
        (one,) = (await medical.got(who, "/institutions"))["items"]
        assert (one["name"], one["days"], one["overdue"], one["mass_g"]) == ("东村卫生室", 0, False, 1_000)
    assert (await medical.got("stranger", "/institutions"))["items"] == []
    await medical.sent("stranger", f"/institutions/{made['id']}/visits", visit, expect=404)


async def test_an_authority_switches_emergency_mode_on_and_off(medical: Ward) -> None:
    order = {
        "region_code": "370602",
        "order_number": "烟疫指〔2026〕3号",
        "reason": "聚集性疫情",
        "from_at": datetime(2026, 1, 1, tzinfo=UTC).isoformat(),
        "until_at": datetime(2027, 1, 1, tzinfo=UTC).isoformat(),
    }
    for who in ("inspector", "owner"):
        await medical.sent(who, "/emergencies", order, expect=403)
    made = (await medical.sent("approver", "/emergencies", order))["emergency"]
    bag = await medical.packed()
    flagged = await medical.got("nurse", "/bags?emergency=true")
    assert [one["container_id"] for one in flagged["items"]] == [bag["id"]]
    assert (await medical.got("nurse", "/emergencies"))["items"][0]["order_number"] == "烟疫指〔2026〕3号"
    await medical.sent("approver", f"/emergencies/{made['id']}/end", {}, expect=200)
    await medical.packed()
    assert len((await medical.got("nurse", "/bags?emergency=true"))["items"]) == 1


@pytest.mark.parametrize("path", ["/wards", "/scales", "/bags", "/rounds", "/cards", "/institutions", "/emergencies"])
async def test_nobody_reads_without_signing_in(medical: Ward, path: str) -> None:
    assert (await medical.served.visitor().get(API + path)).status_code == 401


async def test_wards_and_scales_are_entered_and_closed(medical: Ward) -> None:
    site = str(medical.hospital.site_id)
    ward = await medical.sent(
        "owner", "/wards", {"site_id": site, "code": "W77", "name": "急诊", "kind": "emergency_room"}
    )
    scale = {
        "site_id": site,
        "ward_id": ward["id"],
        "name": "急诊秤",
        "serial": "SC-077",
        "unit": "kg",
        "accuracy": "III",
        "verified_on": "2026-06-01",
        "verified_until": "2027-05-31",
        "uncertainty_g": 5,
    }
    await medical.sent("owner", "/scales", scale)
    assert {"SC-001", "SC-077"} <= {one["serial"] for one in (await medical.got("nurse", "/scales"))["items"]}
    closed = await medical.sent(
        "owner", f"/wards/{ward['id']}", {"name": "急诊", "kind": "emergency_room", "active": False}, expect=200
    )
    assert closed["active"] is False
    refused = await medical.sent("nurse", "/bags", medical.bag(ward_id=ward["id"]), expect=422)
    assert refused["errors"][0]["code"] == "ward_closed"
