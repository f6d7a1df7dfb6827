"""Signing keys of systems: registered, proved, revoked; and the check of a signature made with one.

A key belongs to whoever will sign with it: a system (through the person it acts as) or a member himself. It is in
force from the proof that its holder has the other half, until its end or its revocation. To change it, register the
new one while the old one still holds, then let the old one end at a time that all of the firm's programs can keep.
"""

import dataclasses
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth import public_keys
from wastetrack.auth.machine_tables import Client, RegisteredKey
from wastetrack.auth.model import Actor, Scope
from wastetrack.auth.policy import Verb, demand, may, within
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Conflict, Forbidden, Malformed, NotFound, RuleBroken, refuse, refuse_one
from wastetrack.i18n import message
from wastetrack.ids import new_id

LONGEST_DAYS = 1096
LONGEST_NAME = 100
PROVED_WITHIN = timedelta(hours=1)
MOST_KEYS = 10
"""Of one holder at a time, those still to be proved among them."""
FACTOR = "factor"
"""The field at which a signing act is refused, whatever factor it was given."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RegisterKey:
    """A key for a system, or for oneself where no system is named."""

    name: str
    public_key: str
    """In any form that public_keys.py reads."""
    days: int
    client_id: UUID | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class SystemKey:
    """A key in force, as a signature names it."""

    id: UUID
    public_key: bytes
    """32 bytes."""
    name: str


def statement_to_prove(key: RegisteredKey) -> str:
    """What the holder signs to prove possession. No statement of an event can look like it: those are JSON objects."""
    challenge = public_keys.shown(key.challenge)
    return f"wastetrack-system-key:{key.organisation_id}:{key.person_id}:{key.id}:{challenge}"


async def register_key(session: WriteSession, actor: Actor, command: RegisterKey, *, at: datetime) -> RegisteredKey:
    """Enter a key; it does nothing until `prove_key`. Raises NotFound for a system of somebody else."""
    holder_id = await _holder(session, actor, command.client_id)
    raw, broken = _read(command)
    if raw and await _is_taken(session, raw):
        broken.append(_taken(command.public_key))
    if await _count(session, holder_id, at) >= MOST_KEYS:
        broken.append(
            Broken(
                "public_key",
                "system_keys_too_many",
                "There are already {most} keys.",
                next_step="Revoke those that are no longer used.",
                facts={"most": MOST_KEYS},
            )
        )
    refuse(broken)
    row = RegisteredKey(
        id=new_id(),
        organisation_id=actor.organisation_id,
        person_id=holder_id,
        name=command.name.strip(),
        public_key=raw,
        challenge=secrets.token_bytes(32),
        registered_by=actor.membership_id,
        created_at=at,
        valid_until=at + timedelta(days=command.days),
    )
    session.add(row)
    await session.flush()
    return row


def _read(command: RegisterKey) -> tuple[bytes, list[Broken]]:
    """The key itself, and what is wrong with it as it was sent."""
    broken = []
    raw = b""
    try:
        raw = public_keys.parse(command.public_key)
    except Malformed as unreadable:
        next_step = message("Make one with: openssl genpkey -algorithm ed25519")
        broken.append(unreadable.as_broken("public_key", command.public_key[:60], next_step=next_step))
    if not 0 < len(command.name.strip()) <= LONGEST_NAME:
        broken.append(
            Broken(
                "name",
                "system_key_name",
                "A key needs a name of at most {longest} characters.",
                command.name[:LONGEST_NAME],
                next_step="Name the place where the other half is kept.",
                facts={"longest": LONGEST_NAME},
            )
        )
    if not 0 < command.days <= LONGEST_DAYS:
        broken.append(
            Broken(
                "days",
                "system_key_days",
                "A key holds for 1 to {longest} days.",
                command.days,
                next_step="Choose a shorter time and register the next key before it ends.",
                facts={"longest": LONGEST_DAYS},
            )
        )
    return raw, broken


async def prove_key(
    session: WriteSession, actor: Actor, key_id: UUID, signature: str, *, at: datetime
) -> RegisteredKey:
    """Put a key in force: the signature is over `statement_to_prove`. Proved already is fine."""
    row = await _own_key(session, actor, key_id)
    if row.proved_at is not None:
        return row
    if row.revoked_at is not None or at >= row.created_at + PROVED_WITHIN:
        raise Conflict("challenge_over", "The time to prove this key is over. Register it again.")
    try:
        given = public_keys.parse_signature(signature)
    except Malformed as unreadable:
        raise RuleBroken((unreadable.as_broken("signature", signature[:100]),)) from unreadable
    if not public_keys.fits(row.public_key, statement_to_prove(row).encode(), given):
        refuse_one(
            "signature",
            "possession_unproved",
            "This signature was not made with the other half of this key over the text shown.",
            next_step="Sign exactly the text shown, without a line break at its end.",
        )
    if await _is_taken(session, row.public_key):
        refuse((_taken(public_keys.shown(row.public_key)),))
    row.proved_at = at
    await session.flush()
    return row


async def revoke_key(
    session: WriteSession, actor: Actor, key_id: UUID, *, ends_at: datetime | None, at: datetime
) -> RegisteredKey:
    """End a key: at once, or at a time to come, while the next one is being brought in. Revoked already is fine."""
    row = await _own_key(session, actor, key_id)
    if row.revoked_at is not None:
        return row
    if ends_at is None or ends_at <= at:
        row.revoked_at = at
    elif ends_at > row.valid_until:
        refuse_one(
            "ends_at",
            "key_ends_before",
            "This key ends before that time already.",
            value=ends_at.isoformat(),
            next_step="Register another key.",
        )
    else:
        row.valid_until = ends_at
    await session.flush()
    return row


async def keys_of(session: ReadSession, actor: Actor, client_id: UUID | None) -> list[RegisteredKey]:
    """The keys of one system or of oneself, the newest first; those never proved in time are not shown."""
    holder_id = await _holder(session, actor, client_id)
    statement = (
        sa.select(RegisteredKey)
        .where(
            col(RegisteredKey.organisation_id) == actor.organisation_id,
            col(RegisteredKey.person_id) == holder_id,
        )
        .order_by(col(RegisteredKey.created_at).desc(), col(RegisteredKey.id).desc())
    )
    return list((await session.execute(statement)).scalars())


async def verify_system_signature(
    session: ReadSession, actor: Actor, *, key_id: UUID, statement: bytes, signature: bytes, at: datetime
) -> SystemKey:
    """The key with which the actor signed a statement. Raises RuleBroken at the field `factor`.

    The key must be the actor's own, in the organisation he acts for, and in force at that time; whether it is
    somebody else's or is not there at all is not told.
    """
    found = (
        await session.execute(
            sa.select(RegisteredKey).where(
                col(RegisteredKey.id) == key_id,
                col(RegisteredKey.organisation_id) == actor.organisation_id,
                col(RegisteredKey.person_id) == actor.person_id,
                col(RegisteredKey.proved_at).is_not(None),
            )
        )
    ).scalar_one_or_none()
    if found is None:
        refuse_one(
            FACTOR,
            "system_key_unknown",
            "You have no such signing key.",
            value=str(key_id),
            next_step="Register the key and prove that you hold its other half.",
        )
    if not is_in_force(found, at=at):
        refuse_one(
            FACTOR,
            "system_key_ended",
            "This signing key is not in force.",
            value=str(key_id),
            next_step="Sign with a key in force, or register the next one.",
        )
    if not public_keys.fits(found.public_key, statement, signature):
        refuse_one(
            FACTOR,
            "system_signature_wrong",
            "The signature does not fit this key and what was to be signed.",
            value=str(key_id),
            next_step="Sign exactly the bytes of the statement, with the key named.",
        )
    return SystemKey(found.id, found.public_key, found.name)


def is_in_force(key: RegisteredKey, *, at: datetime) -> bool:
    """Whether a signature made with it at that time counts."""
    begun = key.proved_at is not None and key.proved_at <= at
    return begun and at < key.valid_until and (key.revoked_at is None or at < key.revoked_at)


async def _holder(session: ReadSession, actor: Actor, client_id: UUID | None) -> UUID:
    """Who will sign: the person a system acts as, or the actor. A token narrowed to less makes no keys."""
    if client_id is None:
        reach = within(actor, Scope.ADMINISTER)
        if not reach:
            raise Forbidden("may_not_manage_systems", reach.reason, **reach.facts)
        return actor.person_id
    demand(actor, Verb.MANAGE_SYSTEMS)
    statement = sa.select(col(Client.person_id)).where(
        col(Client.id) == client_id,
        col(Client.organisation_id) == actor.organisation_id,
        col(Client.ended_at).is_(None),
    )
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound("system_unknown", "There is no such system.")
    return found


async def _own_key(session: WriteSession, actor: Actor, key_id: UUID) -> RegisteredKey:
    """A key that the actor may change, locked: his own, or any of the organisation for whoever manages its systems."""
    row = (
        await session.execute(
            sa.select(RegisteredKey)
            .where(col(RegisteredKey.id) == key_id, col(RegisteredKey.organisation_id) == actor.organisation_id)
            .with_for_update()
        )
    ).scalar_one_or_none()
    if row is None or (row.person_id != actor.person_id and not may(actor, Verb.MANAGE_SYSTEMS)):
        raise NotFound("system_key_unknown", "There is no such signing key.")
    reach = within(actor, Scope.ADMINISTER)
    if not reach:
        raise Forbidden("may_not_manage_systems", reach.reason, **reach.facts)
    return row


async def _is_taken(session: ReadSession, raw: bytes) -> bool:
    statement = sa.select(sa.literal(1)).where(
        col(RegisteredKey.public_key) == raw, col(RegisteredKey.proved_at).is_not(None)
    )
    return (await session.execute(statement.limit(1))).first() is not None


async def _count(session: ReadSession, holder_id: UUID, at: datetime) -> int:
    """Keys of a holder that hold or may still be proved."""
    pending = col(RegisteredKey.proved_at).is_(None) & (col(RegisteredKey.created_at) > at - PROVED_WITHIN)
    statement = sa.select(sa.func.count()).where(
        col(RegisteredKey.person_id) == holder_id,
        col(RegisteredKey.revoked_at).is_(None),
        col(RegisteredKey.valid_until) > at,
        col(RegisteredKey.proved_at).is_not(None) | pending,
    )
    return (await session.execute(statement)).scalar_one()


def _taken(value: str) -> Broken:
    return Broken(
        "public_key",
        "system_key_taken",
        "This key is registered already, or was.",
        value[:60],
        next_step="Make a new key: each belongs to one holder, once.",
    )
