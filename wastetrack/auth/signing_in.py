"""Signing in, changing hats and signing out.

`sign_in` and its two sisters take an engine instead of a session: the attempt is counted and committed first, then no
connection is held while the password or the factor is judged, then the session is opened. Between the password and the
session stands the second factor of whoever has enrolled one: a pending sign-in that becomes a session only with it,
once, within ten minutes. A passkey alone is two factors and opens a session without a password.
"""

import dataclasses
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from wastetrack.auth import ceremonies, happenings, opening, passkeys, passwords, queries, throttling
from wastetrack.auth.ceremonies import CeremonyKind
from wastetrack.auth.factor_tables import PendingSignIn
from wastetrack.auth.factors import Factors, GivenFactor, factors_of, prove_again
from wastetrack.auth.model import AccountEventKind, Actor, FactorKind, Role
from wastetrack.auth.opening import Browser, SignedIn
from wastetrack.auth.relying import RelyingParty
from wastetrack.auth.tables import Membership, Person, SignInSession
from wastetrack.db.session import ReadSession, WriteSession, writing
from wastetrack.errors import Broken, NotFound, RuleBroken, Unauthenticated

PENDING_PREFIX = "wp_"
PENDING_LASTS = timedelta(minutes=10)
_CLAIM = """
update people set temporary_until = $2 where id = $1 and temporary_until > $2 returning true
"""
_SWEEP = "delete from pending_sign_ins where expires_at <= $1"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What is needed to sign in. `address` and `user_agent` are the caller's, for the throttle and the list."""

    login: str
    password: str = dataclasses.field(repr=False)
    address: str
    user_agent: str = ""
    replaces: str | None = dataclasses.field(default=None, repr=False)
    """The session token that the same browser still holds; it ends here."""
    factor: GivenFactor | None = dataclasses.field(default=None, repr=False)
    """A second factor sent along, by programs that can."""
    device: str | None = dataclasses.field(default=None, repr=False)
    keeps_device: bool = False
    """As in opening.Browser."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How a session is to be opened once it is known for whom."""

    browser: Browser
    lasts: timedelta
    required: frozenset[Role] = frozenset()
    """Roles that need a second factor here."""
    replaces: str | None = dataclasses.field(default=None, repr=False)
    """As in SignIn."""


class FactorNeeded(Unauthenticated):
    """The password was right; a second factor is awaited. `pending` is told once and opens nothing by itself."""

    def __init__(self, pending: str, kinds: Sequence[FactorKind]) -> None:
        super().__init__("second_factor_needed", "The password is right. Now give your second factor.")
        self.pending = pending
        self.kinds = tuple(kinds)
        self.broken = tuple(_missing(kind) for kind in kinds)


def _missing(kind: FactorKind) -> Broken:
    match kind:
        case FactorKind.TOTP:
            return Broken(
                "totp_code",
                "totp_needed",
                "A code of your authenticator app is missing.",
                next_step="Send it as totp_code with login and password.",
            )
        case FactorKind.RECOVERY_CODE:
            return Broken(
                "recovery_code",
                "recovery_code_needed",
                "One of your recovery codes would do.",
                next_step="Send it as recovery_code with login and password.",
            )
        case _:
            return Broken(
                "assertion",
                "passkey_needed",
                "Your passkey would do, and needs no password.",
                next_step="Ask POST /api/v1/sign-in/passkey/options what to sign.",
            )


