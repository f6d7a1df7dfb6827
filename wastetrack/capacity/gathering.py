"""What the records say of a region and a year, in sets: one statement a table, whatever the region's size."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from wastetrack.capacity.directing import directed_by, exempted_by
from wastetrack.capacity.facts import (
    MONTHS,
    OF_SITE,
    ApprovalFacts,
    FacilityFacts,
    Facts,
    ItemFacts,
    PermitFacts,
    PriceFacts,
    SiteFacts,
    TransferFacts,
    yearly_grams,
)
from wastetrack.capacity.filed_plans import PLANS, told_by
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.general_wastes import is_general
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, legal_day
from wastetrack.db.session import ReadSession
from wastetrack.parties.model import SiteKind
from wastetrack.parties.permits import PermitKind

_SITES: Final = """
select site.id, site.name, site.kind, site.region_code, site.longitude::float8 as longitude,
  site.latitude::float8 as latitude, site.organisation_id, firm.name as organisation, coalesce(held.grams, 0)::bigint as
  stores_g
from sites site join organisations firm on firm.id = site.organisation_id
left join (
  select store.site_id, sum(store.limit_g) as grams from stores store
  where store.parent_id is null and store.closed_at is null group by store.site_id
) held on held.site_id = site.id
where site.kind <> 'depot' and (site.region_code like $1 || '%' or site.organisation_id = any($2)
  or site.id = any($3) or (length($1) > 2 and site.kind = 'treatment' and site.region_code like left($1, 2) || '%'))
order by site.region_code, site.id
"""
_TRANSFERS: Final = """
select item.site_id, item.receiver_id, item.waste_code, item.method, item.planned_g from plan_items item
join sites site on site.id = item.site_id
where item.year = $2 and site.region_code like $1 || '%' order by item.id
"""
_LEDGER: Final = "select site_id, waste_code, fact, month, grams from capacity_ledger($1, $2, $3)"
_PERMITS: Final = """
select permit.id, permit.organisation_id, permit.site_id, permit.kind, permit.valid_from, permit.valid_to,
  item.id as item_id, item.pattern, item.methods, item.yearly_g
from permits permit join permit_items item on item.permit_id = permit.id
where permit.valid_from <= $2 and permit.valid_to >= $1 order by permit.valid_from, permit.id, item.position
"""
_SUSPENSIONS: Final = """
select permit_id, from_on, to_on from permit_suspensions where from_on <= $2 and (to_on is null or to_on >= $1)
order by permit_id, from_on
"""
_FACILITIES: Final = """
select facility.site_id, facility.capacity, facility.capacity_unit, facility.since, facility.until
from facilities facility where facility.kind in ('use', 'disposal') and facility.since <= $2
  and (facility.until is null or facility.until >= $1) order by facility.site_id, facility.code
"""
_POINT_TO_POINT: Final = "point_to_point"
_APPROVALS: Final = """
select held.shipper_site_id, held.receiver_site_id, held.kind, held.group_name, item.waste_code, item.method,
  item.quantity_g
from approvals held join approval_items item on item.approval_id = held.id
join sites site on site.id = held.shipper_site_id
where held.state = 'approved' and held.valid_from <= $3 and held.valid_to >= $2 and site.region_code like $1 || '%'
  and held.kind in ('cross_province', 'group_internal', 'point_to_point') order by item.id
"""
_BOOKED: Final = "select permit_item_id, booked_g + held_g as grams from permit_uses where year = $1"
# One's own matrix before that of another authority, the newer before the older.
_ROADS: Final = """
select distinct on (road.origin, road.site_id) road.origin, road.site_id, road.km from road_distances road
order by road.origin, road.site_id,
  road.organisation_id = nullif(current_setting('wastetrack.organisation', true), '')::uuid desc nulls last,
  road.recorded_at desc
