"""Tokens of systems and people: how far they reach, how long they hold, what ends them, and what they cost."""

import dataclasses
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.machines import AT, granted, member, proved_key, registered
from tests.support.refused import codes_broken
from tests.support.statements import counted
from tests.support.wire import on_the_wire
from wastetrack.auth import clients, granting, issuing, queries, registering_clients, system_keys
from wastetrack.auth.granting import Known
from wastetrack.auth.issuing import IssueToken
from wastetrack.auth.machine_tables import AccessToken, Client, SpentAssertion
from wastetrack.auth.model import Actor, Role, Scope
from wastetrack.auth.queries import Credential
from wastetrack.auth.tables import Membership, Person
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.errors import Forbidden, Malformed, NotFound

# Tokens -------------------------------------------------------------------------------------------------------------


async def test_a_token_acts_as_the_system_within_its_scopes_for_an_hour(session: WriteSession) -> None:
    owner = await member(session)
    made = await registered(session, owner)
    got = await granted(session, made.id, Scope.READ)
    identity = await clients.authenticate_client(session, got.token, at=AT + timedelta(hours=1, seconds=-1))
    assert identity is not None
    assert identity.credential is Credential.CLIENT
    assert identity.actor.person_name == "ERP"
    assert identity.actor.organisation_id == owner.organisation_id
    assert identity.actor.scopes == frozenset({"read"})
    told = [f"current_setting('wastetrack.{name}')" for name in ("viewer", "organisation", "person")]
    row = (await session.execute(sa.text(f"select {', '.join(told)}"))).one()
    assert tuple(row) == (owner.viewer, str(owner.organisation_id), str(identity.actor.person_id))
    assert await clients.authenticate_client(session, got.token, at=AT + timedelta(hours=1)) is None
    assert await clients.authenticate_client(session, got.token + "x", at=AT) is None
    stored = (await session.execute(sa.select(AccessToken))).scalars().all()
    assert queries.hash_of(got.token) in {row.token_hash for row in stored}


async def test_asked_for_less_a_token_may_less_and_never_more(session: WriteSession) -> None:
    owner = await member(session)
    made = await registered(session, owner, Scope.READ, Scope.FILE, Scope.LABEL)
    client = Known(made.id, (Scope.READ, Scope.LABEL, Scope.FILE))
    assert (await granting.grant(session, client, "file read", at=AT)).scopes == (Scope.READ, Scope.FILE)
    for wanted in ("sign", "read sign", "read  file", "READ", "administer"):
        with pytest.raises(Malformed) as refused:
            await granting.grant(session, client, wanted, at=AT)
        assert refused.value.code == "invalid_scope"


@pytest.mark.parametrize("end", ["token", "client", "membership", "person"])
async def test_whatever_ends_ends_the_token(session: WriteSession, end: str) -> None:
    owner = await member(session)
    made = await registered(session, owner)
    got = await granted(session, made.id)
    client = await session.get_one(Client, made.id)
    if end == "token":
        await granting.revoke(session, Known(made.id, ()), got.token, at=AT)
    elif end == "client":
        await session.execute(sa.update(Client).where(sa.column("id") == made.id).values(ended_at=AT))
    elif end == "membership":
        await session.execute(sa.update(Membership).where(sa.column("id") == client.membership_id).values(ended_at=AT))
    else:
        await session.execute(sa.update(Person).where(sa.column("id") == client.person_id).values(disabled_at=AT))
    assert await clients.authenticate_client(session, got.token, at=AT) is None


async def test_a_system_that_has_ended_is_gone_with_all_it_had(session: WriteSession) -> None:
    owner, mine = await member(session), Ed25519PrivateKey.generate()
    made = await registered(session, owner)
    key = await proved_key(session, owner, mine, client_id=made.id)
    client = await session.get_one(Client, made.id)
    await registering_clients.end_client(session, owner, made.id, at=AT)
    assert await clients.systems_of(session, owner, at=AT) == []
    await session.refresh(key)
    assert key.revoked_at == AT
    assert (await session.get_one(Membership, client.membership_id, populate_existing=True)).ended_at == AT
    with pytest.raises(NotFound):
        await registering_clients.end_client(session, owner, made.id, at=AT)


async def test_a_client_ends_and_learns_of_its_own_tokens_alone(session: WriteSession) -> None:
    owner = await member(session)
    mine, other = await registered(session, owner), await registered(session, owner)
    got = await granted(session, mine.id)
    me, somebody = Known(mine.id, ()), Known(other.id, ())
    await granting.revoke(session, somebody, got.token, at=AT)
    assert await granting.introspect(session, somebody, got.token, at=AT) is None
    state = await granting.introspect(session, me, got.token, at=AT)
    assert state is not None
    assert (state.client_id, state.expires_at) == (mine.id, AT + granting.LASTS)
    assert await granting.introspect(session, me, got.token, at=AT + granting.LASTS) is None
    await granting.revoke(session, me, got.token, at=AT)
    await granting.revoke(session, me, got.token, at=AT)
    assert await granting.introspect(session, me, got.token, at=AT) is None


