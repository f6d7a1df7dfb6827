"""What a shipper may choose from when it plans a transfer: sites that take waste in, and carriers."""

from dataclasses import dataclass
from uuid import UUID

from wastetrack.db.session import ReadSession

_RECEIVING = """
select site.id, site.name as site, firm.name as firm, site.region_code
from organisations firm join sites site on site.organisation_id = firm.id
where 'disposer' = any(firm.kinds) and site.kind in ('treatment', 'collection')
  and exists (select from permits where permits.organisation_id = firm.id)
order by left(site.region_code, 4) <> left($1, 4), left(site.region_code, 2) <> left($1, 2), firm.name, site.name
limit $2
"""
_CARRIERS = """
select id, name from organisations where 'transporter' = any(kinds)
order by left(region_code, 4) <> left($1, 4), name limit $2
"""


@dataclass(frozen=True, slots=True)
class ReceivingSite:
    """A site to which waste may be sent, if a permit of its organisation covers it."""

    id: UUID
    site: str
    firm: str
    region_code: str


async def receiving_sites(session: ReadSession, *, near: str, limit: int = 500) -> list[ReceivingSite]:
    """Sites of whoever holds a permit, those of the shipper's own region first. The register is public."""
    driver = await session.driver()
    return [ReceivingSite(*row) for row in await driver.fetch(_RECEIVING, near, limit)]


async def carriers(session: ReadSession, *, near: str, limit: int = 500) -> list[tuple[UUID, str]]:
    """Carriers by id and name, those of the shipper's own region first."""
    driver = await session.driver()
    return [(row["id"], row["name"]) for row in await driver.fetch(_CARRIERS, near, limit)]


_RECEIVING_FIRMS = """
select firm.id, firm.name from organisations firm
where 'disposer' = any(firm.kinds) and exists (select from permits where permits.organisation_id = firm.id)
order by left(firm.region_code, 4) <> left($1, 4), left(firm.region_code, 2) <> left($1, 2), firm.name
limit $2
"""


async def receiving_firms(session: ReadSession, *, near: str, limit: int = 500) -> list[tuple[UUID, str]]:
    """Whoever holds a permit, by id and name, those of one's own region first. The register is public."""
    driver = await session.driver()
    return [(row["id"], row["name"]) for row in await driver.fetch(_RECEIVING_FIRMS, near, limit)]
