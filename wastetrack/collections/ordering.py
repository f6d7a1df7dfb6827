"""The order in which a carrier drives to the stops of a day. It is the carrier's own: no event tells of it."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.collections.model import OrderStops, StopKind
from wastetrack.collections.tables import RunStopRow
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import refuse_one

MOST = 200


async def order_stops(session: WriteSession, actor: Actor, command: OrderStops, *, at: datetime) -> None:  # noqa: ARG001  as every use case
    """Keep an order. Raises Forbidden, RuleBroken."""
    demand(actor, Verb.CARRY)
    if len(command.stops) > MOST:
        refuse_one(
            "stops", "too_many_stops", "At most {limit} stops a day.", value=len(command.stops), facts={"limit": MOST}
        )
    if len(set(command.stops)) < len(command.stops):
        refuse_one("stops", "stop_twice_a_day", "A stop stands twice in this order.")
    of = RunStopRow
    await session.execute(
        sa.delete(of).where(col(of.organisation_id) == actor.organisation_id, col(of.day) == command.day)
    )
    session.add_all(
        of(
            organisation_id=actor.organisation_id,
            day=command.day,
            kind=stop.kind.value,
            subject_id=stop.subject_id,
            position=position,
        )
        for position, stop in enumerate(command.stops, 1)
    )
    await session.flush()


async def order_of(session: ReadSession, actor: Actor, day: date) -> dict[tuple[StopKind, UUID], int]:
    """The order that was chosen for a day."""
    of = RunStopRow
    rows = await session.scalars(
        sa.select(of).where(col(of.organisation_id) == actor.organisation_id, col(of.day) == day)
    )
    return {(StopKind(row.kind), row.subject_id): row.position for row in rows}
