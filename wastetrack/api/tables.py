"""Lists as tables for spreadsheet programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from wastetrack.api.schemas import problems
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.containers.model import ContainerState
from wastetrack.containers.queries import ContainerFilter
from wastetrack.manifests.model import ManifestState, PartyRole
from wastetrack.manifests.queries import ManifestFilter
from wastetrack.reports.figures import Locale
from wastetrack.reports.tabular import said
from wastetrack.reports.workbooks import MEDIA_TYPE
from wastetrack.serving.deps import Reading
from wastetrack.serving.listed_tables import (
    CONTAINER_HEADINGS,
    MANIFEST_HEADINGS,
    columns,
    containers_listed,
    manifests_listed,
)
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import csv_answer, xlsx_answer
from wastetrack.serving.written_text import Line

router = RoomRouter(tags=["tables"])

_CSV: dict[int | str, dict[str, Any]] = {
    200: {"description": "CSV (RFC 4180) with a heading, in UTF-8", "content": {"text/csv": {}}}
}
_XLSX: dict[int | str, dict[str, Any]] = {200: {"description": "A workbook", "content": {MEDIA_TYPE: {}}}}

Number = Annotated[str | None, Query(max_length=14, pattern=r"^\d*$", description="Or its beginning")]
Lang = Annotated[Locale, Query(description="Language of the headings")]


@router.get("/manifests.csv", response_class=Response, responses={**_CSV, **problems()})
async def manifests(
    *,
    request: Request,
    work: Reading,  # noqa: ARG001  refuses whoever is not known before anything is sent
    state: ManifestState | None = None,
    number: Number = None,
    role: PartyRole | None = None,
) -> Response:
    """All the manifests that one may see, the newest first."""
    wanted = ManifestFilter(state=state, number=number, role=role)
    return csv_answer(request, "manifests", MANIFEST_HEADINGS, manifests_listed(wanted))


@router.get("/manifests.xlsx", response_class=Response, responses={**_XLSX, **problems()})
async def manifests_workbook(
    *,
    request: Request,
    work: Reading,  # noqa: ARG001  the same
    state: ManifestState | None = None,
    number: Number = None,
    role: PartyRole | None = None,
    lang: Lang = "zh",
) -> Response:
    """The same as a workbook."""
    listed = manifests_listed(ManifestFilter(state=state, number=number, role=role))
    title, headings = said("Manifests"), columns(MANIFEST_HEADINGS)
    return await xlsx_answer(request, "manifests", title, headings, listed, locale=lang, zone=LEGAL_ZONE.key)


@router.get("/containers.csv", response_class=Response, responses={**_CSV, **problems()})
async def containers(
    *,
    request: Request,
    work: Reading,  # noqa: ARG001  the same
    site_id: UUID | None = None,
    store_id: UUID | None = None,
    state: ContainerState | None = None,
    waste_code: Line | None = None,
    search: Line | None = None,
) -> Response:
    """All the containers that one may see, the newest first."""
    wanted = ContainerFilter(site_id=site_id, store_id=store_id, state=state, waste_code=waste_code, search=search)
    return csv_answer(request, "containers", CONTAINER_HEADINGS, containers_listed(wanted))


@router.get("/containers.xlsx", response_class=Response, responses={**_XLSX, **problems()})
async def containers_workbook(
    *,
    request: Request,
    work: Reading,  # noqa: ARG001  the same
    site_id: UUID | None = None,
    store_id: UUID | None = None,
    state: ContainerState | None = None,
    waste_code: Line | None = None,
    search: Line | None = None,
    lang: Lang = "zh",
) -> Response:
    """The same as a workbook."""
    wanted = ContainerFilter(site_id=site_id, store_id=store_id, state=state, waste_code=waste_code, search=search)
    listed, title, headings = containers_listed(wanted), said("Containers"), columns(CONTAINER_HEADINGS)
    return await xlsx_answer(request, "containers", title, headings, listed, locale=lang, zone=LEGAL_ZONE.key)
