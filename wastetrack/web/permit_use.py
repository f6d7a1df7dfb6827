"""The page of a plant's permits: what came in under each line by code and month, what is left of the year."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, legal_day
from wastetrack.parties import queries as parties
from wastetrack.reports.permit_use import MONTHS, PermitUse, sheet_of, use_of_holder
from wastetrack.reports.tabular import Document, said
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.tables import csv_document_answer, workbook_answer
from wastetrack.web.rendering import AnyPage

router = RoomRouter(prefix="/permit-use")

OLDEST_YEAR = 2000


Of = Annotated[UUID | None, Query()]
Year = Annotated[int | None, Query(ge=OLDEST_YEAR, le=2100)]


async def _found(work: ReadWork, organisation_id: UUID | None, asked: int | None) -> tuple[UUID, int, list[PermitUse]]:
    holder = organisation_id or work.actor.organisation_id
    year = asked or legal_day(work.at).year
    return holder, year, await use_of_holder(work.session, work.actor, holder, year=year)


@router.get("")
async def permit_use(page: AnyPage, work: Reading, organisation_id: Of = None, year: Year = None) -> Response:
    """The permits of a firm in a year, line by line."""
    holder, chosen, found = await _found(work, organisation_id, year)
    this_year = legal_day(work.at).year
    return page.show(
        "plant/permit_use.html",
        holder=await parties.organisation(work.session, holder),
        own=holder == work.actor.organisation_id,
        year=chosen,
        this_year=this_year,
        permits=found,
        months=[month.of(page.locale) for month in MONTHS],
    )


def _document(found: list[PermitUse], year: int, at: datetime) -> Document:
    return Document(said("Use of the permits"), ((said("Year"), str(year)),), (sheet_of(found),), at, LEGAL_ZONE.key)


@router.get(".csv")
async def as_csv(page: AnyPage, work: Reading, organisation_id: Of = None, year: Year = None) -> Response:
    """The same as CSV."""
    _, chosen, found = await _found(work, organisation_id, year)
    return csv_document_answer(_document(found, chosen, work.at), f"permit-use-{chosen}", page.locale)


@router.get(".xlsx")
async def as_workbook(page: AnyPage, work: Reading, organisation_id: Of = None, year: Year = None) -> Response:
    """The same as a workbook."""
    _, chosen, found = await _found(work, organisation_id, year)
    return await workbook_answer(_document(found, chosen, work.at), f"permit-use-{chosen}", page.locale)
