"""A small world of firms that may do business with each other, and the steps of a transfer in the ledger's words.

A galvanic workshop in Zhifu makes HW17 sludge and waste oil; a carrier fetches them; an incinerator in Laishan takes
them by permit. Everybody is a real person with a membership, everything is made by the use cases.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import text

from tests.support import parties as made
from tests.support.acts import Receive, SignAct
from tests.support.plans import contract_for
from tests.support.plans import plan_for as filed_plan_for
from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.model import Actor, Role, viewer_of_jurisdiction, viewer_of_organisation
from wastetrack.catalogues.loading import load_packaged
from wastetrack.containers.labelling import label_container
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import Description, Form, LabelContainer, Packaging, Weighing
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import filing, gate, receiving, transporting
from wastetrack.manifests.gate import Scanned
from wastetrack.manifests.model import DraftManifest, LegPlan, ScanAtGate
from wastetrack.mass import Mass
from wastetrack.parties.model import OrganisationKind, Site, SiteKind
from wastetrack.parties.permitting import grant_permit
from wastetrack.parties.registering import (
    add_site,
    add_store,
    add_vehicle,
    record_transport_licence,
    register_organisation,
)

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
OIL = "900-249-08"
SLUDGE = "336-064-17"
PLANNED = (OIL, SLUDGE, "900-214-08")
"""What the workshop sends to the incinerator by its plans and contract, 1000 t of each."""
PASSWORD = "an-orange-drum-of-oil"  # noqa: S105  a test's
BY_PLATFORM_SCALE = WeighingMethod.PLATFORM_SCALE


@dataclass(frozen=True)
class Firm:
    """An organisation with a site and one person per role."""

    id: UUID
    credit_code: str
    site: Site
    people: dict[Role, Actor]
    logins: dict[Role, str]

    @property
    def owner(self) -> Actor:
        """Who may do everything for it."""
        return self.people[Role.OWNER]


@dataclass(frozen=True)
class World:
    """Everybody who takes part."""

    generator: Firm
    carrier: Firm
    second_carrier: Firm
    receiver: Firm
    stranger: Firm
    inspector: Actor
    inspector_login: str
    plate: str
    second_plate: str
    store_id: UUID
    receiver_store_id: UUID
    permit_id: UUID


async def _member(
    session: WriteSession, organisation_id: UUID, role: Role, *, jurisdiction: str | None = None
) -> tuple[Actor, str]:
    login = f"{role.value}-{organisation_id.hex[-12:]}@example.test"
    enrolled = Enrol(
        login=login,
        name=f"{role.value}者",
        password=PASSWORD,
        organisation_id=organisation_id,
        role=role,
        jurisdiction=jurisdiction,
    )
    membership_id = await install(session, enrolled, at=AT)
    await session.flush()
    statement = text("select person_id from memberships where id = :id")
    person_id = (await session.execute(statement, {"id": membership_id})).scalar_one()
    viewer = viewer_of_jurisdiction(jurisdiction) if jurisdiction else viewer_of_organisation(organisation_id)
    return Actor(person_id, f"{role.value}者", organisation_id, membership_id, role, viewer), login


async def _firm(session: WriteSession, region: str, kind: OrganisationKind, site_kind: SiteKind, *roles: Role) -> Firm:
    operator = made.platform_operator()
    command = made.firm_command(kinds=frozenset({kind}), region_code=region)
    firm = await register_organisation(session, operator, command, at=AT)
    site = await add_site(session, operator, made.site_command(firm.id, kind=site_kind, region_code=region), at=AT)
    people: dict[Role, Actor] = {}
    logins: dict[Role, str] = {}
    for role in (Role.OWNER, *roles):
        people[role], logins[role] = await _member(session, firm.id, role)
    return Firm(firm.id, firm.credit_code, site, people, logins)


async def build_world(session: WriteSession, region: str = made.ZHIFU) -> World:
    """Make everybody, in a county and under its prefecture's authority; the official lists are loaded first."""
    await load_packaged(session, at=AT)
    operator, prefecture = made.platform_operator(), region[:4]
    generator = await _firm(
        session, region, OrganisationKind.GENERATOR, SiteKind.PRODUCTION, Role.SIGNER, Role.FILER, Role.VIEWER
    )
    carrier = await _firm(session, region, OrganisationKind.TRANSPORTER, SiteKind.DEPOT, Role.DRIVER)
    second = await _firm(session, region, OrganisationKind.TRANSPORTER, SiteKind.DEPOT, Role.DRIVER)
    receiver = await _firm(
        session, region, OrganisationKind.DISPOSER, SiteKind.TREATMENT, Role.GATE_OPERATOR, Role.SIGNER
    )
    stranger = await _firm(session, region, OrganisationKind.GENERATOR, SiteKind.PRODUCTION, Role.GATE_OPERATOR)
    plates = []
    for firm in (carrier, second):
        vehicle = await add_vehicle(session, operator, made.vehicle_command(firm.id), at=AT)
        await record_transport_licence(session, made.approver(prefecture), made.licence_command(firm.id), at=AT)
        plates.append(vehicle.plate)
    permit = await grant_permit(
        session,
        made.approver(prefecture),
        made.permit_command(
            receiver.id,
            items=(
                made.item("HW08", "D10 R9", "100 t"),
                made.item(SLUDGE, "D10", "10 t"),
                made.item("HW18", "D10", "50 t"),
            ),
        ),
        at=AT,
    )
    years = (TODAY.year - 1, TODAY.year, TODAY.year + 1)
    site, owner = generator.site, generator.owner
    await filed_plan_for(session, site, receiver.id, PLANNED, years=years, actor=owner)
    await filed_plan_for(session, site, receiver.id, (OIL,), method="R9", years=years, actor=owner)
    await contract_for(session, generator.id, receiver.id, PLANNED, shipper=owner, receiver=receiver.owner)
    authority = await register_organisation(
        session,
        operator,
        made.firm_command(kinds=frozenset({OrganisationKind.REGULATOR}), jurisdiction=prefecture, region_code=region),
        at=AT,
    )
    inspector, inspector_login = await _member(session, authority.id, Role.INSPECTOR, jurisdiction=prefecture)
    return World(
        generator=generator,
        carrier=carrier,
        second_carrier=second,
        receiver=receiver,
        stranger=stranger,
        inspector=inspector,
        inspector_login=inspector_login,
        plate=plates[0],
        second_plate=plates[1],
        store_id=(await add_store(session, operator, made.store_command(generator.site.id), at=AT)).id,
        receiver_store_id=(await add_store(session, operator, made.store_command(receiver.site.id), at=AT)).id,
        permit_id=permit.id,
    )


