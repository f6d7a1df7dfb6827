"""Simulations of epidemics: asked by an authority, done as long work (answering_surges.py), read by its people."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand, demand_authority
from wastetrack.capacity.surge_gathering import places_in, plants_for
from wastetrack.capacity.surge_model import (
    CURVES,
    HOLD_DAYS,
    Curve,
    SurgeAnswer,
    SurgePreset,
    SurgeQuestion,
    check_question,
)
from wastetrack.capacity.surge_tables import SurgeRow
from wastetrack.catalogues.queries import snapshot
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, NotFound, refuse
from wastetrack.i18n import message
from wastetrack.ids import new_id
from wastetrack.medical.emergencies import demand_region
from wastetrack.tasks import starting

TASK: Final = "medical_surge"
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSurge:
    """Command: simulate an epidemic in a region. What is None is that of the preset, or of the last thirty days."""

    region_code: str
    preset: SurgePreset
    begins_on: date
    base_g: int | None = None
    peak_g: int | None = None
    rise_days: int | None = None
    high_days: int | None = None
    fall_days: int | None = None
    called_after_days: int | None = None
    hold_days: int = HOLD_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgeRun:
    """A simulation as it stands."""

    id: UUID
    region_code: str
    created_at: datetime
    task_id: UUID | None
    asked: SurgeQuestion
    answer: SurgeAnswer | None


async def ask_surge(session: WriteSession, actor: Actor, command: AskSurge, *, at: datetime) -> SurgeRow:
    """Note the question with all that it rests on today, and begin the work.

    Raises Forbidden outside one's region, NotFound, RuleBroken.
    """
    demand(actor, Verb.ASSESS_CAPACITY)
    asked = await question(session, actor, command, at=at)
    refuse(check_question(asked))
    row = SurgeRow(
        id=new_id(),
        organisation_id=actor.organisation_id,
        region_code=command.region_code.strip(),
        person_id=actor.person_id,
        created_at=at,
        asked=asked.as_json(),
    )
    row.task_id = await starting.start(
        session,
        actor,
        kind=TASK,
        title=message("Epidemic in {region}"),
        facts={"region": asked.title},
        arguments={"surge_id": str(row.id)},
        at=at,
    )
    session.add(row)
    await session.flush()
    return row


async def question(session: ReadSession, actor: Actor, command: AskSurge, *, at: datetime) -> SurgeQuestion:
    """The whole question: the curve as asked, places and plants as they are today."""
    region = command.region_code.strip()
    catalogue = await snapshot(session)
    if region.ljust(6, "0") not in catalogue.regions:
        refuse([Broken("region_code", "region_unknown", "“{value}” is not the code of a region.", region)])
    demand_region(actor, region)
    places, daily_g = await places_in(session, catalogue, region, at=at)
    curve = _curve(command, daily_g)
    return SurgeQuestion(
        title=catalogue.region_name(region.ljust(6, "0")),
        begins_on=command.begins_on,
        curve=curve,
        places=places,
        plants=await plants_for(session, region, at=at),
        called_after_days=command.called_after_days,
        hold_days=command.hold_days,
    )


def _curve(command: AskSurge, daily_g: int) -> Curve:
    base_g = daily_g if command.base_g is None else command.base_g
    known = CURVES.get(command.preset, CURVES[SurgePreset.WUHAN]).scaled(base_g)
    own = {
        name: value
        for name in ("peak_g", "rise_days", "high_days", "fall_days")
        if (value := getattr(command, name)) is not None
    }
    return replace(known, **own)


async def surge_row(session: ReadSession, actor: Actor, surge_id: UUID) -> SurgeRow:
    """One of one's authority, as it is stored. Raises NotFound."""
    row = await session.get(SurgeRow, surge_id)
    if row is None or row.organisation_id != actor.organisation_id:
        raise NotFound("surge_unknown", "There is no such simulation.", surge_id=surge_id)
    return row


def _run(row: SurgeRow) -> SurgeRun:
    return SurgeRun(
        id=row.id,
        region_code=row.region_code,
        created_at=row.created_at,
        task_id=row.task_id,
        asked=SurgeQuestion.from_json(row.asked),
        answer=None if row.answer is None else SurgeAnswer.from_json(row.answer),
    )


async def surge_run(session: ReadSession, actor: Actor, surge_id: UUID) -> SurgeRun:
    """One simulation of one's authority. Raises NotFound, Forbidden."""
    demand_authority(actor)
    return _run(await surge_row(session, actor, surge_id))


async def surge_runs(session: ReadSession, actor: Actor) -> list[SurgeRun]:
    """Those of one's authority, the newest first. Raises Forbidden."""
    demand_authority(actor)
    statement = (
        sa.select(SurgeRow)
        .where(col(SurgeRow.organisation_id) == actor.organisation_id)
        .order_by(col(SurgeRow.id).desc())
        .limit(_MOST)
    )
    return [_run(row) for row in (await session.execute(statement)).scalars()]
