"""Reading attachments: those of a thing, one of them, what an organisation has stored."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.attachments.model import Subject
from wastetrack.attachments.tables import AttachmentRow
from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound

Attachment = AttachmentRow
"""A kept file as other rooms read it."""

_MOST_ROWS = 10_000


async def attachments_of(session: ReadSession, subject: Subject) -> list[AttachmentRow]:
    """The files beside a thing, the oldest first. Whether the thing may be seen, the caller has found out."""
    statement = (
        sa.select(AttachmentRow)
        .where(col(AttachmentRow.subject_kind) == subject.kind, col(AttachmentRow.subject_id) == subject.id)
        .order_by(col(AttachmentRow.id))
    )
    return list((await session.scalars(statement)).all())


async def attachment(session: ReadSession, actor: Actor, attachment_id: UUID, *, kind: str) -> AttachmentRow:
    """One file beside a thing of this kind that the actor sees. Raises NotFound."""
    statement = sa.select(AttachmentRow).where(
        col(AttachmentRow.id) == attachment_id,
        col(AttachmentRow.subject_kind) == kind,
        visible(actor, kind, col(AttachmentRow.subject_id)),
    )
    return found(await session.scalar(statement), attachment_id)


def found(row: AttachmentRow | None, attachment_id: UUID) -> AttachmentRow:
    """The row, or the same answer for what is not there and for what may not be seen."""
    if row is None:
        raise NotFound("attachment_unknown", "There is no such file.", attachment_id=attachment_id)
    return row


async def is_seen(session: ReadSession, actor: Actor, subject: Subject) -> bool:
    """Whether the actor sees the thing."""
    return bool(await session.scalar(sa.select(visible(actor, subject.kind, sa.literal(subject.id, sa.Uuid)))))


async def stored_bytes(session: ReadSession, organisation_id: UUID) -> int:
    """How much the files take that an organisation has attached, each counted once."""
    once = (
        sa.select(col(AttachmentRow.sha256), sa.func.max(col(AttachmentRow.size)).label("size"))
        .where(col(AttachmentRow.organisation_id) == organisation_id)
        .group_by(col(AttachmentRow.sha256))
        .subquery()
    )
    return int(await session.scalar(sa.select(sa.func.coalesce(sa.func.sum(once.c.size), 0))) or 0)


async def known_files(session: ReadSession, *, after: str = "") -> list[tuple[str, int]]:
    """Hash and size of up to ten thousand stored files after a hash, in order; for the check of the store."""
    statement = (
        sa.select(col(AttachmentRow.sha256), sa.func.max(col(AttachmentRow.size)))
        .where(col(AttachmentRow.sha256) > after)
        .group_by(col(AttachmentRow.sha256))
        .order_by(col(AttachmentRow.sha256))
        .limit(_MOST_ROWS)
    )
    return [(row[0], int(row[1])) for row in await session.execute(statement)]
