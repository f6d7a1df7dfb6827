"""How plants did, from a small world's own steps; and what was said of outages."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import text

from tests.support import parties as made
from tests.support.acts import Receive
from tests.support.refused import codes_broken, events_about
from tests.support.world import AT, OIL, SLUDGE, TODAY, World, a_drum, arrived, scanned, weighed
from wastetrack.auth.model import Role
from wastetrack.auth.sight import look_as
from wastetrack.capacity.evaluating import HARD_TO_TREAT_DAYS, PlantLoad, PlantOperation
from wastetrack.capacity.operating import long_stored, operation_of
from wastetrack.capacity.outages import OutageCause, ReportOutage
from wastetrack.capacity.project_queries import outages
from wastetrack.capacity.standing_still import end_outage, report_outage
from wastetrack.containers.model import Description, Form, Packaging, Residue, Treat
from wastetrack.containers.treating import treat
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, Forbidden, NotFound
from wastetrack.ids import new_id
from wastetrack.manifests import receiving
from wastetrack.mass import Mass
from wastetrack.parties.commands import ItemToGrant, SuspendPermit
from wastetrack.parties.permitting import grant_permit, suspend_permit

ASH = "772-003-18"
NOW = AT + timedelta(days=3)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


async def a_day_at_the_plant(session: WriteSession, world: World) -> None:
    """Three drums come: two are taken, one is refused; one is burnt and leaves ash."""
    first, second, third = [await a_drum(session, world, net) for net in ("180 kg", "90 kg", "60 kg")]
    manifest_id = await arrived(session, world, [first, second, third])
    await scanned(session, world, manifest_id, first, "200 kg")
    await scanned(session, world, manifest_id, second, "110 kg")
    await scanned(session, world, manifest_id, third, reject_reason="破损")
    await receiving.receive(session, world.receiver.owner, Receive(manifest_id=manifest_id), at=AT + timedelta(hours=5))
    ash = Residue(
        description=Description(waste_code=ASH, waste_name="焚烧飞灰", form=Form.SOLID, hazards=("T",)),
        packaging=Packaging.BIG_BAG,
        volume_l=1_000,
        weighing=weighed("45 kg"),
    )
    burnt = Treat(
        site_id=world.receiver.site.id,
        container_ids=(first.id,),
        method="D10",
        treated_on=TODAY + timedelta(days=1),
        residues=(ash,),
    )
    await treat(session, world.receiver.people[Role.GATE_OPERATOR], burnt, at=AT + timedelta(days=2))


async def the_plant(session: WriteSession, world: World) -> PlantOperation:
    """The incinerator as its authority sees it."""
    await look_as(session, world.inspector)
    found = await operation_of(session, world.inspector, region="3706", since=YEAR[0], until=YEAR[1], at=NOW)
    (plant,) = [one for one in found.plants if one.site_id == world.receiver.site.id]
    return plant


async def test_a_plant_is_judged_by_what_it_did(town_session: WriteSession, world: World) -> None:
    """By hand: 270 kg came in, 180 kg burnt, 45 kg of ash; one of three drums was refused; 160 t a year are allowed."""
    await a_day_at_the_plant(town_session, world)
    plant = await the_plant(town_session, world)
    assert (plant.received, plant.treated, plant.residue) == (Mass(270_000), Mass(180_000), Mass(45_000))
    assert plant.treated_by == (("D10", Mass(180_000)),)
    assert (plant.taken, plant.refused, plant.refused_mass) == (2, 1, Mass(60_000))
    assert plant.days_treated == 1
    assert plant.standing == Mass(90_000 + 45_000)
    assert plant.yearly == Mass(160_000_000)
    assert plant.methods == ("D10", "R9")
    assert plant.load_class is PlantLoad.IDLE
    assert plant.room == Mass(20_000_000)
    assert plant.difference == Mass(0)
    assert plant.hard_to_treat == ()


async def test_what_stands_too_long_is_hard_to_treat(town_session: WriteSession, world: World) -> None:
    """Drums that have stood for 200 days; the sludge at the workshop is no plant's."""
    await a_day_at_the_plant(town_session, world)
    sludge = await a_drum(town_session, world, "70 kg", code=SLUDGE)
    old = "update containers set stands_since = :since where site_id in (:plant, :workshop)"
    day = {"since": NOW - timedelta(days=200), "plant": world.receiver.site.id, "workshop": sludge.site_id}
    await town_session.execute(text(old), day)
    plant = await the_plant(town_session, world)
    assert dict(plant.hard_to_treat) == {OIL: Mass(90_000), ASH: Mass(45_000)}
    assert plant.oldest_days == 200
    told = await long_stored(town_session, region="3706", days=HARD_TO_TREAT_DAYS, at=NOW)
    assert {code: mass for code, mass, _, _ in told}[SLUDGE] == Mass(70_000)
    assert await long_stored(town_session, region="3706", days=300, at=NOW) == []


