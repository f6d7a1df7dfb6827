"""Sessions and tokens in the database: how long they hold, what ends them, and what is stored of them."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.auth import enrolling, factors, issuing, passwords, queries, signing_in
from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.issuing import IssueToken
from wastetrack.auth.model import Actor, Restriction, Role, viewer_of_organisation
from wastetrack.auth.opening import SignedIn
from wastetrack.auth.queries import Credential, Identity
from wastetrack.auth.signing_in import SignIn
from wastetrack.auth.tables import ApiToken, Membership, Person, SignInSession
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.errors import Forbidden, NotFound, RuleBroken, Unauthenticated
from wastetrack.ids import new_id

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
IDLE, LASTS = timedelta(hours=12), timedelta(hours=168)
PASSWORD = "seven quiet harbours at noon"  # noqa: S105  of people who exist in tests only
FIRM, OTHER = new_id(), new_id()


def member(**changes: object) -> Enrol:
    values: dict[str, object] = {
        "login": f"li.na.{new_id()}",
        "name": "李娜",
        "password": PASSWORD,
        "organisation_id": FIRM,
        "role": Role.OWNER,
    }
    return Enrol(**values | changes)  # type: ignore[arg-type]  # a command's own fields


async def actor_of(session: WriteSession, membership_id: UUID) -> Actor:
    row = await session.get_one(Membership, membership_id)
    return Actor(row.person_id, "李娜", row.organisation_id, row.id, Role(row.role), row.viewer)


async def signed_in(engine: AsyncEngine, enrolled: Enrol, *, at: datetime = AT) -> SignedIn:
    async with writing(engine) as session:
        await install(session, enrolled, at=at)
    command = SignIn(login=enrolled.login, password=PASSWORD, address="192.0.2.1", user_agent="test")
    return await signing_in.sign_in(engine, command, lasts=LASTS, at=at)


async def seen(engine: AsyncEngine, opened: SignedIn, *, at: datetime) -> Identity | None:
    async with reading(engine) as session:
        return await queries.authenticate_session(session, opened.token, idle=IDLE, at=at)


async def test_a_session_holds_while_it_is_used_and_ends_when_it_lies_idle(fresh_engine: AsyncEngine) -> None:
    opened = await signed_in(fresh_engine, member())
    within = await seen(fresh_engine, opened, at=AT + IDLE - timedelta(seconds=1))
    assert within is not None
    assert within.stale
    assert within.credential is Credential.SESSION
    assert await seen(fresh_engine, opened, at=AT + IDLE) is None
    async with writing(fresh_engine) as session:
        await queries.note_use(session, within, at=AT + timedelta(hours=11))
    assert await seen(fresh_engine, opened, at=AT + timedelta(hours=22)) is not None


async def test_a_session_ends_after_a_week_however_much_it_is_used(fresh_engine: AsyncEngine) -> None:
    opened = await signed_in(fresh_engine, member())
    async with writing(fresh_engine) as session:
        await session.execute(sa.update(SignInSession).values(last_seen_at=AT + LASTS - timedelta(minutes=1)))
    assert await seen(fresh_engine, opened, at=AT + LASTS - timedelta(seconds=1)) is not None
    assert await seen(fresh_engine, opened, at=AT + LASTS) is None


async def test_a_use_is_noted_after_a_minute_and_not_before(fresh_engine: AsyncEngine) -> None:
    opened = await signed_in(fresh_engine, member())
    soon = await seen(fresh_engine, opened, at=AT + timedelta(seconds=59))
    later = await seen(fresh_engine, opened, at=AT + timedelta(seconds=60))
    assert soon is not None
    assert later is not None
    assert (soon.stale, later.stale) == (False, True)


async def test_only_hashes_are_stored(fresh_engine: AsyncEngine) -> None:
    opened = await signed_in(fresh_engine, member())
    async with reading(fresh_engine) as session:
        row = (await session.execute(sa.select(SignInSession))).scalar_one()
        person = (await session.execute(sa.select(Person))).scalar_one()
    assert row.token_hash == queries.hash_of(opened.token)
    assert len(row.token_hash) == 32
    assert person.password_hash is not None
    assert person.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize("ends", ["membership", "person"])
async def test_whoever_leaves_is_nobody_at_once(fresh_engine: AsyncEngine, ends: str) -> None:
    opened = await signed_in(fresh_engine, member())
    async with writing(fresh_engine) as session:
        if ends == "membership":
            await session.execute(sa.update(Membership).values(ended_at=AT))
        else:
            await session.execute(sa.update(Person).values(disabled_at=AT))
    assert await seen(fresh_engine, opened, at=AT) is None


async def test_a_hash_of_older_parameters_is_renewed_at_the_next_sign_in(fresh_engine: AsyncEngine) -> None:
    enrolled = member()
    await signed_in(fresh_engine, enrolled)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with writing(fresh_engine) as session:
        await session.execute(sa.update(Person).values(password_hash=weak))
    command = SignIn(login=enrolled.login, password=PASSWORD, address="192.0.2.1")
    await signing_in.sign_in(fresh_engine, command, lasts=LASTS, at=AT)
    async with reading(fresh_engine) as session:
        stored = (await session.execute(sa.select(Person.password_hash))).scalar_one()  # type: ignore[call-overload]  # a column
    assert stored != weak
    assert (await passwords.verify(stored, PASSWORD)).fits


async def test_somebody_who_works_nowhere_cannot_sign_in(fresh_engine: AsyncEngine) -> None:
    enrolled = member()
    await signed_in(fresh_engine, enrolled)
    async with writing(fresh_engine) as session:
        await session.execute(sa.update(Membership).values(ended_at=AT))
    command = SignIn(login=enrolled.login, password=PASSWORD, address="192.0.2.1")
    with pytest.raises(Unauthenticated):
        await signing_in.sign_in(fresh_engine, command, lasts=LASTS, at=AT)


async def test_a_person_changes_hats_and_the_old_session_ends(fresh_engine: AsyncEngine) -> None:
    enrolled = member()
    opened = await signed_in(fresh_engine, enrolled)
    async with writing(fresh_engine) as session:
        other = await install(
            session,
            member(login=enrolled.login, organisation_id=OTHER, role=Role.VIEWER),
            at=AT + timedelta(days=1),
        )
    at = AT + timedelta(hours=1)
    before = await seen(fresh_engine, opened, at=at)
    assert before is not None
    async with writing(fresh_engine) as session:
        changed = await signing_in.change_membership(session, before.actor, before.secret_hash, other, at=at)
    after = await seen(fresh_engine, changed, at=at)
    assert after is not None
    assert (after.actor.organisation_id, after.actor.role) == (OTHER, Role.VIEWER)
    assert changed.expires_at == opened.expires_at
    assert await seen(fresh_engine, opened, at=at) is None
    async with writing(fresh_engine) as session:
        with pytest.raises(NotFound):
            await signing_in.change_membership(session, after.actor, after.secret_hash, new_id(), at=at)


async def test_a_new_password_ends_the_other_sessions(fresh_engine: AsyncEngine) -> None:
    enrolled = member()
    first = await signed_in(fresh_engine, enrolled)
    command = SignIn(login=enrolled.login, password=PASSWORD, address="192.0.2.1")
    second = await signing_in.sign_in(fresh_engine, command, lasts=LASTS, at=AT)
    me = await seen(fresh_engine, second, at=AT)
    assert me is not None
    async with writing(fresh_engine) as session:
        await enrolling.change_password(
            session,
            me.actor,
            present_fits=await factors.present_fits(fresh_engine, me.actor.person_id, PASSWORD, at=AT),
            wanted="nine loud rivers at dawn",
            keep_session=me.secret_hash,
            at=AT,
        )
    assert await seen(fresh_engine, second, at=AT) is not None
    assert await seen(fresh_engine, first, at=AT) is None


async def test_only_the_platform_enrols_with_a_first_password(session: WriteSession) -> None:
    owner = await actor_of(session, await install(session, member(), at=AT))
    platform = await actor_of(session, await install(session, member(organisation_id=OTHER, role=Role.OPERATOR), at=AT))
    made = await enrolling.enrol(session, platform, member(role=Role.DRIVER), at=AT)
    driver = await session.get_one(Membership, made)
    assert driver.viewer == viewer_of_organisation(FIRM)
    with pytest.raises(Forbidden) as refused:
        await enrolling.enrol(session, owner, member(role=Role.DRIVER), at=AT)
    assert refused.value.code == "enrol_by_invitation"
    with pytest.raises(Forbidden):
        await enrolling.enrol(session, await actor_of(session, made), member(), at=AT)


async def test_enrolling_tells_everything_that_is_wrong(session: WriteSession) -> None:
    with pytest.raises(RuleBroken) as refused:
        await install(session, member(login="li na", password="aaaaaa"), at=AT)  # noqa: S106  too weak to matter
    codes = {broken.code for broken in refused.value.broken}
    assert codes == {"login_form", "password_length", "password_guessable"}


async def test_nobody_is_enrolled_twice_into_one_firm(session: WriteSession) -> None:
    enrolled = member()
    await install(session, enrolled, at=AT)
    with pytest.raises(RuleBroken) as refused:
        await install(session, enrolled, at=AT)
    assert refused.value.broken[0].code == "member_already"


async def test_whoever_leaves_loses_tokens_and_sessions(session: WriteSession) -> None:
    owner = await actor_of(session, await install(session, member(), at=AT))
    gone = await actor_of(session, await install(session, member(role=Role.SIGNER), at=AT))
    issued = await issuing.issue_token(session, gone, IssueToken(name="scale", days=30), at=AT)
    assert await queries.authenticate_token(session, issued.secret, at=AT) is not None
    await enrolling.end_membership(session, owner, gone.membership_id, at=AT)
    assert await queries.authenticate_token(session, issued.secret, at=AT) is None
    token = await session.get_one(ApiToken, issued.id, populate_existing=True)
    assert token.revoked_at == AT
    stranger = await actor_of(session, await install(session, member(organisation_id=OTHER), at=AT))
    with pytest.raises(NotFound):
        await enrolling.end_membership(session, stranger, owner.membership_id, at=AT)


async def test_a_temporary_password_opens_one_session_even_in_the_same_moment(fresh_engine: AsyncEngine) -> None:
    enrolled = member()
    async with writing(fresh_engine) as session:
        await install(session, enrolled, at=AT, chosen_by_another=True)
    command = SignIn(login=enrolled.login, password=PASSWORD, address="192.0.2.1")
    tried = await asyncio.gather(
        *(signing_in.sign_in(fresh_engine, command, lasts=LASTS, at=AT) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in tried) == ["SignedIn", *["Unauthenticated"] * 3]


@pytest.mark.parametrize(
    ("late", "fits"), [(timedelta(days=7) - timedelta(seconds=1), True), (timedelta(days=7), False)]
)
async def test_a_first_password_that_another_chose_is_good_for_a_week(
    fresh_engine: AsyncEngine, late: timedelta, *, fits: bool
) -> None:
    enrolled = member(role=Role.FILER)
    async with writing(fresh_engine) as session:
        await install(session, enrolled, at=AT, chosen_by_another=True)
    command = SignIn(login=enrolled.login, password=PASSWORD, address="192.0.2.1")
    if fits:
        opened = await signing_in.sign_in(fresh_engine, command, lasts=LASTS, at=AT + late)
        assert opened.restriction is Restriction.CHANGE_PASSWORD
        return
    with pytest.raises(Unauthenticated) as refused:
        await signing_in.sign_in(fresh_engine, command, lasts=LASTS, at=AT + late)
    assert refused.value.code == "temporary_password_over"


async def test_each_sign_in_has_an_identifier_of_its_own_and_says_what_opened_it(fresh_engine: AsyncEngine) -> None:
    enrolled = member()
    first = await signed_in(fresh_engine, enrolled)
    command = SignIn(login=enrolled.login, password=PASSWORD, address="192.0.2.1", replaces=first.token)
    second = await signing_in.sign_in(fresh_engine, command, lasts=LASTS, at=AT)
    assert second.token != first.token
    assert second.csrf_token != first.csrf_token
    assert await seen(fresh_engine, first, at=AT) is None
    async with reading(fresh_engine) as session:
        row = (await session.execute(sa.select(SignInSession))).scalar_one()
    assert row.factors == ["password"]
