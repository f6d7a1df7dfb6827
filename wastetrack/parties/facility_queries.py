"""Reading the facilities of sites, as the actor may see them: the firm's own, or those of an authority's region."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound
from wastetrack.parties.facilities import Facility, FacilityKind
from wastetrack.parties.tables import FacilityRow

FACILITY: Final = "facility"


async def facilities_of(session: ReadSession, actor: Actor, *site_ids: UUID) -> tuple[Facility, ...]:
    """The facilities of some sites that the actor may see, closed ones too, by code, in one statement."""
    statement = (
        sa.select(FacilityRow)
        .where(col(FacilityRow.site_id).in_(site_ids), visible(actor, FACILITY, col(FacilityRow.id)))
        .order_by(col(FacilityRow.code))
    )
    return tuple(facility_of(row) for row in (await session.execute(statement)).scalars())


async def facility(session: ReadSession, actor: Actor, facility_id: UUID) -> Facility:
    """One facility. NotFound when there is none that the actor may see."""
    found = await facilities_by_id(session, actor, (facility_id,))
    if facility_id not in found:
        raise NotFound("facility_unknown", "There is no such facility.", facility_id=facility_id)
    return found[facility_id]


async def facilities_by_id(session: ReadSession, actor: Actor, facility_ids: Iterable[UUID]) -> dict[UUID, Facility]:
    """Several facilities in one statement; unknown ones, and those of others, are left out."""
    statement = sa.select(FacilityRow).where(
        col(FacilityRow.id).in_(tuple(facility_ids)), visible(actor, FACILITY, col(FacilityRow.id))
    )
    return {row.id: facility_of(row) for row in (await session.execute(statement)).scalars()}


async def is_seen(session: ReadSession, actor: Actor, facility_id: UUID) -> bool:
    """Whether the actor may see it."""
    return facility_id in await facilities_by_id(session, actor, (facility_id,))


def facility_of(row: FacilityRow) -> Facility:
    """A row as a value."""
    return Facility(
        id=row.id,
        site_id=row.site_id,
        kind=FacilityKind(row.kind),
        code=row.code,
        name=row.name,
        process_unit=row.process_unit,
        process=row.process,
        parameters=row.parameters,
        capacity=row.capacity,
        capacity_unit=row.capacity_unit,
        since=row.since,
        until=row.until,
    )
