"""While a load is put on its vehicle, or taken over from another: labels are read, and what has none is accounted for.

What is seen is a fact with an event of its own, right or wrong; no mass moves by it. The signature that follows, of the
pick-up or of the hand-over, is an act of its own (transporting.py), for which `demand_loaded` is asked on the
telephone's page: programs that read no labels sign as before.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.containers import queries as containers
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Recorded, record
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Conflict, refuse
from wastetrack.manifests import queries
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.loading_model import (
    LoadCount,
    LoadingFound,
    MarkAtPickUp,
    ScanAtPickUp,
    count_load,
    why_not_loaded,
)
from wastetrack.manifests.loading_tables import LoadingScanRow
from wastetrack.manifests.model import ManifestState
from wastetrack.manifests.tables import LegRow, ManifestRow

EVENT = "scanned_at_pickup"
LoadingScan = LoadingScanRow
"""A row under the name by which other rooms know it."""
_LOADING = frozenset({ManifestState.FILED, ManifestState.PICKED_UP, ManifestState.IN_TRANSIT})
_LONGEST_REASON = 500


class Seen(NamedTuple):
    """What was seen last of a container at the vehicle."""

    found: LoadingFound
    happened_at: datetime
    reason: str


async def scan_at_pick_up(
    session: WriteSession, actor: Actor, command: ScanAtPickUp, *, at: datetime
) -> tuple[LoadingScanRow, Recorded | None]:
    """A label was read at the vehicle: one of this manifest, another one, or a void one. The same scan sent again is
    answered as before, without a second event.

    Raises ManifestUnknown, OutOfOrder once this carrier has nothing to take over, Forbidden, RuleBroken for a time that
    cannot be.
    """
    row, leg = await _to_be_loaded(session, actor, command.manifest_id)
    before = await _before(session, command.scan_id, row.id)
    if before is not None:
        return before, None
    container = await containers.bearing(session, str(command.code))
    listed = await queries.container_ids(session, row.id)
    if container is None or container.id not in listed:
        found, container_id = LoadingFound.NOT_ON_LIST, None
    elif command.code.revision not in {None, container.label_revision}:
        found, container_id = LoadingFound.VOID_LABEL, container.id
    else:
        found, container_id = LoadingFound.ON_LIST, container.id
    # The shipper may sign its look at the loading while labels are still read, or wait on a telephone without network.
    after = row.filed_at if row.picked_up_at is None else row.last_act_at
    moment = moment_of(command.happened_at, at, after=after)
    scan = LoadingScanRow(
        id=command.scan_id,
        manifest_id=row.id,
        container_id=container_id,
        label=str(command.code),
        found=found.value,
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        happened_at=moment.happened_at,
        recorded_at=at,
    )
    return scan, await _keep(session, actor, row, leg, scan)


async def mark_at_pick_up(
    session: WriteSession, actor: Actor, command: MarkAtPickUp, *, at: datetime
) -> tuple[LoadingScanRow, Recorded | None]:
    """Somebody says why the label of a container was not read: it is aboard and cannot be read, or it stays behind.

    Raises ManifestUnknown, OutOfOrder, Forbidden, RuleBroken without a reason or for a container of another manifest.
    """
    row, leg = await _to_be_loaded(session, actor, command.manifest_id)
    before = await _before(session, command.mark_id, row.id)
    if before is not None:
        return before, None
    broken: list[Broken] = []
    if command.container_id not in await queries.container_ids(session, row.id):
        broken.append(Broken("container_id", "not_on_list", "This container does not stand on this manifest."))
    if command.found not in {LoadingFound.UNREAD, LoadingFound.LEFT}:
        message = "Say whether it is aboard without a readable label, or stays behind."
        broken.append(Broken("found", "mark_unclear", message, command.found.value))
    if not command.reason.strip():
        broken.append(Broken("reason", "reason_missing", "Say why; the other side will read it."))
    elif len(command.reason) > _LONGEST_REASON:
        facts: dict[str, object] = {"limit": _LONGEST_REASON}
        broken.append(Broken("reason", "text_long", "At most {limit} characters.", len(command.reason), facts=facts))
    refuse(broken)
    mark = LoadingScanRow(
        id=command.mark_id,
        manifest_id=row.id,
        container_id=command.container_id,
        label="",
        found=command.found.value,
        reason=command.reason.strip(),
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        happened_at=at,
        recorded_at=at,
    )
    return mark, await _keep(session, actor, row, leg, mark)


async def seen_at_pick_up(session: ReadSession, carrier_id: UUID, manifest_id: UUID) -> dict[UUID, Seen]:
    """What this carrier has seen last of each container. Who may see the manifest is the caller's rule."""
    of = LoadingScanRow
    statement = (
        sa.select(of)
        .where(col(of.manifest_id) == manifest_id, col(of.organisation_id) == carrier_id)
        .where(col(of.found).in_([LoadingFound.ON_LIST.value, LoadingFound.UNREAD.value, LoadingFound.LEFT.value]))
        .order_by(col(of.recorded_at), col(of.id))
    )
    rows = (await session.scalars(statement)).all()
    return {
        row.container_id: Seen(LoadingFound(row.found), row.happened_at, row.reason)
        for row in rows
        if row.container_id is not None
    }


