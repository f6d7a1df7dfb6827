"""What is held ready for an epidemic, over HTTP and on its pages: who may, what is refused, what a simulation tells."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.support.medical_served import API, Ward
from tests.support.trade import today
from wastetrack import clock
from wastetrack.auth.model import viewer_of_jurisdiction
from wastetrack.db.session import Sight
from wastetrack.ids import new_id
from wastetrack.jobs.handlers import HANDLERS
from wastetrack.jobs.long_work import perform
from wastetrack.settings import Settings

TONNE = 1_000_000


def kiln(name: str, **told: object) -> dict[str, Any]:
    """A kiln for the list."""
    return {
        "region_code": "3706",
        "kind": "cement_kiln",
        "name": name,
        "longitude": 121.25,
        "latitude": 37.45,
        "daily_g": 30 * TONNE,
        "lead_hours": 24,
        "agreement_number": f"烟环协{new_id()}",
        "agreement_from": today().isoformat(),
        "agreement_to": (today() + timedelta(days=900)).isoformat(),
        "contact_name": "值班室",
        "contact_phone": "0535-6000000",
        **told,
    }


def order(number: str, **told: object) -> dict[str, Any]:
    """An order for the prefecture."""
    now = clock.now()
    return {
        "region_code": "3706",
        "order_number": number,
        "reason": "演练",
        "from_at": now.isoformat(),
        "until_at": (now + timedelta(days=3)).isoformat(),
        "is_drill": True,
        "rules": "由市指挥部调度",
        **told,
    }


async def worked_out(medical: Ward, task_id: str) -> None:
    """The worker's turn."""
    row = medical.served.world.inspector
    async with medical.served.owner.connect() as connection:
        found = (
            await connection.exec_driver_sql(
                f"select organisation_id, person_id from long_tasks where id = '{task_id}'"  # noqa: S608  an id of ours
            )
        ).one()
    sight = Sight(viewer_of_jurisdiction("3706"), found.organisation_id, found.person_id)
    assert row.is_regulator
    assert await perform(medical.served.app.state.engine, Settings(), HANDLERS, sight, UUID(task_id))


async def test_a_facility_is_listed_called_and_let_go(medical: Ward) -> None:
    listed = await medical.sent("approver", "/helpers", kiln("东方水泥二号窑"))
    helper = listed["helper"]["id"]
    assert (listed["helper"]["kind"], listed["log"]["event_id"]) == ("cement_kiln", helper)
    seen = await medical.got("inspector", "/helpers")
    assert helper in {one["id"] for one in seen["items"]}
    assert [(one["code"], one["ready"] > 0) for one in seen["prefectures"]] == [("3706", True)]
    assert (await medical.got("owner", "/helpers?region=3706"))["prefectures"] == []
    assert (await medical.got("owner", "/helpers?region=3702"))["items"] == []
    await medical.sent("inspector", "/helpers", kiln("别的窑"), expect=403)
    await medical.sent("owner", "/helpers", kiln("别的窑"), expect=403)
    refused = await medical.sent("approver", "/helpers", kiln("", longitude=None), expect=422)
    assert sorted(one["code"] for one in refused["errors"]) == ["name_missing", "position_missing"]
    drill = await medical.sent("approver", "/emergencies", order("烟疫指演1号"))
    emergency = drill["emergency"]["id"]
    assert (drill["emergency"]["is_drill"], drill["emergency"]["rules"]) == (True, "由市指挥部调度")
    call = {"helper_id": helper, "daily_g": 20 * TONNE, "from_at": clock.now().isoformat()}
    called = await medical.sent("approver", f"/emergencies/{emergency}/calls", call)
    await medical.sent("approver", f"/emergencies/{emergency}/calls", call, expect=409)
    await medical.sent("inspector", f"/emergencies/{emergency}/calls", call, expect=403)
    told = await medical.got("owner", f"/emergencies/{emergency}")
    assert [(one["name"], one["ended_at"]) for one in told["calls"]] == [("东方水泥二号窑", None)]
    await medical.sent("approver", f"/helpers/{helper}/ending", {}, expect=409)
    over = await medical.sent("approver", f"/emergency-calls/{called['call_id']}/ending", {}, expect=200)
    assert over["ended_at"] is not None
    ended = await medical.sent("approver", f"/helpers/{helper}/ending", {}, expect=200)
    assert ended["helper"]["ended_at"] is not None
    await medical.got("owner", f"/emergencies/{new_id()}", expect=404)
    history = await (await medical.program("inspector")).get(f"{API}/helpers?region=abc")
    assert history.status_code in {400, 422}


