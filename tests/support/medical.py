"""A hospital with a ward, a scale and a temporary store in the small world, and what its people do.

The carrier and the plant are those of the small world; the plant's permit is widened by medical waste.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tests.support import parties as made
from tests.support.acts import BY_PASSWORD
from tests.support.plans import contract_for, plan_for
from tests.support.world import AT, PASSWORD, Firm, World, _firm
from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.model import Actor, Role, viewer_of_organisation
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import Packaging, Weighing
from wastetrack.containers.packaging_rules import MedicalClass
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass
from wastetrack.medical import model
from wastetrack.medical.cards import draft_card
from wastetrack.medical.carrying import arrive, hand_over, pick_up
from wastetrack.medical.collecting import hand_over_ward, start_round
from wastetrack.medical.ending_rounds import end_round
from wastetrack.medical.model import (
    AddWard,
    DraftCard,
    EndRound,
    HandOverWard,
    Nurse,
    NurseConfirmed,
    PackBag,
    WardKind,
)
from wastetrack.medical.packing import pack_bag
from wastetrack.medical.plant import receive_card
from wastetrack.medical.registering import add_ward
from wastetrack.medical.tables import WardRow
from wastetrack.parties.model import OrganisationKind, SiteKind
from wastetrack.parties.permitting import grant_permit
from wastetrack.parties.registering import add_store
from wastetrack.scales.model import AccuracyClass, AddScale, PushReading, ScaleUnit
from wastetrack.scales.pushing import push_reading
from wastetrack.scales.registering import add_scale
from wastetrack.scales.tables import ReadingRow, ScaleRow

SignCard = partial(model.SignCard, signing=BY_PASSWORD)
STEAM = "Y11"
"""High temperature steam (高温蒸汽)."""
MEDICAL_CODES = tuple(f"841-00{number}-01" for number in range(1, 6))
"""What the hospital sends to the plant by its plan and contract: the five classes."""


@dataclass(frozen=True)
class Hospital:
    """A hospital and its people: the filer is the nurse, another filer walks the rounds."""

    firm: Firm
    ward: WardRow
    scale: ScaleRow
    store_id: UUID
    collector: Actor
    collector_login: str

    @property
    def nurse(self) -> Actor:
        """Who packs and weighs in the ward."""
        return self.firm.people[Role.FILER]

    @property
    def office(self) -> Actor:
        """The waste office, which signs."""
        return self.firm.people[Role.SIGNER]

    @property
    def site_id(self) -> UUID:
        """Where it is."""
        return self.firm.site.id


async def build_hospital(session: WriteSession, world: World, region: str = made.ZHIFU) -> Hospital:
    """Make it with its plan and contract, and let the plant take medical waste."""
    firm = await _firm(
        session, region, OrganisationKind.GENERATOR, SiteKind.MEDICAL, Role.SIGNER, Role.FILER, Role.VIEWER
    )
    collector, login = await collector_of(session, firm.id)
    await grant_permit(
        session,
        made.approver(region[:4]),
        made.permit_command(world.receiver.id, items=(made.item("HW01", f"{STEAM} Y10", "1000 t"),)),
        at=AT,
    )
    years = (AT.year, AT.year + 1)
    receiver = world.receiver
    await plan_for(
        session, firm.site, receiver.id, MEDICAL_CODES, methods=(STEAM, "Y10"), years=years, actor=firm.owner
    )
    await contract_for(session, firm.id, receiver.id, MEDICAL_CODES, shipper=firm.owner, receiver=receiver.owner)
    ward = await add_ward(session, firm.owner, a_ward(firm.site.id), at=AT)
    return Hospital(
        firm=firm,
        ward=ward,
        scale=await add_scale(session, firm.owner, a_scale(firm.site.id, ward.id), at=AT),
        store_id=(await add_store(session, firm.owner, made.store_command(firm.site.id), at=AT)).id,
        collector=collector,
        collector_login=login,
    )


async def collector_of(session: WriteSession, organisation_id: UUID) -> tuple[Actor, str]:
    """Somebody of a hospital who walks the rounds, and his login."""
    login = f"collector-{new_id().hex[-12:]}@example.test"
    enrolled = Enrol(login=login, name="收集员", password=PASSWORD, organisation_id=organisation_id, role=Role.FILER)
    membership_id = await install(session, enrolled, at=AT)
    await session.flush()
    statement = text("select person_id from memberships where id = :id")
    person_id = (await session.execute(statement, {"id": membership_id})).scalar_one()
    viewer = viewer_of_organisation(organisation_id)
    return Actor(person_id, "收集员", organisation_id, membership_id, Role.FILER, viewer), login


def a_ward(site_id: UUID, **changes: Any) -> AddWard:  # noqa: ANN401  any field
    """A ward to be entered."""
    values: dict[str, Any] = {"code": "W01", "name": "内科一病区", "kind": WardKind.INPATIENT, "location": "3号楼2层"}
    return AddWard(site_id=site_id, **values | changes)


def a_scale(site_id: UUID, ward_id: UUID | None, **changes: Any) -> AddScale:  # noqa: ANN401
    """A scale to be entered."""
    values: dict[str, Any] = {
        "name": "内科电子秤",
        "serial": "SC-001",
        "unit": ScaleUnit.KILOGRAM,
        "accuracy": AccuracyClass.MEDIUM,
        "verified_on": date(2025, 6, 1),
        "verified_until": date(2027, 5, 31),
        "uncertainty": Mass(5),
    }
    return AddScale(site_id=site_id, ward_id=ward_id, **values | changes)


def weighed(gross: str, tare: str = "50 g") -> Weighing:
    """A yellow bag on the ward's scale, read off by eye."""
    return Weighing(
        gross=Mass.parse(gross),
        tare=Mass.parse(tare),
        method=WeighingMethod.PLATFORM_SCALE,
        scale_id="SC-001",
        confirmed=True,
    )


