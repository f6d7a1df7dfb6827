"""A spring in which mass moves by every other way: it was there before, is counted, re-coded, treated in part, leaks,
is lost, turned to another receiver, went on paper, through a pipe, from wards and village clinics by trip card.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from tests.support import parties as made
from tests.support.acts import BY_PASSWORD, Receive, SignAct
from tests.support.facilities import facility_added
from tests.support.medical import (
    STEAM,
    Hospital,
    SignCard,
    at_the_plant,
    build_hospital,
    collected,
    loaded,
    packed,
)
from tests.support.medical import weighed as bag_weighed
from tests.support.papers import a_paper, by_hand, entered
from tests.support.pipes import a_pipe
from tests.support.plans import contract_for, plan_for
from tests.support.storage import labelled, old_drum
from tests.support.world import AT, World, a_drum, arrived, filed, scanned, weighed
from wastetrack.auth.model import Role
from wastetrack.containers.batch_rules import BatchBasis, BatchOutcome, BatchPlan, Heel
from wastetrack.containers.counting import begin_stock_take, count_container, finish_stock_take
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import Description, Form, Packaging, StoreContainers, Treat, WeighContainer
from wastetrack.containers.opening_stock import open_stock
from wastetrack.containers.packaging_rules import MedicalClass
from wastetrack.containers.queries import Container
from wastetrack.containers.recoding import Recode, recode
from wastetrack.containers.stock_takes import BeginStockTake, CountContainer, EndStockTake
from wastetrack.containers.storing import store_containers, weigh_container
from wastetrack.containers.treating import treat
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.manifests import gate, receiving, redirecting, reporting_incidents, transporting
from wastetrack.manifests.journey_model import IncidentKind, Redirect, ReportIncident
from wastetrack.manifests.model import ScanAtGate
from wastetrack.mass import Mass
from wastetrack.medical.covering import cover_institution, open_point
from wastetrack.medical.ending_rounds import end_round
from wastetrack.medical.model import (
    CoverInstitution,
    EndRound,
    FoundInStore,
    InstitutionKind,
    OpenPoint,
    SmallBag,
    TakeFromInstitution,
    Way,
    WeighAtPlant,
)
from wastetrack.medical.plant import receive_card, weigh_at_plant
from wastetrack.medical.visiting import take_from_institution
from wastetrack.parties.facilities import FacilityKind
from wastetrack.parties.permitting import grant_permit

SPENT_ACID, INFECTIOUS = "900-300-34", "841-001-01"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Spring:
    """What it left behind."""

    session: WriteSession
    world: World
    hospital: Hospital
    clinic_site_id: UUID

    @property
    def sites(self) -> tuple[UUID, ...]:
        """Everybody whose books it changed."""
        world = self.world
        firms = (world.generator, world.receiver, world.stranger, self.hospital.firm)
        return (*(firm.site.id for firm in firms), self.clinic_site_id)


async def spring(session: WriteSession, world: World) -> Spring:
    """All of it."""
    await _there_before(session, world)
    await _counted(session, world)
    await _treated_in_part(session, world)
    await _recoded(session, world)
    await _on_the_way(session, world)
    await _turned(session, world)
    await _on_paper(session, world)
    await _by_pipe(session, world)
    hospital = await build_hospital(session, world)
    firm, codes = hospital.firm, (INFECTIOUS,)
    await plan_for(session, firm.site, world.receiver.id, codes, method=STEAM, actor=firm.owner)
    await contract_for(session, firm.id, world.receiver.id, codes, method=STEAM, shipper=firm.owner)
    await _from_wards(session, world, hospital)
    return Spring(session, world, hospital, await _from_a_village(session, world, hospital))


async def _stored(session: WriteSession, world: World, *drums: Container, at: Any = AT) -> None:  # noqa: ANN401  a moment
    command = StoreContainers(container_ids=tuple(drum.id for drum in drums), store_id=world.store_id)
    await store_containers(session, world.generator.owner, command, at=at)


async def _there_before(session: WriteSession, world: World) -> None:
    """Opening stock of last year and of this; one of it is weighed again, and sent."""
    owner = world.generator.owner
    old, _ = await open_stock(session, owner, old_drum(world, date(2025, 10, 1), net="160 kg"), at=AT)
    again, _ = await open_stock(session, owner, old_drum(world, date(2026, 2, 1), net="70 kg"), at=AT)
    await _stored(session, world, old)
    await weigh_container(session, owner, WeighContainer(container_id=again.id, weighing=weighed("71 kg")), at=AT)
    manifest_id = await arrived(session, world, [old])
    await scanned(session, world, manifest_id, old, gross="180.5 kg")
    await receiving.receive(session, world.receiver.owner, Receive(manifest_id=manifest_id), at=AT + 5 * HOUR)


async def _counted(session: WriteSession, world: World) -> None:
    """One drum of the store is lighter, one is gone; the light one is sent."""
    owner, light, gone = world.generator.owner, await a_drum(session, world), await a_drum(session, world, "90 kg")
    await _stored(session, world, light, gone)
    begin = BeginStockTake(site_id=world.generator.site.id, store_id=world.store_id)
    take, _ = await begin_stock_take(session, owner, begin, at=AT + HOUR)
    counted = CountContainer(
        stock_take_id=take.id, digital_code=light.digital_code, gross=Mass.parse("188.5 kg"), scale_id="PS-1"
    )
    await count_container(session, owner, counted, at=AT + HOUR)
    await finish_stock_take(session, owner, EndStockTake(stock_take_id=take.id), at=AT + 2 * HOUR)
    manifest_id = await arrived(session, world, [light])
    await scanned(session, world, manifest_id, light, gross="188.5 kg")
    await receiving.receive(session, world.receiver.owner, Receive(manifest_id=manifest_id), at=AT + 5 * HOUR)


async def _recoded(session: WriteSession, world: World) -> None:
    """What was taken for cutting fluid is an acid; it is weighed again under its new name."""
    owner = world.generator.owner
    old = await labelled(session, world, "120 kg", code="900-006-09", store_id=world.store_id)
    acid = Description(waste_code=SPENT_ACID, waste_name="废酸", form=Form.LIQUID, hazards=("C", "T"))
    command = Recode(container_id=old.id, description=acid, reason="鉴别报告 2026-017")
    new, _ = await recode(session, owner, command, at=AT + DAY)
    await weigh_container(
        session, owner, WeighContainer(container_id=new.id, weighing=weighed("119 kg")), at=AT + 2 * DAY
    )


async def _treated_in_part(session: WriteSession, world: World) -> None:
    """The workshop distils oil in a still of its own: one drum whole, one with a rest that is sent later."""
    firm = world.generator
    still = await facility_added(session, firm.owner, firm.site.id, FacilityKind.USE)
    whole, partly = await a_drum(session, world, "50 kg"), await a_drum(session, world, "100 kg")
    await _stored(session, world, whole, partly)
    command = Treat(
        site_id=firm.site.id,
        container_ids=(whole.id, partly.id),
        method="R9",
        treated_on=AT.date(),
        plan=BatchPlan(basis=BatchBasis.OWN, facility_id=still.id),
        outcome=BatchOutcome(heels=(Heel(container_id=partly.id, gross=Mass.parse("25 kg"), scale_id="PS-1"),)),
    )
    await treat(session, firm.owner, command, at=AT + HOUR)
    manifest_id = await arrived(session, world, [partly])
    await scanned(session, world, manifest_id, partly, gross="25 kg")
    await receiving.receive(session, world.receiver.owner, Receive(manifest_id=manifest_id), at=AT + 5 * HOUR)


async def _on_the_way(session: WriteSession, world: World) -> None:
    """Of three drums one is lost, one leaks, one comes whole."""
    drums = [await a_drum(session, world, net) for net in ("180 kg", "90 kg", "60 kg")]
    manifest_id = await filed(session, world, drums)
    await transporting.pick_up(session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=AT + HOUR)
    for kind, drum, spilled in (
        (IncidentKind.CONTAINER_LOST, drums[0], None),
        (IncidentKind.CONTAINER_LEAKING, drums[1], Mass.parse("10 kg")),
    ):
        told = ReportIncident(
            incident_id=new_id(),
            manifest_id=manifest_id,
            kind=kind,
            place="荣乌高速 K123",
            region_code=made.ZHIFU,
            what="桶盖脱落",
            measures="围堵、吸附",
            reported_to="烟台市生态环境局 0535-12369",
            container_id=drum.id,
            spilled=spilled,
        )
        driver = world.carrier.people[Role.DRIVER]
        await reporting_incidents.report_incident(session, driver, told, at=AT + 2 * HOUR)
    session.expunge_all()
    await transporting.arrive(session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=AT + 3 * HOUR)
    await scanned(session, world, manifest_id, drums[1], gross="100 kg")
    await scanned(session, world, manifest_id, drums[2], gross="80 kg")
    await receiving.receive(session, world.receiver.owner, Receive(manifest_id=manifest_id), at=AT + 5 * HOUR)


async def _turned(session: WriteSession, world: World) -> None:
    """A load goes to the stranger's works instead of the incinerator, and to use instead of disposal."""
    permit = made.permit_command(world.stranger.id, items=(made.item("HW08", "R9", "10 t"),))
    await grant_permit(session, made.approver("3706"), permit, at=AT)
    drum = await a_drum(session, world, "140 kg")
    manifest_id = await filed(session, world, [drum])
    await transporting.pick_up(session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=AT + HOUR)
    turning = partial(Redirect, signing=BY_PASSWORD)(
        manifest_id=manifest_id, receiver_site_id=world.stranger.site.id, method="R9", reason="焚烧炉临时停炉"
    )
    await redirecting.redirect(session, world.generator.owner, turning, at=AT + 2 * HOUR)
    await transporting.arrive(session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=AT + 3 * HOUR)
    scan = ScanAtGate(
        manifest_id=manifest_id,
        scan_id=new_id(),
        code=DigitalCode.parse(drum.digital_code),
        gross=Mass.parse("160.2 kg"),
    )
    await gate.scan_at_gate(session, world.stranger.people[Role.GATE_OPERATOR], scan, at=AT + 4 * HOUR)
    session.expunge_all()
    await receiving.receive(session, world.stranger.owner, Receive(manifest_id=manifest_id), at=AT + 5 * HOUR)


