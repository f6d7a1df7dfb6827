"""Say which vehicle a receiver is in, and that it was taken out."""

import re
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand_own
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, NotFound, RuleBroken
from wastetrack.i18n import message
from wastetrack.ids import new_id
from wastetrack.positions.model import AddReceiver
from wastetrack.positions.tables import ReceiverRow
from wastetrack.positions.taking_in import receiver_number

_NUMBER = re.compile(r"[0-9]{6,20}")


async def add_receiver(session: WriteSession, actor: Actor, command: AddReceiver, *, at: datetime) -> ReceiverRow:
    """Enter a receiver of one's vehicle. Raises NotFound, Forbidden, RuleBroken, Conflict."""
    driver = await session.driver()
    organisation_id = await driver.fetchval("select organisation_id from vehicles where id = $1", command.vehicle_id)
    if organisation_id is None:
        raise NotFound("vehicle_unknown", "There is no such vehicle.", vehicle_id=command.vehicle_id)
    demand_own(actor, Verb.MANAGE_FLEET, organisation_id)
    number = receiver_number(command.number)
    if not _NUMBER.fullmatch(number):
        sentence = message("A receiver has a number of 6 to 20 digits, not “{value}”.")
        raise RuleBroken([Broken("number", "receiver_number", sentence, command.number)])
    row = ReceiverRow(
        id=new_id(),
        organisation_id=organisation_id,
        vehicle_id=command.vehicle_id,
        number=number,
        person_id=actor.person_id,
        created_at=at,
    )
    statement = insert(ReceiverRow).values(**row.model_dump()).on_conflict_do_nothing().returning(sa.literal(1))
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise Conflict(
            "receiver_elsewhere", "Receiver {number} is in a vehicle already. Take it out there first.", number=number
        )
    return row


async def end_receiver(session: WriteSession, actor: Actor, receiver_id: UUID, *, at: datetime) -> ReceiverRow:
    """It was taken out of its vehicle. Raises NotFound, Forbidden, Conflict."""
    statement = sa.select(ReceiverRow).where(col(ReceiverRow.id) == receiver_id).with_for_update(key_share=True)
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("receiver_unknown", "There is no such receiver.", receiver_id=receiver_id)
    demand_own(actor, Verb.MANAGE_FLEET, row.organisation_id)
    if row.ended_at is not None:
        raise Conflict("receiver_ended", "Receiver {number} was taken out already.", number=row.number)
    row.ended_at = at
    await session.flush()
    return row
