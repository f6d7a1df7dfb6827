"""On what ground a facility takes medical waste without a permit for it: the order of an emergency that calls it up.

What a major epidemic makes is carried and disposed of by the plan of the people's government (名录 annex item 2: 运输,
处置; 固废法 art. 91). The order under which the facility is called, for its region and time, stands for that plan; a
drill does not.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVarTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.permission import why_not_permitted
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken
from wastetrack.manifests.exempting import Link, links_of
from wastetrack.mass import Mass
from wastetrack.medical.region_tables import EmergencyRow
from wastetrack.medical.reserve_model import HelperKind
from wastetrack.medical.reserve_tables import CallRow, HelperRow
from wastetrack.parties.model import Site

_Told = TypeVarTuple("_Told")
_EPIDEMIC: Final = "重大传染病疫情期间"
"""As the entry begins in every edition; those that speak of ordinary times name it later, to leave it out."""
_MOST: Final = 100
"""Facilities that one order calls."""
_LINKS: Final = frozenset({Link.TRANSPORT, Link.DISPOSAL})


def positions_of(lists: Catalogue, at: datetime) -> tuple[int, ...]:
    """The entries of the day's exemption list that free what an epidemic makes."""
    return tuple(
        one.position
        for one in lists.exemptions_on(legal_day(at))
        if one.waste.startswith(_EPIDEMIC) and links_of(one) <= _LINKS
    )


async def ground_at(
    session: ReadSession, site: Site, receiver: Site, codes: tuple[str, ...], method: str, *, at: datetime
) -> tuple[TransferBasis, tuple[int, ...]]:
    """By its permit where that covers the bags; else by its call, if the order that calls it is in force: by which
    entries of the exemption list."""
    if not await why_not_permitted(
        session, receiver.organisation_id, receiver.id, codes, method=method, on=legal_day(at)
    ):
        return TransferBasis.PERMIT, ()
    if await _is_called(session, site.region_code, receiver.id, at):
        return TransferBasis.EXEMPT, positions_of(await snapshot(session), at)
    return TransferBasis.PERMIT, ()


async def _is_called(session: ReadSession, region_code: str, site_id: UUID, at: datetime) -> bool:
    """Whether some order in force over a county calls the facility of a site."""
    called = _in_force(sa.select(col(CallRow.id)), region_code, at).where(col(HelperRow.site_id) == site_id).limit(1)
    return (await session.execute(called)).first() is not None


def _in_force(wanted: "sa.Select[*_Told]", region_code: str, at: datetime) -> "sa.Select[*_Told]":
    """Of calls, those that stand at an instant under orders in force over a county; a drill calls nobody."""
    order = EmergencyRow
    return (
        wanted.join(HelperRow, col(HelperRow.id) == col(CallRow.helper_id))
        .join(order, col(order.id) == col(CallRow.emergency_id))
        .where(
            col(CallRow.from_at) <= at,
            col(CallRow.ended_at).is_(None),
            col(order.region_code).in_([region_code[:digits] for digits in (2, 4, 6)]),
            col(order.is_drill).is_(False),
            col(order.from_at) <= at,
            sa.func.least(col(order.until_at), col(order.ended_at)) > at,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledFacility:
    """A facility of the platform that is called in an emergency, and by which order."""

    call_id: UUID
    site_id: UUID
    name: str
    kind: HelperKind
    daily: Mass
    """What it takes in a day at most."""
    order_number: str
    reason: str
    until_at: datetime


async def called_for(session: ReadSession, region_code: str, *, at: datetime) -> list[CalledFacility]:
    """Who can be given medical waste of a county under an order in force, in the order of calling."""
    order = EmergencyRow
    columns = sa.select(
        col(CallRow.id),
        col(HelperRow.site_id),
        col(HelperRow.name),
        col(HelperRow.kind),
        col(CallRow.daily_g),
        col(order.order_number),
        col(order.reason),
        col(order.until_at),
    ).select_from(CallRow)
    wanted = _in_force(columns, region_code, at).where(col(HelperRow.site_id).is_not(None))
    rows = (await session.execute(wanted.order_by(col(CallRow.id)).limit(_MOST))).all()
    return [
        CalledFacility(
            call_id=call_id,
            site_id=site_id,
            name=name,
            kind=HelperKind(kind),
            daily=daily,
            order_number=number,
            reason=reason,
            until_at=until_at,
        )
        for call_id, site_id, name, kind, daily, number, reason, until_at in rows
        if site_id is not None
    ]


async def why_not_called(
    session: ReadSession, site: Site, receiver: Site, call_id: UUID, *, at: datetime
) -> list[Broken]:
    """Why a facility that was chosen as called cannot be given the waste of a site: its call is over, or another's."""
    standing = await called_for(session, site.region_code, at=at)
    if any(one.call_id == call_id and one.site_id == receiver.id for one in standing):
        return []
    message = "The call of this facility is not in force for your county now."
    step = "Choose a facility that is called now, or a plant whose permit names medical waste."
    return [Broken("receiver_site_id", "call_not_in_force", message, article="固废法 art. 91", next_step=step)]


def why_not_any_more(rests_on: str, basis: TransferBasis) -> list[Broken]:
    """Why no card goes under a month that rests on a call: it is over."""
    if rests_on != TransferBasis.EXEMPT.value or basis is TransferBasis.EXEMPT:
        return []
    message = "This facility took medical waste under the order of an emergency; it is not called any more."
    step = "Choose a plant whose permit names medical waste."
    return [Broken("receiver_site_id", "call_over", message, article="固废法 art. 91", next_step=step)]
