"""The pages of medical waste as a browser without script sends them, in both languages."""

import io
import re
from datetime import datetime, time

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from tests.support.medical import STEAM
from tests.support.medical_served import Ward
from tests.support.trade import today
from tests.support.visible import words
from tests.support.world import PASSWORD
from wastetrack import clock
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.ids import new_id
from wastetrack.manifests.monthly import month_of

READING = ("/medical", "/medical/bags", "/medical/institutions", "/medical/emergencies")


async def shown(medical: Ward, who: str, path: str, *, lang: str = "en") -> str:
    """A page's text."""
    answered = await (await medical.browser(who)).get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    assert answered.status_code == 200, answered.text
    text: str = answered.text
    return text


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("who", ["nurse", "collector", "office", "owner", "driver", "gate", "inspector", "approver"])
async def test_whoever_works_with_it_can_open_every_list(medical: Ward, who: str, lang: str) -> None:
    for path in READING:
        await shown(medical, who, path, lang=lang)


async def test_the_nurse_packs_by_the_reading_or_by_hand(medical: Ward) -> None:
    nurse, ward = await medical.browser("nurse"), f"/medical/wards/{medical.hospital.ward.id}"
    program = await medical.program("owner")
    key = new_id()
    await program.send_json("/api/v1/medical/scales/readings", {"serial": "SC-001", "gross_g": 5_050}, key=key)
    text = await shown(medical, "nurse", ward)
    assert "5.05 kg" in text
    assert str(key) in text
    bag = {
        "kind": "infectious",
        "packaging": "bag",
        "volume_l": "60",
        "filled_percent": "75",
        "tare": "0.05",
        "reading_id": str(key),
        "use_reading": "true",
    }
    packed = await nurse.send_form(ward, bag, page=ward)
    assert packed.status_code == 303, packed.text
    assert "5 kg" in await shown(medical, "nurse", packed.headers["location"])
    typed = {**bag, "gross": "2.05"}
    del typed["use_reading"]
    again = await nurse.send_form(ward, typed, page=ward)
    assert "Packed: 2 kg" in words(await shown(medical, "nurse", again.headers["location"]))
    refused = await nurse.send_form(ward, {**typed, "packaging": "drum", "filled_percent": "90"}, page=ward)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert 'value="2.05"' in refused.text


async def test_the_way_of_a_bag_over_the_pages(medical: Ward) -> None:
    bag = await medical.packed()
    collector = await medical.browser("collector")
    started = await collector.send_form("/medical/rounds", {"site_id": str(medical.hospital.site_id)}, page="/medical")
    walk = started.headers["location"]
    given = {
        "ward_id": str(medical.hospital.ward.id),
        "labels": bag["digital_code"] + "\n",
        "bags": "1",
        "mass": "3.2",
        "nurse_login": medical.login_of("nurse"),
        "nurse_factor": "wrong",
    }
    refused = await collector.send_form(f"{walk}/hand-overs", given, page=walk)
    assert refused.status_code == 422
    assert 'value="wrong"' not in refused.text
    taken = await collector.send_form(f"{walk}/hand-overs", {**given, "nurse_factor": PASSWORD}, page=walk)
    assert taken.status_code == 303, taken.text
    assert "confirmed herself" in await shown(medical, "collector", walk)
    ending = {"store_id": str(medical.hospital.store_id), "end_bags": "2", "end_mass": "3.2"}
    wrong = await collector.send_form(f"{walk}/end", ending, page=walk)
    assert wrong.status_code == 422
    ended = await collector.send_form(f"{walk}/end", {**ending, "end_bags": "1"}, page=walk)
    assert ended.status_code == 303, ended.text
    await card_over_the_pages(medical, bag["id"])


