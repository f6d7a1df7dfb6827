"""Giving a factor again: what holds, what works once, what is refused, and what a passkey leaves as evidence."""

import asyncio
import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.ext.asyncio import AsyncEngine
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
)

from tests.support.authenticator import Authenticator
from tests.support.factors import AT, PARTY, PASSWORD, Member, member
from wastetrack.auth import enrolling_factors, factors, happenings, throttling
from wastetrack.auth.factor_tables import AccountEvent, Passkey, RecoveryCode, TotpSecret
from wastetrack.auth.factors import FactorKind, FactorProof, GivenFactor
from wastetrack.auth.model import AccountEventKind
from wastetrack.db.session import reading, writing
from wastetrack.errors import Forbidden, NotFound, RuleBroken, Throttled

CHALLENGE = hashlib.sha256(b"the statement that is signed").digest()


async def prove(
    somebody: Member, given: GivenFactor, *, challenge: bytes | None = None, at: datetime = AT
) -> FactorProof:
    return await factors.prove_again(
        somebody.engine, somebody.person_id, given, challenge=challenge, relying_party=PARTY, at=at
    )


async def assertion(somebody: Member, device: Authenticator, challenge: bytes = CHALLENGE) -> GivenFactor:
    async with reading(somebody.engine) as session:
        options = await factors.assertion_options(session, somebody.person_id, challenge=challenge, relying_party=PARTY)
    return GivenFactor(FactorKind.PASSKEY, assertion=device.get(options))


async def refused_with(
    code: str, somebody: Member, given: GivenFactor, *, challenge: bytes | None = None, at: datetime = AT
) -> None:
    with pytest.raises(RuleBroken) as refused:
        await prove(somebody, given, challenge=challenge, at=at)
    assert [(broken.field, broken.code) for broken in refused.value.broken] == [("factor", code)]


async def test_a_passkey_signs_a_challenge_and_anybody_can_verify_its_evidence(fresh_engine: AsyncEngine) -> None:
    somebody, device = await member(fresh_engine), Authenticator()
    key_id = await somebody.with_passkey(device)
    proof = await prove(somebody, await assertion(somebody, device), challenge=CHALLENGE)
    assert proof.kind is FactorKind.PASSKEY
    evidence = proof.evidence
    assert evidence is not None
    assert (evidence["kind"], evidence["key_id"]) == ("passkey", str(key_id))
    told = {name: base64url_to_bytes(str(evidence[name])) for name in evidence if name not in {"kind", "key_id"}}
    key = decoded_public_key_to_cryptography(decode_credential_public_key(told["public_key"]))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    signed = told["authenticator_data"] + hashlib.sha256(told["client_data"]).digest()
    key.verify(told["signature"], signed, ec.ECDSA(hashes.SHA256()))


async def test_a_signature_over_anything_else_is_refused(fresh_engine: AsyncEngine) -> None:
    somebody, device = await member(fresh_engine), Authenticator()
    await somebody.with_passkey(device)
    given = await assertion(somebody, device)
    other = hashlib.sha256(b"another statement").digest()
    await refused_with("passkey_not_accepted", somebody, given, challenge=other)
    await refused_with("passkey_not_accepted", somebody, given, challenge=None)
    assert given.assertion is not None
    for part in ("authenticatorData", "signature", "clientDataJSON"):
        response = dict(given.assertion["response"])
        told = bytearray(base64url_to_bytes(response[part]))
        told[-1] ^= 1
        response[part] = bytes_to_base64url(bytes(told))
        tampered = GivenFactor(FactorKind.PASSKEY, assertion={**given.assertion, "response": response})
        await refused_with("passkey_not_accepted", somebody, tampered, challenge=CHALLENGE, at=AT)


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:9000"},
        {"rp_id": "evil.example"},
        {"user_verified": False},
        {"cross_origin": True},
        {"user_handle": b"somebody else"},
        {"credential_id": b"another key"},
    ],
    ids=lambda lie: next(iter(lie)),
)
async def test_a_passkey_that_lies_is_refused(fresh_engine: AsyncEngine, lie: dict[str, Any]) -> None:
    somebody, device = await member(fresh_engine), Authenticator()
    await somebody.with_passkey(device)
    for name, value in lie.items():
        setattr(device, name, value)
    await refused_with("passkey_not_accepted", somebody, await assertion(somebody, device), challenge=CHALLENGE)


