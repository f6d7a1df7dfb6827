"""A history in which everything happens once: taken in, corrected, rejected, returned, lost, repacked, treated."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.acts import AnswerCorrection, Receive, RequestCorrection, SignAct
from tests.support.world import AT, TODAY, World, a_drum, arrived, filed, plan_for, scanned, weighed
from wastetrack.containers.batch_rules import BatchOutcome, Heel, Reading, ReadingKind
from wastetrack.containers.batching import begin_batch, finish_batch
from wastetrack.containers.model import (
    BeginBatch,
    Description,
    Filling,
    FinishBatch,
    Form,
    Packaging,
    PrintLabels,
    PrintReason,
    Repack,
    Residue,
    StoreContainers,
    WeighContainer,
)
from wastetrack.containers.printing import print_labels
from wastetrack.containers.queries import Container
from wastetrack.containers.repacking import repack
from wastetrack.containers.storing import store_containers, weigh_container
from wastetrack.db.session import WriteSession, writing
from wastetrack.manifests import correcting, filing, receiving, transporting
from wastetrack.mass import Mass
from wastetrack.transparency.note import Signer
from wastetrack.transparency.publishing import publish_all

SIGNER = Signer("wastetrack.local/log", bytes(range(32)))
EVENING = AT + timedelta(hours=6)
NIGHT = AT + timedelta(hours=8)


@dataclass(frozen=True)
class History:
    """What tests change behind everybody's back."""

    closed: UUID
    """A manifest that was received with a difference, corrected and confirmed."""
    returned: UUID
    """One of which a drum went back and another was lost."""
    travelling: UUID
    drum: UUID
    """Stands at the receiver; its mass was corrected."""
    waiting: UUID
    """Stands at the workshop, weighed twice."""


async def write_history(engine: AsyncEngine, world: World) -> History:
    """Make it by the use cases, commit it, and give it its place in the log in two checkpoints."""
    async with writing(engine) as session:
        drums = [await a_drum(session, world, net) for net in ("180 kg", "175 kg", "60.5 kg")]
        closed = await _received_corrected_closed(session, world, drums)
    await publish_all(engine, SIGNER)
    async with writing(engine) as session:
        returned = await _partly_returned(session, world)
        await _withdrawn(session, world)
        travelling = await filed(session, world, [await a_drum(session, world, "90 kg")], legs=2)
        for firm, hours in ((world.carrier, 1), (world.second_carrier, 2)):
            act = transporting.pick_up if firm is world.carrier else transporting.hand_over
            await act(session, firm.owner, SignAct(manifest_id=travelling), at=AT + timedelta(hours=hours))
        waiting = await _repacked_and_weighed(session, world)
        await _treated(session, world, drums[1:])
    await publish_all(engine, SIGNER)
    async with writing(engine) as session:  # waits for its place
        await filing.draft_manifest(
            session, world.generator.owner, plan_for(world, [await a_drum(session, world, "33 kg")]), at=EVENING
        )
    return History(closed, returned, travelling, drums[0].id, waiting.id)


async def _received_corrected_closed(session: WriteSession, world: World, drums: list[Container]) -> UUID:
    manifest_id = await arrived(session, world, drums)
    for drum, gross in zip(drums, ("200 kg", "181 kg", "80.5 kg"), strict=True):
        await scanned(session, world, manifest_id, drum, gross)
    await receiving.receive(session, world.receiver.owner, Receive(manifest_id=manifest_id), at=EVENING)
    wrong = RequestCorrection(
        manifest_id=manifest_id, container_id=drums[0].id, measured=Mass.parse("178 kg"), reason="秤未归零"
    )
    correction, _ = await correcting.request_correction(session, world.receiver.owner, wrong, at=EVENING)
    answer = AnswerCorrection(correction_id=correction.id, consent=True)
    await correcting.answer_correction(session, world.generator.owner, answer, at=EVENING)
    await receiving.confirm(session, world.receiver.owner, SignAct(manifest_id=manifest_id), at=NIGHT)
    return manifest_id


async def _partly_returned(session: WriteSession, world: World) -> UUID:
    kept, refused, lost = [await a_drum(session, world, net) for net in ("100 kg", "120 kg", "40 kg")]
    manifest_id = await arrived(session, world, [kept, refused, lost])
    await scanned(session, world, manifest_id, kept, "120 kg")
    await scanned(session, world, manifest_id, refused, reject_reason="包装破损")
    command = Receive(manifest_id=manifest_id, missing_ids=(lost.id,))
    _, back, _ = await receiving.receive(session, world.receiver.owner, command, at=EVENING)
    assert back is not None
    await receiving.receive(
        session,
        world.generator.owner,
        Receive(manifest_id=back.id, missing_ids=(refused.id,)),
        at=NIGHT,
    )
    await receiving.confirm(session, world.receiver.owner, SignAct(manifest_id=manifest_id), at=NIGHT)
    return manifest_id


async def _withdrawn(session: WriteSession, world: World) -> None:
    drum = await a_drum(session, world, "50 kg")
    for withdraw in (filing.cancel_manifest, filing.void_manifest):
        manifest_id = await filed(session, world, [drum])
        command = SignAct(manifest_id=manifest_id, reason="计划有变")
        await withdraw(session, world.generator.owner, command, at=AT + timedelta(minutes=5))


async def _repacked_and_weighed(session: WriteSession, world: World) -> Container:
    big = await a_drum(session, world, "150 kg")
    halves = tuple(Filling(packaging=Packaging.DRUM, volume_l=100, weighing=weighed(net)) for net in ("70 kg", "79 kg"))
    command = Repack(from_ids=(big.id,), into=halves, repacked_on=TODAY, loss_reason="桶壁残留")
    (first, second), _ = await repack(session, world.generator.owner, command, at=EVENING)
    again = WeighContainer(container_id=first.id, weighing=weighed("71.5 kg"))
    await weigh_container(session, world.generator.owner, again, at=EVENING)
    into_store = StoreContainers(container_ids=(second.id,), store_id=world.store_id)
    await store_containers(session, world.generator.owner, into_store, at=EVENING)
    return first


async def _treated(session: WriteSession, world: World, drums: list[Container]) -> None:
    ash = Residue(
        description=Description(waste_code="772-003-18", waste_name="焚烧飞灰", form=Form.SOLID, hazards=("T",)),
        packaging=Packaging.BIG_BAG,
        volume_l=1000,
        weighing=weighed("30 kg", tare="2 kg"),
    )
    owner, ids = world.receiver.owner, tuple(drum.id for drum in drums)
    begun = BeginBatch(site_id=world.receiver.site.id, container_ids=ids, method="D10", begun_on=TODAY)
    batch, _ = await begin_batch(session, owner, begun, at=NIGHT)
    # One drum was not emptied wholly; it stays, under a label that says so.
    kept = drums[-1]
    heel = Heel(container_id=kept.id, gross=Mass(kept.tare_g + 4_000))
    power = Reading(kind=ReadingKind.ENERGY, name="电", quantity=Decimal(90), unit="kWh")
    ended = FinishBatch(
        batch_id=batch.id,
        treated_on=TODAY,
        residues=(ash,),
        outcome=BatchOutcome(heels=(heel,), readings=(power,)),
    )
    await finish_batch(session, owner, ended, at=NIGHT)
    again = PrintLabels(container_ids=(kept.id,), why=PrintReason.CHANGED, paper="single")
    await print_labels(session, owner, again, at=NIGHT)


__all__ = ["SIGNER", "History", "write_history"]
