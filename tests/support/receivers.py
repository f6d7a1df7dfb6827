"""Receivers whose permits stand in the way, registered beside the small world."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.support import parties as made
from wastetrack import clock
from wastetrack.db.session import WriteSession
from wastetrack.parties.commands import SuspendPermit
from wastetrack.parties.model import OrganisationKind, Site, SiteKind
from wastetrack.parties.permitting import grant_permit, suspend_permit


@dataclass(frozen=True)
class Receiver:
    """A disposer's site and permit number."""

    site: Site
    permit_number: str


async def receiver_with(session: WriteSession, **permit: Any) -> Receiver:  # noqa: ANN401  any field of the permit
    """A disposer of Yantai with one permit for waste oil, changed as given."""
    firm = await made.registered(session, OrganisationKind.DISPOSER)
    site = await made.site_added(session, firm, kind=SiteKind.TREATMENT)
    granted = await grant_permit(session, made.approver(), made.permit_command(firm.id, **permit), at=clock.now())
    return Receiver(site, granted.number)


async def suspended_receiver(session: WriteSession, *, since: date) -> Receiver:
    """The same, its permit suspended from a day on."""
    firm = await made.registered(session, OrganisationKind.DISPOSER)
    site = await made.site_added(session, firm, kind=SiteKind.TREATMENT)
    granted = await grant_permit(session, made.approver(), made.permit_command(firm.id), at=clock.now())
    command = SuspendPermit(permit_id=granted.id, from_on=since, reason="环保督察整改")
    await suspend_permit(session, made.approver(), command, at=clock.now())
    return Receiver(site, granted.number)


def yesterday(today: date) -> date:
    """The day before."""
    return today - timedelta(days=1)