async def test_nobody_sees_plants_of_others(town_session: WriteSession, world: World) -> None:
    await a_day_at_the_plant(town_session, world)
    for eyes, seen in ((world.receiver.owner, 1), (world.generator.owner, 0)):
        await look_as(town_session, eyes)
        own = await operation_of(town_session, eyes, region="", since=YEAR[0], until=YEAR[1], at=NOW)
        assert len(own.plants) == seen
        assert sum(one.treated.grams for one in own.plants) == 180_000 * seen
    await look_as(town_session, made.approver("3201"))
    elsewhere = await operation_of(
        town_session, made.approver("3201"), region="3201", since=YEAR[0], until=YEAR[1], at=NOW
    )
    assert elsewhere.plants == ()
    # Whoever asks for a region that is not his gets sums of nothing.
    driver = await town_session.driver()
    begin, end = AT.replace(month=1), AT.replace(month=12)
    assert await driver.fetch("select * from plant_operation($1, $2, '', 180)", begin, end) == []
    assert await driver.fetch("select * from generation_by_month($1, $2, '')", begin, end) == []
    assert await driver.fetch("select * from long_stored($1, '', 0)", end) == []


async def test_what_was_made_is_told_by_month(town_session: WriteSession, world: World) -> None:
    await a_drum(town_session, world, "180 kg")
    await a_drum(town_session, world, "20 kg")
    await a_drum(town_session, world, "70 kg", code=SLUDGE)
    await look_as(town_session, world.inspector)
    driver = await town_session.driver()
    rows = await driver.fetch(
        "select * from generation_by_month($1, $2, '3706')", AT.replace(month=1), AT.replace(month=12)
    )
    assert sorted((row["region_code"], row["waste_code"], row["month"], row["grams"]) for row in rows) == [
        ("370602", SLUDGE, date(2026, 3, 1), 70_000),
        ("370602", OIL, date(2026, 3, 1), 200_000),
    ]


