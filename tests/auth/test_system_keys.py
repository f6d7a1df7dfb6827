"""Signing keys: registered, proved, ended, and what a signature made with one is worth."""

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.machines import AT, member, proved_key, public_text, signed
from tests.support.refused import codes_broken
from wastetrack.auth import public_keys, system_keys
from wastetrack.auth.machine_tables import RegisteredKey
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.system_keys import RegisterKey, SystemKey
from wastetrack.db.session import WriteSession, writing
from wastetrack.errors import Conflict, Forbidden, NotFound, RuleBroken
from wastetrack.ids import new_id

STATEMENT = b'{"kind":"manifest.filed"}'


def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


async def checked(
    session: WriteSession,
    actor: Actor,
    row: RegisteredKey,
    mine: Ed25519PrivateKey,
    *,
    at: datetime = AT,
    **other: Any,  # noqa: ANN401  arguments of what is tried
) -> SystemKey:
    values: dict[str, Any] = {"key_id": row.id, "statement": STATEMENT, "signature": mine.sign(STATEMENT)} | other
    return await system_keys.verify_system_signature(session, actor, at=at, **values)


async def test_a_proved_key_signs_for_its_holder(session: WriteSession) -> None:
    owner, mine = await member(session), key()
    row = await proved_key(session, owner, mine)
    found = await checked(session, owner, row, mine)
    assert found == SystemKey(row.id, public_keys.parse(public_text(mine)), "ERP")


async def test_without_proof_it_signs_nothing(session: WriteSession) -> None:
    owner, mine = await member(session), key()
    command = RegisterKey(name="ERP", public_key=public_text(mine), days=30)
    row = await system_keys.register_key(session, owner, command, at=AT)
    assert await codes_broken(checked(session, owner, row, mine)) == ["system_key_unknown"]


async def test_the_proof_must_be_over_the_text_shown_by_the_key_entered(session: WriteSession) -> None:
    owner, mine = await member(session), key()
    command = RegisterKey(name="ERP", public_key=public_text(mine), days=30)
    row = await system_keys.register_key(session, owner, command, at=AT)
    text = system_keys.statement_to_prove(row)
    for wrong in (signed(key(), text), signed(mine, text + "\n"), signed(mine, text[:-1])):
        proving = system_keys.prove_key(session, owner, row.id, wrong, at=AT)
        assert await codes_broken(proving) == ["possession_unproved"]
    unreadable = system_keys.prove_key(session, owner, row.id, "x", at=AT)
    assert await codes_broken(unreadable) == ["signature_form"]
    await system_keys.prove_key(session, owner, row.id, signed(mine, text), at=AT)
    assert (await system_keys.prove_key(session, owner, row.id, "again", at=AT)).proved_at == AT


async def test_the_proof_of_one_registration_does_not_fit_another(session: WriteSession) -> None:
    owner, mine = await member(session), key()
    command = RegisterKey(name="ERP", public_key=public_text(mine), days=30)
    first = await system_keys.register_key(session, owner, command, at=AT)
    second = await system_keys.register_key(session, owner, command, at=AT)
    proof = signed(mine, system_keys.statement_to_prove(first))
    proving = system_keys.prove_key(session, owner, second.id, proof, at=AT)
    assert await codes_broken(proving) == ["possession_unproved"]


async def test_there_is_an_hour_to_prove_it(session: WriteSession) -> None:
    owner, mine = await member(session), key()
    command = RegisterKey(name="ERP", public_key=public_text(mine), days=30)
    row = await system_keys.register_key(session, owner, command, at=AT)
    proof = signed(mine, system_keys.statement_to_prove(row))
    with pytest.raises(Conflict):
        await system_keys.prove_key(session, owner, row.id, proof, at=AT + system_keys.PROVED_WITHIN)
    last = AT + system_keys.PROVED_WITHIN - timedelta(seconds=1)
    assert (await system_keys.prove_key(session, owner, row.id, proof, at=last)).proved_at == last


