"""What a simulated epidemic starts from: where medical waste arises, which plants may take it, who stands ready."""

from datetime import datetime, timedelta
from typing import Any, Final

from wastetrack.capacity.surge_model import HelperTier, SurgePlace, SurgePlant
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.session import ReadSession
from wastetrack.medical.reserve_model import HelperKind
from wastetrack.medical.reserves import Helper, helpers

LOOKED_BACK: Final = timedelta(days=30)
_DAYS = 30
_TIERS: Final = {
    HelperKind.MEDICAL_PLANT: HelperTier.USUAL,
    HelperKind.HAZARDOUS_INCINERATOR: HelperTier.HAZARDOUS_INCINERATOR,
    HelperKind.MUNICIPAL_INCINERATOR: HelperTier.MUNICIPAL_INCINERATOR,
    HelperKind.CEMENT_KILN: HelperTier.CEMENT_KILN,
    HelperKind.MOBILE: HelperTier.CEMENT_KILN,
    HelperKind.OTHER: HelperTier.CEMENT_KILN,
}
# What was packed in a county in the last days; where nothing was, its medical sites count alike.
_PLACES = """
select site.region_code, avg(site.longitude)::float as longitude, avg(site.latitude)::float as latitude,
  count(*) as sites, coalesce(sum(packed.mass_g), 0)::bigint as mass_g
from sites site left join lateral (
  select sum(container.net_g) as mass_g from medical_bags bag
  join containers container on container.id = bag.container_id
  where bag.site_id = site.id and bag.packed_at > $2 and bag.packed_at <= $3
) packed on true
where site.region_code like $1 and (site.kind = 'medical' or packed.mass_g > 0)
group by site.region_code order by site.region_code
"""
# A permit's yearly quantity for all days of the year alike; a permit for all sites stands at the holder's first one.
_PLANTS = """
select permit.id, firm.name, place.id as site_id, place.region_code, place.longitude::float as longitude,
  place.latitude::float as latitude, permit.valid_from, sum(item.yearly_g)::bigint as yearly_g
from permits permit join permit_items item on item.permit_id = permit.id
join organisations firm on firm.id = permit.organisation_id
join lateral (
  select site.id, site.region_code, site.longitude, site.latitude from sites site
  where site.organisation_id = permit.organisation_id and (permit.site_id is null or site.id = permit.site_id)
  order by site.id limit 1
) place on true
where (item.pattern = 'HW01' or item.pattern like '841-%') and place.region_code like $1
  and permit.valid_from <= $2 and permit.valid_to >= $2
  and not exists (select from permit_suspensions held where held.permit_id = permit.id and held.from_on <= $2
    and (held.to_on is null or held.to_on >= $2))
group by permit.id, firm.name, place.id, place.region_code, place.longitude, place.latitude order by permit.id
"""
_OF_YEAR = 365


async def places_in(
    session: ReadSession, catalogue: Catalogue, region: str, *, at: datetime
) -> tuple[tuple[SurgePlace, ...], int]:
    """The counties in which medical waste arises with their shares, and what arises on an ordinary day in grams."""
    rows = await (await session.driver()).fetch(_PLACES, f"{region}%", at - LOOKED_BACK, at)
    total = sum(row["mass_g"] for row in rows)
    places = tuple(
        SurgePlace(
            id=row["region_code"],
            name=_named(catalogue, row["region_code"]),
            region=row["region_code"],
            longitude=row["longitude"],
            latitude=row["latitude"],
            share=row["mass_g"] if total else row["sites"],
        )
        for row in rows
    )
    return tuple(one for one in places if one.share > 0), total // _DAYS


def _named(catalogue: Catalogue, code: str) -> str:
    region = catalogue.regions.get(code)
    return code if region is None else region.name


async def plants_for(session: ReadSession, region: str, *, at: datetime) -> tuple[SurgePlant, ...]:
    """Who has a permit for medical waste in the region, and who stands ready to help it. Who is both, counts once."""
    rows = await (await session.driver()).fetch(_PLANTS, f"{region}%", legal_day(at))
    listed = await helpers(session, region=region)
    permitted = {row["site_id"] for row in rows}
    return (*(_usual(row) for row in rows), *(_helper(one) for one in listed if one.site_id not in permitted))


def _usual(row: Any) -> SurgePlant:  # noqa: ANN401  a record
    return SurgePlant(
        id=str(row["id"]),
        name=row["name"],
        region=row["region_code"],
        longitude=row["longitude"],
        latitude=row["latitude"],
        tier=HelperTier.USUAL,
        daily_g=row["yearly_g"] // _OF_YEAR,
        is_called=False,
        from_on=row["valid_from"],
        # Not until its permit ends: that is renewed before, as the law asks of a plant that goes on.
    )


def _helper(row: Helper) -> SurgePlant:
    return SurgePlant(
        id=str(row.id),
        name=row.name,
        region=row.region_code.ljust(6, "0"),
        longitude=row.longitude,
        latitude=row.latitude,
        tier=_TIERS[HelperKind(row.kind)],
        daily_g=row.daily_g.grams,
        is_called=True,
        lead_hours=row.lead_hours,
        from_on=row.agreement_from,
        to_on=row.agreement_to,
    )
