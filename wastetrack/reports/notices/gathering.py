"""What a notice is written from: the stored matching, and what the register and the ledger say beside it."""

from datetime import date, datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.capacity import queries
from wastetrack.capacity.evaluating import last_year_of
from wastetrack.capacity.operating import operation_of
from wastetrack.capacity.project_queries import newest_forecast, projects
from wastetrack.capacity.projects import ProjectState
from wastetrack.capacity.result import Result
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound
from wastetrack.parties import queries as parties
from wastetrack.reports.figures import Words
from wastetrack.reports.notices.writing import Material

_OVER = frozenset({ProjectState.RUNNING, ProjectState.DROPPED})


async def material_of(session: ReadSession, actor: Actor, run_id: UUID, *, at: datetime, zone: str) -> Material:
    """For one matching. Raises NotFound where it is unknown or not made yet, Forbidden for firms."""
    _, question, result = await queries.run_of(session, actor, run_id)
    if result is None:
        raise NotFound("capacity_run_not_made", "This assessment has no result yet.", run_id=run_id)
    today = legal_day(at)
    since, until = _days(question.year, today)
    region = question.region
    forecast = await newest_forecast(session, actor, region)
    lists = await snapshot(session)
    known = await projects(session, actor, region=region)
    office = await parties.organisation(session, actor.organisation_id)
    return Material(
        result=result,
        operation=await operation_of(session, actor, region=region, since=since, until=until, at=at),
        projects=tuple(one for one in known if one.state not in _OVER),
        forecast=None if forecast is None else forecast[0],
        authority=office.name,
        category_names={one: lists.category_name(one) for one in _classes(result)},
        method_names={one.code: Words(zh=one.name_zh, en=one.name_en) for one in lists.treatments_on(today)},
        region_names={one.region: one.name for one in result.regions},
        printed_at=at,
        zone=zone,
    )


def _classes(result: Result) -> list[str]:
    return [one.code for one in result.classes]


def _days(year: int, today: date) -> tuple[date, date]:
    """How plants ran in that year; for one that is not over, in the year that ends today."""
    return (date(year, 1, 1), date(year, 12, 31)) if year < today.year else (last_year_of(today), today)
