"""Figures over a region for its authority: sites on the map, regions with what stands in them, stores by fullness,
and one firm as a whole. Each in one statement; the prefix of the region is the authority's own or lies within it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound
from wastetrack.mass import Mass
from wastetrack.parties.model import SiteKind

MOST_SITES = 2_000
"""On one map; the fullest first."""
_COUNTY = 6
_SITES = """
select site.id, site.name, site.kind, site.region_code, site.latitude, site.longitude, firm.id as firm_id,
  firm.name as firm, coalesce(held.grams, 0)::bigint as grams, count(*) over () as total,
  (select count(*) from containers one where one.site_id = site.id and one.state = 'at_site') as containers
from sites site join organisations firm on firm.id = site.organisation_id
left join lateral (
  select sum(account.balance_g) as grams from accounts account
  where account.holder_id = site.id and account.kind = 'stored'
) held on true
where site.region_code like $1 || '%'
order by grams desc, firm.name, site.name limit $2
"""
_REGIONS = """
select left(site.region_code, $2) as region, count(*) as sites, count(distinct site.organisation_id) as firms,
  coalesce(sum(held.grams), 0)::bigint as grams, coalesce(sum(held.sites_with_stock), 0)::bigint as with_stock
from sites site
left join lateral (
  select sum(account.balance_g) as grams, (sum(account.balance_g) > 0)::int as sites_with_stock from accounts account
  where account.holder_id = site.id and account.kind = 'stored'
) held on true
where site.region_code like $1 || '%'
group by 1 order by 1
"""
_STORES = """
select * from (
select store.id, store.code, store.name, store.limit_g, site.id as site_id, site.name as site, firm.id as firm_id,
  firm.name as firm, site.region_code,
  coalesce((select sum(one.net_g) from containers one where one.state = 'at_site' and (one.store_id = store.id
    or one.store_id in (select zone.id from stores zone where zone.parent_id = store.id))), 0)::bigint as grams
from stores store join sites site on site.id = store.site_id join organisations firm on firm.id = site.organisation_id
where store.closed_at is null and store.parent_id is null and site.region_code like $1 || '%'
) filled
order by filled.grams::numeric / filled.limit_g desc, filled.firm, filled.code limit $2
"""


@dataclass(frozen=True, slots=True)
class PlacedSite:
    """A site with its place and its stock."""

    id: UUID
    name: str
    kind: SiteKind
    region_code: str
    latitude: Decimal
    longitude: Decimal
    firm_id: UUID
    firm: str
    stored: Mass
    containers: int


@dataclass(frozen=True, slots=True)
class RegionFigures:
    """A region one level below, with what stands in it."""

    code: str
    name: str
    sites: int
    with_stock: int
    firms: int
    stored: Mass


@dataclass(frozen=True, slots=True)
class StoreFill:
    """A store and how full it is."""

    id: UUID
    code: str
    name: str
    site_id: UUID
    site: str
    firm_id: UUID
    firm: str
    region_code: str
    limit: Mass
    stored: Mass

    @property
    def percent(self) -> int:
        """Of the limit, whole percent."""
        return self.stored.grams * 100 // self.limit.grams


def within(actor: Actor, region: str) -> str:
    """A region's prefix that the actor watches: what is asked for, or his own. Raises NotFound for another's."""
    own = actor.viewer.removeprefix("r:")
    asked = region or own
    if not asked.startswith(own):
        raise NotFound("region_not_watched", "There is no such region in your jurisdiction.")
    return asked


async def sites_on_map(session: ReadSession, region: str) -> tuple[list[PlacedSite], int]:
    """The sites of a region, the fullest first, and how many there are."""
    rows = await (await session.driver()).fetch(_SITES, region, MOST_SITES)
    sites = [
        PlacedSite(
            id=row["id"],
            name=row["name"],
            kind=SiteKind(row["kind"]),
            region_code=row["region_code"],
            latitude=row["latitude"],
            longitude=row["longitude"],
            firm_id=row["firm_id"],
            firm=row["firm"],
            stored=Mass(row["grams"]),
            containers=row["containers"],
        )
        for row in rows
    ]
    return sites, rows[0]["total"] if rows else 0


async def regions_below(session: ReadSession, lists: Catalogue, region: str) -> list[RegionFigures]:
    """One level down: the prefectures of a province, the counties of a prefecture; a county itself."""
    digits = min(len(region) + 2, _COUNTY)
    rows = await (await session.driver()).fetch(_REGIONS, region, digits)
    return [
        RegionFigures(
            code=row["region"],
            name=name_of(lists, row["region"]),
            sites=row["sites"],
            with_stock=row["with_stock"],
            firms=row["firms"],
            stored=Mass(row["grams"]),
        )
        for row in rows
    ]


def name_of(lists: Catalogue, prefix: str) -> str:
    """`3706` → 烟台市; the prefix itself where the list does not know it."""
    found = lists.regions.get(prefix.ljust(_COUNTY, "0"))
    return prefix if found is None else found.name


def above(lists: Catalogue, actor: Actor, prefix: str) -> Sequence[tuple[str, str]]:
    """The regions from the actor's own down to this one: prefix and name."""
    own = len(actor.viewer.removeprefix("r:"))
    return [(prefix[:digits], name_of(lists, prefix[:digits])) for digits in range(own, len(prefix) + 1, 2)]


