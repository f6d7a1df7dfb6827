"""Invitations are sent: the worker makes the link when it sends it, so that the queue never holds a secret."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.auth import inviting
from wastetrack.auth.inviting import Invitation
from wastetrack.db.session import writing
from wastetrack.i18n import as_locale, message, translate
from wastetrack.jobs.delivery import Delivery, Message
from wastetrack.parties import queries
from wastetrack.parties.model import Organisation
from wastetrack.settings import Settings

_JOIN = message(
    "{name}, {organisation} invites you to join it on wastetrack.\n\n"
    "Open this link once and choose your own password; it is valid until {until}:\n{link}\n\n"
    "If you do not know this organisation, do nothing: the link ends by itself."
)
_RENEW = message(
    "{name}, here is the link to choose a new password on wastetrack; it is valid once, until {until}:\n{link}\n\n"
    "If you have not asked {organisation} for it, tell its owner and do not open it."
)


async def deliver(
    engine: AsyncEngine, delivery: Delivery, settings: Settings, invitation_id: UUID, *, at: datetime
) -> bool:
    """Send one invitation; whether it was sent. A failure raises, and the job is tried again with another link."""
    async with writing(engine) as session:
        made = await inviting.make_delivered_link(session, invitation_id, at=at)
        if made is None:
            return False
        invitation, secret = made
        await session.look_as(invitation.viewer, invitation.organisation_id, invitation.invited_by)
        organisation = await queries.organisation(session, invitation.organisation_id)
    if not await delivery.send(letter(invitation, organisation, secret, settings)):
        return False
    async with writing(engine) as session:
        await inviting.note_sent(session, invitation_id, at=at)
    return True


def letter(invitation: Invitation, organisation: Organisation, secret: str, settings: Settings) -> Message:
    """The message in the language that the inviter chose."""
    locale = as_locale(invitation.locale) or "zh"
    until = invitation.expires_at.astimezone(ZoneInfo(settings.time_zone)).strftime("%Y-%m-%d %H:%M")
    sentence = _JOIN if invitation.membership_id is None else _RENEW
    text = translate(
        sentence,
        locale,
        name=invitation.name,
        organisation=organisation.name,
        until=until,
        link=f"{settings.base_url.rstrip('/')}/join?token={secret}",
    )
    subject = message("Invitation to wastetrack") if invitation.membership_id is None else message("A new password")
    return Message(invitation.contact_kind, invitation.contact, translate(subject, locale), text)
