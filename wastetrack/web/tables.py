"""The lists as tables to keep; what is searched for on the page is what the table holds."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.containers.queries import ContainerFilter
from wastetrack.manifests.queries import ManifestFilter
from wastetrack.parties import queries as parties
from wastetrack.reports.tabular import said
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.listed_tables import (
    CONTAINER_HEADINGS,
    MANIFEST_HEADINGS,
    columns,
    containers_listed,
    manifests_listed,
)
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import csv_answer, xlsx_answer
from wastetrack.web import containers as container_pages
from wastetrack.web import manifests as manifest_pages
from wastetrack.web.catalogues import today
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter()


@router.get("/manifests.csv")
async def manifests(page: AnyPage, work: Reading, wanted: Annotated[manifest_pages.Wanted, Query()]) -> Response:  # noqa: ARG001  refuses whoever is not known
    """All the manifests of the search."""
    headings = [page.translate(heading) for heading in MANIFEST_HEADINGS]
    return csv_answer(page.request, "manifests", headings, manifests_listed(_manifests(wanted)))


@router.get("/manifests.xlsx")
async def manifests_workbook(
    page: AnyPage,
    work: Reading,  # noqa: ARG001  the same
    wanted: Annotated[manifest_pages.Wanted, Query()],
) -> Response:
    """The same as a workbook."""
    listed = manifests_listed(_manifests(wanted))
    title, headings = said("Manifests"), columns(MANIFEST_HEADINGS)
    zone = LEGAL_ZONE.key
    return await xlsx_answer(page.request, "manifests", title, headings, listed, locale=page.locale, zone=zone)


@router.get("/containers.csv")
async def containers(page: AnyPage, work: Reading, wanted: Annotated[container_pages.Wanted, Query()]) -> Response:
    """All the containers of the search."""
    headings = [page.translate(heading) for heading in CONTAINER_HEADINGS]
    return csv_answer(page.request, "containers", headings, containers_listed(await _containers(page, work, wanted)))


@router.get("/containers.xlsx")
async def containers_workbook(
    page: AnyPage,
    work: Reading,
    wanted: Annotated[container_pages.Wanted, Query()],
) -> Response:
    """The same as a workbook."""
    listed = containers_listed(await _containers(page, work, wanted))
    title, headings = said("Containers"), columns(CONTAINER_HEADINGS)
    zone = LEGAL_ZONE.key
    return await xlsx_answer(page.request, "containers", title, headings, listed, locale=page.locale, zone=zone)


def _manifests(wanted: manifest_pages.Wanted) -> ManifestFilter:
    return ManifestFilter(state=wanted.state, number=wanted.number.strip() or None, role=wanted.role)


async def _containers(page: Page, work: ReadWork, wanted: container_pages.Wanted) -> ContainerFilter:
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    stores = await parties.stores_at(work.session, work.actor, [site.id for site in sites])
    return await container_pages.filter_of(work, wanted, today(page.request, work), stores)
