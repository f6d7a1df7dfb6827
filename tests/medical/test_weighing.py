"""Scales push what stands on them; a reading becomes the mass of one bag, once."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.medical import Hospital, a_bag, a_scale, a_ward, pushed
from tests.support.refused import codes_broken
from tests.support.world import AT, World
from wastetrack.auth.model import Role
from wastetrack.db.session import WriteSession, writing
from wastetrack.errors import Conflict, Forbidden, NotFound, RuleBroken
from wastetrack.mass import Mass
from wastetrack.medical.model import ChangeWard, WardKind
from wastetrack.medical.packing import pack_bag
from wastetrack.medical.registering import add_scale_of_ward, add_ward, change_ward
from wastetrack.medical.weighing import newest_reading
from wastetrack.scales.model import PushReading
from wastetrack.scales.pushing import push_reading


async def test_the_ward_takes_the_newest_reading_of_its_scale(ward_session: WriteSession, hospital: Hospital) -> None:
    await pushed(ward_session, hospital, "2.1 kg", weighed_at=AT - timedelta(minutes=3))
    newest = await pushed(ward_session, hospital, "3.25 kg", weighed_at=AT - timedelta(minutes=1))
    found = await newest_reading(ward_session, hospital.ward, at=AT)
    assert found is not None
    assert (found.id, found.gross, found.scale_serial) == (newest.id, Mass(3_250), "SC-001")
    command = a_bag(hospital, reading_id=found.id, tare=Mass(50), weighing=None)
    container, bag, _ = await pack_bag(ward_session, hospital.nurse, command, at=AT)
    assert (container.net_g, container.scale_id, container.uncertainty_g, bag.weighed_by) == (
        3_200,
        "SC-001",
        5,
        "scale",
    )
    left = await newest_reading(ward_session, hospital.ward, at=AT)
    assert left is not None
    assert left.gross == Mass(2_100)


async def test_a_reading_is_used_once(ward_session: WriteSession, hospital: Hospital) -> None:
    reading = await pushed(ward_session, hospital, "3.25 kg")
    command = a_bag(hospital, reading_id=reading.id, weighing=None)
    await pack_bag(ward_session, hospital.nurse, command, at=AT)
    assert await codes_broken(pack_bag(ward_session, hospital.nurse, command, at=AT)) == ["reading_used"]


async def test_old_readings_and_scales_elsewhere_give_no_mass(ward_session: WriteSession, hospital: Hospital) -> None:
    other = await add_ward(ward_session, hospital.firm.owner, a_ward(hospital.site_id, code="W02"), at=AT)
    await add_scale_of_ward(
        ward_session,
        hospital.firm.owner,
        a_scale(hospital.site_id, other.id, serial="SC-002", verified_until=date(2026, 3, 1)),
        at=AT,
    )
    reading = await pushed(ward_session, hospital, "3.25 kg", serial="SC-002", weighed_at=AT - timedelta(minutes=11))
    command = a_bag(hospital, reading_id=reading.id, weighing=None)
    broken = await codes_broken(pack_bag(ward_session, hospital.nurse, command, at=AT))
    assert broken == ["reading_old", "scale_elsewhere", "scale_not_verified"]


async def test_a_scale_that_nobody_registered_and_a_reading_sent_twice(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    with pytest.raises(NotFound):
        await pushed(ward_session, hospital, "3 kg", serial="SC-999")
    reading = await pushed(ward_session, hospital, "3 kg")
    again = PushReading(reading_id=reading.id, serial="SC-001", gross=Mass(3_000))
    with pytest.raises(Conflict):
        await push_reading(ward_session, hospital.nurse, again, at=AT)
    assert await codes_broken(pushed(ward_session, hospital, "60 t")) == ["reading_absurd"]
    with pytest.raises(NotFound):  # another firm's scale is nobody's
        await push_reading(ward_session, world.stranger.owner, again, at=AT)


async def test_wards_and_scales_are_entered_by_the_owner_at_medical_sites(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    owner, site_id = hospital.firm.owner, hospital.site_id
    with pytest.raises(Conflict):
        await add_ward(ward_session, owner, a_ward(site_id), at=AT)
    with pytest.raises(Conflict):
        await add_scale_of_ward(ward_session, owner, a_scale(site_id, None), at=AT)
    with pytest.raises(Forbidden):
        await add_ward(ward_session, hospital.nurse, a_ward(site_id, code="W09"), at=AT)
    command = a_ward(world.generator.site.id, code="W/9", name=" ")
    broken = await codes_broken(add_ward(ward_session, world.generator.owner, command, at=AT))
    assert broken == ["name_missing", "site_not_medical", "ward_code_unusable"]
    wrong = a_scale(site_id, None, serial=" ", name="", uncertainty=Mass(0), verified_until=date(2020, 1, 1))
    assert await codes_broken(add_scale_of_ward(ward_session, owner, wrong, at=AT)) == [
        "name_missing",
        "serial_missing",
        "uncertainty_not_positive",
        "verification_ends_early",
    ]


async def test_a_closed_ward_packs_nothing(ward_session: WriteSession, hospital: Hospital) -> None:
    change = ChangeWard(ward_id=hospital.ward.id, name="内科", kind=WardKind.ISOLATION, location="", active=False)
    with pytest.raises(Forbidden):
        await change_ward(ward_session, hospital.firm.people[Role.VIEWER], change)
    await change_ward(ward_session, hospital.firm.owner, change)
    assert await codes_broken(pack_bag(ward_session, hospital.nurse, a_bag(hospital), at=AT)) == ["ward_closed"]


@pytest.mark.commits
async def test_nurses_of_two_wards_at_one_scale_get_one_bag(fresh_hospital: AsyncEngine, hospital: Hospital) -> None:
    async with writing(fresh_hospital) as session:
        owner, site_id = hospital.firm.owner, hospital.site_id
        other = await add_ward(session, owner, a_ward(site_id, code="W02"), at=AT)
        await add_scale_of_ward(session, owner, a_scale(site_id, None, serial="SC-009"), at=AT)
        reading = await pushed(session, hospital, "3.25 kg", serial="SC-009")

    async def pack(number: int) -> None:
        async with writing(fresh_hospital) as session:
            command = a_bag(hospital, reading_id=reading.id, weighing=None)
            ward_id = other.id if number % 2 else hospital.ward.id
            await pack_bag(session, hospital.nurse, replace(command, ward_id=ward_id), at=AT)

    done = await asyncio.gather(*(pack(number) for number in range(6)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["NoneType", *["RuleBroken"] * 5]
    assert {one.broken[0].code for one in done if isinstance(one, RuleBroken)} == {"reading_used"}
