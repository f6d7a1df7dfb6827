"""What becomes of what a run found: as the application's own role, in the small world."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.databases import Cluster
from tests.support.findings import DAY, NIGHT, SKIM, fact, rule, run
from tests.support.served import for_application
from tests.support.world import World
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.sight import look_as
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import reading, writing
from wastetrack.db.windows import Window
from wastetrack.errors import Conflict, Forbidden, NotFound, RuleBroken
from wastetrack.findings import judging, queries
from wastetrack.findings import reading as whole
from wastetrack.findings.model import (
    CloseFinding,
    FactTold,
    FindingQueue,
    FindingState,
    FindingStep,
    Judgement,
    Published,
    RuleAnswer,
    RunKind,
    RunTold,
    SnoozeFinding,
    TakeBack,
)
from wastetrack.findings.publishing import publish
from wastetrack.findings.queries import FindingFilter, Listed
from wastetrack.ids import new_id

AT = DAY + timedelta(days=1)
EVERYTHING = FindingFilter()
Act = Callable[..., Awaitable[object]]
"""One of judging's use cases."""


@pytest.fixture
async def bound(cluster: Cluster, town: tuple[World, Address]) -> AsyncIterator[AsyncEngine]:
    """A copy of the small world, as the application sees it."""
    address = cluster.clone(town[1].database)
    engine = make_engine(for_application(address.url), pool_size=5)
    yield engine
    await engine.dispose()
    cluster.drop(address)


async def put(engine: AsyncEngine, told: RunTold, *, at: datetime = AT) -> Published:
    async with writing(engine) as session:
        return await publish(session, told, at=at)


async def seen(
    engine: AsyncEngine, actor: Actor, wanted: FindingFilter = EVERYTHING, *, at: datetime = AT
) -> list[Listed]:
    async with reading(engine) as session:
        await look_as(session, actor)
        return await queries.listed(session, await queries.desk_of(session, actor, at=at), wanted, Window())


async def only(engine: AsyncEngine, actor: Actor) -> whole.Finding:
    """The one finding there is."""
    (one,) = await seen(engine, actor)
    async with reading(engine) as session:
        await look_as(session, actor)
        return await whole.finding(session, actor, one.id, at=AT)


async def act(engine: AsyncEngine, actor: Actor, verb: Act, command: object, *, at: datetime = AT) -> None:
    async with writing(engine) as session:
        await look_as(session, actor)
        await verb(session, actor, command, at=at)


async def test_a_finding_is_seen_where_its_party_lies_and_by_no_firm(bound: AsyncEngine, world: World) -> None:
    done = await put(bound, run(fact(new_id(), party=world.carrier.id), fact(new_id(), party=new_id())))
    assert (done.opened, done.unplaced) == (2, 1)
    (one,) = await seen(bound, world.inspector)
    assert one.party_id == str(world.carrier.id)
    with pytest.raises(Forbidden):
        await seen(bound, world.carrier.owner)
    async with reading(bound) as session:
        await look_as(session, world.carrier.owner)
        for table in ("findings", "finding_facts", "finding_history", "check_runs", "check_rules"):
            assert (await session.execute(text(f"select count(*) from {table}"))).scalar_one() == 0  # noqa: S608
    assert await seen(bound, replace(world.inspector, viewer="r:3702")) == []


async def test_publishing_the_same_run_again_changes_nothing(bound: AsyncEngine, world: World) -> None:
    told = run(fact(new_id(), party=world.carrier.id))
    first = await put(bound, told)
    again = await put(bound, told)
    assert again == Published(run_id=first.run_id, again=True)
    assert len((await only(bound, world.inspector)).history) == 1


async def test_following_facts_grow_one_finding_and_overlapping_ones_do_not_add_up(
    bound: AsyncEngine, world: World
) -> None:
    one, party = new_id(), world.carrier.id
    week = timedelta(days=7)
    early = fact(one, party=party, grams=1_000_000, found=DAY + timedelta(days=2))
    beside = fact(one, party=party, grams=900_000, since=DAY + timedelta(days=1), found=DAY + timedelta(days=3))
    later = fact(one, party=party, grams=500_000, since=DAY + week)
    await put(bound, run(early, beside))
    assert (await only(bound, world.inspector)).row.at_risk_g == 1_000_000
    await put(bound, run(early, beside, later, as_of=DAY + week))
    found = await only(bound, world.inspector)
    assert found.row.at_risk_g == 1_500_000
    assert len(found.facts) == 2
    assert [step.step for step in found.history] == [FindingStep.OPENED, FindingStep.MERGED]


