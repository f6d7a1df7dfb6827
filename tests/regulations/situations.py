"""Manifests of every kind in every state, made by the use cases in the small world."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from tests.support.acts import Receive, SignAct
from tests.support.pipes import LAST_DAY, a_pipe, drafted
from tests.support.world import AT, World, a_drum, arrived, filed, plan_for, received, scanned
from wastetrack.containers.labels import DigitalCode
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.manifests import filing, gate, receiving, running, transporting
from wastetrack.manifests.model import ManifestKind, ManifestState, ScanAtGate

Builder = Callable[[WriteSession, World], Awaitable[UUID]]

LATER = LAST_DAY + timedelta(days=5)
SAME_DAY = AT + timedelta(hours=9)


def _on(hours: int) -> datetime:
    return AT + timedelta(hours=hours)


async def _draft(session: WriteSession, world: World) -> UUID:
    drum = await a_drum(session, world)
    row = await filing.draft_manifest(session, world.generator.owner, plan_for(world, [drum], legs=2), at=AT)
    return row.id


async def _filed(session: WriteSession, world: World) -> UUID:
    return await filed(session, world, [await a_drum(session, world)], legs=2)


async def _picked_up(session: WriteSession, world: World) -> UUID:
    manifest_id = await _filed(session, world)
    await transporting.pick_up(session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=_on(1))
    return manifest_id


async def _in_transit(session: WriteSession, world: World) -> UUID:
    manifest_id = await _picked_up(session, world)
    await transporting.hand_over(session, world.second_carrier.owner, SignAct(manifest_id=manifest_id), at=_on(2))
    return manifest_id


async def _arrived(session: WriteSession, world: World) -> UUID:
    drum = await a_drum(session, world)
    manifest_id = await arrived(session, world, [drum])
    await scanned(session, world, manifest_id, drum, "200 kg")
    return manifest_id


async def _rejected_at_the_gate(session: WriteSession, world: World) -> UUID:
    drum = await a_drum(session, world)
    manifest_id = await arrived(session, world, [drum])
    await scanned(session, world, manifest_id, drum, reject_reason="标签不符")
    return manifest_id


async def _half_missing(session: WriteSession, world: World) -> UUID:
    here, refused = await a_drum(session, world), await a_drum(session, world)
    manifest_id = await arrived(session, world, [here, refused])
    await scanned(session, world, manifest_id, here, "200 kg")
    await scanned(session, world, manifest_id, refused, reject_reason="标签不符")
    return manifest_id


async def _received(session: WriteSession, world: World) -> UUID:
    return await received(session, world, [await a_drum(session, world)], "200 kg")


async def _partly(session: WriteSession, world: World) -> UUID:
    here, gone = await a_drum(session, world), await a_drum(session, world)
    manifest_id = await arrived(session, world, [here, gone])
    await scanned(session, world, manifest_id, here, "200 kg")
    missing = Receive(manifest_id=manifest_id, missing_ids=(gone.id,))
    await receiving.receive(session, world.receiver.owner, missing, at=_on(5))
    return manifest_id


async def _sent_back(session: WriteSession, world: World) -> tuple[UUID, UUID]:
    """A rejected manifest, and its return whose drum stands at the workshop's gate again."""
    drum = await a_drum(session, world)
    manifest_id = await arrived(session, world, [drum])
    await scanned(session, world, manifest_id, drum, reject_reason="标签不符")
    _, back, _ = await receiving.receive(session, world.receiver.owner, Receive(manifest_id=manifest_id), at=_on(5))
    assert back is not None
    code = DigitalCode.parse(drum.digital_code)
    home = ScanAtGate(manifest_id=back.id, scan_id=new_id(), code=code)
    await gate.scan_at_gate(session, world.generator.owner, home, at=_on(6))
    return manifest_id, back.id


async def _home_again(session: WriteSession, world: World) -> tuple[UUID, UUID]:
    manifest_id, back_id = await _sent_back(session, world)
    await receiving.receive(session, world.generator.owner, Receive(manifest_id=back_id), at=_on(7))
    return manifest_id, back_id


async def _rejected(session: WriteSession, world: World) -> UUID:
    return (await _home_again(session, world))[0]


