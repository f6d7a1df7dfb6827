"""Every site to which waste may be sent on some ground, for whoever names a receiver: the register is public."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
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


@dataclass(frozen=True, slots=True)
class Earlier:
    """The newest manifest to a receiver, to be repeated."""

    id: UUID
    number: str
    receiver: str
    filed_at: datetime


_EARLIER = """
select distinct on (manifest.receiver_id) manifest.id, manifest.number, receiver.name, manifest.filed_at
from manifests manifest join organisations receiver on receiver.id = manifest.receiver_id
where manifest.shipper_id = $1 and manifest.kind = 'road' and manifest.number is not null
  and manifest.state not in ('cancelled', 'void')
order by manifest.receiver_id, manifest.id desc
"""


async def earlier_receivers(session: ReadSession, actor: Actor, *, limit: int = 4) -> list[Earlier]:
    """The newest filed manifest of one's own to each receiver, the newest first, in one statement."""
    driver = await session.driver()
    rows = await driver.fetch(
        f"select * from ({_EARLIER}) one order by filed_at desc limit $2",  # noqa: S608  a constant of this file
        actor.organisation_id,
        limit,
    )
    return [Earlier(*row) for row in rows]
