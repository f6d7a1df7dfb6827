"""A pipe day by day: both meters' figures move the mass, a wrong one is restated, the month is summed up."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from tests.support.acts import SignAct
from tests.support.pipes import LAST_DAY, MARCH, a_meter, a_pipe
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about
from tests.support.world import AT, OIL, TODAY, World, plan_for
from wastetrack.auth.model import Role
from wastetrack.containers import queries as containers
from wastetrack.containers.model import Treat
from wastetrack.containers.treating import treat
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden
from wastetrack.manifests import continuous, filing, metering, receiving, running
from wastetrack.manifests.meters import DeclareMissing, MeterUnit, check_meter, check_value, grams_of
from wastetrack.manifests.model import ManifestState, PartyRole
from wastetrack.reports.auditing.running import recompute
from wastetrack.transparency.note import Signer

SECOND = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("value", "unit", "density", "grams"),
    [
        ("1.5", MeterUnit.T, None, 1_500_000),
        ("0.0005", MeterUnit.KG, None, 0),  # half a gram rounds to the even one
        ("0.0015", MeterUnit.KG, None, 2),
        ("2", MeterUnit.M3, 870, 1_740_000),
        ("100", MeterUnit.L, 1_200, 120_000),
    ],
)
def test_a_figure_weighs_what_its_unit_says(value: str, unit: MeterUnit, density: int | None, grams: int) -> None:
    assert grams_of(Decimal(value), unit, density).grams == grams


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_any_number_of_a_meter_is_judged(value: Decimal) -> None:
    codes = {one.code for one in check_value(value, MeterUnit.T, None)}
    if 0 <= value <= 100_000:
        assert codes == set()
    if value < -1 or value > 100_001:
        assert codes


def test_a_meter_is_verified_and_knows_what_it_counts(world: World) -> None:
    good = a_meter(world.generator.site.id)
    assert check_meter(good, TODAY) == []
    for wrong, code in (
        (replace(good, code=" "), "missing"),
        (replace(good, unit=MeterUnit.M3), "density_implausible"),
        (replace(good, density_g_per_l=900), "density_needless"),
        (replace(good, uncertainty_per_mille=201), "uncertainty_absurd"),
        (replace(good, verified_until=date(2025, 1, 1)), "verification_implausible"),
        (replace(good, verified_on=TODAY + timedelta(days=1)), "verification_implausible"),
    ):
        assert [one.code for one in check_meter(wrong, TODAY)] == [code]


async def test_a_meter_s_next_verification_is_the_same_meter(town_session: WriteSession, world: World) -> None:
    owner = world.generator.owner
    first = await metering.register_meter(town_session, owner, a_meter(world.generator.site.id), at=AT)
    later = replace(a_meter(world.generator.site.id), verified_until=date(2028, 1, 1), name="新表")
    again = await metering.register_meter(town_session, owner, later, at=AT)
    assert (again.id, again.verified_until) == (first.id, date(2028, 1, 1))
    other = replace(later, unit=MeterUnit.KG)
    assert await codes_broken(metering.register_meter(town_session, owner, other, at=AT)) == ["meter_of_other_unit"]
    with pytest.raises(Forbidden):
        await metering.register_meter(town_session, world.receiver.owner, later, at=AT)
    assert [row.code for row in await metering.meters_at(town_session, world.generator.site.id)] == [first.code]


async def test_a_day_closes_when_both_ends_have_read(town_session: WriteSession, world: World) -> None:
    pipe = await a_pipe(town_session, world)
    shipper, receiver = world.generator.site.id, world.receiver.site.id
    day, _ = await pipe.sent(SECOND, "1.2")
    assert (day.sent_g, day.closed_at) == (1_200_000, None)
    assert await balances(town_session, shipper) == {"generated": -1_200_000, "stored": 1_200_000}
    assert await books_and_containers_agree(town_session, shipper, receiver)
    day, _ = await pipe.received(SECOND, "1.19")
    assert day.closed_at is not None
    assert await balances(town_session, shipper) == {"generated": -1_200_000}
    assert await balances(town_session, receiver) == {"stored": 1_190_000}
    assert await balances(town_session, pipe.id) == {"discrepancy:metering": 10_000}
    assert await books_and_containers_agree(town_session, shipper, receiver)
    assert await town_session.scalar(text("select sum(booked_g) from permit_uses")) == 1_190_000
    moved = (await events_about(town_session, pipe.id))[-1]
    assert (moved["kind"], moved["facts"]["sent_g"], moved["facts"]["measured_g"]) == (
        "pipe_day_moved",
        1_200_000,
        1_190_000,
    )
    assert moved["facts"]["agrees"] is True
    road = [line for line in moved["postings"] if str(line).count("in_transit")]
    assert len(road) == 2


async def test_the_receiver_may_read_first(town_session: WriteSession, world: World) -> None:
    pipe = await a_pipe(town_session, world)
    await pipe.received(SECOND, "1")
    assert await balances(town_session, world.receiver.site.id) == {}
    day, _ = await pipe.sent(SECOND, "1")
    assert day.closed_at is not None
    assert await balances(town_session, world.receiver.site.id) == {"stored": 1_000_000}
    assert await balances(town_session, pipe.id) == {}


async def test_a_wrong_reading_is_reversed_and_restated(town_session: WriteSession, world: World) -> None:
    pipe = await a_pipe(town_session, world)
    shipper, receiver = world.generator.site.id, world.receiver.site.id
    await pipe.both(SECOND, "1", "1")
    assert await codes_broken(pipe.received(SECOND, "0.9")) == ["reason_missing"]
    await pipe.received(SECOND, "0.9", reason="抄错一位")
    assert await balances(town_session, receiver) == {"stored": 900_000}
    await pipe.sent(SECOND, "0.95", reason="表已校准")
    assert await balances(town_session, shipper) == {"generated": -950_000}
    assert await balances(town_session, pipe.id) == {"discrepancy:metering": 50_000}
    assert await books_and_containers_agree(town_session, shipper, receiver)
    assert await town_session.scalar(text("select sum(booked_g) from permit_uses")) == 900_000
    kinds = [event["kind"] for event in await events_about(town_session, pipe.id)]
    assert kinds.count("entry_reversed") == 2
    assert kinds.count("pipe_day_moved") == 3
    _, totals = await running.period_of(town_session, pipe.id)
    assert [(one.sent_g, one.received_g, one.records) for one in totals] == [(950_000, 900_000, 1)]


async def test_what_never_came_out_is_lost_and_may_be_found(town_session: WriteSession, world: World) -> None:
    pipe = await a_pipe(town_session, world)
    await pipe.both(SECOND, "1", "0")
    assert await balances(town_session, pipe.id) == {"discrepancy:metering": 1_000_000}
    assert await balances(town_session, world.receiver.site.id) == {}
    await pipe.received(SECOND, "0.5", reason="仪表故障，按液位核算")
    assert await balances(town_session, world.receiver.site.id) == {"stored": 500_000}
    await pipe.received(SECOND, "0", reason="管线破裂")
    assert await balances(town_session, pipe.id) == {"discrepancy:metering": 1_000_000}
    assert await books_and_containers_agree(town_session, world.generator.site.id, world.receiver.site.id)
    assert await faults(town_session) == []


async def faults(session: WriteSession) -> list[str]:
    """What the whole recomputation finds; no event has its place in the tree yet."""
    report = await recompute(session, Signer("wastetrack.test/log", bytes(32)).verifier)
    return [finding.sentence() for finding in report.findings]


async def test_the_audit_finds_a_month_of_readings_consistent(town_session: WriteSession, world: World) -> None:
    pipe = await a_pipe(town_session, world)
    await pipe.both(SECOND, "1", "0.99")
    await pipe.sent(SECOND, "1.01", reason="更正")
    await pipe.both(date(2026, 3, 1), "0", "0")
    await pipe.sent(date(2026, 3, 3), "2", at=AT + timedelta(days=2))
    assert await faults(town_session) == []
    await town_session.execute(text("update pipe_days set sent_g = sent_g"))
    await town_session.execute(text("update manifest_totals set received_g = received_g + 1"))
    assert len(await faults(town_session)) == 1


async def test_one_end_that_counted_nothing_takes_over_the_other_s_figure(
    town_session: WriteSession, world: World
) -> None:
    pipe = await a_pipe(town_session, world)
    await pipe.received(SECOND, "1")
    assert await codes_broken(pipe.sent(SECOND, "0")) == ["one_end_counted_nothing"]
    assert await codes_broken(pipe.enter(PartyRole.SHIPPER, SECOND, takes_over=True)) == ["reason_missing"]
    day, _ = await pipe.enter(PartyRole.SHIPPER, SECOND, takes_over=True, reason="流量计故障")
    assert (day.sent_g, day.sent_method) == (1_000_000, "declared")
    third = date(2026, 3, 1)
    work = pipe.enter(PartyRole.SHIPPER, third, takes_over=True, reason="流量计故障")
    assert await codes_broken(work) == ["nothing_to_take_over"]


async def test_after_the_term_the_shipper_closes_a_day_without_the_receiver(
    town_session: WriteSession, world: World
) -> None:
    pipe = await a_pipe(town_session, world)
    await pipe.sent(SECOND, "1")
    told = DeclareMissing(manifest_id=pipe.id, waste_code=OIL, day=SECOND, reason="电话询问无答复")
    owner = world.generator.owner
    in_time = AT + timedelta(days=3)
    assert await codes_broken(continuous.declare_missing(town_session, owner, told, at=in_time)) == [
        "reading_not_overdue"
    ]
    day, _ = await continuous.declare_missing(town_session, owner, told, at=AT + timedelta(days=4))
    assert (day.received_g, day.received_method) == (1_000_000, "declared")
    await pipe.received(SECOND, "0.98", reason="补录", at=AT + timedelta(days=5))
    assert await balances(town_session, world.receiver.site.id) == {"stored": 980_000}


async def test_each_end_enters_its_own_figure_on_days_that_have_come(town_session: WriteSession, world: World) -> None:
    pipe = await a_pipe(town_session, world)
    assert await codes_broken(pipe.sent(date(2026, 3, 3), "1")) == ["day_outside_period"]
    assert await codes_broken(pipe.sent(date(2026, 2, 28), "1")) == ["day_outside_period"]
    assert await codes_broken(pipe.sent(SECOND, "1", waste_code="336-064-17")) == ["waste_not_listed"]
    assert await codes_broken(pipe.enter(PartyRole.SHIPPER, SECOND, value=Decimal(1))) == ["meter_unknown"]
    work = pipe.enter(PartyRole.SHIPPER, SECOND, value=Decimal(1), meter_id=pipe.receiver_meter)
    assert await codes_broken(work) == ["meter_unknown"]
    with pytest.raises(Forbidden):
        await pipe.sent(SECOND, "1", actor=world.receiver.owner)
    with pytest.raises(Forbidden):
        await pipe.received(SECOND, "1", actor=world.generator.owner)
    await pipe.received(SECOND, "1", actor=world.receiver.people[Role.GATE_OPERATOR])


async def test_a_lot_that_was_treated_keeps_its_figures(town_session: WriteSession, world: World) -> None:
    pipe = await a_pipe(town_session, world)
    day, _ = await pipe.both(SECOND, "1", "1")
    assert day.container_id is not None
    batch = Treat(site_id=world.receiver.site.id, container_ids=(day.container_id,), method="D10", treated_on=SECOND)
    await treat(town_session, world.receiver.people[Role.GATE_OPERATOR], batch, at=AT + timedelta(hours=1))
    assert await codes_broken(pipe.received(SECOND, "0.9", reason="更正")) == ["lot_gone_on"]


async def test_more_than_the_permit_allows_is_told_and_not_refused(town_session: WriteSession, world: World) -> None:
    pipe = await a_pipe(town_session, world)
    await pipe.both(SECOND, "101", "101")
    moved = (await events_about(town_session, pipe.id))[-1]
    assert moved["facts"]["over_permit"] is True


async def test_a_month_is_summed_up_when_every_day_is_closed(town_session: WriteSession, world: World) -> None:
    pipe = await a_pipe(town_session, world)
    act = SignAct(manifest_id=pipe.id)
    owner = world.generator.owner
    days = [MARCH[0] + timedelta(days=n) for n in range(31)]
    for day in days[:-1]:
        await pipe.both(day, "0.1", "0.1", at=LAST_DAY)
    assert await codes_broken(running.sum_up(town_session, owner, act, at=LAST_DAY)) == ["days_open"]
    await pipe.both(days[-1], "0", "0", at=LAST_DAY)
    row, _ = await running.sum_up(town_session, owner, act, at=LAST_DAY)
    assert (row.state, row.number) == (ManifestState.RECEIVED, "20263706000001")
    summed = (await events_about(town_session, UUID(str(pipe.id))))[-1]
    assert summed["facts"]["totals"][0] == {
        "waste_code": OIL,
        "records": 31,
        "sent_g": 3_000_000,
        "received_g": 3_000_000,
    }
    await receiving.confirm(town_session, world.receiver.owner, act, at=LAST_DAY + timedelta(days=1))
    assert await faults(town_session) == []


async def test_a_lot_that_waits_for_the_receiver_s_figure_goes_on_no_vehicle(
    town_session: WriteSession, world: World
) -> None:
    pipe = await a_pipe(town_session, world)
    day, _ = await pipe.sent(SECOND, "1")
    assert day.container_id is not None
    (lot,) = await containers.locked_on_paper(town_session, (day.container_id,))
    row = await filing.draft_manifest(town_session, world.generator.owner, plan_for(world, [lot]), at=AT)
    work = filing.file_manifest(town_session, world.generator.owner, SignAct(manifest_id=row.id), at=AT)
    assert "container_held" in await codes_broken(work)