async def _returning(session: WriteSession, world: World) -> UUID:
    return (await _sent_back(session, world))[1]


async def _returned(session: WriteSession, world: World) -> UUID:
    return (await _home_again(session, world))[1]


async def _closed(session: WriteSession, world: World) -> UUID:
    manifest_id = await _received(session, world)
    await receiving.confirm(session, world.receiver.owner, SignAct(manifest_id=manifest_id), at=_on(6))
    return manifest_id


async def _cancelled(session: WriteSession, world: World) -> UUID:
    manifest_id = await _filed(session, world)
    act = SignAct(manifest_id=manifest_id, reason="车辆故障")
    await filing.cancel_manifest(session, world.generator.owner, act, at=_on(1))
    return manifest_id


async def _void(session: WriteSession, world: World) -> UUID:
    manifest_id = await _filed(session, world)
    act = SignAct(manifest_id=manifest_id, reason="编号填错")
    await filing.void_manifest(session, world.generator.owner, act, at=_on(1))
    return manifest_id


async def _period_draft(session: WriteSession, world: World) -> UUID:
    return await drafted(session, world, at=AT)


async def _running(session: WriteSession, world: World) -> UUID:
    pipe = await a_pipe(session, world)
    for day in range(1, 32):
        await pipe.both(date(2026, 3, day), "0.5", "0.49", at=LATER - timedelta(hours=2))
    return pipe.id


async def _running_unused(session: WriteSession, world: World) -> UUID:
    return (await a_pipe(session, world)).id


async def _period_received(session: WriteSession, world: World) -> UUID:
    manifest_id = await _running(session, world)
    act = SignAct(manifest_id=manifest_id)
    await running.sum_up(session, world.generator.owner, act, at=LATER - timedelta(hours=1))
    return manifest_id


async def _period_closed(session: WriteSession, world: World) -> UUID:
    manifest_id = await _period_received(session, world)
    await receiving.confirm(session, world.receiver.owner, SignAct(manifest_id=manifest_id), at=LATER)
    return manifest_id


SITUATIONS: dict[str, tuple[ManifestKind, ManifestState, Builder]] = {
    "draft": (ManifestKind.ROAD, ManifestState.DRAFT, _draft),
    "filed": (ManifestKind.ROAD, ManifestState.FILED, _filed),
    "picked up": (ManifestKind.ROAD, ManifestState.PICKED_UP, _picked_up),
    "in transit": (ManifestKind.ROAD, ManifestState.IN_TRANSIT, _in_transit),
    "arrived, all scanned": (ManifestKind.ROAD, ManifestState.ARRIVED, _arrived),
    "arrived, some rejected": (ManifestKind.ROAD, ManifestState.ARRIVED, _half_missing),
    "arrived, all rejected": (ManifestKind.ROAD, ManifestState.ARRIVED, _rejected_at_the_gate),
    "received": (ManifestKind.ROAD, ManifestState.RECEIVED, _received),
    "partly received": (ManifestKind.ROAD, ManifestState.PARTLY_RECEIVED, _partly),
    "rejected": (ManifestKind.ROAD, ManifestState.REJECTED, _rejected),
    "closed": (ManifestKind.ROAD, ManifestState.CLOSED, _closed),
    "cancelled": (ManifestKind.ROAD, ManifestState.CANCELLED, _cancelled),
    "void": (ManifestKind.ROAD, ManifestState.VOID, _void),
    "returning": (ManifestKind.RETURN, ManifestState.RETURNING, _returning),
    "returned": (ManifestKind.RETURN, ManifestState.RETURNED, _returned),
    "period drafted": (ManifestKind.CONTINUOUS, ManifestState.DRAFT, _period_draft),
    "period running": (ManifestKind.CONTINUOUS, ManifestState.RUNNING, _running),
    "period running, nothing moved": (ManifestKind.CONTINUOUS, ManifestState.RUNNING, _running_unused),
    "period summed up": (ManifestKind.CONTINUOUS, ManifestState.RECEIVED, _period_received),
    "period closed": (ManifestKind.CONTINUOUS, ManifestState.CLOSED, _period_closed),
}
