"""The form by which a missing container that turned up is told."""

from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.errors import NotFound
from wastetrack.i18n import message
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import finding
from wastetrack.manifests.journey_model import FindAgain
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute, key_of
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose
from wastetrack.web.custody_fields import SCALES, naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.reading_fields import Kilograms, LocalInstant
from wastetrack.web.reading_manifests import whole
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/manifests/{manifest_id:uuid}", route_class=AnsweringRoute)


class FindingForm(BaseModel):
    """What its finder tells."""

    container_id: UUID
    what: Prose = ""
    gross: Kilograms | None = None
    method: WeighingMethod = WeighingMethod.PLATFORM_SCALE
    scale_id: Line = ""
    happened_at: LocalInstant = None


async def ask_finding(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form, with what is missing."""
    found, _ = await whole(work, page.request.path_params["manifest_id"])
    missing = await finding.missing_from(work.session, UUID(found["id"]))
    finder = await finding.finder_now(work.session, work.actor, UUID(found["id"]))
    if not missing or finder is None:
        raise NotFound("nothing_missing", "Nothing is missing from this manifest that you could have found.")
    return page.show(
        "journeys/finding_form.html",
        filled=filled,
        manifest=found,
        missing=missing,
        finder=finder,
        finders=finding.Finder,
        methods=SCALES,
    )


@router.get("/found")
async def form(page: AnyPage, work: Reading, manifest_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The form."""
    return await ask_finding(page, work, EMPTY)


@router.post("/found")
@asked_again(ask_finding)
async def find(page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[FindingForm, Form()]) -> Response:
    """It is there. The form's request_id is the event's own id."""
    command = FindAgain(
        event_id=key_of(page.request),
        manifest_id=manifest_id,
        container_id=form.container_id,
        what=form.what,
        gross=form.gross,
        method=form.method,
        scale_id=form.scale_id or None,
        happened_at=form.happened_at,
    )
    with naming_fields():
        await finding.find_again(work.session, work.actor, command, at=work.at)
    return page.go(f"/manifests/{manifest_id}", message("Taken back: the container is not missing any more."))
