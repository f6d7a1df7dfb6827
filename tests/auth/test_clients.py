"""Systems in the database: in which role they act, their secrets, and what a system may not make itself."""

import asyncio
import dataclasses
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.machines import AT, granted, member, registered
from tests.support.refused import codes_broken
from wastetrack.auth import clients, enrolling, membering, queries, registering_clients, system_keys
from wastetrack.auth.enrolling import Enrol
from wastetrack.auth.machine_tables import Client, ClientSecret
from wastetrack.auth.model import Actor, AuthMethod, PersonKind, Role, Scope
from wastetrack.auth.policy import GRANTS, SCOPE_OF, Verb, may, within
from wastetrack.auth.registering_clients import GRANTABLE, RegisterClient, role_for
from wastetrack.auth.tables import Person
from wastetrack.db.session import WriteSession, writing
from wastetrack.errors import Forbidden, NotFound, RuleBroken

SOON = AT + timedelta(minutes=5)
LASTS = timedelta(hours=72)


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
        await membering.ask_for_new_password(session, owner, client.membership_id, lasts=LASTS, at=AT)
    with pytest.raises(NotFound):
        await enrolling.end_membership(session, owner, client.membership_id, at=AT)


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
        await enrolling.install(session, command, at=AT)


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
