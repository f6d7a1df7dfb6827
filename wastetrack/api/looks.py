"""Who looked at one's data."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.paging import Paged, Paging
from wastetrack.api.schemas import Shown, problems
from wastetrack.auth.model import Role
from wastetrack.errors import Malformed
from wastetrack.looks.model import Channel, LookKind, Why
from wastetrack.reports import who_looked
from wastetrack.reports.who_looked import Key
from wastetrack.serving.deps import Reading, settings_of
from wastetrack.serving.looking import disclosure_of
from wastetrack.serving.room_router import RoomRouter

router = RoomRouter(prefix="/looks", tags=["looks"])


class LookShown(Shown):
    """A look. `looked_at` and `person` are null as long as they are kept back."""

    looked_on: date
    looked_at: datetime | None
    region: str | None
    organisation: str | None
    role: Role
    person: str | None
    kind: LookKind
    subject_id: UUID
    subject: str
    why: Why | None
    channel: Channel


class LookPage(Shown):
    """A page of looks."""

    items: list[LookShown]
    next: str | None


@router.get("", response_model=LookPage, responses=problems(400, 403, 404, 422))
async def looks(
    *,
    request: Request,
    work: Reading,
    paging: Paged,
    manifest_id: Annotated[UUID | None, Query(description="Only looks at this manifest")] = None,
    container_id: Annotated[UUID | None, Query(description="Only looks at this container")] = None,
) -> Response:
    """Who looked at the data of one's organisation, the newest day first; for its owner."""
    subject_id = await who_looked.whose_looks(work.session, work.actor, manifest_id, container_id)
    found = await who_looked.who_looked(
        work.session,
        work.actor,
        disclosure_of(settings_of(request)),
        subject_id=subject_id,
        after=_key(paging),
        limit=paging.fetch,
        at=work.at,
    )
    following = paging.following(found, lambda one: (one.looked_on.isoformat(), one.place))
    items = [LookShown.model_validate(one) for one in found[: paging.limit]]
    return answer(LookPage(items=items, next=following), headers=paging.links(following))


def _key(paging: Paging) -> Key | None:
    if paging.after is None:
        return None
    try:
        day, place = paging.after
        return date.fromisoformat(str(day)), str(place)
    except ValueError:
        raise Malformed("cursor_unreadable", "This cursor is not one that a list gave out.") from None