async def card_over_the_pages(medical: Ward, container_id: str) -> None:
    """From the store to the plant."""
    world, office = medical.served.world, await medical.browser("office")
    listed = f"/medical/cards/new?site_id={medical.hospital.site_id}"
    assert container_id in await shown(medical, "office", listed)
    form = {
        "site_id": str(medical.hospital.site_id),
        "receiver_site_id": str(world.receiver.site.id),
        "treatment": STEAM,
        "carrier_id": str(world.carrier.id),
        "plate": world.plate,
        "driver_name": "陈杰",
        "container_ids": container_id,
        "boxes": "1",
    }
    refused = await office.send_form("/medical/cards/new", {**form, "plate": "?"}, page="/medical/cards/new")
    assert refused.status_code == 422
    made = await office.send_form("/medical/cards/new", form, page="/medical/cards/new")
    assert made.status_code == 303, made.text
    card = made.headers["location"]
    await medical.signs("office", f"{card}/sign/hand-over", {"version": "1"}, page=card)
    assert "Somebody else signs on this device" in await shown(medical, "office", card)
    await medical.signs("driver", f"{card}/sign/pick-up", {}, page=card)
    gate = await medical.browser("gate")
    assert (await gate.send_form(f"{card}/arrived", {}, page=card)).status_code == 303
    plant = await medical.browser("plant")
    empty = await plant.send_form(f"{card}/sign/receipt", {"total": ""}, page=card)
    assert empty.status_code == 422
    done = await medical.signs("plant", f"{card}/sign/receipt", {"total": "3.15"}, page=card)
    assert done.headers["location"] == card
    cleaned = await gate.send_form(f"{card}/cleanings", {"what": "vehicle", "agent": "含氯消毒剂"}, page=card)
    assert cleaned.status_code == 303, cleaned.text
    text = await shown(medical, "inspector", card)
    assert "3.15 kg" in text
    assert "含氯消毒剂" in text


async def test_card_and_door_label_are_printed_with_a_code_that_leads_back(medical: Ward) -> None:
    bag = await medical.packed(highly_infectious=True, layers=2)
    await medical.stored(bag)
    card = await medical.sent("office", "/cards", medical.card(bag))
    office, ward = await medical.browser("office"), medical.hospital.ward
    for address, leads_to in (
        (f"/medical/cards/{card['id']}/card.pdf", f"/medical/cards/{card['id']}"),
        (f"/medical/wards/{ward.id}/door.pdf", f"/medical/wards/{ward.id}"),
    ):
        printed = await office.get(address)
        assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf")
        assert code_on(printed.content).endswith(leads_to)
    refused = await (await medical.browser("stranger")).get(f"/medical/cards/{card['id']}/card.pdf")
    assert refused.status_code == 404
    await medical.sent("office", f"/cards/{card['id']}/withdrawal", {"reason": ""}, expect=200)


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def code_on(pdf: bytes) -> str:
    """What the first QR code on the first page says."""
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=4).to_pil()
    return str(zxingcpp.read_barcodes(picture)[0].text)


