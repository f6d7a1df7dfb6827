"""An owner lets a consultant's person act for the organisation: for a time, in few roles, always visible as such."""

import dataclasses
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth import accepting, queries
from wastetrack.auth.joining_model import DELEGATED, LONGEST_DELEGATION_DAYS
from wastetrack.auth.model import Role, viewer_of_organisation
from wastetrack.auth.tables import Membership, Person
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.ids import new_id


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Delegate:
    """Who acts for an organisation, from which firm, as what, and until when."""

    organisation_id: UUID
    consultant_id: UUID
    """The firm that the person works for."""
    login: str
    role: Role
    valid_until: datetime


async def delegate(session: WriteSession, command: Delegate, *, at: datetime) -> UUID:
    """Give the person a hat more; returns the membership. Whether the owner may is decided before."""
    person = await queries.person_by_login(session, command.login.strip())
    hats = [] if person is None else await queries.memberships_in_force(session, person.id)
    refuse((*_wrong_terms(command, at=at), *_wrong_person(command, hats)))
    assert person is not None  # noqa: S101  somebody without a hat is refused above
    await accepting.end_lapsed(session, command.organisation_id, person.id, at=at)
    membership = Membership(
        id=new_id(),
        person_id=person.id,
        organisation_id=command.organisation_id,
        role=command.role,
        viewer=viewer_of_organisation(command.organisation_id),
        created_at=at,
        delegate_of_organisation_id=command.consultant_id,
        valid_until=command.valid_until,
    )
    session.add(membership)
    await session.flush()
    return membership.id


async def delegates_of(
    session: ReadSession, organisation_id: UUID, *, at: datetime
) -> tuple[tuple[Person, Membership], ...]:
    """Who acts for the organisation from outside at this moment, by name."""
    statement = (
        sa.select(Person, Membership)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(
            col(Membership.organisation_id) == organisation_id,
            col(Membership.delegate_of_organisation_id).is_not(None),
            col(Membership.ended_at).is_(None),
            col(Membership.valid_until) > at,
        )
        .order_by(col(Person.name), col(Person.id))
    )
    return tuple((row[0], row[1]) for row in await session.execute(statement))


def _wrong_terms(command: Delegate, *, at: datetime) -> list[Broken]:
    broken = []
    if command.role not in DELEGATED:
        broken.append(
            Broken(
                "role",
                "delegate_role",
                "A delegate may be {allowed} only.",
                command.role,
                next_step="Choose one of these, or invite the person as your own member.",
                facts={"allowed": tuple(sorted(DELEGATED))},
            )
        )
    if not at < command.valid_until <= at + timedelta(days=LONGEST_DELEGATION_DAYS):
        broken.append(
            Broken(
                "valid_until",
                "delegate_time",
                "A delegate acts until a day within the next {longest} days.",
                command.valid_until.date().isoformat(),
                next_step="Choose an earlier day and renew the leave before it ends.",
                facts={"longest": LONGEST_DELEGATION_DAYS},
            )
        )
    return broken


def _wrong_person(command: Delegate, hats: list[Membership]) -> list[Broken]:
    if command.consultant_id == command.organisation_id:
        return [
            Broken(
                "credit_code",
                "delegate_of_oneself",
                "This is your own organisation.",
                next_step="Invite your own people as members.",
            )
        ]
    if any(hat.organisation_id == command.organisation_id for hat in hats):
        return [
            Broken(
                "login",
                "member_already",
                "This person already works for the organisation.",
                command.login,
                next_step="End the present membership first.",
            )
        ]
    # Whether there is such a login at all is not told to whoever cannot name its firm.
    if not any(
        hat.organisation_id == command.consultant_id and hat.delegate_of_organisation_id is None for hat in hats
    ):
        return [
            Broken(
                "login",
                "delegate_unknown",
                "Nobody with this login works for that firm.",
                command.login,
                next_step="Ask the firm for its person's login on this platform.",
            )
        ]
    return []
