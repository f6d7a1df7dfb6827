"""The application's own role: what is written once it cannot change, what is another's it does not see."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.audit.eventful import History, write_history
from tests.db.without_policy import WITHOUT_POLICY
from tests.support import parties as made
from tests.support.acts import SignAct
from tests.support.approvals import agree, approved, build_neighbours
from tests.support.databases import Cluster
from tests.support.world import AT, TODAY, World, a_drum, plan_for
from wastetrack import clock
from wastetrack.auth import answering
from wastetrack.auth.answering import RequestKey
from wastetrack.auth.model import Actor
from wastetrack.auth.sight import look_as
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.roles import WRITTEN_ONCE
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.ids import new_id
from wastetrack.manifests import filing
from wastetrack.parties.commands import SuspendPermit
from wastetrack.parties.permitting import suspend_permit
from wastetrack.parties.registering import add_driver

REGISTER = frozenset(
    {
        "organisations",
        "sites",
        "vehicles",
        "transport_licences",
        "permits",
        "permit_items",
        "permit_suspensions",
    }
)
"""Public to whoever is signed in."""
BUSINESS = frozenset(
    {
        "accounts",
        "approval_documents",
        "approval_items",
        "approval_uses",
        "approvals",
        "container_lineage",
        "containers",
        "entries",
        "log_leaves",
        "log_personal",
        "log_subjects",
        "manifest_containers",
        "manifest_corrections",
        "manifest_exemptions",
        "manifest_legs",
        "manifest_signatures",
        "manifests",
        "permit_bookings",
        "postings",
        "sightings",
        "treatment_batches",
    }
)
"""Shown to the parties, and to the authorities of their regions."""
ACROSS = frozenset({"approval_documents", "approval_items", "approval_uses", "approvals", "manifest_exemptions"})
"""Of these those that have rows of a transfer to another province only, where the receiver here is no party."""
OWN = frozenset({"answered_requests", "container_serials", "drivers", "permit_uses", "stores"})
"""Shown to one's own only, or by a rule of their own, which has a test of its own."""


@dataclass(frozen=True)
class Stage:
    """An eventful database, and the two ways into it."""

    address: Address
    owner: AsyncEngine
    application: AsyncEngine
    world: World
    history: History

    async def count(self, table: str, actor: Actor | None) -> int:
        """How many rows of a table the application sees for an actor, or for nobody."""
        async with reading(self.application) as session:
            if actor is not None:
                await look_as(session, actor)
            return int(await (await session.driver()).fetchval(f"select count(*) from {table}"))  # noqa: S608

    async def all_of(self, table: str) -> int:
        """How many there are."""
        async with reading(self.owner) as session:
            return int(await (await session.driver()).fetchval(f"select count(*) from {table}"))  # noqa: S608


@pytest.fixture(scope="module")
async def stage(cluster: Cluster, town: tuple[World, Address]) -> AsyncIterator[Stage]:
    """The history of tests/audit, with a driver, a suspended permit and an answered request beside it."""
    world = town[0]
    address = cluster.clone(town[1].database)
    owner = make_engine(address.url, pool_size=2)
    application = make_engine(address.for_application().url, pool_size=2)
    history = await write_history(owner, world)
    at = clock.now()
    async with writing(owner) as session:
        await add_driver(session, world.carrier.owner, made.driver_command(world.carrier.id), at=at)
        suspension = SuspendPermit(permit_id=world.permit_id, from_on=TODAY, reason="超标排放")
        await suspend_permit(session, made.approver(), suspension, at=at)
        await _across_the_province(session, world)
        request = RequestKey(new_id(), world.generator.owner.membership_id, "POST", "/containers", bytes(32))
        await answering.take(session, request, at=at)
    yield Stage(address, owner, application, world, history)
    await owner.dispose()
    await application.dispose()
    cluster.drop(address)


async def _across_the_province(session: WriteSession, world: World) -> None:
    """An approval with its documents, a manifest that takes of it, and a draft that claims an exemption."""
    neighbours = await build_neighbours(session)
    await agree(session, world, neighbours.receiver)
    await approved(session, world, neighbours)
    plan = replace(
        plan_for(world, [await a_drum(session, world)]), receiver_site_id=neighbours.receiver.site.id, exemptions=(1,)
    )
    row = await filing.draft_manifest(session, world.generator.owner, plan, at=AT)
    await filing.file_manifest(session, world.generator.owner, SignAct(manifest_id=row.id), at=AT)


