"""A planned project of the authority and an outage of the plant, for the table of access."""

from datetime import date

from tests.support import parties as made
from tests.support.world import World
from wastetrack import clock
from wastetrack.capacity.forecast import RegionForecast
from wastetrack.capacity.outages import OutageCause, ReportOutage
from wastetrack.capacity.project_tables import CapacityForecastRow
from wastetrack.capacity.projects import DescribeProject, ProjectKind, ProjectState
from wastetrack.capacity.registering import register_project
from wastetrack.capacity.standing_still import report_outage
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id

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
    forecast = RegionForecast(
        region=site.region_code[:4],
        region_name="烟台市",
        first_month=date(2025, 1, 1),
        known_until=date(2025, 12, 31),
        ahead=12,
        categories=(),
    )
    session.add(
        CapacityForecastRow(
            id=new_id(),
            organisation_id=world.inspector.organisation_id,
            region=forecast.region,
            known_until=forecast.known_until,
            content=forecast.model_dump(mode="json"),
            person_id=world.inspector.person_id,
            created_at=at,
        )
    )
    return {"project": str(project.id), "outage": str(outage.id), "plant_site": str(site.id)}
