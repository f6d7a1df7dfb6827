"""Who has not been visited for how long, and who hands nothing over: one statement for point, carrier and authority."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from wastetrack.auth.model import Actor
from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.db.session import ReadSession
from wastetrack.medical.model import InstitutionKind

_COVERED = text("""
select institution.id, institution.name, institution.kind, institution.region_code, institution.contact_name,
  institution.contact_phone, institution.site_id, institution.point_id, institution.created_at,
  institution.last_visit_at, institution.last_waste_at, point.interval_hours, place.name as point,
  firm.name as served_by, institution.organisation_id, institution.served_by_id,
  coalesce((select sum(visit.mass_g) from institution_visits visit
    where visit.institution_id = institution.id and visit.happened_at > :since), 0)::bigint as mass_g
from small_institutions institution
join collection_points point on point.id = institution.point_id
join sites place on place.id = point.site_id
join organisations firm on firm.id = institution.served_by_id
where institution.active and (institution.organisation_id = :organisation_id
  or institution.served_by_id = :organisation_id or institution.region_code like :watched)
  and (cast(:point_id as uuid) is null or institution.point_id = :point_id)
order by coalesce(institution.last_visit_at, institution.created_at), institution.id limit :most
""")
_MONTH = timedelta(days=30)
MOST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """A small institution, with its clock."""

    id: UUID
    name: str
    kind: InstitutionKind
    region_code: str
    contact_name: str
    contact_phone: str
    site_id: UUID
    point_id: UUID
    point: str
    organisation_id: UUID
    served_by_id: UUID
    served_by: str
    last_visit_at: datetime | None
    last_waste_at: datetime | None
    due_at: datetime
    """Until when it is to be visited again."""
    quiet: bool
    """Nothing was handed over for longer than is usual."""
    mass_g: int
    """In the last thirty days."""
    days: int | None
    """Whole days since the last visit; None: never."""

    def overdue(self, at: datetime) -> bool:
        """Whether the interval is over."""
        return self.due_at < at


async def coverage(session: ReadSession, actor: Actor, *, point_id: UUID | None = None, at: datetime) -> list[Covered]:
    """The institutions whose lists one may see, the longest unvisited first."""
    figures = jurisdiction()
    quiet_before = at - timedelta(days=figures.medical_quiet_days.value)
    found = []
    asked = {
        "organisation_id": actor.organisation_id,
        "watched": f"{actor.viewer.removeprefix('r:')}%" if actor.is_regulator else "-",
        "point_id": point_id,
        "since": at - _MONTH,
        "most": MOST,
    }
    for row in (await session.execute(_COVERED, asked)).mappings():
        since = row["last_visit_at"] or row["created_at"]
        hours = row["interval_hours"] or figures.medical_pick_up_hours.value
        found.append(
            Covered(
                **{name: row[name] for name in _SAME},
                kind=InstitutionKind(row["kind"]),
                due_at=since + timedelta(hours=hours),
                quiet=(row["last_waste_at"] or row["created_at"]) < quiet_before,
                days=None if row["last_visit_at"] is None else (at - row["last_visit_at"]).days,
            )
        )
    return sorted(found, key=lambda one: (one.due_at, one.name))


_SAME = (
    "id",
    "name",
    "region_code",
    "contact_name",
    "contact_phone",
    "site_id",
    "point_id",
    "point",
    "organisation_id",
    "served_by_id",
    "served_by",
    "last_visit_at",
    "last_waste_at",
    "mass_g",
)
