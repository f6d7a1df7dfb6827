"""Reading reservations and terms: those that one sees, one of them, how much of days is taken."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.db.windows import Window
from wastetrack.errors import NotFound
from wastetrack.manifests.reservation_tables import (
    IntakeDayRow,
    IntakePriceRow,
    IntakeTermsRow,
    ReservationRow,
    ReservationUseRow,
)
from wastetrack.manifests.reservations import Price, ReservationState, Terms
from wastetrack.manifests.tables import ManifestRow
from wastetrack.mass import Mass

KIND: Final = "reservation"
Reservation = ReservationRow
"""A row under the name by which other rooms know it."""
ORDERS: Final[Mapping[str, Any]] = {
    "planned": col(ReservationRow.planned_on),
    "until": col(ReservationRow.until),
    "mass": col(ReservationRow.net_g),
    "state": col(ReservationRow.state),
}
_NEWEST = Window()


def _seen(actor: Actor) -> sa.Select[ReservationRow]:
    return sa.select(ReservationRow).where(visible(actor, KIND, col(ReservationRow.id)))


async def reservation(session: ReadSession, actor: Actor, reservation_id: UUID) -> ReservationRow:
    """One reservation. Raises NotFound."""
    row = (await session.scalars(_seen(actor).where(col(ReservationRow.id) == reservation_id))).one_or_none()
    if row is None:
        raise NotFound("reservation_unknown", "There is no such reservation.", reservation_id=reservation_id)
    return row


async def locked(session: WriteSession, actor: Actor, reservation_id: UUID) -> ReservationRow:
    """The same, locked, and its permit line before it, as everybody locks them. Raises NotFound."""
    found = await reservation(session, actor, reservation_id)
    driver = await session.driver()
    await driver.execute(
        "select from permit_uses where permit_item_id = $1 and year = $2 for update", found.permit_item_id, found.year
    )
    return await session.get_one(ReservationRow, reservation_id, with_for_update=True, populate_existing=True)


async def reservations(
    session: ReadSession,
    actor: Actor,
    window: Window = _NEWEST,
    *,
    state: ReservationState | None = None,
    waste_code: str = "",
) -> list[ReservationRow]:
    """The reservations that the actor sees, in an order of ORDERS; without one those still held first, the soonest end
    before the rest, then the newest."""
    held = col(ReservationRow.state) == ReservationState.HELD.value
    soonest = sa.case((held, col(ReservationRow.until))).asc().nulls_last()
    statement = window.over(_seen(actor), ORDERS, soonest, col(ReservationRow.id).desc())
    if state is not None:
        statement = statement.where(col(ReservationRow.state) == state.value)
    if waste_code:
        statement = statement.where(col(ReservationRow.waste_code).icontains(waste_code, autoescape=True))
    return list((await session.scalars(statement)).all())


@dataclass(frozen=True, slots=True)
class Used:
    """What a manifest took of a reservation; the number is None where one may not see it."""

    manifest_id: UUID
    number: str | None
    used_g: int


async def uses_of(session: ReadSession, reservation_id: UUID) -> list[Used]:
    """Which manifests took of it. Who may see the reservation is the caller's rule."""
    statement = (
        sa.select(col(ReservationUseRow.manifest_id), col(ManifestRow.number), col(ReservationUseRow.used_g))
        .outerjoin(ManifestRow, col(ManifestRow.id) == col(ReservationUseRow.manifest_id))
        .where(col(ReservationUseRow.reservation_id) == reservation_id, col(ReservationUseRow.used_g) > 0)
        .order_by(col(ManifestRow.filed_at), col(ReservationUseRow.manifest_id))
    )
    return [Used(*row) for row in await session.execute(statement)]


async def terms_of(session: ReadSession, site_ids: Collection[UUID], *, locked: bool = False) -> dict[UUID, Terms]:
    """The terms of several sites with their prices, in two statements. Whoever reserves locks them: one reservation at
    a time at a site."""
    statement = sa.select(IntakeTermsRow).where(col(IntakeTermsRow.site_id).in_(tuple(site_ids)))
    if locked:
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    rows = (await session.scalars(statement)).all()
    if not rows:
        return {}
    prices: dict[UUID, list[Price]] = {}
    priced = sa.select(IntakePriceRow).where(col(IntakePriceRow.site_id).in_([row.site_id for row in rows]))
    for one in await session.scalars(priced.order_by(col(IntakePriceRow.pattern), col(IntakePriceRow.method))):
        price = Price(pattern=one.pattern, method=one.method, fen_per_t=one.fen_per_t)
        prices.setdefault(one.site_id, []).append(price)
    return {row.site_id: _terms(row, prices.get(row.site_id, ())) for row in rows}


def _terms(row: IntakeTermsRow, prices: Iterable[Price]) -> Terms:
    return Terms(
        site_id=row.site_id,
        is_open=row.is_open,
        hold_days=row.hold_days,
        most=None if row.most_g is None else Mass(row.most_g),
        contract_only=row.contract_only,
        note=row.note,
        prices=tuple(prices),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """How much a site said that it takes on a day, and how much of that is set aside."""

    day: date
    free: Mass | None
    """None where nothing was said."""
    taken: Mass

    @property
    def left(self) -> Mass | None:
        """What can still be reserved; below nothing where less was said later."""
        return None if self.free is None else self.free - self.taken


_TAKEN = "select site_id, day, grams from intake_taken($1::uuid[], $2, $3, $4)"


async def days_of(
    session: ReadSession, site_ids: Collection[UUID], first: date, last: date, *, at: datetime
) -> dict[UUID, dict[date, Day]]:
    """The days of several sites about which something was said or for which something is set aside, in two
    statements."""
    statement = sa.select(IntakeDayRow).where(
        col(IntakeDayRow.site_id).in_(tuple(site_ids)), col(IntakeDayRow.day).between(first, last)
    )
    found: dict[UUID, dict[date, Day]] = {}
    for row in await session.scalars(statement.order_by(col(IntakeDayRow.day))):
        found.setdefault(row.site_id, {})[row.day] = Day(day=row.day, free=Mass(row.free_g), taken=Mass(0))
    driver = await session.driver()
    for site_id, day, grams in await driver.fetch(_TAKEN, list(site_ids), first, last, at):
        said = found.setdefault(site_id, {}).get(day)
        found[site_id][day] = Day(day=day, free=said.free if said else None, taken=Mass(grams))
    return found
