"""Systems in the database: in which role they act, their secrets, their tokens, and what ends them."""

import asyncio
import dataclasses
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.machines import AT, member, proved_key
from tests.support.refused import codes_broken
from tests.support.statements import counted
from tests.support.wire import on_the_wire
from wastetrack.auth import clients, enrolling, granting, issuing, queries, registering_clients, system_keys
from wastetrack.auth.enrolling import Enrol
from wastetrack.auth.granting import Granted, Known
from wastetrack.auth.issuing import IssueToken
from wastetrack.auth.machine_tables import AccessToken, Client, ClientSecret, SpentAssertion
from wastetrack.auth.model import Actor, AuthMethod, PersonKind, Role, Scope
from wastetrack.auth.policy import GRANTS, SCOPE_OF, Verb, may, within
from wastetrack.auth.queries import Credential
from wastetrack.auth.registering_clients import GRANTABLE, RegisterClient, RegisteredClient, role_for
from wastetrack.auth.tables import Membership, Person
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.errors import Forbidden, Malformed, NotFound, RuleBroken
from wastetrack.ids import new_id

SOON = AT + timedelta(minutes=5)


async def registered(
    session: WriteSession, owner: Actor, *scopes: Scope, name: str = "ERP", days: int = 90
) -> RegisteredClient:
    command = RegisterClient(name=name, scopes=scopes or (Scope.READ, Scope.FILE), days=days)
    return await registering_clients.register_client(session, owner, command, at=AT)


async def granted(session: WriteSession, client_id: UUID, *scopes: Scope) -> Granted:
    return await granting.grant(session, Known(client_id, scopes or (Scope.READ, Scope.FILE)), None, at=AT)


async def secrets_of(session: WriteSession, owner: Actor, client_id: UUID, *, at: datetime) -> tuple[UUID, ...]:
    return (await clients.system(session, owner, client_id, at=at)).secret_ids


# What a system is ---------------------------------------------------------------------------------------------------


def test_every_verb_has_its_one_scope_and_every_scope_but_read_a_verb() -> None:
    assert SCOPE_OF.keys() == set(Verb)
    assert set(SCOPE_OF.values()) == set(Scope) - {Scope.READ}


def test_a_narrowed_actor_may_what_role_and_scope_both_grant() -> None:
    for role in Role:
        for scope in Scope:
            actor = Actor(UUID(int=1), "ERP", UUID(int=2), UUID(int=3), role, "o:x", scopes=frozenset({scope}))
            allowed = {verb for verb in Verb if may(actor, verb)}
            assert allowed == {verb for verb in GRANTS[role] if SCOPE_OF[verb] is scope}


def test_a_missing_scope_is_told_by_its_name() -> None:
    actor = Actor(UUID(int=1), "ERP", UUID(int=2), UUID(int=3), Role.OWNER, "o:x", scopes=frozenset({"read"}))
    assert may(actor, Verb.SIGN).facts == {"scope": "sign"}
    assert within(actor, Scope.READ)
    assert within(dataclasses.replace(actor, scopes=None), Scope.SIGN)
    # What the role does not grant, no scope would help with.
    assert "role" in may(dataclasses.replace(actor, role=Role.VIEWER), Verb.SIGN).facts


@pytest.mark.parametrize(
    ("scopes", "creator", "role"),
    [
        ({Scope.READ}, Role.OWNER, Role.VIEWER),
        ({Scope.READ, Scope.PROVE}, Role.OWNER, Role.VIEWER),
        ({Scope.CARRY}, Role.OWNER, Role.DRIVER),
        ({Scope.READ, Scope.LABEL, Scope.FILE}, Role.OWNER, Role.FILER),
        ({Scope.GATE, Scope.TREAT}, Role.OWNER, Role.GATE_OPERATOR),
        ({Scope.SIGN, Scope.FILE}, Role.OWNER, Role.SIGNER),
        ({Scope.TREAT, Scope.FILE}, Role.OWNER, Role.OWNER),
        ({Scope.REGISTER}, Role.OWNER, Role.OWNER),
        ({Scope.SCIM}, Role.OWNER, Role.OWNER),
        ({Scope.READ, Scope.SIGN}, Role.APPROVER, Role.REGULATOR_VIEWER),
        ({Scope.PROVE}, Role.APPROVER, Role.INSPECTOR),
        ({Scope.REGISTER}, Role.APPROVER, Role.APPROVER),
    ],
)
def test_a_system_acts_in_the_least_role_that_its_scopes_need(scopes: set[Scope], creator: Role, role: Role) -> None:
    assert role_for(scopes, creator) is role