@asynccontextmanager
async def acting(stage: Stage, actor: Actor) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """The application's bare connection in the actor's transaction, undone at the end."""
    async with WriteSession(stage.application) as session:
        await look_as(session, actor)
        yield await session.driver()
        await session.rollback()


class TestWhatIsWrittenOnce:
    @pytest.mark.parametrize("table", WRITTEN_ONCE)
    @pytest.mark.parametrize("verb", ["update", "delete", "truncate"])
    async def test_it_can_neither_be_changed_nor_taken_away(self, stage: Stage, table: str, verb: str) -> None:
        assert await stage.all_of(table)
        column = await _first_column(stage, table)
        statement = {
            "update": f"update {table} set {column} = {column}",  # noqa: S608
            "delete": f"delete from {table}",  # noqa: S608
            "truncate": f"truncate {table} cascade",
        }[verb]
        async with acting(stage, stage.world.receiver.owner) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for table"):
                await connection.execute(statement)

    @pytest.mark.parametrize(
        "statement",
        [
            "insert into log_leaves (id, kind, bytes, hash, recorded_at) select $1, 'x', '', '', now()",
            "insert into log_subjects select $1, arrival from log_sequence",
            "insert into log_personal select $1, '', '{}'",
            "insert into log_pending select arrival from log_sequence",
            "insert into entries (id, kind, happened_at, recorded_at) select $1, 'opened', now(), now()",
            "insert into postings (entry_id, line, account_id, waste_code, amount_g) select $1, 9, $1, 'x', 1",
            "insert into accounts (id, kind, holder_id, waste_code) select $1, 'stored', $1, '900-249-08'",
            "update accounts set balance_g = 0",
            "insert into sightings select 'o:' || $1::uuid, 'manifest', $1",
            "delete from sightings",
            "update permit_items set yearly_g = 1",
            "update alembic_version set version_num = 'ffff'",
        ],
    )
    async def test_it_comes_only_by_the_one_way(self, stage: Stage, statement: str) -> None:
        async with acting(stage, stage.world.receiver.owner) as connection:
            arguments = [stage.world.receiver.id] if "$1" in statement else []
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for table"):
                await connection.execute(statement, *arguments)

    @pytest.mark.parametrize(
        "statement",
        [
            "set role wastetrack",
            "set session authorization wastetrack",
            "set session_replication_role = replica",
            "alter table postings disable trigger all",
            "alter table manifests disable row level security",
            "drop policy may_select on manifests",
            "drop trigger append_only on postings",
            "create table drums (id int)",
            "create schema mine",
            "create role helper",
            "alter role wastetrack_app superuser",
            "grant wastetrack to wastetrack_app",
            "copy (select 1) to program 'true'",
            "create function sight_unbound() returns boolean language sql as 'select true'",
        ],
    )
    async def test_it_has_no_way_around_its_rules(self, stage: Stage, statement: str) -> None:
        async with acting(stage, stage.world.receiver.owner) as connection:
            refusal = asyncpg.InsufficientPrivilegeError, asyncpg.InvalidParameterValueError
            with pytest.raises(refusal, match=r"denied|must be owner|permission|must have|Only roles"):
                await connection.execute(statement)

    async def test_row_security_cannot_be_switched_off(self, stage: Stage) -> None:
        async with acting(stage, stage.world.stranger.owner) as connection:
            await connection.execute("set local row_security = off")
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await connection.fetch("select from manifests")


