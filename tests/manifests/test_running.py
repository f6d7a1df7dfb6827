"""A manifest that runs for a period: opened under all that the law asks, moved under, summed up, confirmed."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.support.acts import SignAct
from tests.support.pipes import LAST_DAY, a_month, drafted, opened
from tests.support.refused import balances, codes_broken, events_about
from tests.support.world import AT, World, a_drum, filed
from wastetrack.auth.model import Role
from wastetrack.containers.recording import Moment, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Forbidden, RuleBroken
from wastetrack.ledger import rules
from wastetrack.ledger.model import AccountKind, Entry
from wastetrack.manifests import filing, receiving, running, transporting
from wastetrack.manifests.errors import ManifestUnknown, OutOfOrder
from wastetrack.manifests.model import ManifestKind, ManifestState
from wastetrack.manifests.numbers import ManifestNumber
from wastetrack.manifests.periods import Period, PeriodLength, check_period, whole_period
from wastetrack.manifests.running import Moved
from wastetrack.mass import Mass

OIL = "900-249-08"


@pytest.mark.parametrize(
    ("day", "length", "first", "last"),
    [
        (date(2024, 2, 29), PeriodLength.MONTH, date(2024, 2, 1), date(2024, 2, 29)),
        (date(2026, 12, 31), PeriodLength.MONTH, date(2026, 12, 1), date(2026, 12, 31)),
        (date(2026, 11, 25), PeriodLength.QUARTER, date(2026, 10, 1), date(2026, 12, 31)),
        (date(2026, 5, 1), PeriodLength.QUARTER, date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 5, 1), PeriodLength.YEAR, date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_day_lies_in_one_month_quarter_and_year(day: date, length: PeriodLength, first: date, last: date) -> None:
    period = whole_period(day, length)
    assert period == Period(first, last)
    assert day in period
    assert first - timedelta(days=1) not in period
    assert len(period.days()) == (last - first).days + 1
    assert period.days(until=first) == [first]


def test_a_period_stays_within_what_the_authority_asks_for() -> None:
    third = date(2026, 3, 3)
    assert check_period(Period(third, date(2026, 3, 31)), PeriodLength.MONTH) == []
    assert [one.code for one in check_period(Period(third, date(2026, 4, 1)), PeriodLength.MONTH)] == [
        "period_too_long"
    ]
    assert check_period(Period(third, date(2026, 4, 1)), PeriodLength.YEAR) == []
    assert [one.code for one in check_period(Period(third, date(2026, 3, 2)), PeriodLength.YEAR)] == [
        "period_backwards"
    ]


def test_what_goes_over_the_road_is_stated_and_leaves_nothing_there() -> None:
    manifest, shipper, receiver = UUID(int=1), UUID(int=2), UUID(int=3)
    loads = (("900-249-08", Mass(1_000), Mass(990)), ("336-064-17", Mass(5), Mass(5)))
    entry = rules.moved(manifest, shipper, receiver, loads)
    road = [line.amount_g for line in entry.postings if line.account.kind is AccountKind.IN_TRANSIT]
    assert sorted(road) == [-1_000, -5, 5, 1_000]
    differing = [line.amount_g for line in entry.postings if line.account.kind is AccountKind.DISCREPANCY]
    assert differing == [10]
    mirror = rules.reversal(UUID(int=4), entry)
    assert isinstance(mirror, Entry)
    assert sum(line.amount_g for line in mirror.postings) == 0


async def nothing_open(_session: WriteSession, _running: running.Running) -> list[Broken]:
    """A kind of which no record can be left open."""
    return []


async def test_a_period_is_opened_moved_under_and_summed_up(
    town_session: WriteSession, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, owner = town_session, world.generator.owner
    manifest_id = await opened(session, world, at=AT)
    drum = await a_drum(session, world, "180 kg")  # something to be moved, so that the account holds it
    found = await running.locked_running(session, owner, manifest_id)
    assert (found.row.state, found.row.number) == ("running", None)
    entry = rules.moved(
        manifest_id,
        world.generator.site.id,
        world.receiver.site.id,
        ((OIL, Mass(100_000), Mass(99_000)),),
    )
    moment = Moment(happened_at=AT, recorded_at=AT)
    await record(session, owner, "test_moved", subjects=(manifest_id,), moment=moment, facts={}, entry=entry)
    assert await running.add_moved(session, manifest_id, [Moved(OIL, 100_000, 99_000)]) == []
    assert await balances(session, manifest_id) == {"discrepancy:weighing": 1_000}
    assert await balances(session, world.receiver.site.id) == {"stored": 99_000}
    assert await session.scalar(text("select sum(booked_g) from permit_uses")) == 99_000

    monkeypatch.setitem(running.LEFT_OPEN, ManifestKind.CONTINUOUS, nothing_open)
    act = SignAct(manifest_id=manifest_id)
    late = LAST_DAY + timedelta(hours=1)
    assert await codes_broken(running.sum_up(session, owner, act, at=AT)) == ["period_lasts"]
    row, _ = await running.sum_up(session, owner, act, at=late)
    assert row.state == ManifestState.RECEIVED
    assert str(row.number) == str(ManifestNumber.make(2026, "370602", 1))
    stated = (await events_about(session, manifest_id))[-1]
    assert stated["kind"] == "manifest_summed_up"
    assert stated["facts"]["totals"] == [{"waste_code": OIL, "records": 1, "sent_g": 100_000, "received_g": 99_000}]
    row, _ = await receiving.confirm(session, world.receiver.owner, act, at=late + timedelta(days=1))
    assert row.state == ManifestState.CLOSED
    assert drum.net_g == 180_000


async def test_a_sum_is_signed_by_the_shipper_alone_and_confirmed_by_the_receiver_alone(
    town_session: WriteSession, world: World
) -> None:
    manifest_id = await opened(town_session, world, at=AT)
    act = SignAct(manifest_id=manifest_id)
    with pytest.raises(Forbidden):
        await running.sum_up(town_session, world.receiver.owner, act, at=LAST_DAY)
    with pytest.raises(Forbidden):
        await running.sum_up(town_session, world.generator.people[Role.FILER], act, at=LAST_DAY)
    with pytest.raises(ManifestUnknown):
        await running.sum_up(town_session, world.stranger.owner, act, at=LAST_DAY)
    with pytest.raises(OutOfOrder):
        await receiving.confirm(town_session, world.receiver.owner, act, at=LAST_DAY)


async def test_a_trip_is_not_opened_and_a_period_neither_filed_nor_picked_up(
    town_session: WriteSession, world: World
) -> None:
    period = SignAct(manifest_id=await drafted(town_session, world, at=AT))
    with pytest.raises(OutOfOrder):
        await filing.file_manifest(town_session, world.generator.owner, period, at=AT)
    trip = SignAct(manifest_id=await filed(town_session, world, [await a_drum(town_session, world)]))
    with pytest.raises(OutOfOrder):
        await running.open_period(town_session, world.generator.owner, trip, at=AT)
    await running.open_period(town_session, world.generator.owner, period, at=AT)
    with pytest.raises(OutOfOrder):
        await transporting.pick_up(town_session, world.generator.owner, period, at=AT)
    with pytest.raises(OutOfOrder):
        await running.locked_running(town_session, world.generator.owner, trip.manifest_id)


async def test_the_permit_must_have_room_for_what_is_expected(town_session: WriteSession, world: World) -> None:
    too_much = await drafted(town_session, world, a_month(world, planned="101 t"), at=AT)
    work = running.open_period(town_session, world.generator.owner, SignAct(manifest_id=too_much), at=AT)
    assert await codes_broken(work) == ["permit_quantity_exceeded"]
    method = replace(a_month(world), method="D1")
    wrong = await drafted(town_session, world, method, at=AT)
    with pytest.raises(RuleBroken):
        await running.open_period(town_session, world.generator.owner, SignAct(manifest_id=wrong), at=AT)


async def test_two_manifests_of_a_waste_do_not_run_on_one_day(town_session: WriteSession, world: World) -> None:
    await opened(town_session, world, at=AT)
    again = await drafted(town_session, world, at=AT)
    act = SignAct(manifest_id=again)
    assert await codes_broken(running.open_period(town_session, world.generator.owner, act, at=AT)) == [
        "period_overlaps"
    ]


@pytest.mark.parametrize(("days", "code"), [(-2, "period_too_far"), (60, "period_over")])
async def test_a_period_is_opened_before_it_is_over_and_not_too_early(
    town_session: WriteSession, world: World, days: int, code: str
) -> None:
    manifest_id = await drafted(town_session, world, at=AT - timedelta(days=60))
    act = SignAct(manifest_id=manifest_id)
    when = AT - timedelta(days=40) if days < 0 else AT + timedelta(days=days)
    assert await codes_broken(running.open_period(town_session, world.generator.owner, act, at=when)) == [code]


async def test_a_period_is_withdrawn_only_while_nothing_was_moved(town_session: WriteSession, world: World) -> None:
    manifest_id = await opened(town_session, world, at=AT)
    told = SignAct(manifest_id=manifest_id, reason="管线检修")
    unsigned = replace(told, signing=None)
    work = filing.cancel_manifest(town_session, world.generator.owner, unsigned, at=AT)
    assert await codes_broken(work) == ["factor_missing"]


async def test_what_was_moved_under_stays(town_session: WriteSession, world: World) -> None:
    manifest_id = await opened(town_session, world, at=AT)
    told = SignAct(manifest_id=manifest_id, reason="管线检修")
    assert await codes_broken(
        filing.cancel_manifest(town_session, world.generator.owner, replace(told, reason=""), at=AT)
    ) == ["reason_missing"]
    await running.add_moved(town_session, manifest_id, [Moved(OIL, 5, 5)])
    work = filing.cancel_manifest(town_session, world.generator.owner, told, at=AT)
    assert await codes_broken(work) == ["moved_already"]
    await running.add_moved(town_session, manifest_id, [Moved(OIL, -5, -5, -1)])
    row, _ = await filing.cancel_manifest(town_session, world.generator.owner, told, at=AT)
    assert (row.state, row.number) == (ManifestState.CANCELLED, None)


async def test_a_draft_names_wastes_and_a_plan(town_session: WriteSession, world: World) -> None:
    month = a_month(world)
    owner = world.generator.owner
    for wrong, code in (
        (replace(month, wastes=()), "wastes_missing"),
        (replace(month, wastes=month.wastes * 2), "waste_twice"),
        (replace(month, ends_on=date(2026, 4, 1)), "period_too_long"),
        (replace(month, receiver_site_id=month.shipper_site_id), "receiver_is_shipper"),
        (replace(month, wastes=(replace(month.wastes[0], planned=Mass(0)),)), "planned_not_positive"),
    ):
        assert await codes_broken(running.draft_period(town_session, owner, wrong, at=AT)) == [code]