async def sign_in(
    engine: AsyncEngine,
    command: SignIn,
    *,
    lasts: timedelta,
    at: datetime,
    required: frozenset[Role] = frozenset(),
    relying_party: RelyingParty | None = None,
) -> SignedIn:
    """Open a session. Raises Throttled, FactorNeeded, or Unauthenticated which never says what exactly was wrong.

    A factor sent along that does not hold raises RuleBroken at field `factor`; only the right password gets so far.
    """
    login = command.login.strip().lower()
    browser = Browser(command.user_agent, command.device, command.keeps_device)
    arrival = Arrival(browser=browser, lasts=lasts, required=required, replaces=command.replaces)
    async with writing(engine) as session:
        device = await opening.known_device(session, login, command.device, at=at)
        refusal = await throttling.count_attempt(session, login, command.address, at=at, device=device)
        person = None if refusal else await queries.person_by_login(session, login)
        memberships = [] if person is None else await queries.memberships_in_force(session, person.id)
    if refusal is not None:
        raise refusal
    verdict = await passwords.verify(None if person is None else person.password_hash, command.password)
    if person is None or not memberships or not verdict.fits:
        await _note_failure(engine, person, login, command.address, at=at)
        raise Unauthenticated("sign_in_refused", "Login and password do not fit together.")
    refuse_old_temporary(person, at=at)
    async with writing(engine) as session:
        await throttling.forgive(session, login, command.address, device=device)
        if verdict.new_hash is not None:
            renewed = sa.update(Person).where(col(Person.id) == person.id).values(password_hash=verdict.new_hash)
            await session.execute(renewed)
        held = await factors_of(session, person.id)
        pending = await _await_factor(session, person, at=at) if held.has_second and command.factor is None else None
        if not held.has_second:
            return await _open(session, person, memberships, [FactorKind.PASSWORD], arrival, held=held, at=at)
    if pending is not None:
        raise FactorNeeded(pending, held.kinds)
    assert command.factor is not None  # noqa: S101  otherwise something is pending
    party = relying_party or RelyingParty("", "")
    await prove_again(engine, person.id, command.factor, challenge=None, relying_party=party, at=at)
    used = [FactorKind.PASSWORD, command.factor.kind]
    async with writing(engine) as session:
        return await _open(session, person, memberships, used, arrival, held=held, at=at)


async def _note_failure(engine: AsyncEngine, person: Person | None, login: str, address: str, *, at: datetime) -> None:
    """For the person to read; a login that does not exist costs a transaction too, so that time tells nothing."""
    async with writing(engine) as session:
        if person is None:
            await throttling.touch(session, login, address)
        else:
            await happenings.note(session, person.id, AccountEventKind.SIGN_IN_FAILED, at=at)


def refuse_old_temporary(person: Person, *, at: datetime) -> None:
    """Raise Unauthenticated where the password was chosen by somebody else and was used, or lay for too long."""
    if person.temporary_until is not None and person.temporary_until <= at:
        raise Unauthenticated(
            "temporary_password_over",
            "This password was good for one sign-in within a short time. Ask whoever gave it to you for a new one.",
        )


async def _await_factor(session: WriteSession, person: Person, *, at: datetime) -> str:
    pending = PENDING_PREFIX + secrets.token_urlsafe(32)
    row = PendingSignIn(token_hash=queries.hash_of(pending), person_id=person.id, expires_at=at + PENDING_LASTS)
    session.add(row)
    await session.flush()
    return pending


