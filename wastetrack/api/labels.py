"""Labels of containers: PDF for printers, QR symbols for screens."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query
from pydantic import Field
from starlette.responses import PlainTextResponse, Response

from wastetrack.api.fields import LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.containers import queries
from wastetrack.containers.labels import DigitalCode, make_label_text
from wastetrack.containers.model import PrintLabels, PrintReason
from wastetrack.containers.printing import print_labels
from wastetrack.errors import refuse
from wastetrack.reports.figures import LabelFigures
from wastetrack.reports.label_pdf import LabelPaper
from wastetrack.reports.printed_labels import check_paper, document, figures_of_labels, figures_of_print
from wastetrack.reports.qr_symbols import qr_png, qr_svg
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Prose

router = RoomRouter(prefix="/containers", route_class=AnsweringRoute, tags=["labels"])
prints = RoomRouter(prefix="/label-prints", route_class=AnsweringRoute, tags=["labels"])

_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}
_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {}}}}
_SVG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {}}}}
_PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}}}
_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}, "text/plain": {}}}}
_MOST_LABELS = 1000
_ORDER: dict[str, Any] = {
    "container_ids": ["0192f0c1-7b1a-7000-8000-000000000002"],
    "paper": "single",
    "why": "damaged",
    "reason": "雨淋模糊",
}
_SHEET: dict[str, Any] = {"container_ids": ["0192f0c1-7b1a-7000-8000-000000000002"], "paper": "a4-four"}


class LabelSheet(Body):
    """Which labels to print, on what."""

    container_ids: tuple[UUID, ...] = Field(min_length=1, max_length=_MOST_LABELS)
    paper: LabelPaper = LabelPaper.SINGLE


@router.post("/labels.pdf", response_class=Response, responses={**_PDF, **problems(404, 422)})
async def labels_pdf(
    work: Reading, keys: DeploymentKeys, body: Annotated[LabelSheet, FromBody(examples=[_SHEET])]
) -> Response:
    """A look at the labels of many containers in the order given, marked as such; nothing is counted. To print them,
    post to /label-prints. Changes nothing, so it needs no Idempotency-Key."""
    return await _previewed(work, keys, body.container_ids, body.paper)


@router.get("/{container_id}/label.pdf", response_class=Response, responses={**_PDF, **problems(404, 422)})
async def label(
    work: Reading, keys: DeploymentKeys, container_id: UUID, paper: LabelPaper = LabelPaper.SINGLE
) -> Response:
    """A look at a container's label after HJ 1276-2022, in the size that its volume asks for; marked as a look, and not
    counted. To print it, post to /label-prints."""
    return await _previewed(work, keys, (container_id,), paper)


@router.get("/{container_id}/label.txt", response_class=PlainTextResponse, responses={**_TEXT, **problems(404)})
async def label_as_text(work: Reading, keys: DeploymentKeys, container_id: UUID) -> PlainTextResponse:
    """What the QR symbol of a container's label says, for printers that draw it themselves."""
    text, _ = await _label_text(work, keys, container_id)
    return PlainTextResponse(text)


@router.get("/{container_id}/qr.svg", response_class=Response, responses={**_SVG, **problems(404)})
async def qr_as_svg(work: Reading, keys: DeploymentKeys, container_id: UUID) -> Response:
    """The QR symbol of a container's label, to be scaled."""
    text, code = await _label_text(work, keys, container_id)
    return Response(qr_svg(text, title=code), media_type="image/svg+xml")


@router.get("/{container_id}/qr.png", response_class=Response, responses={**_PNG, **problems(404, 422)})
async def qr_as_png(
    work: Reading,
    keys: DeploymentKeys,
    container_id: UUID,
    scale: Annotated[int, Query(ge=1, le=32, description="Pixels to a module")] = 8,
) -> Response:
    """The same in pixels."""
    text, _ = await _label_text(work, keys, container_id)
    return Response(qr_png(text, scale), media_type="image/png")


async def _label_text(work: ReadWork, keys: Keys, container_id: UUID) -> tuple[str, str]:
    row = await queries.container(work.session, work.actor, container_id)
    code = DigitalCode.parse(row.digital_code)
    return make_label_text(keys.base_url, code, keys.label_key, row.label_revision), row.digital_code


async def _previewed(work: ReadWork, keys: Keys, container_ids: Sequence[UUID], paper: LabelPaper) -> Response:
    rows = await queries.several(work.session, work.actor, container_ids)
    figures = await figures_of_labels(work.session, rows, base_url=keys.base_url, label_key=keys.label_key)
    refuse(check_paper(figures, paper))
    return await document_answer(figures, paper, "labels")


async def document_answer(figures: Sequence[LabelFigures], paper: LabelPaper, name: str) -> Response:
    """The file for the printer. Drawing a thousand labels takes a second, in which others want to be served."""
    drawn = await asyncio.to_thread(document, figures, paper)
    disposition = f'inline; filename="{name}.{drawn.suffix}"'
    return Response(drawn.content, media_type=drawn.media_type, headers={"Content-Disposition": disposition})


class PrintOrder(LabelSheet):
    """Which labels to print, on what, and why."""

    why: PrintReason
    reason: Prose = Field("", description="In words, where there is more to say of it")


class PrintShown(Shown):
    """One label that is printed."""

    container_id: UUID
    revision: int
    print_number: int


class LabelsPrinted(Shown):
    """A print: the labels, where their document is, and the event that states it."""

    id: UUID
    labels: list[PrintShown]
    document: str
    log: LogEntry


@prints.post("", status_code=201, response_model=LabelsPrinted, responses=problems(400, 403, 404, 409, 422))
async def print_of_labels(
    work: Writing, keys: DeploymentKeys, body: Annotated[PrintOrder, FromBody(examples=[_ORDER])]
) -> Response:
    """Print labels: counted and stated in the log; with `damaged` or `changed` the labels printed before are void."""
    command = PrintLabels(container_ids=body.container_ids, why=body.why, paper=body.paper.value, reason=body.reason)
    printed, appended = await print_labels(work.session, work.actor, command, at=work.at)
    figures, paper = await figures_of_print(
        work.session, work.actor, appended.id, base_url=keys.base_url, label_key=keys.label_key
    )
    refuse(check_paper(figures, paper))
    shown = LabelsPrinted(
        id=appended.id,
        labels=[PrintShown.model_validate(one) for one in printed],
        document=f"/api/v1/label-prints/{appended.id}/document",
        log=log_entry(appended, keys),
    )
    return answer(shown, 201)


@prints.get("/{print_id}/document", response_class=Response, responses={**_FILE, **problems(404, 409)})
async def printed_document(work: Reading, keys: DeploymentKeys, print_id: UUID) -> Response:
    """The document of a print, PDF or ZPL as was ordered, for as long as its labels are valid."""
    figures, paper = await figures_of_print(
        work.session, work.actor, print_id, base_url=keys.base_url, label_key=keys.label_key
    )
    return await document_answer(figures, paper, "labels")
