"""Somebody is asked to join an organisation, by a link that works once.

The invited person alone chooses the password. Two links may open one invitation: that shown once to whoever invited,
and that which the worker makes when it delivers; so no table and no job ever holds a secret in clear.
"""

import dataclasses
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.auth import queries
from wastetrack.auth.joining_model import LONGEST_NAME, ContactKind, InvitationState, LinkKind, contact_of
from wastetrack.auth.joining_tables import InvitationLink, InvitationRow
from wastetrack.auth.model import Actor, Role, viewer_for
from wastetrack.auth.queries import hash_of
from wastetrack.auth.tables import Membership, Person
from wastetrack.db.queue import enqueue
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Conflict, NotFound, refuse
from wastetrack.ids import new_id

LINK_PREFIX = "wi_"
DELIVER = "deliver_invitation"
"""The name of the job that sends an invitation."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """Who is asked, into which role. `contact` is a mail address or a telephone number, and becomes the login."""

    contact: str
    name: str
    role: Role
    organisation_id: UUID
    jurisdiction: str | None = None
    locale: str = "zh"


@dataclasses.dataclass(frozen=True, slots=True)
class Invited:
    """An invitation just made or sent again. The secret is told once; we keep its hash."""

    id: UUID
    contact: str
    expires_at: datetime
    secret: str = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as it stands."""

    id: UUID
    organisation_id: UUID
    contact_kind: ContactKind
    contact: str
    name: str
    role: Role
    viewer: str
    """Through whose eyes the member will look."""
    state: InvitationState
    locale: str
    membership_id: UUID | None
    invited_by: UUID
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None


async def invite(session: WriteSession, actor: Actor, command: Invite, *, lasts: timedelta, at: datetime) -> Invited:
    """Ask somebody to join. Who may invite into which role is decided before (parties/membership.py)."""
    broken: list[Broken] = []
    found = contact_of(command.contact)
    name = command.name.strip()
    if found is None:
        broken.append(
            Broken(
                "contact",
                "contact_form",
                "“{value}” is neither a mail address nor a telephone number.",
                command.contact,
                next_step="Write it as in li.na@example.cn or 13800000000.",
            )
        )
    else:
        broken += await _why_not_contact(session, command.organisation_id, found[1], at=at)
    if not 0 < len(name) <= LONGEST_NAME:
        broken.append(
            Broken(
                "name",
                "invited_name",
                "A name has 1 to {longest} characters.",
                command.name,
                next_step="Write the name as it stands on the identity card.",
                facts={"longest": LONGEST_NAME},
            )
        )
    refuse(broken)
    assert found is not None  # noqa: S101  refused above
    kind, contact = found
    row = InvitationRow(
        id=new_id(),
        organisation_id=command.organisation_id,
        contact_kind=kind,
        contact=contact,
        name=name,
        role=command.role,
        viewer=viewer_for(command.role, command.organisation_id, command.jurisdiction),
        locale=command.locale,
        invited_by=actor.person_id,
        created_at=at,
        expires_at=at + lasts,
    )
    return await _hand_out(session, row, at=at)


async def ask_for_new_password(
    session: WriteSession, actor: Actor, person: Person, membership: Membership, *, lasts: timedelta, at: datetime
) -> Invited:
    """A link with which a member who has forgotten the password chooses another; nobody else ever knows it."""
    kind, contact = contact_of(person.login) or (ContactKind.PHONE, person.login)
    row = InvitationRow(
        id=new_id(),
        organisation_id=membership.organisation_id,
        contact_kind=kind,
        contact=contact,
        name=person.name,
        role=membership.role,
        viewer=membership.viewer,
        locale=person.locale,
        membership_id=membership.id,
        invited_by=actor.person_id,
        created_at=at,
        expires_at=at + lasts,
    )
    earlier = col(InvitationRow.membership_id) == membership.id, col(InvitationRow.accepted_at).is_(None)
    await session.execute(
        sa.update(InvitationRow).where(*earlier, col(InvitationRow.revoked_at).is_(None)).values(revoked_at=at)
    )
    return await _hand_out(session, row, at=at)


async def resend(
    session: WriteSession, organisation_id: UUID, invitation_id: UUID, *, lasts: timedelta, at: datetime
) -> Invited:
    """New links in place of the old, for as long as a new invitation; the old ones are worth nothing from now on."""
    row = await _own(session, organisation_id, invitation_id)
    if row.accepted_at is not None or row.revoked_at is not None:
        raise Conflict("invitation_over", "This invitation is over. Invite the person anew.")
    row.expires_at = at + lasts
    row.sent_at = None
    await session.execute(sa.delete(InvitationLink).where(col(InvitationLink.invitation_id) == row.id))
    return await _hand_out(session, row, at=at)


async def revoke(session: WriteSession, organisation_id: UUID, invitation_id: UUID, *, at: datetime) -> None:
    """Take an invitation back; taken back already is fine. Conflict when somebody has joined by it."""
    row = await _own(session, organisation_id, invitation_id)
    if row.accepted_at is not None:
        raise Conflict("invitation_accepted", "Somebody has joined by this invitation. End the membership instead.")
    row.revoked_at = row.revoked_at or at
    await session.execute(sa.delete(InvitationLink).where(col(InvitationLink.invitation_id) == row.id))
    await session.flush()