async def pending_person(session: ReadSession, pending: str, *, at: datetime) -> Person | None:
    """Whose password was right, and whose factor is awaited; None for what is no pending sign-in, or no longer."""
    awaited = col(PendingSignIn.token_hash) == queries.hash_of(pending), col(PendingSignIn.expires_at) > at
    statement = (
        sa.select(Person)
        .join(PendingSignIn, col(PendingSignIn.person_id) == col(Person.id))
        .where(*awaited, col(Person.disabled_at).is_(None))
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def pending_options(session: WriteSession, pending: str, *, party: RelyingParty, at: datetime) -> dict[str, Any]:
    """What a browser asks its passkeys, as the second factor of a pending sign-in."""
    person = await pending_person(session, pending, at=at)
    if person is None:
        raise pending_over()
    challenge = await ceremonies.give(session, CeremonyKind.SIGN_IN, ceremonies.bound_to(pending), at=at)
    held = await passkeys.passkeys_of(session, person.id)
    return passkeys.request_options(held, challenge=challenge, party=party)


async def finish_sign_in(
    engine: AsyncEngine,
    pending: str,
    given: GivenFactor,
    arrival: Arrival,
    *,
    relying_party: RelyingParty,
    at: datetime,
) -> SignedIn:
    """Open the session of a pending sign-in. Raises Unauthenticated where there is none, else as prove_again does."""
    async with writing(engine) as session:
        person = await pending_person(session, pending, at=at)
        challenge = await ceremonies.take(session, CeremonyKind.SIGN_IN, ceremonies.bound_to(pending), at=at)
    if person is None:
        raise pending_over()
    await prove_again(engine, person.id, given, challenge=challenge, relying_party=relying_party, at=at)
    async with writing(engine) as session:
        mine = col(PendingSignIn.token_hash) == queries.hash_of(pending)
        taken = await session.execute(sa.delete(PendingSignIn).where(mine).returning(col(PendingSignIn.person_id)))
        memberships = await queries.memberships_in_force(session, person.id)
        if taken.scalar_one_or_none() is None or not memberships:
            raise pending_over()
        return await _open(session, person, memberships, [FactorKind.PASSWORD, given.kind], arrival, at=at)


async def passkey_options(session: WriteSession, bound: bytes, *, party: RelyingParty, at: datetime) -> dict[str, Any]:
    """What a browser asks its passkeys where it is not known who is there."""
    challenge = await ceremonies.give(session, CeremonyKind.SIGN_IN, bound, at=at)
    return passkeys.request_options((), challenge=challenge, party=party)


async def sign_in_with_passkey(
    engine: AsyncEngine,
    assertion: dict[str, Any] | None,
    arrival: Arrival,
    *,
    bound: bytes,
    relying_party: RelyingParty,
    at: datetime,
) -> SignedIn:
    """Open a session with a passkey alone. Raises Unauthenticated, which never says what exactly was wrong."""
    named = passkeys.credential_id_of(assertion)
    async with writing(engine) as session:
        challenge = await ceremonies.take(session, CeremonyKind.SIGN_IN, bound, at=at)
        passkey = None if named is None else await passkeys.passkey_by_credential(session, named)
        person = None if passkey is None else await session.get(Person, passkey.person_id)
        memberships = [] if person is None else await queries.memberships_in_force(session, person.id)
    if passkey is None or assertion is None or challenge is None:
        raise _passkey_refused()
    if person is None or person.disabled_at is not None or not memberships:
        raise _passkey_refused()
    try:
        asserted = passkeys.judge_assertion(passkey, assertion, challenge=challenge, party=relying_party)
    except RuleBroken as why:
        async with writing(engine) as session:
            facts = {"factor": FactorKind.PASSKEY.value}
            await happenings.note(session, person.id, AccountEventKind.FACTOR_FAILED, at=at, **facts)
        raise _passkey_refused() from why
    async with writing(engine) as session:
        if not await passkeys.use(session, passkey, asserted, at=at):
            raise _passkey_refused()
        return await _open(session, person, memberships, [FactorKind.PASSKEY], arrival, at=at)


async def _open(
    session: WriteSession,
    person: Person,
    memberships: Sequence[Membership],
    used: Sequence[FactorKind],
    arrival: Arrival,
    *,
    at: datetime,
    held: Factors | None = None,
) -> SignedIn:
    """The last step of every way in. A temporary password is used up here, by one of those who come at once."""
    is_temporary = FactorKind.PASSWORD in used and person.temporary_until is not None
    if is_temporary:
        driver = await session.driver()
        if not await driver.fetchval(_CLAIM, person.id, at):
            raise Unauthenticated("sign_in_refused", "Login and password do not fit together.")
    if arrival.replaces is not None:
        await sign_out(session, queries.hash_of(arrival.replaces))
    membership = memberships[0]
    held = held or await factors_of(session, person.id)
    restriction = opening.restriction_of(
        Role(membership.role), held, is_temporary=is_temporary, required=arrival.required
    )
    await opening.note_sign_in(session, person, arrival.browser, used, at=at)
    return await opening.open_session(
        session,
        person,
        membership,
        arrival.browser,
        factors=used,
        restriction=restriction,
        expires_at=at + arrival.lasts,
        at=at,
    )


def pending_over() -> Unauthenticated:
    """There is no pending sign-in, or no longer."""
    return Unauthenticated("sign_in_over", "This sign-in took too long, or was finished already. Begin again.")


def _passkey_refused() -> Unauthenticated:
    return Unauthenticated("passkey_refused", "This passkey does not sign anybody in here.")


async def change_membership(
    session: WriteSession,
    actor: Actor,
    secret_hash: bytes,
    membership_id: UUID,
    *,
    at: datetime,
    required: frozenset[Role] = frozenset(),
) -> SignedIn:
    """Act for another of one's organisations from now on: a new session in place of the old, ending when it would.

    Raises NotFound where the membership is not the actor's own.
    """
    old = await session.get_one(SignInSession, secret_hash, with_for_update=True)
    mine = await queries.memberships_in_force(session, actor.person_id)
    chosen = next((membership for membership in mine if membership.id == membership_id), None)
    if chosen is None:
        raise NotFound("membership_unknown", "You do not work for this organisation.")
    person = await session.get_one(Person, actor.person_id)
    held = await factors_of(session, person.id)
    opened = await opening.open_session(
        session,
        person,
        chosen,
        Browser(old.user_agent),
        factors=[FactorKind(factor) for factor in old.factors],
        restriction=opening.restriction_of(Role(chosen.role), held, is_temporary=False, required=required),
        expires_at=old.expires_at,
        at=at,
    )
    await sign_out(session, secret_hash)
    return opened


async def sign_out(session: WriteSession, secret_hash: bytes) -> None:
    """End a session; it being over already is fine."""
    await session.execute(sa.delete(SignInSession).where(col(SignInSession.token_hash) == secret_hash))


async def sign_out_everywhere(session: WriteSession, actor: Actor) -> None:
    """End all sessions of the actor, this one too: for a lost phone."""
    await session.execute(sa.delete(SignInSession).where(col(SignInSession.person_id) == actor.person_id))


async def sign_out_others(session: WriteSession, actor: Actor, keep: bytes, *, at: datetime) -> None:
    """End all sessions of the actor but the one he is in."""
    others = col(SignInSession.person_id) == actor.person_id, col(SignInSession.token_hash) != keep
    await session.execute(sa.delete(SignInSession).where(*others))
    await happenings.note(session, actor.person_id, AccountEventKind.SESSIONS_ENDED, at=at)


async def end_session(session: WriteSession, actor: Actor, session_id: UUID, *, at: datetime) -> None:
    """End one of the actor's sessions. Raises NotFound for any other."""
    mine = col(SignInSession.id) == session_id, col(SignInSession.person_id) == actor.person_id
    ended = await session.execute(sa.delete(SignInSession).where(*mine).returning(col(SignInSession.id)))
    if ended.scalar_one_or_none() is None:
        raise NotFound("session_unknown", "There is no such session.")
    await happenings.note(session, actor.person_id, AccountEventKind.SESSIONS_ENDED, at=at)


async def forget_ended(session: WriteSession, *, idle: timedelta, at: datetime) -> None:
    """Drop sessions that expired or lay idle for so long, and sign-ins nobody finished; for the nightly job."""
    ended = (col(SignInSession.expires_at) <= at) | (col(SignInSession.last_seen_at) <= at - idle)
    await session.execute(sa.delete(SignInSession).where(ended))
    driver = await session.driver()
    await driver.execute(_SWEEP, at)
