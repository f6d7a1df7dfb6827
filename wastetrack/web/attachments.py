"""Photographs and documents on the page of a manifest: the form below the signatures, and each file."""

from typing import Annotated
from uuid import UUID

from fastapi import File, UploadFile
from starlette.responses import Response

from wastetrack.attachments import attaching
from wastetrack.attachments import queries as attachments
from wastetrack.attachments.model import Subject
from wastetrack.i18n import message
from wastetrack.manifests import queries as manifests
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.files import file_answer, most_bytes_of, offered, store_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web.forms import asked_again
from wastetrack.web.manifests import ask_manifest
from wastetrack.web.rendering import AnyPage

router = RoomRouter(route_class=AnsweringRoute)


@router.post("/manifests/{manifest_id:uuid}/attachments")
@asked_again(ask_manifest)
async def attach(page: AnyPage, work: Writing, manifest_id: UUID, file: Annotated[UploadFile, File()]) -> Response:
    """Attach one file."""
    row = await manifests.manifest_row(work.session, work.actor, manifest_id)
    examined = await attaching.examined(await offered(file))
    await attaching.attach(
        work.session,
        store_of(page.request),
        work.actor,
        Subject(manifests.KIND, row.id),
        examined,
        most_bytes=most_bytes_of(page.request),
        at=work.at,
    )
    return page.go(f"/manifests/{row.id}#files", message("Attached: {name}"), name=examined.name)


@router.get("/attachments/{attachment_id:uuid}")
async def shown(page: AnyPage, work: Reading, attachment_id: UUID) -> Response:
    """A file: pictures in the page, everything else to keep."""
    row = await attachments.attachment(work.session, work.actor, attachment_id, kind=manifests.KIND)
    return await file_answer(page.request, row)