async def test_a_key_belongs_to_one_holder_once(session: WriteSession) -> None:
    owner, stranger, mine = await member(session), await member(session), key()
    waiting = await system_keys.register_key(
        session, stranger, RegisterKey(name="also mine", public_key=public_text(mine), days=30), at=AT
    )
    row = await proved_key(session, owner, mine)
    again = RegisterKey(name="again", public_key=public_text(mine), days=30)
    for somebody in (owner, stranger):
        assert await codes_broken(system_keys.register_key(session, somebody, again, at=AT)) == ["system_key_taken"]
    proof = signed(mine, system_keys.statement_to_prove(waiting))
    assert await codes_broken(system_keys.prove_key(session, stranger, waiting.id, proof, at=AT)) == [
        "system_key_taken"
    ]
    await system_keys.revoke_key(session, owner, row.id, ends_at=None, at=AT)
    assert await codes_broken(system_keys.register_key(session, owner, again, at=AT)) == ["system_key_taken"]


async def test_everything_wrong_with_a_key_is_told_at_once(session: WriteSession) -> None:
    owner = await member(session)
    command = RegisterKey(name=" ", public_key="nonsense", days=0)
    refused = await codes_broken(system_keys.register_key(session, owner, command, at=AT))
    assert refused == ["system_key_days", "system_key_form", "system_key_name"]


async def test_nobody_holds_more_than_ten(session: WriteSession) -> None:
    owner = await member(session)
    rows = [await proved_key(session, owner, key()) for _ in range(system_keys.MOST_KEYS)]
    command = RegisterKey(name="one more", public_key=public_text(key()), days=30)
    assert await codes_broken(system_keys.register_key(session, owner, command, at=AT)) == ["system_keys_too_many"]
    await system_keys.revoke_key(session, owner, rows[0].id, ends_at=None, at=AT)
    await system_keys.register_key(session, owner, command, at=AT)


Change = Callable[[Actor], Actor]


@pytest.mark.parametrize(
    "change",
    [
        lambda actor: dataclasses.replace(actor, person_id=new_id()),
        lambda actor: dataclasses.replace(actor, organisation_id=new_id()),
    ],
    ids=["another member", "the same person for another organisation"],
)
async def test_a_key_of_somebody_else_is_as_unknown_as_none(session: WriteSession, change: Change) -> None:
    owner, mine = await member(session), key()
    row = await proved_key(session, owner, mine)
    refusals = []
    for key_id in (row.id, new_id()):
        with pytest.raises(RuleBroken) as refused:
            await checked(session, change(owner), row, mine, key_id=key_id)
        refusals.append(dataclasses.replace(refused.value.broken[0], value=None))
    assert refusals[0] == refusals[1]
    assert refusals[0].field == "factor"


async def test_a_signature_by_another_key_or_over_other_bytes_is_refused(session: WriteSession) -> None:
    owner, mine = await member(session), key()
    row = await proved_key(session, owner, mine)
    tried: tuple[dict[str, Any], ...] = (
        {"signature": key().sign(STATEMENT)},
        {"statement": STATEMENT + b" "},
        {"signature": b""},
        {"signature": mine.sign(STATEMENT)[::-1]},
    )
    for wrong in tried:
        assert await codes_broken(checked(session, owner, row, mine, **wrong)) == ["system_signature_wrong"]


async def test_a_key_holds_until_its_end(session: WriteSession) -> None:
    owner, mine = await member(session), key()
    row = await proved_key(session, owner, mine, days=1)
    await checked(session, owner, row, mine, at=AT + timedelta(days=1, seconds=-1))
    ended = checked(session, owner, row, mine, at=AT + timedelta(days=1))
    assert await codes_broken(ended) == ["system_key_ended"]
    early = checked(session, owner, row, mine, at=AT - timedelta(seconds=1))
    assert await codes_broken(early) == ["system_key_ended"]