async def test_wards_scales_points_and_emergencies_are_entered_by_forms(medical: Ward) -> None:
    owner, site = await medical.browser("owner"), str(medical.hospital.site_id)
    ward = {"site_id": site, "code": "W55", "name": "检验科", "kind": "laboratory", "location": ""}
    made = await owner.send_form("/medical/wards/new", ward, page="/medical/wards/new")
    assert made.status_code == 303, made.text
    settings = made.headers["location"]
    again = await owner.send_form("/medical/wards/new", ward, page="/medical/wards/new")
    assert again.status_code == 409
    scale = {
        "name": "检验科秤",
        "serial": "SC-055",
        "unit": "kg",
        "accuracy": "III",
        "verified_on": "2026-01-01",
        "verified_until": "2027-01-01",
        "uncertainty": "0.005",
    }
    entered = await owner.send_form(settings.replace("settings", "scales"), scale, page=settings)
    assert entered.status_code == 303, entered.text
    assert "SC-055" in await shown(medical, "owner", settings)
    changed = await owner.send_form(
        settings, {"name": "检验中心", "kind": "laboratory", "active": "true"}, page=settings
    )
    assert changed.status_code == 303, changed.text
    refused = await (await medical.browser("nurse")).get("/medical/wards/new")
    assert refused.status_code == 403
    here = "/medical/institutions"
    point = {"site_id": site, "served_by_id": str(medical.served.world.carrier.id), "interval_hours": ""}
    opened = await owner.send_form("/medical/points", point, page=here)
    assert opened.status_code in {303, 409}, opened.text
    listed = await shown(medical, "owner", here)
    point_id = re.search(r'name="point_id"[^>]*>\s*<option value="([^"]+)"', listed)
    assert point_id, listed
    clinic = {
        "point_id": point_id.group(1),
        "name": "西村卫生室",
        "region_code": "370602",
        "kind": "village_clinic",
        "contact_name": "刘医生",
        "contact_phone": "13800002222",
    }
    covered = await owner.send_form("/medical/institutions", clinic, page=here)
    assert covered.status_code == 303, covered.text
    text = await shown(medical, "collector", here)
    found = re.search(r'href="(/medical/institutions/[^"]+)">西村卫生室', text)
    assert found, text
    visit = {
        "way": "fetched",
        "given_by": "刘医生",
        "taken_by": "收集员",
        "kind": "infectious",
        "packaging": "bag",
        "volume_l": "20",
        "filled_percent": "60",
        "gross": "0.85",
        "tare": "0.05",
    }
    collector = await medical.browser("collector")
    taken = await collector.send_form(found.group(1), visit, page=found.group(1))
    assert taken.status_code == 303, taken.text
    assert taken.headers["location"].startswith("/containers/")
    order = {
        "region_code": "370602",
        "order_number": "烟疫指〔2026〕9号",
        "reason": "演练",
        "from_on": "2026-01-01",
        "until_on": "2026-01-02",
    }
    approver = await medical.browser("approver")
    ordered = await approver.send_form("/medical/emergencies", order, page="/medical/emergencies")
    assert ordered.status_code == 303, ordered.text
    assert "烟疫指〔2026〕9号" in await shown(medical, "nurse", "/medical/emergencies")


# The last here: no card can be made for a month that is summed up.
async def test_the_month_is_summed_up_and_confirmed_on_its_page(medical: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    bag = await medical.packed()
    await medical.stored(bag)
    card = await medical.sent("office", "/cards", medical.card(bag))
    address = f"/cards/{card['id']}"
    await medical.sent("office", f"{address}/hand-over", {}, expect=200)
    await medical.sent("driver", f"{address}/pick-up", {}, expect=200)
    await medical.sent("gate", f"{address}/arrived", {}, expect=200)
    month = f"/manifests/{card['manifest_id']}"
    assert "trip card" in (await shown(medical, "office", month)).lower()
    office = await medical.browser("office")
    early = await office.send_form(f"{month}/sign/sum-up", {}, page=month)
    assert early.status_code == 422
    await medical.sent("plant", f"{address}/receipt", {"total_g": 3_200}, expect=200)
    real, later = clock.now, datetime.combine(month_of(today())[1], time(20), LEGAL_ZONE) - clock.now()
    monkeypatch.setattr(clock, "now", lambda: real() + later)
    medical.sign_in_anew()
    open_cards = (await medical.got("office", f"/cards?manifest_id={card['manifest_id']}"))["items"]
    for one in open_cards:
        if one["state"] in {"draft", "handed_over"}:
            await medical.sent("office", f"/cards/{one['id']}/withdrawal", {"reason": "改期"}, expect=200)
    await medical.signs("office", f"{month}/sign/sum-up", {}, page=month)
    await medical.signs("plant", f"{month}/sign/confirm", {}, page=month)
    printed = await (await medical.browser("plant")).get(f"/medical/months/{card['manifest_id']}/manifest.pdf")
    text = pages_of(printed.content)
    assert len(text) == 2
    number = (await (await medical.program("office")).get(f"/api/v1/manifests/{card['manifest_id']}")).json()
    number = number["manifest"]["number"] if "manifest" in number else number["number"]
    assert all(number in page.replace(" ", "") for page in text)
    medical.sign_in_anew()
