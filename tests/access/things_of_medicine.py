"""A hospital of the workshop's firm: ward, scale, rounds, cards in each state, a point for small institutions."""

import dataclasses
from datetime import timedelta

from tests.support import medical
from tests.support import parties as made
from tests.support.plans import contract_for, plan_for
from tests.support.world import AT, World
from wastetrack.auth.model import Role
from wastetrack.db.session import WriteSession
from wastetrack.mass import Mass
from wastetrack.medical.card_tables import CardRow
from wastetrack.medical.carrying import hand_over
from wastetrack.medical.collecting import start_round
from wastetrack.medical.covering import cover_institution, open_point
from wastetrack.medical.emergencies import declare_emergency
from wastetrack.medical.model import CoverInstitution, DeclareEmergency, InstitutionKind, OpenPoint
from wastetrack.medical.registering import add_ward
from wastetrack.parties.model import SiteKind
from wastetrack.parties.permitting import grant_permit
from wastetrack.parties.registering import add_site, add_store
from wastetrack.scales.registering import add_scale

Things = dict[str, str]


async def things_of_medicine(session: WriteSession, world: World, serial: str) -> Things:
    """The roles of the matrix work there, too."""
    hospital = await _hospital(session, world, serial)
    bags = [[await medical.packed(session, hospital)] for _ in range(8)]
    stored = [bag for one in (*bags[:4], bags[6]) for bag in one]
    await medical.in_store(session, hospital, stored)
    walked = await medical.collected(session, hospital, bags[4])
    waiting = await start_round(session, hospital.office, hospital.site_id, at=AT)
    reading = await medical.pushed(session, hospital, "2.05 kg")
    draft = await medical.drafted(session, hospital, world, bags[0])
    loaded = await medical.loaded(session, hospital, world, bags[1])
    arrived = await medical.at_the_plant(session, hospital, world, bags[2])
    handed = await medical.drafted(session, hospital, world, bags[3])
    at = AT + timedelta(hours=3)
    await hand_over(session, hospital.office, medical.SignCard(card_id=handed), at=at)
    month = await session.get_one(CardRow, draft)
    region = hospital.firm.site.region_code
    return {
        "hospital_site": str(hospital.site_id),
        "hospital_store": str(hospital.store_id),
        "ward": str(hospital.ward.id),
        "scale": str(hospital.scale.id),
        "scale_serial": hospital.scale.serial,
        "bag": str(bags[5][0].id),
        "bag_code": bags[5][0].digital_code,
        "stored_bag": str(bags[6][0].id),
        "to_walk_code": bags[7][0].digital_code,
        "plant_bag_code": bags[2][0].digital_code,
        "round": str(waiting.id),
        "walked_round": str(walked),
        "reading": str(reading.id),
        "card": str(draft),
        "handed_card": str(handed),
        "loaded_card": str(loaded),
        "arrived_card": str(arrived),
        "month": str(month.manifest_id),
        **await _small(session, world, hospital, region),
    }


async def _hospital(session: WriteSession, world: World, serial: str) -> medical.Hospital:
    owner, region = world.generator.owner, world.generator.site.region_code
    command = made.site_command(world.generator.id, kind=SiteKind.MEDICAL, region_code=region)
    site = await add_site(session, made.platform_operator(), command, at=AT)
    collector, login = await medical.collector_of(session, world.generator.id)
    items = (made.item("HW01", f"{medical.STEAM} Y10", "1000 t"),)
    permit = made.permit_command(world.receiver.id, items=items)
    await grant_permit(session, made.approver(region[:4]), permit, at=AT)
    codes, receiver = ("841-001-01",), world.receiver.id
    await plan_for(session, site, receiver, codes, method=medical.STEAM, actor=owner)
    await contract_for(session, world.generator.id, receiver, codes, shipper=owner)
    ward = await add_ward(session, owner, medical.a_ward(site.id), at=AT)
    return medical.Hospital(
        firm=dataclasses.replace(world.generator, site=site),
        ward=ward,
        scale=await add_scale(session, owner, medical.a_scale(site.id, ward.id, serial=serial), at=AT),
        store_id=(await add_store(session, owner, made.store_command(site.id, limit=Mass.parse("1 t")), at=AT)).id,
        collector=collector,
        collector_login=login,
    )


async def _small(session: WriteSession, world: World, hospital: medical.Hospital, region: str) -> Things:
    opening = OpenPoint(site_id=hospital.site_id, served_by_id=world.carrier.id)
    point = await open_point(session, hospital.firm.owner, opening, at=AT)
    clinic = CoverInstitution(
        point_id=point.id,
        name="东村卫生室",
        region_code=region,
        kind=InstitutionKind.VILLAGE_CLINIC,
        contact_name="孙医生",
        contact_phone="13800001111",
    )
    covered = await cover_institution(session, hospital.firm.owner, clinic, at=AT)
    authority = dataclasses.replace(world.inspector, role=Role.APPROVER)
    order = DeclareEmergency(
        region_code=region, order_number="疫指1号", reason="演练", from_at=AT, until_at=AT + timedelta(days=600)
    )
    declared, _ = await declare_emergency(session, authority, order, at=AT)
    other = made.site_command(world.generator.id, kind=SiteKind.MEDICAL, region_code=region)
    other_site = await add_site(session, made.platform_operator(), other, at=AT)
    return {
        "other_hospital_site": str(other_site.id),
        "point": str(point.id),
        "institution": str(covered.id),
        "emergency": str(declared.id),
    }
