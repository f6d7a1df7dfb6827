"""Attaching a file: examined, stored by its hash, and written down beside the thing.

    examined_file = await attaching.examined(offered)                           # a thread; nothing is open yet
    row = await attaching.attach(session, store, actor, subject, examined_file, most_bytes=…, at=…)

`keep` is for rooms that decide themselves who may attach (a claim whose claimant belongs nowhere yet).
"""

import asyncio
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.attachments import queries
from wastetrack.attachments.examining import examine
from wastetrack.attachments.model import MOST_PER_SUBJECT, Examined, Offered, Subject
from wastetrack.attachments.storing import FileStore
from wastetrack.attachments.tables import AttachmentRow
from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, NotFound, refuse
from wastetrack.i18n import message
from wastetrack.ids import new_id

_AT_ONCE = asyncio.Semaphore(2)
"""Painting a large picture takes 300 MB for a second: two at a time in each process."""

# Two uploads of one organisation at once could together pass its limit; they wait for each other.
_ONE_AT_A_TIME = sa.text("select pg_advisory_xact_lock(hashtextextended('attachments ' || :organisation, 0))")


async def examined(offered: Offered) -> Examined:
    """Examine in a thread. Raises RuleBroken."""
    async with _AT_ONCE:
        return await asyncio.to_thread(examine, offered)


async def attach(
    session: WriteSession,
    store: FileStore,
    actor: Actor,
    subject: Subject,
    file: Examined,
    *,
    most_bytes: int,
    at: datetime,
) -> AttachmentRow:
    """Put a file beside a thing that the actor sees. Raises NotFound, Forbidden, RuleBroken."""
    if not await queries.is_seen(session, actor, subject):
        raise NotFound("subject_unknown", "There is nothing of this kind to attach a file to.", id=subject.id)
    demand(actor, Verb.ATTACH)
    return await keep(
        session,
        store,
        subject,
        file,
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        most_bytes=most_bytes,
        at=at,
    )


async def keep(
    session: WriteSession,
    store: FileStore,
    subject: Subject,
    file: Examined,
    *,
    organisation_id: UUID,
    person_id: UUID,
    most_bytes: int,
    at: datetime,
) -> AttachmentRow:
    """Store an examined file for an organisation; the caller has decided that this person may. Raises RuleBroken."""
    await session.execute(_ONE_AT_A_TIME, {"organisation": str(organisation_id)})
    refuse(await _broken(session, subject, file, organisation_id, most_bytes))
    await asyncio.to_thread(store.put, file.content)
    row = AttachmentRow(
        id=new_id(),
        organisation_id=organisation_id,
        person_id=person_id,
        subject_kind=subject.kind,
        subject_id=subject.id,
        name=file.name,
        media_type=file.media_type.value,
        size=len(file.content),
        sha256=file.sha256,
        sent_sha256=file.sent_sha256,
        created_at=at,
    )
    session.add(row)
    await session.flush()
    return row


async def _broken(
    session: WriteSession, subject: Subject, file: Examined, organisation_id: UUID, most_bytes: int
) -> list[Broken]:
    statement = sa.select(sa.func.count(), sa.func.count().filter(col(AttachmentRow.sha256) == file.sha256)).where(
        col(AttachmentRow.subject_kind) == subject.kind, col(AttachmentRow.subject_id) == subject.id
    )
    there, same = (await session.execute(statement)).one()
    stored = await queries.stored_bytes(session, organisation_id)
    broken = []
    if same:
        broken.append(
            Broken(
                "file",
                "file_there_already",
                message("The same file is attached already."),
                file.name,
                next_step=message("Nothing needs to be done; or choose another file."),
            )
        )
    if there >= MOST_PER_SUBJECT:
        broken.append(
            Broken(
                "file",
                "too_many_files",
                message("At most {most} files stand beside one thing."),
                there,
                next_step=message("Put several pages into one PDF."),
                facts={"most": MOST_PER_SUBJECT},
            )
        )
    if stored + len(file.content) > most_bytes:
        broken.append(
            Broken(
                "file",
                "storage_used_up",
                message("Your organisation's files would take more than {most} bytes."),
                stored,
                next_step=message("Ask the operator of the platform for more room."),
                facts={"most": most_bytes},
            )
        )
    return broken
