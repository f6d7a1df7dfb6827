"""Papers of medical waste to print: the trip card, the month's manifest in two copies."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from wastetrack.api.schemas import problems
from wastetrack.i18n import as_locale
from wastetrack.reports.medical_papers import Printing, card_paper, month_paper
from wastetrack.reports.medical_pdf import copies, paper_pdf
from wastetrack.serving.deps import Reading, ReadWork, settings_of
from wastetrack.serving.room_router import RoomRouter

router = RoomRouter(prefix="/medical", tags=["medical waste"])

_PDF: dict[int | str, Any] = {200: {"content": {"application/pdf": {}}}}
_Lang = Annotated[str, Query(pattern="^(zh|en)$")]


def _printing(request: Request, work: ReadWork, lang: str) -> Printing:
    settings = settings_of(request)
    return Printing(as_locale(lang) or "zh", settings.base_url.rstrip("/"), settings.time_zone, work.at)


@router.get("/cards/{card_id}/card.pdf", response_class=Response, responses={**_PDF, **problems(404)})
async def card(request: Request, work: Reading, card_id: UUID, lang: _Lang = "zh") -> Response:
    """The trip card, with its QR code."""
    printing = _printing(request, work, lang)
    paper = await card_paper(work.session, work.actor, card_id, printing)
    content = await asyncio.to_thread(paper_pdf, (paper,), printing.locale)
    return Response(content, media_type="application/pdf")


@router.get("/months/{manifest_id}/manifest.pdf", response_class=Response, responses={**_PDF, **problems(404)})
async def month(request: Request, work: Reading, manifest_id: UUID, lang: _Lang = "zh") -> Response:
    """The month's manifest, one copy for each side."""
    printing = _printing(request, work, lang)
    paper = await month_paper(work.session, work.actor, manifest_id, printing)
    content = await asyncio.to_thread(paper_pdf, copies(paper, printing.locale), printing.locale)
    return Response(content, media_type="application/pdf")
