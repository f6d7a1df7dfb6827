"""Somebody who acts once and has no account: a person with a name, whom nothing can sign in."""

from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor, Role, viewer_of_organisation
from wastetrack.auth.tables import Membership, Person
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id


async def enter_driver(session: WriteSession, name: str, organisation_id: UUID, *, at: datetime) -> Actor:
    """A driver of an organisation, for one act: the person is disabled and the membership over from the beginning."""
    person_id, membership_id, viewer = new_id(), new_id(), viewer_of_organisation(organisation_id)
    session.add(
        Person(id=person_id, login=f"driver-link.{person_id}", name=name, locale="zh", created_at=at, disabled_at=at)
    )
    await session.flush()
    session.add(
        Membership(
            id=membership_id,
            person_id=person_id,
            organisation_id=organisation_id,
            role=Role.DRIVER.value,
            viewer=viewer,
            created_at=at,
            ended_at=at,
        )
    )
    await session.flush()
    return Actor(person_id, name, organisation_id, membership_id, Role.DRIVER, viewer)
