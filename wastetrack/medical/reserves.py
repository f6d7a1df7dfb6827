"""Reading what is held ready: facilities by region, prefectures without any, calls, supplies with their stock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound
from wastetrack.mass import Mass
from wastetrack.medical.region_tables import EmergencyRow
from wastetrack.medical.reserve_model import HelperKind, Lot, StockMove, SupplyKind, usable
from wastetrack.medical.reserve_tables import CallRow, HelperRow, SupplyMoveRow

Helper = HelperRow
Call = CallRow
Emergency = EmergencyRow
"""Rows under the names by which other rooms know them."""
MOST = 500
_PREFECTURE = 2


def home_of(actor: Actor) -> str:
    """The digits of the region that an authority watches; nothing for a firm."""
    return actor.viewer.removeprefix("r:") if actor.is_regulator else ""


def serves(helper: HelperRow, region: str) -> bool:
    """Whether a facility stands ready for a region, a part of it, or what it lies in."""
    return helper.region_code.startswith(region) or region.startswith(helper.region_code)


async def helpers(session: ReadSession, *, region: str = "", ended: bool = False) -> list[HelperRow]:
    """The list of a region, by region and in the order of calling."""
    statement = sa.select(HelperRow).order_by(col(HelperRow.region_code), col(HelperRow.id)).limit(MOST)
    if not ended:
        statement = statement.where(col(HelperRow.ended_at).is_(None))
    if region:
        lies_in = [region[:digits] for digits in (4, 6) if digits < len(region)]
        code = col(HelperRow.region_code)
        statement = statement.where(code.startswith(region, autoescape=True) | code.in_(lies_in))
    order = {kind.value: place for place, kind in enumerate(HelperKind)}
    found = (await session.execute(statement)).scalars()
    return sorted(found, key=lambda one: (one.region_code[:4], order[one.kind], one.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefecture:
    """A prefecture, and how many facilities stand ready for it or a part of it on a day."""

    code: str
    name: str
    ready: int
    daily_g: int
    is_enough: bool
    """Whether these are as many as each prefecture names."""


def prefectures(catalogue: Catalogue, region: str, listed: Iterable[HelperRow], on: date) -> list[Prefecture]:
    """Each prefecture of a region, those with too few facilities first."""
    least = jurisdiction().emergency_helpers_per_prefecture.value
    ready = [one for one in listed if one.ended_at is None and one.agreement_from <= on <= one.agreement_to]
    found = []
    for place in catalogue.regions.values():
        if place.level == _PREFECTURE and place.prefix.startswith(region):
            mine = [one for one in ready if one.region_code.startswith(place.prefix)]
            daily_g = sum(one.daily_g.grams for one in mine)
            name = catalogue.region_name(place.code)
            enough = len(mine) >= least
            found.append(Prefecture(code=place.prefix, name=name, ready=len(mine), daily_g=daily_g, is_enough=enough))
    return sorted(found, key=lambda one: (one.is_enough, one.code))


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A call, with the facility that is called."""

    id: UUID
    helper_id: UUID
    name: str
    kind: HelperKind
    daily: Mass
    from_at: datetime
    ended_at: datetime | None
    ready_at: datetime
    """When its lead time is over."""


