"""Pages of mismatches: the gate's form, and one page on which the shipper, the receiver and the authority meet."""

from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.model import viewers_of_region
from wastetrack.auth.policy import Verb, may
from wastetrack.errors import NotFound
from wastetrack.i18n import message
from wastetrack.manifests import journey_queries, mismatching, queries
from wastetrack.manifests.journey_model import DecideMismatch, MismatchKind, MismatchState, ReportMismatch
from wastetrack.manifests.policy import Step
from wastetrack.parties import queries as parties
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute, key_of
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Prose
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.reading_fields import ChosenOrNone
from wastetrack.web.reading_manifests import whole
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)


class MismatchForm(BaseModel):
    """What was found."""

    kinds: list[MismatchKind] = []
    container_id: ChosenOrNone = None
    found: Prose = ""


class DecisionForm(BaseModel):
    """Accept or reject."""

    accept: bool
    reason: Prose = ""


async def ask_mismatch(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form at the gate."""
    found, steps = await whole(work, page.request.path_params["manifest_id"])
    if Step.REPORT_MISMATCH not in steps:
        raise NotFound("nothing_to_report", "Mismatches are reported by the receiver, between arrival and receipt.")
    return page.show("journeys/mismatch_form.html", filled=filled, manifest=found, kinds=MismatchKind)


@router.get("/gate/{manifest_id:uuid}/mismatch")
async def form(page: AnyPage, work: Reading, manifest_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The form."""
    return await ask_mismatch(page, work, EMPTY)


@router.post("/gate/{manifest_id:uuid}/mismatch")
@asked_again(ask_mismatch)
async def report(page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[MismatchForm, Form()]) -> Response:
    """Report it; its page asks for the decision."""
    command = ReportMismatch(
        mismatch_id=key_of(page.request),
        manifest_id=manifest_id,
        kinds=tuple(form.kinds),
        found=form.found,
        container_id=form.container_id,
    )
    row, _ = await mismatching.report_mismatch(work.session, work.actor, command, at=work.at)
    return page.go(f"/mismatches/{row.id}", message("Reported. The shipper and the authority are told."), kind="warn")


async def show_mismatch(page: Page, work: ReadWork, filled: Filled) -> Response:
    """One mismatch and what may be done about it."""
    row = await journey_queries.mismatch(work.session, work.actor, page.request.path_params["mismatch_id"])
    manifest = await queries.manifest_row(work.session, work.actor, row.manifest_id)
    lines = await queries.lines(work.session, row.manifest_id)
    actor = work.actor
    waits = row.state == MismatchState.REPORTED.value
    own_region = actor.viewer in viewers_of_region(row.destination_region)
    return page.show(
        "journeys/mismatch.html",
        filled=filled,
        one=row,
        state=MismatchState(row.state),
        kinds=[MismatchKind(kind) for kind in row.kinds],
        manifest=manifest,
        line=next((line for line in lines if line.row.container_id == row.container_id), None),
        firms=await parties.organisations_by_id(work.session, {row.shipper_id, row.receiver_id}),
        may_decide=waits and row.receiver_id == actor.organisation_id and bool(may(actor, Verb.RECEIVE)),
        may_note=row.noted_at is None and row.shipper_id == actor.organisation_id and bool(may(actor, Verb.FILE)),
        may_acknowledge=row.acknowledged_at is None and own_region and bool(may(actor, Verb.ACKNOWLEDGE)),
    )


@router.get("/mismatches/{mismatch_id:uuid}")
async def mismatch(page: AnyPage, work: Reading, mismatch_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The page."""
    return await show_mismatch(page, work, EMPTY)


@router.post("/mismatches/{mismatch_id:uuid}/decision")
@asked_again(show_mismatch)
async def decide(page: AnyPage, work: Writing, mismatch_id: UUID, form: Annotated[DecisionForm, Form()]) -> Response:
    """The receiver decides."""
    command = DecideMismatch(mismatch_id=mismatch_id, accept=form.accept, reason=form.reason)
    row, _ = await mismatching.decide_mismatch(work.session, work.actor, command, at=work.at)
    sentence = message("Accepted. Go on at the gate.") if form.accept else message("Rejected. It goes back.")
    return page.go(f"/gate/{row.manifest_id}", sentence)


@router.post("/mismatches/{mismatch_id:uuid}/note")
@asked_again(show_mismatch)
async def note(page: AnyPage, work: Writing, mismatch_id: UUID) -> Response:
    """The shipper knows."""
    await mismatching.note_mismatch(work.session, work.actor, mismatch_id, at=work.at)
    return page.go(f"/mismatches/{mismatch_id}", message("Taken note of."))


@router.post("/mismatches/{mismatch_id:uuid}/acknowledgement")
@asked_again(show_mismatch)
async def acknowledge(page: AnyPage, work: Writing, mismatch_id: UUID) -> Response:
    """The authority knows."""
    await mismatching.acknowledge_mismatch(work.session, work.actor, mismatch_id, at=work.at)
    return page.go(f"/mismatches/{mismatch_id}", message("Acknowledged."))
