"""A plant says that it stands still, wholly or in part, and that it runs again."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand, demand_own
from wastetrack.capacity.outages import Outage, ReportOutage
from wastetrack.capacity.project_queries import outage_of
from wastetrack.capacity.project_tables import PlantOutageRow
from wastetrack.containers.moments import moment_of
from wastetrack.containers.recording import record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, NotFound, refuse
from wastetrack.ids import new_id
from wastetrack.parties import queries as parties
from wastetrack.parties.model import SiteKind


async def report_outage(session: WriteSession, actor: Actor, command: ReportOutage, *, at: datetime) -> Outage:
    """Say from when to when, and why. Raises NotFound, Forbidden, RuleBroken."""
    site = await parties.site(session, command.site_id)
    demand_own(actor, Verb.TREAT, site.organisation_id)
    found = list(command.broken())
    if site.kind is not SiteKind.TREATMENT:
        found.append(
            Broken(
                "site_id",
                "outage_not_of_a_plant",
                "At {value} no waste is used or disposed of.",
                site.name,
                next_step="Choose a site where waste is used or disposed of.",
            )
        )
    refuse(found)
    row = PlantOutageRow(
        id=new_id(),
        organisation_id=site.organisation_id,
        site_id=site.id,
        cause=command.cause.value,
        percent=command.percent,
        from_on=command.from_on,
        to_on=command.to_on,
        remarks=command.remarks.strip(),
        person_id=actor.person_id,
        created_at=at,
    )
    session.add(row)
    await session.flush()
    await _record(session, actor, "outage_reported", row, at=at)
    return outage_of(row)


async def end_outage(session: WriteSession, actor: Actor, outage_id: UUID, *, last_on: date, at: datetime) -> Outage:
    """It runs again; `last_on` is the last day on which it stood still. Raises NotFound, Forbidden, Conflict."""
    demand(actor, Verb.TREAT)
    statement = sa.select(PlantOutageRow).where(col(PlantOutageRow.id) == outage_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("outage_unknown", "There is no such outage.", outage_id=outage_id)
    demand_own(actor, Verb.TREAT, row.organisation_id)
    if row.ended_at is not None or (row.to_on is not None and row.to_on < last_on):
        raise Conflict("outage_ended", "This outage has ended already.")
    if last_on < row.from_on:
        refuse(
            (
                Broken(
                    "last_on",
                    "outage_ends_before_it_begins",
                    "The outage began on {from_on}; its last day cannot be {value}.",
                    last_on.isoformat(),
                    next_step="Choose the first day of the outage or a later one.",
                    facts={"from_on": row.from_on.isoformat()},
                ),
            )
        )
    row.to_on = last_on
    row.ended_at = at
    await session.flush()
    await _record(session, actor, "outage_ended", row, at=at)
    return outage_of(row)


async def _record(session: WriteSession, actor: Actor, kind: str, row: PlantOutageRow, *, at: datetime) -> None:
    """What an evaluation and a matching will count, as it stands from now on, and why."""
    facts = {
        "outage": str(row.id),
        "site": str(row.site_id),
        "cause": row.cause,
        "percent": row.percent,
        "from": row.from_on.isoformat(),
        "to": row.to_on and row.to_on.isoformat(),
        "reason": row.remarks,
    }
    await record(session, actor, kind, subjects=(row.id, row.site_id), moment=moment_of(None, at), facts=facts)