async def test_what_has_expired_is_swept_away(session: WriteSession) -> None:
    owner = await member(session)
    made = await registered(session, owner)
    await granted(session, made.id)
    session.add(SpentAssertion(client_id=made.id, jti_hash=bytes(32), expires_at=AT + granting.LASTS))
    await session.flush()

    async def left() -> list[int]:
        counts = []
        for table in (AccessToken, SpentAssertion):
            statement = sa.select(sa.func.count()).select_from(table).where(sa.column("client_id") == made.id)
            counts.append((await session.execute(statement)).scalar_one())
        return counts

    await granting.sweep(session, at=AT + granting.LASTS - timedelta(seconds=1))
    assert await left() == [1, 1]
    await granting.sweep(session, at=AT + granting.LASTS)
    assert await left() == [0, 0]


# Signing keys of systems --------------------------------------------------------------------------------------------


async def test_a_systems_key_signs_for_the_system_and_for_nobody_else(session: WriteSession) -> None:
    owner, mine = await member(session), Ed25519PrivateKey.generate()
    made, other = await registered(session, owner), await registered(session, owner)
    key = await proved_key(session, owner, mine, client_id=made.id)

    async def as_system(client_id: UUID) -> Actor:
        got = await granted(session, client_id, Scope.SIGN)
        identity = await clients.authenticate_client(session, got.token, at=AT)
        assert identity is not None
        return identity.actor

    async def checked(actor: Actor) -> UUID:
        statement = b'{"kind":"manifest.filed"}'
        found = await system_keys.verify_system_signature(
            session, actor, key_id=key.id, statement=statement, signature=mine.sign(statement), at=AT
        )
        return found.id

    assert await checked(await as_system(made.id)) == key.id
    for somebody_else in (await as_system(other.id), owner):
        assert await codes_broken(checked(somebody_else)) == ["system_key_unknown"]
    assert [one.id for one in await system_keys.keys_of(session, owner, made.id)] == [key.id]


# Personal tokens ----------------------------------------------------------------------------------------------------


async def test_a_personal_token_may_be_narrowed(session: WriteSession) -> None:
    owner = await member(session)
    issued = await issuing.issue_token(session, owner, IssueToken(name="scale", days=1, scopes=("read",)), at=AT)
    identity = await queries.authenticate_token(session, issued.secret, at=AT)
    assert identity is not None
    assert identity.actor.scopes == frozenset({"read"})
    whole = await issuing.issue_token(session, owner, IssueToken(name="all", days=1), at=AT)
    identity = await queries.authenticate_token(session, whole.secret, at=AT)
    assert identity is not None
    assert identity.actor.scopes is None
    for scopes in ((), ("read", "read"), ("everything",), ("read", "everything")):
        command = IssueToken(name="x", days=1, scopes=scopes)
        assert await codes_broken(issuing.issue_token(session, owner, command, at=AT)) == ["token_scopes"]


async def test_owners_see_and_end_their_members_tokens(session: WriteSession) -> None:
    owner, stranger = await member(session), await member(session)
    signer = await member(session, Role.SIGNER, organisation_id=owner.organisation_id)
    filer = await member(session, Role.FILER, organisation_id=owner.organisation_id)
    issued = await issuing.issue_token(session, signer, IssueToken(name="scale", days=1), at=AT)
    assert [(token.id, name) for token, name in await queries.members_tokens(session, owner)] == [(issued.id, "王秀英")]
    assert await queries.members_tokens(session, stranger) == []
    narrowed = dataclasses.replace(signer, scopes=frozenset({"read"}))
    for somebody, refusal in ((filer, NotFound), (stranger, NotFound), (narrowed, Forbidden)):
        with pytest.raises(refusal):
            await issuing.revoke_token(session, somebody, issued.id, at=AT)
    await issuing.revoke_token(session, owner, issued.id, at=AT)
    assert await queries.authenticate_token(session, issued.secret, at=AT) is None
    assert await queries.members_tokens(session, owner) == []


# What it costs ------------------------------------------------------------------------------------------------------


async def test_a_request_of_a_system_costs_one_statement_to_know_it_and_a_list_two(fresh_engine: AsyncEngine) -> None:
    async with writing(fresh_engine) as session:
        owner = await member(session)
        made = await registered(session, owner, name="one")
        for number in range(5):
            await registered(session, owner, name=f"another {number}")
        got = await granted(session, made.id)
    with on_the_wire(fresh_engine) as sent:
        async with reading(fresh_engine) as session:
            assert await clients.authenticate_client(session, got.token, at=AT) is not None
    assert len(sent) == 1, sent
    with counted(fresh_engine) as asked:
        async with reading(fresh_engine) as session:
            assert len(await clients.systems_of(session, owner, at=AT)) == 6
    assert len(asked) == 2


async def test_the_use_is_noted_with_the_system(fresh_engine: AsyncEngine) -> None:
    later = AT + timedelta(minutes=2)
    async with writing(fresh_engine) as session:
        owner = await member(session)
        made = await registered(session, owner)
        got = await granted(session, made.id)
        fresh = await clients.authenticate_client(session, got.token, at=AT + timedelta(seconds=59))
        identity = await clients.authenticate_client(session, got.token, at=later)
        assert fresh is not None
        assert identity is not None
        assert (fresh.stale, identity.stale) == (False, True)
        await queries.note_use(session, identity, at=later)
        assert (await clients.system(session, owner, made.id, at=later)).last_used_at == later