async def calls_under(session: ReadSession, emergency: EmergencyRow, *, at: datetime) -> list[Called]:
    """Who is called under an emergency, in the order of calling."""
    lead = sa.func.make_interval(0, 0, 0, 0, col(HelperRow.lead_hours))
    statement = (
        sa.select(CallRow, col(HelperRow.name), col(HelperRow.kind), (col(CallRow.from_at) + lead).label("ready_at"))
        .join(HelperRow, col(HelperRow.id) == col(CallRow.helper_id))
        .where(col(CallRow.emergency_id) == emergency.id)
        .order_by(col(CallRow.id))
        .limit(MOST)
    )
    over_at = emergency.ended_at or (emergency.until_at if emergency.until_at <= at else None)
    return [
        Called(
            id=call.id,
            helper_id=call.helper_id,
            name=name,
            kind=HelperKind(kind),
            daily=call.daily_g,
            from_at=call.from_at,
            ended_at=call.ended_at or over_at,
            ready_at=ready_at,
        )
        for call, name, kind, ready_at in (await session.execute(statement)).all()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantSite:
    """A site of a plant, to be chosen."""

    id: UUID
    name: str


_PLANT_SITES = sa.text("""
select site.id, firm.name || ' · ' || site.name as name from sites site
join organisations firm on firm.id = site.organisation_id
where 'disposer' = any (firm.kinds) and site.region_code like :region order by 2 limit 300
""")


async def plant_sites(session: ReadSession, region: str) -> list[PlantSite]:
    """Sites of plants in the province of a region."""
    found = await session.execute(_PLANT_SITES, {"region": f"{region[:2]}%"})
    return [PlantSite(**row) for row in found.mappings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Something that is held ready, and what is there of it."""

    id: UUID
    organisation_id: UUID
    holder: str
    region_code: str
    kind: SupplyKind
    name: str
    unit: str
    place: str
    minimum: int
    ended_at: datetime | None
    lots: tuple[Lot, ...]
    today: date

    @property
    def usable(self) -> int:
        """How much of it may be used today."""
        return usable(self.lots, self.today)

    @property
    def expired(self) -> int:
        """How much lies there that may not."""
        return sum(lot.quantity for lot in self.lots) - self.usable

    @property
    def is_low(self) -> bool:
        """Whether there is less than there must be."""
        return self.usable < self.minimum

    @property
    def expires_on(self) -> date | None:
        """When the next of what may be used expires."""
        return min((lot.expires_on for lot in self.lots if lot.expires_on and lot.usable(self.today)), default=None)

    @property
    def expires_soon(self) -> bool:
        """Whether that is soon."""
        return self.expires_on is not None and self.expires_on - self.today <= timedelta(
            days=jurisdiction().emergency_renewal_days.value
        )


_SUPPLIES = """
select supply.id, supply.organisation_id, holder.name as holder, supply.region_code, supply.kind, supply.name,
  supply.unit, supply.place, supply.minimum, supply.ended_at, stock.expiries, stock.quantities
from emergency_supplies supply join organisations holder on holder.id = supply.organisation_id
left join lateral (
  select array_agg(lot.expires_on order by lot.expires_on) as expiries,
    array_agg(lot.quantity order by lot.expires_on) as quantities
  from (select expires_on, sum(change)::bigint as quantity from emergency_supply_moves
    where supply_id = supply.id group by expires_on having sum(change) <> 0) lot
) stock on true
where (supply.organisation_id = $1 or supply.region_code like $2)
  and ($3::uuid is null and supply.ended_at is null or supply.id = $3)
order by supply.kind, supply.name, supply.id limit $4
"""


async def supplies(session: ReadSession, actor: Actor, *, at: datetime) -> list[Supply]:
    """What one's organisation holds, or what is held in the region one watches."""
    return await _supplies(session, actor, None, at)


async def supply(session: ReadSession, actor: Actor, supply_id: UUID, *, at: datetime) -> Supply:
    """One of them. Raises NotFound."""
    found = await _supplies(session, actor, supply_id, at)
    if not found:
        raise NotFound("supply_unknown", "There is no such supply.", supply_id=supply_id)
    return found[0]


async def _supplies(session: ReadSession, actor: Actor, supply_id: UUID | None, at: datetime) -> list[Supply]:
    watched = f"{home_of(actor)}%" if actor.is_regulator else "-"
    rows = await (await session.driver()).fetch(_SUPPLIES, actor.organisation_id, watched, supply_id, MOST)
    return [
        Supply(
            **{name: row[name] for name in _SAME},
            kind=SupplyKind(row["kind"]),
            lots=tuple(Lot(*one) for one in zip(row["expiries"] or (), row["quantities"] or (), strict=True)),
            today=legal_day(at),
        )
        for row in rows
    ]


_SAME = ("id", "organisation_id", "holder", "region_code", "name", "unit", "place", "minimum", "ended_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A line of a supply's stock."""

    kind: StockMove
    change: int
    expires_on: date | None
    happened_on: date
    note: str
    recorded_at: datetime
    event_id: UUID | None


async def moves_of(session: ReadSession, supply_id: UUID) -> list[Moved]:
    """The lines of a supply, the newest first; who may see it is the caller's rule."""
    statement = (
        sa.select(SupplyMoveRow)
        .where(col(SupplyMoveRow.supply_id) == supply_id)
        .order_by(col(SupplyMoveRow.id).desc())
        .limit(MOST)
    )
    return [
        Moved(
            kind=StockMove(row.kind),
            change=row.change,
            expires_on=row.expires_on,
            happened_on=row.happened_on,
            note=row.note,
            recorded_at=row.recorded_at,
            event_id=row.event_id,
        )
        for row in (await session.execute(statement)).scalars()
    ]