async def test_a_closed_finding_opens_again_by_new_facts_alone(bound: AsyncEngine, world: World) -> None:
    one, party = new_id(), world.carrier.id
    old, new = fact(one, party=party), fact(one, party=party, since=DAY + timedelta(days=9))
    await put(bound, run(old))
    finding = await only(bound, world.inspector)
    close = CloseFinding(finding_id=finding.row.id, outcome=Judgement.UNFOUNDED, reason="门岗补录")
    await act(bound, world.inspector, judging.close_finding, close)
    await put(bound, run(old, as_of=DAY + timedelta(days=1)))
    assert (await only(bound, world.inspector)).state is FindingState.CLOSED
    await put(bound, run(old, new, as_of=DAY + timedelta(days=10)))
    found = await only(bound, world.inspector)
    assert found.state is FindingState.OPEN
    assert [step.step for step in found.history] == [FindingStep.OPENED, FindingStep.CLOSED, FindingStep.REOPENED]
    assert found.history[1].reason == "门岗补录"
    assert found.history[1].event_id is not None


async def test_a_closed_finding_opens_again_when_the_same_facts_get_graver(bound: AsyncEngine, world: World) -> None:
    one, party, later = new_id(), world.carrier.id, DAY + timedelta(days=1)
    await put(bound, run(fact(one, party=party, severity=2, grams=100_000)))
    finding = await only(bound, world.inspector)
    close = CloseFinding(finding_id=finding.row.id, outcome=Judgement.EXPLAINED, reason="换了磅")
    await act(bound, world.inspector, judging.close_finding, close)
    await put(bound, run(fact(one, party=party, severity=2, grams=150_000), as_of=later))
    assert (await only(bound, world.inspector)).state is FindingState.CLOSED
    await put(bound, run(fact(one, party=party, severity=4, grams=9_000_000), as_of=later + timedelta(days=1)))
    found = await only(bound, world.inspector)
    assert (found.state, found.row.at_risk_g, found.row.outcome) == (FindingState.OPEN, 9_000_000, None)
    assert found.history[-1].step is FindingStep.REOPENED


async def test_what_a_full_run_finds_no_longer_has_lapsed_and_an_urgent_run_says_no_such_thing(
    bound: AsyncEngine, world: World
) -> None:
    told = fact(new_id(), party=world.carrier.id)
    quiet = (rule(answer=RuleAnswer.NOTHING),)
    await put(bound, run(told))
    await put(bound, run(as_of=DAY + timedelta(days=1), rules=quiet, kind=RunKind.URGENT))
    assert len(await seen(bound, world.inspector, FindingFilter(state="live"))) == 1
    blind = (rule(answer=RuleAnswer.NO_DATA, lacking=("manifests",)),)
    await put(bound, run(as_of=DAY + timedelta(days=2), rules=blind))
    assert len(await seen(bound, world.inspector, FindingFilter(state="live"))) == 1
    assert (await put(bound, run(as_of=DAY + timedelta(days=3), rules=quiet))).lapsed == 1
    assert await seen(bound, world.inspector, FindingFilter(state="live")) == []
    assert len(await seen(bound, world.inspector, FindingFilter(state="lapsed"))) == 1
    await put(bound, run(told, as_of=DAY + timedelta(days=4)))
    steps = [step.step for step in (await only(bound, world.inspector)).history]
    assert steps == [FindingStep.OPENED, FindingStep.LAPSED, FindingStep.FOUND_AGAIN]


async def test_an_urgent_run_tells_what_is_new_and_takes_nothing_off_what_stands(
    bound: AsyncEngine, world: World
) -> None:
    one, party, quarter = new_id(), world.carrier.id, timedelta(days=90)

    def kept(since: datetime, grams: int, severity: int) -> FactTold:
        return fact(one, kind="site", party=party, since=since, grams=grams, severity=severity)

    long_ago, gone = kept(DAY, 500_000, 3), kept(DAY + timedelta(days=30), 70_000, 4)
    await put(bound, run(long_ago, gone))
    await put(bound, run(long_ago, as_of=DAY + timedelta(days=40)))
    today = kept(DAY + quarter, 20_000, 2)
    for minute in (1, 2):
        moment = DAY + quarter + timedelta(minutes=minute)
        await put(bound, run(today, kind=RunKind.URGENT, as_of=moment))
        row = (await only(bound, world.inspector)).row
        assert (row.at_risk_g, row.severity, row.since_at) == (520_000, 3, DAY), "and what was gone stays gone"
    await put(bound, run(long_ago, today, as_of=DAY + quarter + timedelta(days=1)))
    found = await only(bound, world.inspector)
    assert found.row.at_risk_g == 520_000
    steps = [step.step for step in found.history]
    assert steps == [FindingStep.OPENED, FindingStep.MERGED], "a night that finds the same has no news"


