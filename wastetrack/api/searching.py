"""Search over everything."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Shown, problems
from wastetrack.reports import searching
from wastetrack.search.model import FoundKind
from wastetrack.serving.deps import Reading
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line

router = RoomRouter(prefix="/search", tags=["search"])


class HitShown(Shown):
    """One thing. `key` is its id, or its code in an official list; `state` is that of a manifest or container."""

    key: str
    title: str
    detail: str
    state: str | None


class GroupShown(Shown):
    """What was found of one kind; `total` may be more than `hits` tells."""

    kind: FoundKind
    total: int
    hits: list[HitShown]


class FoundShown(Shown):
    """The answer. `too_short`: two Chinese characters, or three letters and digits, are the least to look for."""

    too_short: bool
    groups: list[GroupShown]


@router.get("", response_model=FoundShown, responses=problems(400, 403, 422))
async def search(
    work: Reading,
    q: Annotated[
        Line, Query(description="Number, code, plate, name, address, pinyin initials; each word must be found")
    ],
    kind: Annotated[FoundKind | None, Query(description="Only of this kind")] = None,
    limit: Annotated[int, Query(ge=1, le=searching.MANY, description="At most so many of each kind")] = 20,
) -> Response:
    """Everything that one may see in which each word stands: full or half width, in either case, a part is enough."""
    found = await searching.search(work.session, work.actor, q, kind=kind, limit=limit, at=work.at)
    groups = [GroupShown.model_validate(group) for group in found.groups]
    return answer(FoundShown(too_short=found.too_short, groups=groups))
