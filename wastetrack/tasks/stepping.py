"""The steps of a long task: taken up, beating, ended in one of three ways, cancelled, seen, taken up again.

A run has a number of its own. What it writes names that number: a worker that was thought dead finds no row, and its
work is rolled back with it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, NotFound
from wastetrack.i18n import message
from wastetrack.ids import new_id
from wastetrack.tasks.model import (
    ENDED,
    LARGEST_RESULT,
    MOST_ATTEMPTS,
    MOST_TOLD,
    LongTask,
    LongTaskState,
    Outcome,
    as_json,
    plain,
)
from wastetrack.tasks.queries import shown
from wastetrack.tasks.starting import queue
from wastetrack.tasks.tables import LongTaskFileRow, LongTaskRow

NOTHING: Mapping[str, object] = MappingProxyType({})
_GIVEN_UP = message("This was begun {count} times and never came to its end. Nothing of it was done.")
_ENDED = tuple(state.value for state in ENDED)
_STALLED = "select id, viewer, organisation_id, person_id from long_tasks_stalled($1, $2)"
_FORGET = "select long_tasks_forget($1)"


class Superseded(Exception):  # noqa: N818  it is no mistake
    """Another run has taken the task over: nothing of this one may stand."""


class CancelAsked(Exception):  # noqa: N818  the same
    """Whoever began the task wants it no more: nothing of it may stand."""


async def begin(session: WriteSession, task_id: UUID, *, at: datetime) -> tuple[LongTask, UUID] | None:
    """Take a waiting task up; None where there is nothing to do any more. The session has the eyes of its person."""
    row = await session.get(LongTaskRow, task_id, with_for_update=True)
    if row is None or row.state != LongTaskState.QUEUED:
        return None
    if row.attempt >= MOST_ATTEMPTS:
        row.state, row.finished_at = LongTaskState.FAILED.value, at
        row.message = _GIVEN_UP
        row.message_facts = {"count": row.attempt}
        await session.flush()
        return None
    run_id = new_id()
    row.state, row.run_id, row.beat_at = LongTaskState.RUNNING.value, run_id, at
    row.started_at, row.attempt, row.done = row.started_at or at, row.attempt + 1, 0
    await session.flush()
    return shown(row), run_id


async def beat(
    session: WriteSession,
    task_id: UUID,
    run_id: UUID,
    *,
    at: datetime,
    done: int | None = None,
    total: int | None = None,
) -> None:
    """Say that the run lives, and how far it is. Raises Superseded, CancelAsked."""
    told = {name: count for name, count in (("done", done), ("total", total)) if count is not None}
    statement = (
        sa.update(LongTaskRow)
        .where(col(LongTaskRow.id) == task_id, col(LongTaskRow.run_id) == run_id)
        .values(beat_at=at, **told)
        .returning(col(LongTaskRow.cancel_asked_at))
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise Superseded
    if found[0] is not None:
        raise CancelAsked


async def end_well(session: WriteSession, task_id: UUID, run_id: UUID, outcome: Outcome, *, at: datetime) -> None:
    """The last statement of the run's own transaction: its work and this stand together or not at all.

    Raises Superseded, CancelAsked.
    """
    row = await _running(session, task_id, run_id)
    if row.cancel_asked_at is not None:
        raise CancelAsked
    row.state, row.run_id, row.finished_at = LongTaskState.DONE.value, None, at
    row.message, row.message_facts, row.result_address = outcome.message, dict(outcome.facts), outcome.address
    row.done = row.total or row.done
    if outcome.file is not None:
        if len(outcome.file.content) > LARGEST_RESULT:
            raise Conflict("task_result_large", "The result is larger than {most} bytes.", most=LARGEST_RESULT)
        digest = hashlib.sha256(outcome.file.content).hexdigest()
        session.add(
            LongTaskFileRow(
                task_id=task_id,
                name=outcome.file.name,
                media_type=outcome.file.media_type,
                sha256=digest,
                content=outcome.file.content,
            )
        )
    await session.flush()


async def end_badly(
    session: WriteSession,
    task_id: UUID,
    run_id: UUID,
    told: str,
    *,
    broken: Sequence[Broken] = (),
    facts: Mapping[str, object] = NOTHING,
    at: datetime,
) -> None:
    """Nothing of the run stands; why is told. Raises Superseded."""
    row = await _running(session, task_id, run_id)
    row.state, row.run_id, row.finished_at = LongTaskState.FAILED.value, None, at
    row.message, row.broken = told, [as_json(one) for one in broken[:MOST_TOLD]]
    row.message_facts = {name: plain(fact) for name, fact in facts.items()}
    await session.flush()


async def end_cancelled(session: WriteSession, task_id: UUID, run_id: UUID, *, at: datetime) -> None:
    """Nothing of the run stands, as was asked. Raises Superseded."""
    row = await _running(session, task_id, run_id)
    row.state, row.run_id, row.finished_at = LongTaskState.CANCELLED.value, None, at
    await session.flush()


async def put_back(session: WriteSession, task_id: UUID, run_id: UUID, *, at: datetime) -> None:
    """The worker has to go before the end: the task waits for another. Raises Superseded."""
    row = await _running(session, task_id, run_id)
    row.state, row.run_id, row.beat_at = LongTaskState.QUEUED.value, None, at
    row.attempt -= 1
    await session.flush()
    await queue(session, row.id, row.viewer, row.organisation_id, row.person_id)


async def cancel(session: WriteSession, actor: Actor, task_id: UUID, *, at: datetime) -> LongTask:
    """Ask for the end of one's own task: at once where no worker has it yet. Raises NotFound, Conflict."""
    row = await _own(session, actor, task_id)
    if row.state in _ENDED:
        raise Conflict("task_over", "This is over already; there is nothing to cancel.", task_id=task_id)
    if row.state == LongTaskState.QUEUED:
        row.state, row.finished_at = LongTaskState.CANCELLED.value, at
        row.seen_at = at
    row.cancel_asked_at = row.cancel_asked_at or at
    await session.flush()
    return shown(row)


async def note_seen(session: WriteSession, actor: Actor, task_id: UUID, *, at: datetime) -> None:
    """Its person knows that it has ended: the first page need not tell it any more. Raises NotFound."""
    row = await _own(session, actor, task_id)
    if row.state in _ENDED:
        row.seen_at = row.seen_at or at
    await session.flush()


async def take_up_again(session: WriteSession, *, before: datetime, at: datetime) -> int:
    """Queue anew what no worker has spoken of since `before`; how many there were."""
    driver = await session.driver()
    found = await driver.fetch(_STALLED, before, at)
    for row in found:  # seldom more than one: a worker has died
        await queue(session, row["id"], row["viewer"], row["organisation_id"], row["person_id"])
    return len(found)


async def forget(session: WriteSession, *, before: datetime) -> int:
    """Forget what ended before; how many there were."""
    return int(await (await session.driver()).fetchval(_FORGET, before))


async def _running(session: WriteSession, task_id: UUID, run_id: UUID) -> LongTaskRow:
    statement = (
        sa.select(LongTaskRow)
        .where(col(LongTaskRow.id) == task_id, col(LongTaskRow.run_id) == run_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise Superseded
    return row


async def _own(session: WriteSession, actor: Actor, task_id: UUID) -> LongTaskRow:
    row = await session.get(LongTaskRow, task_id, with_for_update=True)
    if row is None or row.person_id != actor.person_id or row.organisation_id != actor.organisation_id:
        raise NotFound("task_unknown", "There is no such task.", task_id=task_id)
    return row