async def test_a_rule_that_rested_keeps_its_findings_and_says_when_it_looked(bound: AsyncEngine, world: World) -> None:
    skim = rule(SKIM, FindingQueue.SKIM, answer=RuleAnswer.NOTHING)
    blind = rule("R12", answer=RuleAnswer.NO_DATA, lacking=("positions",))
    await put(bound, run(fact(new_id(), party=world.carrier.id), rules=(rule(), skim, blind)))
    tomorrow = DAY + timedelta(days=1)
    assert (await put(bound, run(as_of=tomorrow, rules=(skim, blind)))).lapsed == 0
    assert len(await seen(bound, world.inspector, FindingFilter(state="live"))) == 1
    async with reading(bound) as session:
        await look_as(session, world.inspector)
        looked = {one.row.rule: one.looked_at for one in await queries.rules_now(session)}
    assert looked == {"R02": DAY, SKIM: tomorrow, "R12": None}


async def test_an_earlier_full_run_cannot_follow_a_later_one(bound: AsyncEngine, world: World) -> None:
    await put(bound, run(fact(new_id(), party=world.carrier.id), as_of=DAY + timedelta(days=1)))
    with pytest.raises(Conflict, match="later_run_published"):
        await put(bound, run(fact(new_id(), party=world.carrier.id)))


async def test_urgent_runs_of_a_quiet_hour_are_one_run(bound: AsyncEngine, world: World) -> None:
    told = fact(new_id(), party=world.carrier.id)
    ids = set()
    for minute in range(3):
        done = await put(bound, run(told, kind=RunKind.URGENT, as_of=DAY + timedelta(minutes=minute)))
        ids.add(done.run_id)
    assert len(ids) == 1


async def test_a_snooze_ends_by_its_day_and_when_the_finding_gets_graver(bound: AsyncEngine, world: World) -> None:
    rules = (rule(NIGHT, FindingQueue.TRANSIT),)
    one = new_id()

    def night(severity: int) -> FactTold:
        return fact(one, name=NIGHT, party=world.carrier.id, severity=severity)

    await put(bound, run(night(severity=1), rules=rules))
    finding = await only(bound, world.inspector)
    until = (AT + timedelta(days=5)).date()
    snooze = SnoozeFinding(finding_id=finding.row.id, until=until, reason="等待监测报告")
    await act(bound, world.inspector, judging.snooze_finding, snooze)
    assert await seen(bound, world.inspector, FindingFilter(state="live")) == []
    assert len(await seen(bound, world.inspector, FindingFilter(state="live"), at=AT + timedelta(days=6))) == 1
    await put(bound, run(night(severity=2), rules=rules, as_of=DAY + timedelta(days=1)))
    assert [one.state for one in await seen(bound, world.inspector)] == [FindingState.OPEN]
    assert FindingStep.WOKEN in {step.step for step in (await only(bound, world.inspector)).history}


async def test_a_hard_alert_cannot_be_put_off(bound: AsyncEngine, world: World) -> None:
    await put(bound, run(fact(new_id(), party=world.carrier.id)))
    finding = await only(bound, world.inspector)
    snooze = SnoozeFinding(finding_id=finding.row.id, until=(AT + timedelta(days=5)).date(), reason="以后再说")
    with pytest.raises(RuleBroken) as refused:
        await act(bound, world.inspector, judging.snooze_finding, snooze)
    assert [one.code for one in refused.value.broken] == ["hard_finding"]
    async with writing(bound) as session:
        await look_as(session, world.inspector)
        by_hand = text("update findings set state = 'snoozed', snoozed_until = current_date + 3")
        with pytest.raises(DBAPIError, match="hard_is_shown"):
            await session.execute(by_hand)


async def test_outcomes_move_the_rank_and_the_published_precision(bound: AsyncEngine, world: World) -> None:
    rules = (rule(SKIM, FindingQueue.SKIM, chance=0.5), rule(NIGHT, FindingQueue.SKIM, chance=0.5))
    facts = [fact(new_id(), name=SKIM, party=world.carrier.id, grams=1_000_000 + place) for place in range(6)]
    lone = fact(new_id(), name=NIGHT, party=world.carrier.id, grams=900_000)
    await put(bound, run(*facts, lone, rules=rules))
    before = await seen(bound, world.inspector)
    assert before[-1].rule == NIGHT
    for one in before[:4]:
        close = CloseFinding(finding_id=one.id, outcome=Judgement.UNFOUNDED, reason="称重单据齐全")
        await act(bound, world.inspector, judging.close_finding, close)
    left = await seen(bound, world.inspector, FindingFilter(state="live"))
    assert [one.rule for one in left] == [NIGHT, SKIM, SKIM]
    assert left[1].posterior == pytest.approx(2 / 8)
    async with reading(bound) as session:
        await look_as(session, world.inspector)
        precision = (await queries.rule_now(session, SKIM)).precision
    assert (precision.right, precision.judged) == (0, 4)
    low, high = precision.interval or (1, 0)
    assert [round(low, 4), round(high, 4)] == [0.0, 0.4899]
    await act(bound, world.inspector, judging.take_back, TakeBack(finding_id=before[0].id, reason="看错了"))
    async with reading(bound) as session:
        await look_as(session, world.inspector)
        assert (await queries.rule_now(session, SKIM)).precision.judged == 3


