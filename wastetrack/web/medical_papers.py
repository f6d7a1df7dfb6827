"""A month of medical waste on its manifest's page; and the papers to print: card, month, door label."""

import asyncio
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.catalogues.working_days import after_working_days
from wastetrack.manifests import running
from wastetrack.manifests.model import ManifestKind
from wastetrack.manifests.policy import Step
from wastetrack.medical import card_queries, queries
from wastetrack.medical.model import CardState
from wastetrack.parties import queries as parties
from wastetrack.reports.medical_papers import Printing, card_paper, month_paper
from wastetrack.reports.medical_pdf import Paper, copies, door_label_pdf, paper_pdf
from wastetrack.serving.deps import Reading, ReadWork, settings_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web import manifests
from wastetrack.web.forms import Filled
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)


async def ask_month(page: Page, work: ReadWork, filled: Filled, found: Any, steps: tuple[Step, ...]) -> Response:  # noqa: ANN401  a document
    """A month's manifest with its cards."""
    manifest_id = UUID(found["id"])
    period, totals = await running.period_of(work.session, manifest_id)
    cards = await card_queries.cards_of_month(work.session, manifest_id)
    received = found["received_at"]
    term = jurisdiction().confirm_working_days.value
    return page.show(
        "medical/month.html",
        filled=filled,
        **await manifests.places(work, found),
        **await manifests.files(work, found),
        steps=[step.value for step in steps],
        others=[],
        signed=manifests.signed_acts(found),
        period=period,
        wastes=totals,
        cards=cards,
        numbers={card.id: card_queries.card_number(card) for card in cards},
        taken=await card_queries.received_by_card(work.session, [card.id for card in cards]),
        open_cards=sum(card.state != CardState.RECEIVED.value for card in cards),
        card_state=CardState,
        may_prove=bool(may(work.actor, Verb.PROVE)),
        confirm_by=after_working_days(legal_day(received), term) if received else None,
        day=legal_day(work.at),
    )


manifests.OF_KIND[ManifestKind.MEDICAL] = ask_month


def _printing(page: Page, request: Request, work: ReadWork) -> Printing:
    settings = settings_of(request)
    return Printing(page.locale, settings.base_url.rstrip("/"), settings.time_zone, work.at)


@router.get("/medical/cards/{card_id:uuid}/card.pdf")
async def card(page: AnyPage, request: Request, work: Reading, card_id: UUID) -> Response:
    """The trip card, with its QR code."""
    printing = _printing(page, request, work)
    paper = await card_paper(work.session, work.actor, card_id, printing)
    return await _pdf((paper,), printing, f"card-{paper.number}")


@router.get("/medical/months/{manifest_id:uuid}/manifest.pdf")
async def month(page: AnyPage, request: Request, work: Reading, manifest_id: UUID) -> Response:
    """The month's manifest, one copy for each side."""
    printing = _printing(page, request, work)
    paper = await month_paper(work.session, work.actor, manifest_id, printing)
    return await _pdf(copies(paper, printing.locale), printing, f"month-{manifest_id}")


async def _pdf(papers: tuple[Paper, ...], printing: Printing, name: str) -> Response:
    content = await asyncio.to_thread(paper_pdf, papers, printing.locale)
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


@router.get("/medical/wards/{ward_id:uuid}/door.pdf")
async def door(page: AnyPage, request: Request, work: Reading, ward_id: UUID) -> Response:
    """The label of a ward's door."""
    found = await queries.ward(work.session, work.actor, ward_id)
    site = await parties.site(work.session, found.site_id)
    firm = await parties.organisation(work.session, site.organisation_id)
    printing = _printing(page, request, work)
    content = await asyncio.to_thread(
        door_label_pdf,
        institution=firm.name,
        code=found.code,
        name=found.name,
        location=found.location,
        url=f"{printing.base_url}/medical/wards/{ward_id}",
        locale=printing.locale,
    )
    headers = {"Content-Disposition": f'inline; filename="ward-{ward_id}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)
