"""Collection points and the small institutions that they cover; each has a site, and so accounts, of its own."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.containers.policy import demand_own
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Conflict, NotFound, refuse
from wastetrack.ids import new_id
from wastetrack.medical.model import CoverInstitution, OpenPoint
from wastetrack.medical.region_tables import InstitutionRow, PointRow
from wastetrack.parties import queries as parties
from wastetrack.parties.commands import AddSite
from wastetrack.parties.model import Site, SiteKind
from wastetrack.parties.registering import add_site

_MAY_GATHER = frozenset({SiteKind.MEDICAL, SiteKind.COLLECTION, SiteKind.DEPOT, SiteKind.TREATMENT})


async def open_point(session: WriteSession, actor: Actor, command: OpenPoint, *, at: datetime) -> PointRow:
    """Let a site gather for small institutions. Raises NotFound, Forbidden, RuleBroken, Conflict for a second time."""
    site = await parties.site(session, command.site_id)
    demand_own(actor, Verb.MANAGE_ORGANISATION, site.organisation_id)
    await parties.organisation(session, command.served_by_id)
    broken: list[Broken] = []
    if site.kind not in _MAY_GATHER:
        message = "{value} is a site of another kind; medical waste is gathered at institutions, depots and plants."
        broken.append(Broken("site_id", "site_cannot_gather", message, site.name))
    if command.interval_hours is not None and command.interval_hours <= 0:
        message = "An interval is more than nothing, not {value} hours."
        broken.append(Broken("interval_hours", "interval_not_positive", message, command.interval_hours))
    refuse(broken)
    row = PointRow(
        id=new_id(),
        organisation_id=site.organisation_id,
        site_id=site.id,
        served_by_id=command.served_by_id,
        region_code=site.region_code,
        interval_hours=command.interval_hours,
        created_at=at,
    )
    write = insert(PointRow).values(**row.model_dump()).on_conflict_do_nothing().returning(col(PointRow.id))
    if (await session.execute(write)).scalar_one_or_none() is None:
        raise Conflict("point_open_already", "This site is a collection point already.")
    return row


async def point(session: ReadSession, point_id: UUID) -> PointRow:
    """One collection point that one runs, serves or watches. Raises NotFound."""
    row = await session.get(PointRow, point_id)
    if row is None:
        raise NotFound("point_unknown", "There is no such collection point.", point_id=point_id)
    return row


async def cover_institution(
    session: WriteSession, actor: Actor, command: CoverInstitution, *, at: datetime
) -> InstitutionRow:
    """Put a small institution on the point's list. Without a site it gets one, in its own name, under the point.

    Raises NotFound, Forbidden, RuleBroken, Conflict for a name that is on the list.
    """
    gathering = await point(session, command.point_id)
    demand_own(actor, Verb.MANAGE_ORGANISATION, gathering.organisation_id)
    refuse(_check_words(command))
    site = await _site_of(session, actor, command, gathering, at=at)
    row = InstitutionRow(
        id=new_id(),
        point_id=gathering.id,
        organisation_id=gathering.organisation_id,
        served_by_id=gathering.served_by_id,
        site_id=site.id,
        name=command.name.strip(),
        region_code=site.region_code,
        kind=command.kind.value,
        contact_name=command.contact_name.strip(),
        contact_phone=command.contact_phone.strip(),
        active=True,
        created_at=at,
    )
    write = insert(InstitutionRow).values(**row.model_dump()).on_conflict_do_nothing().returning(col(InstitutionRow.id))
    if (await session.execute(write)).scalar_one_or_none() is None:
        message = "{name} is on the list of this point already."
        raise Conflict("institution_covered_already", message, name=row.name)
    return row


def _check_words(command: CoverInstitution) -> list[Broken]:
    broken: list[Broken] = []
    if not command.name.strip():
        broken.append(Broken("name", "name_missing", "This needs a name."))
    if not command.contact_name.strip():
        message = "Name somebody whom the collector can ask for."
        broken.append(Broken("contact_name", "contact_missing", message))
    if not command.contact_phone.strip():
        broken.append(Broken("contact_phone", "phone_missing", "Give a telephone number."))
    return broken


async def _site_of(
    session: WriteSession, actor: Actor, command: CoverInstitution, gathering: PointRow, *, at: datetime
) -> Site:
    if command.site_id is None:
        near = await parties.site(session, gathering.site_id)
        made = AddSite(
            organisation_id=gathering.organisation_id,
            name=command.name.strip(),
            kind=SiteKind.MEDICAL,
            region_code=command.region_code,
            address=near.address,
            latitude=near.latitude,
            longitude=near.longitude,
        )
        return await add_site(session, actor, made, at=at)
    site = await parties.site(session, command.site_id)
    if site.organisation_id != gathering.organisation_id or site.kind is not SiteKind.MEDICAL:
        message = "{value} is no medical site of your organisation."
        step = "An institution that is registered itself hands its waste to the carrier on trip cards of its own."
        refuse([Broken("site_id", "site_of_another", message, site.name, next_step=step)])
    return site


async def institution_locked(session: WriteSession, institution_id: UUID) -> InstitutionRow:
    """One small institution, locked. Raises NotFound."""
    statement = sa.select(InstitutionRow).where(col(InstitutionRow.id) == institution_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("institution_unknown", "There is no such institution.", institution_id=institution_id)
    return row
