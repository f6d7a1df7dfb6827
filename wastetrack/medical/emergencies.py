"""Emergency mode of medical waste: on by an authority's order, for a region and a time; the forms stay the same."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor, viewers_of_region
from wastetrack.auth.policy import Verb, demand
from wastetrack.auth.sight import show
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers.moments import moment_of
from wastetrack.containers.recording import Recorded, record
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Conflict, Forbidden, NotFound, refuse
from wastetrack.ids import new_id
from wastetrack.medical.model import DeclareEmergency
from wastetrack.medical.region_tables import EmergencyRow
from wastetrack.medical.reserve_tables import CallRow

KIND = "medical_emergency"
_COUNTY_DIGITS = 6


async def declare_emergency(
    session: WriteSession, actor: Actor, command: DeclareEmergency, *, at: datetime
) -> tuple[EmergencyRow, Recorded]:
    """Switch emergency mode on. Raises Forbidden outside one's region, RuleBroken for an order without its words."""
    demand(actor, Verb.DECLARE_EMERGENCY)
    region = command.region_code.strip()
    demand_region(actor, region)
    refuse(await _check(session, command, region))
    identity = new_id()
    row = EmergencyRow(
        id=identity,
        region_code=region,
        order_number=command.order_number.strip(),
        reason=command.reason.strip(),
        from_at=command.from_at,
        until_at=command.until_at,
        is_drill=command.is_drill,
        rules=command.rules.strip(),
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        created_at=at,
    )
    session.add(row)
    await session.flush()
    await show(session, KIND, row.id, {actor.viewer, *viewers_of_region(region)})
    leaf = await record(
        session,
        actor,
        "medical_emergency_declared",
        subjects=(row.id,),
        moment=moment_of(None, at),
        facts={
            "emergency": str(row.id),
            "region": region,
            "order": row.order_number,
            "reason": row.reason,
            "from": row.from_at.isoformat(),
            "until": row.until_at.isoformat(),
            "drill": row.is_drill,
        },
        event_id=identity,
    )
    return row, leaf


def demand_region(actor: Actor, region: str) -> None:
    """Raise Forbidden unless the region is under the actor's authority."""
    if not region.startswith(actor.viewer.removeprefix("r:")):
        message = "Region {region} is not under your authority."
        raise Forbidden("other_region", message, region=region)


async def _check(session: ReadSession, command: DeclareEmergency, region: str) -> list[Broken]:
    broken: list[Broken] = []
    if len(region) == _COUNTY_DIGITS:
        broken += (await snapshot(session)).why_not_region(region)
    elif len(region) not in {2, 4} or not region.isdigit():
        message = "A region is 2, 4 or 6 digits (GB/T 2260), not “{value}”."
        broken.append(Broken("region_code", "region_unreadable", message, region))
    if not command.order_number.strip():
        message = "Give the number of the order on which this rests."
        broken.append(Broken("order_number", "order_number_missing", message))
    if not command.reason.strip():
        broken.append(Broken("reason", "reason_missing", "Say why; everybody in the region will read it."))
    if command.until_at <= command.from_at:
        message = "It cannot end at {value}, before it begins."
        step = "Give an end; it can be ended earlier, or declared again."
        broken.append(Broken("until_at", "ends_early", message, command.until_at.isoformat(), next_step=step))
    return broken


async def end_emergency(
    session: WriteSession, actor: Actor, emergency_id: UUID, *, at: datetime
) -> tuple[EmergencyRow, Recorded]:
    """Switch it off before its time. Raises NotFound, Forbidden, Conflict when it is over already."""
    demand(actor, Verb.DECLARE_EMERGENCY)
    row = await emergency_locked(session, emergency_id)
    demand_region(actor, row.region_code)
    if row.is_over(at):
        raise Conflict("emergency_over", "This emergency is over already.")
    row.ended_at = at
    called = sa.update(CallRow).where(col(CallRow.emergency_id) == row.id, col(CallRow.ended_at).is_(None))
    await session.execute(called.values(ended_at=at))
    await session.flush()
    leaf = await record(
        session,
        actor,
        "medical_emergency_ended",
        subjects=(row.id,),
        moment=moment_of(None, at),
        facts={"emergency": str(row.id), "region": row.region_code, "order": row.order_number},
    )
    return row, leaf


async def emergency_locked(session: WriteSession, emergency_id: UUID) -> EmergencyRow:
    """An emergency, locked, so that nothing is called under it while it ends. Raises NotFound."""
    statement = sa.select(EmergencyRow).where(col(EmergencyRow.id) == emergency_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("emergency_unknown", "There is no such emergency.", emergency_id=emergency_id)
    return row


async def emergency_of(session: ReadSession, emergency_id: UUID) -> EmergencyRow:
    """One emergency. Raises NotFound."""
    row = await session.get(EmergencyRow, emergency_id)
    if row is None:
        raise NotFound("emergency_unknown", "There is no such emergency.", emergency_id=emergency_id)
    return row


def _at(at: datetime) -> sa.ColumnElement[bool]:
    ends = sa.func.least(col(EmergencyRow.until_at), col(EmergencyRow.ended_at))
    return sa.and_(col(EmergencyRow.from_at) <= at, ends > at)


async def in_force(session: ReadSession, region_code: str, *, at: datetime) -> UUID | None:
    """The emergency under which a county is, the one declared last; None in ordinary times, and in a drill."""
    prefixes = [region_code[:digits] for digits in (2, 4, 6)]
    statement = (
        sa.select(col(EmergencyRow.id))
        .where(col(EmergencyRow.region_code).in_(prefixes), _at(at), col(EmergencyRow.is_drill).is_(False))
        .order_by(col(EmergencyRow.id).desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def emergencies(session: ReadSession, *, limit: int = 50) -> list[EmergencyRow]:
    """What was declared, newest first: public to whoever is signed in."""
    statement = sa.select(EmergencyRow).order_by(col(EmergencyRow.id).desc()).limit(limit)
    return list((await session.execute(statement)).scalars())
