"""Pages of one system's secrets, key set and signing keys: new ones, overlap, ends."""

import json
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from wastetrack.auth import clients, public_keys, registering_clients, system_keys
from wastetrack.auth.granting import TOKEN_PATH
from wastetrack.auth.registering_clients import ToldSecret
from wastetrack.auth.system_keys import KeyState, RegisterKey
from wastetrack.i18n import message
from wastetrack.manifests import signing_keys
from wastetrack.serving.deps import ReadWork, Writing, settings_of
from wastetrack.serving.idempotency import AnsweringRoute, keep_instead
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.web.forms import Filled, asked_again, offer
from wastetrack.web.rendering import SEE_OTHER, AnyPage, Page

router = RoomRouter(prefix="/systems/{client_id:uuid}", route_class=AnsweringRoute)


def jwks_from(text: str) -> object:
    """A key set as it was pasted; None for what is no JSON, which the use case refuses with its reason."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def token_endpoint(page: Page) -> str:
    """Where a system gets its tokens."""
    return settings_of(page.request).base_url.rstrip("/") + TOKEN_PATH


def tell(page: Page, client_id: UUID, secret: ToldSecret) -> Response:
    """The page that tells a secret, this once; for a repeated request the system's own page is kept instead."""
    keep_instead(page.request, RedirectResponse(f"/systems/{client_id}", SEE_OTHER))
    return page.show("systems/told.html", client_id=client_id, secret=secret, endpoint=token_endpoint(page))


class KeyForm(BaseModel):
    """A signing key to enter."""

    name: Line = ""
    public_key: str = Field("", max_length=public_keys.LONGEST_TEXT)
    days: int = 365


async def _of_system(page: Page, work: ReadWork) -> clients.System:
    return await clients.system(work.session, work.actor, UUID(str(page.request.path_params["client_id"])), at=work.at)


async def ask_rotation(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form for another secret."""
    return page.show("systems/rotation.html", filled=filled, system=await _of_system(page, work))


offer(router, "/secrets", ask_rotation)


@router.post("/secrets")
@asked_again(ask_rotation)
async def rotate(
    page: AnyPage,
    work: Writing,
    client_id: UUID,
    days: Annotated[int, Form()] = 90,
    overlap_hours: Annotated[int, Form()] = 72,
) -> Response:
    """Another secret, told this once."""
    secret = await registering_clients.rotate_secret(
        work.session, work.actor, client_id, days=days, overlap_hours=overlap_hours, at=work.at
    )
    return tell(page, client_id, secret)


@router.post("/secrets/{secret_id:uuid}/end")
async def end_secret(page: AnyPage, work: Writing, client_id: UUID, secret_id: UUID) -> Response:
    """End a secret."""
    await registering_clients.end_secret(work.session, work.actor, client_id, secret_id, at=work.at)
    return page.go(f"/systems/{client_id}", message("The secret has ended."))


async def ask_jwks(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form for another key set, with the present one in it."""
    system = await _of_system(page, work)
    if not filled.is_refused:
        filled = Filled.of({"jwks": json.dumps(system.jwks, indent=1)})
    return page.show("systems/jwks.html", filled=filled, system=system)


offer(router, "/jwks", ask_jwks)


@router.post("/jwks")
@asked_again(ask_jwks)
async def replace_jwks(
    page: AnyPage, work: Writing, client_id: UUID, jwks: Annotated[str, Form(max_length=20_000)] = ""
) -> Response:
    """Put another key set in place."""
    await registering_clients.replace_jwks(work.session, work.actor, client_id, jwks_from(jwks))
    return page.go(f"/systems/{client_id}", message("The key set is replaced."))


async def ask_key(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The signing keys, each with what may be done with it, and the form for another."""
    system = await _of_system(page, work)
    keys = await system_keys.keys_of(work.session, work.actor, system.id)
    return page.show(
        "systems/keys.html",
        filled=filled,
        system=system,
        states=KeyState,
        keys=[(key, public_keys.shown(key.public_key), system_keys.state_of(key, at=work.at)) for key in keys],
        statement_of=system_keys.statement_to_prove,
    )


offer(router, "/keys", ask_key)


@router.post("/keys")
@asked_again(ask_key)
async def register_key(page: AnyPage, work: Writing, client_id: UUID, form: Annotated[KeyForm, Form()]) -> Response:
    """Enter a signing key."""
    command = RegisterKey(name=form.name, public_key=form.public_key, days=form.days, client_id=client_id)
    await system_keys.register_key(work.session, work.actor, command, at=work.at)
    return page.go(page.path, message("Now sign the text shown at the key, to prove that you hold its other half."))


@router.post("/keys/{key_id:uuid}/proof")
@asked_again(ask_key)
async def prove_key(
    page: AnyPage,
    work: Writing,
    client_id: UUID,
    key_id: UUID,
    signature: Annotated[str, Form(max_length=400)] = "",
) -> Response:
    """Put a key in force."""
    await system_keys.prove_key(work.session, work.actor, key_id, signature, at=work.at)
    return page.go(f"/systems/{client_id}/keys", message("The key is in force."))


@router.post("/keys/{key_id:uuid}/end")
@asked_again(ask_key)
async def end_key(
    page: AnyPage,
    work: Writing,
    client_id: UUID,
    key_id: UUID,
    hours: Annotated[int, Form(ge=0, le=registering_clients.LONGEST_OVERLAP_HOURS)] = 0,
) -> Response:
    """End a key, now or some hours from now."""
    ends_at = work.at + timedelta(hours=hours) if hours else None
    await signing_keys.end_system_key(work.session, work.actor, key_id, ends_at=ends_at, at=work.at)
    return page.go(f"/systems/{client_id}/keys", message("The end of the key is set."))
