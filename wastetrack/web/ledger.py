"""The books: what a site or a manifest holds, and how an account came to it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound
from wastetrack.ledger import queries
from wastetrack.ledger.model import PHYSICAL, Account, AccountKind, DiscrepancyKind
from wastetrack.manifests import queries as manifests
from wastetrack.parties import queries as parties
from wastetrack.reports import books
from wastetrack.serving.deps import Reading
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.web.listings import Asked
from wastetrack.web.lists_of_records import STATEMENT
from wastetrack.web.rendering import AnyPage

router = RoomRouter(prefix="/ledger")


class Wanted(Asked):
    """Which account of the holder's."""

    detail: Line = ""


@router.get("")
async def own_books(page: AnyPage, work: Reading) -> Response:
    """The sites of one's own organisation with what stands there."""
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    held = await queries.balances_of(work.session, *(site.id for site in sites), kind=AccountKind.STORED)
    standing = {site.id: sum(one.balance_g for one in held if one.account.holder_id == site.id) for site in sites}
    return page.show("ledger/sites.html", sites=sites, standing=standing)


async def _holder(session: ReadSession, actor: Actor, of: str, holder_id: UUID) -> tuple[UUID, str, str]:
    """A holder of accounts that the actor may see: its id, name and the address of its page."""
    if of == "sites":
        found = await books.site_with_books(session, actor, holder_id)
        return found, (await parties.site(session, found)).name, f"/sites/{found}"
    if of == "manifests":
        row = await manifests.manifest_row(session, actor, holder_id)
        return row.id, row.number or "—", f"/manifests/{row.id}"
    raise NotFound("books_unknown", "There are no such books.")


@router.get("/{of}/{holder_id:uuid}")
async def balances(page: AnyPage, work: Reading, of: str, holder_id: UUID) -> Response:
    """All accounts of a site or a manifest that are not zero."""
    holder, name, address = await _holder(work.session, work.actor, of, holder_id)
    found = await queries.balances_of(work.session, holder)
    return page.show(
        "ledger/balances.html", of=of, holder=holder, name=name, address=address, balances=found, physical=PHYSICAL
    )


@router.get("/{of}/{holder_id:uuid}/{kind}")
async def statement(
    *, page: AnyPage, work: Reading, of: str, holder_id: UUID, kind: AccountKind, wanted: Annotated[Wanted, Query()]
) -> Response:
    """The postings of one account, with the balance after each."""
    holder, name, _ = await _holder(work.session, work.actor, of, holder_id)
    detail = wanted.detail
    view = await STATEMENT.view(page, work, wanted)
    lines = await queries.statement(work.session, Account(kind, holder, detail), view.window)
    shown_detail = DiscrepancyKind(detail) if detail in {one.value for one in DiscrepancyKind} else detail
    return await view.answer(
        "ledger/statement.html",
        lines,
        of=of,
        holder=holder,
        name=name,
        kind=kind,
        detail=shown_detail,
        discrepancy=AccountKind.DISCREPANCY,
    )
