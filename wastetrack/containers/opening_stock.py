"""Opening stock: containers that stood at a site when its records began, entered until the site says it is all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import show, viewer_of_organisation, viewers_of_region
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, legal_day
from wastetrack.containers.labelling import NOTHING, add_container, check_description, coming_of, record_label
from wastetrack.containers.labelling_many import Entering, Told, take_many
from wastetrack.containers.model import LabelContainer, check_volume, check_weighing
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import record
from wastetrack.containers.stores import check_store
from wastetrack.containers.tables import ContainerRow, SiteOpeningRow
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Conflict, refuse
from wastetrack.ids import new_id
from wastetrack.ledger import rules
from wastetrack.parties import queries as parties
from wastetrack.transparency.appending import Appended

# Older than any waste that still stands somewhere in a labelled container.
OLDEST_STOCK = timedelta(days=366 * 50)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStock:
    """Command: a container stood at the site when records began. `reason` is asked for once the opening is closed."""

    container: LabelContainer
    reason: str = ""


async def opening_closed_at(session: ReadSession, site_id: UUID) -> datetime | None:
    """When the site said that its opening stock is complete."""
    query = select(SiteOpeningRow.closed_at).where(col(SiteOpeningRow.site_id) == site_id)
    return (await session.execute(query)).scalar_one_or_none()


async def open_stock(
    session: WriteSession, actor: Actor, command: OpenStock, *, at: datetime
) -> tuple[ContainerRow, Appended]:
    """Enter a container of the opening stock, with its own day of generation, and give it its digital code.

    Raises NotFound, Forbidden, RuleBroken: the code not in today's list, the opening closed and no reason given.
    """
    wanted = command.container
    site = await parties.site(session, wanted.site_id)
    demand_own(actor, Verb.LABEL, site.organisation_id)
    lists = await catalogues.snapshot(session)
    closed_at = await opening_closed_at(session, site.id)
    broken = [*check_old(lists, wanted, at), *check_closed(closed_at, command.reason)]
    if wanted.store_id is not None and not any(rule.field == "waste_code" for rule in broken):
        broken += await check_store(session, wanted.store_id, site.id, (coming_of(wanted),))
    refuse(broken)
    moment = moment_of(None, at)
    row = await add_container(
        session,
        site,
        wanted.description,
        packaging=wanted.packaging,
        volume_l=wanted.volume_l,
        weighing=wanted.weighing,
        moment=moment,
        generated_on=wanted.generated_on,
        store_id=wanted.store_id,
        since=_since(wanted, at),
    )
    entry = rules.opened(site.id, row.waste_code, wanted.weighing.net, wanted.weighing.measurement())
    return row, await record_label(session, actor, row, moment=moment, entry=entry, reason=command.reason.strip())


async def open_many(
    session: WriteSession, actor: Actor, site_id: UUID, commands: Sequence[OpenStock], *, at: datetime, told: Told
) -> list[ContainerRow]:
    """The same for many that `why_not_label`, by `check_old`, and `check_closed` have found nothing against."""
    entering = [
        Entering(
            entry=rules.opened,
            since=_since(command.container, at),
            told={"reason": command.reason.strip()} if command.reason.strip() else NOTHING,
        )
        for command in commands
    ]
    containers = [command.container for command in commands]
    return await take_many(session, actor, site_id, containers, entering, at=at, told=told)


def check_old(lists: Catalogue, wanted: LabelContainer, at: datetime) -> list[Broken]:
    """What may not be entered so, the store and the end of the opening left aside."""
    return [
        *check_volume(wanted.volume_l, wanted.packaging),
        *check_weighing(wanted.weighing, wanted.volume_l),
        # Old waste is labelled by the list of today: older lists are not kept, and the label is of today.
        *check_description(lists, wanted.description, on=legal_day(at)),
        *check_day_of_old(wanted.generated_on, at),
    ]


def _since(wanted: LabelContainer, at: datetime) -> datetime:
    return min(at, datetime.combine(wanted.generated_on, datetime.min.time(), LEGAL_ZONE))


async def close_opening(session: WriteSession, actor: Actor, site_id: UUID, *, at: datetime) -> Appended:
    """Say that the opening stock of a site is complete. Raises NotFound, Forbidden, Conflict when it was said."""
    site = await parties.site(session, site_id)
    demand_own(actor, Verb.MANAGE_ORGANISATION, site.organisation_id)
    statement = insert(SiteOpeningRow).values(site_id=site.id, closed_at=at).on_conflict_do_nothing()
    written = await session.execute(statement.returning(col(SiteOpeningRow.site_id)))
    if written.scalar_one_or_none() is None:
        raise Conflict("opening_closed", "The opening stock of this site is complete already.", site_id=site.id)
    event_id = new_id()
    viewers = (viewer_of_organisation(site.organisation_id), *viewers_of_region(site.region_code))
    await show(session, "site_opening", event_id, viewers)
    return await record(
        session,
        actor,
        "opening_closed",
        subjects=(event_id, site.id),
        moment=moment_of(None, at),
        facts={"site": str(site.id)},
        event_id=event_id,
    )


def check_day_of_old(generated_on: date, at: datetime) -> tuple[Broken, ...]:
    """Whether old stock can be of that day."""
    today = legal_day(at)
    if today - OLDEST_STOCK <= generated_on <= today:
        return ()
    message = "The day of generation {value} is in the future or more than fifty years ago."
    step = "Give the day on which the container was filled, as well as it is known."
    return (Broken("generated_on", "generated_on_implausible", message, generated_on.isoformat(), next_step=step),)


def check_closed(closed_at: datetime | None, reason: str) -> tuple[Broken, ...]:
    """Whether the opening is still open, or somebody says why this comes later."""
    if closed_at is None or reason.strip():
        return ()
    message = "The opening stock of this site was declared complete on {day}."
    step = "Label new waste as new; if this stood there from before, say why it was left out."
    facts: dict[str, object] = {"day": legal_day(closed_at).isoformat()}
    return (Broken("reason", "opening_closed", message, "", facts=facts, next_step=step),)