async def _on_paper(session: WriteSession, world: World) -> None:
    """During an outage a drum with a printed label and one labelled by hand went on paper."""
    printed = await a_drum(session, world, "180 kg")
    manifest_id = await entered(session, world, a_paper(world, printed, by_hand=(by_hand(),)), at=AT + DAY)
    await receiving.receive(session, world.receiver.owner, Receive(manifest_id=manifest_id), at=AT + DAY + HOUR)


async def _by_pipe(session: WriteSession, world: World) -> None:
    """Three days: one as metered, one stated anew after it had gone over, one of which nothing arrived."""
    pipe = await a_pipe(session, world)
    first, second, third = (date(2026, 3, day) for day in (2, 3, 4))
    await pipe.both(first, "1.25", "1.24")
    await pipe.both(second, "0.9", "0.9", at=AT + DAY)
    await pipe.sent(second, "0.95", at=AT + 3 * DAY, reason="读数有误")
    await pipe.both(third, "0.01", "0", at=AT + 3 * DAY)


async def _from_wards(session: WriteSession, world: World, hospital: Hospital) -> None:
    """Of a round one bag is missing at the store and one weighs otherwise; on a trip another does not arrive."""
    bags = [await packed(session, hospital) for _ in range(4)]
    round_id = await collected(session, hospital, bags)
    command = EndRound(
        round_id=round_id,
        store_id=hospital.store_id,
        bags=3,
        mass=Mass.parse("9.5 kg"),
        differing=(
            FoundInStore(container_id=bags[0].id, gross=None, reason="推车上未见"),
            FoundInStore(container_id=bags[1].id, gross=Mass.parse("3.15 kg"), reason="病区秤未归零"),
        ),
    )
    await end_round(session, hospital.collector, command, at=AT + HOUR)
    card_id = await at_the_plant(session, hospital, world, bags[1:])
    gatekeeper = world.receiver.people[Role.GATE_OPERATOR]
    for bag, gross in zip(bags[1:], ("3.14 kg", "3.25 kg", None), strict=True):
        found = WeighAtPlant(
            card_id=card_id,
            container_id=bag.id,
            gross=None if gross is None else Mass.parse(gross),
            missing=gross is None,
            reason="" if gross else "车上未见",
        )
        await weigh_at_plant(session, gatekeeper, found, at=AT + 4 * HOUR)
    signer = world.receiver.people[Role.SIGNER]
    await receive_card(session, signer, SignCard(card_id=card_id), at=AT + 5 * HOUR)


