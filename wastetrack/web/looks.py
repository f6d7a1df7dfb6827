"""The page that tells a firm's owner who looked at its data."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.queries import snapshot
from wastetrack.i18n import Locale, label, message
from wastetrack.looks.model import LookKind
from wastetrack.reports import who_looked
from wastetrack.reports.who_looked import OwnLook, SeenLook
from wastetrack.serving.deps import Reading, settings_of
from wastetrack.serving.looking import disclosure_of
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web.listings import Asked
from wastetrack.web.lists_of_records import LOOKS, OWN_LOOKS
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/looks")

_REGION_DIGITS = 6


class Wanted(Asked):
    """Looks at one thing, or at all; of one's own, those of one kind."""

    manifest_id: UUID | None = None
    container_id: UUID | None = None
    kind: LookKind | None = None


@dataclass(frozen=True, slots=True)
class ListedLook:
    """A look as a list shows it: who it was in words, and where the thing is."""

    look: SeenLook | OwnLook
    address: str
    who: str = ""
    person: str = ""


@router.get("")
async def looks(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """Who looked, the newest day first; for an official, what he looked at himself."""
    if work.actor.is_regulator:
        view = await OWN_LOOKS.view(page, work, wanted)
        own = await who_looked.own_looks(work.session, work.actor, view.window, kind=wanted.kind)
        return await view.answer("audit/own_looks.html", [ListedLook(one, _address(one)) for one in own])
    subject_id = await who_looked.whose_looks(work.session, work.actor, wanted.manifest_id, wanted.container_id)
    view = await LOOKS.view(page, work, wanted)
    found = await who_looked.who_looked(
        work.session,
        work.actor,
        disclosure_of(settings_of(page.request)),
        subject_id=subject_id,
        limit=view.window.limit,
        offset=view.window.offset,
        at=work.at,
    )
    lists = await snapshot(work.session)
    rows = [ListedLook(one, _address(one), _who(page, lists, one), _person(page, one)) for one in found]
    return await view.answer("audit/looks.html", rows, days=settings_of(page.request).looks_hide_person_days)


def _address(one: SeenLook | OwnLook) -> str:
    """Where the thing is that was looked at."""
    place = _ADDRESSES.get(one.kind)
    return f"{place}{one.subject_id}" if place and one.subject else ""


def _who(page: Page, lists: Catalogue, one: SeenLook) -> str:
    """An authority by its region, others by their organisation."""
    if one.region is None:
        return one.organisation or ""
    return page.translate(message("Authority of {region}"), region=_region_name(lists, one.region, page.locale))


def _person(page: Page, one: SeenLook) -> str:
    """The person, once it may be told."""
    return f"{one.person} · {label(one.role, page.locale)}" if one.person else ""


_ADDRESSES: dict[LookKind, str] = {
    LookKind.MANIFEST: "/manifests/",
    LookKind.BUNDLE: "/manifests/",
    LookKind.PERSONAL: "/manifests/",
    LookKind.CONTAINER: "/containers/",
    LookKind.STORES: "/sites/",
    LookKind.PEOPLE: "/organisations/",
    LookKind.FLEET: "/organisations/",
}


def _region_name(lists: Catalogue, prefix: str, locale: Locale) -> str:
    """`3706` by its name."""
    region: Any = lists.regions.get(prefix.ljust(_REGION_DIGITS, "0"))
    return prefix if region is None else str(region.name if locale == "zh" else prefix)
