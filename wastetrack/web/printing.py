"""Print a container's label: why, on what; the document then opens, and the print stands in the container's history."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.containers import queries
from wastetrack.containers.model import PrintLabels, PrintReason
from wastetrack.containers.printing import print_labels
from wastetrack.errors import refuse
from wastetrack.i18n import message
from wastetrack.reports.label_pdf import LabelPaper
from wastetrack.reports.printed_labels import check_paper, document, figures_of_print
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.middleware import CONTENT_SECURITY_POLICY
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Prose
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)

PAPERS = {
    LabelPaper.SINGLE: message("One label to a page of its size (PDF)"),
    LabelPaper.A4_FOUR: message("Four of 100 mm on an A4 sheet (PDF)"),
    LabelPaper.A4_TAGS: message("Tag of 70 × 37 mm for a bag inside a labelled container (PDF)"),
    LabelPaper.ZPL_203: message("Thermal printer with 203 dots to the inch (ZPL)"),
    LabelPaper.ZPL_300: message("Thermal printer with 300 dots to the inch (ZPL)"),
}


class PrintForm(BaseModel):
    """Why a label is printed, and on what."""

    why: PrintReason
    paper: LabelPaper = LabelPaper.SINGLE
    reason: Prose = ""


async def ask_print(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form."""
    row = await queries.container(work.session, work.actor, page.request.path_params["container_id"])
    newest = (await queries.newest_prints(work.session, [row.id])).get(row.id)
    reasons = [why for why in PrintReason if (why is PrintReason.FIRST) == (newest is None)]
    return page.show(
        "containers/print.html",
        filled=filled,
        row=row,
        newest=newest,
        outdated=newest is not None and newest.net_g != row.net_g,
        reasons=reasons,
        papers=PAPERS,
    )


@router.get("/containers/{container_id:uuid}/print")
async def printing(page: AnyPage, work: Reading, container_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The form."""
    return await ask_print(page, work, EMPTY)


@router.post("/containers/{container_id:uuid}/print")
@asked_again(ask_print)
async def print_one(
    page: AnyPage, work: Writing, keys: DeploymentKeys, container_id: UUID, form: Annotated[PrintForm, Form()]
) -> Response:
    """Count the print, and open its document."""
    command = PrintLabels(container_ids=(container_id,), why=form.why, paper=form.paper.value, reason=form.reason)
    with naming_fields():
        _, appended = await print_labels(work.session, work.actor, command, at=work.at)
        figures, paper = await figures_of_print(
            work.session, work.actor, appended.id, base_url=keys.base_url, label_key=keys.label_key
        )
        refuse(check_paper(figures, paper))
    return page.go(f"/label-prints/{appended.id}/document")


@router.get("/label-prints/{print_id:uuid}/document")
async def printed_document(work: Reading, keys: DeploymentKeys, print_id: UUID) -> Response:
    """The PDF or the ZPL of a print, for as long as its labels are valid."""
    figures, paper = await figures_of_print(
        work.session, work.actor, print_id, base_url=keys.base_url, label_key=keys.label_key
    )
    drawn = await asyncio.to_thread(document, figures, paper)
    kind = "inline" if drawn.suffix == "pdf" else "attachment"
    # The page that has just saved a container shows its label within itself, to print it at once.
    headers = {
        "Content-Disposition": f'{kind}; filename="labels.{drawn.suffix}"',
        "Content-Security-Policy": CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
        "X-Frame-Options": "SAMEORIGIN",
    }
    return Response(drawn.content, media_type=drawn.media_type, headers=headers)
