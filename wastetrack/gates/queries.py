"""What is read of devices, of who works on them and of the scans that they kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from wastetrack.auth.model import Actor, Role, viewer_of_organisation
from wastetrack.auth.queries import actor_of_membership
from wastetrack.auth.sight import look_as
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import NotFound
from wastetrack.gates.model import Device, ScanState, Worker
from wastetrack.gates.tables import GateDeviceRow, GateScanRow

_DEVICE = """
select id, name, site_id, organisation_id, enrolled_by, token_hash, ended_at from gate_devices
where token_hash = $1 and ended_at is null
"""
_WORKERS = """
select worker.membership_id, member.person_id, person.name, member.role, worker.public_key
from gate_workers worker join memberships member on member.id = worker.membership_id
join people person on person.id = member.person_id
where worker.device_id = $1 and worker.membership_id = any($2::uuid[])
"""
_ENROLLER = """
select member.person_id, person.name from memberships member join people person on person.id = member.person_id
where member.id = $1
"""
_DEVICES = """
select device.id, device.name, device.site_id, site.name as site, enroller.name as enrolled_by, device.enrolled_at,
  device.last_seen_at, device.ended_at, device.holds_key,
  array(select distinct person.name from gate_workers worker join memberships member on member.id = worker.membership_id
    join people person on person.id = member.person_id where worker.device_id = device.id order by 1) as people,
  (select count(*) from gate_scans scan where scan.device_id = device.id) as scans
from gate_devices device join sites site on site.id = device.site_id
join memberships by on by.id = device.enrolled_by join people enroller on enroller.id = by.person_id
where device.organisation_id = $1
order by device.ended_at is not null, device.enrolled_at desc, device.id
"""
_WAITING = """
select scan.id, scan.site_id, site.name as site, scan.manifest_id, manifest.number, manifest.state as manifest_state,
  scan.digital_code, scan.told, scan.outcome, scan.rules, scan.happened_at, scan.recorded_at, scan.state,
  (scan.said ->> 'happened_at')::timestamptz as device_time,
  scan.settlement, scan.settled_at, scan.note, device.name as device, person.name as person,
  (scan.said ->> 'gross_g')::bigint as gross_g
from gate_scans scan join sites site on site.id = scan.site_id join gate_devices device on device.id = scan.device_id
join memberships member on member.id = scan.membership_id join people person on person.id = member.person_id
left join manifests manifest on manifest.id = scan.manifest_id
where scan.organisation_id = $1 and scan.state = any($2::text[])
order by scan.happened_at desc, scan.id limit $3
"""
_ENDED_TOO = """
select id, name, site_id, organisation_id, enrolled_by, token_hash, ended_at from gate_devices
where id = any($1::uuid[]) and organisation_id = $2
"""
_SEEN = (
    "update gate_devices set last_seen_at = $2 where id = $1 and last_seen_at < $2::timestamptz - interval '1 minute'"
)
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class DeviceShown:
    """A device as its site's people see it."""

    id: UUID
    name: str
    site_id: UUID
    site: str
    enrolled_by: str
    enrolled_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    holds_key: bool
    people: tuple[str, ...]
    scans: int


async def device_of(session: WriteSession, token_hash: bytes, *, at: datetime) -> Device | None:
    """The device of a token, unless it was ended; that it was seen is noted."""
    driver = await session.driver()
    row = await driver.fetchrow(_DEVICE, token_hash)
    if row is None:
        return None
    await driver.execute(_SEEN, row["id"], at)
    return Device(**dict(row))


async def devices_by_id(session: ReadSession, actor: Actor, device_ids: Iterable[UUID]) -> dict[UUID, Device]:
    """Devices of the actor's organisation, those that were ended too: for scans that come in by a file."""
    rows = await (await session.driver()).fetch(_ENDED_TOO, sorted(set(device_ids)), actor.organisation_id)
    return {row["id"]: Device(**dict(row)) for row in rows}


async def device_row(session: ReadSession, actor: Actor, device_id: UUID, *, locked: bool = False) -> GateDeviceRow:
    """A device of the actor's organisation. Raises NotFound."""
    found = select(GateDeviceRow).where(
        col(GateDeviceRow.id) == device_id, col(GateDeviceRow.organisation_id) == actor.organisation_id
    )
    row = (await session.execute(found.with_for_update() if locked else found)).scalar_one_or_none()
    if row is None:
        raise NotFound("gate_device_unknown", "There is no such device.", device_id=device_id)
    return row


