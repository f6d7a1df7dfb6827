"""A container changes hands at a gate: the hot half of a scan, on the bare driver (db/hot.py)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import col

from wastetrack.containers.model import ContainerState, Weighing
from wastetrack.containers.tables import ContainerRow
from wastetrack.db.hot import Hot
from wastetrack.db.session import WriteSession

_LOCK = Hot(
    select(col(ContainerRow.id), col(ContainerRow.waste_code), col(ContainerRow.tare_g), col(ContainerRow.volume_l))
    .where(col(ContainerRow.digital_code) == bindparam("digital_code"))
    .with_for_update()
)
_TAKE_IN = """
update containers set state = $2, site_id = $3, store_id = $4, manifest_id = null, gross_g = $5, tare_g = $6,
  net_g = $7, method = $8, scale_id = $9, uncertainty_g = $10
where id = $1
"""


@dataclass(frozen=True, slots=True)
class AtGate:
    """What the gate needs to know of a container."""

    id: UUID
    waste_code: str
    tare_g: int
    volume_l: int


async def locked_at_gate(session: WriteSession, digital_code: str) -> AtGate | None:
    """The container that bears a code, locked, whoever it belongs to: it stands at the gate and speaks for itself."""
    row = await _LOCK.row(session, digital_code=digital_code)
    return None if row is None else AtGate(*row)


async def take_in(
    session: WriteSession, container_id: UUID, *, site_id: UUID, store_id: UUID | None, weighing: Weighing
) -> None:
    """Off the road, to a site, with the mass found there. The container is locked already."""
    measured = weighing.measurement()
    await (await session.driver()).execute(
        _TAKE_IN,
        container_id,
        ContainerState.AT_SITE.value,
        site_id,
        store_id,
        weighing.gross.grams,
        weighing.tare.grams,
        weighing.net.grams,
        measured.method.value,
        measured.scale_id,
        measured.uncertainty_g,
    )