async def scan_of(session: ReadSession, manifest_id: UUID, scan_id: UUID) -> LoadingScanRow | None:
    """One scan of a manifest, to be told again. Who may see the manifest is the caller's rule."""
    row = await session.get(LoadingScanRow, scan_id)
    return row if row is not None and row.manifest_id == manifest_id else None


async def count_of(session: ReadSession, actor: Actor, manifest_id: UUID) -> LoadCount:
    """How far the load is counted by the actor's firm."""
    seen = await seen_at_pick_up(session, actor.organisation_id, manifest_id)
    listed = await queries.container_ids(session, manifest_id)
    return count_load(listed, {container_id: one.found for container_id, one in seen.items()})


async def demand_loaded(session: ReadSession, actor: Actor, manifest_id: UUID, *, may_leave: bool = False) -> LoadCount:
    """Refuse unless everything on the manifest is on the vehicle; `may_leave`: unless all of it is accounted for (the
    next carrier takes over what there is, and signs what was missing)."""
    count = await count_of(session, actor, manifest_id)
    broken = why_not_loaded(count)
    refuse([one for one in broken if not (may_leave and one.code == "load_left_behind")])
    return count


async def _to_be_loaded(session: WriteSession, actor: Actor, manifest_id: UUID) -> tuple[ManifestRow, LegRow]:
    row = await queries.locked(session, actor, manifest_id)
    legs = await queries.legs(session, row.id)
    waiting = next((leg for leg in legs if leg.taken_over_at is None), None)
    if waiting is None or ManifestState(row.state) not in _LOADING:
        message = "Manifest {number} is {state}: labels are read before the load is taken over."
        raise OutOfOrder("nothing_to_load", message, number=row.number or "—", state=ManifestState(row.state))
    demand_own(actor, Verb.CARRY, waiting.carrier_id)
    return row, waiting


async def _before(session: WriteSession, scan_id: UUID, manifest_id: UUID) -> LoadingScanRow | None:
    row = await session.get(LoadingScanRow, scan_id)
    if row is not None and row.manifest_id != manifest_id:
        raise Conflict("scan_id_taken", "A scan of this name was made at another manifest.", scan_id=scan_id)
    return row


async def _keep(session: WriteSession, actor: Actor, row: ManifestRow, leg: LegRow, scan: LoadingScanRow) -> Recorded:
    session.add(scan)
    await session.flush()
    facts = {
        "manifest": str(row.id),
        "number": row.number,
        "leg": leg.position,
        "vehicle": str(leg.vehicle_id),
        "found": scan.found,
        "label": scan.label or None,
        "container": None if scan.container_id is None else str(scan.container_id),
        "reason": scan.reason,
    }
    subjects = (row.id,) if scan.container_id is None else (row.id, scan.container_id)
    moment = moment_of(scan.happened_at, scan.recorded_at)
    return await record(session, actor, EVENT, subjects=subjects, moment=moment, facts=facts, event_id=scan.id)
