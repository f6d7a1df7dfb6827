"""The notice that guides investment, as a PDF of a matching that is made."""

from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from wastetrack.reports.notices.gathering import material_of
from wastetrack.reports.notices.laying_out import notice_pdf
from wastetrack.reports.notices.writing import notice_of
from wastetrack.serving.deps import Reading
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web.rendering import AnyPage, renderer_of

router = RoomRouter(prefix="/capacity")


@router.get("/{run_id:uuid}/notice.pdf")
async def notice(page: AnyPage, work: Reading, run_id: UUID) -> Response:
    """For printing and publishing."""
    zone = str(renderer_of(page.request).zone)
    material = await material_of(work.session, work.actor, run_id, at=work.at, zone=zone)
    content = await run_in_threadpool(notice_pdf, notice_of(material), page.locale)
    name = f"notice-{material.result.question.region}-{material.result.question.year}"
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)