async def test_a_reserve_is_kept_over_http(medical: Ward) -> None:
    supply = {"kind": "disinfectant", "name": "含氯消毒片", "unit": "箱", "place": "市应急库", "minimum": 20}
    made = await medical.sent("approver", "/supplies", supply)
    assert (made["usable"], made["is_low"]) == (0, True)
    address = f"/supplies/{made['id']}"
    expires = (today() + timedelta(days=400)).isoformat()
    came = {"kind": "in", "quantity": 30, "happened_on": today().isoformat(), "expires_on": expires}
    there = await medical.sent("approver", f"{address}/moves", came)
    assert (there["usable"], there["is_low"], there["lots"]) == (30, False, [{"expires_on": expires, "quantity": 30}])
    gone = {"kind": "out", "quantity": 31, "happened_on": today().isoformat()}
    refused = await medical.sent("approver", f"{address}/moves", gone, expect=422)
    assert [one["code"] for one in refused["errors"]] == ["not_so_much"]
    assert (await medical.sent("approver", f"{address}/moves", {**gone, "quantity": 11}))["is_low"]
    told = await medical.got("inspector", address)
    assert [one["kind"] for one in told["moves"]] == ["out", "in"]
    assert made["id"] in {one["id"] for one in (await medical.got("inspector", "/supplies"))["items"]}
    await medical.got("stranger", address, expect=404)
    await medical.sent("inspector", f"{address}/moves", came, expect=403)
    await medical.sent("owner", f"{address}/moves", came, expect=404)
    assert (await medical.sent("approver", f"{address}/ending", {}, expect=200))["ended_at"] is not None
    await medical.sent("approver", f"{address}/moves", came, expect=409)


async def test_an_epidemic_is_asked_worked_out_and_read(medical: Ward) -> None:
    await medical.packed()
    await medical.sent("approver", "/helpers", kiln("西方水泥一号窑", daily_g=40 * TONNE))
    asked = {"region_code": "3706", "preset": "wuhan", "begins_on": today().isoformat(), "base_g": 9 * TONNE}
    waiting = await medical.sent("inspector", "/surges", asked)
    assert (waiting["peak_g"], waiting["unmatched_g"]) == (49_400_000, None)
    address = f"/surges/{waiting['id']}"
    page = await (await medical.browser("inspector")).get(f"/medical{address}?lang=en")
    assert "This is being worked out." in page.text
    await worked_out(medical, waiting["task_id"])
    told = await medical.got("inspector", address)
    assert told["unmatched_g"] is not None
    answer = told["answer"]
    assert answer["usual_g"] == told["usual_g"] > 0  # the receiver's permit for HW01
    taken = sum(one["mass_g"] for one in answer["loads"])
    lost = sum(day["unmatched_g"] for day in answer["days"])
    assert taken + lost + answer["days"][-1]["waits_g"] == answer["arises_g"]
    assert "西方水泥一号窑" in {one["name"] for one in answer["plants"] if one["is_called"]}
    assert waiting["id"] in {one["id"] for one in (await medical.got("approver", "/surges"))["items"]}
    for lang, words in (("en", "Who takes what on which day"), ("zh", "每日由谁处置多少")):
        page = await (await medical.browser("inspector")).get(f"/medical{address}?lang={lang}")
        assert page.status_code == 200
        assert words in page.text
        assert "西方水泥一号窑" in page.text
    for who in ("owner", "stranger"):
        await medical.got(who, address, expect=403)
        await medical.got(who, "/surges", expect=403)
    await medical.got("inspector", f"/surges/{new_id()}", expect=404)
    elsewhere = await medical.sent("inspector", "/surges", {**asked, "region_code": "3702"}, expect=403)
    assert elsewhere["code"] == "other_region"
    wrong = {**asked, "peak_g": 1, "rise_days": 0, "called_after_days": -1}
    refused = await medical.sent("inspector", "/surges", wrong, expect=422)
    assert sorted(one["code"] for one in refused["errors"]) == ["call_unreadable", "days_unreadable", "peak_low"]
    viewer = await medical.program("regulator")
    assert (await viewer.send_json(f"{API}/surges", asked)).status_code == 403
    assert (await viewer.get(f"{API}{address}")).status_code == 200
    assert (await medical.narrowed("inspector", "read", "/surges", asked)).status_code == 403
    assert (await medical.narrowed("inspector", "register", "/surges", asked)).status_code == 201
    assert (await medical.narrowed("approver", "read", "/helpers", kiln("窑"))).status_code == 403
    unknown = await medical.sent("inspector", "/surges", {**asked, "region_code": "3799"}, expect=422)
    assert [one["code"] for one in unknown["errors"]] == ["region_unknown"]


