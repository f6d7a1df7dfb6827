"""The link of a driver without an account: made on the manifest's page, opened on a phone, limited to one pick-up."""

from typing import Annotated
from uuid import UUID

from fastapi import Form
from starlette.responses import RedirectResponse, Response

from wastetrack import clock
from wastetrack.db.session import writing
from wastetrack.errors import RuleBroken
from wastetrack.i18n import Locale, message
from wastetrack.manifests import driver_links
from wastetrack.manifests.driver_links import LASTS, MakeLink
from wastetrack.serving.deps import Reading, ReadWork, Writing, engine_of, settings_of
from wastetrack.serving.forgery import refuse_forgery
from wastetrack.serving.idempotency import AnsweringRoute, keep_instead
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.strict_routes import StrictRoute
from wastetrack.serving.written_text import Line
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.reading_manifests import whole
from wastetrack.web.rendering import SEE_OTHER, AnyPage, Page

making = RoomRouter(prefix="/manifests/{manifest_id:uuid}/driver-link", route_class=AnsweringRoute)
using = RoomRouter(prefix="/d", route_class=StrictRoute)

_UNPROCESSABLE = 422


async def ask_link(page: Page, work: ReadWork, filled: Filled) -> Response:
    """For which driver."""
    await driver_links.demand_link(work.session, work.actor, page.request.path_params["manifest_id"])
    found, _ = await whole(work, page.request.path_params["manifest_id"])
    return page.show("signing/make_link.html", filled=filled, manifest=found, made=None, address="")


@making.get("")
async def form(page: AnyPage, work: Reading, manifest_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The form."""
    return await ask_link(page, work, EMPTY)


@making.post("")
@asked_again(ask_link)
async def make(
    page: AnyPage,
    work: Writing,
    manifest_id: UUID,
    driver_name: Annotated[Line, Form()] = "",
    phone: Annotated[Line, Form()] = "",
) -> Response:
    """Link and code, told this once: the answer kept for a repeated request holds neither."""
    command = MakeLink(manifest_id=manifest_id, driver_name=driver_name, phone=phone)
    made = await driver_links.make_link(work.session, work.actor, command, at=work.at)
    keep_instead(page.request, RedirectResponse(f"/manifests/{manifest_id}", SEE_OTHER))
    as_read = ReadWork(work.session, work.actor, work.at, work.identity)
    found, _ = await whole(as_read, manifest_id)
    address = f"{settings_of(page.request).base_url.rstrip('/')}/d/{made.token}"
    hours = int(LASTS.total_seconds() // 3600)
    return page.show("signing/make_link.html", filled=EMPTY, manifest=found, made=made, address=address, hours=hours)


@using.get("/{token}")
async def opened(page: AnyPage, token: str) -> Response:
    """What the driver would sign; or, once signed, what he has signed."""
    return await _show(page, token, EMPTY)


async def _show(page: Page, token: str, filled: Filled, *, status: int = 200) -> Response:
    at = clock.now()
    async with writing(engine_of(page.request)) as session:
        link = await driver_links.link_of(session, token, at=at, used=True)
        intent = None if link.used_at is not None else await driver_links.prepare(session, link, at=at)
    other: Locale = "en" if page.locale == "zh" else "zh"
    response = page.show(
        "signing/driver.html", status, filled=filled, link=link, intent=intent, token=token, other=other
    )
    # The address is the secret: it goes to no other site, and into no cache.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@using.post("/{token}")
async def sign(
    page: AnyPage,
    token: str,
    intent_id: Annotated[UUID, Form()],
    code: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """The pick-up, with the six digits told by voice. A wrong try counts, whatever comes of it."""
    await refuse_forgery(page.request, None)
    at, engine = clock.now(), engine_of(page.request)
    async with writing(engine) as session:
        right = await driver_links.try_code(session, token, code, at=at)
    try:
        if not right:
            driver_links.refuse_code()
        async with writing(engine) as session:
            await driver_links.sign(session, token, intent_id, at=at)
    except RuleBroken as refused:
        filled = Filled.from_request(await page.request.form(), refused.broken, "")
        return await _show(page, token, filled, status=_UNPROCESSABLE)
    return page.go(f"/d/{token}", message("Signed: the load is yours and on its way."))