class TestSight:
    @pytest.mark.parametrize("table", sorted(BUSINESS | OWN | REGISTER))
    async def test_nobody_sees_nothing(self, stage: Stage, table: str) -> None:
        assert await stage.all_of(table)
        assert await stage.count(table, None) == 0

    @pytest.mark.parametrize("table", sorted(BUSINESS - {"sightings"}))
    async def test_a_stranger_sees_nothing_where_the_parties_see_theirs(self, stage: Stage, table: str) -> None:
        seen = await stage.count(table, stage.world.receiver.owner)
        assert (seen > 0) == (table not in ACROSS) or table == "container_lineage"
        assert await stage.count(table, stage.world.generator.owner) > 0 or table == "treatment_batches"
        assert await stage.count(table, stage.world.stranger.owner) == 0

    @pytest.mark.parametrize("table", sorted(BUSINESS))
    async def test_the_platform_sees_no_business(self, stage: Stage, table: str) -> None:
        assert await stage.count(table, made.platform_operator()) == 0

    @pytest.mark.parametrize("table", sorted(BUSINESS))
    async def test_the_authority_of_the_region_sees_it_and_another_does_not(self, stage: Stage, table: str) -> None:
        assert await stage.count(table, stage.world.inspector) > 0
        assert await stage.count(table, made.approver("3301")) == 0

    @pytest.mark.parametrize("table", sorted(REGISTER))
    async def test_the_register_is_public_to_whoever_is_signed_in(self, stage: Stage, table: str) -> None:
        assert await stage.count(table, stage.world.stranger.owner) == await stage.all_of(table)

    @pytest.mark.parametrize(
        ("table", "who", "seen"),
        [
            ("answered_requests", "generator", True),
            ("answered_requests", "receiver", False),
            ("container_serials", "generator", True),
            ("container_serials", "carrier", False),
            ("drivers", "carrier", True),
            ("drivers", "generator", False),
            ("stores", "generator", True),
            ("stores", "carrier", False),
        ],
    )
    async def test_what_is_one_s_own_is_seen_by_nobody_else(
        self, stage: Stage, table: str, who: str, *, seen: bool
    ) -> None:
        actor: Actor = getattr(stage.world, who).owner
        assert (await stage.count(table, actor) > 0) is seen

    async def test_a_party_sees_of_the_ledger_what_its_papers_and_sites_are(self, stage: Stage) -> None:
        # The carrier has no site with books; it sees the accounts of the manifests that it carries.
        async with acting(stage, stage.world.carrier.owner) as connection:
            holders = {row[0] for row in await connection.fetch("select holder_id from accounts")}
            assert stage.history.closed in holders
            assert not holders & {stage.world.generator.site.id, stage.world.receiver.site.id}

    async def test_the_eyes_are_gone_with_the_transaction(self, stage: Stage) -> None:
        async with reading(stage.application) as session:
            await look_as(session, stage.world.receiver.owner)
            seen = await (await session.driver()).fetchval("select count(*) from manifests")
            await session.commit()
            assert await (await session.driver()).fetchval("select count(*) from manifests") == 0
            await session.look_again()
            assert await (await session.driver()).fetchval("select count(*) from manifests") == seen > 0


