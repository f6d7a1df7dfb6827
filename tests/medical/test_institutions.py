"""Small institutions: each kilogram is made at its maker's account, visits have their clock, silence is seen."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.audit.eventful import SIGNER
from tests.support.medical import Hospital, a_card, weighed
from tests.support.refused import balances, books_and_containers_agree, codes_broken
from tests.support.statements import counted
from tests.support.world import AT, World
from wastetrack.containers.model import Packaging
from wastetrack.containers.packaging_rules import MedicalClass
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.errors import Conflict, Forbidden
from wastetrack.medical.cards import draft_card
from wastetrack.medical.coverage import coverage
from wastetrack.medical.covering import cover_institution, open_point
from wastetrack.medical.model import (
    CoverInstitution,
    InstitutionKind,
    OpenPoint,
    SmallBag,
    TakeFromInstitution,
    Way,
)
from wastetrack.medical.region_tables import InstitutionRow
from wastetrack.medical.visiting import take_from_institution
from wastetrack.reports.auditing.running import recompute
from wastetrack.transparency.publishing import publish_all


async def covered(session: WriteSession, hospital: Hospital, world: World, *names: str) -> list[InstitutionRow]:
    """A point at the hospital, served by the carrier, with these institutions."""
    opening = OpenPoint(site_id=hospital.site_id, served_by_id=world.carrier.id)
    gathering = await open_point(session, hospital.firm.owner, opening, at=AT)
    return [
        await cover_institution(session, hospital.firm.owner, a_clinic(gathering.id, name=name), at=AT)
        for name in names
    ]


def a_clinic(point_id: UUID, **changes: Any) -> CoverInstitution:  # noqa: ANN401  any field
    """A village clinic."""
    values: dict[str, Any] = {
        "name": "东村卫生室",
        "region_code": "370602",
        "kind": InstitutionKind.VILLAGE_CLINIC,
        "contact_name": "孙医生",
        "contact_phone": "13800001111",
    }
    return CoverInstitution(point_id=point_id, **values | changes)


def a_visit(institution: InstitutionRow, *gross: str, **changes: Any) -> TakeFromInstitution:  # noqa: ANN401
    """The institution brings bags."""
    bags = tuple(
        SmallBag(
            kind=MedicalClass.INFECTIOUS,
            packaging=Packaging.BAG,
            volume_l=20,
            weighing=weighed(one),
            filled_percent=70,
        )
        for one in gross
    )
    values: dict[str, Any] = {"way": Way.DELIVERED, "given_by": "孙医生", "taken_by": "收集员", "bags": bags}
    return TakeFromInstitution(institution_id=institution.id, **values | changes)


async def test_a_kilogram_is_made_at_the_clinics_account_and_stands_at_the_point(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    (clinic,) = await covered(ward_session, hospital, world, "东村卫生室")
    visit, rows, _ = await take_from_institution(
        ward_session, hospital.collector, a_visit(clinic, "1.05 kg", "0.55 kg", store_id=hospital.store_id), at=AT
    )
    assert (visit.bags, visit.mass_g) == (2, 1_500)
    assert await balances(ward_session, clinic.site_id) == {"generated": -1_500}
    assert await balances(ward_session, hospital.site_id) == {"stored": 1_500}
    assert {(row.made_at_site_id, row.site_id, row.store_id) for row in rows} == {
        (clinic.site_id, hospital.site_id, hospital.store_id)
    }
    assert await books_and_containers_agree(ward_session, clinic.site_id, hospital.site_id)
    card = await draft_card(ward_session, hospital.office, a_card(hospital, world, rows), at=AT)
    assert card.declared_g == 1_500


async def test_visits_have_a_clock_and_silence_is_seen(
    ward_session: WriteSession, hospital_engine: AsyncEngine, hospital: Hospital, world: World
) -> None:
    quiet, busy, empty = await covered(ward_session, hospital, world, "西村卫生室", "口腔诊所", "南村卫生室")
    later = AT + timedelta(days=40)
    await take_from_institution(ward_session, hospital.collector, a_visit(busy, "1.05 kg"), at=later)
    await take_from_institution(ward_session, hospital.collector, a_visit(empty), at=later)
    with counted(hospital_engine) as statements:
        found = await coverage(ward_session, hospital.collector, at=later + timedelta(hours=49))
    assert len(statements) == 1
    told = [(one.name, one.days, one.overdue(later + timedelta(hours=47)), one.quiet) for one in found]
    assert told == [
        ("西村卫生室", None, True, True),
        ("南村卫生室", 2, False, True),
        ("口腔诊所", 2, False, False),
    ]
    assert all(one.overdue(later + timedelta(hours=49)) for one in found)
    assert quiet.last_visit_at is None


async def test_a_point_has_an_interval_of_its_own(ward_session: WriteSession, hospital: Hospital, world: World) -> None:
    opening = OpenPoint(site_id=hospital.site_id, served_by_id=world.carrier.id, interval_hours=168)
    gathering = await open_point(ward_session, hospital.firm.owner, opening, at=AT)
    await cover_institution(ward_session, hospital.firm.owner, a_clinic(gathering.id), at=AT)
    (one,) = await coverage(ward_session, world.carrier.owner, at=AT)
    assert one.due_at == AT + timedelta(days=7)


async def test_what_a_point_and_its_list_refuse(ward_session: WriteSession, hospital: Hospital, world: World) -> None:
    owner = hospital.firm.owner
    works = OpenPoint(site_id=world.generator.site.id, served_by_id=world.carrier.id, interval_hours=0)
    broken = await codes_broken(open_point(ward_session, world.generator.owner, works, at=AT))
    assert broken == ["interval_not_positive", "site_cannot_gather"]
    (clinic,) = await covered(ward_session, hospital, world, "东村卫生室")
    with pytest.raises(Conflict):
        await covered(ward_session, hospital, world)
    nameless = a_clinic(clinic.point_id, name=" ", contact_name="", contact_phone="")
    broken = await codes_broken(cover_institution(ward_session, owner, nameless, at=AT))
    assert broken == ["contact_missing", "name_missing", "phone_missing"]
    other = a_clinic(clinic.point_id, name="他院", site_id=world.stranger.site.id)
    assert await codes_broken(cover_institution(ward_session, owner, other, at=AT)) == ["site_of_another"]
    with pytest.raises(Forbidden):
        await cover_institution(ward_session, hospital.nurse, a_clinic(clinic.point_id, name="北村"), at=AT)
    with pytest.raises(Forbidden):
        await take_from_institution(ward_session, world.carrier.owner, a_visit(clinic, "1 kg"), at=AT)
    unnamed = replace(a_visit(clinic, "1.05 kg"), given_by=" ", taken_by="")
    broken = await codes_broken(take_from_institution(ward_session, hospital.collector, unnamed, at=AT))
    assert broken == ["handler_missing", "handler_missing"]


@pytest.mark.commits
async def test_hand_overs_of_small_institutions_recompute_to_the_gram(
    fresh_hospital: AsyncEngine, hospital: Hospital, world: World
) -> None:
    async with writing(fresh_hospital) as session:
        (clinic,) = await covered(session, hospital, world, "东村卫生室")
        await take_from_institution(session, hospital.collector, a_visit(clinic, "1.05 kg", "0.55 kg"), at=AT)
    await publish_all(fresh_hospital, SIGNER)
    async with reading(fresh_hospital) as session:
        report = await recompute(session, SIGNER.verifier)
        assert [finding.sentence() for finding in report.findings] == []
