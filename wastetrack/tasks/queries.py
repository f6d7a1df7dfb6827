"""Reading long tasks: one's own alone."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.db.windows import Window
from wastetrack.errors import NotFound
from wastetrack.tasks.model import ENDED, LongTask, LongTaskState, ResultFile, from_json
from wastetrack.tasks.tables import LongTaskFileRow, LongTaskRow

ORDERS: Final[Mapping[str, Any]] = {
    "state": col(LongTaskRow.state),
    "begun": col(LongTaskRow.created_at),
    "ended": col(LongTaskRow.finished_at),
}
_MANY = Window()
MOST_TOLD_AT_HOME = 5

_FILE_NAME = (
    sa.select(col(LongTaskFileRow.name)).where(col(LongTaskFileRow.task_id) == col(LongTaskRow.id)).scalar_subquery()
)


def _mine(actor: Actor) -> sa.Select[Any]:
    return sa.select(LongTaskRow, _FILE_NAME).where(
        col(LongTaskRow.person_id) == actor.person_id, col(LongTaskRow.organisation_id) == actor.organisation_id
    )


async def tasks_of(
    session: ReadSession, actor: Actor, window: Window = _MANY, *, state: LongTaskState | None = None
) -> list[LongTask]:
    """The actor's own, in an order of ORDERS or the newest first."""
    statement = _mine(actor)
    if state is not None:
        statement = statement.where(col(LongTaskRow.state) == state.value)
    statement = window.over(statement, ORDERS, col(LongTaskRow.created_at).desc(), col(LongTaskRow.id).desc())
    return [shown(row, name) for row, name in await session.execute(statement)]


async def task(session: ReadSession, actor: Actor, task_id: UUID) -> LongTask:
    """One of the actor's own. Raises NotFound."""
    found = (await session.execute(_mine(actor).where(col(LongTaskRow.id) == task_id))).one_or_none()
    if found is None:
        raise NotFound("task_unknown", "There is no such task.", task_id=task_id)
    return shown(found[0], found[1])


async def unseen(session: ReadSession, actor: Actor) -> list[LongTask]:
    """What is under way, and what has ended since the actor last looked at it; for the first page."""
    ended = [state.value for state in ENDED]
    statement = (
        _mine(actor)
        .where(sa.or_(col(LongTaskRow.state).not_in(ended), col(LongTaskRow.seen_at).is_(None)))
        .order_by(col(LongTaskRow.created_at).desc())
        .limit(MOST_TOLD_AT_HOME)
    )
    return [shown(row, name) for row, name in await session.execute(statement)]


async def result_file(session: ReadSession, actor: Actor, task_id: UUID) -> ResultFile:
    """The file that a task of the actor's left. Raises NotFound."""
    statement = (
        sa.select(LongTaskFileRow)
        .join(LongTaskRow, col(LongTaskRow.id) == col(LongTaskFileRow.task_id))
        .where(
            col(LongTaskFileRow.task_id) == task_id,
            col(LongTaskRow.person_id) == actor.person_id,
            col(LongTaskRow.organisation_id) == actor.organisation_id,
        )
    )
    found = await session.scalar(statement)
    if found is None:
        raise NotFound("task_file_unknown", "This task has left no file.", task_id=task_id)
    return ResultFile(found.name, found.media_type, found.content)


def shown(row: LongTaskRow, result_name: str | None = None) -> LongTask:
    """The row as a value."""
    return LongTask(
        id=row.id,
        kind=row.kind,
        title=row.title,
        title_facts=row.title_facts,
        organisation_id=row.organisation_id,
        person_id=row.person_id,
        membership_id=row.membership_id,
        scopes=None if row.scopes is None else frozenset(row.scopes),
        arguments=row.arguments,
        state=LongTaskState(row.state),
        done=row.done,
        total=row.total,
        message=row.message,
        message_facts=row.message_facts,
        result_address=row.result_address,
        result_name=result_name,
        broken=tuple(from_json(one) for one in row.broken),
        attempt=row.attempt,
        cancel_asked_at=row.cancel_asked_at,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        seen_at=row.seen_at,
    )
