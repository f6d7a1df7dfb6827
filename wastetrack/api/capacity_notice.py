"""The notice that guides investment, as a PDF of a matching that is made."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from wastetrack.api.schemas import problems
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.reports.figures import Locale
from wastetrack.reports.notices.gathering import material_of
from wastetrack.reports.notices.laying_out import notice_pdf
from wastetrack.reports.notices.writing import notice_of
from wastetrack.serving.deps import Reading
from wastetrack.serving.room_router import RoomRouter

router = RoomRouter(tags=["capacity"])

_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get(
    "/capacity/runs/{run_id}/notice.pdf", response_class=Response, responses={**_PDF, **problems(403, 404, 422)}
)
async def notice(work: Reading, run_id: UUID, lang: Annotated[Locale, Query()] = "zh") -> Response:
    """With figures, pictures, advice and how it was found."""
    material = await material_of(work.session, work.actor, run_id, at=work.at, zone=LEGAL_ZONE.key)
    content = await run_in_threadpool(notice_pdf, notice_of(material), lang)
    return Response(content, media_type="application/pdf")