async def test_a_revoked_key_signs_nothing_more_but_has_signed(session: WriteSession) -> None:
    owner, mine = await member(session), key()
    row = await proved_key(session, owner, mine)
    at = AT + timedelta(hours=1)
    await system_keys.revoke_key(session, owner, row.id, ends_at=None, at=at)
    assert await codes_broken(checked(session, owner, row, mine, at=at)) == ["system_key_ended"]
    await checked(session, owner, row, mine, at=at - timedelta(seconds=1))
    assert (await system_keys.revoke_key(session, owner, row.id, ends_at=None, at=at + timedelta(1))).revoked_at == at


async def test_while_a_key_ends_the_next_one_holds(session: WriteSession) -> None:
    owner, old, new = await member(session), key(), key()
    first, second = await proved_key(session, owner, old), await proved_key(session, owner, new)
    ends_at = AT + timedelta(days=2)
    too_late = system_keys.revoke_key(session, owner, first.id, ends_at=AT + timedelta(days=31), at=AT)
    assert await codes_broken(too_late) == ["key_ends_before"]
    await system_keys.revoke_key(session, owner, first.id, ends_at=ends_at, at=AT)
    for row, mine in ((first, old), (second, new)):
        await checked(session, owner, row, mine, at=ends_at - timedelta(seconds=1))
    assert await codes_broken(checked(session, owner, first, old, at=ends_at)) == ["system_key_ended"]
    await checked(session, owner, second, new, at=ends_at)


async def test_owners_end_members_keys_and_strangers_do_not_find_them(session: WriteSession) -> None:
    owner = await member(session)
    signer = await member(session, Role.SIGNER, organisation_id=owner.organisation_id)
    filer = await member(session, Role.FILER, organisation_id=owner.organisation_id)
    row = await proved_key(session, signer, key())
    for stranger in (filer, await member(session)):
        with pytest.raises(NotFound):
            await system_keys.revoke_key(session, stranger, row.id, ends_at=None, at=AT)
    assert (await system_keys.revoke_key(session, owner, row.id, ends_at=None, at=AT)).revoked_at == AT
    assert [one.id for one in await system_keys.keys_of(session, signer, None)] == [row.id]
    assert await system_keys.keys_of(session, filer, None) == []


async def test_a_narrowed_token_makes_and_ends_no_keys(session: WriteSession) -> None:
    owner = await member(session)
    row = await proved_key(session, owner, key())
    narrowed = dataclasses.replace(owner, scopes=frozenset({"read", "sign"}))
    command = RegisterKey(name="thief", public_key=public_text(key()), days=30)
    with pytest.raises(Forbidden):
        await system_keys.register_key(session, narrowed, command, at=AT)
    with pytest.raises(Forbidden):
        await system_keys.revoke_key(session, narrowed, row.id, ends_at=None, at=AT)


@pytest.mark.commits
async def test_of_two_proofs_of_one_key_at_once_one_counts(fresh_engine: AsyncEngine) -> None:
    mine = key()
    async with writing(fresh_engine) as session:
        owner, stranger = await member(session), await member(session)
        command = RegisterKey(name="ERP", public_key=public_text(mine), days=30)
        first = await system_keys.register_key(session, owner, command, at=AT)
        second = await system_keys.register_key(session, stranger, command, at=AT)
    proofs = [signed(mine, system_keys.statement_to_prove(row)) for row in (first, second)]

    async def prove_too() -> None:
        async with writing(fresh_engine) as session:
            await system_keys.prove_key(session, stranger, second.id, proofs[1], at=AT)

    async with writing(fresh_engine) as session:
        await system_keys.prove_key(session, owner, first.id, proofs[0], at=AT)
        waiting = asyncio.create_task(prove_too())
        await asyncio.sleep(0.3)
        assert not waiting.done()
    with pytest.raises(IntegrityError, match="uq_system_keys_public_key"):
        await waiting
