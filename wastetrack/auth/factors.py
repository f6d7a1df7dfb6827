"""A person's factors, and giving one of them again: before a signature, before a change of the account.

`prove_again` takes an engine, as signing in does: the attempt is counted and committed first, no connection is held
while it is judged, then what was used up is written. It must not be called inside a unit of work.
"""

import dataclasses
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from wastetrack.auth import happenings, passkeys, passwords, recovery, throttling, totp
from wastetrack.auth.factor_tables import Passkey, TotpSecret
from wastetrack.auth.model import AccountEventKind, FactorKind
from wastetrack.auth.passkeys import Asserted
from wastetrack.auth.relying import RelyingParty
from wastetrack.auth.tables import Person
from wastetrack.db.session import ReadSession, WriteSession, writing
from wastetrack.errors import Broken, RuleBroken

__all__ = ["FactorKind", "FactorProof", "Factors", "GivenFactor", "RelyingParty", "factors_of", "prove_again"]


@dataclasses.dataclass(frozen=True, slots=True)
class GivenFactor:
    """What somebody gives to show that it is himself: the one value that belongs to its kind."""

    kind: FactorKind
    password: str | None = dataclasses.field(default=None, repr=False)
    code: str | None = dataclasses.field(default=None, repr=False)
    """Of an authenticator app or from the list of recovery codes."""
    assertion: dict[str, Any] | None = dataclasses.field(default=None, repr=False)
    """`PublicKeyCredential.toJSON()`."""


@dataclasses.dataclass(frozen=True, slots=True)
class FactorProof:
    """A factor that was given and holds. The evidence of a passkey can be verified by anybody, offline."""

    kind: FactorKind
    evidence: dict[str, object] | None


@dataclasses.dataclass(frozen=True, slots=True)
class Factors:
    """What a person has enrolled beside the password."""

    passkeys: tuple[Passkey, ...]
    totp: TotpSecret | None
    recovery_codes_left: int

    @property
    def has_second(self) -> bool:
        """Whether the password alone is not enough."""
        return bool(self.passkeys) or self.totp is not None

    @property
    def kinds(self) -> tuple[FactorKind, ...]:
        """Which may be given as second factor, the best first."""
        if not self.has_second:
            return ()
        held = {
            FactorKind.PASSKEY: bool(self.passkeys),
            FactorKind.TOTP: self.totp is not None,
            FactorKind.RECOVERY_CODE: self.recovery_codes_left > 0,
        }
        return tuple(kind for kind, has in held.items() if has)


async def factors_of(session: ReadSession, person_id: UUID) -> Factors:
    """What a person has enrolled."""
    return Factors(
        passkeys=tuple(await passkeys.passkeys_of(session, person_id)),
        totp=await totp.in_force(session, person_id),
        recovery_codes_left=await recovery.left(session, person_id),
    )


async def assertion_options(
    session: ReadSession, person_id: UUID, *, challenge: bytes, relying_party: RelyingParty
) -> dict[str, Any]:
    """What the person's browser is to ask its passkeys, as JSON for `navigator.credentials.get`."""
    held = await passkeys.passkeys_of(session, person_id)
    return passkeys.request_options(held, challenge=challenge, party=relying_party)


async def present_fits(engine: AsyncEngine, person_id: UUID, password: str, *, at: datetime) -> bool:
    """Whether this is the person's present password, before a new one is set. Counted as above; raises Throttled."""
    async with writing(engine) as session:
        refusal = await throttling.count_factor(session, person_id, FactorKind.PASSWORD, at=at)
        person = await session.get_one(Person, person_id)
    if refusal is not None:
        raise refusal
    fits = (await passwords.verify(person.password_hash, password)).fits
    async with writing(engine) as session:
        if fits:
            await throttling.forgive_factor(session, person_id, FactorKind.PASSWORD)
        else:
            facts = {"factor": FactorKind.PASSWORD.value}
            await happenings.note(session, person_id, AccountEventKind.FACTOR_FAILED, at=at, **facts)
    return fits


@dataclasses.dataclass(frozen=True, slots=True)
class _Judged:
    """A factor that holds as far as its value goes; what is used up by it is written later."""

    totp_step: int | None = None
    asserted: Asserted | None = None