def weighed(net: str, *, tare: str = "20 kg", uncertainty: str = "100 g") -> Weighing:
    """`180 kg` of waste in a drum of 20 kg on a platform scale."""
    empty = Mass.parse(tare)
    return Weighing(
        gross=Mass.parse(net) + empty,
        tare=empty,
        method=BY_PLATFORM_SCALE,
        scale_id="PS-1",
        uncertainty=Mass.parse(uncertainty),
    )


def _hazards(code: str) -> tuple[str, ...]:
    """What the list says at least; the odd codes of other tests may have any."""
    return ("T", "I") if code in {OIL, SLUDGE} else ("T", "C", "I", "R")


def drum_of(net: str, world: World, *, code: str = OIL, volume_l: int = 200) -> LabelContainer:
    """A drum to be labelled."""
    return LabelContainer(
        site_id=world.generator.site.id,
        description=Description(waste_code=code, waste_name="废矿物油", form=Form.LIQUID, hazards=_hazards(code)),
        packaging=Packaging.DRUM,
        volume_l=volume_l,
        weighing=weighed(net),
        generated_on=TODAY,
    )


async def a_drum(session: WriteSession, world: World, net: str = "180 kg", *, code: str = OIL) -> Container:
    """A labelled drum at the workshop."""
    row, _ = await label_container(session, world.generator.owner, drum_of(net, world, code=code), at=AT)
    return row


# A further carrier takes over two hours later, at a place that both have agreed on (令23 art. 17).
agreed_leg = partial(LegPlan, handover_place="芝罘区交接点", handover_at=AT + timedelta(hours=2))


async def a_tank(session: WriteSession, world: World, net: str, code: str = OIL) -> Container:
    """A tank of many tonnes."""
    command = replace(drum_of(net, world, code=code), packaging=Packaging.TANK, volume_l=30_000)
    row, _ = await label_container(session, world.generator.owner, command, at=AT)
    return row


async def large_vehicle(session: WriteSession, world: World, rated: str = "49 t") -> tuple[LegPlan, ...]:
    """The carrier's heavy train."""
    command = made.vehicle_command(world.carrier.id, rated_load=Mass.parse(rated))
    vehicle = await add_vehicle(session, world.carrier.owner, command, at=AT)
    return (LegPlan(carrier_id=world.carrier.id, plate=vehicle.plate),)


def plan_for(world: World, containers: list[Container], *, legs: int = 1) -> DraftManifest:
    """A manifest from the workshop to the incinerator, today."""
    carriers = ((world.carrier, world.plate), (world.second_carrier, world.second_plate))[:legs]
    return DraftManifest(
        shipper_site_id=world.generator.site.id,
        receiver_site_id=world.receiver.site.id,
        method="D10",
        planned_on=TODAY,
        container_ids=tuple(container.id for container in containers),
        legs=tuple(
            agreed_leg(carrier_id=firm.id, plate=plate, start="芝罘区", end="莱山区") for firm, plate in carriers
        ),
    )


async def filed(session: WriteSession, world: World, containers: list[Container], *, legs: int = 1) -> UUID:
    """A filed manifest's id."""
    row = await filing.draft_manifest(session, world.generator.owner, plan_for(world, containers, legs=legs), at=AT)
    await filing.file_manifest(session, world.generator.owner, SignAct(manifest_id=row.id), at=AT)
    return row.id


async def arrived(session: WriteSession, world: World, containers: list[Container]) -> UUID:
    """A manifest whose truck stands at the gate."""
    manifest_id = await filed(session, world, containers)
    await transporting.pick_up(
        session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=AT + timedelta(hours=1)
    )
    await transporting.arrive(
        session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=AT + timedelta(hours=3)
    )
    return manifest_id


async def scanned(
    session: WriteSession,
    world: World,
    manifest_id: UUID,
    container: Container,
    gross: str | None = None,
    *,
    reject_reason: str = "",
) -> Scanned:
    """A scan by the gate operator."""
    return await gate.scan_at_gate(
        session,
        world.receiver.people[Role.GATE_OPERATOR],
        ScanAtGate(
            manifest_id=manifest_id,
            scan_id=new_id(),
            code=DigitalCode.parse(container.digital_code),
            gross=None if gross is None else Mass.parse(gross),
            scale_id="GATE-2",
            uncertainty=Mass.parse("200 g"),
            reject_reason=reject_reason,
        ),
        at=AT + timedelta(hours=4),
    )


async def received(session: WriteSession, world: World, containers: list[Container], *gross: str) -> UUID:
    """A manifest that was received, each container weighed as given."""
    manifest_id = await arrived(session, world, containers)
    for container, mass in zip(containers, gross, strict=True):
        await scanned(session, world, manifest_id, container, mass)
    await receiving.receive(session, world.receiver.owner, Receive(manifest_id=manifest_id), at=AT + timedelta(hours=5))
    return manifest_id
