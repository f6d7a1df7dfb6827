"""What goes wrong on the way: breakdown, a container lost or leaking; and what the books say after it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support import parties as made
from tests.support.acts import Receive, SignAct
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about
from tests.support.world import AT, World, a_drum, arrived, filed, scanned
from wastetrack.auth.model import Role, viewer_of_jurisdiction
from wastetrack.auth.sight import look_as
from wastetrack.containers import queries as containers
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession, writing
from wastetrack.errors import Forbidden, NotFound
from wastetrack.ids import new_id
from wastetrack.manifests import journey_queries, queries, receiving, reporting_incidents, transporting
from wastetrack.manifests.errors import ManifestUnknown, OutOfOrder
from wastetrack.manifests.journey_model import CloseIncident, IncidentKind, ReplaceVehicle, ReportIncident
from wastetrack.manifests.journey_tables import IncidentRow
from wastetrack.manifests.model import Outcome
from wastetrack.mass import Mass
from wastetrack.parties.registering import add_vehicle
from wastetrack.reports.duties_journeys import journeys_duties

LOADED, LATER, THERE, TAKEN = (AT + timedelta(hours=hours) for hours in (1, 2, 3, 5))
LAIYANG = "370682"


def telling(manifest_id: UUID, kind: IncidentKind, drum: Container | None = None, spilled: str = "") -> ReportIncident:
    """What the driver tells, with all that the record needs."""
    return ReportIncident(
        incident_id=new_id(),
        manifest_id=manifest_id,
        kind=kind,
        place="荣乌高速 K123",
        region_code=made.ZHIFU,
        what="车辆故障" if drum is None else "桶盖脱落",
        measures="围堵、吸附",
        reported_to="烟台市生态环境局 0535-12369",
        container_id=None if drum is None else drum.id,
        spilled=Mass.parse(spilled) if spilled else None,
    )


async def on_the_road(session: WriteSession, world: World, drums: list[Container], *, legs: int = 1) -> UUID:
    """A load with its first carrier."""
    manifest_id = await filed(session, world, drums, legs=legs)
    await transporting.pick_up(session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=LOADED)
    return manifest_id


async def told(session: WriteSession, world: World, command: ReportIncident) -> IncidentRow:
    """Reported by the driver."""
    row, _ = await reporting_incidents.report_incident(session, world.carrier.people[Role.DRIVER], command, at=LATER)
    session.expunge_all()
    return row


async def total(session: WriteSession) -> int:
    """All accounts together; zero at any time."""
    return int(await session.scalar(text("select coalesce(sum(balance_g), 0) from accounts")) or 0)


async def test_a_lost_container_leaves_the_road_and_stands_as_missing(town_session: WriteSession, world: World) -> None:
    drum, other = await a_drum(town_session, world, "180 kg"), await a_drum(town_session, world, "90 kg")
    manifest_id = await on_the_road(town_session, world, [drum, other])
    incident = await told(town_session, world, telling(manifest_id, IncidentKind.CONTAINER_LOST, drum))
    assert (incident.booked, incident.lost_g, incident.state) == (True, 180_000, "open")
    assert await balances(town_session, manifest_id) == {"in_transit": 90_000, "discrepancy:missing_container": 180_000}
    assert await total(town_session) == 0
    row = await containers.container(town_session, world.generator.owner, drum.id)
    assert row.state == "lost"
    await transporting.arrive(town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=THERE)
    await scanned(town_session, world, manifest_id, other, "110 kg")
    town_session.expunge_all()
    manifest, back, _ = await receiving.receive(
        town_session, world.receiver.owner, Receive(manifest_id=manifest_id), at=TAKEN
    )
    assert (manifest.state, back) == ("partly_received", None)
    facts = (await events_about(town_session, manifest_id))[-1]["facts"]
    assert (facts["missing"], facts["missing_containers"]) == (1, [str(drum.id)])
    await receiving.confirm(town_session, world.receiver.owner, SignAct(manifest_id=manifest_id), at=TAKEN)
    assert await balances(town_session, manifest_id) == {"discrepancy:missing_container": 180_000}
    assert await total(town_session) == 0
    assert await books_and_containers_agree(town_session, world.receiver.site.id, world.generator.site.id)


async def test_what_leaked_is_spillage_and_the_gate_compares_with_the_rest(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world, "180 kg")
    manifest_id = await on_the_road(town_session, world, [drum])
    await told(town_session, world, telling(manifest_id, IncidentKind.CONTAINER_LEAKING, drum, "30 kg"))
    assert await balances(town_session, manifest_id) == {"in_transit": 150_000, "discrepancy:spillage": 30_000}
    assert await total(town_session) == 0
    await transporting.arrive(town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=THERE)
    found = await scanned(town_session, world, manifest_id, drum, "169 kg")
    assert (found.outcome, found.declared) == (Outcome.ACCEPTED, Mass.parse("150 kg"))
    town_session.expunge_all()
    manifest, _, _ = await receiving.receive(
        town_session, world.receiver.owner, Receive(manifest_id=manifest_id), at=TAKEN
    )
    assert manifest.state == "received"
    assert await balances(town_session, manifest_id) == {"discrepancy:spillage": 30_000, "discrepancy:weighing": 1_000}
    assert await total(town_session) == 0
    assert await books_and_containers_agree(town_session, world.receiver.site.id)
    line = await journey_queries.line_of(town_session, manifest_id, drum.id)
    assert line is not None
    assert (line.declared_g, line.spilled_g) == (180_000, 30_000)  # the paper still says what was filed


@pytest.mark.parametrize("by", ["missing", "rejected"])
async def test_what_is_left_of_a_leaking_container_goes_the_way_of_every_other(
    town_session: WriteSession, world: World, by: str
) -> None:
    drum, other = await a_drum(town_session, world, "180 kg"), await a_drum(town_session, world, "90 kg")
    manifest_id = await on_the_road(town_session, world, [drum, other])
    await told(town_session, world, telling(manifest_id, IncidentKind.CONTAINER_LEAKING, drum, "30 kg"))
    await transporting.arrive(town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=THERE)
    await scanned(town_session, world, manifest_id, other, "110 kg")
    if by == "rejected":
        await scanned(town_session, world, manifest_id, drum, reject_reason="渗漏")
    town_session.expunge_all()
    missing = (drum.id,) if by == "missing" else ()
    _, back, _ = await receiving.receive(
        town_session, world.receiver.owner, Receive(manifest_id=manifest_id, missing_ids=missing), at=TAKEN
    )
    gone = {"discrepancy:missing_container": 150_000} if by == "missing" else {}
    assert await balances(town_session, manifest_id) == {"discrepancy:spillage": 30_000, **gone}
    if back is not None:
        assert await balances(town_session, back.id) == {"in_transit": 150_000}
    assert await total(town_session) == 0


async def test_a_record_that_comes_after_the_gate_books_nothing_twice(town_session: WriteSession, world: World) -> None:
    """The driver had no network; the gate has weighed the drum meanwhile, and the difference stands there."""
    drum = await a_drum(town_session, world, "180 kg")
    manifest_id = await arrived(town_session, world, [drum])
    await scanned(town_session, world, manifest_id, drum, "170 kg")
    town_session.expunge_all()
    command = replace(
        telling(manifest_id, IncidentKind.CONTAINER_LEAKING, drum, "30 kg"), happened_at=AT + timedelta(hours=2)
    )
    row, _ = await reporting_incidents.report_incident(
        town_session, world.carrier.people[Role.DRIVER], command, at=TAKEN
    )
    assert (row.booked, row.happened_at, row.reported_at) == (False, AT + timedelta(hours=2), TAKEN)
    assert await balances(town_session, manifest_id) == {"discrepancy:weighing": 30_000}
    assert await total(town_session) == 0


async def test_the_authorities_of_place_origin_and_destination_find_it_open(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await on_the_road(town_session, world, [drum])
    elsewhere = made.actor(Role.INSPECTOR, viewer_of_jurisdiction("370682"))
    command = replace(telling(manifest_id, IncidentKind.CONTAINER_LEAKING, drum, "5 kg"), region_code=LAIYANG)
    incident = await told(town_session, world, command)
    for actor in (world.inspector, elsewhere):
        await look_as(town_session, actor)
        assert (await journey_queries.incident(town_session, actor, incident.id)).region_code == LAIYANG
        assert [duty.title for duty in await journeys_duties(town_session, actor, LATER)] == [
            "An incident on the way is open"
        ]
    with pytest.raises(ManifestUnknown):  # the place's authority learns of the incident, not of the paper
        await queries.manifest_row(town_session, elsewhere, manifest_id)
    with pytest.raises(NotFound):
        await journey_queries.incident(town_session, world.stranger.owner, incident.id)
    assert [duty.title for duty in await journeys_duties(town_session, world.generator.owner, LATER)] == [
        "The carrier tells you of an incident on the way"
    ]
    await reporting_incidents.note_incident(town_session, world.generator.owner, incident.id, at=LATER)
    with pytest.raises(OutOfOrder):
        await reporting_incidents.note_incident(town_session, world.generator.owner, incident.id, at=LATER)
    closing = CloseIncident(incident_id=incident.id, outcome="")
    work = reporting_incidents.close_incident(town_session, world.carrier.owner, closing, at=TAKEN)
    assert await codes_broken(work) == ["reason_missing"]
    closing = replace(closing, outcome="已清理，残液入桶")
    with pytest.raises(Forbidden):
        await reporting_incidents.close_incident(town_session, world.generator.owner, closing, at=TAKEN)
    row, _ = await reporting_incidents.close_incident(town_session, world.carrier.owner, closing, at=TAKEN)
    assert row.state == "closed"
    with pytest.raises(OutOfOrder):
        await reporting_incidents.close_incident(town_session, world.carrier.owner, closing, at=TAKEN)
    assert await journeys_duties(town_session, world.inspector, TAKEN) == []
    kinds = [event["kind"] for event in await events_about(town_session, incident.id)]
    assert kinds == ["incident_reported", "incident_noted", "incident_closed"]


async def test_what_the_record_needs_and_what_cannot_be(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world, "180 kg")
    manifest_id = await on_the_road(town_session, world, [drum])
    good = telling(manifest_id, IncidentKind.CONTAINER_LEAKING, drum, "30 kg")
    for wrong, rules in (
        (replace(good, place=" ", what="", measures="", reported_to=""), ["incident_unsaid"] * 4),
        (replace(good, spilled=None), ["spilled_unsaid"]),
        (replace(good, spilled=Mass(180_000)), ["spilled_too_much"]),
        (replace(good, region_code="37"), ["region_unknown"]),
        (replace(good, container_id=None), ["container_unsaid"]),
        (replace(good, happened_at=AT - timedelta(days=1)), ["dated_before"]),
    ):
        work = reporting_incidents.report_incident(town_session, world.carrier.owner, wrong, at=LATER)
        assert await codes_broken(work) == rules
    strange = replace(good, container_id=(await a_drum(town_session, world)).id)
    with pytest.raises(NotFound):
        await reporting_incidents.report_incident(town_session, world.carrier.owner, strange, at=LATER)
    for other in (world.generator.owner, world.receiver.owner, world.inspector):
        with pytest.raises(Forbidden):
            await reporting_incidents.report_incident(town_session, other, good, at=LATER)
    waiting = await filed(town_session, world, [await a_drum(town_session, world)])
    with pytest.raises(Forbidden):  # nobody carries it yet
        await reporting_incidents.report_incident(
            town_session, world.carrier.owner, replace(good, manifest_id=waiting), at=LATER
        )


def replacing(incident: IncidentRow, carrier_id: UUID, plate: str) -> ReplaceVehicle:
    """Who takes the load on, where it stands."""
    return ReplaceVehicle(
        incident_id=incident.id, carrier_id=carrier_id, plate=plate, at_place="荣乌高速 K123", meet_at=THERE
    )


async def test_after_a_breakdown_another_carrier_takes_the_load_on(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await on_the_road(town_session, world, [drum])
    incident = await told(town_session, world, telling(manifest_id, IncidentKind.BREAKDOWN))
    await reporting_incidents.replace_vehicle(
        town_session, world.carrier.owner, replacing(incident, world.second_carrier.id, world.second_plate), at=LATER
    )
    row, _ = await transporting.hand_over(
        town_session, world.second_carrier.people[Role.DRIVER], SignAct(manifest_id=manifest_id), at=THERE
    )
    assert row.state == "in_transit"
    assert [leg.carrier_id for leg in await queries.legs(town_session, manifest_id)] == [
        world.carrier.id,
        world.second_carrier.id,
    ]
    await transporting.arrive(town_session, world.second_carrier.owner, SignAct(manifest_id=manifest_id), at=TAKEN)
    kinds = [event["kind"] for event in await events_about(town_session, manifest_id)]
    assert kinds[-4:] == ["incident_reported", "manifest_leg_inserted", "manifest_handed_over", "manifest_arrived"]


async def test_the_same_carrier_sends_another_vehicle_and_the_planned_legs_follow(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await on_the_road(town_session, world, [drum], legs=2)
    incident = await told(town_session, world, telling(manifest_id, IncidentKind.BREAKDOWN))
    spare = await add_vehicle(town_session, made.platform_operator(), made.vehicle_command(world.carrier.id), at=AT)
    owner = world.carrier.owner
    work = reporting_incidents.replace_vehicle(
        town_session, owner, replacing(incident, world.carrier.id, world.plate), at=LATER
    )
    assert await codes_broken(work) == ["vehicle_broken_down"]
    await reporting_incidents.replace_vehicle(
        town_session, owner, replacing(incident, world.carrier.id, spare.plate), at=LATER
    )
    legs = await queries.legs(town_session, manifest_id)
    assert [(leg.position, leg.vehicle_id == spare.id) for leg in legs] == [(1, False), (2, True), (3, False)]
    assert legs[2].carrier_id == world.second_carrier.id
    with pytest.raises(Forbidden):  # the next in the row is the spare vehicle
        await transporting.hand_over(
            town_session, world.second_carrier.owner, SignAct(manifest_id=manifest_id), at=THERE
        )
    for actor in (owner, world.second_carrier.owner):
        await transporting.hand_over(town_session, actor, SignAct(manifest_id=manifest_id), at=THERE)
    assert await balances(town_session, manifest_id) == {"in_transit": 180_000}


async def test_who_takes_it_on_must_be_fit_and_only_while_it_has_broken_down(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await on_the_road(town_session, world, [drum])
    incident = await told(town_session, world, telling(manifest_id, IncidentKind.BREAKDOWN))
    good = replacing(incident, world.second_carrier.id, world.second_plate)
    owner = world.carrier.owner
    await town_session.execute(
        text("update vehicles set rated_load_g = 199999 where organisation_id = :id"), {"id": world.second_carrier.id}
    )
    work = reporting_incidents.replace_vehicle(town_session, owner, replace(good, at_place=""), at=LATER)
    assert await codes_broken(work) == ["handover_place_missing", "vehicle_overloaded"]
    work = reporting_incidents.replace_vehicle(town_session, owner, replace(good, plate=world.plate), at=LATER)
    assert await codes_broken(work) == ["vehicle_unknown"]
    with pytest.raises(Forbidden):
        await reporting_incidents.replace_vehicle(town_session, world.generator.owner, good, at=LATER)
    closing = CloseIncident(incident_id=incident.id, outcome="已修复")
    await reporting_incidents.close_incident(town_session, owner, closing, at=LATER)
    with pytest.raises(OutOfOrder):
        await reporting_incidents.replace_vehicle(town_session, owner, good, at=LATER)
    await transporting.arrive(town_session, owner, SignAct(manifest_id=manifest_id), at=THERE)
    again = reporting_incidents.report_incident(
        town_session, owner, telling(manifest_id, IncidentKind.BREAKDOWN), at=TAKEN
    )
    assert await codes_broken(again) == ["not_the_present_carrier"]


@pytest.mark.commits
async def test_the_gate_and_an_emergency_record_at_once_count_each_gram_once(
    fresh_town: AsyncEngine, world: World
) -> None:
    """Whoever comes second finds what the first has written: never is the same mass spilled and weighed away."""
    for _ in range(4):
        async with writing(fresh_town) as session:
            drum = await a_drum(session, world, "180 kg")
            manifest_id = await arrived(session, world, [drum])

        async def report(drum: Container = drum, manifest_id: UUID = manifest_id) -> None:
            async with writing(fresh_town) as session:
                command = telling(manifest_id, IncidentKind.CONTAINER_LEAKING, drum, "30 kg")
                await reporting_incidents.report_incident(session, world.carrier.owner, command, at=TAKEN)

        async def scan(drum: Container = drum, manifest_id: UUID = manifest_id) -> None:
            async with writing(fresh_town) as session:
                await scanned(session, world, manifest_id, drum, "170 kg")

        await asyncio.gather(report(), scan())
        async with writing(fresh_town) as session:
            held = await balances(session, manifest_id)
            assert held in ({"discrepancy:spillage": 30_000}, {"discrepancy:weighing": 30_000})
            assert await total(session) == 0
            assert await books_and_containers_agree(session, world.receiver.site.id)
