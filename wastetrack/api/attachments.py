"""Files beside a manifest: attach, list, fetch."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import File, Request, UploadFile
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Shown, problems
from wastetrack.attachments import attaching
from wastetrack.attachments import queries as attachments
from wastetrack.attachments.model import MediaType, Subject
from wastetrack.manifests import queries as manifests
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.files import file_answer, most_bytes_of, offered, store_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter

router = RoomRouter(route_class=AnsweringRoute, tags=["attachments"])

_CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file as it is kept",
        "content": {kind.value: {"schema": {"type": "string", "format": "binary"}} for kind in MediaType},
    },
    304: {"description": "What you have, named in If-None-Match, has not changed"},
}


class AttachmentShown(Shown):
    """A kept file. Pictures are painted anew, without place, time and camera; `sent_sha256` is of what was sent."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    sent_sha256: str
    organisation_id: UUID
    person_id: UUID
    created_at: datetime


class AttachmentList(Shown):
    """The files beside one thing, the oldest first."""

    items: list[AttachmentShown]


@router.post(
    "/manifests/{manifest_id}/attachments",
    status_code=201,
    response_model=AttachmentShown,
    responses=problems(400, 403, 404, 413, 422),
)
async def attach(
    request: Request,
    work: Writing,
    manifest_id: UUID,
    file: Annotated[UploadFile, File(description="PDF, PNG, JPEG, WebP, XLSX or CSV, up to 10 MiB")],
) -> Response:
    """Attach a photograph or a document to a manifest. Everybody who sees the manifest sees it."""
    row = await manifests.manifest_row(work.session, work.actor, manifest_id)
    examined = await attaching.examined(await offered(file))
    kept = await attaching.attach(
        work.session,
        store_of(request),
        work.actor,
        Subject(manifests.KIND, row.id),
        examined,
        most_bytes=most_bytes_of(request),
        at=work.at,
    )
    return answer(AttachmentShown.model_validate(kept), 201)


@router.get("/manifests/{manifest_id}/attachments", response_model=AttachmentList, responses=problems(404, 422))
async def listed(work: Reading, manifest_id: UUID) -> Response:
    """The files beside a manifest."""
    row = await manifests.manifest_row(work.session, work.actor, manifest_id)
    kept = await attachments.attachments_of(work.session, Subject(manifests.KIND, row.id))
    return answer(AttachmentList(items=[AttachmentShown.model_validate(each) for each in kept]))


@router.get("/attachments/{attachment_id}", response_class=Response, responses={**_CONTENT, **problems(404, 422, 503)})
async def fetched(request: Request, work: Reading, attachment_id: UUID) -> Response:
    """The content of a file beside a manifest that one may see."""
    row = await attachments.attachment(work.session, work.actor, attachment_id, kind=manifests.KIND)
    return await file_answer(request, row)