async def test_a_system_is_a_machine_that_cannot_sign_in_nor_stand_among_the_people(session: WriteSession) -> None:
    owner = await member(session)
    made = await registered(session, owner)
    client = await session.get_one(Client, made.id)
    person = await session.get_one(Person, client.person_id)
    assert (person.kind, person.password_hash, person.name) == (PersonKind.MACHINE, None, "ERP")
    assert await queries.person_by_login(session, person.login) is None
    assert [one.name for one, _ in await queries.members_of(session, owner.organisation_id)] == ["王秀英"]
    with pytest.raises(NotFound):
        await enrolling.set_password(session, owner, client.membership_id, "nine loud rivers at dawn")


async def test_a_machine_with_a_password_cannot_be_stored(session: WriteSession) -> None:
    owner = await member(session)
    client = await session.get_one(Client, (await registered(session, owner)).id)
    with pytest.raises(sa.exc.IntegrityError, match="ck_people_machine_without_password"):
        await session.execute(
            sa.update(Person).where(sa.column("id") == client.person_id).values(password_hash="$argon2id$x")  # noqa: S106  refused
        )


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.OWNER, Role.APPROVER}])
async def test_only_owners_and_approvers_let_systems_in(session: WriteSession, role: Role) -> None:
    jurisdiction = "3706" if role in {Role.REGULATOR_VIEWER, Role.INSPECTOR} else None
    somebody = await member(session, role, jurisdiction=jurisdiction)
    with pytest.raises(Forbidden):
        await registered(session, somebody)
    with pytest.raises(Forbidden):
        await clients.systems_of(session, somebody, at=AT)
    with pytest.raises(Forbidden):
        await queries.members_tokens(session, somebody)


async def test_an_authoritys_system_has_the_authoritys_sight(session: WriteSession) -> None:
    approver = await member(session, Role.APPROVER, jurisdiction="3706")
    made = await registered(session, approver, Scope.READ, Scope.PROVE)
    got = await granted(session, made.id, Scope.READ)
    identity = await clients.authenticate_client(session, got.token, at=AT)
    assert identity is not None
    assert (identity.actor.viewer, identity.actor.role) == ("r:3706", Role.INSPECTOR)


async def test_everything_wrong_with_a_system_is_told_at_once(session: WriteSession) -> None:
    owner = await member(session)
    for scopes in ((), (Scope.ADMINISTER,), (Scope.READ, Scope.ADMINISTER)):
        command = RegisterClient(name=" ", scopes=scopes, days=0)
        assert await codes_broken(registering_clients.register_client(session, owner, command, at=AT)) == [
            "secret_days",
            "system_name",
            "system_scopes",
        ]
    signing = RegisterClient(name="x", scopes=(Scope.READ,), auth_method=AuthMethod.PRIVATE_KEY_JWT)
    assert await codes_broken(registering_clients.register_client(session, owner, signing, at=AT)) == ["jwks_form"]
    assert Scope.ADMINISTER not in GRANTABLE


# Secrets ------------------------------------------------------------------------------------------------------------


async def test_while_one_secret_replaces_another_both_hold(session: WriteSession) -> None:
    owner = await member(session)
    made = await registered(session, owner)
    assert made.secret is not None
    stored = await session.get_one(ClientSecret, made.secret.id)
    assert stored.secret_hash == queries.hash_of(made.secret.secret)
    second = await registering_clients.rotate_secret(session, owner, made.id, days=90, overlap_hours=24, at=SOON)
    ends = SOON + timedelta(hours=24)
    both = (made.secret.id, second.id)
    assert await secrets_of(session, owner, made.id, at=ends - timedelta(seconds=1)) == both
    assert await secrets_of(session, owner, made.id, at=ends) == (second.id,)


async def test_there_are_never_three(session: WriteSession) -> None:
    owner = await member(session)
    made = await registered(session, owner)
    assert made.secret is not None

    async def rotated(overlap_hours: int) -> UUID:
        return (
            await registering_clients.rotate_secret(
                session, owner, made.id, days=90, overlap_hours=overlap_hours, at=SOON
            )
        ).id

    second = await rotated(24)
    assert await codes_broken(rotated(24)) == ["two_secrets"]
    await registering_clients.end_secret(session, owner, made.id, made.secret.id, at=SOON)
    third = await rotated(24)
    await registering_clients.end_secret(session, owner, made.id, second, at=SOON)
    fourth = await rotated(0)
    assert await secrets_of(session, owner, made.id, at=SOON) == (fourth,)
    assert third != fourth