@pytest.mark.parametrize(
    "rubbish",
    [
        None,
        {},
        {"id": 7},
        {"id": "€€"},
        {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}},
        {"id": "own", "response": None},
        {"id": "own", "type": "password", "response": {"clientDataJSON": "e30"}},
        {"id": "own", "rawId": "own", "type": "public-key", "response": {"clientDataJSON": 1}},
        {
            "id": "own",
            "rawId": "own",
            "type": "public-key",
            "response": {"clientDataJSON": "bnVsbA", "authenticatorData": "", "signature": ""},
        },
    ],
    ids=str,
)
async def test_what_is_no_assertion_is_refused_and_breaks_nothing(
    fresh_engine: AsyncEngine, rubbish: dict[str, Any] | None
) -> None:
    somebody, device = await member(fresh_engine), Authenticator()
    await somebody.with_passkey(device)
    if rubbish is not None:
        own = device.get({"challenge": "AAAA"})["id"]
        rubbish = {name: own if value == "own" else value for name, value in rubbish.items()}
    given = GivenFactor(FactorKind.PASSKEY, assertion=rubbish)
    await refused_with("passkey_not_accepted", somebody, given, challenge=CHALLENGE)


async def test_somebody_elses_passkey_is_not_mine(fresh_engine: AsyncEngine) -> None:
    mine, theirs, device = await member(fresh_engine), await member(fresh_engine), Authenticator()
    await theirs.with_passkey(device)
    await mine.with_passkey(Authenticator())
    given = await assertion(theirs, device)
    await refused_with("passkey_not_accepted", mine, given, challenge=CHALLENGE)
    await prove(theirs, given, challenge=CHALLENGE)


async def test_an_assertion_of_a_counting_key_works_once_even_in_the_same_moment(fresh_engine: AsyncEngine) -> None:
    somebody, device = await member(fresh_engine), Authenticator(counts=True)
    await somebody.with_passkey(device)
    given = await assertion(somebody, device)
    tried = await asyncio.gather(
        *(prove(somebody, given, challenge=CHALLENGE) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(one, FactorProof) for one in tried) == 1
    device.count = 0
    await refused_with("passkey_not_accepted", somebody, await assertion(somebody, device), challenge=CHALLENGE)


async def test_a_code_of_the_app_works_once_even_in_the_same_moment(fresh_engine: AsyncEngine) -> None:
    somebody = await member(fresh_engine)
    app = await somebody.with_totp()
    code = GivenFactor(FactorKind.TOTP, code=app.at(AT)[:3] + " " + app.at(AT)[3:])
    tried = await asyncio.gather(*(prove(somebody, code) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(one, FactorProof) for one in tried) == 1
    await refused_with("code_not_accepted", somebody, code)


async def test_a_code_holds_in_its_own_step_and_beside_it(fresh_engine: AsyncEngine) -> None:
    somebody = await member(fresh_engine)
    app = await somebody.with_totp()
    later = AT + timedelta(minutes=5)
    for beside, holds in ((-60, False), (60, False), (-30, True), (30, True), (0, False)):
        given = GivenFactor(FactorKind.TOTP, code=app.at(later + timedelta(seconds=beside)))
        if holds:
            await prove(somebody, given, at=later)
        else:
            await refused_with("code_not_accepted", somebody, given, at=later)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "１２３４５６", "abcdef", "-12345"])
async def test_what_is_no_code_is_refused(fresh_engine: AsyncEngine, code: str) -> None:
    somebody = await member(fresh_engine)
    await somebody.with_totp()
    await refused_with("code_not_accepted", somebody, GivenFactor(FactorKind.TOTP, code=code))