async def test_the_week_takes_the_heaviest_within_the_budget_and_what_is_answered_counts(
    bound: AsyncEngine, world: World
) -> None:
    rules = (rule(SKIM, FindingQueue.SKIM),)
    facts = [fact(new_id(), name=SKIM, party=world.carrier.id, grams=1_000_000 * place) for place in range(1, 6)]
    await put(bound, run(*facts, rules=rules))
    async with writing(bound) as session:
        await look_as(session, world.inspector)
        await judging.set_budget(session, world.inspector, FindingQueue.SKIM, 2, at=AT)
    week = await seen(bound, world.inspector, FindingFilter(this_week=True))
    assert [one.at_risk_g for one in week] == [5_000_000, 4_000_000]
    close = CloseFinding(finding_id=week[0].id, outcome=Judgement.CONFIRMED, reason="现场查实")
    await act(bound, world.inspector, judging.close_finding, close)
    assert [one.at_risk_g for one in await seen(bound, world.inspector, FindingFilter(this_week=True))] == [4_000_000]
    async with reading(bound) as session:
        await look_as(session, world.inspector)
        desk = await queries.desk_of(session, world.inspector, at=AT)
        heads = await queries.heads(session, desk, fresh_since=DAY)
    skim = next(one for one in heads if one.queue is FindingQueue.SKIM)
    assert (skim.budget, skim.left, skim.closed, skim.open, skim.fresh) == (2, 1, 1, 4, 4)


async def test_findings_of_other_queues_about_the_same_thing_make_one_likelier(
    bound: AsyncEngine, world: World
) -> None:
    rules = (rule(SKIM, FindingQueue.SKIM), rule(NIGHT, FindingQueue.TRANSIT), rule())
    one, lone = new_id(), new_id()
    told = [fact(one, name=name, party=world.carrier.id) for name in (SKIM, NIGHT, "R02")]
    await put(bound, run(*told, fact(lone, name=SKIM, party=world.carrier.id), rules=rules))
    skims = await seen(bound, world.inspector, FindingFilter(queue=FindingQueue.SKIM))
    likely = {found.subject_id: found.posterior for found in skims}
    assert likely[str(lone)] == pytest.approx(0.5)
    # Two other queues, each log odds of 0.5 over 0.05: 2.94, below the cap.
    assert likely[str(one)] == pytest.approx(1 / (1 + (1 / 19) ** 2))


async def test_a_finding_that_reckons_its_own_chance_is_as_likely_as_it_says(bound: AsyncEngine, world: World) -> None:
    rules = (rule(SKIM, FindingQueue.SKIM), rule(NIGHT, FindingQueue.TRANSIT))
    came, also, sure = new_id(), new_id(), new_id()
    told = [
        fact(came, name=SKIM, party=world.carrier.id, posterior=0.1),
        fact(also, name=SKIM, party=world.carrier.id, posterior=None),
        fact(sure, name=SKIM, party=world.carrier.id, posterior=1.0),
        fact(came, name=NIGHT, party=world.carrier.id),
    ]
    await put(bound, run(*told, rules=rules))
    found = await seen(bound, world.inspector, FindingFilter())
    likely = {(one.rule, one.subject_id): one.posterior for one in found}
    # With the voice of the other queue: odds of 1/9 times 19.
    assert likely[SKIM, str(came)] == pytest.approx(19 / 28)
    assert likely[SKIM, str(also)] == pytest.approx(0.5)
    assert likely[SKIM, str(sure)] == pytest.approx(0.999)
    # And it says no more of the other than what it is worth: 1/9 over 1/19.
    assert likely[NIGHT, str(came)] == pytest.approx((19 / 9) / (1 + 19 / 9))


async def test_an_inspector_of_another_region_does_not_find_it(bound: AsyncEngine, world: World) -> None:
    await put(bound, run(fact(new_id(), party=world.carrier.id)))
    finding = await only(bound, world.inspector)
    stranger = replace(world.inspector, viewer="r:44")
    close = CloseFinding(finding_id=finding.row.id, outcome=Judgement.CONFIRMED, reason="x")
    with pytest.raises(NotFound):
        await act(bound, stranger, judging.close_finding, close)
    looker = replace(world.inspector, role=Role.REGULATOR_VIEWER)
    with pytest.raises(Forbidden, match="may_not_judge"):
        await act(bound, looker, judging.close_finding, close)