def a_bag(hospital: Hospital, **changes: Any) -> PackBag:  # noqa: ANN401
    """A yellow bag of 3.2 kg of infectious waste."""
    values: dict[str, Any] = {
        "kind": MedicalClass.INFECTIOUS,
        "packaging": Packaging.BAG,
        "volume_l": 60,
        "filled_percent": 75,
        "weighing": weighed("3.25 kg"),
    }
    return PackBag(ward_id=hospital.ward.id, **values | changes)


async def packed(session: WriteSession, hospital: Hospital, **changes: Any) -> Container:  # noqa: ANN401
    """A bag that a nurse has closed."""
    row, _, _ = await pack_bag(session, hospital.nurse, a_bag(hospital, **changes), at=AT)
    return row


async def pushed(session: WriteSession, hospital: Hospital, gross: str, **changes: Any) -> ReadingRow:  # noqa: ANN401
    """A reading of the ward's scale."""
    values: dict[str, Any] = {"serial": hospital.scale.serial, "gross": Mass.parse(gross)}
    command = PushReading(reading_id=new_id(), **values | changes)
    return await push_reading(session, hospital.nurse, command, at=AT)


def handing_over(hospital: Hospital, round_id: UUID, given: list[Container], **changes: Any) -> HandOverWard:  # noqa: ANN401
    """These bags from the nurse to the collector."""
    values: dict[str, Any] = {
        "codes": tuple(DigitalCode.parse(bag.digital_code) for bag in given),
        "bags": len(given),
        "mass": Mass(sum(bag.net_g for bag in given)),
        "nurse": Nurse(name="李护士", confirmed=NurseConfirmed.NAMED),
    }
    return HandOverWard(round_id=round_id, ward_id=hospital.ward.id, **values | changes)


async def collected(session: WriteSession, hospital: Hospital, bags: list[Container]) -> UUID:
    """A round on which these bags were taken over."""
    walk = await start_round(session, hospital.collector, hospital.site_id, at=AT)
    await hand_over_ward(session, hospital.collector, handing_over(hospital, walk.id, bags), at=AT)
    return walk.id


async def in_store(session: WriteSession, hospital: Hospital, bags: list[Container]) -> UUID:
    """These bags in the temporary store."""
    round_id = await collected(session, hospital, bags)
    command = EndRound(
        round_id=round_id, store_id=hospital.store_id, bags=len(bags), mass=Mass(sum(bag.net_g for bag in bags))
    )
    await end_round(session, hospital.collector, command, at=AT + timedelta(hours=1))
    return round_id


def a_card(hospital: Hospital, world: World, bags: list[Container], **changes: Any) -> DraftCard:  # noqa: ANN401
    """A trip card for these bags to the plant."""
    values: dict[str, Any] = {
        "site_id": hospital.site_id,
        "receiver_site_id": world.receiver.site.id,
        "method": STEAM,
        "carrier_id": world.carrier.id,
        "plate": world.plate,
        "driver_name": "陈杰",
        "container_ids": tuple(bag.id for bag in bags),
        "boxes": 2,
    }
    return DraftCard(**values | changes)


async def drafted(session: WriteSession, hospital: Hospital, world: World, bags: list[Container]) -> UUID:
    """A card that nobody has signed."""
    card = await draft_card(session, hospital.office, a_card(hospital, world, bags), at=AT + timedelta(hours=2))
    return card.id


async def loaded(session: WriteSession, hospital: Hospital, world: World, bags: list[Container]) -> UUID:
    """A card whose bags are on the road."""
    card_id = await drafted(session, hospital, world, bags)
    at = AT + timedelta(hours=3)
    await hand_over(session, hospital.office, SignCard(card_id=card_id), at=at)
    await pick_up(session, world.carrier.people[Role.DRIVER], SignCard(card_id=card_id), at=at)
    return card_id


async def at_the_plant(session: WriteSession, hospital: Hospital, world: World, bags: list[Container]) -> UUID:
    """A card whose vehicle stands at the gate."""
    card_id = await loaded(session, hospital, world, bags)
    await arrive(session, world.receiver.people[Role.GATE_OPERATOR], card_id, at=AT + timedelta(hours=4))
    return card_id


async def taken_in(session: WriteSession, hospital: Hospital, world: World, bags: list[Container], total: str) -> UUID:
    """A card that the plant has signed, weighed as a whole."""
    card_id = await at_the_plant(session, hospital, world, bags)
    command = SignCard(card_id=card_id)
    await receive_card(
        session, world.receiver.people[Role.SIGNER], command, total=Mass.parse(total), at=AT + timedelta(hours=5)
    )
    return card_id