async def test_a_recovery_code_works_once_however_it_is_typed(fresh_engine: AsyncEngine) -> None:
    somebody = await member(fresh_engine)
    await somebody.with_totp()
    codes = await somebody.with_recovery_codes()
    assert len(set(codes)) == 10
    typed = GivenFactor(FactorKind.RECOVERY_CODE, code=codes[0].lower().replace("-", " ").replace("0", "o"))
    tried = await asyncio.gather(*(prove(somebody, typed) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(one, FactorProof) for one in tried) == 1
    older = codes[1]
    await somebody.with_recovery_codes()
    await refused_with("recovery_code_not_accepted", somebody, GivenFactor(FactorKind.RECOVERY_CODE, code=older))


async def test_the_password_is_enough_for_whoever_has_nothing_better_and_for_nobody_else(
    fresh_engine: AsyncEngine,
) -> None:
    somebody = await member(fresh_engine)
    password = GivenFactor(FactorKind.PASSWORD, password=PASSWORD)
    assert (await prove(somebody, password)).evidence == {"kind": "password"}
    await refused_with("password_wrong", somebody, GivenFactor(FactorKind.PASSWORD, password="x" * 12))
    await somebody.with_totp()
    await refused_with("factor_too_weak", somebody, password)


async def test_guesses_are_counted_before_they_are_judged_and_the_account_is_deaf_for_longer_each_time(
    fresh_engine: AsyncEngine,
) -> None:
    somebody = await member(fresh_engine)
    app = await somebody.with_totp()
    wrong = GivenFactor(FactorKind.TOTP, code=f"{(int(app.at(AT)) + 1) % 1000000:06}")
    tried = await asyncio.gather(*(prove(somebody, wrong) for _ in range(30)), return_exceptions=True)
    assert [type(one) for one in tried].count(RuleBroken) == throttling.FACTOR_ATTEMPTS
    assert [type(one) for one in tried].count(Throttled) == 30 - throttling.FACTOR_ATTEMPTS
    right = GivenFactor(FactorKind.TOTP, code=app.at(AT))
    with pytest.raises(Throttled) as refused:
        await prove(somebody, right)
    assert refused.value.facts["retry_after_seconds"] == 30
    soon = AT + timedelta(seconds=30)
    await refused_with("code_not_accepted", somebody, wrong, at=soon)
    with pytest.raises(Throttled) as again:
        await prove(somebody, right, at=soon)
    assert again.value.facts["retry_after_seconds"] == 60
    after = soon + timedelta(minutes=1)
    await prove(somebody, GivenFactor(FactorKind.TOTP, code=app.at(after)), at=after)


async def test_failures_are_told_to_the_person(fresh_engine: AsyncEngine) -> None:
    somebody = await member(fresh_engine)
    await refused_with("password_wrong", somebody, GivenFactor(FactorKind.PASSWORD, password="x" * 12))
    async with reading(fresh_engine) as session:
        events = (await session.execute(sa.select(AccountEvent.kind, AccountEvent.facts))).all()  # type: ignore[call-overload]  # columns
    assert (AccountEventKind.FACTOR_FAILED, {"factor": "password"}) in [tuple(row) for row in events]


async def test_secrets_are_not_stored_as_they_are(fresh_engine: AsyncEngine) -> None:
    somebody = await member(fresh_engine)
    app = await somebody.with_totp()
    codes = await somebody.with_recovery_codes()
    async with reading(fresh_engine) as session:
        sealed = (await session.execute(sa.select(TotpSecret))).scalar_one().sealed
        hashed = {row.code_hash for row in (await session.execute(sa.select(RecoveryCode))).scalars()}
    assert app.secret.encode() not in sealed
    assert app.byte_secret() not in sealed
    assert {code.encode() for code in codes} & hashed == set()
    assert hashlib.sha256(codes[0].replace("-", "").encode()).digest() in hashed


async def test_factors_are_changed_only_right_after_a_factor_was_given(fresh_engine: AsyncEngine) -> None:
    somebody = await member(fresh_engine)
    for proved in (None, AT - enrolling_factors.PROOF_HOLDS, AT + timedelta(seconds=1)):
        async with writing(fresh_engine) as session:
            if proved is not None:
                await enrolling_factors.note_proof(session, somebody.secret_hash, at=proved)
            with pytest.raises(Forbidden) as refused:
                await enrolling_factors.offer_totp(session, somebody.actor, somebody.secret_hash, party=PARTY, at=AT)
            assert refused.value.code == "factor_needed_again"


async def test_a_challenge_for_a_new_passkey_is_answered_once_and_in_time(fresh_engine: AsyncEngine) -> None:
    somebody, device = await member(fresh_engine), Authenticator()
    await somebody.prove()
    async with writing(fresh_engine) as session:
        options = await enrolling_factors.offer_passkey(
            session, somebody.actor, somebody.secret_hash, party=PARTY, at=AT
        )
    made = device.create(options)
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    late = AT + timedelta(minutes=5)
    await somebody.prove(at=late)
    for at, code in ((late, "ceremony_over"), (AT, None), (AT, "ceremony_over")):
        await somebody.prove(at=at)
        async with writing(fresh_engine) as session:
            adding = enrolling_factors.add_passkey(
                session, somebody.actor, somebody.secret_hash, made, "手机", party=PARTY, at=at
            )
            if code is None:
                await adding
                continue
            with pytest.raises(RuleBroken) as refused:
                await adding
            assert refused.value.code == code
            await session.rollback()


async def test_a_passkey_removed_no_longer_holds_and_a_strangers_is_not_there(fresh_engine: AsyncEngine) -> None:
    somebody, other, device = await member(fresh_engine), await member(fresh_engine), Authenticator()
    key_id = await somebody.with_passkey(device)
    await other.prove()
    nobody: frozenset[Any] = frozenset()
    async with writing(fresh_engine) as session:
        with pytest.raises(NotFound):
            await enrolling_factors.remove_passkey(
                session, other.actor, other.secret_hash, key_id, required=nobody, at=AT
            )
    given = await assertion(somebody, device)
    async with writing(fresh_engine) as session:
        await enrolling_factors.remove_passkey(
            session, somebody.actor, somebody.secret_hash, key_id, required=nobody, at=AT
        )
    await refused_with("passkey_not_accepted", somebody, given, challenge=CHALLENGE)
    async with reading(fresh_engine) as session:
        assert (await session.get_one(Passkey, key_id)).revoked_at == AT


@pytest.mark.parametrize(
    "lie",
    [{"origin": "http://evil.example"}, {"rp_id": "evil.example"}, {"user_verified": False}, {"cross_origin": True}],
    ids=lambda lie: next(iter(lie)),
)
async def test_a_new_passkey_that_lies_is_refused(fresh_engine: AsyncEngine, lie: dict[str, Any]) -> None:
    somebody = await member(fresh_engine)
    with pytest.raises(RuleBroken) as refused:
        await somebody.with_passkey(Authenticator(**lie))
    assert refused.value.broken[0].code == "passkey_not_accepted"


async def test_a_passkey_is_enrolled_once(fresh_engine: AsyncEngine) -> None:
    device = Authenticator()
    await (await member(fresh_engine)).with_passkey(device)
    with pytest.raises(RuleBroken) as refused:
        await (await member(fresh_engine)).with_passkey(device)
    assert refused.value.broken[0].code == "passkey_taken"


async def test_failures_do_not_push_what_matters_out_of_sight(fresh_engine: AsyncEngine) -> None:
    somebody = await member(fresh_engine)
    await somebody.with_totp()
    async with writing(fresh_engine) as session:
        for minute in range(40):
            at = AT + timedelta(minutes=minute)
            await happenings.note(session, somebody.person_id, AccountEventKind.SIGN_IN_FAILED, at=at)
    async with reading(fresh_engine) as session:
        told = [event.kind for event in await happenings.of_own_account(session, somebody.actor)]
    assert told == [AccountEventKind.SIGN_IN_FAILED] * 10 + [AccountEventKind.TOTP_ADDED, AccountEventKind.SIGNED_IN]