def choosable(lists: Catalogue, actor: Actor, chosen: str = "") -> Sequence[tuple[str, str]]:
    """The regions that an authority chooses by name: its own, two levels within it, and the chosen one if deeper.

    What lies in one of them stands after it, moved in.
    """
    own = actor.viewer.removeprefix("r:")
    found = {own: name_of(lists, own)}
    for region in lists.regions_in(own.ljust(_COUNTY, "0") if own else None):
        found[_prefix(region.code)] = region.name
        found |= {_prefix(one.code): f"\N{IDEOGRAPHIC SPACE}{one.name}" for one in lists.regions_in(region.code)}
    if chosen:
        found.setdefault(chosen, name_of(lists, chosen))
    return list(found.items())


def _prefix(code: str) -> str:
    return code.removesuffix("00").removesuffix("00")


async def stores_by_fullness(session: ReadSession, region: str, *, limit: int) -> list[StoreFill]:
    """The stores of a region, the fullest first."""
    return [
        StoreFill(
            id=row["id"],
            code=row["code"],
            name=row["name"],
            site_id=row["site_id"],
            site=row["site"],
            firm_id=row["firm_id"],
            firm=row["firm"],
            region_code=row["region_code"],
            limit=Mass(row["limit_g"]),
            stored=Mass(row["grams"]),
        )
        for row in await (await session.driver()).fetch(_STORES, region, limit)
    ]


_NO_PLAN = """
select site.id as site_id, site.name as site, site.region_code, firm.id as firm_id, firm.name as firm,
  plan.id as plan_id
from sites site join organisations firm on firm.id = site.organisation_id
left join management_plans plan on plan.site_id = site.id and plan.year = $2
where site.region_code like $1 || '%' and site.kind <> 'depot' and firm.kinds && array['generator', 'disposer']
  and plan.filed_at is null and site.created_at < make_timestamptz($2 + 1, 1, 1, 0, 0, 0, 'Asia/Shanghai')
order by site.region_code, firm.name, site.name
"""


@dataclass(frozen=True, slots=True)
class NonFiler:
    """A site that owes a paper and has not handed it in."""

    site_id: UUID
    site: str
    firm_id: UUID
    firm: str
    region_code: str
    what: str
    """`2026`: the plan of a year; `2026-03`: the report of a period."""
    due_on: date


async def sites_without_plan(session: ReadSession, region: str, *, year: int, due_on: date) -> list[NonFiler]:
    """Sites that make waste and have no filed plan of the year."""
    return [
        NonFiler(row["site_id"], row["site"], row["firm_id"], row["firm"], row["region_code"], str(year), due_on)
        for row in await (await session.driver()).fetch(_NO_PLAN, region, year)
    ]


_PLACES = """
select site.id, site.region_code, firm.id as firm_id from sites site
join organisations firm on firm.id = site.organisation_id where site.id = any($1)
"""


async def places_of(session: ReadSession, site_ids: Sequence[UUID]) -> dict[UUID, tuple[str, UUID]]:
    """Region and firm of sites."""
    rows = await (await session.driver()).fetch(_PLACES, list(site_ids))
    return {row["id"]: (row["region_code"], row["firm_id"]) for row in rows}


_MANIFESTS = """
select manifest.id, manifest.number, manifest.state, manifest.filed_at, shipper.name as shipper,
  receiver.name as receiver, count(*) over () as total, load.grams
from sightings sighting join manifests manifest on manifest.id = sighting.subject_id
join organisations shipper on shipper.id = manifest.shipper_id
join organisations receiver on receiver.id = manifest.receiver_id
cross join lateral (
  select coalesce(sum(line.declared_g), 0)::bigint as grams from manifest_containers line
  where line.manifest_id = manifest.id
) load
where sighting.viewer = $1 and sighting.kind = 'manifest' and (
  $2 in (manifest.shipper_id, manifest.receiver_id)
  or exists (select from manifest_legs leg where leg.manifest_id = manifest.id and leg.carrier_id = $2))
order by manifest.id desc limit $3
"""


@dataclass(frozen=True, slots=True)
class NamedManifest:
    """A manifest in a list of a firm's."""

    id: UUID
    number: str
    state: str
    filed_at: datetime | None
    shipper: str
    receiver: str
    load: Mass


async def manifests_of_firm(
    session: ReadSession, actor: Actor, firm_id: UUID, *, limit: int
) -> tuple[list[NamedManifest], int]:
    """The newest that a firm ships, carries or receives, as far as the actor sees them, and how many."""
    rows = await (await session.driver()).fetch(_MANIFESTS, actor.viewer, firm_id, limit)
    found = [
        NamedManifest(
            row["id"],
            row["number"] or "—",
            row["state"],
            row["filed_at"],
            row["shipper"],
            row["receiver"],
            Mass(row["grams"]),
        )
        for row in rows
    ]
    return found, rows[0]["total"] if rows else 0


_PLAN_USE = """
select item.waste_code, item.method, site.name as site, receiver.name as receiver, item.planned_g, item.booked_g
from plan_items item join sites site on site.id = item.site_id
join organisations receiver on receiver.id = item.receiver_id
where item.organisation_id = $1 and item.year = $2 and site.region_code like $3 || '%'
order by item.booked_g desc, item.waste_code limit $4
"""


@dataclass(frozen=True, slots=True)
class PlanUse:
    """A line of a plan and what manifests took of it."""

    waste_code: str
    method: str
    site: str
    receiver: str
    planned: Mass
    booked: Mass


async def plan_use_of(session: ReadSession, firm_id: UUID, region: str, *, year: int, limit: int) -> list[PlanUse]:
    """The lines of a firm's plans of a year at its sites in a region."""
    return [
        PlanUse(
            row["waste_code"],
            row["method"],
            row["site"],
            row["receiver"],
            Mass(row["planned_g"]),
            Mass(row["booked_g"]),
        )
        for row in await (await session.driver()).fetch(_PLAN_USE, firm_id, year, region, limit)
    ]
