"""A member's role changes, or the membership ends: sessions and tokens follow at once, and one keeper always stays."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth import inviting, queries
from wastetrack.auth.inviting import Invited
from wastetrack.auth.joining_model import DELEGATED, KEEPERS
from wastetrack.auth.model import Actor, PersonKind, Role, Scope
from wastetrack.auth.policy import Verb, demand, demand_scope
from wastetrack.auth.tables import ApiToken, Membership, Person, SignInSession
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden, NotFound, refuse_one


async def managed(session: WriteSession, actor: Actor, membership_id: UUID) -> Membership:
    """A membership that the actor may change, locked. NotFound for strangers."""
    demand(actor, Verb.MANAGE_PEOPLE)
    membership = await session.get(Membership, membership_id, with_for_update=True)
    own = actor.role is Role.OPERATOR or (membership and membership.organisation_id == actor.organisation_id)
    if membership is None or membership.ended_at is not None or not own:
        raise NotFound("membership_unknown", "There is no such member.")
    if (await session.get_one(Person, membership.person_id)).kind == PersonKind.MACHINE:
        # A system is kept where systems are kept (clients.py): it has no password, and no role to be promoted in.
        raise NotFound("membership_unknown", "There is no such member.")
    return membership


async def change_role(session: WriteSession, membership: Membership, role: Role, viewer: str) -> None:
    """Give a locked member another role. Its sessions end: what is open was opened for the old one."""
    if membership.role == role.value:
        return
    if membership.delegate_of_organisation_id is not None and role not in DELEGATED:
        refuse_one(
            "role",
            "delegate_role",
            "A delegate may be {allowed} only.",
            value=role,
            next_step="Choose one of these, or invite the person as your own member.",
            facts={"allowed": tuple(sorted(DELEGATED))},
        )
    await _keep_a_keeper(session, membership)
    membership.role, membership.viewer = role.value, viewer
    await session.flush()
    await session.execute(sa.delete(SignInSession).where(col(SignInSession.membership_id) == membership.id))


async def end(session: WriteSession, membership: Membership, *, at: datetime) -> None:
    """End a locked membership; who was lent to others by this organisation is theirs no longer either."""
    await _keep_a_keeper(session, membership)
    ended = [membership.id, *await _lent(session, membership)]
    await session.execute(sa.update(Membership).where(col(Membership.id).in_(ended)).values(ended_at=at))
    await session.execute(sa.delete(SignInSession).where(col(SignInSession.membership_id).in_(ended)))
    await session.execute(
        sa.update(ApiToken)
        .where(col(ApiToken.membership_id).in_(ended), col(ApiToken.revoked_at).is_(None))
        .values(revoked_at=at)
    )
    await session.refresh(membership)


async def ask_for_new_password(
    session: WriteSession, actor: Actor, membership_id: UUID, *, lasts: timedelta, at: datetime
) -> Invited:
    """A link for a member who has forgotten the password.

    Somebody who works for other organisations too is refused to an owner: with the link the owner could get all of
    that person's hats. The platform's operator may.
    """
    demand_scope(actor, Scope.ADMINISTER)  # a narrowed token would get all of the member's verbs
    membership = await managed(session, actor, membership_id)
    hats = await queries.memberships_in_force(session, membership.person_id)
    if actor.role is not Role.OPERATOR and any(hat.organisation_id != actor.organisation_id for hat in hats):
        raise Forbidden(
            "member_elsewhere_too",
            "This person works for other organisations too. Ask the operator of the platform for a new password.",
        )
    person = await session.get_one(Person, membership.person_id)
    return await inviting.ask_for_new_password(session, actor, person, membership, lasts=lasts, at=at)


async def _lent(session: WriteSession, membership: Membership) -> list[UUID]:
    statement = sa.select(col(Membership.id)).where(
        col(Membership.person_id) == membership.person_id,
        col(Membership.delegate_of_organisation_id) == membership.organisation_id,
        col(Membership.ended_at).is_(None),
    )
    return list((await session.execute(statement)).scalars())


async def _keep_a_keeper(session: WriteSession, membership: Membership) -> None:
    """Raise unless another owner (or operator) stays. The owners are locked: two cannot leave at the same time."""
    if membership.role not in KEEPERS:
        return
    statement = (
        sa.select(col(Membership.id))
        .where(
            col(Membership.organisation_id) == membership.organisation_id,
            col(Membership.role) == membership.role,
            col(Membership.ended_at).is_(None),
        )
        .order_by(col(Membership.id))
        .with_for_update()
    )
    if set((await session.execute(statement)).scalars()) <= {membership.id}:
        refuse_one(
            "role",
            "last_owner",
            "{role} is the last of the organisation: without one, nobody could let anybody in.",
            value=membership.role,
            next_step="Make somebody else the owner first.",
            facts={"role": Role(membership.role)},
        )
