"""How the plants of a region did, from the register, the ledger, the gates and the stores: two statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson

from wastetrack.auth.model import Actor
from wastetrack.capacity.evaluating import HARD_TO_TREAT_DAYS, Operation, PlantOperation, ordered, summed
from wastetrack.capacity.licensing import Days, Licence, LicensedLine
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.db.session import ReadSession
from wastetrack.mass import ZERO, Mass

if TYPE_CHECKING:
    from uuid import UUID

_PLANTS = """
select site.id, site.name as site, site.region_code, firm.id as firm_id, firm.name as firm,
  coalesce((select sum(store.limit_g) from stores store where store.site_id = site.id and store.parent_id is null
    and store.closed_at is null), 0)::bigint as room_g,
  (select count(*) from sites other where other.organisation_id = firm.id and other.kind = 'treatment') as siblings,
  coalesce((select json_agg(json_build_object('from', permit.valid_from, 'to', permit.valid_to,
      'for_all', permit.site_id is null,
      'lines', (select json_agg(json_build_array(item.pattern, item.methods, item.yearly_g) order by item.position)
        from permit_items item where item.permit_id = permit.id),
      'suspended', (select json_agg(json_build_array(stopped.from_on, stopped.to_on) order by stopped.from_on)
        from permit_suspensions stopped where stopped.permit_id = permit.id
        and stopped.from_on <= $4 and (stopped.to_on is null or stopped.to_on >= $3))) order by permit.id)
    from permits permit
    where permit.organisation_id = firm.id and (permit.site_id is null or permit.site_id = site.id)
      and permit.valid_from <= $4 and permit.valid_to >= $3), '[]')::text as permits,
  coalesce((select json_agg(json_build_array(outage.from_on, outage.to_on, outage.percent)) from plant_outages outage
    where outage.site_id = site.id and outage.from_on <= $4
      and (outage.to_on is null or outage.to_on >= $3)), '[]')::text as outages
from sites site join organisations firm on firm.id = site.organisation_id
where site.kind = 'treatment' and site.region_code like $1 || '%' and ($2::uuid is null or firm.id = $2)
"""
_FACTS = "select site_id, fact, detail, grams, counted from plant_operation($1, $2, $3, $4)"
_LONG_STORED = (
    "select waste_code, grams, sites, oldest_days from long_stored($1, $2, $3) order by grams desc, waste_code"
)
_CAME: Final = frozenset({"received+", "received-", "sent_back+", "sent_back-", "moved+"})
_LEFT: Final = frozenset({"residue+", "residue-"})
_WRONG: Final = frozenset(kind + way for kind in ("repacked", "stock_taken", "missing", "found") for way in "+-")


async def operation_of(
    session: ReadSession, actor: Actor, *, region: str, since: date, until: date, at: datetime
) -> Operation:
    """The plants of a region that an authority watches, or those of the actor's own firm; both days included.

    The stock is that of now; how old it is, is told for the end of the period, or for now if that is not over.
    """
    firm = None if actor.is_regulator else actor.organisation_id
    driver = await session.driver()
    rows = await driver.fetch(_PLANTS, region, firm, since, until)
    facts: dict[UUID, list[Any]] = defaultdict(list)
    if rows:
        begin, end = _midnight(since), min(_midnight(until + timedelta(days=1)), at)
        for fact in await driver.fetch(_FACTS, begin, end, region, HARD_TO_TREAT_DAYS):
            facts[fact["site_id"]].append(fact)
    plants = (_plant(row, facts[row["id"]], since, until) for row in rows)
    return Operation(since=since, until=until, plants=ordered(plants))


async def long_stored(
    session: ReadSession, *, region: str, days: int, at: datetime
) -> list[tuple[str, Mass, int, int]]:
    """What stands anywhere in the region for longer than so many days: code, mass, sites, days of the oldest."""
    rows = await (await session.driver()).fetch(_LONG_STORED, at, region, days)
    return [(row["waste_code"], Mass(row["grams"]), row["sites"], row["oldest_days"]) for row in rows]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LEGAL_ZONE)


def _plant(row: Mapping[str, Any], facts: Iterable[Mapping[str, Any]], since: date, until: date) -> PlantOperation:
    by_fact: dict[str, list[Any]] = defaultdict(list)
    for fact in facts:
        by_fact[fact["fact"]].append(fact)
    stock = {fact["detail"]: fact["grams"] for fact in by_fact["stock"]}
    refused = by_fact["refused"]
    return PlantOperation(
        site_id=row["id"],
        site=row["site"],
        firm_id=row["firm_id"],
        firm=row["firm"],
        region_code=row["region_code"],
        since=since,
        until=until,
        licences=tuple(_licence(one, shared=row["siblings"] > 1) for one in orjson.loads(row["permits"])),
        lost=tuple((*_days(first, last), share) for first, last, share in orjson.loads(row["outages"])),
        received=_of(stock, _CAME),
        treated=sum((Mass(fact["grams"]) for fact in by_fact["treated"]), ZERO),
        treated_by=summed((fact["detail"], Mass(fact["grams"])) for fact in by_fact["treated"]),
        days_treated=sum(fact["counted"] for fact in by_fact["days"]),
        taken=sum(fact["counted"] for fact in by_fact["taken"]),
        refused=sum(fact["counted"] for fact in refused),
        refused_mass=sum((Mass(fact["grams"]) for fact in refused), ZERO),
        residue=_of(stock, _LEFT),
        difference=_of(stock, _WRONG),
        standing=sum((Mass(fact["grams"]) for fact in by_fact["standing"]), ZERO),
        oldest_days=max((fact["counted"] for fact in by_fact["standing"]), default=None),
        hard_to_treat=summed((fact["detail"], Mass(fact["grams"])) for fact in by_fact["old"]),
        room=Mass(row["room_g"]),
    )


def _licence(told: Mapping[str, Any], *, shared: bool) -> Licence:
    return Licence(
        lines=tuple(
            LicensedLine(pattern, tuple(methods), Mass(yearly_g)) for pattern, methods, yearly_g in told["lines"] or ()
        ),
        valid_from=_day(told["from"]),
        valid_to=_day(told["to"]),
        suspended=tuple(_days(first, last) for first, last in told["suspended"] or ()),
        is_shared=told["for_all"] and shared,
    )


def _of(stock: Mapping[str, int], kinds: frozenset[str]) -> Mass:
    return Mass(sum(grams for kind, grams in stock.items() if kind in kinds))


def _days(first: str, last: str | None) -> Days:
    return _day(first), None if last is None else _day(last)


def _day(text: str) -> date:
    return date.fromisoformat(text)