async def test_a_plant_says_that_it_stands_still_and_that_it_runs_again(
    town_session: WriteSession, world: World
) -> None:
    """Ten days of maintenance, and a suspension of 26 that overlaps with nothing: 36 of 365 days are lost."""
    gate = world.receiver.people[Role.GATE_OPERATOR]
    await look_as(town_session, gate)
    told = ReportOutage(site_id=world.receiver.site.id, cause=OutageCause.MAINTENANCE, from_on=date(2026, 6, 1))
    outage = await report_outage(town_session, gate, told, at=AT)
    ended = await end_outage(town_session, gate, outage.id, last_on=date(2026, 6, 10), at=AT + timedelta(days=100))
    assert (ended.to_on, ended.holds_on(date(2026, 6, 10)), ended.holds_on(date(2026, 6, 11))) == (
        date(2026, 6, 10),
        True,
        False,
    )
    with pytest.raises(Conflict):
        await end_outage(town_session, gate, outage.id, last_on=date(2026, 6, 20), at=AT)
    told_of = await events_about(town_session, outage.id)
    assert [(one["kind"], one["facts"]["cause"], one["facts"]["to"]) for one in told_of] == [
        ("outage_reported", "maintenance", None),
        ("outage_ended", "maintenance", "2026-06-10"),
    ]
    assert len(await events_about(town_session, world.receiver.site.id)) >= 2
    assert await outages(town_session, [world.receiver.site.id], since=date(2026, 6, 11)) == []
    assert [one.id for one in await outages(town_session, [world.receiver.site.id])] == [outage.id]
    await look_as(town_session, made.approver())
    stopped = SuspendPermit(
        permit_id=world.permit_id, from_on=date(2026, 8, 1), to_on=date(2026, 8, 26), reason="超标排放"
    )
    await suspend_permit(town_session, made.approver(), stopped, at=AT)
    plant = await the_plant(town_session, world)
    assert plant.days_lost == 36
    assert plant.effective.grams == plant.licensed.grams * 329 // 365


async def test_the_suspension_of_a_second_permit_is_a_part_of_the_plant(
    town_session: WriteSession, world: World
) -> None:
    """160 t are allowed by the first permit, 40 t of fly ash by a second that is suspended for 73 days: a fifth of a
    fifth of the year. A renewal that repeats the second counts once."""
    grant = made.permit_command(
        world.receiver.id,
        site_id=world.receiver.site.id,
        number="鲁烟危证002号",
        items=(ItemToGrant(pattern=ASH, methods=frozenset({"D1"}), yearly=Mass.parse("40 t")),),
    )
    await look_as(town_session, made.approver())
    second = await grant_permit(town_session, made.approver(), grant, at=AT)
    stopped = SuspendPermit(permit_id=second.id, from_on=date(2026, 8, 1), to_on=date(2026, 10, 12), reason="渗滤液")
    await suspend_permit(town_session, made.approver(), stopped, at=AT)
    plant = await the_plant(town_session, world)
    licensed = plant.licensed
    assert plant.yearly == Mass(200_000_000)
    assert plant.days_lost == Fraction(73, 5)
    assert plant.effective.grams == licensed.grams * 24 // 25
    renewed = replace(grant, number="鲁烟危证003号", valid_from=date(2026, 11, 1))
    await grant_permit(town_session, made.approver(), renewed, at=AT)
    plant = await the_plant(town_session, world)
    assert (plant.licensed, plant.yearly) == (licensed, Mass(200_000_000))


async def test_an_outage_is_the_plants_own_to_tell(town_session: WriteSession, world: World) -> None:
    owner = world.receiver.owner
    command = ReportOutage(site_id=world.receiver.site.id, cause=OutageCause.BREAKDOWN, from_on=TODAY)
    for somebody in (world.generator.owner, world.inspector, world.receiver.people[Role.SIGNER]):
        with pytest.raises(Forbidden):
            await report_outage(town_session, somebody, command, at=AT)
    await look_as(town_session, owner)
    outage = await report_outage(town_session, owner, command, at=AT)
    assert await codes_broken(end_outage(town_session, owner, outage.id, last_on=TODAY - timedelta(days=1), at=AT)) == [
        "outage_ends_before_it_begins"
    ]
    with pytest.raises(NotFound):
        await end_outage(town_session, owner, new_id(), last_on=TODAY, at=AT)
    with pytest.raises(Forbidden):
        await end_outage(town_session, world.generator.owner, outage.id, last_on=TODAY, at=AT)
    workshop = ReportOutage(site_id=world.generator.site.id, cause=OutageCause.BREAKDOWN, from_on=TODAY)
    assert await codes_broken(report_outage(town_session, world.generator.owner, workshop, at=AT)) == [
        "outage_not_of_a_plant"
    ]
