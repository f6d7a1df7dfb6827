"""Containers change hands, at filing and at a gate: the hot half, on the bare driver (db/hot.py)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible_to
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.model import ContainerState, Weighing
from wastetrack.containers.queries import KIND, in_order
from wastetrack.containers.tables import ContainerRow
from wastetrack.db.hot import Hot
from wastetrack.db.session import WriteSession

# A function, because the gate does not see the container yet: it gives these columns of the one that is named.
_LOCK = """
select id, waste_code, tare_g, volume_l, hazards, form, compatibility, label_revision from container_at_gate($1)
"""
_TAKE_IN = """
update containers set state = $2, site_id = $3, store_id = $4, manifest_id = null, gross_g = $5, tare_g = $6,
  net_g = $7, method = $8, scale_id = $9, uncertainty_g = $10, stands_since = $11, basis = $12, basis_method = $13
where id = $1
"""


_LOADS = Hot(
    select(
        col(ContainerRow.id),
        col(ContainerRow.digital_code),
        col(ContainerRow.state),
        col(ContainerRow.site_id),
        col(ContainerRow.waste_code),
        col(ContainerRow.gross_g),
        col(ContainerRow.net_g),
        col(ContainerRow.uncertainty_g),
        col(ContainerRow.treatment_batch_id),
        col(ContainerRow.held_for),
    )
    .where(
        col(ContainerRow.id) == any_(bindparam("container_ids", type_=ARRAY(Uuid))),
        visible_to(bindparam("viewer"), KIND, col(ContainerRow.id)),
    )
    .order_by(col(ContainerRow.id))
    .with_for_update(of=ContainerRow)
)


@dataclass(frozen=True, slots=True)
class Load:
    """A container as a manifest declares it."""

    id: UUID
    digital_code: str
    state: str
    site_id: UUID | None
    waste_code: str
    gross_g: int
    net_g: int
    uncertainty_g: int | None
    treatment_batch_id: UUID | None
    held_for: UUID | None = None


async def locked_loads(session: WriteSession, actor: Actor, container_ids: Sequence[UUID]) -> list[Load]:
    """Containers to be declared, locked in id order, given in the order asked for. Raises ContainerUnknown."""
    rows = await _LOADS.rows(session, container_ids=list(container_ids), viewer=actor.viewer)
    return in_order([Load(*row) for row in rows], container_ids)


def declared(row: ContainerRow) -> Load:
    """A container as a manifest would declare it, for a manifest that is still being planned."""
    return Load(
        row.id,
        row.digital_code,
        row.state,
        row.site_id,
        row.waste_code,
        row.gross_g,
        row.net_g,
        row.uncertainty_g,
        row.treatment_batch_id,
        row.held_for,
    )


_HOLD = "update containers set held_for = $2 where id = any($1::uuid[])"


async def hold(session: WriteSession, container_ids: Sequence[UUID], manifest_id: UUID | None) -> None:
    """Let these containers wait for a manifest's truck, or for none any more. They are locked already, or their
    manifest is."""
    await (await session.driver()).execute(_HOLD, list(container_ids), manifest_id)


@dataclass(frozen=True, slots=True)
class AtGate:
    """What the gate needs to know of a container."""

    id: UUID
    waste_code: str
    tare_g: int
    volume_l: int
    hazards: list[str]
    form: str
    compatibility: str | None
    label_revision: int


async def locked_at_gate(session: WriteSession, digital_code: str) -> AtGate | None:
    """The container that bears a code, locked, whoever it belongs to: it stands at the gate and speaks for itself."""
    row = await (await session.driver()).fetchrow(_LOCK, digital_code)
    return None if row is None else AtGate(*row)


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Where a container comes to stand, since when, and on what ground it may be treated there; `method`: by that one
    alone."""

    site_id: UUID
    store_id: UUID | None
    since: datetime
    basis: TransferBasis = TransferBasis.PERMIT
    method: str | None = None


async def take_in(session: WriteSession, container_id: UUID, place: Standpoint, weighing: Weighing) -> None:
    """Off the road, to a site, with the mass found there. The container is locked already."""
    measured = weighing.measurement()
    await (await session.driver()).execute(
        _TAKE_IN,
        container_id,
        ContainerState.AT_SITE.value,
        place.site_id,
        place.store_id,
        weighing.gross.grams,
        weighing.tare.grams,
        weighing.net.grams,
        measured.method.value,
        measured.scale_id,
        measured.uncertainty_g,
        place.since,
        place.basis.value,
        place.method,
    )
