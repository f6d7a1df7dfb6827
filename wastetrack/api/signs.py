"""Signs of stores and facilities (HJ 1276-2022) as PDF in their real size."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.api.schemas import problems
from wastetrack.reports.signs import SignKind, sign
from wastetrack.serving.deps import Reading
from wastetrack.serving.room_router import RoomRouter

router = RoomRouter(prefix="/sites", tags=["labels"])

_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}


@router.get("/{site_id}/signs/{kind}.pdf", response_class=Response, responses={**_PDF, **problems(404, 422)})
async def one_sign(
    work: Reading,
    site_id: UUID,
    kind: SignKind,
    of: Annotated[UUID, Query(description="The store, or for `facility` the facility")],
    metres: Annotated[float, Query(gt=0, le=1000, description="From how far it is to be read")] = 2.5,
) -> Response:
    """One sign, in the least size that is read from so far."""
    pdf = await sign(work.session, work.actor, site_id, kind, of, metres=metres)
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": 'inline; filename="sign.pdf"'})
