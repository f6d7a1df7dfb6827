"""The page that tells a firm's owner who looked at its data."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.queries import snapshot
from wastetrack.i18n import Locale
from wastetrack.looks.model import LookKind
from wastetrack.reports import who_looked
from wastetrack.reports.who_looked import SeenLook
from wastetrack.serving.deps import Reading, ReadWork, settings_of
from wastetrack.serving.looking import disclosure_of
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Instant
from wastetrack.web.custody_fields import Search
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/looks")

PER_PAGE = 50
_REGION_DIGITS = 6


class Wanted(Search):
    """Looks at one thing, or at all; and where the page begins."""

    manifest_id: UUID | None = None
    container_id: UUID | None = None
    day: Day | None = None
    before: Instant | None = None
    place: str = Field("", pattern=r"^([0-9a-f]{64})?$")


@router.get("")
async def looks(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """Who looked, the newest day first; for an official, what he looked at himself."""
    if work.actor.is_regulator:
        return await _own(page, work, wanted)
    subject_id = await who_looked.whose_looks(work.session, work.actor, wanted.manifest_id, wanted.container_id)
    disclosure = disclosure_of(settings_of(page.request))
    found = await who_looked.who_looked(
        work.session,
        work.actor,
        disclosure,
        subject_id=subject_id,
        after=(wanted.day, wanted.place) if wanted.day else None,
        limit=PER_PAGE + 1,
        at=work.at,
    )
    shown = found[:PER_PAGE]
    lists = await snapshot(work.session)
    last = shown[-1] if len(found) > PER_PAGE else None
    return page.show(
        "audit/looks.html",
        found=[(one, _region_name(lists, one, page.locale), _ADDRESSES.get(one.kind)) for one in shown],
        one_thing=subject_id is not None,
        days=settings_of(page.request).looks_hide_person_days,
        previous=page.here(day=None, place=None) if wanted.day else None,
        following=None if last is None else page.here(day=last.looked_on.isoformat(), place=last.place),
    )


async def _own(page: Page, work: ReadWork, wanted: Wanted) -> Response:
    found = await who_looked.own_looks(work.session, work.actor, before=wanted.before, limit=PER_PAGE + 1)
    shown = found[:PER_PAGE]
    return page.show(
        "audit/own_looks.html",
        found=[(one, _ADDRESSES.get(one.kind)) for one in shown],
        previous=page.here(before=None) if wanted.before else None,
        following=page.here(before=shown[-1].looked_at.isoformat()) if len(found) > PER_PAGE else None,
    )


_ADDRESSES: dict[LookKind, str] = {
    LookKind.MANIFEST: "/manifests/",
    LookKind.BUNDLE: "/manifests/",
    LookKind.PERSONAL: "/manifests/",
    LookKind.CONTAINER: "/containers/",
    LookKind.STORES: "/sites/",
    LookKind.PEOPLE: "/organisations/",
    LookKind.FLEET: "/organisations/",
}


def _region_name(lists: Catalogue, one: SeenLook, locale: Locale) -> str:
    """`3706` by its name."""
    if one.region is None:
        return ""
    region: Any = lists.regions.get(one.region.ljust(_REGION_DIGITS, "0"))
    return one.region if region is None else str(region.name if locale == "zh" else one.region)
