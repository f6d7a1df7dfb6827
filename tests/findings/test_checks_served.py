"""What the checks found, through the API and on pages, in both languages: who sees it, and what an official does."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.findings import NIGHT, fact, rule, run
from tests.support.trade import API, Trade, asked, sent, today
from wastetrack import clock
from wastetrack.db.session import writing
from wastetrack.findings.model import FindingQueue, RuleAnswer
from wastetrack.findings.publishing import publish
from wastetrack.ids import new_id

RULES = (
    rule(),
    rule(NIGHT, FindingQueue.TRANSIT),
    rule("R12", answer=RuleAnswer.NO_DATA, lacking=("positions",)),
)


async def told(trade: Trade) -> dict[str, str]:
    """A manifest on the road about which a rule found something, and a soft finding about its carrier."""
    manifest_id = await trade.filed(await trade.labelled())
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    now, carrier, night = clock.now(), trade.world.carrier.id, new_id()
    hard = fact(manifest_id, party=carrier, since=now, distance_km=88.0, manifest_id=manifest_id)
    soft = fact(night, name=NIGHT, kind="carrier", party=carrier, since=now, severity=2, grams=40_000)
    async with writing(trade.served.owner) as session:
        await publish(session, run(hard, soft, as_of=now, rules=RULES), at=now)
    items = (await asked(await trade.inspector(), "/checks/findings?state=live&limit=200"))["items"]
    by_subject = {one["subject"]["id"]: one["id"] for one in items}
    return {"manifest": manifest_id, "hard": by_subject[manifest_id], "soft": by_subject[str(night)]}


async def test_findings_are_listed_read_put_off_closed_and_opened_again_through_the_api(trade: Trade) -> None:
    known, inspector, stranger = await told(trade), await trade.inspector(), await trade.stranger()
    hard, soft = (f"/checks/findings/{known[name]}" for name in ("hard", "soft"))
    whole = await asked(inspector, hard)
    assert whole["subject"]["name"].startswith("2026") or whole["subject"]["name"]
    assert (whole["rule"]["rule"], whole["numbers"], whole["history"][0]["step"]) == ("R02", {"hours": 24.0}, "opened")
    for path in (hard, "/checks/findings", "/checks/queues", "/checks/rules", "/checks/runs"):
        assert (await stranger.get(f"{API}{path}")).status_code == 403, path
        assert (await (await trade.nobody()).get(f"{API}{path}")).status_code == 401, path
    later = {"until": (today() + timedelta(days=3)).isoformat(), "reason": "等监测报告"}
    refused = await sent(inspector, f"{hard}/snooze", later, expect=422)
    assert [one["code"] for one in refused["errors"]] == ["hard_finding"]
    assert (await sent(inspector, f"{soft}/snooze", later))["state"] == "snoozed"
    body = {"outcome": "confirmed", "reason": "现场检查：车辆未到厂"}
    await sent(stranger, f"{hard}/outcome", body, expect=403)
    closed = await sent(inspector, f"{hard}/outcome", body)
    assert (closed["state"], closed["outcome"]) == ("closed", "confirmed")
    leaf = await asked(inspector, f"/log/leaves/{closed['log']['event_id']}")
    assert "现场检查" not in leaf["leaf"], "words stand beside the leaf, where they can be erased"
    await sent(inspector, f"{hard}/outcome", body, expect=409)
    rules = {one["rule"]: one for one in (await asked(inspector, "/checks/rules"))["items"]}
    assert rules["R02"]["confirmed"] == 1
    assert rules["R02"]["looked_at"] is not None
    assert rules["R12"]["looked_at"] is None, "what had no data has not looked"
    assert rules["R02"]["precision_from"] == pytest.approx(0.2065, abs=1e-4)
    await sent(inspector, f"{hard}/reopening", {"reason": "看错了"})
    steps = [(one["step"], one["reason"]) for one in (await asked(inspector, hard))["history"]]
    assert steps == [("opened", ""), ("closed", "现场检查：车辆未到厂"), ("taken_back", "看错了")]
    given = {"Authorization": f"Bearer {inspector.bearer}", "Idempotency-Key": str(new_id())}
    put = await inspector.http.put(f"{API}/checks/queues/skim", json={"weekly_budget": 7}, headers=given)
    assert put.status_code == 200, put.text
    assert {one["queue"]: one["budget"] for one in put.json()["items"]}["skim"] == 7
    (newest, *_) = (await asked(inspector, "/checks/runs"))["items"]
    answers = {one["rule"]: one for one in (await asked(inspector, f"/checks/runs/{newest['id']}"))["rules"]}
    assert (answers["R12"]["answer"], answers["R12"]["lacking"]) == ("no_data", ["positions"])
    await asked(inspector, f"/checks/findings/{new_id()}", expect=404)


async def test_the_morning_and_a_finding_on_pages_in_both_languages(trade: Trade) -> None:
    known = await told(trade)
    inspector, firm = await trade.served.page_visitor("inspector"), await trade.served.page_visitor("carrier")
    here = f"/findings/{known['hard']}"
    for path in ("/findings", "/findings/rules", "/findings/runs", "/findings/queues/integrity", here):
        assert (await firm.get(path)).status_code == 403, path
        for locale, word in (("zh", "预警"), ("en", "indings")):
            page = await inspector.get(f"{path}?lang={locale}")
            assert page.status_code == 200, page.text
            assert word in page.text, (path, locale)
    morning = (await inspector.get("/findings?lang=zh")).text
    assert "这并不表示没有问题" in morning
    assert "positions" in morning
    assert (await inspector.get("/findings/rules?lang=zh")).text.count("尚未核查") == 1
    english = (await inspector.get(f"{here}?lang=en")).text
    assert f"/manifests/{known['manifest']}" in english
    assert re.search(r"/log/events/[0-9a-f-]{36}/receipt.json", english)
    assert "expected_at + " in english
    assert "[24]" in english, "the formula has its numbers beside its symbols"
    assert "cannot be put off" in english
    saved = await inspector.get("/findings/queues/integrity?file=csv")
    assert saved.status_code == 200
    assert "R02" in saved.text
    silent = await inspector.send_form(f"{here}/outcome", {"outcome": "confirmed", "reason": ""}, page=here)
    assert silent.status_code == 422
    done = await inspector.send_form(f"{here}/outcome", {"outcome": "explained", "reason": "车辆抛锚"}, page=here)
    assert done.status_code == 303, done.text
    assert "有合理解释" in (await inspector.get(f"{here}?lang=zh")).text
    soft = f"/findings/{known['soft']}"
    until = (today() + timedelta(days=2)).isoformat()
    put_off = await inspector.send_form(f"{soft}/snooze", {"until": until, "waiting": "等报告"}, page=soft)
    assert put_off.status_code == 303, put_off.text
    queue = "/findings/queues/transit"
    assert known["soft"] not in (await inspector.get(f"{queue}?lang=en")).text
    assert known["soft"] in (await inspector.get(f"{queue}?state=all")).text
    empty = (await inspector.get("/findings/queues/laundering?lang=en")).text
    assert '<option value="">To be worked on</option>' in empty, "what is closed can be asked for where nothing is open"
    budget = await inspector.send_form(f"{queue}/budget", {"weekly_budget": "9"}, page=queue)
    assert budget.status_code == 303, budget.text


@pytest.mark.parametrize(
    ("step", "field", "sent"), [("snooze", "waiting", {"until": "2030-01-01"}), ("reopening", "mistake", {})]
)
async def test_what_is_missing_is_told_at_the_field_where_it_belongs(
    trade: Trade, step: str, field: str, sent: dict[str, str]
) -> None:
    known = await told(trade)
    inspector, here = await trade.served.page_visitor("inspector"), f"/findings/{known['soft']}"
    if step == "reopening":
        body = {"outcome": "explained", "reason": "车辆抛锚"}
        assert (await inspector.send_form(f"{here}/outcome", body, page=here)).status_code == 303
    refused = await inspector.send_form(f"{here}/{step}", {**sent, field: ""}, page=here)
    assert refused.status_code == 422
    assert f'href="#f-{field}"' in refused.text
    assert 'href="#f-reason"' not in refused.text, "the field of another form"


async def test_one_click_makes_the_case_pack_with_the_finding_named(trade: Trade) -> None:
    known = await told(trade)
    inspector, here = await trade.served.page_visitor("inspector"), f"/findings/{known['hard']}"
    taken = await inspector.send_form(f"{here}/case", {}, page=here)
    assert taken.status_code == 303, taken.text
    assert taken.headers["location"].startswith("/tasks/")
    task = UUID(taken.headers["location"].partition("?")[0].rpartition("/")[2])
    async with writing(trade.served.owner) as session:
        driver = await session.driver()
        arguments = await driver.fetchval("select arguments from long_tasks where id = $1", task)
    assert known["hard"] in str(arguments)
    assert "R02" in str(arguments)
    steps = [one["step"] for one in (await asked(await trade.inspector(), f"/checks{here}"))["history"]]
    assert steps[-1] == "case_taken"
