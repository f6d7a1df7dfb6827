"""The two steps of a signature: what would be signed is made and undone; then it is made once more and signed.

The use case itself makes the statement, so nothing that it would refuse is ever shown for signing. What is kept of the
first step is an intent: the names and the salt that make the same statement come out again, its digest, and the words.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import eyes_of
from wastetrack.containers.statements import Signing, Statement, Stopped, stop
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Conflict, NotFound
from wastetrack.ids import new_id
from wastetrack.manifests import acting
from wastetrack.manifests.acting import Acted, Asked
from wastetrack.manifests.model import SignedStep
from wastetrack.manifests.signing_tables import IntentRow

if TYPE_CHECKING:
    import asyncpg

LASTS = timedelta(minutes=5)

_TAKE = """
update signing_intents set used_at = $4
where id = $1 and membership_id = $2 and device_membership_id = $3 and used_at is null and expires_at >= $4
returning event_id, salt, happened_at, digest, step, subject_id, asked::text as asked
"""

Evidence = Callable[[Statement], Awaitable[Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class Device:
    """Whose session the signer signs in, where it is not his own."""

    membership_id: UUID
    organisation_id: UUID


async def prepare(
    session: WriteSession, actor: Actor, asked: Asked, *, device: Device | None = None, at: datetime
) -> IntentRow:
    """Make the statement of a step, undo the step, keep the intent. Raises whatever the step raises."""
    async with eyes_of(session, actor):
        manifest = await acting.manifest_of(session, actor, asked.step, asked.subject_id)
    signing = Signing(seal=stop, happened_at=asked.happened_at, through=_through(actor, device))
    try:
        async with session.begin_nested():
            # SQLAlchemy sets the savepoint when the session next asks for its connection; the hot statements do not.
            await session.connection()
            async with eyes_of(session, actor):
                await acting.act(session, actor, asked, signing, at=at)
            # Only a draft that is thrown away comes this far: it is not signed.
            raise Conflict("nothing_to_sign", "This step is not signed.")
    except Stopped as stopped:
        statement = stopped.statement
    row = IntentRow(
        id=new_id(),
        membership_id=actor.membership_id,
        device_membership_id=actor.membership_id if device is None else device.membership_id,
        organisation_id=actor.organisation_id,
        step=asked.step.value,
        subject_id=asked.subject_id,
        manifest_id=manifest.id,
        asked=asked.as_json(),
        event_id=statement.event_id,
        salt=statement.salt,
        happened_at=statement.happened_at,
        digest=statement.digest,
        statement=statement.content,
        words=dict(statement.words),
        created_at=at,
        expires_at=at + LASTS,
    )
    session.add(row)
    await session.flush()
    return row


def _through(actor: Actor, device: Device | None) -> UUID | None:
    return None if device is None or device.membership_id == actor.membership_id else device.organisation_id


async def intent(session: ReadSession, device_membership_id: UUID, intent_id: UUID, *, at: datetime) -> IntentRow:
    """An intent that still waits, shown in this member's session. Raises NotFound for any other."""
    row = (
        await session.execute(
            sa.select(IntentRow).where(
                col(IntentRow.id) == intent_id, col(IntentRow.device_membership_id) == device_membership_id
            )
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound("intent_unknown", "There is nothing of this name to be signed.")
    _check_waiting(row, at)
    return row


def _check_waiting(row: IntentRow, at: datetime) -> None:
    if row.used_at is not None:
        raise Conflict("intent_used", "This was signed already.")
    if at > row.expires_at:
        message = "What was shown for signing is older than {minutes} minutes. Read it again, then sign."
        raise Conflict("intent_over", message, minutes=int(LASTS.total_seconds() // 60))


async def sign_intent(
    session: WriteSession,
    actor: Actor,
    intent_id: UUID,
    evidence: Evidence,
    *,
    device: Device | None = None,
    asked: Asked | None = None,
    at: datetime,
) -> Acted:
    """Take the step that was prepared, if it still comes out the same. `asked` is what the caller says it is.

    Raises NotFound, Conflict for one that is over, used, or has changed meanwhile, and whatever the step raises.
    """
    shown_in = actor.membership_id if device is None else device.membership_id
    row = await _take(session, actor, shown_in, intent_id, at=at)

    async def seal(statement: Statement) -> Mapping[str, object]:
        if statement.digest != row["digest"]:
            raise Conflict("statement_changed", "What you read has changed meanwhile. Read it again, then sign.")
        return await evidence(statement)

    signing = Signing(
        seal=seal,
        event_id=row["event_id"],
        salt=row["salt"],
        happened_at=row["happened_at"],
        through=_through(actor, device),
    )
    again = asked or Asked.read(SignedStep(row["step"]), row["subject_id"], json.loads(row["asked"]))
    if (again.step.value, again.subject_id) != (row["step"], row["subject_id"]):
        raise NotFound("intent_unknown", "There is nothing of this name to be signed.")
    async with eyes_of(session, actor):
        return await acting.act(session, actor, again, signing, at=at)


async def _take(
    session: WriteSession, actor: Actor, shown_in: UUID, intent_id: UUID, *, at: datetime
) -> "asyncpg.Record":
    """Use the intent up, in the transaction of the act. Raises NotFound, Conflict."""
    driver = await session.driver()
    row: asyncpg.Record | None = await driver.fetchrow(_TAKE, intent_id, actor.membership_id, shown_in, at)
    if row is None:
        _check_waiting(await intent(session, shown_in, intent_id, at=at), at)
        raise NotFound("intent_unknown", "There is nothing of this name to be signed.")
    return row


async def forget_old(session: WriteSession, *, before: datetime) -> None:
    """Drop intents that were over by then; for the nightly job."""
    await (await session.driver()).execute("select forget_intents($1)", before)
