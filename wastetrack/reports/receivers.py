"""Every site to which waste may be sent on some ground, for whoever names a receiver: the register is public."""

from wastetrack.db.session import ReadSession
from wastetrack.reports.choices import ReceivingSite

_ANY = """
select site.id, site.name as site, firm.name as firm, site.region_code
from organisations firm join sites site on site.organisation_id = firm.id
where site.kind <> 'depot'
order by left(site.region_code, 4) <> left($1, 4), left(site.region_code, 2) <> left($1, 2), firm.name, site.name
limit $2
"""


async def any_sites(session: ReadSession, *, near: str, limit: int = 1000) -> list[ReceivingSite]:
    """Sites of every firm, those of the region first."""
    driver = await session.driver()
    return [ReceivingSite(*row) for row in await driver.fetch(_ANY, near, limit)]
