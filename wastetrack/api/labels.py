"""Labels of containers: PDF for printers, QR symbols for screens."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi import Body as FromBody
from pydantic import Field
from starlette.responses import PlainTextResponse, Response

from wastetrack.api.schemas import Body, problems
from wastetrack.catalogues.general_wastes import is_general
from wastetrack.containers import queries
from wastetrack.containers.labels import DigitalCode, make_label_text
from wastetrack.errors import Broken, refuse
from wastetrack.reports.figures import LabelFigures
from wastetrack.reports.gathering import figures_of_labels
from wastetrack.reports.label_pdf import LabelPaper, label_pdf
from wastetrack.reports.label_rules import CHINA
from wastetrack.reports.qr_symbols import qr_png, qr_svg
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys, Keys

router = APIRouter(prefix="/containers", route_class=AnsweringRoute, tags=["labels"])

_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}
_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {}}}}
_SVG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {}}}}
_PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}}}
_MOST_LABELS = 1000
_SHEET: dict[str, Any] = {"container_ids": ["0192f0c1-7b1a-7000-8000-000000000002"], "paper": "a4-four"}


class LabelSheet(Body):
    """Which labels to print, on what."""

    container_ids: tuple[UUID, ...] = Field(min_length=1, max_length=_MOST_LABELS)
    paper: LabelPaper = LabelPaper.SINGLE


@router.post("/labels.pdf", response_class=Response, responses={**_PDF, **problems(404, 422)})
async def labels_pdf(
    work: Reading, keys: DeploymentKeys, body: Annotated[LabelSheet, FromBody(examples=[_SHEET])]
) -> Response:
    """The labels of many containers in the order given. Changes nothing, so it needs no Idempotency-Key."""
    return await _printed(work, keys, body.container_ids, body.paper)


@router.get("/{container_id}/label.pdf", response_class=Response, responses={**_PDF, **problems(404, 422)})
async def label(
    work: Reading, keys: DeploymentKeys, container_id: UUID, paper: LabelPaper = LabelPaper.SINGLE
) -> Response:
    """A container's label after HJ 1276-2022, in the size that its volume asks for."""
    return await _printed(work, keys, (container_id,), paper)


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
    return make_label_text(keys.base_url, DigitalCode.parse(row.digital_code), keys.label_key), row.digital_code


async def _printed(work: ReadWork, keys: Keys, container_ids: Sequence[UUID], paper: LabelPaper) -> Response:
    rows = await queries.several(work.session, work.actor, container_ids)
    figures = await figures_of_labels(work.session, rows, base_url=keys.base_url, label_key=keys.label_key)
    refuse(_check_paper(figures, paper))
    # Drawing a thousand labels takes a second, in which others want to be served.
    pdf = await asyncio.to_thread(_drawn, figures, paper)
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": 'inline; filename="labels.pdf"'})


def _drawn(figures: Sequence[LabelFigures], paper: LabelPaper) -> bytes:
    return label_pdf(figures, paper=paper).pdf


def _check_paper(figures: Sequence[LabelFigures], paper: LabelPaper) -> list[Broken]:
    smallest = CHINA.sizes.value[0]
    if paper is not LabelPaper.A4_FOUR:
        return []
    message = "Container {value} needs a label of {side} mm; four to a sheet are {smallest} mm."
    step = "Print it alone (paper “single”)."
    return [
        Broken(
            "paper",
            "label_too_large",
            message,
            label.digital_code,
            article="HJ 1276-2022",
            facts={"side": CHINA.size_for(label.volume_litres).side_mm, "smallest": smallest.side_mm},
            next_step=step,
        )
        for label in figures
        if CHINA.size_for(label.volume_litres) != smallest and not is_general(label.waste_code)
    ]
