"""Who is a small source of waste: a firm all of whose places are of the lowest class of management, or a small medical
institution on the list of a collection point.

HJ 1259-2022, 4.2.1: 登记管理, less than 10 t a year. The class is the authority's word, else that of the newest filed
plan, as for reports.
"""

from typing import Final

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession

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
