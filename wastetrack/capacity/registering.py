"""Enter a planned project, and keep it up to date: the authority's verbs. A project is changed by who entered it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand, demand_own
from wastetrack.capacity.project_queries import project
from wastetrack.capacity.project_tables import PlannedProjectItemRow, PlannedProjectRow
from wastetrack.capacity.projects import ChangeProject, DescribeProject, PlannedProject
from wastetrack.catalogues import treatments
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers.moments import moment_of
from wastetrack.containers.recording import record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, Forbidden, NotFound, refuse
from wastetrack.ids import new_id
from wastetrack.parties.permitting import why_not_listed


async def register_project(
    session: WriteSession, actor: Actor, command: DescribeProject, *, at: datetime
) -> PlannedProject:
    """Enter it. Raises Forbidden, RuleBroken; Conflict when the authority has one of this name."""
    demand(actor, Verb.ASSESS_CAPACITY)
    await _check(session, actor, command, on=legal_day(at))
    await _demand_name(session, actor, command.name.strip(), other_than=None)
    row = PlannedProjectRow(
        id=new_id(),
        organisation_id=actor.organisation_id,
        version=1,
        person_id=actor.person_id,
        created_at=at,
        changed_at=at,
        **_told(command),
    )
    session.add(row)
    await session.flush()
    await _write_items(session, row.id, command)
    return await _recorded(session, actor, "project_registered", row.id, at=at)


async def change_project(
    session: WriteSession, actor: Actor, command: ChangeProject, *, at: datetime
) -> PlannedProject:
    """Say anew what it is. Raises NotFound, Forbidden, RuleBroken; Conflict when it was changed meanwhile."""
    demand(actor, Verb.ASSESS_CAPACITY)
    statement = (
        sa.select(PlannedProjectRow)
        .where(col(PlannedProjectRow.id) == command.project_id)
        # Two officers at once: the second sees the version of the first.
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("project_unknown", "There is no such project.", project_id=command.project_id)
    demand_own(actor, Verb.ASSESS_CAPACITY, row.organisation_id)
    if row.version != command.version:
        raise Conflict(
            "project_changed_meanwhile",
            "The project {name} was changed meanwhile. Look at it again before you change it.",
            name=row.name,
        )
    await _check(session, actor, command.told, on=legal_day(at))
    await _demand_name(session, actor, command.told.name.strip(), other_than=row.id)
    for name, value in _told(command.told).items():
        setattr(row, name, value)
    row.version += 1
    row.changed_at = at
    row.person_id = actor.person_id
    await session.flush()
    await session.execute(sa.delete(PlannedProjectItemRow).where(col(PlannedProjectItemRow.project_id) == row.id))
    await _write_items(session, row.id, command.told)
    return await _recorded(session, actor, "project_changed", row.id, at=at)


async def _recorded(
    session: WriteSession, actor: Actor, kind: str, project_id: UUID, *, at: datetime
) -> PlannedProject:
    """The project as it stands from now on; so it stands in the log, for scenarios and notices count on it."""
    found = await project(session, project_id)
    facts = {
        "project": str(found.id),
        "version": found.version,
        "kind": found.kind.value,
        "state": found.state.value,
        "region": found.region_code,
        "starts_on": found.starts_on.isoformat(),
        "items": [
            {"pattern": one.pattern, "methods": list(one.methods), "yearly_g": one.yearly.grams} for one in found.items
        ],
        # Names of firms and documents, and remarks, are free text, which may name somebody.
        "reason": " · ".join(text for text in (found.name, found.builder, found.document, found.remarks) if text),
    }
    await record(session, actor, kind, subjects=(found.id,), moment=moment_of(None, at), facts=facts)
    return found


async def _check(session: WriteSession, actor: Actor, command: DescribeProject, *, on: date) -> None:
    lists = await snapshot(session)
    # By the lists of today: those of the day on which it will start are not published yet.
    refuse((*command.broken(), *lists.why_not_region(command.region_code), *why_not_listed(command.items, on, lists)))
    own = actor.viewer.removeprefix("r:")
    if not command.region_code.startswith(own):
        raise Forbidden(
            "project_outside_jurisdiction",
            "Region {region} lies outside your jurisdiction {jurisdiction}. Ask the authority of that region.",
            region=command.region_code,
            jurisdiction=own,
        )


async def _demand_name(session: WriteSession, actor: Actor, name: str, *, other_than: UUID | None) -> None:
    there = sa.select(col(PlannedProjectRow.id)).where(
        col(PlannedProjectRow.organisation_id) == actor.organisation_id, col(PlannedProjectRow.name) == name
    )
    found = (await session.execute(there)).scalar_one_or_none()
    if found is not None and found != other_than:
        raise Conflict(
            "project_name_taken", "The register has a project of the name {name} already. Change that one.", name=name
        )


def _told(command: DescribeProject) -> dict[str, Any]:
    return {
        "kind": command.kind.value,
        "state": command.state.value,
        "name": command.name.strip(),
        "builder": command.builder.strip(),
        "region_code": command.region_code,
        "longitude": round(command.longitude, 6),
        "latitude": round(command.latitude, 6),
        "starts_on": command.starts_on,
        "document": command.document.strip(),
        "remarks": command.remarks.strip(),
    }


async def _write_items(session: WriteSession, project_id: UUID, command: DescribeProject) -> None:
    rows = [
        {
            "project_id": project_id,
            "position": position,
            "pattern": item.normal_pattern(),
            "methods": sorted(treatments.parse(method) for method in item.methods),
            "yearly_g": item.yearly,
        }
        for position, item in enumerate(command.items, 1)
    ]
    if rows:
        await session.execute(sa.insert(PlannedProjectItemRow), rows)
