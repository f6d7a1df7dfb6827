"""What is held ready for an epidemic: the list of facilities, who is called, and the reserve of supplies."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.audit.eventful import SIGNER
from tests.medical.test_emergencies import ORDER, approver_of
from tests.support import parties as made
from tests.support.medical import Hospital, a_bag
from tests.support.refused import codes_broken, events_about
from tests.support.statements import counted
from tests.support.world import AT, TODAY, World
from wastetrack.auth.model import Role, viewer_of_jurisdiction
from wastetrack.catalogues.jurisdiction import Certainty, differ, jurisdiction
from wastetrack.catalogues.queries import snapshot
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.errors import Conflict, Forbidden, NotFound
from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.medical.designating import call_helper, designate, let_go, strike_off
from wastetrack.medical.emergencies import declare_emergency, end_emergency, in_force
from wastetrack.medical.packing import pack_bag
from wastetrack.medical.reserve_model import (
    AddSupply,
    CallHelper,
    Designate,
    HelperKind,
    Lot,
    MoveSupply,
    StockMove,
    SupplyKind,
    taken_by_expiry,
    usable,
)
from wastetrack.medical.reserves import calls_under, helpers, moves_of, prefectures, supplies, supply
from wastetrack.medical.stocking import add_supply, end_supply, move_supply
from wastetrack.reports.auditing.running import recompute
from wastetrack.reports.duties_medical import medical_duties
from wastetrack.transparency.publishing import publish_all

KILN = Designate(
    region_code="3706",
    kind=HelperKind.CEMENT_KILN,
    name="东方水泥二号窑",
    address="福山区工业路8号",
    longitude=121.25,
    latitude=37.45,
    daily=Mass.parse("30 t"),
    lead_hours=48,
    agreement_number="烟环协〔2026〕7号",
    agreement_from=TODAY,
    agreement_to=TODAY + timedelta(days=365),
    contact_name="值班室",
    contact_phone="0535-6000000",
)
GLOVES = AddSupply(kind=SupplyKind.PROTECTION, name="防护手套", unit="双", place="区应急库A架", minimum=500)


async def test_a_facility_is_listed_found_by_region_and_struck_off(ward_session: WriteSession, world: World) -> None:
    approver = approver_of(world)
    kiln, _ = await designate(ward_session, approver, KILN, at=AT)
    command = replace(KILN, kind=HelperKind.HAZARDOUS_INCINERATOR, site_id=world.receiver.site.id, name="", address="")
    plant, _ = await designate(ward_session, approver, replace(command, longitude=None, latitude=None), at=AT)
    assert (plant.name, plant.longitude) == (world.receiver.site.name, float(world.receiver.site.longitude))
    told = (await events_about(ward_session, kiln.id))[0]
    assert (told["kind"], told["facts"]["daily_g"]) == ("medical_helper_listed", 30_000_000)
    assert [one.id for one in await helpers(ward_session, region="3706")] == [plant.id, kiln.id]  # in order of calling
    assert [one.id for one in await helpers(ward_session, region="370602")] == [plant.id, kiln.id]
    assert await helpers(ward_session, region="3702") == []
    await strike_off(ward_session, approver, kiln.id, at=AT + timedelta(days=1))
    assert [one.id for one in await helpers(ward_session, region="37")] == [plant.id]
    with pytest.raises(Conflict):
        await strike_off(ward_session, approver, kiln.id, at=AT)
    with pytest.raises(NotFound):
        await strike_off(ward_session, approver, new_id(), at=AT)


async def test_all_that_a_listing_lacks_is_told_at_once(ward_session: WriteSession, world: World) -> None:
    approver = approver_of(world)
    empty = replace(
        KILN,
        region_code="3799",
        name=" ",
        longitude=None,
        latitude=91.0,
        daily=Mass(0),
        lead_hours=-1,
        agreement_number="",
        agreement_to=TODAY - timedelta(days=1),
        contact_phone=" ",
    )
    abroad = replace(approver, viewer="r:37")
    broken = await codes_broken(designate(ward_session, abroad, empty, at=AT))
    assert broken == [
        "agreement_missing",
        "contact_missing",
        "daily_missing",
        "ends_early",
        "lead_unreadable",
        "name_missing",
        "position_missing",
        "position_missing",
        "region_unreadable",
    ]
    assert await codes_broken(designate(ward_session, abroad, replace(KILN, region_code="37"), at=AT)) == [
        "region_unreadable"
    ]
    for actor in (world.inspector, world.generator.owner, made.actor(Role.APPROVER, viewer_of_jurisdiction("3702"))):
        with pytest.raises(Forbidden):
            await designate(ward_session, actor, KILN, at=AT)


async def test_every_prefecture_has_at_least_one_in_force(ward_session: WriteSession, world: World) -> None:
    catalogue = await snapshot(ward_session)
    await designate(ward_session, approver_of(world), KILN, at=AT)
    listed = await helpers(ward_session, region="37")
    shandong = prefectures(catalogue, "37", listed, TODAY)
    assert len(shandong) == 16
    assert [one.code for one in shandong if one.ready] == ["3706"]
    assert shandong[-1].daily_g == 30_000_000
    assert [one.ready for one in prefectures(catalogue, "3706", listed, KILN.agreement_to)] == [1]
    after = KILN.agreement_to + timedelta(days=1)
    assert [one.ready for one in prefectures(catalogue, "3706", listed, after)] == [0]


async def test_how_many_a_prefecture_names_is_the_deployments_to_say(
    ward_session: WriteSession, world: World, tmp_path: Path
) -> None:
    """The text that asks for one was not read: the figure is marked so, and a deployment may say another."""
    assert jurisdiction().emergency_helpers_per_prefecture.certainty is Certainty.UNCONFIRMED
    approver, catalogue = approver_of(world), await snapshot(ward_session)
    await designate(ward_session, approver, KILN, at=AT)
    asked = "Name enough facilities that take medical waste in an emergency"
    for least, enough in ((0, True), (1, True), (2, False)):
        rules = tmp_path / f"{least}.toml"
        rules.write_text(f"[emergency_helpers_per_prefecture]\nvalue = {least}\n", encoding="utf-8")
        differ(rules)
        try:
            (yantai,) = prefectures(catalogue, "3706", await helpers(ward_session, region="3706"), TODAY)
            owed = [one.title for one in await medical_duties(ward_session, approver, AT)]
        finally:
            differ(None)
        assert (yantai.is_enough, asked not in owed) == (enough, enough)


async def test_a_facility_is_called_under_an_order_and_let_go(ward_session: WriteSession, world: World) -> None:
    approver = approver_of(world)
    kiln, _ = await designate(ward_session, approver, KILN, at=AT)
    emergency, _ = await declare_emergency(ward_session, approver, ORDER, at=AT)
    command = CallHelper(emergency_id=emergency.id, helper_id=kiln.id, daily=Mass.parse("20 t"), from_at=AT)
    call, _ = await call_helper(ward_session, approver, command, at=AT)
    (called,) = await calls_under(ward_session, emergency, at=AT)
    assert (called.ready_at, called.ended_at) == (AT + timedelta(hours=48), None)
    with pytest.raises(Conflict):
        await call_helper(ward_session, approver, command, at=AT)
    with pytest.raises(Conflict):
        await strike_off(ward_session, approver, kiln.id, at=AT)
    await let_go(ward_session, approver, call.id, at=AT + timedelta(days=1))
    with pytest.raises(Conflict):
        await let_go(ward_session, approver, call.id, at=AT + timedelta(days=1))
    again, _ = await call_helper(ward_session, approver, command, at=AT + timedelta(days=2))
    await end_emergency(ward_session, approver, emergency.id, at=AT + timedelta(days=3))
    await ward_session.refresh(again)
    assert again.ended_at == AT + timedelta(days=3)
    told = [event["kind"] for event in await events_about(ward_session, kiln.id)]
    assert sorted(told) == [
        "medical_helper_called",
        "medical_helper_called",
        "medical_helper_let_go",
        "medical_helper_listed",
    ]
    with pytest.raises(Conflict):
        await call_helper(ward_session, approver, command, at=AT + timedelta(days=4))


async def test_a_call_rests_on_an_agreement_for_the_region_and_within_what_was_agreed(
    ward_session: WriteSession, world: World
) -> None:
    approver = replace(approver_of(world), viewer="r:37")
    short = replace(KILN, region_code="3702", agreement_to=TODAY + timedelta(days=90))
    elsewhere, _ = await designate(ward_session, approver, short, at=AT)
    emergency, _ = await declare_emergency(ward_session, approver, ORDER, at=AT)
    command = CallHelper(
        emergency_id=emergency.id,
        helper_id=elsewhere.id,
        daily=Mass.parse("31 t"),
        from_at=AT + timedelta(days=364),
    )
    broken = await codes_broken(call_helper(ward_session, approver, command, at=AT))
    assert broken == ["agreement_over", "daily_too_much", "helper_of_another_region"]
    far = replace(command, from_at=datetime.max.replace(tzinfo=UTC))
    assert "call_far" in await codes_broken(call_helper(ward_session, approver, far, at=AT))
    with pytest.raises(NotFound):
        await call_helper(ward_session, approver, replace(command, helper_id=new_id()), at=AT)
    with pytest.raises(NotFound):
        await call_helper(ward_session, approver, replace(command, emergency_id=new_id()), at=AT)
    with pytest.raises(NotFound):
        await let_go(ward_session, approver, new_id(), at=AT)


async def test_a_call_whose_emergency_ran_out_does_not_hinder_the_next(
    ward_session: WriteSession, world: World
) -> None:
    approver = approver_of(world)
    kiln, _ = await designate(ward_session, approver, KILN, at=AT)
    first, _ = await declare_emergency(ward_session, approver, ORDER, at=AT)
    command = CallHelper(emergency_id=first.id, helper_id=kiln.id, daily=Mass.parse("20 t"), from_at=AT)
    await call_helper(ward_session, approver, command, at=AT)
    later = ORDER.until_at + timedelta(days=1)
    (ended,) = await calls_under(ward_session, first, at=later)
    assert ended.ended_at == ORDER.until_at
    order = replace(ORDER, from_at=later, until_at=later + timedelta(days=9))
    second, _ = await declare_emergency(ward_session, approver, order, at=later)
    await call_helper(ward_session, approver, replace(command, emergency_id=second.id, from_at=later), at=later)
    assert len(await calls_under(ward_session, second, at=later)) == 1


async def test_a_drill_is_logged_and_flags_nothing(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    drill = replace(ORDER, is_drill=True, rules="高度感染性优先；由市指挥部调度")
    row, _ = await declare_emergency(ward_session, approver_of(world), drill, at=AT)
    assert (await events_about(ward_session, row.id))[0]["facts"]["drill"] is True
    assert await in_force(ward_session, "370602", at=AT) is None
    _, bag, _ = await pack_bag(ward_session, hospital.nurse, a_bag(hospital), at=AT)
    assert bag.emergency_id is None
    assert row.rules == "高度感染性优先；由市指挥部调度"


def test_what_expires_first_goes_first_and_what_has_expired_stays() -> None:
    lots = [Lot(None, 5), Lot(date(2026, 3, 1), 4), Lot(date(2026, 4, 1), 3), Lot(date(2026, 9, 1), 2)]
    assert usable(lots, date(2026, 4, 1)) == 10
    assert taken_by_expiry(lots, 6, date(2026, 4, 1)) == [
        Lot(date(2026, 4, 1), 3),
        Lot(date(2026, 9, 1), 2),
        Lot(None, 1),
    ]


async def test_the_reserve_is_told_by_lot_with_its_minimum(ward_session: WriteSession, world: World) -> None:
    approver = approver_of(world)
    gloves, _ = await add_supply(ward_session, approver, GLOVES, at=AT)
    came = MoveSupply(
        supply_id=gloves.id,
        kind=StockMove.IN,
        quantity=400,
        happened_on=TODAY,
        expires_on=TODAY + timedelta(days=30),
    )
    await move_supply(ward_session, approver, came, at=AT)
    later = replace(came, quantity=200, expires_on=TODAY + timedelta(days=300))
    await move_supply(ward_session, approver, later, at=AT)
    (held,) = await supplies(ward_session, world.inspector, at=AT)
    assert (held.usable, held.expired, held.is_low, held.expires_soon) == (600, 0, False, True)
    in_a_month = await supply(ward_session, approver, gloves.id, at=AT + timedelta(days=31))
    assert (in_a_month.usable, in_a_month.expired, in_a_month.is_low) == (200, 400, True)
    out = replace(came, kind=StockMove.OUT, quantity=450, expires_on=None, note="支援定点医院")
    lines, _ = await move_supply(ward_session, approver, out, at=AT)
    assert [line.change for line in lines] == [-400, -50]
    counted = replace(later, kind=StockMove.COUNTED, quantity=140)
    (line,), _ = await move_supply(ward_session, approver, counted, at=AT)
    assert line.change == -10
    assert sorted(one.change for one in await moves_of(ward_session, gloves.id)) == [-400, -50, -10, 200, 400]
    too_much = replace(out, quantity=141)
    assert await codes_broken(move_supply(ward_session, approver, too_much, at=AT)) == ["not_so_much"]
    of_lot = replace(out, quantity=141, expires_on=later.expires_on, happened_on=TODAY + timedelta(days=1))
    assert await codes_broken(move_supply(ward_session, approver, of_lot, at=AT)) == ["in_the_future", "not_so_much"]
    assert await codes_broken(move_supply(ward_session, approver, replace(came, quantity=0), at=AT)) == [
        "quantity_unreadable"
    ]
    await move_supply(ward_session, approver, replace(of_lot, quantity=140, happened_on=TODAY), at=AT)
    assert (await supply(ward_session, approver, gloves.id, at=AT)).lots == ()
    await end_supply(ward_session, approver, gloves.id, at=AT)
    assert await supplies(ward_session, approver, at=AT) == []
    with pytest.raises(Conflict):
        await move_supply(ward_session, approver, came, at=AT)


@pytest.mark.commits
async def test_what_came_went_and_was_counted_is_in_the_log_and_the_log_verifies(
    fresh_hospital: AsyncEngine, world: World
) -> None:
    approver = approver_of(world)
    async with writing(fresh_hospital) as session:
        gloves, added = await add_supply(session, approver, GLOVES, at=AT)
        came = MoveSupply(supply_id=gloves.id, kind=StockMove.IN, quantity=400, happened_on=TODAY)
        await move_supply(session, approver, replace(came, expires_on=TODAY + timedelta(days=9)), at=AT)
        await move_supply(session, approver, came, at=AT)
        out = replace(came, kind=StockMove.OUT, quantity=450, note="赵护士领用")
        lines, moved = await move_supply(session, approver, out, at=AT)
        await move_supply(session, approver, replace(came, kind=StockMove.COUNTED, quantity=349), at=AT)
        await end_supply(session, approver, gloves.id, at=AT)
    assert added.id == gloves.id
    assert {line.event_id for line in lines} == {moved.id}
    await publish_all(fresh_hospital, SIGNER)
    async with reading(fresh_hospital) as session:
        told = await events_about(session, gloves.id)
        assert [one["kind"] for one in told] == [
            "reserve_supply_added",
            *["reserve_supply_moved"] * 4,
            "reserve_supply_ended",
        ]
        facts = [one["facts"] for one in told]
        assert [one.get("quantity") for one in facts] == [None, 400, 400, 450, 349, None]
        assert [lot["change"] for lot in facts[3]["lots"]] == [-400, -50]
        assert (facts[4]["lots"][0]["change"], facts[5]["left"]) == (-1, 349)
        assert "赵护士" not in str(told)  # a leaf is for ever; what people wrote stands where it can be erased
        report = await recompute(session, SIGNER.verifier)
        assert [finding.sentence() for finding in report.findings] == []


async def test_a_plant_holds_a_reserve_at_its_site_and_the_authority_sees_it(
    ward_session: WriteSession, world: World
) -> None:
    owner = world.receiver.owner
    assert await codes_broken(add_supply(ward_session, owner, GLOVES, at=AT)) == ["site_missing"]
    at_site = replace(GLOVES, site_id=world.receiver.site.id)
    held, _ = await add_supply(ward_session, owner, at_site, at=AT)
    gate = world.receiver.people[Role.GATE_OPERATOR]
    came = MoveSupply(supply_id=held.id, kind=StockMove.IN, quantity=3, happened_on=TODAY)
    await move_supply(ward_session, gate, came, at=AT)
    (seen,) = await supplies(ward_session, world.inspector, at=AT)
    assert (seen.organisation_id, seen.usable, seen.expires_on) == (world.receiver.id, 3, None)
    assert seen.holder
    assert await supplies(ward_session, world.stranger.owner, at=AT) == []
    with pytest.raises(Forbidden):
        await move_supply(ward_session, approver_of(world), came, at=AT)
    with pytest.raises(Forbidden):
        await add_supply(ward_session, world.stranger.owner, at_site, at=AT)
    with pytest.raises(NotFound):
        await move_supply(ward_session, owner, replace(came, supply_id=new_id()), at=AT)
    with pytest.raises(NotFound):
        await supply(ward_session, world.stranger.owner, held.id, at=AT)
    unread = replace(GLOVES, name="", unit=" ", place="", minimum=-1)
    broken = await codes_broken(add_supply(ward_session, approver_of(world), unread, at=AT))
    assert broken == ["minimum_unreadable", "name_missing", "place_missing", "unit_missing"]


async def test_duties_tell_of_what_an_epidemic_would_find_missing(
    ward_session: WriteSession, hospital_engine: AsyncEngine, world: World
) -> None:
    approver = approver_of(world)
    home = "Name enough facilities that take medical waste in an emergency"
    at_home = [(one.title, one.what) for one in await medical_duties(ward_session, approver, AT)]
    assert at_home == [(home, "烟台市")]
    assert [one.title for one in await medical_duties(ward_session, world.inspector, AT)] == []  # may not name any
    (whole,) = await medical_duties(ward_session, replace(approver, viewer="r:37"), AT)
    assert len(whole.what.split("、")) == 16
    soon = replace(KILN, agreement_to=TODAY + timedelta(days=60))
    await designate(ward_session, approver, soon, at=AT)
    (renew,) = await medical_duties(ward_session, approver, AT)
    assert (renew.title, renew.due_on) == ("Renew the agreement with a facility for emergencies", soon.agreement_to)
    gloves, _ = await add_supply(ward_session, approver, GLOVES, at=AT)
    came = MoveSupply(
        supply_id=gloves.id,
        kind=StockMove.IN,
        quantity=400,
        happened_on=TODAY,
        expires_on=TODAY + timedelta(days=30),
    )
    await move_supply(ward_session, approver, came, at=AT)
    with counted(hospital_engine) as statements:
        told = await medical_duties(ward_session, approver, AT)
    assert len(statements) == 1
    assert sorted((one.title, one.what, one.due_on) for one in told) == [
        ("Fill up the reserve for emergencies", "防护手套", None),
        ("Renew the agreement with a facility for emergencies", KILN.name, soon.agreement_to),
        ("Replace what expires in the reserve", "防护手套", came.expires_on),
    ]
    more = replace(came, quantity=200, expires_on=None)
    await move_supply(ward_session, approver, more, at=AT)
    low = "Fill up the reserve for emergencies"
    assert low not in [one.title for one in await medical_duties(ward_session, approver, AT)]
    later = [one.title for one in await medical_duties(ward_session, approver, AT + timedelta(days=61))]
    assert low in later  # what has expired counts no more
    assert home in later