async def test_a_rotation_does_not_lengthen_the_old_secret(session: WriteSession) -> None:
    owner = await member(session)
    made = await registered(session, owner, days=1)
    assert made.secret is not None
    await registering_clients.rotate_secret(session, owner, made.id, days=90, overlap_hours=720, at=SOON)
    assert (await session.get_one(ClientSecret, made.secret.id)).expires_at == AT + timedelta(days=1)
    wrong = registering_clients.rotate_secret(session, owner, made.id, days=0, overlap_hours=721, at=SOON)
    assert await codes_broken(wrong) == ["overlap_hours", "secret_days", "two_secrets"]


async def test_a_strangers_system_is_not_there(session: WriteSession) -> None:
    owner, stranger = await member(session), await member(session)
    made = await registered(session, owner)
    other = await registered(session, stranger)
    assert made.secret is not None
    tried = (
        clients.system(session, stranger, made.id, at=AT),
        registering_clients.rotate_secret(session, stranger, made.id, days=1, overlap_hours=0, at=AT),
        registering_clients.end_secret(session, stranger, made.id, made.secret.id, at=AT),
        registering_clients.end_secret(session, stranger, other.id, made.secret.id, at=AT),
        registering_clients.replace_jwks(session, stranger, made.id, {}),
        registering_clients.end_client(session, stranger, made.id, at=AT),
        system_keys.keys_of(session, stranger, made.id),
    )
    for work in tried:
        with pytest.raises(NotFound):
            await work
    assert [one.id for one in await clients.systems_of(session, stranger, at=AT)] == [other.id]


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
        await enrolling.end_membership(session, owner, client.membership_id, at=AT)
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


async def test_nobody_is_enrolled_under_a_systems_login(session: WriteSession) -> None:
    owner = await member(session)
    client = await session.get_one(Client, (await registered(session, owner)).id)
    person = await session.get_one(Person, client.person_id)
    command = Enrol(
        login=person.login,
        name="thief",
        password="seven quiet harbours at noon",  # noqa: S106  of a test
        organisation_id=owner.organisation_id,
        role=Role.OWNER,
    )
    with pytest.raises(sa.exc.IntegrityError, match="uq_people_login"):
        await enrolling.enrol(session, owner, command, at=AT)


async def test_a_system_that_enrols_people_makes_neither_owners_nor_passwords(session: WriteSession) -> None:
    owner = await member(session)
    made = await registered(session, owner, Scope.SCIM)
    got = await granted(session, made.id, Scope.SCIM)
    identity = await clients.authenticate_client(session, got.token, at=AT)
    assert identity is not None
    fields = {"name": "李娜", "password": "seven quiet harbours at noon", "organisation_id": owner.organisation_id}
    command = Enrol(login=f"x.{new_id()}", role=Role.FILER, **fields)  # type: ignore[arg-type]  # a command's own fields
    filer = await enrolling.enrol(session, identity.actor, command, at=AT)
    with pytest.raises(Forbidden) as refused:
        await enrolling.enrol(session, identity.actor, dataclasses.replace(command, role=Role.OWNER), at=AT)
    assert refused.value.facts == {"scope": "administer"}
    for membership_id in (filer, owner.membership_id):
        with pytest.raises(Forbidden):
            await enrolling.set_password(session, identity.actor, membership_id, "nine loud rivers at dawn")


@pytest.mark.commits
async def test_of_two_rotations_at_once_one_makes_the_second_secret(fresh_engine: AsyncEngine) -> None:
    async with writing(fresh_engine) as session:
        owner = await member(session)
        made = await registered(session, owner)

    async def rotated() -> str:
        try:
            async with writing(fresh_engine) as session:
                await registering_clients.rotate_secret(session, owner, made.id, days=90, overlap_hours=24, at=SOON)
        except RuleBroken as refused:
            return refused.code
        return "made"

    assert sorted(await asyncio.gather(*(rotated() for _ in range(4)))) == ["made", *["two_secrets"] * 3]
