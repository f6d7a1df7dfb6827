"""From the ward to the temporary store: hand-over, count, mass, and what differs."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from tests.support.medical import (
    Hospital,
    a_bag,
    a_ward,
    collected,
    collector_of,
    handing_over,
    in_store,
    packed,
    weighed,
)
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about
from tests.support.statements import counted
from tests.support.world import AT, TODAY, World
from wastetrack.containers.model import Packaging
from wastetrack.containers.packaging_rules import MedicalClass
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.errors import Conflict, Forbidden, RuleBroken
from wastetrack.mass import Mass
from wastetrack.medical import card_queries, queries
from wastetrack.medical.collecting import hand_over_ward, start_round
from wastetrack.medical.ending_rounds import end_round
from wastetrack.medical.model import EndRound, FoundInStore, Nurse, NurseConfirmed
from wastetrack.medical.packing import pack_bag
from wastetrack.medical.queries import BagFilter
from wastetrack.medical.registering import add_ward
from wastetrack.medical.tables import BagRow, RoundBagRow
from wastetrack.scales import queries as scales

if TYPE_CHECKING:
    from wastetrack.containers.queries import Container


def ending(hospital: Hospital, round_id: UUID, bags: int, mass: str, *differing: FoundInStore) -> EndRound:
    """At the store."""
    return EndRound(
        round_id=round_id, store_id=hospital.store_id, bags=bags, mass=Mass.parse(mass), differing=differing
    )


async def test_a_bag_is_a_container_of_its_ward(ward_session: WriteSession, hospital: Hospital) -> None:
    row, bag, leaf = await pack_bag(ward_session, hospital.nurse, a_bag(hospital), at=AT)
    assert (row.waste_code, row.hazards, row.net_g, row.department) == ("841-001-01", ["In"], 3_200, "内科一病区")
    assert (bag.ward_id, bag.handler_id, bag.weighed_by) == (hospital.ward.id, hospital.nurse.person_id, "typed")
    told = (await events_about(ward_session, row.id))[-1]
    assert (told["kind"], told["facts"]["ward"], told["id"]) == ("medical_bag_packed", "W01", str(leaf.id))
    assert await balances(ward_session, hospital.site_id) == {"generated": -3_200, "stored": 3_200}


async def test_each_kind_has_its_packaging_and_infection_its_second_bag(
    ward_session: WriteSession, hospital: Hospital
) -> None:
    sharps = a_bag(hospital, kind=MedicalClass.SHARP, volume_l=5)
    assert await codes_broken(pack_bag(ward_session, hospital.nurse, sharps, at=AT)) == ["medical_packaging"]
    await pack_bag(ward_session, hospital.nurse, replace(sharps, packaging=Packaging.SHARPS_BOX), at=AT)
    fever = a_bag(hospital, highly_infectious=True, filled_percent=90)
    assert await codes_broken(pack_bag(ward_session, hospital.nurse, fever, at=AT)) == ["single_bag", "too_full"]
    fever = replace(fever, filled_percent=70, layers=2)
    container, bag, _ = await pack_bag(ward_session, hospital.nurse, fever, at=AT)
    assert (container.layers, bag.highly_infectious) == (2, True)
    unweighed = a_bag(hospital, weighing=None)
    assert await codes_broken(pack_bag(ward_session, hospital.nurse, unweighed, at=AT)) == ["mass_missing"]


async def test_a_round_brings_bags_into_the_store(ward_session: WriteSession, hospital: Hospital) -> None:
    bags = [await packed(ward_session, hospital), await packed(ward_session, hospital, weighing=weighed("1.05 kg"))]
    await in_store(ward_session, hospital, bags)
    for bag in bags:
        await ward_session.refresh(bag)
    assert {bag.store_id for bag in bags} == {hospital.store_id}
    kept = await ward_session.get(BagRow, bags[0].id, populate_existing=True)
    assert kept is not None
    assert (kept.collected_at, kept.stored_at) == (AT, AT + timedelta(hours=1))
    kinds = [event["kind"] for event in await events_about(ward_session, bags[0].id)]
    assert kinds[1:] == ["medical_bag_packed", "ward_handed_over", "ward_round_ended", "containers_stored"]
    assert await balances(ward_session, hospital.site_id) == {"generated": -4_200, "stored": 4_200}


async def test_count_and_mass_must_be_those_of_the_labels(ward_session: WriteSession, hospital: Hospital) -> None:
    bag = await packed(ward_session, hospital)
    walk = await start_round(ward_session, hospital.collector, hospital.site_id, at=AT)
    wrong = handing_over(
        hospital, walk.id, [bag], bags=2, mass=Mass(4_000), nurse=Nurse(name=" ", confirmed=NurseConfirmed.NAMED)
    )
    broken = await codes_broken(hand_over_ward(ward_session, hospital.collector, wrong, at=AT))
    assert broken == ["bags_differ", "mass_differs", "nurse_missing"]
    none = handing_over(hospital, walk.id, [])
    assert await codes_broken(hand_over_ward(ward_session, hospital.collector, none, at=AT)) == ["bags_missing"]
    # 500 g is what scales may differ by; 3.2 kg and 3.7 kg agree.
    right = handing_over(hospital, walk.id, [bag], mass=Mass(3_700))
    row, _ = await hand_over_ward(ward_session, hospital.collector, right, at=AT)
    assert (row.bags, row.mass_g) == (1, 3_200)


async def test_a_bag_is_given_by_its_own_ward_and_once(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    bag = await packed(ward_session, hospital)
    other = await add_ward(ward_session, hospital.firm.owner, a_ward(hospital.site_id, code="W02"), at=AT)
    walk = await start_round(ward_session, hospital.collector, hospital.site_id, at=AT)
    strange = handing_over(
        hospital,
        walk.id,
        [bag],
    )
    strange = replace(strange, ward_id=other.id)
    broken = await codes_broken(hand_over_ward(ward_session, hospital.collector, strange, at=AT))
    assert broken == ["bag_of_another_ward"]
    with pytest.raises(Forbidden):
        await hand_over_ward(ward_session, hospital.nurse, handing_over(hospital, walk.id, [bag]), at=AT)
    with pytest.raises(Forbidden):
        await start_round(ward_session, world.generator.owner, hospital.site_id, at=AT)
    await hand_over_ward(ward_session, hospital.collector, handing_over(hospital, walk.id, [bag]), at=AT)
    again = handing_over(hospital, walk.id, [bag])
    assert await codes_broken(hand_over_ward(ward_session, hospital.collector, again, at=AT)) == [
        "bag_collected_already"
    ]


async def test_what_the_store_finds_is_booked_with_its_reason(ward_session: WriteSession, hospital: Hospital) -> None:
    bags = [await packed(ward_session, hospital) for _ in range(3)]
    round_id = await collected(ward_session, hospital, bags)
    light = FoundInStore(container_id=bags[0].id, gross=Mass(2_050), reason="内层袋破，重新包装")
    lost = FoundInStore(container_id=bags[1].id, gross=None, reason="途中遗失，已报告")
    unsaid = ending(hospital, round_id, 3, "9.6 kg", replace(light, reason=" "), lost)
    broken = await codes_broken(end_round(ward_session, hospital.collector, unsaid, at=AT))
    assert broken == ["bags_differ", "mass_differs", "reason_missing"]
    told = ending(hospital, round_id, 2, "5.2 kg", light, lost)
    await end_round(ward_session, hospital.collector, told, at=AT)
    states = [(bag.state, bag.net_g) for bag in bags]
    assert states == [("at_site", 2_000), ("lost", 3_200), ("at_site", 3_200)]
    assert await balances(ward_session, hospital.site_id) == {
        "generated": -9_600,
        "stored": 5_200,
        "discrepancy:weighing": 1_200,
        "discrepancy:missing_container": 3_200,
    }
    assert await books_and_containers_agree(ward_session, hospital.site_id)
    lines = (await ward_session.execute(sa.select(col(RoundBagRow.found), col(RoundBagRow.store_g)))).all()
    assert sorted(map(str, lines)) == ["('as_declared', None)", "('different', 2000)", "('missing', None)"]
    with pytest.raises(Conflict):
        await end_round(ward_session, hospital.collector, told, at=AT)


async def test_each_list_asks_the_database_once(
    ward_session: WriteSession, hospital_engine: AsyncEngine, hospital: Hospital
) -> None:
    bags = [await packed(ward_session, hospital) for _ in range(3)]
    await in_store(ward_session, hospital, bags)
    await packed(ward_session, hospital)
    for reading_list in (
        queries.wards(ward_session, hospital.nurse),
        queries.bags(ward_session, hospital.nurse, BagFilter(site_id=hospital.site_id)),
        queries.rounds(ward_session, hospital.nurse),
        scales.scales(ward_session, hospital.nurse),
        queries.register_lines(ward_session, hospital.nurse, hospital.site_id, begins_on=TODAY, ends_on=TODAY),
        card_queries.cards(ward_session, hospital.nurse),
    ):
        with counted(hospital_engine) as statements:
            await reading_list
        assert len(statements) == 1, statements
    lines = await queries.register_lines(ward_session, hospital.nurse, hospital.site_id, begins_on=TODAY, ends_on=TODAY)
    assert [(line.source, line.net_g, line.handed_over_at) for line in lines] == [("内科一病区", 3_200, None)] * 4


async def test_a_round_without_bags_cannot_end(ward_session: WriteSession, hospital: Hospital) -> None:
    walk = await start_round(ward_session, hospital.collector, hospital.site_id, at=AT)
    command = ending(hospital, walk.id, 0, "0 g")
    assert await codes_broken(end_round(ward_session, hospital.collector, command, at=AT)) == ["round_empty"]


@pytest.mark.commits
async def test_two_collectors_who_scan_one_bag_get_it_once(fresh_hospital: AsyncEngine, hospital: Hospital) -> None:
    bags: list[Container] = []
    async with writing(fresh_hospital) as session:
        second, _ = await collector_of(session, hospital.firm.id)
        bags += [await packed(session, hospital), await packed(session, hospital)]
        walks = [
            (who, await start_round(session, who, hospital.site_id, at=AT)) for who in (hospital.collector, second)
        ]

    async def scan(number: int) -> None:
        async with writing(fresh_hospital) as session:
            who, walk = walks[number % 2]
            await hand_over_ward(session, who, handing_over(hospital, walk.id, bags), at=AT)

    done = await asyncio.gather(*(scan(number) for number in range(6)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["NoneType", *["RuleBroken"] * 5]
    refused = {rule.code for one in done if isinstance(one, RuleBroken) for rule in one.broken}
    assert refused == {"bag_collected_already"}
    async with reading(fresh_hospital) as books:
        assert (await books.execute(sa.select(sa.func.count()).select_from(RoundBagRow))).scalar_one() == 2
