"""Who owns an organisation, and how somebody becomes its owner by a confirmed claim."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth import accepting, membering
from wastetrack.auth.model import Role, viewer_of_organisation
from wastetrack.auth.tables import Membership
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.ids import new_id


async def is_owner(session: ReadSession, person_id: UUID, organisation_id: UUID) -> bool:
    """Whether the person answers for the organisation already."""
    membership = await _in_force(session, person_id, organisation_id)
    return membership is not None and membership.role == Role.OWNER


async def make_owner(session: WriteSession, person_id: UUID, organisation_id: UUID, *, at: datetime) -> None:
    """A claim is confirmed: a member becomes the owner, anybody else joins as one. A delegate stops being one."""
    await accepting.end_lapsed(session, organisation_id, person_id, at=at)
    membership = await _in_force(session, person_id, organisation_id)
    if membership is not None and membership.delegate_of_organisation_id is not None:
        await membering.end(session, membership, at=at)
        membership = None
    viewer = viewer_of_organisation(organisation_id)
    if membership is not None:
        await membering.change_role(session, membership, Role.OWNER, viewer)
        return
    session.add(
        Membership(
            id=new_id(),
            person_id=person_id,
            organisation_id=organisation_id,
            role=Role.OWNER,
            viewer=viewer,
            created_at=at,
        )
    )
    await session.flush()


async def _in_force(session: ReadSession, person_id: UUID, organisation_id: UUID) -> Membership | None:
    statement = sa.select(Membership).where(
        col(Membership.person_id) == person_id,
        col(Membership.organisation_id) == organisation_id,
        col(Membership.ended_at).is_(None),
    )
    return (await session.execute(statement)).scalar_one_or_none()
