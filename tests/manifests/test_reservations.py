"""What is set aside is nobody else's: reserving, filing, lapsing, giving up, declining, withdrawing."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.manifests.test_at_once import at_once
from tests.support.acts import SignAct
from tests.support.refused import codes_broken, rules_broken
from tests.support.reservations import of_stranger, open_terms, reserved, wanted
from tests.support.served import for_application
from tests.support.world import AT, OIL, SLUDGE, TODAY, World, a_tank, large_vehicle, plan_for
from wastetrack.auth.sight import eyes_of, look_as
from wastetrack.catalogues.jurisdiction import differ
from wastetrack.db.engine import make_engine
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.errors import Conflict, Forbidden, NotFound, RuleBroken
from wastetrack.manifests import filing, publishing_intake, reservation_queries, setting_aside
from wastetrack.manifests.foreseeing import Concern, Intended, foresee
from wastetrack.manifests.reservations import (
    EndReservation,
    FreeDay,
    PublishDays,
    PublishTerms,
    ReservationState,
)
from wastetrack.mass import Mass
from wastetrack.reports.duties_reservations import reservations_duties

LATER = AT + timedelta(hours=1)
LINE = text("select booked_g, held_g from permit_uses where held_g > 0 or booked_g > 0")


async def line(session: WriteSession) -> tuple[int, int]:
    """What is booked and what is held, of all lines."""
    rows = (await session.execute(LINE)).all()
    return sum(row.booked_g for row in rows), sum(row.held_g for row in rows)


async def draft(session: WriteSession, world: World, mass: str, code: str = SLUDGE) -> UUID:
    """A draft of the workshop with one tank."""
    tank = await a_tank(session, world, mass, code)
    plan = replace(plan_for(world, [tank]), legs=await large_vehicle(session, world))
    return (await filing.draft_manifest(session, world.generator.owner, plan, at=AT)).id


async def file(session: WriteSession, world: World, manifest_id: UUID) -> None:
    """The workshop signs."""
    await filing.file_manifest(session, world.generator.owner, SignAct(manifest_id=manifest_id), at=LATER)


async def events_of(session: WriteSession, reservation_id: UUID) -> list[str]:
    """The kinds of events about it, in their order."""
    rows = await session.execute(
        text("select kind from log_leaves join log_subjects using (arrival) where subject_id = :id order by arrival"),
        {"id": reservation_id},
    )
    return [kind for (kind,) in rows]


async def test_a_reservation_holds_and_the_filing_takes_it(town_session: WriteSession, world: World) -> None:
    await open_terms(town_session, world)
    row = await reserved(town_session, world, "4 t")
    assert (row.state, row.net_g, row.year, row.fen_per_t) == ("held", 4_000_000, 2026, None)
    assert row.until == AT.replace(hour=16), "at the end of the day for which it was made, in China"
    assert await line(town_session) == (0, 4_000_000)
    assert await events_of(town_session, row.id) == ["quantity_reserved"]
    await file(town_session, world, await draft(town_session, world, "3 t"))
    await town_session.refresh(row)
    assert (row.state, row.used_g) == ("held", 3_000_000)
    assert await line(town_session) == (3_000_000, 1_000_000)
    await file(town_session, world, await draft(town_session, world, "2 t"))
    await town_session.refresh(row)
    assert (row.state, row.used_g, row.ended_at) == ("used", 4_000_000, LATER)
    assert await line(town_session) == (5_000_000, 0)
    assert [one.used_g for one in await reservation_queries.uses_of(town_session, row.id)] == [3_000_000, 1_000_000]


async def test_the_price_that_was_published_stays_with_the_reservation(
    town_session: WriteSession, world: World
) -> None:
    await open_terms(town_session, world)
    row = await reserved(town_session, world, "4 t", waste_code=OIL)
    await open_terms(town_session, world, prices=())
    await town_session.refresh(row)
    assert row.fen_per_t == 120_000


async def test_what_others_hold_is_not_there_to_be_filed(town_session: WriteSession, world: World) -> None:
    await open_terms(town_session, world)
    await of_stranger(town_session, world, "7 t")
    await reserved(town_session, world, "1 t")
    manifest_id = await draft(town_session, world, "4 t")
    (told,) = await rules_broken(file(town_session, world, manifest_id))
    assert told.code == "permit_quantity_exceeded"
    assert (told.facts["aside"], told.facts["left"]) == ("7 t", "3 t")
    intended = Intended(
        shipper_site_id=world.generator.site.id,
        container_ids=((await a_tank(town_session, world, "4 t", SLUDGE)).id,),
        receiver_site_id=world.receiver.site.id,
        method="D10",
        planned_on=TODAY,
    )
    seen = await foresee(town_session, world.generator.owner, intended, at=AT)
    (permit,) = [one for one in seen.found if one.concern is Concern.PERMIT]
    assert [one.code for one in permit.refused] == ["permit_quantity_exceeded"]
    await file(town_session, world, await draft(town_session, world, "3 t"))
    assert await line(town_session) == (3_000_000, 7_000_000)


async def test_one_s_own_hold_for_another_waste_is_not_taken(town_session: WriteSession, world: World) -> None:
    await open_terms(town_session, world)
    row = await reserved(town_session, world, "99 t", waste_code="900-214-08")
    manifest_id = await draft(town_session, world, "2 t", OIL)
    assert await codes_broken(file(town_session, world, manifest_id)) == ["permit_quantity_exceeded"]
    await town_session.refresh(row)
    assert row.used_g == 0


async def test_a_hold_that_is_over_is_everybody_s_again(town_session: WriteSession, world: World) -> None:
    await open_terms(town_session, world, at=AT - timedelta(days=3), hold_days=2)
    row = await of_stranger(town_session, world, "10 t", at=AT - timedelta(days=2))
    assert row.until == AT
    # Without the job: whoever needs the quantity lets go of what is over.
    await file(town_session, world, await draft(town_session, world, "9 t"))
    await town_session.refresh(row)
    assert (row.state, row.ended_at) == ("lapsed", AT)
    assert await line(town_session) == (9_000_000, 0)


async def test_the_last_tonnes_are_reserved_once(town_session: WriteSession, world: World) -> None:
    await open_terms(town_session, world)
    await of_stranger(town_session, world, "7 t")
    (told,) = await rules_broken(reserved(town_session, world, "4 t"))
    assert (told.code, told.facts["aside"], told.facts["left"]) == ("permit_quantity_exceeded", "7 t", "3 t")
    await reserved(town_session, world, "3 t")
    # A second one of one's own does not live on the first.
    assert await codes_broken(reserved(town_session, world, "1 kg")) == ["permit_quantity_exceeded"]


async def test_who_withdraws_a_manifest_has_the_hold_again(town_session: WriteSession, world: World) -> None:
    await open_terms(town_session, world)
    row = await reserved(town_session, world, "4 t")
    manifest_id = await draft(town_session, world, "4 t")
    await file(town_session, world, manifest_id)
    await town_session.refresh(row)
    assert row.state == "used"
    command = SignAct(manifest_id=manifest_id, reason="车辆故障")
    await filing.cancel_manifest(town_session, world.generator.owner, command, at=LATER)
    await town_session.refresh(row)
    assert (row.state, row.used_g, row.ended_at) == ("held", 0, None)
    assert await line(town_session) == (0, 4_000_000)


async def test_withdrawn_after_its_time_it_is_not_held_again(town_session: WriteSession, world: World) -> None:
    await open_terms(town_session, world)
    row = await reserved(town_session, world, "4 t")
    manifest_id = await draft(town_session, world, "4 t")
    await file(town_session, world, manifest_id)
    command = SignAct(manifest_id=manifest_id, reason="车辆故障")
    late = row.until + timedelta(hours=1)
    await filing.cancel_manifest(town_session, world.generator.owner, command, at=late)
    await town_session.refresh(row)
    assert (row.state, row.used_g) == ("lapsed", 0)
    assert await line(town_session) == (0, 0)


async def test_given_up_and_declined_with_a_reason(town_session: WriteSession, world: World) -> None:
    await open_terms(town_session, world)
    first, second = await reserved(town_session, world, "4 t"), await reserved(town_session, world, "5 t")
    given, declined = [EndReservation(reservation_id=one.id, reason="检修") for one in (first, second)]
    silent = replace(given, reason=" ")
    owner, plant = world.generator.owner, world.receiver.owner
    assert await codes_broken(setting_aside.give_up(town_session, owner, silent, at=LATER)) == ["reason_missing"]
    for wrong in (
        setting_aside.give_up(town_session, plant, given, at=LATER),
        setting_aside.decline(town_session, owner, given, at=LATER),
    ):
        with pytest.raises(Forbidden):
            await wrong
    with pytest.raises(NotFound):
        await setting_aside.give_up(town_session, world.stranger.owner, given, at=LATER)
    await setting_aside.give_up(town_session, owner, given, at=LATER)
    await setting_aside.decline(town_session, plant, declined, at=LATER)
    assert await line(town_session) == (0, 0)
    assert (first.state, second.state, second.end_reason) == ("given_up", "declined", "检修")
    assert (await events_of(town_session, first.id))[-1] == "reservation_given_up"
    assert (await events_of(town_session, second.id))[-1] == "reservation_declined"
    with pytest.raises(Conflict):
        await setting_aside.decline(town_session, plant, declined, at=LATER)


async def test_what_is_over_cannot_be_given_up(town_session: WriteSession, world: World) -> None:
    await open_terms(town_session, world)
    row = await reserved(town_session, world, "4 t")
    command = EndReservation(reservation_id=row.id, reason="不需要")
    with pytest.raises(Conflict):
        await setting_aside.give_up(town_session, world.generator.owner, command, at=row.until)


async def test_the_receiver_s_own_terms(town_session: WriteSession, world: World) -> None:
    silent = await codes_broken(reserved(town_session, world))
    assert silent == ["receiver_takes_no_reservations"]
    await open_terms(town_session, world, most=Mass.parse("3 t"), contract_only=True)
    large = of_stranger(town_session, world, "4 t")
    assert await codes_broken(large) == ["reservation_too_large", "reservation_without_contract"]
    await reserved(town_session, world, "3 t")
    await open_terms(town_session, world, is_open=False)
    assert await codes_broken(reserved(town_session, world)) == ["receiver_takes_no_reservations"]
    # What was agreed stays.
    assert await line(town_session) == (0, 3_000_000)


async def test_every_rule_is_told_at_once(town_session: WriteSession, world: World) -> None:
    await open_terms(town_session, world)
    odd = wanted(world, "0 t", planned_on=date(2026, 3, 1), waste_code="900-998-08", remarks="x" * 501)
    work = setting_aside.reserve(town_session, world.generator.owner, odd, at=AT)
    assert await codes_broken(work) == ["day_over", "mass_not_positive", "text_long", "waste_code_unknown"]
    far = wanted(world, planned_on=TODAY + timedelta(days=31), method="D99")
    work = setting_aside.reserve(town_session, world.generator.owner, far, at=AT)
    assert await codes_broken(work) == ["day_far", "method_unknown"]
    foreign = setting_aside.reserve(town_session, world.stranger.owner, wanted(world), at=AT)
    with pytest.raises(Forbidden):
        await foreign
    assert await codes_broken(reserved(town_session, world, waste_code="900-041-49")) == ["permit_without_code"]


async def test_a_free_day_limits_what_is_kept_for_it(town_session: WriteSession, world: World) -> None:
    plant, site = world.receiver.owner, world.receiver.site.id
    days = PublishDays(site_id=site, days=(FreeDay(day=TODAY, free=Mass.parse("5 t")),))
    unsaid = publishing_intake.publish_days(town_session, plant, days, at=AT)
    assert await codes_broken(unsaid) == ["terms_missing"]
    await open_terms(town_session, world)
    await publishing_intake.publish_days(town_session, plant, days, at=AT)
    await reserved(town_session, world, "3 t")
    (told,) = await rules_broken(of_stranger(town_session, world, "3 t", waste_code=OIL))
    assert (told.code, told.facts["free"], told.facts["taken"]) == ("day_full", "5 t", "3 t")
    await of_stranger(town_session, world, "3 t", waste_code=OIL, planned_on=TODAY + timedelta(days=1))
    back = PublishDays(site_id=site, days=(FreeDay(day=TODAY, free=None),))
    await publishing_intake.publish_days(town_session, plant, back, at=AT)
    await of_stranger(town_session, world, "3 t", waste_code=OIL)
    found = await reservation_queries.days_of(town_session, (site,), TODAY, TODAY, at=AT)
    assert (found[site][TODAY].free, found[site][TODAY].taken) == (None, Mass.parse("6 t"))


async def test_only_a_receiver_publishes_and_only_for_its_own_site(town_session: WriteSession, world: World) -> None:
    own = PublishTerms(site_id=world.generator.site.id, is_open=True, hold_days=0)
    work = publishing_intake.publish_terms(town_session, world.generator.owner, own, at=AT)
    assert await codes_broken(work) == ["hold_days_out_of_range", "not_a_receiver"]
    other = PublishTerms(site_id=world.receiver.site.id, is_open=True)
    with pytest.raises(Forbidden):
        await publishing_intake.publish_terms(town_session, world.generator.owner, other, at=AT)


async def test_the_duty_is_to_file_until_the_hold_ends(town_session: WriteSession, world: World) -> None:
    await open_terms(town_session, world)
    row = await reserved(town_session, world, "4 t")
    owner = world.generator.owner
    async with eyes_of(town_session, owner):
        (duty,) = await reservations_duties(town_session, owner, LATER)
    assert (duty.due_at, duty.address) == (row.until, f"/reservations/{row.id}")
    receiver = world.receiver.owner
    async with eyes_of(town_session, receiver):
        (ready,) = await reservations_duties(town_session, receiver, LATER)
        assert (ready.title.split(" ")[0], ready.due_at, ready.facts["mass"]) == ("Be", row.until, "4 t")
        assert await reservations_duties(town_session, receiver, row.until) == []
        assert await reservations_duties(town_session, receiver, row.until - timedelta(days=4)) == []
    await file(town_session, world, await draft(town_session, world, "3 t"))
    async with eyes_of(town_session, owner):
        assert await reservations_duties(town_session, owner, LATER) == []
    second = await reserved(town_session, world, "1 t")
    command = EndReservation(reservation_id=second.id, reason="检修")
    await setting_aside.decline(town_session, world.receiver.owner, command, at=LATER)
    async with eyes_of(town_session, owner):
        (again,) = await reservations_duties(town_session, owner, LATER)
    assert again.title.startswith("The receiver does not keep")


async def test_a_firm_holds_so_many_at_a_time_and_no_more(
    town_session: WriteSession, world: World, tmp_path: Path
) -> None:
    await open_terms(town_session, world)
    rules = tmp_path / "rules.toml"
    rules.write_text("[open_reservations]\nvalue = 2\n", encoding="utf-8")
    differ(rules)
    try:
        first = await reserved(town_session, world, "1 t")
        await reserved(town_session, world, "1 t")
        third = reserved(town_session, world, "1 t")
        assert await codes_broken(third) == ["reservations_too_many"]
        await of_stranger(town_session, world, "1 t")
        given_up = EndReservation(reservation_id=first.id, reason="改期")
        await setting_aside.give_up(town_session, world.generator.owner, given_up, at=AT)
        await reserved(town_session, world, "1 t")
    finally:
        differ(None)


@pytest.mark.commits
async def test_fifty_at_once_hold_exactly_the_last_ten_tonnes(fresh_town: AsyncEngine, world: World) -> None:
    async with writing(fresh_town) as session:
        await open_terms(session, world)
    application = make_engine(for_application(fresh_town.url.render_as_string(hide_password=False)), pool_size=25)

    async def asking(session: WriteSession) -> object:
        await look_as(session, world.generator.owner)
        return await reserved(session, world, "1 t")

    done = await at_once(application, [asking] * 50)
    await application.dispose()
    refused = [one for one in done if isinstance(one, BaseException)]
    assert {type(one) for one in refused} == {RuleBroken}
    assert {rule.code for one in refused if isinstance(one, RuleBroken) for rule in one.broken} == {
        "permit_quantity_exceeded"
    }
    assert len(done) - len(refused) == 10
    async with reading(fresh_town) as books:
        assert await books.scalar(text("select sum(held_g) from permit_uses")) == 10_000_000
        held = text("select sum(net_g - used_g) from reservations where state = 'held'")
        assert await books.scalar(held) == 10_000_000


@pytest.mark.commits
async def test_reserving_filing_and_letting_go_at_once_never_give_the_same_twice(
    fresh_town: AsyncEngine, world: World
) -> None:
    async with writing(fresh_town) as session:
        await open_terms(session, world)
        mine = [await reserved(session, world, "1 t") for _ in range(3)]
        drafts = [await draft(session, world, "2 t") for _ in range(4)]

    def filing_of(manifest_id: UUID) -> object:
        async def work(session: WriteSession) -> object:
            await file(session, world, manifest_id)
            return manifest_id

        return work

    def ending(row: reservation_queries.Reservation) -> object:
        async def work(session: WriteSession) -> object:
            command = EndReservation(reservation_id=row.id, reason="检修")
            return await setting_aside.decline(session, world.receiver.owner, command, at=LATER)

        return work

    async def asking(session: WriteSession) -> object:
        return await of_stranger(session, world, "1 t", at=LATER)

    works = [*map(filing_of, drafts), *map(ending, mine), *[asking] * 10]
    async with asyncio.timeout(60):
        done = await at_once(fresh_town, works)  # type: ignore[arg-type]
    assert {type(one) for one in done if isinstance(one, BaseException)} <= {RuleBroken, Conflict}
    async with reading(fresh_town) as books:
        booked, held = (await books.execute(text("select booked_g, held_g from permit_uses where year = 2026"))).one()
        assert booked + held <= 10_000_000
        left = text("select coalesce(sum(net_g - used_g), 0) from reservations where state = 'held'")
        assert await books.scalar(left) == held
        assert await books.scalar(text("select sum(booked_g) from permit_bookings")) == booked


def test_the_states_are_those_of_the_table() -> None:
    assert {state.value for state in ReservationState} == {"held", "used", "lapsed", "given_up", "declined"}
