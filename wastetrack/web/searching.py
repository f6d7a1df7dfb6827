"""The page of the search over everything; its field stands in the frame of each page."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import GRANTS, Verb
from wastetrack.reports.searching import Hit, search
from wastetrack.search.model import FEWEST_LETTERS, FoundKind
from wastetrack.serving.deps import Reading
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.web.custody_fields import Search
from wastetrack.web.rendering import AnyPage

router = RoomRouter()

_ADDRESSES: dict[FoundKind, str] = {
    FoundKind.MANIFEST: "/manifests/{key}",
    FoundKind.CONTAINER: "/containers/{key}",
    FoundKind.ORGANISATION: "/organisations/{key}",
    FoundKind.SITE: "/sites/{key}",
    FoundKind.VEHICLE: "/organisations/{of}",
    FoundKind.PERMIT: "/permits/{key}",
    FoundKind.WASTE: "/codes/{key}",
    FoundKind.PERSON: "/organisations/{of}/people",
    FoundKind.REGION: "/organisations?region={key}",
}
_OF_AUTHORITIES: dict[FoundKind, str] = {
    FoundKind.ORGANISATION: "/oversight/companies/{key}",
    FoundKind.VEHICLE: "/oversight/companies/{of}",
    FoundKind.REGION: "/oversight/regions/{key}",
}
"""Where an authority goes on from."""


_LONG = 8
"""So many letters and digits are a number that may be misread, not a word."""


class Wanted(Search):
    """What is looked for, and of which kind alone."""

    q: Line = ""
    kind: FoundKind | None = None


def address_of(actor: Actor, hit: Hit) -> str:
    """The page on which a hit is told."""
    places = {**_ADDRESSES, **_OF_AUTHORITIES} if actor.is_regulator else _ADDRESSES
    return places[hit.kind].format(key=hit.key, of=hit.of)


def parts_of(text: str) -> tuple[str, ...]:
    """Both halves of a long number: where one sign is wrong, it is in one of them alone."""
    number = "".join(text.split())
    if len(number) < _LONG or not (number.isascii() and number.isalnum()):
        return ()
    middle = len(number) // 2
    return number[:middle], number[middle:]


@router.get("/search")
async def found(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """What was found, kind by kind."""
    answer = await search(work.session, work.actor, wanted.q, kind=wanted.kind, at=work.at) if wanted.q else None
    shown = [
        (group, [(hit, address_of(work.actor, hit)) for hit in group.hits])
        for group in (() if answer is None else answer.groups)
    ]
    kinds = [one for one in FoundKind if one is not FoundKind.PERSON or Verb.MANAGE_PEOPLE in GRANTS[work.actor.role]]
    return page.show(
        "search/search.html",
        wanted=wanted,
        answer=answer,
        groups=shown,
        parts=parts_of(wanted.q),
        kinds=kinds,
        fewest=FEWEST_LETTERS,
    )
