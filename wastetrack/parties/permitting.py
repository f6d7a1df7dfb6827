"""Grant, renew and suspend operating permits: the authority's verbs.

Permits of one holder are changed one at a time: each verb holds the holder's row. A granted permit is never edited.
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.catalogues import treatments
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.queries import snapshot
from wastetrack.catalogues.waste_codes import WasteCode
from wastetrack.catalogues.waste_codes import parse as parse_waste_code
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, Malformed, NotFound, refuse
from wastetrack.ids import new_id
from wastetrack.parties import permits, policy, queries
from wastetrack.parties.commands import (
    GrantPermit,
    ItemToGrant,
    LiftSuspension,
    RenewPermit,
    SuspendPermit,
)
from wastetrack.parties.field_rules import Found
from wastetrack.parties.permit_queries import permit as load_permit
from wastetrack.parties.permit_queries import permits_with_number
from wastetrack.parties.permits import Permit, PermitItem, Suspension
from wastetrack.parties.tables import PermitItemRow, PermitRow, PermitSuspensionRow


async def grant_permit(session: WriteSession, actor: Actor, command: GrantPermit, *, at: datetime) -> Permit:
    """Enter a permit as granted. Conflict when its number holds on some of the same days already."""
    await _hold(session, actor, command.organisation_id)
    lists = await snapshot(session)
    refuse(
        (
            *command.broken(),
            *(await _why_not_site(session, command.site_id, command.organisation_id)),
            *why_not_listed(command.items, command.valid_from, lists),
        )
    )
    return await _write(session, command, None, at)


async def renew_permit(session: WriteSession, actor: Actor, command: RenewPermit, *, at: datetime) -> Permit:
    """Enter the next permit of the same holder, site and kind; the old one stays as it was.

    Conflict when the old one was renewed already.
    """
    old = await load_permit(session, command.permit_id)
    await _hold(session, actor, old.organisation_id)
    renewal = GrantPermit(
        organisation_id=old.organisation_id,
        site_id=old.site_id,
        number=command.number,
        kind=old.kind,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        items=command.items
        if command.items is not None
        else tuple(ItemToGrant(pattern=item.pattern, methods=item.methods, yearly=item.yearly) for item in old.items),
    )
    lists = await snapshot(session)
    refuse(
        (
            *renewal.broken(),
            *_why_not_after(old, renewal.valid_from),
            *why_not_listed(renewal.items, renewal.valid_from, lists),
        )
    )
    return await _write(session, renewal, old.id, at)


async def suspend_permit(session: WriteSession, actor: Actor, command: SuspendPermit, *, at: datetime) -> Permit:
    """Take a permit away from a day on. Conflict when it is suspended on some of the same days already."""
    permit = await load_permit(session, command.permit_id)
    await _hold(session, actor, permit.organisation_id)
    permit = await load_permit(session, command.permit_id)
    refuse((*command.broken(), *_why_not_while_valid(permit, command.from_on)))
    for other in permit.suspensions:
        if other.from_on <= (command.to_on or date.max) and command.from_on <= (other.to_on or date.max):
            raise Conflict(
                "permit_suspended_already",
                "Permit {number} is suspended since {from_on} already. Lift that suspension first.",
                number=permit.number,
                from_on=other.from_on.isoformat(),
            )
    await session.execute(
        sa.insert(PermitSuspensionRow).values(
            id=new_id(),
            permit_id=permit.id,
            from_on=command.from_on,
            to_on=command.to_on,
            reason=command.reason.strip(),
            created_at=at,
        )
    )
    return await load_permit(session, permit.id)


async def lift_suspension(session: WriteSession, actor: Actor, command: LiftSuspension, *, at: datetime) -> Permit:
    """End a suspension. Conflict when it has ended on another day already."""
    permit = await load_permit(session, command.permit_id)
    await _hold(session, actor, permit.organisation_id)
    permit = await load_permit(session, command.permit_id)
    suspension = next((other for other in permit.suspensions if other.id == command.suspension_id), None)
    if suspension is None:
        raise NotFound("suspension_unknown", "There is no such suspension of this permit.")
    if suspension.to_on is not None and suspension.to_on < command.last_on:
        raise Conflict(
            "suspension_ended_already",
            "The suspension ended on {to_on} already.",
            to_on=suspension.to_on.isoformat(),
        )
    refuse(_why_not_lift(suspension, command.last_on))
    await session.execute(
        sa.update(PermitSuspensionRow)
        .where(col(PermitSuspensionRow.id) == suspension.id)
        .values(to_on=command.last_on, lifted_at=at)
    )
    return await load_permit(session, permit.id)


async def _hold(session: WriteSession, actor: Actor, organisation_id: UUID) -> None:
    """Lock the holder, which keeps its permits from being changed by two at once, and ask whether the actor may."""
    region_code = await queries.region_of_organisation(session, organisation_id, locked=True)
    policy.demand(policy.may_permit(actor, region_code), "may_not_grant_permit")


async def _write(session: WriteSession, command: GrantPermit, renews_id: UUID | None, at: datetime) -> Permit:
    number = command.number.strip()
    for other in await permits_with_number(session, number):
        if other.valid_from <= command.valid_to and command.valid_from <= other.valid_to:
            raise Conflict(
                "permit_number_taken",
                "Permit {number} is entered already, valid from {valid_from} to {valid_to}.",
                number=number,
                valid_from=other.valid_from.isoformat(),
                valid_to=other.valid_to.isoformat(),
            )
    if renews_id is not None and await _is_renewed(session, renews_id):
        raise Conflict("permit_renewed_already", "This permit was renewed already. Renew the newer one.")
    permit_id = new_id()
    items = tuple(
        PermitItem(
            new_id(),
            item.normal_pattern(),
            frozenset(treatments.parse(method) for method in item.methods),
            item.yearly,
        )
        for item in command.items
    )
    await session.execute(
        sa.insert(PermitRow).values(
            id=permit_id,
            organisation_id=command.organisation_id,
            site_id=command.site_id,
            number=number,
            kind=command.kind.value,
            valid_from=command.valid_from,
            valid_to=command.valid_to,
            renews_id=renews_id,
            created_at=at,
        )
    )
    await session.execute(
        sa.insert(PermitItemRow).values(
            [
                {
                    "id": item.id,
                    "permit_id": permit_id,
                    "position": position,
                    "pattern": item.pattern,
                    "methods": sorted(item.methods),
                    "yearly_g": item.yearly,
                }
                for position, item in enumerate(items)
            ]
        )
    )
    return await load_permit(session, permit_id)


async def _is_renewed(session: WriteSession, permit_id: UUID) -> bool:
    statement = sa.select(sa.exists().where(col(PermitRow.renews_id) == permit_id))
    return bool((await session.execute(statement)).scalar_one())


async def _why_not_site(session: WriteSession, site_id: UUID | None, organisation_id: UUID) -> Found:
    if site_id is None or (await queries.site(session, site_id)).organisation_id == organisation_id:
        return ()
    return (
        Broken(
            "site_id",
            "permit_site_of_other_organisation",
            "The site belongs to another organisation.",
            str(site_id),
            permits.CONTENTS,
            next_step="Choose a site of the holder.",
        ),
    )


def why_not_listed(items: tuple[ItemToGrant, ...], on: date, lists: Catalogue) -> Found:
    """Codes and methods that the lists of the first day do not know. Unreadable patterns are told elsewhere."""
    found: list[Broken] = []
    for number, item in enumerate(items):
        code: WasteCode | None = None
        try:
            code = parse_waste_code(item.pattern)
        except Malformed:  # a category, or unreadable and told by the command itself
            pass
        else:
            found.extend(lists.why_not_waste(code, on, field=f"items.{number}.pattern"))
        for method in sorted(item.methods):
            found.extend(lists.why_not_treatment(method, on, code=code, field=f"items.{number}.methods"))
    return tuple(found)


def _why_not_after(old: Permit, valid_from: date) -> Found:
    if valid_from > old.valid_from:
        return ()
    return (
        Broken(
            "valid_from",
            "renewal_not_later",
            "The renewal would begin on {value}, not after the permit that it renews ({old_from}).",
            valid_from.isoformat(),
            permits.VALIDITY,
            next_step="Correct the first day of the renewal.",
            facts={"old_from": old.valid_from.isoformat()},
        ),
    )


def _why_not_while_valid(permit: Permit, from_on: date) -> Found:
    if permit.valid_from <= from_on <= permit.valid_to:
        return ()
    return (
        Broken(
            "from_on",
            "suspension_outside_validity",
            "Permit {number} is valid from {valid_from} to {valid_to}; {value} lies outside.",
            from_on.isoformat(),
            permits.SUSPENSION,
            next_step="Choose a day on which the permit is valid.",
            facts={
                "number": permit.number,
                "valid_from": permit.valid_from.isoformat(),
                "valid_to": permit.valid_to.isoformat(),
            },
        ),
    )


def _why_not_lift(suspension: Suspension, last_on: date) -> Found:
    if last_on >= suspension.from_on:
        return ()
    return (
        Broken(
            "last_on",
            "suspension_lifted_before_begin",
            "The suspension began on {from_on}; it cannot have ended on {value}.",
            last_on.isoformat(),
            permits.SUSPENSION,
            next_step="Choose the first day of the suspension or a later one.",
            facts={"from_on": suspension.from_on.isoformat()},
        ),
    )