"""
_PRICES: Final = "select site_id, pattern, method, fen_per_t from intake_prices order by site_id, pattern, method"


async def facts_of(session: ReadSession, lists: Catalogue, region: str, year: int, *, at: datetime) -> Facts:
    """Everything that a matching of a region and year rests on, as far as these eyes see it; twelve statements."""
    driver = await session.driver()
    first, last = date(year, 1, 1), date(year, 12, 31)
    transfers = [_transfer(row) for row in await driver.fetch(_TRANSFERS, region, year)]
    approved = await driver.fetch(_APPROVALS, region, first, last)
    approvals = [_approval(row) for row in approved if row["kind"] != _POINT_TO_POINT]
    receivers = {one.receiver_id for one in transfers}
    elsewhere = {row["receiver_site_id"] for row in approved}
    permits = _permits(await driver.fetch(_PERMITS, first, last), await driver.fetch(_SUSPENSIONS, first, last))
    sites = {row["id"]: _site(row) for row in await driver.fetch(_SITES, region, list(receivers), list(elsewhere))}
    plans = await driver.fetch(PLANS, region, year)
    filed, planned, treated_there = told_by(plans)
    books = _ledger(await driver.fetch(_LEDGER, region, *_books_of(year, at)))
    here = {one.organisation_id for one in sites.values()}
    return Facts(
        region=region,
        year=year,
        sites=sites,
        planned_g=planned,
        filed=frozenset(filed),
        arisen_g=books[0],
        stored_g=books[1] if year >= legal_day(at).year else {},
        treated_g=books[2],
        residue_g=books[3],
        permits=tuple(one for one in permits if one.organisation_id in here),
        facilities=tuple(
            FacilityFacts(
                row["site_id"], yearly_grams(row["capacity"], row["capacity_unit"]), row["since"], row["until"]
            )
            for row in await driver.fetch(_FACILITIES, first, last)
            if row["site_id"] in sites
        ),
        transfers=tuple(transfers),
        own_treatment=tuple(treated_there),
        approvals=tuple(one for one in approvals if one.receiver_site_id in sites),
        directed=(*directed_by(approved, sites), *exempted_by(plans, sites, lists.exemptions_on(first))),
        booked_g={row["permit_item_id"]: row["grams"] for row in await driver.fetch(_BOOKED, year)},
        roads_km={
            (row["origin"], row["site_id"]): row["km"] for row in await driver.fetch(_ROADS) if row["site_id"] in sites
        },
        prices=tuple(PriceFacts(**dict(row)) for row in await driver.fetch(_PRICES) if row["site_id"] in sites),
        names={one.code: one.name for one in lists.regions.values()},
    )


def _books_of(year: int, at: datetime) -> tuple[datetime, datetime]:
    """The months of the ledger that stand for a year: its own where it is over, else the last twelve whole ones."""
    today = legal_day(at)
    if year < today.year:
        return datetime(year, 1, 1, tzinfo=LEGAL_ZONE), datetime(year + 1, 1, 1, tzinfo=LEGAL_ZONE)
    return (
        datetime(today.year - 1, today.month, 1, tzinfo=LEGAL_ZONE),
        datetime(today.year, today.month, 1, tzinfo=LEGAL_ZONE),
    )


def _site(row: Mapping[str, Any]) -> SiteFacts:
    return SiteFacts(**{**dict(row), "kind": SiteKind(row["kind"])})


def _transfer(row: Mapping[str, Any]) -> TransferFacts:
    return TransferFacts(**dict(row))


def _approval(row: Mapping[str, Any]) -> ApprovalFacts:
    return ApprovalFacts(
        row["shipper_site_id"],
        row["receiver_site_id"],
        row["waste_code"],
        row["method"],
        row["quantity_g"],
        row["group_name"],
        row["kind"] == "cross_province",
    )


def _ledger(
    rows: list[Mapping[str, Any]],
) -> tuple[dict[OF_SITE, tuple[int, ...]], dict[OF_SITE, int], dict[UUID, int], dict[OF_SITE, int]]:
    """What arose by month, what is stored, what was treated by site, what treatment left."""
    arisen: dict[OF_SITE, list[int]] = defaultdict(lambda: [0] * MONTHS)
    stored: dict[OF_SITE, int] = {}
    treated: dict[UUID, int] = defaultdict(int)
    left: dict[OF_SITE, int] = defaultdict(int)
    for row in rows:
        key = (row["site_id"], row["waste_code"])
        if is_general(row["waste_code"]):
            continue
        match row["fact"]:
            case "generated":
                arisen[key][row["month"] - 1] += row["grams"]
            case "stored":
                stored[key] = row["grams"]
            case "treated":
                treated[row["site_id"]] += row["grams"]
            case _:
                left[key] += row["grams"]
    # A correction may take more back in a month than arose in it.
    known = {key: tuple(max(grams, 0) for grams in months) for key, months in arisen.items()}
    return known, stored, dict(treated), {key: grams for key, grams in left.items() if grams > 0}


def _permits(rows: list[Mapping[str, Any]], suspended: list[Mapping[str, Any]]) -> list[PermitFacts]:
    days: dict[UUID, list[tuple[date, date | None]]] = defaultdict(list)
    for row in suspended:
        days[row["permit_id"]].append((row["from_on"], row["to_on"]))
    items: dict[UUID, list[ItemFacts]] = defaultdict(list)
    heads: dict[UUID, Mapping[str, Any]] = {}
    for row in rows:
        heads[row["id"]] = row
        items[row["id"]].append(ItemFacts(row["item_id"], row["pattern"], frozenset(row["methods"]), row["yearly_g"]))
    return [
        PermitFacts(
            permit_id,
            row["organisation_id"],
            row["site_id"],
            PermitKind(row["kind"]),
            row["valid_from"],
            row["valid_to"],
            tuple(items[permit_id]),
            tuple(days[permit_id]),
        )
        for permit_id, row in heads.items()
    ]
