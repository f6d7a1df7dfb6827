"""Journeys that go another way than the plain one: several shippers in one vehicle, a second receiver."""

from datetime import datetime
from uuid import UUID

from tests.support import parties as made
from tests.support.acts import BY_PASSWORD, SignAct
from tests.support.plans import contract_for, plan_for
from tests.support.world import AT, OIL, TODAY, Firm, World, a_drum, drum_of, filed
from wastetrack.auth.model import Actor
from wastetrack.containers.labelling import label_container
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.manifests import filing, planning_trips, transporting
from wastetrack.manifests.journey_model import PlanTrip, SignTrip
from wastetrack.manifests.model import DraftManifest, LegPlan
from wastetrack.parties.permitting import grant_permit


def sign_trip(trip_id: UUID) -> SignTrip:
    """A step of a trip, signed with a password."""
    return SignTrip(trip_id=trip_id, signing=BY_PASSWORD)


async def drum_at(session: WriteSession, firm: Firm, world: World, net: str = "180 kg") -> Container:
    """A labelled drum at another workshop."""
    command = drum_of(net, world)
    there = type(command)(
        site_id=firm.site.id,
        description=command.description,
        packaging=command.packaging,
        volume_l=command.volume_l,
        weighing=command.weighing,
        generated_on=command.generated_on,
    )
    row, _ = await label_container(session, firm.owner, there, at=AT)
    return row


async def filed_by(session: WriteSession, firm: Firm, world: World, containers: list[Container]) -> UUID:
    """A manifest from another workshop to the same incinerator, with the same vehicle."""
    plan = DraftManifest(
        shipper_site_id=firm.site.id,
        receiver_site_id=world.receiver.site.id,
        method="D10",
        planned_on=TODAY,
        container_ids=tuple(container.id for container in containers),
        legs=(LegPlan(carrier_id=world.carrier.id, plate=world.plate, start="芝罘区", end="莱山区"),),
    )
    row = await filing.draft_manifest(session, firm.owner, plan, at=AT)
    await filing.file_manifest(session, firm.owner, SignAct(manifest_id=row.id), at=AT)
    return row.id


class MilkRun:
    """Two workshops, a drum each, one vehicle."""

    def __init__(self, trip_id: UUID, manifests: tuple[UUID, UUID], drums: tuple[Container, Container]) -> None:
        self.trip_id, self.manifests, self.drums = trip_id, manifests, drums


async def sells_too(session: WriteSession, firm: Firm, world: World) -> None:
    """Let another workshop send its oil to the incinerator, by a filed plan and a contract of its own."""
    await plan_for(session, firm.site, world.receiver.id, (OIL,), actor=firm.owner)
    receiver = world.receiver
    await contract_for(session, firm.id, receiver.id, (OIL,), shipper=firm.owner, receiver=receiver.owner)


async def planned(session: WriteSession, world: World, *net: str) -> MilkRun:
    """A trip over two filed manifests."""
    first, second = net or ("180 kg", "90 kg")
    await sells_too(session, world.stranger, world)
    drums = (await a_drum(session, world, first), await drum_at(session, world.stranger, world, second))
    manifests = (
        await filed(session, world, [drums[0]]),
        await filed_by(session, world.stranger, world, [drums[1]]),
    )
    command = PlanTrip(trip_id=new_id(), plate=world.plate, day=TODAY, manifest_ids=manifests)
    trip, _ = await planning_trips.plan_trip(session, world.carrier.owner, command, at=AT)
    return MilkRun(trip.id, manifests, drums)


async def picked_up(session: WriteSession, world: World, run: MilkRun, *, at: datetime) -> None:
    """The vehicle has been at each workshop."""
    for manifest_id in run.manifests:
        await transporting.pick_up(session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=at)


async def permitted(session: WriteSession, firm: Firm, *, codes: str = "HW08", quantity: str = "100 t") -> Actor:
    """Let another firm of the world take waste in, by a permit of its own."""
    command = made.permit_command(firm.id, items=(made.item(codes, "D10 R9", quantity),))
    await grant_permit(session, made.approver(firm.site.region_code[:4]), command, at=AT)
    return firm.owner


__all__ = ["OIL", "MilkRun", "drum_at", "filed_by", "permitted", "picked_up", "planned", "sells_too", "sign_trip"]
