"""Begin long work, in the transaction that needs it: no commit, no task; no task lost after a commit.

    task_id = await starting.start(session, actor, kind="import_check", title=message("Check of {name}"),
                                   facts={"name": …}, arguments={"import_id": str(…)}, at=at)

Whoever does it is registered by kind in wastetrack/jobs/long_work.py.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.db.queue import enqueue
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.tasks.model import RUN, LongTaskState
from wastetrack.tasks.tables import LongTaskRow


async def start(
    session: WriteSession,
    actor: Actor,
    *,
    kind: str,
    title: str,
    arguments: Mapping[str, Any],
    at: datetime,
    facts: Mapping[str, Any] | None = None,
) -> UUID:
    """Queue a task under the actor's name and sight. Arguments are ids and choices, never a secret."""
    row = LongTaskRow(
        id=new_id(),
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        membership_id=actor.membership_id,
        viewer=actor.viewer,
        scopes=None if actor.scopes is None else sorted(actor.scopes),
        kind=kind,
        title=title,
        title_facts=dict(facts or {}),
        arguments=dict(arguments),
        state=LongTaskState.QUEUED.value,
        message="",
        message_facts={},
        broken=[],
        created_at=at,
        beat_at=at,
    )
    session.add(row)
    await session.flush()
    await queue(session, row.id, row.viewer, row.organisation_id, row.person_id)
    return row.id


async def queue(session: WriteSession, task_id: UUID, viewer: str, organisation_id: UUID, person_id: UUID) -> None:
    """Put the job into the queue that does a task, with the eyes that see it."""
    told = {"task_id": task_id, "viewer": viewer, "organisation_id": organisation_id, "person_id": person_id}
    await enqueue(session, RUN, {name: str(value) for name, value in told.items()})
