"""A person enrols, renames and removes factors. Each change asks for a factor again and ends the other sessions.

The first step of each is `changing`: it holds the person's row and refuses a session in which no factor was given
within the last five minutes. A personal token has no session and so can change nothing here.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth import ceremonies, factors, happenings, passkeys, queries, recovery, totp
from wastetrack.auth.ceremonies import CeremonyKind
from wastetrack.auth.factor_tables import Passkey, TotpSecret
from wastetrack.auth.factors import Factors
from wastetrack.auth.model import AccountEventKind, Actor, Restriction, Role
from wastetrack.auth.relying import RelyingParty
from wastetrack.auth.tables import Person, SignInSession
from wastetrack.auth.totp import Offer
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Forbidden, NotFound, refuse, refuse_one
from wastetrack.ids import new_id

PROOF_HOLDS = timedelta(minutes=5)


def is_fresh(proved_at: datetime | None, *, at: datetime) -> bool:
    """Whether a factor was given inside the session so lately that factors may be changed."""
    return proved_at is not None and at - PROOF_HOLDS < proved_at <= at


async def proved_at(session: ReadSession, secret_hash: bytes) -> datetime | None:
    """When a factor was last given inside this session; None for never, and for what is no session."""
    statement = sa.select(col(SignInSession.proved_at)).where(col(SignInSession.token_hash) == secret_hash)
    return (await session.execute(statement)).scalar_one_or_none()


async def note_proof(session: WriteSession, secret_hash: bytes, *, at: datetime) -> None:
    """A factor was given again inside this session (factors.prove_again)."""
    mine = col(SignInSession.token_hash) == secret_hash
    await session.execute(sa.update(SignInSession).where(mine).values(proved_at=at))


async def changing(session: WriteSession, actor: Actor, secret_hash: bytes, *, at: datetime) -> Person:
    """Hold the person for a change of factors. Raises Forbidden unless a factor was just given in this session."""
    person = await factors.lock_person(session, actor.person_id)
    if not is_fresh(await proved_at(session, secret_hash), at=at):
        raise Forbidden(
            "factor_needed_again",
            "To change how you sign in, first show once more that it is you: give a factor again.",
        )
    return person


async def offer_passkey(
    session: WriteSession, actor: Actor, secret_hash: bytes, *, party: RelyingParty, at: datetime
) -> dict[str, Any]:
    """What the person's browser is to make, as JSON for `navigator.credentials.create`."""
    person = await changing(session, actor, secret_hash, at=at)
    challenge = await ceremonies.give(session, CeremonyKind.REGISTRATION, secret_hash, at=at)
    held = await passkeys.passkeys_of(session, person.id)
    return passkeys.registration_options(person.id, person.login, person.name, held, challenge=challenge, party=party)


async def add_passkey(
    session: WriteSession,
    actor: Actor,
    secret_hash: bytes,
    credential: dict[str, Any],
    name: str,
    *,
    party: RelyingParty,
    at: datetime,
) -> UUID:
    """Enrol what the browser made; returns the passkey's id."""
    person = await changing(session, actor, secret_hash, at=at)
    refuse(_wrong_name(name))
    challenge = await ceremonies.take(session, CeremonyKind.REGISTRATION, secret_hash, at=at)
    if challenge is None:
        ceremonies.refuse_late()
    held = await passkeys.passkeys_of(session, person.id)
    if len(held) >= passkeys.MOST:
        refuse_one(
            "factor",
            "passkeys_many",
            "You have {most} passkeys already.",
            next_step="Remove one that you no longer use.",
            facts={"most": passkeys.MOST},
        )
    made = passkeys.judge_registration(credential, challenge=challenge, party=party)
    if await passkeys.is_taken(session, made.credential_id):
        refuse_one(
            "factor",
            "passkey_taken",
            "This passkey is enrolled already.",
            next_step="Use another device, or sign in with this one.",
        )
    row = Passkey(
        id=new_id(),
        person_id=person.id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=list(made.transports),
        backed_up=made.backed_up,
        name=name.strip(),
        created_at=at,
    )
    session.add(row)
    await session.flush()
    await _changed(session, person, secret_hash, AccountEventKind.PASSKEY_ADDED, at=at, name=row.name)
    return row.id


async def rename_passkey(
    session: WriteSession, actor: Actor, secret_hash: bytes, passkey_id: UUID, name: str, *, at: datetime
) -> None:
    """Call a passkey otherwise. Raises NotFound where it is not the actor's."""
    await changing(session, actor, secret_hash, at=at)
    passkey = await _own_passkey(session, actor, passkey_id)
    refuse(_wrong_name(name))
    passkey.name = name.strip()
    await session.flush()


async def remove_passkey(
    session: WriteSession,
    actor: Actor,
    secret_hash: bytes,
    passkey_id: UUID,
    *,
    required: frozenset[Role],
    at: datetime,
) -> None:
    """Take a passkey off. Raises NotFound where it is not the actor's, RuleBroken for the last required factor."""
    person = await changing(session, actor, secret_hash, at=at)
    passkey = await _own_passkey(session, actor, passkey_id)
    held = await factors.factors_of(session, person.id)
    left = Factors(tuple(one for one in held.passkeys if one.id != passkey_id), held.totp, held.recovery_codes_left)
    await _refuse_last(session, person, left, required)
    passkey.revoked_at = at
    await session.flush()
    await _without(session, person, left)
    await _changed(session, person, secret_hash, AccountEventKind.PASSKEY_REMOVED, at=at, name=passkey.name)


