"""A township's health centre gathers for the clinics of its villages: one is overdue, one has gone quiet."""

from uuid import UUID

from wastetrack.auth.model import Role
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.stories.rounds import Cards
from wastetrack.cli.demonstration.stories.telling import Teller
from wastetrack.containers.model import Packaging, Weighing
from wastetrack.containers.packaging_rules import MedicalClass
from wastetrack.containers.queries import Container
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass
from wastetrack.medical.covering import cover_institution, open_point
from wastetrack.medical.model import (
    CoverInstitution,
    InstitutionKind,
    OpenPoint,
    SmallBag,
    TakeFromInstitution,
    Way,
)
from wastetrack.medical.visiting import take_from_institution

_INTERVAL_HOURS = 240
_VISITS = (47, 38, 29, 20, 11, 4)
"""So many days before the present the collector went round."""
_BRISK, _OVERDUE, _QUIET, _SCHOOL = range(4)
_INSTITUTIONS = (
    ("芦苇村卫生室", InstitutionKind.VILLAGE_CLINIC),
    ("柳行村卫生室", InstitutionKind.VILLAGE_CLINIC),
    ("石滩口腔诊所", InstitutionKind.DENTAL),
    ("苇塘中心小学校医室", InstitutionKind.SCHOOL),
)
_CONTACTS = ("于秀兰", "宋建平", "姜雨桐", "曲慧敏")


async def collection_point(teller: Teller) -> None:
    """Open it, go round for weeks, send off what was gathered; the last round's bags still stand there."""
    cards = Cards(teller, teller.guests.centre)
    institutions = await _cover(teller)
    for before in _VISITS:
        day = teller.day(before)
        await cards.sum_up_before(day.replace(day=1))
        step = await teller.on(day, 8.2)
        bags: list[Container] = []
        for place, institution_id in enumerate(institutions):
            if place == _OVERDUE and before < _VISITS[-2]:
                continue
            empty = place == _QUIET or (place == _SCHOOL and before != _VISITS[0] and before % 2 == 0)
            bags += await _visit(step, teller, institution_id, place, empty=empty)
        if before != _VISITS[-1]:
            await cards.send(await teller.later(step, 3), bags)
    await cards.sum_up_before(teller.month)


async def _cover(teller: Teller) -> list[UUID]:
    centre = teller.guests.centre
    step = await teller.at(50, 9.0)
    owner = centre.by(Role.OWNER)
    opened = OpenPoint(
        site_id=centre.site.id,
        served_by_id=teller.medical_carrier.organisation.id,
        interval_hours=_INTERVAL_HOURS,
    )
    point = await open_point(step.session, owner, opened, at=step.at)
    ids = []
    for number, ((name, kind), contact) in enumerate(zip(_INSTITUTIONS, _CONTACTS, strict=True)):
        command = CoverInstitution(
            point_id=point.id,
            name=name,
            region_code=centre.place.region_code,
            kind=kind,
            contact_name=contact,
            contact_phone=f"0000-61000{number:02d}",
        )
        ids.append((await cover_institution(step.session, owner, command, at=step.at)).id)
    return ids


async def _visit(step: Step, teller: Teller, institution_id: UUID, place: int, *, empty: bool) -> list[Container]:
    """A light hand-over at the door."""
    centre = teller.guests.centre
    bag = SmallBag(
        kind=MedicalClass.INFECTIOUS if place % 2 == 0 else MedicalClass.SHARP,
        packaging=Packaging.BAG if place % 2 == 0 else Packaging.SHARPS_BOX,
        volume_l=20 if place % 2 == 0 else 5,
        weighing=Weighing(
            gross=Mass(1_240 + 130 * place),
            tare=Mass(80),
            method=WeighingMethod.PLATFORM_SCALE,
            scale_id="SC-V1",
            confirmed=True,
        ),
        filled_percent=60,
    )
    command = TakeFromInstitution(
        institution_id=institution_id,
        way=Way.FETCHED,
        given_by=_CONTACTS[place],
        taken_by="纪永康",
        bags=() if empty else (bag,),
        store_id=centre.stores[0].id,
    )
    _, rows, _ = await take_from_institution(step.session, centre.by(Role.OWNER), command, at=step.at)
    return rows
