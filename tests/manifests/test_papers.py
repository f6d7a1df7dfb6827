"""While the system is down: numbers in reserve, a transfer on paper, its entry with the scan, the receiver's word."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.manifests.test_pipes import faults
from tests.support.acts import Receive, SignAct
from tests.support.papers import THEN, a_paper, by_hand, entered, scan_attached
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about
from tests.support.world import AT, World, a_drum, filed, plan_for, scanned
from wastetrack.auth.model import Role
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.working_days import after_working_days
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, Forbidden, NotFound
from wastetrack.manifests import back_entering, filing, queries, receiving, reserving
from wastetrack.manifests.model import ManifestState, Outcome
from wastetrack.manifests.papers import ReserveNumbers

NOW = AT + timedelta(days=3)


async def test_reserved_numbers_come_out_of_the_series_and_leave_no_gap(
    town_session: WriteSession, world: World
) -> None:
    owner, site = world.generator.owner, world.generator.site.id
    rows, _ = await reserving.reserve_numbers(town_session, owner, ReserveNumbers(site_id=site, count=2), at=AT)
    assert [row.number for row in rows] == ["20263706000001", "20263706000002"]
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    assert (await queries.manifest_row(town_session, owner, manifest_id)).number == "20263706000003"
    assert await faults(town_session) == []
    assert await codes_broken(reserving.void_number(town_session, owner, rows[0].number, " ", at=AT)) == [
        "reason_missing"
    ]
    row, _ = await reserving.void_number(town_session, owner, rows[0].number, "停电结束，未使用", at=AT)
    assert row.state == "voided"
    with pytest.raises(Conflict):
        await reserving.void_number(town_session, owner, rows[0].number, "再次", at=AT)
    assert await faults(town_session) == []
    await town_session.execute(text("delete from reserved_numbers where state = 'voided'"))
    assert len(await faults(town_session)) >= 1


async def test_a_site_holds_a_small_block_and_its_authority_sees_it(town_session: WriteSession, world: World) -> None:
    owner, site = world.generator.owner, world.generator.site.id
    command = ReserveNumbers(site_id=site, count=20)
    await reserving.reserve_numbers(town_session, owner, command, at=AT)
    more = replace(command, count=1)
    assert await codes_broken(reserving.reserve_numbers(town_session, owner, more, at=AT)) == ["reserved_too_many"]
    none = replace(command, count=0)
    assert await codes_broken(reserving.reserve_numbers(town_session, owner, none, at=AT)) == ["count_not_positive"]
    with pytest.raises(Forbidden):
        await reserving.reserve_numbers(town_session, world.generator.people[Role.FILER], more, at=AT)
    with pytest.raises(Forbidden):
        await reserving.reserve_numbers(town_session, world.stranger.owner, more, at=AT)
    assert len(await reserving.reserved_numbers(town_session, world.inspector)) == 20
    assert await reserving.reserved_numbers(town_session, world.stranger.owner) == []
    with pytest.raises(NotFound):
        await reserving.reserved_number(town_session, world.receiver.owner, "20263706000001")


async def test_a_paper_is_entered_as_it_happened(town_session: WriteSession, world: World) -> None:
    session, owner = town_session, world.generator.owner
    rows, _ = await reserving.reserve_numbers(
        session, owner, ReserveNumbers(site_id=world.generator.site.id, count=1), at=AT
    )
    drum = await a_drum(session, world, "180 kg")
    paper = a_paper(world, drum, number=rows[0].number, by_hand=(by_hand("100 kg", received="99 kg"),))
    row = await back_entering.draft_paper(session, owner, paper, at=NOW)
    act = SignAct(manifest_id=row.id)
    assert await codes_broken(back_entering.back_enter(session, owner, act, at=NOW)) == ["scan_missing"]
    await scan_attached(session, world, row.id, at=NOW)
    row, _ = await back_entering.back_enter(session, owner, act, at=NOW)
    assert (row.state, row.number) == (ManifestState.ARRIVED, rows[0].number)
    assert (row.picked_up_at, row.arrived_at) == (THEN, THEN + timedelta(hours=3))
    event = (await events_about(session, row.id))[-1]
    assert event["kind"] == "manifest_back_entered"
    assert event["facts"]["back_entered"] is True
    assert event["facts"]["late"] is False
    assert (event["happened_at"], event["recorded_at"]) == (
        THEN.isoformat().replace("+00:00", ".000000Z"),
        NOW.isoformat().replace("+00:00", ".000000Z"),
    )
    assert await balances(session, row.id) == {"in_transit": 280_000}
    assert await faults(session) == []

    row, back, _ = await receiving.receive(session, world.receiver.owner, Receive(manifest_id=row.id), at=NOW)
    assert (row.state, back) == (ManifestState.RECEIVED, None)
    assert row.received_at == THEN + timedelta(hours=4)
    assert await balances(session, row.id) == {"discrepancy:weighing": 2_000}
    assert await balances(session, world.receiver.site.id) == {"stored": 278_000}
    assert await books_and_containers_agree(session, world.generator.site.id, world.receiver.site.id)
    scan = next(one for one in await events_about(session, drum.id) if one["kind"] == "container_scanned")
    assert scan["facts"]["back_entered"] is True
    assert scan["happened_at"].startswith((THEN + timedelta(hours=4)).isoformat()[:16])
    row, _ = await receiving.confirm(session, world.receiver.owner, act, at=NOW)
    assert row.state == ManifestState.CLOSED
    used = await reserving.reserved_number(session, owner, rows[0].number)
    assert used.state == "used"
    with pytest.raises(Conflict):
        await reserving.void_number(session, owner, used.number, "误操作", at=NOW)
    assert await faults(session) == []


async def test_the_printed_number_must_be_one_that_the_site_holds(town_session: WriteSession, world: World) -> None:
    session, owner = town_session, world.generator.owner
    drum = await a_drum(session, world)
    for wrong in ("20263706000009", "2026"):
        work = back_entering.draft_paper(session, owner, a_paper(world, drum, number=wrong), at=NOW)
        assert await codes_broken(work) == ["number_not_reserved"]


async def test_a_number_in_a_draft_is_not_voided_until_the_draft_is_thrown_away(
    town_session: WriteSession, world: World
) -> None:
    session, owner = town_session, world.generator.owner
    row = await back_entering.draft_paper(session, owner, a_paper(world, await a_drum(session, world)), at=NOW)
    (number,) = await reserving.reserved_numbers(session, owner)
    work = reserving.void_number(session, owner, number.number, "误", at=NOW)
    assert await codes_broken(work) == ["number_in_draft"]
    await filing.cancel_manifest(session, owner, SignAct(manifest_id=row.id, signing=None), at=NOW)
    voided, _ = await reserving.void_number(session, owner, number.number, "误录", at=NOW)
    assert voided.state == "voided"


async def test_a_draft_from_paper_is_neither_filed_nor_amended_and_another_not_entered(
    town_session: WriteSession, world: World
) -> None:
    session, owner = town_session, world.generator.owner
    row = await back_entering.draft_paper(session, owner, a_paper(world, await a_drum(session, world)), at=NOW)
    act = SignAct(manifest_id=row.id)
    assert await codes_broken(filing.file_manifest(session, owner, act, at=NOW)) == ["went_on_paper"]
    drum = await a_drum(session, world)

    usual = await filing.draft_manifest(session, owner, plan_for(world, [drum]), at=NOW)
    work = filing.amend_draft(session, owner, row.id, plan_for(world, [drum]), version=None, at=NOW)
    assert await codes_broken(work) == ["went_on_paper"]
    entry = back_entering.back_enter(session, owner, SignAct(manifest_id=usual.id), at=NOW)
    assert await codes_broken(entry) == ["not_on_paper"]


async def test_the_term_is_ten_working_days_and_a_late_entry_says_why(town_session: WriteSession, world: World) -> None:
    session, owner = town_session, world.generator.owner
    due = after_working_days(legal_day(THEN + timedelta(hours=4)), 10)
    in_time = THEN.replace(year=due.year, month=due.month, day=due.day)
    drum = await a_drum(session, world)
    row = await back_entering.draft_paper(session, owner, a_paper(world, drum), at=in_time)
    await scan_attached(session, world, row.id, at=in_time)
    act = SignAct(manifest_id=row.id)
    work = back_entering.back_enter(session, owner, act, at=in_time + timedelta(days=1))
    assert await codes_broken(work) == ["entry_late"]
    await back_entering.back_enter(session, owner, act, at=in_time)

    late = a_paper(world, await a_drum(session, world), late_reason="联单原件遗失后找回")
    late_id = await entered(session, world, late, at=in_time + timedelta(days=1))
    event = (await events_about(session, late_id))[-1]
    assert event["facts"]["late"] is True
    assert event["facts"]["due_on"] == due.isoformat()


async def test_what_was_not_allowed_that_day_is_a_finding_and_no_refusal(
    town_session: WriteSession, world: World
) -> None:
    paper = a_paper(world, await a_drum(town_session, world), method="D1")
    manifest_id = await entered(town_session, world, paper, at=NOW)
    event = (await events_about(town_session, manifest_id))[-1]
    assert event["facts"]["findings"] != []
    row, _, _ = await receiving.receive(town_session, world.receiver.owner, Receive(manifest_id=manifest_id), at=NOW)
    assert row.state == ManifestState.RECEIVED
    assert await faults(town_session) == []


async def test_a_container_that_did_not_arrive_is_missing_and_the_gate_may_say_otherwise(
    town_session: WriteSession, world: World
) -> None:
    session = town_session
    lost, here = await a_drum(session, world), await a_drum(session, world)
    paper = a_paper(world, lost, here)
    lines = (replace(paper.lines[0], received=None), paper.lines[1])
    manifest_id = await entered(session, world, replace(paper, lines=lines), at=NOW)
    seen = await scanned(session, world, manifest_id, here, "198 kg")
    assert seen.outcome is Outcome.ACCEPTED
    row, _, _ = await receiving.receive(session, world.receiver.owner, Receive(manifest_id=manifest_id), at=NOW)
    assert row.state == ManifestState.PARTLY_RECEIVED
    assert await balances(session, manifest_id) == {
        "discrepancy:missing_container": 180_000,
        "discrepancy:weighing": 2_000,
    }
    assert await faults(session) == []


async def test_a_paper_tells_moments_in_their_order_and_of_what_is_over(
    town_session: WriteSession, world: World
) -> None:
    session, owner = town_session, world.generator.owner
    paper = a_paper(world, await a_drum(session, world))
    for wrong, code in (
        (replace(paper, arrived_at=THEN - timedelta(hours=1)), "moments_out_of_order"),
        (replace(paper, received_at=NOW + timedelta(hours=1)), "not_over_yet"),
        (replace(paper, reason=" "), "reason_missing"),
        (replace(paper, taken_over_at=(THEN, THEN)), "take_over_missing"),
        (replace(paper, by_hand=(replace(by_hand(), generated_on=NOW.date()),)), "filled_after"),
    ):
        assert await codes_broken(back_entering.draft_paper(session, owner, wrong, at=NOW)) == [code]
