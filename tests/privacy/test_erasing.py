"""Erasure takes the person away and leaves every proof."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.audit.eventful import SIGNER, History, write_history
from tests.support import parties as made
from tests.support.databases import Cluster
from tests.support.refused import rules_broken
from tests.support.world import World, a_drum, plan_for
from wastetrack import clock
from wastetrack.auth import erasing as people
from wastetrack.auth.model import Actor, Role
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import reading, writing
from wastetrack.errors import Forbidden, Malformed, NotFound, RuleBroken
from wastetrack.ids import new_id
from wastetrack.manifests import filing
from wastetrack.parties.registering import add_driver
from wastetrack.privacy.erasing import EVENT, erase_person, request_erasure
from wastetrack.privacy.model import Erased, ErasePerson, Held, RecordKind, kind_of
from wastetrack.privacy.queries import held_of, open_requests
from wastetrack.privacy.retention import free_on, retention, still_kept
from wastetrack.reports import bundle, proving
from wastetrack.reports.auditing.running import recompute
from wastetrack.transparency import queries as log
from wastetrack.transparency.erasing import digest_of
from wastetrack.transparency.publishing import publish_all
from wastetrack.web.histories import TITLES

FREE = retention(dict.fromkeys(RecordKind, 0))
LAW = retention({})


@pytest.fixture(scope="module")
async def past(cluster: Cluster, town: tuple[World, Address]) -> AsyncIterator[tuple[Address, History]]:
    """A database in which everything has happened once."""
    address = cluster.clone(town[1].database)
    engine = make_engine(address.url, pool_size=5)
    history = await write_history(engine, town[0])
    await engine.dispose()
    yield address, history
    cluster.drop(address)


@pytest.fixture
async def engine(cluster: Cluster, past: tuple[Address, History]) -> AsyncIterator[AsyncEngine]:
    """A pool on a copy of it for this test alone."""
    address = cluster.clone(past[0].database)
    engine = make_engine(address.url, pool_size=5)
    yield engine
    await engine.dispose()
    cluster.drop(address)


def tomorrow() -> datetime:
    return clock.now() + timedelta(days=1)


def asked(actor: Actor, *driver_ids: UUID, reason: str = "本人申请") -> ErasePerson:
    return ErasePerson(person_id=actor.person_id, reason=reason, driver_ids=driver_ids)


async def erased(engine: AsyncEngine, actor: Actor, *driver_ids: UUID) -> Erased:
    """Erase somebody as the operator, after every period."""
    async with writing(engine) as session:
        command = asked(actor, *driver_ids)
        done, _ = await erase_person(session, made.platform_operator(), command, FREE, at=tomorrow())
    await publish_all(engine, SIGNER)
    return done


async def bundle_of(engine: AsyncEngine, actor: Actor, manifest_id: UUID) -> str:
    """The audit bundle with all names that still stand."""
    async with reading(engine) as session:
        events = await proving.events_of_manifest(session, actor, manifest_id)
        return await proving.gather_bundle(session, events, signer=SIGNER, personal=True)


async def contents(engine: AsyncEngine, statement: str, **facts: object) -> list[tuple[object, ...]]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(statement), facts)]


async def test_bundles_and_the_whole_database_verify_as_before(
    engine: AsyncEngine, past: tuple[Address, History], world: World
) -> None:
    owner, receiver, manifest_id = world.generator.owner, world.receiver.owner, past[1].closed
    taken_away = await bundle_of(engine, owner, manifest_id)
    before = json.loads(taken_away)
    named = [event["id"] for event in before["events"] if str(owner.person_id) in json.dumps(event["personal"])]
    assert len(named) > 3
    done = await erased(engine, owner)
    assert done.events >= len(named)
    after = await bundle_of(engine, receiver, manifest_id)
    verdict = bundle.verify_file(after.encode(), str(SIGNER.verifier))
    assert verdict.holds, [check.sentence() for check in verdict.checks if not check.holds]
    tree = json.loads(after)
    gone = [event["id"] for event in tree["events"] if event["personal"] is None]
    assert sorted(gone) == sorted(named)
    assert [event["leaf"] for event in tree["events"]] == [event["leaf"] for event in before["events"]]
    assert any(event["personal"] for event in tree["events"]), "others' names stand"
    assert str(owner.person_id) not in after
    async with reading(engine) as session:
        report = await recompute(session, SIGNER.verifier)
    assert report.consistent, report.findings
    # A bundle that was taken away before, with its names, is as true as it was.
    assert bundle.verify_file(taken_away.encode(), str(SIGNER.verifier)).holds


async def test_the_person_can_be_found_nowhere_any_more(engine: AsyncEngine, world: World) -> None:
    owner = world.generator.owner
    (person,) = await contents(engine, "select login, name from people where id = :id", id=owner.person_id)
    login, name = map(str, person)
    async with writing(engine) as session:
        driver = await add_driver(session, world.carrier.owner, made.driver_command(world.carrier.id), at=clock.now())
    await erased(engine, owner, driver.id)
    tables = await contents(
        engine, "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    )
    told = {login, driver.certificate_number, driver.phone}
    for (table,) in tables:
        rows = await contents(engine, f"select t::text from {table} t")  # noqa: S608  a name of our own
        text_of_all = "\n".join(str(row[0]) for row in rows)
        assert not [one for one in told if one in text_of_all], table
    names = await contents(engine, "select name from people where id = :id", id=owner.person_id)
    assert names != [(name,)]
    assert str(names[0][0]).startswith("erased-")


async def test_every_credential_ends(engine: AsyncEngine, world: World) -> None:
    owner = world.carrier.owner
    async with writing(engine) as session:
        await session.execute(
            text(
                "insert into tokens (id, person_id, membership_id, name, token_hash, created_at, expires_at) "
                "values (:id, :person, :membership, '王强的手机', :hash, now(), now() + interval '9 days')"
            ),
            {"id": new_id(), "person": owner.person_id, "membership": owner.membership_id, "hash": b"t" * 32},
        )
        await session.execute(
            text(
                "insert into sign_in_sessions values (:hash, :person, :membership, 'c', now(), now(), "
                "now() + interval '9 days', 'phone')"
            ),
            {"person": owner.person_id, "membership": owner.membership_id, "hash": b"s" * 32},
        )
    await erased(engine, owner)
    of = {"person": owner.person_id}
    assert await contents(engine, "select 1 from sign_in_sessions where person_id = :person", **of) == []
    tokens = await contents(engine, "select name, revoked_at is null from tokens where person_id = :person", **of)
    assert tokens == [("", False)]
    in_force = "select 1 from memberships where person_id = :person and ended_at is null"
    assert await contents(engine, in_force, **of) == []
    password = "select password_hash, disabled_at is null from people where id = :person"  # noqa: S105  a statement
    assert await contents(engine, password, **of) == [("", False)]


async def test_tables_that_refer_to_persons_are_known_to_erasure(engine: AsyncEngine) -> None:
    referring = await contents(
        engine,
        "select conrelid::regclass::text from pg_constraint where contype = 'f' and confrelid = 'people'::regclass",
    )
    assert {str(table) for (table,) in referring} == people.ERASED_FROM | people.KEPT_IN.keys()
    assert all(people.KEPT_IN.values())


async def test_the_log_states_what_was_erased_and_names_nobody(engine: AsyncEngine, world: World) -> None:
    owner = world.generator.owner
    async with reading(engine) as session:
        held = [one.leaf_id for one in await held_of(session, owner.person_id)]
    done = await erased(engine, owner)
    assert done == Erased(events=len(held), digest=digest_of(held), drivers=0)
    ((leaf_id, content),) = await contents(
        engine, "select id, convert_from(bytes, 'utf8') from log_leaves where kind = :kind", kind=EVENT
    )
    leaf = json.loads(str(content))
    assert leaf["facts"]["events"] == len(held)
    assert leaf["facts"]["digest"] == done.digest
    assert leaf["facts"]["on_request"] is False
    assert leaf["subjects"] == [str(leaf_id)]
    assert str(owner.person_id) not in str(content)
    assert "本人申请" not in str(content)
    assert EVENT in TITLES
    async with reading(engine) as session:
        seen = await proving.event_seen(session, made.platform_operator(), UUID(str(leaf_id)))
    assert seen.log_index is not None


async def test_nothing_is_erased_while_the_law_keeps_it(engine: AsyncEngine, world: World) -> None:
    owner = world.generator.owner
    async with writing(engine) as session:
        broken = await rules_broken(erase_person(session, made.platform_operator(), asked(owner), LAW, at=tomorrow()))
    kinds = {rule.facts["kind"]: rule for rule in broken}
    assert kinds.keys() == {RecordKind.MANIFEST, RecordKind.LEDGER}
    assert {rule.code for rule in broken} == {"still_kept"}
    assert kinds[RecordKind.MANIFEST].facts["free_on"] == "2036-03-02"
    assert kinds[RecordKind.LEDGER].article == "HJ 1259-2022 6.4"
    later = datetime(2036, 3, 3, tzinfo=UTC)
    async with writing(engine) as session:
        done, _ = await erase_person(session, made.platform_operator(), asked(owner), LAW, at=later)
    assert done.events > 0


async def test_a_driver_on_a_paper_is_kept_as_long_as_the_paper(engine: AsyncEngine, world: World) -> None:
    at = clock.now()
    async with writing(engine) as session:
        driver = await add_driver(session, world.carrier.owner, made.driver_command(world.carrier.id), at=at)
        plan = plan_for(world, [await a_drum(session, world)])
        row = await filing.draft_manifest(session, world.generator.owner, plan, at=at)
        await session.execute(
            text("update manifest_legs set driver_id = :driver where manifest_id = :id"),
            {"driver": driver.id, "id": row.id},
        )
    nobody = made.member(world.carrier.id)
    with pytest.raises(NotFound):
        await erased(engine, nobody, driver.id)
    viewer = world.generator.people[Role.VIEWER]
    async with writing(engine) as session:
        (rule,) = await rules_broken(
            erase_person(session, made.platform_operator(), asked(viewer, driver.id), LAW, at=at)
        )
    assert rule.facts["kind"] is RecordKind.MANIFEST
    assert (await erased(engine, viewer, driver.id)).drivers == 1
    with pytest.raises(NotFound, match="driver"):
        await erased(engine, viewer, new_id())


async def test_only_the_operator_erases_and_not_himself_nor_without_a_reason(engine: AsyncEngine, world: World) -> None:
    owner, operator = world.generator.owner, made.platform_operator()
    async with writing(engine) as session:
        for actor in (owner, world.inspector):
            with pytest.raises(Forbidden) as refused:
                await erase_person(session, actor, asked(owner), FREE, at=tomorrow())
            assert refused.value.code == "may_not_erase_persons"
        with pytest.raises(NotFound):
            await erase_person(session, operator, asked(operator), FREE, at=tomorrow())
        with pytest.raises(RuleBroken) as broken:
            await erase_person(session, operator, asked(owner, reason=" "), FREE, at=tomorrow())
        assert [rule.code for rule in broken.value.broken] == ["reason_missing"]
        himself = Actor(owner.person_id, "", owner.organisation_id, owner.membership_id, Role.OPERATOR, "p")
        with pytest.raises(RuleBroken) as broken:
            await erase_person(session, himself, asked(owner), FREE, at=tomorrow())
        assert [rule.code for rule in broken.value.broken] == ["erases_himself"]


async def test_a_request_of_one_s_own_waits_and_is_answered_by_the_erasure(engine: AsyncEngine, world: World) -> None:
    viewer = world.generator.people[Role.VIEWER]
    async with writing(engine) as session:
        first = await request_erasure(session, viewer, at=clock.now())
        again = await request_erasure(session, viewer, at=clock.now())
    assert first.id == again.id
    async with reading(engine) as session:
        (waiting,) = await open_requests(session, limit=10)
    assert (waiting.id, waiting.person_id) == (first.id, viewer.person_id)
    await erased(engine, viewer)
    async with reading(engine) as session:
        assert await open_requests(session, limit=10) == []
    (told,) = await contents(
        engine,
        "select convert_from(bytes, 'utf8')::jsonb #>> '{facts,on_request}' from log_leaves where kind = :k",
        k=EVENT,
    )
    assert told == ("true",)


async def test_no_leaf_of_an_eventful_history_tells_a_person(engine: AsyncEngine, world: World) -> None:
    """Names, logins, telephone numbers and plates of everybody, looked for in the bytes that stay for ever."""
    persons = await contents(engine, "select login, name, id::text from people")
    drivers = await contents(engine, "select name, phone, certificate_number from drivers")
    contacts = await contents(engine, "select contact_name, contact_phone from organisations")
    plates = await contents(engine, "select plate from vehicles")
    told = {str(value) for row in (*persons, *drivers, *contacts, *plates) for value in row}
    assert len(told) > 20
    leaves = await contents(engine, "select kind, convert_from(bytes, 'utf8') from log_leaves")
    assert len(leaves) > 30
    found = [(kind, value) for kind, content in leaves for value in told if value in str(content)]
    assert found == []
    # The same search finds them where they are erasable, so it can find.
    bodies = "".join(str(row[0]) for row in await contents(engine, "select body::text from log_personal"))
    assert str(world.generator.owner.person_id) in bodies
    assert world.generator.owner.person_name in bodies
    assert "秤未归零" in bodies


@pytest.mark.parametrize("kind", sorted(TITLES))
def test_every_event_has_a_law_that_keeps_it(kind: str) -> None:
    assert (kind_of(kind) is RecordKind.OTHER) == (kind == EVENT)


def test_a_period_is_counted_in_legal_days() -> None:
    assert free_on(datetime(2026, 3, 2, 17, 0, tzinfo=UTC), 10) == date(2036, 3, 3)
    assert free_on(datetime(2028, 2, 29, 3, 0, tzinfo=UTC), 5) == date(2033, 3, 1)
    held = [Held(leaf_id=new_id(), kind=RecordKind.TREATMENT, recorded_at=datetime(2026, 3, 2, tzinfo=UTC))]
    assert [rule.facts["count"] for rule in still_kept(held, LAW, date(2036, 3, 1))] == [1]
    assert still_kept(held, LAW, date(2036, 3, 2)) == []


def test_the_deployer_sets_other_years_by_kind() -> None:
    assert retention({"ledger": 7})[RecordKind.LEDGER].value == 7
    assert retention({"ledger": 7})[RecordKind.MANIFEST].value == 10
    with pytest.raises(Malformed, match="diary"):
        retention({"diary": 1})


async def test_an_erased_opening_is_gone_for_readers(engine: AsyncEngine, world: World) -> None:
    async with reading(engine) as session:
        held = [one.leaf_id for one in await held_of(session, world.generator.owner.person_id)]
        assert (await log.openings(session, held)).keys() == set(held)
    await erased(engine, world.generator.owner)
    async with reading(engine) as session:
        assert await log.openings(session, held) == {}
