"""The province plans a landfill for the fly ash that is short of one, and has what will arise forecast."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import look_as
from wastetrack.capacity.foreseeing import demand_statistics
from wastetrack.capacity.ordering_forecasts import ask_forecast
from wastetrack.capacity.projects import DescribeProject, ProjectKind, ProjectState
from wastetrack.capacity.registering import register_project
from wastetrack.cli.demonstration.firms import FLY_ASH
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.db.session import Sight, writing
from wastetrack.errors import Unavailable
from wastetrack.jobs.handlers import HANDLERS
from wastetrack.jobs.long_work import perform
from wastetrack.mass import Mass
from wastetrack.parties.commands import ItemToGrant
from wastetrack.settings import Settings


async def foresee(engine: AsyncEngine, authority: Actor, *, at: datetime) -> None:
    """Enter the project; ask for the forecast and answer at once as a worker does, where its libraries are."""
    landfill = DescribeProject(
        kind=ProjectKind.HAZARDOUS_DISPOSAL,
        state=ProjectState.BUILDING,
        name="莱西飞灰安全填埋场二期",
        builder="青岛海润固废处置有限公司",
        region_code="370285",
        longitude=Decimal("120.52"),
        latitude=Decimal("36.89"),
        starts_on=date(local_day(at).year + 1, 4, 1),
        items=(ItemToGrant(pattern=FLY_ASH, methods=frozenset({"D1"}), yearly=Mass.parse("800 t")),),
        document="青环审〔2026〕18号",
    )
    async with writing(engine) as session:
        await look_as(session, authority)
        await register_project(session, authority, landfill, at=at)
    try:
        demand_statistics()
    except Unavailable:
        return
    async with writing(engine) as session:
        await look_as(session, authority)
        task_id = await ask_forecast(session, authority, "", at=at)
    sight = Sight(authority.viewer, authority.organisation_id, authority.person_id)
    await perform(engine, Settings(), HANDLERS, sight, task_id)
