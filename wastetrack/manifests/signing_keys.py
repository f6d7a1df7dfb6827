"""Which key is whose, stated in the log before anything signed with it, so that nobody can say so only afterwards."""

from datetime import datetime
from uuid import UUID

from webauthn.helpers import bytes_to_base64url

from wastetrack.auth import passkeys, registering_clients, system_keys
from wastetrack.auth.model import Actor
from wastetrack.auth.system_keys import RegisteredKey
from wastetrack.containers.recording import Moment, record
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Conflict
from wastetrack.ids import new_id
from wastetrack.transparency.evidence import EvidenceKind, SigningKey, algorithm_of

# Two first signatures at once meet at this row, so that the log states a key once.
_STATE = """
insert into stated_keys (key_id, kind, public_key, organisation_id, person_id, enrolled_event_id, enrolled_at)
values ($1, $2, $3, $4, $5, $6, $7) on conflict (key_id) do nothing returning true
"""
_STATED = "select public_key, revoked_at from stated_keys where key_id = $1"
_REVOKE = """
update stated_keys set revoked_at = $2, revoked_event_id = $3 where key_id = $1 and revoked_at is null returning true
"""
_EVENTS = """
select distinct event_id
from log_leaves leaf
join stated_keys key on key.key_id::text = convert_from(leaf.bytes, 'UTF8')::jsonb #>> '{evidence,key_id}'
cross join lateral unnest(array[key.enrolled_event_id, key.revoked_event_id]) as event_id
where leaf.id = any($1) and event_id is not null
"""


async def state(session: WriteSession, actor: Actor, kind: EvidenceKind, key: SigningKey, *, at: datetime) -> None:
    """Append the event that this key is the actor's, unless the log says so already.

    Raises Conflict where the log knows another key by this name, or knows that this one has ended.
    """
    if await _is_stated(session, key):
        return
    driver, event_id = await session.driver(), new_id()
    stated = await driver.fetchval(
        _STATE, key.id, kind.value, key.public_key, actor.organisation_id, actor.person_id, event_id, at
    )
    if not stated:  # another was faster, and has committed by now
        await _is_stated(session, key)
        return
    await record(
        session,
        actor,
        "signing_key_enrolled",
        subjects=(key.id,),
        moment=Moment(happened_at=at, recorded_at=at),
        facts={"public_key": key.public_key, "algorithm": key.algorithm, "rp_id": key.rp_id},
        event_id=event_id,
    )


async def _is_stated(session: WriteSession, key: SigningKey) -> bool:
    row = await (await session.driver()).fetchrow(_STATED, key.id)
    if row is not None and (row["public_key"] != key.public_key or row["revoked_at"] is not None):
        raise Conflict("signing_key_differs", "The log knows another key by this name, or that this one has ended.")
    return row is not None


async def state_passkey(session: WriteSession, actor: Actor, passkey_id: UUID, *, rp_id: str, at: datetime) -> None:
    """The same for a passkey that the actor has just enrolled."""
    passkey = next(one for one in await passkeys.passkeys_of(session, actor.person_id) if one.id == passkey_id)
    public_key = bytes_to_base64url(passkey.public_key)
    key = SigningKey(passkey_id, public_key, algorithm_of(public_key), rp_id)
    await state(session, actor, EvidenceKind.PASSKEY, key, at=at)


async def revoke(session: WriteSession, actor: Actor, key_id: UUID, *, at: datetime) -> None:
    """Append the event that this key signs no more. One of which the log knows nothing has signed nothing."""
    event_id = new_id()
    if await (await session.driver()).fetchval(_REVOKE, key_id, at, event_id):
        await record(
            session,
            actor,
            "signing_key_revoked",
            subjects=(key_id,),
            moment=Moment(happened_at=at, recorded_at=at),
            facts={},
            event_id=event_id,
        )


async def end_system_key(
    session: WriteSession, actor: Actor, key_id: UUID, *, ends_at: datetime | None, at: datetime
) -> RegisteredKey:
    """A system's key ends (auth/system_keys.py); where that is now, the log says so too."""
    key = await system_keys.revoke_key(session, actor, key_id, ends_at=ends_at, at=at)
    if key.revoked_at is not None:
        await revoke(session, actor, key_id, at=at)
    return key


async def end_system(session: WriteSession, actor: Actor, client_id: UUID, *, at: datetime) -> None:
    """A system is let in no more (auth/registering_clients.py); the log says of each key with which it signed."""
    keys = await system_keys.keys_of(session, actor, client_id)
    await registering_clients.end_client(session, actor, client_id, at=at)
    for key in keys:  # two at most are in force; each is an event of its own
        await revoke(session, actor, key.id, at=at)


async def events_of_keys(session: ReadSession, event_ids: list[UUID]) -> list[UUID]:
    """The events that state the keys with which these were signed, and their ends."""
    return [row["event_id"] for row in await (await session.driver()).fetch(_EVENTS, event_ids)]
