"""The collection points that one runs, serves or watches."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession

_POINTS = text("""
select point.id, point.site_id, site.name, point.interval_hours, firm.name as served_by,
  point.organisation_id = :organisation_id as own
from collection_points point join sites site on site.id = point.site_id
join organisations firm on firm.id = point.served_by_id
where point.organisation_id = :organisation_id or point.served_by_id = :organisation_id
  or point.region_code like :watched
order by site.name
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class PointNow:
    """A collection point."""

    id: UUID
    site_id: UUID
    name: str
    interval_hours: int | None
    served_by: str
    own: bool


async def points(session: ReadSession, actor: Actor) -> list[PointNow]:
    """Them, by the name of their place."""
    watched = f"{actor.viewer.removeprefix('r:')}%" if actor.is_regulator else "-"
    found = await session.execute(_POINTS, {"organisation_id": actor.organisation_id, "watched": watched})
    return [PointNow(**row) for row in found.mappings()]
