"""Pages of an organisation's systems: which there are, letting one in, ending one; and its members' tokens."""

from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.auth import clients, issuing, queries, registering_clients
from wastetrack.auth.model import AuthMethod, Role, Scope
from wastetrack.auth.policy import GRANTS, SCOPE_OF, Verb, demand
from wastetrack.auth.registering_clients import GRANTABLE, RegisterClient
from wastetrack.i18n import message
from wastetrack.manifests import signing_keys
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.web.forms import Filled, asked_again, offer
from wastetrack.web.rendering import AnyPage, Page
from wastetrack.web.system_keys import jwks_from, tell, token_endpoint

router = RoomRouter(prefix="/systems", route_class=AnsweringRoute)

WORDS: dict[Scope, str] = {
    Scope.READ: message("Look at everything that the organisation may see"),
    Scope.LABEL: message("Label, weigh, store and repack containers"),
    Scope.FILE: message("Draft and amend manifests, ask for and answer corrections"),
    Scope.SIGN: message("Put the organisation’s signature on manifests"),
    Scope.CARRY: message("Pick up, hand over and deliver"),
    Scope.GATE: message("Scan, weigh and receive at the gate"),
    Scope.TREAT: message("Book treatment and its residues"),
    Scope.ATTACH: message("Attach files to manifests"),
    Scope.REGISTER: message("Keep the register: sites, stores, vehicles, drivers, firms, permits"),
    Scope.PROVE: message("Take away bundles of events and proofs"),
    Scope.WEIGH: message("Push readings of the scales, and nothing else"),
    Scope.TRACK: message("Send where vehicles were, and nothing else"),
    Scope.SCIM: message("Enrol people and end their membership (SCIM)"),
}
"""What each scope means to whoever grants it."""
METHODS: dict[AuthMethod, str] = {
    AuthMethod.CLIENT_SECRET: message("By a secret that it is told once"),
    AuthMethod.PRIVATE_KEY_JWT: message("By signing with a key of its own (private_key_jwt)"),
}


class SystemForm(BaseModel):
    """A system to let in."""

    name: Line = ""
    scopes: tuple[Scope, ...] = ()
    auth_method: AuthMethod = AuthMethod.CLIENT_SECRET
    jwks: str = Field("", max_length=20_000)
    days: int = 90


def scopes_for(role: Role) -> list[Scope]:
    """What somebody in this role can grant: to look, and what he may do himself."""
    reached = {SCOPE_OF[verb] for verb in GRANTS[role]} | {Scope.READ}
    return [scope for scope in GRANTABLE if scope in reached]


@router.get("")
async def systems(page: AnyPage, work: Reading) -> Response:
    """All systems, and the tokens of all members."""
    return page.show(
        "systems/systems.html",
        systems=await clients.systems_of(work.session, work.actor, at=work.at),
        tokens=await queries.members_tokens(work.session, work.actor),
        at=work.at,
    )


async def ask_system(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form for another system."""
    demand(work.actor, Verb.MANAGE_SYSTEMS)
    if not filled.is_refused:
        filled = Filled.of({"scopes": [Scope.READ], "auth_method": AuthMethod.CLIENT_SECRET, "days": 90})
    return page.show(
        "systems/new.html",
        filled=filled,
        scopes=[(scope.value, f"{page.translate(WORDS[scope])} ({scope})") for scope in scopes_for(work.actor.role)],
        methods=[(method.value, page.translate(words)) for method, words in METHODS.items()],
    )


offer(router, "/new", ask_system)


@router.post("/new")
@asked_again(ask_system)
async def register(page: AnyPage, work: Writing, form: Annotated[SystemForm, Form()]) -> Response:
    """Let a system in."""
    signs = form.auth_method is AuthMethod.PRIVATE_KEY_JWT
    command = RegisterClient(
        name=form.name,
        scopes=form.scopes,
        auth_method=form.auth_method,
        jwks=jwks_from(form.jwks) if signs else None,
        days=form.days,
    )
    made = await registering_clients.register_client(work.session, work.actor, command, at=work.at)
    if made.secret is not None:
        return tell(page, made.id, made.secret)
    return page.go(f"/systems/{made.id}", message("{name} is registered."), name=form.name)


@router.get("/{client_id:uuid}")
async def system(page: AnyPage, work: Reading, client_id: UUID) -> Response:
    """One system."""
    found = await clients.system(work.session, work.actor, client_id, at=work.at)
    return page.show(
        "systems/system.html",
        system=found,
        words=WORDS,
        methods=METHODS,
        signs=found.auth_method is AuthMethod.PRIVATE_KEY_JWT,
        endpoint=token_endpoint(page),
    )


@router.post("/{client_id:uuid}/end")
async def end(page: AnyPage, work: Writing, client_id: UUID) -> Response:
    """Let a system in no more."""
    await signing_keys.end_system(work.session, work.actor, client_id, at=work.at)
    return page.go("/systems", message("The system is let in no more; its tokens and keys have ended."))


@router.post("/tokens/{token_id:uuid}/revoke")
async def revoke_token(page: AnyPage, work: Writing, token_id: UUID) -> Response:
    """End a member's token."""
    demand(work.actor, Verb.MANAGE_SYSTEMS)
    await issuing.revoke_token(work.session, work.actor, token_id, at=work.at)
    return page.go("/systems", message("The token is revoked."))