async def _from_a_village(session: WriteSession, world: World, hospital: Hospital) -> UUID:
    """A clinic brings two bags to the hospital's point; they leave on the hospital's card. Gives the clinic's site."""
    opening = OpenPoint(site_id=hospital.site_id, served_by_id=world.carrier.id)
    point = await open_point(session, hospital.firm.owner, opening, at=AT)
    clinic = await cover_institution(
        session,
        hospital.firm.owner,
        CoverInstitution(
            point_id=point.id,
            name="东村卫生室",
            region_code=made.ZHIFU,
            kind=InstitutionKind.VILLAGE_CLINIC,
            contact_name="孙医生",
            contact_phone="13800001111",
        ),
        at=AT,
    )
    bags = tuple(
        SmallBag(
            kind=MedicalClass.INFECTIOUS,
            packaging=Packaging.BAG,
            volume_l=20,
            weighing=bag_weighed(gross),
            filled_percent=70,
        )
        for gross in ("1.05 kg", "0.55 kg")
    )
    visit = TakeFromInstitution(
        institution_id=clinic.id,
        way=Way.DELIVERED,
        given_by="孙医生",
        taken_by="收集员",
        bags=bags,
        store_id=hospital.store_id,
    )
    _, rows, _ = await take_from_institution(session, hospital.collector, visit, at=AT)
    await loaded(session, hospital, world, rows)
    return clinic.site_id
