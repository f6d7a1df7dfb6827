"""Enter the scales of a site, say when they were verified anew, end them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand_own
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, NotFound, refuse
from wastetrack.ids import new_id
from wastetrack.parties import queries as parties
from wastetrack.scales.model import AddScale, ChangeScale, ScaleDetails, check_details, check_serial
from wastetrack.scales.tables import ScaleRow


async def add_scale(session: WriteSession, actor: Actor, command: AddScale, *, at: datetime) -> ScaleRow:
    """Enter a scale with its verification. Raises NotFound, Forbidden, RuleBroken, Conflict for a taken serial."""
    site = await parties.site(session, command.site_id)
    demand_own(actor, Verb.MANAGE_ORGANISATION, site.organisation_id)
    refuse([*check_serial(command.serial), *check_details(command)])
    row = ScaleRow(
        id=new_id(),
        organisation_id=site.organisation_id,
        site_id=site.id,
        ward_id=command.ward_id,
        serial=command.serial.strip(),
        created_at=at,
        **_told(command),
    )
    statement = insert(ScaleRow).values(**row.model_dump()).on_conflict_do_nothing().returning(sa.literal(1))
    if (await session.execute(statement)).scalar_one_or_none() is None:
        message = "Your organisation has a scale {serial} already."
        raise Conflict("scale_serial_taken", message, serial=row.serial)
    return row


def _told(details: ScaleDetails) -> dict[str, Any]:
    return {
        "name": details.name.strip(),
        "kind": details.kind.value,
        "unit": details.unit.value,
        "accuracy": details.accuracy.value,
        "verified_on": details.verified_on,
        "verified_until": details.verified_until,
        "uncertainty_g": None if details.uncertainty is None else details.uncertainty.grams,
        "division_g": None if details.division is None else details.division.grams,
    }


async def change_scale(session: WriteSession, actor: Actor, command: ChangeScale) -> ScaleRow:
    """Say when a scale was verified anew, and what it is called. Raises NotFound, Forbidden, RuleBroken, Conflict."""
    row = await _locked(session, actor, command.scale_id)
    refuse(check_details(command))
    for name, value in _told(command).items():
        setattr(row, name, value)
    await session.flush()
    return row


async def end_scale(session: WriteSession, actor: Actor, scale_id: UUID, *, at: datetime) -> ScaleRow:
    """A scale is gone: it sends nothing any more; what it said stays. Raises NotFound, Forbidden, Conflict."""
    row = await _locked(session, actor, scale_id)
    row.ended_at = at
    await session.flush()
    return row


async def _locked(session: WriteSession, actor: Actor, scale_id: UUID) -> ScaleRow:
    """A scale that is still used, and that nobody changes meanwhile."""
    statement = sa.select(ScaleRow).where(col(ScaleRow.id) == scale_id).with_for_update(key_share=True)
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("scale_gone", "There is no such scale.", scale_id=scale_id)
    demand_own(actor, Verb.MANAGE_ORGANISATION, row.organisation_id)
    if row.ended_at is not None:
        raise Conflict("scale_ended", "Scale {serial} was ended; enter it anew.", serial=row.serial)
    return row
