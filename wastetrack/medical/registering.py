"""Enter the wards of a medical site and the scales that stand there."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel, col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.containers.policy import demand_own
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, NotFound, refuse
from wastetrack.ids import new_id
from wastetrack.medical.model import AddWard, ChangeWard
from wastetrack.medical.tables import WardRow
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site, SiteKind
from wastetrack.scales.model import AddScale
from wastetrack.scales.queries import Scale
from wastetrack.scales.registering import add_scale

_LONGEST_CODE = 20


async def add_ward(session: WriteSession, actor: Actor, command: AddWard, *, at: datetime) -> WardRow:
    """Enter a department of a medical site. Raises NotFound, Forbidden, RuleBroken, Conflict for a taken code."""
    site = await parties.site(session, command.site_id)
    demand_own(actor, Verb.MANAGE_ORGANISATION, site.organisation_id)
    code = command.code.strip().upper()
    refuse([*_check_medical(site), *_check_words(code, command.name)])
    row = WardRow(
        id=new_id(),
        organisation_id=site.organisation_id,
        site_id=site.id,
        code=code,
        name=command.name.strip(),
        kind=command.kind.value,
        location=command.location.strip(),
        active=True,
        created_at=at,
    )
    await _insert(session, row, Conflict("ward_code_taken", "The site has a ward {ward_code} already.", ward_code=code))
    return row


def _check_medical(site: Site) -> list[Broken]:
    if site.kind is SiteKind.MEDICAL:
        return []
    message = "{value} is not a medical institution; only those have wards."
    step = "Choose a site of the kind “medical”, or enter one."
    return [Broken("site_id", "site_not_medical", message, site.name, next_step=step)]


def _check_words(code: str, name: str) -> list[Broken]:
    broken: list[Broken] = []
    if not 1 <= len(code) <= _LONGEST_CODE or not code.replace("-", "").isalnum():
        message = "A ward's code is 1 to {limit} letters and digits, such as W03; not “{value}”."
        facts: dict[str, object] = {"limit": _LONGEST_CODE}
        broken.append(Broken("code", "ward_code_unusable", message, code, facts=facts))
    if not name.strip():
        broken.append(Broken("name", "name_missing", "This needs a name."))
    return broken


async def change_ward(session: WriteSession, actor: Actor, command: ChangeWard) -> WardRow:
    """Rename a ward, move it, close it. Its code stays: labels on doors bear it. Raises NotFound, Forbidden."""
    row = await ward_locked(session, command.ward_id)
    demand_own(actor, Verb.MANAGE_ORGANISATION, row.organisation_id)
    refuse(_check_words(row.code, command.name))
    row.name, row.kind = command.name.strip(), command.kind.value
    row.location, row.active = command.location.strip(), command.active
    await session.flush()
    return row


async def ward_locked(session: WriteSession, ward_id: UUID) -> WardRow:
    """A ward that nobody changes meanwhile. Raises NotFound."""
    statement = sa.select(WardRow).where(col(WardRow.id) == ward_id).with_for_update(key_share=True)
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("ward_unknown", "There is no such ward.", ward_id=ward_id)
    return row


async def add_scale_of_ward(session: WriteSession, actor: Actor, command: AddScale, *, at: datetime) -> Scale:
    """Enter a scale that stands in a ward, or in none. Raises NotFound, Forbidden, RuleBroken, Conflict."""
    if command.ward_id is not None:
        ward = await ward_locked(session, command.ward_id)
        if ward.site_id != command.site_id:
            raise NotFound("ward_unknown", "There is no such ward.", ward_id=command.ward_id)
    return await add_scale(session, actor, command, at=at)


async def _insert(session: WriteSession, row: SQLModel, taken: Conflict) -> None:
    """Write a new row; the database's own uniqueness says that its name is taken. Raises `taken`."""
    statement = insert(type(row)).values(**row.model_dump()).on_conflict_do_nothing().returning(sa.literal(1))
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise taken
