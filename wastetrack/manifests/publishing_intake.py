"""A receiver says on what terms it takes waste in at a site: whether it keeps quantity for others and for how long, its
prices, and how much it can take on which days."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Moment, Recorded, record
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.manifests import reservation_queries
from wastetrack.manifests.reservation_tables import IntakeDayRow, IntakePriceRow, IntakeTermsRow
from wastetrack.manifests.reservations import PublishDays, PublishTerms, why_not_days, why_not_terms
from wastetrack.parties import queries as parties
from wastetrack.parties.model import OrganisationKind, Site


async def publish_terms(session: WriteSession, actor: Actor, command: PublishTerms, *, at: datetime) -> Recorded:
    """Say, or say anew, on what terms a site takes waste in. What is reserved already stays as it was agreed.

    Raises NotFound, Forbidden, RuleBroken.
    """
    site = await _own_site(session, actor, command.site_id)
    lists = await catalogues.snapshot(session)
    methods = [
        broken
        for place, price in enumerate(command.prices)
        if price.method
        for broken in lists.why_not_treatment(price.method, legal_day(at), field=f"prices.{place}.method")
    ]
    refuse([*await _why_not_receiver(session, site), *why_not_terms(command), *methods])
    said = {
        "organisation_id": site.organisation_id,
        "is_open": command.is_open,
        "hold_days": command.hold_days,
        "most_g": None if command.most is None else command.most.grams,
        "contract_only": command.contract_only,
        "note": command.note.strip(),
        "changed_by": actor.person_id,
        "changed_at": at,
    }
    written = insert(IntakeTermsRow).values(site_id=site.id, **said)
    await session.execute(written.on_conflict_do_update(index_elements=["site_id"], set_=said))
    await session.execute(delete(IntakePriceRow).where(col(IntakePriceRow.site_id) == site.id))
    session.add_all(
        IntakePriceRow(site_id=site.id, pattern=one.pattern, method=one.method, fen_per_t=one.fen_per_t)
        for one in command.prices
    )
    await session.flush()
    facts = {
        "site": str(site.id),
        "open": command.is_open,
        "hold_days": command.hold_days,
        "most_g": said["most_g"],
        "contract_only": command.contract_only,
        "prices": [
            {"pattern": one.pattern, "method": one.method or None, "fen_per_t": one.fen_per_t} for one in command.prices
        ],
    }
    return await _record(session, actor, "intake_terms_published", site.id, facts, at=at)


async def publish_days(session: WriteSession, actor: Actor, command: PublishDays, *, at: datetime) -> Recorded:
    """Say how much a site can take on some days; a day of which nothing is said limits nothing.

    Raises NotFound, Forbidden, RuleBroken.
    """
    site = await _own_site(session, actor, command.site_id)
    broken = why_not_days(command.days, today=legal_day(at), days_ahead=jurisdiction().planning_days.value)
    if not await reservation_queries.terms_of(session, (site.id,), locked=True):
        message = "This site has no terms yet."
        step = "Publish its terms first: whether it takes reservations, and for how long it keeps them."
        broken.append(Broken("site_id", "terms_missing", message, next_step=step))
    refuse(broken)
    of = IntakeDayRow
    taken_back = [one.day for one in command.days if one.free is None]
    if taken_back:
        await session.execute(delete(of).where(col(of.site_id) == site.id, col(of.day).in_(taken_back)))
    rows = [
        {"site_id": site.id, "day": one.day, "free_g": one.free.grams} for one in command.days if one.free is not None
    ]
    if rows:
        written = insert(of).values(rows)
        changed = {"free_g": written.excluded.free_g}
        await session.execute(written.on_conflict_do_update(index_elements=["site_id", "day"], set_=changed))
    days = [
        {"day": one.day.isoformat(), "free_g": None if one.free is None else one.free.grams} for one in command.days
    ]
    return await _record(session, actor, "intake_days_published", site.id, {"site": str(site.id), "days": days}, at=at)


async def _own_site(session: ReadSession, actor: Actor, site_id: UUID) -> Site:
    site = await parties.site(session, site_id)
    demand_own(actor, Verb.FILE, site.organisation_id)
    return site


async def _why_not_receiver(session: ReadSession, site: Site) -> list[Broken]:
    firm = await parties.organisation(session, site.organisation_id)
    if OrganisationKind.DISPOSER in firm.kinds:
        return []
    message = "{value} takes no waste of others in: it is not registered as a disposer."
    return [Broken("site_id", "not_a_receiver", message, firm.name)]


async def _record(
    session: WriteSession, actor: Actor, kind: str, site_id: UUID, facts: dict[str, object], *, at: datetime
) -> Recorded:
    moment = Moment(happened_at=at, recorded_at=at)
    return await record(session, actor, kind, subjects=(site_id,), moment=moment, facts=facts)