READING = ("/medical/helpers", "/medical/supplies")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("who", ["owner", "gate", "driver", "inspector", "approver"])
async def test_whoever_works_with_it_can_open_the_lists(medical: Ward, who: str, lang: str) -> None:
    for path in READING:
        answered = await (await medical.browser(who)).get(f"{path}?lang={lang}")
        assert answered.status_code == 200, answered.text


async def test_the_forms_of_an_authority(medical: Ward) -> None:
    approver = await medical.browser("approver")
    form = {name: str(value) for name, value in kiln("南方焚烧厂").items() if name != "daily_g"}
    form |= {"kind": "municipal_incinerator", "daily": "25", "rules": "高度感染性优先", "site_id": "", "address": ""}
    refused = await approver.send_form("/medical/helpers", {**form, "daily": "0"}, page="/medical/helpers")
    assert refused.status_code == 422
    assert 'href="#f-daily"' in refused.text
    listed = await approver.send_form("/medical/helpers", form, page="/medical/helpers")
    assert listed.status_code == 303, listed.text
    drill = {"region_code": "3706", "order_number": "烟疫指演2号", "reason": "演练", "is_drill": "true"}
    drill |= {"from_on": today().isoformat(), "until_on": (today() + timedelta(days=1)).isoformat(), "rules": "听指挥"}
    declared = await approver.send_form("/medical/emergencies", drill, page="/medical/emergencies")
    assert declared.status_code == 303, declared.text
    address = declared.headers["location"]
    shown = (await approver.get(f"{address}?lang=en")).text
    assert "Drill" in shown
    assert "听指挥" in shown
    helper = next(
        one["id"] for one in (await medical.got("approver", "/helpers"))["items"] if one["name"] == "南方焚烧厂"
    )
    call = {"helper_id": helper, "daily": "26", "from_at": ""}
    refused = await approver.send_form(f"{address}/calls", call, page=address)
    assert refused.status_code == 422
    called = await approver.send_form(f"{address}/calls", {**call, "daily": "25"}, page=address)
    assert called.status_code == 303, called.text
    shown = (await approver.get(f"{address}?lang=en")).text
    assert "gets ready" in shown
    ending = shown.split(f'action="{address}/calls/')[1].split('"')[0]
    gone = await approver.send_form(f"{address}/calls/{ending}", {}, page=address)
    assert gone.status_code == 303, gone.text
    assert "let go" in (await approver.get(f"{address}?lang=en")).text
    struck = await approver.send_form(f"/medical/helpers/{helper}/ending", {}, page="/medical/helpers")
    assert struck.status_code == 303, struck.text


async def test_the_forms_of_a_reserve_and_of_an_epidemic(medical: Ward) -> None:
    approver = await medical.browser("approver")
    supply = {"kind": "packaging", "name": "医疗废物包装袋", "unit": "只", "place": "市应急库", "minimum": "1000"}
    made = await approver.send_form("/medical/supplies", supply, page="/medical/supplies")
    assert made.status_code == 303, made.text
    address = made.headers["location"]
    expires = (today() + timedelta(days=30)).isoformat()
    came = {"kind": "in", "quantity": "1200", "expires_on": expires, "happened_on": today().isoformat(), "note": ""}
    assert (await approver.send_form(f"{address}/moves", came, page=address)).status_code == 303
    gone = {**came, "kind": "out", "quantity": "300", "expires_on": ""}
    assert (await approver.send_form(f"{address}/moves", gone, page=address)).status_code == 303
    shown = (await approver.get(f"{address}?lang=en")).text
    assert "900 只 can be used; there must be 1,000." in shown
    refused = await approver.send_form(f"{address}/moves", {**gone, "quantity": "901"}, page=address)
    assert refused.status_code == 422
    assert 'href="#f-quantity"' in refused.text
    assert "expires soon" in (await approver.get("/medical/supplies?lang=en")).text
    assert (await approver.send_form(f"{address}/ending", {}, page=address)).status_code == 303
    form = {"region_code": "3706", "preset": "own", "begins_on": today().isoformat(), "base": "2", "peak": "1"}
    form |= dict.fromkeys(("rise_days", "high_days", "fall_days", "called_after_days"), "") | {"hold_days": "2"}
    refused = await approver.send_form("/medical/surges", form, page="/medical/surges")
    assert refused.status_code == 422
    assert 'href="#f-peak"' in refused.text
    asked = await approver.send_form("/medical/surges", {**form, "peak": "", "base": "2"}, page="/medical/surges")
    assert asked.status_code == 303, asked.text
    listed = (await approver.get("/medical/surges?lang=en")).text
    assert asked.headers["location"] in listed
    owner = await medical.browser("owner")
    assert (await owner.get("/medical/surges")).status_code == 403
