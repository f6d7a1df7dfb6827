"""The meters of a site: registering them, and reading which there are."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.policy import demand_own
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.ids import new_id
from wastetrack.manifests.meter_tables import MeterRow
from wastetrack.manifests.meters import RegisterMeter, check_meter
from wastetrack.parties import queries as parties

if TYPE_CHECKING:
    import asyncpg

_ADD = """
insert into meters (id, site_id, code, name, kind, unit, density_g_per_l, uncertainty_per_mille, verified_on,
  verified_until, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (site_id, code) do update set name = excluded.name, kind = excluded.kind,
  density_g_per_l = excluded.density_g_per_l, uncertainty_per_mille = excluded.uncertainty_per_mille,
  verified_on = excluded.verified_on, verified_until = excluded.verified_until
where meters.unit = excluded.unit
returning id
"""


async def register_meter(session: WriteSession, actor: Actor, command: RegisterMeter, *, at: datetime) -> MeterRow:
    """Register a meter; the same code at the same site again is a new verification of it.

    Raises NotFound, Forbidden, RuleBroken.
    """
    site = await parties.site(session, command.site_id)
    demand_own(actor, Verb.MANAGE_ORGANISATION, site.organisation_id)
    refuse(check_meter(command, legal_day(at)))
    found: asyncpg.Record | None = await (await session.driver()).fetchrow(
        _ADD,
        new_id(),
        site.id,
        command.code.strip(),
        command.name.strip(),
        command.kind.value,
        command.unit.value,
        command.density_g_per_l,
        command.uncertainty_per_mille,
        command.verified_on,
        command.verified_until,
        at,
    )
    if found is None:
        message = "Meter {value} counts in another unit; what it has counted would change."
        step = "Register the new meter under another code."
        refuse([Broken("code", "meter_of_other_unit", message, command.code, next_step=step)])
    assert found is not None  # noqa: S101  refused above
    row = await session.get(MeterRow, found["id"], populate_existing=True)
    assert row is not None  # noqa: S101  written above
    return row


async def meters_at(session: ReadSession, *site_ids: UUID) -> list[MeterRow]:
    """The meters of sites, by site and code. Whose sites the actor may look at, the caller has found out."""
    wanted = select(MeterRow).where(col(MeterRow.site_id).in_(site_ids))
    return list((await session.scalars(wanted.order_by(col(MeterRow.site_id), col(MeterRow.code)))).all())
