"""A scale says what stands on it: pushed by the program beside it, kept once."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, Malformed, NotFound, refuse
from wastetrack.mass import Mass
from wastetrack.scales.model import PushReading, ScaleKind
from wastetrack.scales.tables import ReadingRow, ScaleRow

# Clocks of scales differ; what is within this of the server's is the present.
_CLOCK_TOLERANCE = timedelta(minutes=2)
# GB 1589-2016 allows 49 t for the whole train; a weighbridge shows up to 200 t, any other scale carries one container.
_MOST = {ScaleKind.TRUCK: Mass(200_000_000)}
_MOST_ELSEWHERE = Mass(49_000_000)


async def push_reading(session: WriteSession, actor: Actor, command: PushReading, *, at: datetime) -> ReadingRow:
    """Keep what a scale of one's organisation says. Sent twice under one id it is one reading.

    Raises Forbidden, NotFound for a scale that is not registered, RuleBroken for a mass or a time that cannot be.
    """
    demand(actor, Verb.WEIGH)
    scale = await _scale(session, actor, command)
    refuse(_check(command, scale, at))
    row = ReadingRow(
        id=command.reading_id,
        scale_id=scale.id,
        organisation_id=scale.organisation_id,
        gross_g=command.gross.grams,
        stable=command.stable,
        weighed_at=min(command.weighed_at or at, at),
        received_at=at,
        person_id=actor.person_id,
    )
    write = insert(ReadingRow).values(**row.model_dump()).on_conflict_do_nothing().returning(col(ReadingRow.id))
    if (await session.execute(write)).scalar_one_or_none() is None:
        message = "A reading with the id {reading_id} is here already."
        raise Conflict("reading_sent_before", message, reading_id=str(row.id))
    return row


async def _scale(session: WriteSession, actor: Actor, command: PushReading) -> ScaleRow:
    known_by = (
        col(ScaleRow.serial) == command.serial.strip()
        if command.scale_id is None
        else col(ScaleRow.id) == command.scale_id
    )
    statement = sa.select(ScaleRow).where(
        known_by, col(ScaleRow.organisation_id) == actor.organisation_id, col(ScaleRow.ended_at).is_(None)
    )
    scale = (await session.execute(statement)).scalar_one_or_none()
    if scale is None:
        message = "Your organisation has no scale {serial}. Register it at its site first."
        named = command.serial.strip() if command.scale_id is None else str(command.scale_id)
        raise NotFound("scale_unknown", message, serial=named)
    return scale


def _check(command: PushReading, scale: ScaleRow, at: datetime) -> list[Broken]:
    broken: list[Broken] = []
    most = _MOST.get(ScaleKind(scale.kind), _MOST_ELSEWHERE)
    if not 0 <= command.gross.grams <= most.grams:
        message = "A reading of {value} g is no mass."
        step = "Check the unit."
        broken.append(Broken("gross", "reading_absurd", message, command.gross.grams, next_step=step))
    weighed_at = command.weighed_at
    if weighed_at is not None and weighed_at.tzinfo is None:
        message = "“{value}” has no time zone; write it like 2026-03-01T14:20:00+08:00."
        raise Malformed("time_without_zone", message, value=weighed_at.isoformat())
    if weighed_at is not None and weighed_at > at + _CLOCK_TOLERANCE:
        message = "This is dated {value}, which has not come yet (it is {now})."
        step = "Set the clock of the device, or give the time at which it really happened."
        facts: dict[str, object] = {"now": at.isoformat()}
        broken.append(
            Broken("weighed_at", "dated_in_future", message, weighed_at.isoformat(), facts=facts, next_step=step)
        )
    return broken
