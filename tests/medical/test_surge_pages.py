"""The plan of an epidemic on its page, day by day, and as a workbook; regions by name on the pages of emergencies."""

import io
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from tests.medical.test_reserve_served import TONNE, kiln, order, worked_out
from tests.support.medical_served import Ward
from tests.support.spoken import IN_EACH_LANGUAGE
from tests.support.trade import today
from wastetrack import clock
from wastetrack.i18n import Locale, translate


@IN_EACH_LANGUAGE
async def test_the_plan_of_all_days_is_taken_away_and_one_day_is_shown(medical: Ward, locale: Locale) -> None:
    await medical.packed()
    await medical.sent("approver", "/helpers", kiln("西方水泥三号窑", daily_g=40 * TONNE))
    asked = {"region_code": "3706", "preset": "wuhan", "begins_on": today().isoformat(), "base_g": 9 * TONNE}
    waiting = await medical.sent("inspector", "/surges", asked)
    inspector, here = await medical.browser("inspector"), f"/medical/surges/{waiting['id']}"
    assert (await inspector.get(f"{here}/plan.xlsx")).status_code == 404
    await worked_out(medical, waiting["task_id"])
    answer = (await medical.got("inspector", f"/surges/{waiting['id']}"))["answer"]
    book = await inspector.get(f"{here}/plan.xlsx?lang={locale}")
    assert book.status_code == 200
    read = CalamineWorkbook.from_filelike(io.BytesIO(book.content))
    days, _, loads = (read.get_sheet_by_name(name).to_python() for name in read.sheet_names)
    heading = next(row for row in days if translate("Arises", locale) in str(row))
    assert any("西方水泥三号窑" in str(cell) for cell in heading)
    masses = [Decimal(str(row[-1])) for row in loads if isinstance(row[-1], float)]
    carried = Decimal(sum(one["mass_g"] for one in answer["loads"])) / TONNE
    assert sum(masses) == pytest.approx(carried, abs=Decimal("0.001"))
    first = answer["days"][0]["day"]
    page = (await inspector.get(f"{here}?lang={locale}&day={first}")).text
    assert f'<option value="{first}" selected>' in page
    assert (await inspector.get(f"{here}?day=")).status_code == 200
    assert (await inspector.get(f"{here}?day=1999-01-01")).status_code == 200, "a day beyond it is its worst"


async def test_the_form_of_a_trip_card_offers_who_is_called(medical: Ward) -> None:
    bag = await medical.packed()
    await medical.stored(bag)
    world = medical.served.world
    office, page = await medical.browser("office"), f"/medical/cards/new?site_id={medical.hospital.site_id}"
    assert "应急调用" not in (await office.get(f"{page}&lang=zh")).text
    listed = await medical.sent("approver", "/helpers", kiln("南山水泥窑", site_id=str(world.stranger.site.id)))
    given = await medical.sent("approver", "/emergencies", order("烟疫指〔2026〕9号", is_drill=False))
    here = f"/emergencies/{given['emergency']['id']}"
    call = {"helper_id": listed["helper"]["id"], "daily_g": 20 * TONNE, "from_at": clock.now().isoformat()}
    called = await medical.sent("approver", f"{here}/calls", call)
    chinese = (await office.get(f"{page}&lang=zh")).text
    for told in (
        "应急调用：南山水泥窑（水泥窑），命令 烟疫指〔2026〕9号",
        "固废法第九十一条",
        "命令 烟疫指〔2026〕9号：演练",
    ):
        assert told in chinese, told
    english = (await office.get(f"{page}&lang=en")).text
    assert "Called in an emergency: 南山水泥窑 (Cement kiln), order 烟疫指〔2026〕9号" in english
    assert '<option value="C1"' in english
    form = {
        "site_id": str(medical.hospital.site_id),
        "receiver_site_id": f"{world.stranger.site.id}.{called['call_id']}",
        "treatment": "C1",
        "carrier_id": str(world.carrier.id),
        "plate": world.plate,
        "driver_name": "陈杰",
        "container_ids": bag["id"],
        "boxes": "1",
    }
    unread = await office.send_form("/medical/cards/new", {**form, "receiver_site_id": "." * 73}, page=page)
    assert unread.status_code == 422
    await medical.sent("approver", f"/emergency-calls/{called['call_id']}/ending", {}, expect=200)
    over = await office.send_form("/medical/cards/new?lang=en", form, page=page)
    assert over.status_code == 422
    assert "The call of this facility is not in force for your county now." in over.text
    again = await medical.sent("approver", f"{here}/calls", {**call, "from_at": clock.now().isoformat()})
    form["receiver_site_id"] = f"{world.stranger.site.id}.{again['call_id']}"
    made = await office.send_form("/medical/cards/new", form, page=page)
    assert made.status_code == 303, made.text
    await medical.sent("approver", f"{here}/end", {}, expect=200)


async def test_regions_of_emergencies_are_told_and_chosen_by_name(medical: Ward) -> None:
    drill = await medical.sent("approver", "/emergencies", order("烟疫指演77号"))
    approver = await medical.browser("approver")
    for path in ("/medical/emergencies", f"/medical/emergencies/{drill['emergency']['id']}"):
        page = (await approver.get(f"{path}?lang=zh")).text
        assert "烟台市" in page, path
        assert ">3706<" not in page, path
    for path in ("/medical/emergencies", "/medical/helpers", "/medical/surges"):
        page = (await approver.get(f"{path}?lang=zh")).text
        assert '<option value="370602">' in page, path


async def test_all_that_is_wrong_with_an_epidemic_is_told_at_once(medical: Ward) -> None:
    inspector = await medical.browser("inspector")
    form = {"region_code": "3706", "preset": "own", "begins_on": "1890-01-01", "base": "2", "peak": "1"}
    form |= {"rise_days": "0", "high_days": "", "fall_days": "900", "called_after_days": "-1", "hold_days": "9"}
    refused = await inspector.send_form("/medical/surges", form, page="/medical/surges")
    assert refused.status_code == 422
    for field in ("peak", "rise_days", "fall_days", "begins_on", "called_after_days", "hold_days"):
        assert f'href="#f-{field}"' in refused.text, field
    assert 'value="900"' in refused.text, "nothing typed is lost"