async def offer_totp(
    session: WriteSession, actor: Actor, secret_hash: bytes, *, party: RelyingParty, at: datetime
) -> Offer:
    """A secret for the person's app; it holds once a code of it was given (add_totp)."""
    person = await changing(session, actor, secret_hash, at=at)
    return await totp.offer(session, person.id, person.login, party=party, at=at)


async def offer_again(session: ReadSession, actor: Actor, *, party: RelyingParty) -> Offer:
    """The secret that is being enrolled, for the page that shows it; whoever asks has just given a factor."""
    person = await session.get_one(Person, actor.person_id)
    row = await totp.offered(session, person.id)
    if row is None:
        raise NotFound("totp_unknown", "You have enrolled no authenticator app.")
    secret = totp.open_secret(row, party)
    return Offer(secret, totp.address_of(secret, person.login))


async def add_totp(
    session: WriteSession, actor: Actor, secret_hash: bytes, code: str, *, party: RelyingParty, at: datetime
) -> None:
    """Enrol the app that gives this code of the secret offered; an app enrolled before is replaced."""
    person = await changing(session, actor, secret_hash, at=at)
    row = await totp.offered(session, person.id)
    step = None if row is None else totp.matching_step(totp.open_secret(row, party), code, at=at)
    if row is None or step is None:
        refuse_one(
            "code",
            "code_not_accepted",
            "This code was not accepted. Each code of the app works once.",
            next_step="Wait for the next code, and see that the clock of your phone is right.",
        )
    await _forget_totp(session, person)
    row.confirmed_at, row.last_used_step = at, step
    await session.flush()
    await _changed(session, person, secret_hash, AccountEventKind.TOTP_ADDED, at=at)


async def remove_totp(
    session: WriteSession, actor: Actor, secret_hash: bytes, *, required: frozenset[Role], at: datetime
) -> None:
    """Take the app off. Raises NotFound where there is none, RuleBroken for the last factor that is required."""
    person = await changing(session, actor, secret_hash, at=at)
    held = await factors.factors_of(session, person.id)
    if held.totp is None:
        raise NotFound("totp_unknown", "You have enrolled no authenticator app.")
    left = Factors(held.passkeys, None, held.recovery_codes_left)
    await _refuse_last(session, person, left, required)
    await _forget_totp(session, person)
    await _without(session, person, left)
    await _changed(session, person, secret_hash, AccountEventKind.TOTP_REMOVED, at=at)


async def make_recovery_codes(
    session: WriteSession, actor: Actor, secret_hash: bytes, *, at: datetime
) -> tuple[str, ...]:
    """A new list, told once. Raises RuleBroken for whoever has no second factor that could get lost."""
    person = await changing(session, actor, secret_hash, at=at)
    held = await factors.factors_of(session, person.id)
    if not held.has_second:
        refuse_one(
            "factor",
            "nothing_to_recover",
            "Recovery codes stand in for a second factor, and you have none yet.",
            next_step="First enrol a passkey or an authenticator app.",
        )
    codes = await recovery.replace(session, person.id, at=at)
    await _changed(session, person, secret_hash, AccountEventKind.RECOVERY_CODES_MADE, at=at)
    return codes


async def _changed(
    session: WriteSession, person: Person, keep: bytes, kind: AccountEventKind, *, at: datetime, **facts: str
) -> None:
    """After each change: what was opened with the factors of before ends, and the person can read what happened."""
    others = col(SignInSession.person_id) == person.id, col(SignInSession.token_hash) != keep
    await session.execute(sa.delete(SignInSession).where(*others))
    # Whoever was held up for want of a second factor has one now; a password to change is another matter.
    waiting = (
        col(SignInSession.token_hash) == keep,
        col(SignInSession.restriction) == Restriction.ENROL_FACTOR,
        sa.literal((await factors.factors_of(session, person.id)).has_second),
    )
    await session.execute(sa.update(SignInSession).where(*waiting).values(restriction=None))
    await happenings.note(session, person.id, kind, at=at, **facts)


async def _without(session: WriteSession, person: Person, left: Factors) -> None:
    if not left.has_second:
        await recovery.forget(session, person.id)


async def _refuse_last(session: WriteSession, person: Person, left: Factors, required: frozenset[Role]) -> None:
    roles = {Role(hat.role) for hat in await queries.memberships_in_force(session, person.id)}
    if not left.has_second and roles & required:
        refuse_one(
            "factor",
            "last_factor",
            "Your role needs a second factor, and this is your last one.",
            next_step="Enrol another one first, then remove this one.",
        )


async def _forget_totp(session: WriteSession, person: Person) -> None:
    mine = col(TotpSecret.person_id) == person.id, col(TotpSecret.confirmed_at).is_not(None)
    await session.execute(sa.delete(TotpSecret).where(*mine))


async def _own_passkey(session: WriteSession, actor: Actor, passkey_id: UUID) -> Passkey:
    mine = await passkeys.passkeys_of(session, actor.person_id)
    found = next((passkey for passkey in mine if passkey.id == passkey_id), None)
    if found is None:
        raise NotFound("passkey_unknown", "There is no such passkey.")
    return found


def _wrong_name(name: str) -> list[Broken]:
    if 0 < len(name.strip()) <= passkeys.LONGEST_NAME:
        return []
    return [
        Broken(
            "name",
            "passkey_name",
            "A passkey needs a name of at most {longest} characters.",
            name,
            next_step="Name the device: “my phone”, “the key on my ring”.",
            facts={"longest": passkeys.LONGEST_NAME},
        )
    ]
