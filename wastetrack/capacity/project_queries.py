"""Reading planned projects and outages."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import demand_authority
from wastetrack.capacity.forecast import RegionForecast
from wastetrack.capacity.outages import Outage, OutageCause
from wastetrack.capacity.project_tables import CapacityForecastRow, PlantOutageRow
from wastetrack.capacity.projects import PlannedProject, ProjectItem, ProjectKind, ProjectState
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound
from wastetrack.mass import Mass

_PROJECTS = """
select project.*, authority.name as authority,
  coalesce((select json_agg(json_build_object('pattern', item.pattern, 'methods', item.methods, 'yearly_g',
    item.yearly_g) order by item.position) from planned_project_items item where item.project_id = project.id), '[]')
    ::text as items
from planned_projects project join organisations authority on authority.id = project.organisation_id
where ($1::uuid is null or project.id = $1) and project.region_code like $2 || '%'
  and ($3::text is null or project.state = $3)
order by project.starts_on, project.name, project.id limit $4
"""
MOST = 1_000
"""Projects of one register, shown together."""


async def projects(
    session: ReadSession, actor: Actor, *, region: str, state: ProjectState | None = None
) -> list[PlannedProject]:
    """The projects of a region, whichever authority keeps them; the earliest first. One statement."""
    demand_authority(actor)
    driver = await session.driver()
    return [_project(row) for row in await driver.fetch(_PROJECTS, None, region, state and state.value, MOST)]


async def project(session: ReadSession, project_id: UUID) -> PlannedProject:
    """One of them. Raises NotFound."""
    rows = await (await session.driver()).fetch(_PROJECTS, project_id, "", None, 1)
    if not rows:
        raise NotFound("project_unknown", "There is no such project.", project_id=project_id)
    return _project(rows[0])


def awaited(found: Sequence[PlannedProject], year: int) -> list[tuple[PlannedProject, int]]:
    """Those that a scenario of a year may count on, each with the month of it from which on, from 0."""
    months = ((one, one.first_month(year)) for one in found)
    return [(one, month) for one, month in months if month is not None]


def _project(row: Mapping[str, Any]) -> PlannedProject:
    return PlannedProject(
        id=row["id"],
        organisation_id=row["organisation_id"],
        authority=row["authority"],
        kind=ProjectKind(row["kind"]),
        state=ProjectState(row["state"]),
        name=row["name"],
        builder=row["builder"],
        region_code=row["region_code"],
        longitude=row["longitude"],
        latitude=row["latitude"],
        starts_on=row["starts_on"],
        document=row["document"],
        remarks=row["remarks"],
        version=row["version"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        items=tuple(
            ProjectItem(pattern=item["pattern"], methods=tuple(item["methods"]), yearly=Mass(item["yearly_g"]))
            for item in orjson.loads(row["items"])
        ),
    )


async def newest_forecast(session: ReadSession, actor: Actor, region: str) -> tuple[RegionForecast, datetime] | None:
    """The newest forecast that the actor's authority had made of a region, and when; None where there is none."""
    demand_authority(actor)
    wanted = (
        sa.select(col(CapacityForecastRow.content), col(CapacityForecastRow.created_at))
        .where(
            col(CapacityForecastRow.organisation_id) == actor.organisation_id, col(CapacityForecastRow.region) == region
        )
        .order_by(col(CapacityForecastRow.created_at).desc(), col(CapacityForecastRow.id).desc())
        .limit(1)
    )
    row = (await session.execute(wanted)).one_or_none()
    return None if row is None else (RegionForecast.model_validate(row[0]), row[1])


async def outages(session: ReadSession, site_ids: Sequence[UUID], *, since: date | None = None) -> list[Outage]:
    """Of these sites, the newest first; those that ended before `since` are left out."""
    statement = (
        sa.select(PlantOutageRow)
        .where(col(PlantOutageRow.site_id).in_(site_ids))
        .order_by(col(PlantOutageRow.from_on).desc(), col(PlantOutageRow.id))
        .limit(MOST)
    )
    if since is not None:
        statement = statement.where(sa.or_(col(PlantOutageRow.to_on).is_(None), col(PlantOutageRow.to_on) >= since))
    return [outage_of(row) for row in (await session.execute(statement)).scalars()]


def outage_of(row: PlantOutageRow) -> Outage:
    """A row as a value."""
    return Outage(
        id=row.id,
        organisation_id=row.organisation_id,
        site_id=row.site_id,
        cause=OutageCause(row.cause),
        percent=row.percent,
        from_on=row.from_on,
        to_on=row.to_on,
        remarks=row.remarks,
        created_at=row.created_at,
    )