class TestWriting:
    _MANIFEST = """
    insert into manifests (id, kind, state, version, shipper_id, shipper_site_id, receiver_id, receiver_site_id,
      origin_region, destination_region, method, planned_on, remarks, created_at, last_act_at)
    values (gen_random_uuid(), 'road', 'draft', 1, $1, $2, $3, $4, '370602', '370613', 'D10', now(), '', now(), now())
    """

    async def test_a_manifest_in_another_s_name_is_refused_and_in_one_s_own_is_not(self, stage: Stage) -> None:
        world = stage.world
        values = (world.generator.id, world.generator.site.id, world.receiver.id, world.receiver.site.id)
        async with acting(stage, world.generator.owner) as connection:
            await connection.execute(self._MANIFEST, *values)
        for forger in (world.stranger.owner, world.receiver.owner, world.inspector, made.platform_operator()):
            async with acting(stage, forger) as connection:
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security policy"):
                    await connection.execute(self._MANIFEST, *values)

    async def test_a_paper_cannot_be_used_to_see_another_s_container(self, stage: Stage) -> None:
        world = stage.world
        values = (world.stranger.id, world.stranger.site.id, world.receiver.id, world.receiver.site.id)
        named = "insert into manifest_containers (manifest_id, position, container_id, open, waste_code, declared_g)"
        async with acting(stage, world.stranger.owner) as connection:
            mine = await connection.fetchval(f"{self._MANIFEST} returning id", *values)
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security policy"):
                await connection.execute(
                    f"{named} values ($1, 1, $2, false, '900-249-08', 1)", mine, stage.history.waiting
                )

    async def test_what_is_not_seen_can_neither_be_shown_nor_asked_after(self, stage: Stage) -> None:
        world, manifest = stage.world, stage.history.closed
        async with acting(stage, world.stranger.owner) as connection:
            assert await connection.fetch("select sight_viewers('manifest', $1)", manifest) == []
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="cannot be shown"):
                await connection.execute(
                    "select sight_show($1, 'manifest', $2)", [world.stranger.owner.viewer], [manifest]
                )
        async with acting(stage, world.receiver.owner) as connection:
            assert len(await connection.fetch("select sight_viewers('manifest', $1)", manifest)) > 3
            await connection.execute("select sight_show($1, 'manifest', $2)", [world.stranger.owner.viewer], [manifest])

    async def test_another_s_rows_are_not_changed(self, stage: Stage) -> None:
        async with acting(stage, stage.world.stranger.owner) as connection:
            for statement in ("update manifests set remarks = 'x'", "update containers set remarks = 'x'"):
                assert await connection.execute(statement) == "UPDATE 0"
        async with acting(stage, stage.world.inspector) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security policy"):
                await connection.execute("update manifests set remarks = 'x'")

    async def test_the_register_is_written_by_its_own_its_authorities_and_the_platform(self, stage: Stage) -> None:
        site = """
        insert into sites (id, organisation_id, name, kind, region_code, address, latitude, longitude, created_at)
        values (gen_random_uuid(), $1, 'x', 'depot', '370602', 'x', 37, 121, now())
        """
        carrier = stage.world.carrier
        for actor in (carrier.owner, made.approver("3706"), made.platform_operator()):
            async with acting(stage, actor) as connection:
                await connection.execute(site, carrier.id)
        for actor in (stage.world.stranger.owner, made.approver("3301")):
            async with acting(stage, actor) as connection:
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security policy"):
                    await connection.execute(site, carrier.id)

    async def test_a_signature_is_its_signer_s_own(self, stage: Stage) -> None:
        forged = """
        insert into manifest_signatures (manifest_id, position, act, organisation_id, person_id, happened_at,
          recorded_at, event_id)
        values ($1, 99, 'confirm', $2, $3, now(), now(), gen_random_uuid())
        """
        signer, victim = stage.world.receiver.owner, stage.world.generator.owner
        async with acting(stage, signer) as connection:
            await connection.execute(forged, stage.history.closed, signer.organisation_id, signer.person_id)
        for organisation_id, person_id in (
            (victim.organisation_id, victim.person_id),
            (signer.organisation_id, victim.person_id),
        ):
            async with acting(stage, signer) as connection:
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security policy"):
                    await connection.execute(forged, stage.history.closed, organisation_id, person_id)

    async def test_use_cases_work_as_the_application(self, stage: Stage) -> None:
        async with WriteSession(stage.application, expire_on_commit=False, autoflush=False) as session:
            await look_as(session, stage.world.generator.owner)
            drum = await a_drum(session, stage.world)
            assert await (await session.driver()).fetchval("select 1 from containers where id = $1", drum.id) == 1
            await session.rollback()


async def test_every_table_has_row_level_security_or_a_reason(stage: Stage) -> None:
    async with reading(stage.owner) as session:
        rows = await (await session.driver()).fetch(
            """
            select relname, relrowsecurity, pg_get_userbyid(relowner) = 'wastetrack_app' as owned,
              array(select polname::text from pg_policy where polrelid = pg_class.oid and polcmd in ('r', '*')) as reads
            from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
            """
        )
    secured = {row["relname"] for row in rows if row["relrowsecurity"]}
    assert {row["relname"] for row in rows} - secured == set(WITHOUT_POLICY), "each table stands in one of the lists"
    assert all(WITHOUT_POLICY.values())
    # Bound is whoever does not own the table; a table without a policy to read would be of no use.
    assert [row["relname"] for row in rows if row["owned"]] == []
    assert [row["relname"] for row in rows if row["relrowsecurity"] and not row["reads"]] == []


async def test_functions_that_see_everything_are_for_the_application_alone_and_keep_to_our_schema(stage: Stage) -> None:
    async with reading(stage.owner) as session:
        rows = await (await session.driver()).fetch(
            """
            select proname, proconfig, has_function_privilege('public', oid, 'execute') as by_all
            from pg_proc where prosecdef and pronamespace = 'public'::regnamespace
            """
        )
    assert len(rows) >= 15
    assert [row["proname"] for row in rows if row["by_all"]] == []
    assert {tuple(row["proconfig"]) for row in rows} == {("search_path=public, pg_temp",)}


async def _first_column(stage: Stage, table: str) -> str:
    async with reading(stage.owner) as session:
        return str(
            await (await session.driver()).fetchval(
                "select attname from pg_attribute where attrelid = $1::text::regclass and attnum > 0 "
                "and attidentity = '' order by attnum limit 1",
                table,
            )
        )
