"""Reading scales: which a site has, and what each said last."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound
from wastetrack.mass import Mass
from wastetrack.scales.model import Reading, ScaleKind, uncertainty_of, verification
from wastetrack.scales.tables import ReadingRow, ReadingUseRow, ScaleRow

Scale = ScaleRow
"""Rows under the names by which other rooms know them."""


async def scales(
    session: ReadSession, actor: Actor, *, site_id: UUID | None = None, ended: bool = False
) -> list[ScaleRow]:
    """The scales of one's own organisation, by site and name; with `ended` also those that are gone."""
    statement = sa.select(ScaleRow).where(col(ScaleRow.organisation_id) == actor.organisation_id)
    if site_id is not None:
        statement = statement.where(col(ScaleRow.site_id) == site_id)
    if not ended:
        statement = statement.where(col(ScaleRow.ended_at).is_(None))
    order = (col(ScaleRow.ended_at).is_not(None), col(ScaleRow.site_id), col(ScaleRow.name), col(ScaleRow.serial))
    return list((await session.execute(statement.order_by(*order))).scalars())


async def scale(session: ReadSession, actor: Actor, scale_id: UUID) -> ScaleRow:
    """A scale of one's own organisation. Raises NotFound."""
    row = await session.get(ScaleRow, scale_id)
    if row is None or row.organisation_id != actor.organisation_id:
        raise NotFound("scale_gone", "There is no such scale.", scale_id=scale_id)
    return row


async def newest(
    session: ReadSession, scale_ids: Sequence[UUID], *, since: datetime, stable: bool = False
) -> dict[UUID, Reading]:
    """What each of these scales said last after that instant; with `stable` only what had come to rest."""
    if not scale_ids:
        return {}
    statement = (
        sa.select(ReadingRow, ScaleRow, ReadingUseRow)
        .join(ScaleRow, col(ScaleRow.id) == col(ReadingRow.scale_id))
        .outerjoin(ReadingUseRow, col(ReadingUseRow.reading_id) == col(ReadingRow.id))
        .where(col(ReadingRow.scale_id).in_(scale_ids), col(ReadingRow.weighed_at) >= since)
        .ext(distinct_on(col(ReadingRow.scale_id)))
        .order_by(col(ReadingRow.scale_id), col(ReadingRow.weighed_at).desc(), col(ReadingRow.id).desc())
    )
    if stable:
        statement = statement.where(col(ReadingRow.stable))
    found = (await session.execute(statement)).all()
    return {scale.id: reading_of(row, scale, use) for row, scale, use in found}


async def newest_unused(
    session: ReadSession, site_id: UUID, ward_id: UUID | None, *, since: datetime
) -> Reading | None:
    """The last stable reading that is nobody's mass yet: of the ward's scale, or else of one that is of no ward."""
    statement = (
        sa.select(ReadingRow, ScaleRow)
        .join(ScaleRow, col(ScaleRow.id) == col(ReadingRow.scale_id))
        .outerjoin(ReadingUseRow, col(ReadingUseRow.reading_id) == col(ReadingRow.id))
        .where(col(ReadingUseRow.reading_id).is_(None), col(ReadingRow.weighed_at) >= since)
        .where(col(ReadingRow.stable), col(ReadingRow.gross_g) > 0, col(ScaleRow.ended_at).is_(None))
        .where(
            col(ScaleRow.site_id) == site_id,
            sa.or_(col(ScaleRow.ward_id) == ward_id, col(ScaleRow.ward_id).is_(None)),
        )
        .order_by(col(ScaleRow.ward_id).is_(None), col(ReadingRow.weighed_at).desc(), col(ReadingRow.id).desc())
        .limit(1)
    )
    found = (await session.execute(statement)).first()
    return None if found is None else reading_of(found[0], found[1], None)


async def reading(session: ReadSession, reading_id: UUID) -> Reading:
    """One reading, of one's own organisation. Raises NotFound."""
    statement = (
        sa.select(ReadingRow, ScaleRow, ReadingUseRow)
        .join(ScaleRow, col(ScaleRow.id) == col(ReadingRow.scale_id))
        .outerjoin(ReadingUseRow, col(ReadingUseRow.reading_id) == col(ReadingRow.id))
        .where(col(ReadingRow.id) == reading_id)
    )
    found = (await session.execute(statement)).first()
    if found is None:
        raise NotFound("reading_unknown", "There is no such reading.", reading_id=reading_id)
    return reading_of(*found)


def reading_of(row: ReadingRow, scale: ScaleRow, use: ReadingUseRow | None) -> Reading:
    """Rows as the value that rules know."""
    uncertainty = uncertainty_of(scale.uncertainty_g, scale.division_g)
    return Reading(
        id=row.id,
        scale_id=scale.id,
        site_id=scale.site_id,
        ward_id=scale.ward_id,
        gross=Mass(row.gross_g),
        stable=row.stable,
        weighed_at=row.weighed_at,
        scale_name=scale.name,
        scale_serial=scale.serial,
        kind=ScaleKind(scale.kind),
        uncertainty=None if uncertainty is None else Mass(uncertainty),
        verification=verification(scale.verified_on, scale.verified_until, legal_day(row.weighed_at)),
        used_for=None if use is None else use.container_id,
    )
