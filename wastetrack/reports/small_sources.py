"""Who is a small source of waste: a firm all of whose places are of the lowest class of management, or a small medical
institution on the list of a collection point.

HJ 1259-2022, 4.2.1: 登记管理, less than 10 t a year. The class is the authority's word, else that of the newest filed
plan, as for reports.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, legal_day
from wastetrack.containers.clocks import Clock
from wastetrack.db.session import ReadSession
from wastetrack.reports.container_dues import terms

_SMALL: Final = """
select firm.kinds = array['generator'] and (
  exists (
    select from small_institutions listed join sites own on own.id = listed.site_id
    where own.organisation_id = firm.id and listed.organisation_id <> firm.id and listed.active
  )
  or (
    select coalesce(bool_and(coalesce(
      (select word.management_class from set_classes word where word.site_id = site.id
        order by word.set_at desc limit 1),
      (select version.management_class from management_plans plan
        join plan_versions version on version.plan_id = plan.id
        where plan.site_id = site.id and version.filed_at is not null
        order by plan.year desc, version.version desc limit 1),
      '') = 'registration'), false)
    from sites site where site.organisation_id = firm.id and site.kind <> 'depot'
  )
)
from organisations firm where firm.id = $1
"""


async def is_small_source(session: ReadSession, actor: Actor) -> bool:
    """Whether the actor's own organisation is one, in one statement."""
    if actor.is_regulator:
        return False
    return bool(await (await session.driver()).fetchval(_SMALL, actor.organisation_id))


@dataclass(frozen=True, slots=True)
class Taken:
    """A load that left and was taken in."""

    id: UUID
    number: str
    receiver: str
    received_at: datetime
    containers: int
    measured_g: int


@dataclass(frozen=True, slots=True)
class StandingAndTaken:
    """All that a small source wants to know: what stands here, until when, and what was taken."""

    containers: int
    net_g: int
    soonest: Clock | None
    """The term that ends first."""
    taken: tuple[Taken, ...]
    taken_g: int
    """In this year of the law."""


_STANDS: Final = """
select count(*) as containers, coalesce(sum(held.net_g), 0)::bigint as net_g
from containers held join sites site on site.id = held.site_id
where site.organisation_id = $1 and held.state = 'at_site'
"""
_TAKEN: Final = """
select manifest.id, coalesce(manifest.number, '') as number, receiver.name as receiver, manifest.received_at,
  count(line.measured_g) as containers, coalesce(sum(line.measured_g), 0)::bigint as measured_g
from manifests manifest join organisations receiver on receiver.id = manifest.receiver_id
join manifest_containers line on line.manifest_id = manifest.id
where manifest.shipper_id = $1 and manifest.received_at >= $2
group by manifest.id, receiver.name order by manifest.received_at desc limit 400
"""
_NAMED: Final = 5


async def standing_and_taken(session: ReadSession, actor: Actor, *, at: datetime) -> StandingAndTaken:
    """The three big things of a small source's first page, in three statements."""
    driver = await session.driver()
    (stands,) = await driver.fetch(_STANDS, actor.organisation_id)
    begin = datetime(legal_day(at).year, 1, 1, tzinfo=LEGAL_ZONE)
    taken = [Taken(*row) for row in await driver.fetch(_TAKEN, actor.organisation_id, begin)]
    clocks = await terms(session, actor, at=at)
    return StandingAndTaken(
        containers=stands["containers"],
        net_g=stands["net_g"],
        soonest=next(iter(clocks.values()), None),
        taken=tuple(taken[:_NAMED]),
        taken_g=sum(one.measured_g for one in taken),
    )
