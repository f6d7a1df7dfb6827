"""A planned project of the authority and an outage of the plant, for the table of access."""

from datetime import date

from tests.support import parties as made
from tests.support.world import World
from wastetrack import clock
from wastetrack.capacity.outages import OutageCause, ReportOutage
from wastetrack.capacity.projects import DescribeProject, ProjectKind, ProjectState
from wastetrack.capacity.registering import register_project
from wastetrack.capacity.standing_still import report_outage
from wastetrack.db.session import WriteSession

Things = dict[str, str]


async def things_of_notice(session: WriteSession, world: World) -> Things:
    """Both, made by whom they are."""
    at, site = clock.now(), world.receiver.site
    told = DescribeProject(
        kind=ProjectKind.HAZARDOUS_DISPOSAL,
        state=ProjectState.BUILDING,
        name="飞灰填埋场",
        builder="某环保有限公司",
        region_code=site.region_code,
        longitude=site.longitude,
        latitude=site.latitude,
        starts_on=date(2027, 4, 1),
        items=(made.item("772-002-18", "D1", "30000 t"),),
    )
    project = await register_project(session, world.inspector, told, at=at)
    stands = ReportOutage(site_id=site.id, cause=OutageCause.MAINTENANCE, from_on=date(2026, 6, 1))
    outage = await report_outage(session, world.receiver.owner, stands, at=at)
    return {"project": str(project.id), "outage": str(outage.id), "plant_site": str(site.id)}
