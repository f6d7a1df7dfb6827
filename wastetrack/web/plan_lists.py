"""The list of plans: of one's own firm, and for an authority who in its region has filed."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.queries import snapshot
from wastetrack.i18n import message
from wastetrack.parties import policy
from wastetrack.parties import queries as parties
from wastetrack.parties.model import SiteKind
from wastetrack.plans import queries
from wastetrack.plans.model import ManagementClass, PlanState
from wastetrack.reports.plan_use import use_of_plans
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web.catalogues import today
from wastetrack.web.listings import Asked
from wastetrack.web.lists import FILINGS, PLANS
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter()


class Wanted(Asked):
    """What is listed: an authority asks for a year and who has filed, a firm for a site and a state."""

    year: int | None = Field(None, ge=2020, le=2100)
    filed: bool | None = None
    site_id: UUID | None = None
    state: PlanState | None = None


@dataclass(frozen=True, slots=True)
class ListedPlan:
    """A plan as the list shows it."""

    plan: queries.Plan
    site: str | None
    management_class: ManagementClass
    state: PlanState


@dataclass(frozen=True, slots=True)
class ListedFiling:
    """A site that files plans, as an authority's list shows it."""

    filing: queries.SiteFiling
    region: str


@router.get("/plans")
async def plans(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """One's own plans; for an authority, who in its region has filed."""
    if work.actor.is_regulator:
        return await _who_filed(page, work, wanted)
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    names = {site.id: site.name for site in sites}
    view = await PLANS.view(page, work, wanted, {"site_id": list(names.items())})
    found = await queries.plans_seen(work.session, work.actor, view.window, state=wanted.state, site_id=wanted.site_id)
    rows = [
        ListedPlan(row, names.get(row.site_id), ManagementClass(version.management_class), PlanState(row.state))
        for row, version in found
    ]
    if view.file:
        return await view.saved(rows)
    year = today(page.request, work).year
    planned = {row.site_id for row, _ in await queries.plans_seen(work.session, work.actor, year=year)}
    return await view.answer(
        "plans/plans.html",
        rows,
        uses=[use for use in await use_of_plans(work.session, work.actor, sites, at=work.at) if use.wastes],
        owed=[site for site in sites if site.kind is not SiteKind.DEPOT and site.id not in planned],
        year=year,
        may_file=bool(may(work.actor, Verb.FILE)),
    )


async def _who_filed(page: Page, work: ReadWork, wanted: Wanted) -> Response:
    year = wanted.year or today(page.request, work).year
    region = work.actor.viewer.removeprefix("r:")
    filed = (("true", page.translate(message("filed"))), ("false", page.translate(message("not filed"))))
    view = await FILINGS.view(page, work, wanted, {"filed": filed})
    found = await queries.who_filed(work.session, region, year, view.window, filed=wanted.filed)
    lists = await snapshot(work.session)
    rows = [ListedFiling(one, lists.region_name(one.region_code)) for one in found]
    return await view.answer("plans/filings.html", rows, year=year, may_set=bool(policy.may_permit(work.actor, region)))
