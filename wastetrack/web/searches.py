"""What one keeps of lists: saving a list's filters, choosing its columns, and the page to rename and delete."""

from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.i18n import message
from wastetrack.searches import keeping, queries
from wastetrack.searches.model import SaveSearch
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.doors import safe_next
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.navigation import title_of
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/searches", route_class=AnsweringRoute)


class SearchForm(BaseModel):
    """The filters of a list under a name."""

    page: Line = ""
    name: Line = ""
    query: Prose = ""


class NameForm(BaseModel):
    """Another name."""

    name: Line = ""


class ColumnsForm(BaseModel):
    """The columns of a list; `usual` goes back to its own choice."""

    page: Line = ""
    back: Line = "/"
    columns: list[Line] = []
    usual: bool = False


async def ask(page: Page, work: ReadWork, filled: Filled) -> Response:
    """All that one has saved."""
    found = await queries.saved_searches(work.session, work.actor)
    return page.show(
        "searches/searches.html", filled=filled, found=[(one, title_of(one.page) or one.page) for one in found]
    )


@router.get("")
async def searches(page: AnyPage, work: Reading) -> Response:
    """The page."""
    return await ask(page, work, EMPTY)


@router.post("")
@asked_again(ask)
async def save(page: AnyPage, work: Writing, form: Annotated[SearchForm, Form()]) -> Response:
    """Keep the filters of a list; back to the list that they show."""
    command = SaveSearch(page=form.page, name=form.name, query=form.query)
    saved = await keeping.save_search(work.session, work.actor, command, at=work.at)
    return page.go(saved.address, message("Saved as “{name}”."), name=saved.name)


@router.post("/columns")
@asked_again(ask)
async def choose_columns(page: AnyPage, work: Writing, form: Annotated[ColumnsForm, Form()]) -> Response:
    """Show these columns from now on."""
    chosen = () if form.usual else tuple(form.columns)
    await keeping.choose_columns(work.session, work.actor, form.page, chosen)
    return page.go(safe_next(form.back))


@router.post("/{search_id:uuid}")
@asked_again(ask)
async def rename(page: AnyPage, work: Writing, search_id: UUID, form: Annotated[NameForm, Form()]) -> Response:
    """Give it another name."""
    await keeping.rename_search(work.session, work.actor, search_id, form.name)
    return page.go("/searches", message("Renamed."))


@router.post("/{search_id:uuid}/deletion")
@asked_again(ask)
async def delete(page: AnyPage, work: Writing, search_id: UUID) -> Response:
    """Forget it."""
    dropped = await keeping.drop_search(work.session, work.actor, search_id)
    return page.go("/searches", message("“{name}” is deleted."), name=dropped.name)
