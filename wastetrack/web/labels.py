"""The address in a label's QR code: it shows whoever holds the label what the label says, and no more.

Damaged and forged labels are told apart in words; a signed-in visitor who may see the container is led on to it.
"""

from starlette.responses import Response

from wastetrack import clock
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers import queries
from wastetrack.containers.errors import ContainerUnknown
from wastetrack.containers.labels import read_label_text
from wastetrack.containers.model import Form, Packaging
from wastetrack.containers.queries import Container
from wastetrack.db.session import ReadSession, reading
from wastetrack.errors import Malformed, Unauthenticated
from wastetrack.i18n import message
from wastetrack.parties import queries as parties
from wastetrack.serving.deps import engine_of, identify
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web.catalogues import HAZARD_NAMES
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter()

_VERDICTS: dict[str, tuple[str, str]] = {
    "label_forged": ("bad", message("This label is forged")),
    "label_damaged": ("warn", message("This label cannot be read completely")),
    "label_other_deployment": ("warn", message("This label is of another system")),
    "label_unreadable": ("warn", message("This is not a label of ours")),
}
_UNKNOWN = message("No container bears this label here")


@router.get("/91/{code}/92/{check}")
async def label(page: AnyPage, keys: DeploymentKeys, code: str, check: str) -> Response:
    """What the first label of a container says."""
    return await _shown(page, keys, f"91/{code}/92/{check}")


@router.get("/91/{code}/92/{check}/93/{revision}")
async def later_label(page: AnyPage, keys: DeploymentKeys, code: str, check: str, revision: str) -> Response:
    """What a label says that replaced another."""
    return await _shown(page, keys, f"91/{code}/92/{check}/93/{revision}")


async def _shown(page: Page, keys: Keys, path: str) -> Response:
    try:
        read = read_label_text(f"{keys.base_url.rstrip('/')}/{path}", keys.base_url, keys.label_key)
    except Malformed as wrong:
        kind, title = _VERDICTS.get(wrong.code, ("warn", message("This label cannot be read completely")))
        sentence = page.translate(wrong.message, **wrong.facts)
        return page.show("labels/refused.html", 400, kind=kind, verdict=title, sentence=sentence)
    async with reading(engine_of(page.request)) as session:
        row = await queries.bearing(session, str(read))
        if row is None:
            # The check is right, so it was printed here: its database is another one, or was set back.
            return page.show("labels/refused.html", 404, kind="warn", verdict=_UNKNOWN, sentence="")
        lists = await snapshot(session)
        return page.show(
            "labels/label.html",
            row=row,
            void=read.revision != row.label_revision,
            groups=read.groups,
            category_names=lists.category_names,
            maker=await parties.maker_on_label(session, str(read)),
            form=Form(row.form),
            packaging=Packaging(row.packaging),
            hazard_names={hazard.value: name for hazard, name in HAZARD_NAMES.items()},
            sees=await _sees(page, session, row),
        )


async def _sees(page: Page, session: ReadSession, row: Container) -> bool:
    """Whether the visitor is signed in and may see the container itself."""
    try:
        identity = await identify(page.request, session, at=clock.now())
        await queries.container(session, identity.actor, row.id)
    except (Unauthenticated, ContainerUnknown):
        return False
    return True
