"""Signing keys of systems and of oneself: registered, proved, ended."""

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, Field

from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.api.systems import signed_in
from wastetrack.auth import public_keys, system_keys
from wastetrack.auth.system_keys import KeyState, RegisteredKey, RegisterKey
from wastetrack.manifests import signing_keys
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line

router = RoomRouter(route_class=AnsweringRoute, prefix="/system-keys", tags=["systems"])


class KeyShown(Shown):
    """A signing key. `statement` is what its holder signs to prove possession; None once that is done."""

    id: UUID
    name: str
    public_key: str = Field(description="32 bytes, base64url")
    state: KeyState
    created_at: datetime
    proved_at: datetime | None
    valid_until: datetime
    revoked_at: datetime | None
    statement: str | None


class NewKey(Body):
    """An Ed25519 public key: base64url, PEM or a line of OpenSSH. Without `system_id` it is one's own."""

    name: Line = Field(max_length=system_keys.LONGEST_NAME)
    public_key: str = Field(max_length=public_keys.LONGEST_TEXT)
    days: int = Field(365, ge=1, le=system_keys.LONGEST_DAYS)
    system_id: UUID | None = None


class Proof(Body):
    """The signature over `statement`, byte by byte; base64 or base64url."""

    signature: str = Field(max_length=200)


class Ending(Body):
    """When the key ends; at once if that is not said. A time to come is for bringing in the next one."""

    ends_at: AwareDatetime | None = None


def shown(key: RegisteredKey, at: datetime) -> KeyShown:
    """As the API tells it."""
    return KeyShown(
        id=key.id,
        name=key.name,
        public_key=public_keys.shown(key.public_key),
        state=system_keys.state_of(key, at=at),
        created_at=key.created_at,
        proved_at=key.proved_at,
        valid_until=key.valid_until,
        revoked_at=key.revoked_at,
        statement=system_keys.statement_to_prove(key) if key.proved_at is None else None,
    )


@router.get("", responses=problems(403, 404))
async def keys(work: Reading, system_id: UUID | None = None) -> list[KeyShown]:
    """The keys of a system, or one's own; the newest first."""
    return [shown(key, work.at) for key in await system_keys.keys_of(work.session, work.actor, system_id)]


@router.post("", status_code=201, responses=problems(400, 403, 404, 422))
async def register(work: Writing, body: NewKey) -> KeyShown:
    """Enter a key. It holds once its possession is proved, within the hour."""
    signed_in(work)
    command = RegisterKey(name=body.name, public_key=body.public_key, days=body.days, client_id=body.system_id)
    return shown(await system_keys.register_key(work.session, work.actor, command, at=work.at), work.at)


@router.post("/{key_id}/proof", responses=problems(400, 403, 404, 409, 422))
async def prove(work: Writing, key_id: UUID, body: Proof) -> KeyShown:
    """Show that the other half is held: a signature over the statement that was told."""
    signed_in(work)
    return shown(await system_keys.prove_key(work.session, work.actor, key_id, body.signature, at=work.at), work.at)


@router.post("/{key_id}/end", responses=problems(400, 403, 404, 422))
async def end(work: Writing, key_id: UUID, body: Ending) -> KeyShown:
    """End a key, now or at a time to come."""
    return shown(
        await signing_keys.end_system_key(work.session, work.actor, key_id, ends_at=body.ends_at, at=work.at), work.at
    )
