"""Reading permits: each with its lines and suspensions, in one statement however many there are."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlmodel import col

from wastetrack.db.hot import Hot
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound
from wastetrack.mass import Mass
from wastetrack.parties.permits import Permit, PermitItem, PermitKind, Suspension
from wastetrack.parties.tables import PermitItemRow, PermitRow, PermitSuspensionRow

_ITEM = sa.func.json_build_array(
    col(PermitItemRow.id), col(PermitItemRow.pattern), col(PermitItemRow.methods), col(PermitItemRow.yearly_g)
)
_ITEMS = (
    sa.select(sa.func.json_agg(aggregate_order_by(_ITEM, col(PermitItemRow.position)), type_=sa.JSON))
    .where(col(PermitItemRow.permit_id) == col(PermitRow.id))
    .scalar_subquery()
)
_SUSPENSION = sa.func.json_build_array(
    col(PermitSuspensionRow.id),
    col(PermitSuspensionRow.from_on),
    col(PermitSuspensionRow.to_on),
    col(PermitSuspensionRow.reason),
)
_SUSPENSIONS = (
    sa.select(sa.func.json_agg(aggregate_order_by(_SUSPENSION, col(PermitSuspensionRow.from_on)), type_=sa.JSON))
    .where(col(PermitSuspensionRow.permit_id) == col(PermitRow.id))
    .scalar_subquery()
)
_PERMITS = sa.select(
    col(PermitRow.id),
    col(PermitRow.organisation_id),
    col(PermitRow.site_id),
    col(PermitRow.number),
    col(PermitRow.kind),
    col(PermitRow.valid_from),
    col(PermitRow.valid_to),
    _ITEMS.label("items"),
    _SUSPENSIONS.label("suspensions"),
)


async def permits_of(
    session: ReadSession, organisation_id: UUID, *, site_id: UUID | None = None, on: date | None = None
) -> tuple[Permit, ...]:
    """The permits of a holder, newest first; those for one site (and for all) when it is given.

    With a day only those valid on it, suspended or not; without, all, so that permits.covering can tell which one
    has expired.
    """
    statement = _PERMITS.where(col(PermitRow.organisation_id) == organisation_id)
    if site_id is not None:
        statement = statement.where(sa.or_(col(PermitRow.site_id).is_(None), col(PermitRow.site_id) == site_id))
    if on is not None:
        statement = statement.where(col(PermitRow.valid_from) <= on, col(PermitRow.valid_to) >= on)
    statement = statement.order_by(col(PermitRow.valid_to).desc(), col(PermitRow.id))
    return tuple(_permit(row) for row in await session.execute(statement))


_FOR_SITE = Hot(
    _PERMITS.where(
        col(PermitRow.organisation_id) == sa.bindparam("holder_id", type_=sa.Uuid),
        sa.or_(col(PermitRow.site_id).is_(None), col(PermitRow.site_id) == sa.bindparam("site_id", type_=sa.Uuid)),
    ).order_by(col(PermitRow.valid_to).desc(), col(PermitRow.id))
)


async def permits_for_site(session: ReadSession, organisation_id: UUID, site_id: UUID) -> tuple[Permit, ...]:
    """`permits_of` a site without a day, on the bare driver: asked at each scan and each filing."""
    return tuple(_permit(row) for row in await _FOR_SITE.rows(session, holder_id=organisation_id, site_id=site_id))


async def permits_by_holder(
    session: ReadSession, organisation_ids: Iterable[UUID], *, on: date
) -> dict[UUID, tuple[Permit, ...]]:
    """The permits valid on a day of several holders, in one statement; holders without any are left out."""
    statement = _PERMITS.where(
        col(PermitRow.organisation_id).in_(tuple(organisation_ids)),
        col(PermitRow.valid_from) <= on,
        col(PermitRow.valid_to) >= on,
    ).order_by(col(PermitRow.valid_to).desc(), col(PermitRow.id))
    found: dict[UUID, tuple[Permit, ...]] = {}
    for row in await session.execute(statement):
        found[row.organisation_id] = (*found.get(row.organisation_id, ()), _permit(row))
    return found


async def permits_by_holder_in(
    session: ReadSession, organisation_ids: Iterable[UUID], year: int
) -> dict[UUID, tuple[Permit, ...]]:
    """The permits of several holders that are valid on some day of a year, in one statement."""
    statement = _PERMITS.where(
        col(PermitRow.organisation_id).in_(tuple(organisation_ids)),
        col(PermitRow.valid_from) <= date(year, 12, 31),
        col(PermitRow.valid_to) >= date(year, 1, 1),
    ).order_by(col(PermitRow.valid_to).desc(), col(PermitRow.id))
    found: dict[UUID, tuple[Permit, ...]] = {}
    for row in await session.execute(statement):
        found[row.organisation_id] = (*found.get(row.organisation_id, ()), _permit(row))
    return found


async def permit(session: ReadSession, permit_id: UUID) -> Permit:
    """One permit. NotFound when there is none."""
    row = (await session.execute(_PERMITS.where(col(PermitRow.id) == permit_id))).one_or_none()
    if row is None:
        raise NotFound("permit_unknown", "There is no such permit.", permit_id=permit_id)
    return _permit(row)


async def permits_with_number(session: ReadSession, number: str) -> tuple[Permit, ...]:
    """Every permit that bears a number, newest first: renewals may keep it."""
    statement = _PERMITS.where(col(PermitRow.number) == number).order_by(col(PermitRow.valid_from).desc())
    return tuple(_permit(row) for row in await session.execute(statement))


def _permit(row: Any) -> Permit:  # noqa: ANN401  a row of a select, by SQLAlchemy or by the driver
    permit_id, organisation_id, site_id, number, kind, valid_from, valid_to, items, suspensions = row
    return Permit(
        id=permit_id,
        organisation_id=organisation_id,
        site_id=site_id,
        number=number,
        kind=PermitKind(kind),
        valid_from=valid_from,
        valid_to=valid_to,
        items=tuple(
            PermitItem(UUID(item_id), pattern, frozenset(methods), Mass(yearly_g))
            for item_id, pattern, methods, yearly_g in _listed(items)
        ),
        suspensions=tuple(
            Suspension(
                UUID(suspension_id),
                date.fromisoformat(from_on),
                None if to_on is None else date.fromisoformat(to_on),
                reason,
            )
            for suspension_id, from_on, to_on, reason in _listed(suspensions)
        ),
    )


def _listed(value: Any) -> list[Any]:  # noqa: ANN401  the driver alone leaves JSON as text
    return orjson.loads(value) if isinstance(value, str) else value or []