async def make_delivered_link(
    session: WriteSession, invitation_id: UUID, *, at: datetime
) -> tuple[Invitation, str] | None:
    """The secret that the worker sends, made when it sends; None where there is nothing to send any more."""
    row = await session.get(InvitationRow, invitation_id, with_for_update=True)
    if row is None or state_of(row, at=at) is not InvitationState.PENDING or row.sent_at is not None:
        return None
    return shown(row, at=at), await _link(session, row.id, LinkKind.DELIVERED, at=at)


async def note_sent(session: WriteSession, invitation_id: UUID, *, at: datetime) -> None:
    """The message is on its way."""
    statement = sa.update(InvitationRow).where(col(InvitationRow.id) == invitation_id).values(sent_at=at)
    await session.execute(statement)


async def by_secret(session: ReadSession, secret: str, *, at: datetime, lock: bool = False) -> InvitationRow:
    """The invitation that a link opens. NotFound for any that is over: nothing is told of it."""
    statement = (
        sa.select(InvitationRow)
        .join(InvitationLink, col(InvitationLink.invitation_id) == col(InvitationRow.id))
        .where(col(InvitationLink.token_hash) == hash_of(secret))
    )
    if lock:
        statement = statement.with_for_update(of=InvitationRow)
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None or state_of(row, at=at) is not InvitationState.PENDING:
        raise NotFound(
            "invitation_unknown",
            "This link is not valid any more: it was used, taken back or is too old. Ask for a new invitation.",
        )
    return row


async def of_organisation(session: ReadSession, organisation_id: UUID, *, at: datetime) -> tuple[Invitation, ...]:
    """The invitations that are neither accepted nor taken back, the newest first."""
    statement = (
        sa.select(InvitationRow)
        .where(
            col(InvitationRow.organisation_id) == organisation_id,
            col(InvitationRow.accepted_at).is_(None),
            col(InvitationRow.revoked_at).is_(None),
        )
        .order_by(col(InvitationRow.created_at).desc(), col(InvitationRow.id).desc())
        .limit(500)
    )
    return tuple(shown(row, at=at) for row in (await session.execute(statement)).scalars())


def state_of(row: InvitationRow, *, at: datetime) -> InvitationState:
    """Where it stands."""
    if row.accepted_at is not None:
        return InvitationState.ACCEPTED
    if row.revoked_at is not None:
        return InvitationState.REVOKED
    return InvitationState.PENDING if at < row.expires_at else InvitationState.EXPIRED


def shown(row: InvitationRow, *, at: datetime) -> Invitation:
    """The row as a value."""
    return Invitation(
        id=row.id,
        organisation_id=row.organisation_id,
        contact_kind=ContactKind(row.contact_kind),
        contact=row.contact,
        name=row.name,
        role=Role(row.role),
        viewer=row.viewer,
        state=state_of(row, at=at),
        locale=row.locale,
        membership_id=row.membership_id,
        invited_by=row.invited_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        sent_at=row.sent_at,
    )


async def _hand_out(session: WriteSession, row: InvitationRow, *, at: datetime) -> Invited:
    session.add(row)
    await session.flush()
    secret = await _link(session, row.id, LinkKind.SHOWN, at=at)
    await enqueue(session, DELIVER, {"invitation_id": str(row.id)})
    return Invited(row.id, row.contact, row.expires_at, secret)


async def _link(session: WriteSession, invitation_id: UUID, kind: LinkKind, *, at: datetime) -> str:
    secret = LINK_PREFIX + secrets.token_urlsafe(32)
    values = {"token_hash": hash_of(secret), "invitation_id": invitation_id, "kind": kind.value, "created_at": at}
    anew = {"token_hash": values["token_hash"], "created_at": at}
    statement = insert(InvitationLink).values(values)
    await session.execute(
        statement.on_conflict_do_update(constraint="uq_invitation_links_invitation_id_kind", set_=anew)
    )
    return secret


async def _own(session: WriteSession, organisation_id: UUID, invitation_id: UUID) -> InvitationRow:
    row = await session.get(InvitationRow, invitation_id, with_for_update=True)
    if row is None or row.organisation_id != organisation_id:
        raise NotFound("invitation_unknown_here", "There is no such invitation.")
    return row


async def _why_not_contact(session: ReadSession, organisation_id: UUID, contact: str, *, at: datetime) -> list[Broken]:
    person = await queries.person_by_login(session, contact)
    hats = [] if person is None else await queries.memberships_in_force(session, person.id)
    if any(hat.organisation_id == organisation_id for hat in hats):
        return [
            Broken(
                "contact",
                "member_already",
                "This person already works for the organisation.",
                contact,
                next_step="End the present membership first.",
            )
        ]
    waiting = await of_organisation(session, organisation_id, at=at)
    if any(one.contact == contact and one.state is InvitationState.PENDING for one in waiting):
        return [
            Broken(
                "contact",
                "invited_already",
                "{value} is invited already.",
                contact,
                next_step="Send that invitation again, or take it back first.",
            )
        ]
    return []
