"""What one keeps of lists: filters under a name, and the columns to show."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.searches import keeping, queries
from wastetrack.searches.model import LONGEST_QUERY, SaveSearch
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose

router = RoomRouter(prefix="/searches", route_class=AnsweringRoute, tags=["searches"])

_REFUSALS = problems(400, 404, 409, 422)
_LIST = Annotated[Line, Field(description="The path of the list", examples=["/containers"])]
_A_SEARCH: dict[str, Any] = {"page": "/containers", "name": "烟台一号库", "query": "code=900-249-08&state=stored"}
_A_CHOICE: dict[str, Any] = {"page": "/containers", "columns": ["code", "waste", "net"]}


class NewSearch(Body):
    """The filters of a list, as its address has them, under a name; the same name once more replaces them."""

    page: _LIST
    name: Line
    query: Annotated[Prose, Field(max_length=LONGEST_QUERY)] = ""


class NewName(Body):
    """Another name."""

    name: Line


class ChosenColumns(Body):
    """The columns of a list; none means its own choice."""

    page: _LIST
    columns: list[Line]


class SearchShown(Shown):
    """A saved search and where it leads."""

    id: UUID
    page: str
    name: str
    query: str
    address: str


class SearchList(Shown):
    """All of one's own."""

    items: list[SearchShown]


class ColumnsShown(Shown):
    """The columns that one has chosen; null where one has not."""

    page: str
    columns: list[str] | None


@router.get("", response_model=SearchList, responses=problems())
async def listed(work: Reading) -> Response:
    """What one has saved; nobody else sees it."""
    found = await queries.saved_searches(work.session, work.actor)
    return answer(SearchList(items=[SearchShown.model_validate(one) for one in found]))


@router.post("", status_code=201, response_model=SearchShown, responses=_REFUSALS)
async def save(work: Writing, body: Annotated[NewSearch, FromBody(examples=[_A_SEARCH])]) -> Response:
    """Keep filters under a name."""
    saved = await keeping.save_search(work.session, work.actor, SaveSearch(**body.model_dump()), at=work.at)
    return answer(SearchShown.model_validate(saved), 201)


@router.get("/columns", response_model=ColumnsShown, responses=problems(422))
async def columns(work: Reading, page: Annotated[str, Query(max_length=200)]) -> Response:
    """The columns of a list as one wants them."""
    found = await queries.chosen_columns(work.session, work.actor, page)
    return answer(ColumnsShown(page=page, columns=None if found is None else list(found)))


@router.post("/columns", response_model=ColumnsShown, responses=_REFUSALS)
async def choose_columns(work: Writing, body: Annotated[ChosenColumns, FromBody(examples=[_A_CHOICE])]) -> Response:
    """Choose the columns of a list."""
    await keeping.choose_columns(work.session, work.actor, body.page, tuple(body.columns))
    return answer(ColumnsShown(page=body.page, columns=body.columns or None))


@router.post("/{search_id}", response_model=SearchShown, responses=_REFUSALS)
async def rename(
    work: Writing, search_id: UUID, body: Annotated[NewName, FromBody(examples=[{"name": "本月"}])]
) -> Response:
    """Give it another name."""
    renamed = await keeping.rename_search(work.session, work.actor, search_id, body.name)
    return answer(SearchShown.model_validate(renamed))


@router.post("/{search_id}/deletion", response_model=SearchShown, responses=_REFUSALS)
async def delete(work: Writing, search_id: UUID) -> Response:
    """Forget it."""
    return answer(SearchShown.model_validate(await keeping.drop_search(work.session, work.actor, search_id)))