async def prove_again(
    engine: AsyncEngine,
    person_id: UUID,
    given: GivenFactor,
    *,
    challenge: bytes | None,
    relying_party: RelyingParty,
    at: datetime,
) -> FactorProof:
    """That it is still the person. `challenge` is what a passkey must have signed; None where none was asked.

    Where a passkey or an app is enrolled, the password alone is not enough. Raises Throttled, or RuleBroken at field
    `factor`.
    """
    async with writing(engine) as session:
        refusal = await throttling.count_factor(session, person_id, given.kind, at=at)
        person = await session.get(Person, person_id)
        held = await factors_of(session, person_id)
    if refusal is not None:
        raise refusal
    try:
        if person is None or person.disabled_at is not None:
            raise not_accepted(given.kind)
        judged = await _judge(person, held, given, challenge=challenge, party=relying_party, at=at)
        async with writing(engine) as session:
            await _use_up(session, person_id, held, given, judged, at=at)
            await throttling.forgive_factor(session, person_id, given.kind)
    except RuleBroken:
        if person is not None:
            async with writing(engine) as session:
                await happenings.note(session, person_id, AccountEventKind.FACTOR_FAILED, at=at, factor=given.kind)
        raise
    plain: dict[str, object] = {"kind": given.kind.value}
    return FactorProof(given.kind, plain if judged.asserted is None else judged.asserted.evidence)


async def _judge(
    person: Person,
    held: Factors,
    given: GivenFactor,
    *,
    challenge: bytes | None,
    party: RelyingParty,
    at: datetime,
) -> _Judged:
    match given.kind:
        case FactorKind.PASSWORD:
            if held.has_second:
                raise too_weak()
            if not (await passwords.verify(person.password_hash, given.password or "")).fits:
                raise not_accepted(given.kind)
            return _Judged()
        case FactorKind.TOTP:
            step = None
            if held.totp is not None and party.key:
                step = totp.matching_step(totp.open_secret(held.totp, party), given.code or "", at=at)
            if step is None:
                raise not_accepted(given.kind)
            return _Judged(totp_step=step)
        case FactorKind.RECOVERY_CODE:
            return _Judged()
        case FactorKind.PASSKEY:
            named = passkeys.credential_id_of(given.assertion)
            passkey = next((one for one in held.passkeys if one.credential_id == named), None)
            if passkey is None or given.assertion is None or challenge is None:
                raise not_accepted(given.kind)
            return _Judged(
                asserted=passkeys.judge_assertion(passkey, given.assertion, challenge=challenge, party=party)
            )
        case _:
            assert_never(given.kind)


async def _use_up(
    session: WriteSession, person_id: UUID, held: Factors, given: GivenFactor, judged: _Judged, *, at: datetime
) -> None:
    """What works once is taken, in the transaction that decides it. Raises RuleBroken if another was faster."""
    match given.kind:
        case FactorKind.PASSWORD:
            return
        case FactorKind.TOTP:
            assert held.totp is not None  # noqa: S101  it was judged
            assert judged.totp_step is not None  # noqa: S101  the same
            fits = await totp.use(session, held.totp.id, judged.totp_step)
        case FactorKind.RECOVERY_CODE:
            fits = held.has_second and await recovery.use(session, person_id, given.code or "", at=at)
            if fits:
                await happenings.note(session, person_id, AccountEventKind.RECOVERY_CODE_USED, at=at)
        case FactorKind.PASSKEY:
            assert judged.asserted is not None  # noqa: S101  it was judged
            key_id = judged.asserted.evidence["key_id"]
            passkey = next(one for one in held.passkeys if str(one.id) == key_id)
            fits = await passkeys.use(session, passkey, judged.asserted, at=at)
        case _:
            assert_never(given.kind)
    if not fits:
        raise not_accepted(given.kind)


def too_weak() -> RuleBroken:
    """The refusal of a password where something better is enrolled."""
    return RuleBroken(
        (
            Broken(
                "factor",
                "factor_too_weak",
                "Your password alone is not enough here, for you have enrolled a second factor.",
                next_step="Use your passkey, a code of your app, or a recovery code.",
            ),
        )
    )


def not_accepted(kind: FactorKind) -> RuleBroken:
    """The one refusal of each kind: never whether it was wrong, used before, or not enrolled at all."""
    match kind:
        case FactorKind.PASSWORD:
            broken = Broken(
                "factor", "password_wrong", "This is not your present password.", next_step="Type it once more."
            )
        case FactorKind.TOTP:
            broken = Broken(
                "factor",
                "code_not_accepted",
                "This code was not accepted. Each code of the app works once.",
                next_step="Wait for the next code, and see that the clock of your phone is right.",
            )
        case FactorKind.RECOVERY_CODE:
            broken = Broken(
                "factor",
                "recovery_code_not_accepted",
                "This recovery code was not accepted. Each works once.",
                next_step="Take another one of your newest list.",
            )
        case FactorKind.PASSKEY:
            return passkeys.not_accepted()
        case _:
            assert_never(kind)
    return RuleBroken((broken,))


async def lock_person(session: WriteSession, person_id: UUID) -> Person:
    """The person's row, held to the end: changes of one person's factors come one after the other."""
    statement = sa.select(Person).where(col(Person.id) == person_id).with_for_update()
    return (await session.execute(statement)).scalar_one()
