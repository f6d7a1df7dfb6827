"""`/help`, for everybody: a day's work of each role, the words of the pages, the keyboard, and whom to ask."""

from contextlib import suppress
from types import MappingProxyType
from typing import Final

from starlette.responses import Response

from wastetrack import clock
from wastetrack.auth.model import Role
from wastetrack.db.session import reading
from wastetrack.errors import Unauthenticated
from wastetrack.i18n import message
from wastetrack.serving.deps import engine_of, identify
from wastetrack.serving.restrictions import HeldBack
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter()

_Lines = tuple[tuple[str, str], ...]
_DESK: Final[_Lines] = (
    (message("Begin with what is due today: each line leads to the act itself."), "/"),
    (message("Weigh and label what was made; saving prints the label."), "/containers/new"),
    (message("File a manifest from containers, check the answers, sign."), "/manifests/new"),
    (message("Follow it, and answer what the receiver found otherwise."), "/manifests"),
    (message("The ledgers and reports fill themselves from that; read them and hand them in."), "/ledgers"),
)
_GATE: Final[_Lines] = (
    (message("Open the gate page and choose the vehicle that stands there."), "/gate"),
    (message("Scan each label, weigh it, and put it where the page says."), "/gate"),
    (message("Treat what is in store, and book what comes out of it."), "/treatment"),
)
_DRIVER: Final[_Lines] = (
    (message("Your trips of today stand in their order; open the first."), "/on-the-way"),
    (message("Load what the paper names, sign, drive; hand over with a signature."), "/manifests"),
)
_AUTHORITY: Final[_Lines] = (
    (message("What needs you stands first: findings in their order, approvals with their terms."), "/"),
    (message("Decide approvals before their term ends."), "/approvals"),
    (message("Follow any label, manifest or firm through everything that happened to it."), "/audit"),
    (message("See who has not handed in a report."), "/reports"),
)
_OPERATOR: Final[_Lines] = (
    (message("Register organisations and the first of their people."), "/organisations"),
    (message("Answer claims of people who say that they belong to a firm."), "/claims"),
)
_OF: Final = MappingProxyType(
    {
        Role.GATE_OPERATOR: _GATE,
        Role.DRIVER: _DRIVER,
        Role.REGULATOR_VIEWER: _AUTHORITY,
        Role.INSPECTOR: _AUTHORITY,
        Role.APPROVER: _AUTHORITY,
        Role.OPERATOR: _OPERATOR,
    }
)


@router.get("/help")
async def helping(page: AnyPage) -> Response:
    """The page, for whoever is signed in with his own work."""
    await greeted(page)
    actor = page.actor
    return page.show("help.html", work=() if actor is None else _OF.get(actor.role, _DESK))


async def greeted(page: Page) -> None:
    """Know who looks, if anybody is signed in: for pages that are open to everybody."""
    async with reading(engine_of(page.request)) as session:
        with suppress(Unauthenticated, HeldBack):
            await identify(page.request, session, at=clock.now())
