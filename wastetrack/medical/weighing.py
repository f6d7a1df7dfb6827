"""Readings of scales over HTTP: pushed by the scale, shown to whoever stands before it, used once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.containers.model import HEAVIEST, Weighing
from wastetrack.containers.moments import moment_of
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Conflict, NotFound, refuse, refuse_one
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass
from wastetrack.medical.model import PushReading
from wastetrack.medical.tables import ReadingRow, ReadingUseRow, ScaleRow, WardRow


@dataclass(frozen=True, slots=True)
class Reading:
    """What a scale said, and which scale."""

    id: UUID
    gross: Mass
    weighed_at: datetime
    scale_name: str
    scale_serial: str
    uncertainty: Mass | None
    verified: bool
    """Whether the scale's verification held on that day."""

    def weighing(self, tare: Mass) -> Weighing:
        """As the mass of a container that is so heavy when empty."""
        return Weighing(
            gross=self.gross,
            tare=tare,
            method=WeighingMethod.PLATFORM_SCALE,
            scale_id=self.scale_serial,
            uncertainty=self.uncertainty,
            confirmed=True,  # this is what stood on the scale, however light
        )


async def push_reading(session: WriteSession, actor: Actor, command: PushReading, *, at: datetime) -> ReadingRow:
    """Keep what a scale of one's organisation says. Sent twice under one id it is one reading.

    Raises Forbidden, NotFound for a scale that is not registered, RuleBroken for a mass or a time that cannot be.
    """
    demand(actor, Verb.WEIGH)
    statement = sa.select(ScaleRow).where(
        col(ScaleRow.serial) == command.serial.strip(), col(ScaleRow.organisation_id) == actor.organisation_id
    )
    scale = (await session.execute(statement)).scalar_one_or_none()
    if scale is None:
        message = "Your organisation has no scale {serial}. Register it at its site first."
        raise NotFound("scale_unknown", message, serial=command.serial.strip())
    if not 0 < command.gross.grams <= HEAVIEST.grams:
        message = "A reading of {value} g is no mass."
        refuse_one("gross", "reading_absurd", message, value=command.gross.grams, next_step="Check the unit.")
    moment = moment_of(command.weighed_at, at)
    row = ReadingRow(
        id=command.reading_id,
        scale_id=scale.id,
        organisation_id=scale.organisation_id,
        gross_g=command.gross.grams,
        weighed_at=moment.happened_at,
        received_at=at,
        person_id=actor.person_id,
    )
    write = insert(ReadingRow).values(**row.model_dump()).on_conflict_do_nothing().returning(col(ReadingRow.id))
    if (await session.execute(write)).scalar_one_or_none() is None:
        message = "A reading with the id {reading_id} is here already."
        raise Conflict("reading_sent_before", message, reading_id=str(row.id))
    return row


def _unused(since: datetime) -> sa.Select[ReadingRow, ScaleRow]:
    return (
        sa.select(ReadingRow, ScaleRow)
        .join(ScaleRow, col(ScaleRow.id) == col(ReadingRow.scale_id))
        .outerjoin(ReadingUseRow, col(ReadingUseRow.reading_id) == col(ReadingRow.id))
        .where(col(ReadingUseRow.reading_id).is_(None), col(ReadingRow.weighed_at) >= since)
    )


def _since(at: datetime) -> datetime:
    return at - timedelta(minutes=jurisdiction().ward_reading_minutes.value)


async def newest_reading(session: ReadSession, ward: WardRow, *, at: datetime) -> Reading | None:
    """What the ward's scale, or one of its site that belongs to no ward, said last; None when that is used or old."""
    statement = (
        _unused(_since(at))
        .where(
            col(ScaleRow.site_id) == ward.site_id,
            sa.or_(col(ScaleRow.ward_id) == ward.id, col(ScaleRow.ward_id).is_(None)),
        )
        .order_by(col(ScaleRow.ward_id).is_(None), col(ReadingRow.weighed_at).desc(), col(ReadingRow.id).desc())
        .limit(1)
    )
    found = (await session.execute(statement)).first()
    return None if found is None else _reading(found[0], found[1])


def _reading(row: ReadingRow, scale: ScaleRow) -> Reading:
    day = legal_day(row.weighed_at)
    return Reading(
        row.id,
        Mass(row.gross_g),
        row.weighed_at,
        scale.name,
        scale.serial,
        None if scale.uncertainty_g is None else Mass(scale.uncertainty_g),
        scale.verified_on <= day <= scale.verified_until,
    )


async def reading_for(session: ReadSession, ward: WardRow, reading_id: UUID, *, at: datetime) -> Reading:
    """A reading that may become the mass of a bag of this ward now. Raises NotFound, RuleBroken with every reason."""
    statement = (
        sa.select(ReadingRow, ScaleRow, ReadingUseRow)
        .join(ScaleRow, col(ScaleRow.id) == col(ReadingRow.scale_id))
        .outerjoin(ReadingUseRow, col(ReadingUseRow.reading_id) == col(ReadingRow.id))
        .where(col(ReadingRow.id) == reading_id)
    )
    found = (await session.execute(statement)).first()
    if found is None:
        raise NotFound("reading_unknown", "There is no such reading.", reading_id=reading_id)
    reading, scale = _reading(found[0], found[1]), found[1]
    broken: list[Broken] = []
    if found[2] is not None:
        broken.append(_used(reading))
    if scale.site_id != ward.site_id or scale.ward_id not in {None, ward.id}:
        message = "Scale {value} does not stand in this ward."
        step = "Weigh on the ward's own scale, or type the mass."
        broken.append(Broken("reading_id", "scale_elsewhere", message, scale.serial, next_step=step))
    if reading.weighed_at < _since(at):
        message = "This reading is older than {minutes} minutes; another bag may have stood on the scale."
        facts: dict[str, object] = {"minutes": jurisdiction().ward_reading_minutes.value}
        broken.append(Broken("reading_id", "reading_old", message, facts=facts, next_step="Weigh again."))
    if not reading.verified:
        message = "The verification of scale {value} is over; what it says is no measurement."
        step = "Have it verified and enter that, or weigh on another scale."
        broken.append(Broken("reading_id", "scale_not_verified", message, scale.serial, next_step=step))
    refuse(broken)
    return reading


def _used(reading: Reading) -> Broken:
    message = "This reading of scale {value} is the mass of another bag already."
    return Broken("reading_id", "reading_used", message, reading.scale_serial, next_step="Weigh this bag again.")


async def use_reading(
    session: WriteSession, reading: Reading, organisation_id: UUID, container_id: UUID, *, at: datetime
) -> None:
    """Take the reading for a bag. Raises RuleBroken when somebody took it in this very moment."""
    row = ReadingUseRow(reading_id=reading.id, organisation_id=organisation_id, container_id=container_id, used_at=at)
    write = (
        insert(ReadingUseRow)
        .values(**row.model_dump())
        .on_conflict_do_nothing()
        .returning(col(ReadingUseRow.reading_id))
    )
    if (await session.execute(write)).scalar_one_or_none() is None:
        refuse([_used(reading)])