async def workers(session: ReadSession, device_id: UUID, memberships: Iterable[UUID]) -> list[Worker]:
    """Those of these people who work on a device, once for each of their keys."""
    rows = await (await session.driver()).fetch(_WORKERS, device_id, sorted(set(memberships)))
    return [
        Worker(row["membership_id"], row["person_id"], row["name"], Role(row["role"]), row["public_key"])
        for row in rows
    ]


async def reader_of(session: ReadSession, device: Device) -> Actor:
    """Through whose eyes a device reads what is expected: its firm's, in the name of who enrolled it."""
    row = await (await session.driver()).fetchrow(_ENROLLER, device.enrolled_by)
    assert row is not None  # noqa: S101  a device is enrolled by a member
    viewer = viewer_of_organisation(device.organisation_id)
    actor = Actor(row["person_id"], row["name"], device.organisation_id, device.enrolled_by, Role.GATE_OPERATOR, viewer)
    await look_as(session, actor)
    return actor


async def maker_of(session: WriteSession, device: Device, scan_id: UUID, *, at: datetime) -> tuple[Actor, UUID]:
    """Who made a scan of this device that was recorded, and at which manifest. Raises NotFound, Forbidden."""
    viewer = viewer_of_organisation(device.organisation_id)
    await session.look_as(viewer, device.organisation_id, UUID(int=0))
    row = await session.get(GateScanRow, scan_id)
    if row is None or row.device_id != device.id or row.manifest_id is None:
        raise NotFound("gate_scan_unknown", "There is no such scan.", scan_id=scan_id)
    actor = await actor_of_membership(session, row.membership_id, at=at)
    await look_as(session, actor)
    return actor, row.manifest_id


async def devices_of(session: ReadSession, actor: Actor) -> list[DeviceShown]:
    """The devices of the actor's organisation, those in use first."""
    rows = await (await session.driver()).fetch(_DEVICES, actor.organisation_id)
    return [DeviceShown(**{**dict(row), "people": tuple(row["people"])}) for row in rows]


async def scans_of(session: ReadSession, actor: Actor, states: Iterable[ScanState]) -> list[dict[str, Any]]:
    """Scans that devices of the actor's organisation had kept, the newest first, at most MOST_SHOWN."""
    wanted = [state.value for state in states]
    return [
        dict(row) for row in await (await session.driver()).fetch(_WAITING, actor.organisation_id, wanted, MOST_SHOWN)
    ]


async def scan_row(session: WriteSession, actor: Actor, scan_id: UUID) -> GateScanRow:
    """A kept scan of the actor's organisation, locked. Raises NotFound."""
    found = select(GateScanRow).where(
        col(GateScanRow.id) == scan_id, col(GateScanRow.organisation_id) == actor.organisation_id
    )
    row = (await session.execute(found.with_for_update())).scalar_one_or_none()
    if row is None:
        raise NotFound("gate_scan_unknown", "There is no such scan.", scan_id=scan_id)
    return row


async def count_waiting(session: ReadSession, actor: Actor, manifest_id: UUID | None = None) -> int:
    """How many scans wait for a decision, of one manifest or of all."""
    found = select(func.count()).where(
        col(GateScanRow.organisation_id) == actor.organisation_id,
        col(GateScanRow.state) == ScanState.TO_DECIDE.value,
    )
    if manifest_id is not None:
        found = found.where(col(GateScanRow.manifest_id) == manifest_id)
    return (await session.execute(found)).scalar_one()


async def waiting_of(session: ReadSession, actor: Actor, manifest_id: UUID) -> list[UUID]:
    """The scans at one manifest that wait for a decision, in the order in which they were made."""
    found = (
        select(col(GateScanRow.id))
        .where(
            col(GateScanRow.organisation_id) == actor.organisation_id,
            col(GateScanRow.manifest_id) == manifest_id,
            col(GateScanRow.state) == ScanState.TO_DECIDE.value,
        )
        .order_by(col(GateScanRow.happened_at), col(GateScanRow.id))
        .limit(MOST_SHOWN)
    )
    return list((await session.scalars(found)).all())
