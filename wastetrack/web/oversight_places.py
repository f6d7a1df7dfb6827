"""Where things stand in an authority's region: the map of sites, the regions level by level, one firm whole."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.auth.policy import demand_authority
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.manifests.model import ManifestState
from wastetrack.parties import permit_queries, queries
from wastetrack.reports import oversight_figures, permit_use
from wastetrack.reports.oversight_figures import PlacedSite
from wastetrack.reports.queues.every import findings_of
from wastetrack.serving.deps import Reading
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web.in_words import mass_in_words
from wastetrack.web.oversight import KINDS, said_by
from wastetrack.web.oversight_figures import AskedRegion
from wastetrack.web.rendering import AnyPage
from wastetrack.web.shown_values import mass_shown

router = RoomRouter(prefix="/oversight")

MOST_MANIFESTS, MOST_PLAN_LINES, LOOKED_THROUGH = 20, 30, 500
"""On a firm's page; and how many findings of each queue are looked through for it."""
_SMALLEST, _LARGEST = 6, 24
"""Pixels of a point."""


@router.get("/map")
async def site_map(page: AnyPage, work: Reading, asked: Annotated[AskedRegion, Query()]) -> Response:
    """The sites of the region by what stands there."""
    demand_authority(work.actor)
    region = oversight_figures.within(work.actor, asked.region)
    lists = await snapshot(work.session)
    sites, total = await oversight_figures.sites_on_map(work.session, region)
    most = max((site.stored.grams for site in sites), default=0) or 1
    return page.show(
        "oversight/map.html",
        sites=sites,
        more=total - len(sites),
        points=[_point(site, most) for site in sites],
        region=region,
        name=oversight_figures.name_of(lists, region),
        above=oversight_figures.above(lists, work.actor, region),
        rows=[
            [
                site.name,
                site.firm,
                oversight_figures.name_of(lists, site.region_code),
                site.containers,
                mass_shown(site.stored),
            ]
            for site in sites
        ],
    )


def _point(site: PlacedSite, most: int) -> dict[str, Any]:
    share = (site.stored.grams / most) ** 0.5
    return {
        "lat": float(site.latitude),
        "lon": float(site.longitude),
        "words": f"{site.firm} · {site.name}: {mass_in_words(site.stored.grams)}",
        "kind": "plain" if site.stored.grams else "info",
        "address": f"/oversight/companies/{site.firm_id}",
        "size": round(_SMALLEST + share * (_LARGEST - _SMALLEST)),
    }


@router.get("/regions")
async def own_region(page: AnyPage, work: Reading) -> Response:
    """The actor's own region."""
    demand_authority(work.actor)
    return page.go(f"/oversight/regions/{work.actor.viewer.removeprefix('r:')}")


@router.get("/regions/{code}")
async def region_page(page: AnyPage, work: Reading, code: str) -> Response:
    """A region, with the regions below it."""
    demand_authority(work.actor)
    own = work.actor.viewer.removeprefix("r:")
    # As the official list writes it: 370600 is the prefecture 3706.
    asked = code.removesuffix("00").removesuffix("00") if len(code) == len("370600") else code
    region = oversight_figures.within(work.actor, own if own.startswith(asked) else asked)
    lists = await snapshot(work.session)
    below = await oversight_figures.regions_below(work.session, lists, region)
    return page.show(
        "oversight/region.html",
        region=region,
        name=oversight_figures.name_of(lists, region),
        above=oversight_figures.above(lists, work.actor, region),
        below=below,
        is_county=len(region) == len("370602"),
    )


@router.get("/companies/{organisation_id:uuid}")
async def company(page: AnyPage, work: Reading, organisation_id: UUID) -> Response:
    """A firm on one page: register, permits, plan, manifests, findings."""
    demand_authority(work.actor)
    firm = await queries.organisation(work.session, organisation_id)
    region, year = work.actor.viewer.removeprefix("r:"), legal_day(work.at).year
    watched = firm.region_code.startswith(region)
    found = await findings_of(work.session, work.actor, at=work.at, most=LOOKED_THROUGH)
    manifests, total = await oversight_figures.manifests_of_firm(
        work.session, work.actor, organisation_id, limit=MOST_MANIFESTS
    )
    return page.show(
        "oversight/company.html",
        firm=firm,
        watched=watched,
        lists=await snapshot(work.session),
        sites=await queries.sites_of(work.session, organisation_id),
        permits=await permit_queries.permits_of(work.session, organisation_id),
        licences=await queries.transport_licences_of(work.session, organisation_id),
        use=await permit_use.use_of_holder(work.session, work.actor, organisation_id, year=year) if watched else [],
        plan=await oversight_figures.plan_use_of(
            work.session, organisation_id, region, year=year, limit=MOST_PLAN_LINES
        ),
        manifests=[(one, ManifestState(one.state)) for one in manifests],
        manifests_more=total - len(manifests),
        findings=[(queue, one) for queue, heap in found for one in heap.findings if one.firm_id == organisation_id],
        kinds=KINDS,
        sentence=said_by(page),
        now=work.at,
        year=year,
    )
