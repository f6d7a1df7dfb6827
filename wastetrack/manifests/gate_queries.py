"""What a scan at the gate reads and writes of the manifest: the hot half, on the bare driver (db/hot.py)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible_to
from wastetrack.db.hot import Hot
from wastetrack.db.session import WriteSession
from wastetrack.ledger.model import Measurement
from wastetrack.manifests.errors import ManifestUnknown
from wastetrack.manifests.journey_tables import MismatchRow
from wastetrack.manifests.model import ManifestKind, ManifestState, Outcome, TransferBasis
from wastetrack.manifests.queries import KIND
from wastetrack.manifests.tables import LineRow, ManifestRow
from wastetrack.mass import Mass

_MANIFEST = Hot(
    select(
        col(ManifestRow.id),
        col(ManifestRow.number),
        col(ManifestRow.kind),
        col(ManifestRow.state),
        col(ManifestRow.receiver_id),
        col(ManifestRow.receiver_site_id),
        col(ManifestRow.destination_region),
        col(ManifestRow.method),
        col(ManifestRow.basis),
        func.coalesce(col(ManifestRow.arrived_at), col(ManifestRow.picked_up_at)),
    )
    .where(
        col(ManifestRow.id) == bindparam("manifest_id", type_=sa.Uuid),
        visible_to(bindparam("viewer"), KIND, col(ManifestRow.id)),
    )
    .with_for_update(of=ManifestRow)
)
_OTHERS = aliased(LineRow)
_LINE = Hot(
    select(
        col(LineRow.position),
        col(LineRow.container_id),
        col(LineRow.waste_code),
        col(LineRow.declared_g) - col(LineRow.spilled_g),
        col(LineRow.declared_uncertainty_g),
        col(LineRow.outcome),
        col(LineRow.measured_g),
        select(func.count())
        .where(col(_OTHERS.manifest_id) == col(LineRow.manifest_id), col(_OTHERS.outcome).is_(None))
        .scalar_subquery(),
        select(func.count())
        .where(
            col(MismatchRow.manifest_id) == col(LineRow.manifest_id),
            col(MismatchRow.state) == sa.literal_column("'reported'"),
            sa.or_(col(MismatchRow.container_id).is_(None), col(MismatchRow.container_id) == col(LineRow.container_id)),
        )
        .scalar_subquery(),
    ).where(
        col(LineRow.manifest_id) == bindparam("manifest_id", type_=sa.Uuid),
        col(LineRow.container_id) == bindparam("container_id", type_=sa.Uuid),
    )
)
_LEFT = Hot(
    select(func.count()).where(
        col(LineRow.manifest_id) == bindparam("manifest_id", type_=sa.Uuid), col(LineRow.outcome).is_(None)
    )
)
_DECIDE = """
update manifest_containers set outcome = $3, reason = $4, scanned_at = $5, open = open and $6, measured_g = $7,
  measured_method = $8, measured_uncertainty_g = $9, entry_id = $10
where manifest_id = $1 and position = $2
"""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The manifest as a scan needs it."""

    id: UUID
    number: str | None
    kind: ManifestKind
    state: ManifestState
    receiver_id: UUID
    receiver_site_id: UUID
    destination_region: str
    method: str
    basis: TransferBasis
    since: datetime | None
    """When it came to the gate, or set out on its way home."""


@dataclass(frozen=True, slots=True)
class ScanLine:
    """A container's line as a scan needs it."""

    position: int
    container_id: UUID
    waste_code: str
    declared: Mass
    """What is still in it: a container that leaked on the way is compared with the rest."""
    declared_uncertainty: Mass | None
    outcome: Outcome | None
    measured: Mass | None
    undecided: int
    """How many lines of the manifest nobody has decided on, this one included."""
    mismatches: int
    """How many mismatches of it, or of the load as a whole, wait for a decision."""


async def arrived(session: WriteSession, actor: Actor, manifest_id: UUID) -> Arrived:
    """The manifest, locked: the scans of one truck queue up. Raises ManifestUnknown."""
    row = await _MANIFEST.row(session, manifest_id=manifest_id, viewer=actor.viewer)
    if row is None:
        raise ManifestUnknown("manifest_unknown", "There is no such manifest.", manifest_id=manifest_id)
    found, number, kind, state, receiver_id, receiver_site_id, region, method, basis, since = row
    return Arrived(
        found,
        number,
        ManifestKind(kind),
        ManifestState(state),
        receiver_id,
        receiver_site_id,
        region,
        method,
        TransferBasis(basis),
        since,
    )


async def line_of(session: WriteSession, manifest_id: UUID, container_id: UUID) -> ScanLine | None:
    """The container's line on the manifest, or None."""
    row = await _LINE.row(session, manifest_id=manifest_id, container_id=container_id)
    if row is None:
        return None
    position, container, code, declared, uncertainty, outcome, measured, undecided_lines, mismatches = row
    return ScanLine(
        position,
        container,
        code,
        Mass(declared),
        None if uncertainty is None else Mass(uncertainty),
        None if outcome is None else Outcome(outcome),
        None if measured is None else Mass(measured),
        int(undecided_lines),
        int(mismatches),
    )


async def undecided(session: WriteSession, manifest_id: UUID) -> int:
    """How many containers of the manifest nobody has decided on yet."""
    row = await _LEFT.row(session, manifest_id=manifest_id)
    return 0 if row is None else int(row[0])


async def decide(
    session: WriteSession,
    manifest_id: UUID,
    line: ScanLine,
    outcome: Outcome,
    *,
    reason: str,
    scanned_at: datetime,
    measured: Mass | None = None,
    measurement: Measurement | None = None,
    entry_id: UUID | None = None,
) -> None:
    """Write what the gate decided on a line; what was taken in is free for another manifest."""
    await (await session.driver()).execute(
        _DECIDE,
        manifest_id,
        line.position,
        outcome.value,
        reason,
        scanned_at,
        measured is None,
        measured.grams if measured else None,
        measurement.method.value if measurement else None,
        measurement.uncertainty_g if measurement else None,
        entry_id,
    )
