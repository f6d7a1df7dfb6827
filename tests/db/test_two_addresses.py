"""The owner's address and the application's: who may be which, and how `db upgrade` makes the second usable."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url, text

from tests.cli.test_main import assert_refused, run
from tests.support.databases import Cluster, running_cluster
from tests.support.owners import environment
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.sight import look_as
from wastetrack.containers.queries import ContainerFilter, page
from wastetrack.db import addresses, migrating, roles
from wastetrack.db.addresses import APPLICATION, Address
from wastetrack.db.engine import make_engine
from wastetrack.db.opening import open_database
from wastetrack.db.session import reading
from wastetrack.errors import Conflict, Malformed, Unavailable
from wastetrack.ids import new_id
from wastetrack.settings import Settings
from wastetrack.transparency import signing_key

PASSWORD = "only-letters-and-9-digits"  # noqa: S105  of roles that exist in tests only


def told(address: Address, statement: str) -> None:
    """As the superuser."""
    with psycopg.connect(address.dsn, autocommit=True) as connection:
        connection.execute(statement.encode())


def by(address: Address, user: str, password: str | None = None) -> str:
    """The same database by another login."""
    changed = make_url(address.dsn).set(username=user, password=password)
    return addresses.over("", changed.render_as_string(hide_password=False))


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Address]:
    """A migrated database of the test's own."""
    address = cluster.clone()
    yield address
    cluster.drop(address)


@pytest.fixture(scope="module")
def untouched() -> Iterator[Cluster]:
    """A cluster in which nothing was ever migrated; whoever is called `guarded…` needs a password."""
    with running_cluster() as cluster:
        with psycopg.connect(cluster.address.dsn, autocommit=True) as connection:
            row = connection.execute("show hba_file").fetchone()
            assert row is not None
            rules = Path(str(row[0]))
            rules.write_text("local all /^guarded scram-sha-256\n" + rules.read_text())
            connection.execute("select pg_reload_conf()")
        yield cluster


class TestTheServer:
    def test_the_application_s_own_role_is_fit(self, database: Address) -> None:
        roles.refuse_powerful(database.for_application().url)

    def test_a_superuser_is_not(self, database: Address) -> None:
        with pytest.raises(Conflict, match="a superuser"):
            roles.refuse_powerful(database.url)

    @pytest.mark.parametrize(
        ("made", "reason"),
        [
            ("create role {name} login bypassrls in role wastetrack_app", "may bypass row-level security"),
            ("create role {name} login in role wastetrack", "a superuser"),
            ("create role {name} login in role wastetrack_app, pg_write_all_data", "may change what is written once"),
            ("create role {name} login", "has granted it nothing"),
        ],
    )
    def test_neither_is_one_that_could_become_more(self, database: Address, made: str, reason: str) -> None:
        name = f"clerk_{new_id().hex}"
        told(database, made.format(name=name))
        try:
            with pytest.raises(Conflict, match=reason) as refused:
                roles.refuse_powerful(by(database, name))
            assert refused.value.facts["role"] == name
        finally:
            told(database, f"drop role {name}")

    def test_neither_is_the_owner_of_a_table(self, database: Address) -> None:
        name = f"clerk_{new_id().hex}"
        told(database, f"create role {name} login in role wastetrack_app")
        told(database, f"alter table sites owner to {name}")
        try:
            with pytest.raises(Conflict, match="owns the tables"):
                roles.refuse_powerful(by(database, name))
        finally:
            told(database, f"alter table sites owner to wastetrack; drop role {name}")

    @pytest.mark.parametrize("command", ["serve", "worker"])
    def test_it_does_not_start_as_one_and_says_so_in_one_line(
        self, database: Address, tmp_path: Path, command: str
    ) -> None:
        done = run(command, database_url=database.dsn, data_dir=str(tmp_path), port="0")
        assert_refused(done, 5, "must not connect as wastetrack: a superuser")

    async def test_it_opens_the_embedded_database_as_the_application(self, tmp_path: Path) -> None:
        async with open_database(Settings(data_dir=tmp_path)) as opened, reading(opened.engine) as session:
            assert await session.scalar(text("select current_user")) == APPLICATION
            assert make_url(opened.url).username == APPLICATION
        async with (
            open_database(Settings(data_dir=tmp_path), as_owner=True) as opened,
            reading(opened.engine) as session,
        ):
            assert await session.scalar(text("select current_user")) == "wastetrack"
            assert make_url(opened.url).username == APPLICATION


class TestTheOwner:
    def test_what_looks_at_everything_does_not_run_as_one_who_sees_a_part(
        self, database: Address, tmp_path: Path
    ) -> None:
        signing_key.load_or_create(tmp_path / "log.key", origin="wastetrack.local/log")
        given = {"database_url": database.for_application().dsn, "data_dir": str(tmp_path)}
        assert_refused(run("audit", "fsck", **given), 5, "Set WASTETRACK_OWNER_DATABASE_URL")
        done = run("audit", "fsck", **given, owner_database_url=database.dsn)
        assert "Everything is consistent" in done.stdout, done.stderr

    async def test_its_address_alone_is_not_enough(self, database: Address, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path, owner_database_url=database.dsn)
        with pytest.raises(Malformed, match="stands alone"):
            async with open_database(settings):
                pass

    def test_who_may_not_make_roles_is_told_what_to_run(self, untouched: Cluster) -> None:
        empty = untouched.empty()
        told(untouched.address, "create role poor login")
        told(untouched.address, f"alter database {empty.database} owner to poor")
        poor = by(empty, "poor")
        assert_refused(
            run("db", "upgrade", database_url=poor), 5, "The role wastetrack_app is missing and poor may not"
        )
        with psycopg.connect(empty.dsn) as connection:
            assert connection.execute("select version_num from alembic_version").fetchone() == ("0008",)
        told(empty, "create role wastetrack_app login superuser")
        assert_refused(run("db", "upgrade", database_url=poor), 5, "more powerful than the application's role may be")
        told(empty, "alter role wastetrack_app nosuperuser")
        done = run("db", "upgrade", database_url=by(empty, APPLICATION), owner_database_url=poor)
        assert done.returncode == 0, done.stderr
        assert "The application is admitted as wastetrack_app" in done.stdout
        refused = run("db", "upgrade", database_url=by(empty, "guarded_shop", PASSWORD), owner_database_url=poor)
        assert_refused(refused, 5, "poor may not make or change the login guarded_shop")
        untouched.drop(empty)
        told(untouched.address, "drop role wastetrack_app")

    def test_databases_of_one_cluster_are_upgraded_at_once(self) -> None:
        with running_cluster() as cluster:
            several = [cluster.empty() for _ in range(3)]
            # Processes, because Alembic keeps its state in a module.
            words = [sys.executable, "-m", "wastetrack.cli.main", "db", "upgrade"]
            upgraders = [
                subprocess.Popen(
                    words, env=environment(WASTETRACK_DATABASE_URL=one.dsn), cwd="/", stderr=subprocess.PIPE
                )
                for one in several
            ]
            for upgrader in upgraders:
                _, said = upgrader.communicate(timeout=120)
                assert upgrader.returncode == 0, said.decode()
            for one in several:
                roles.refuse_powerful(one.for_application().url)
                with (
                    psycopg.connect(one.for_application().dsn) as connection,
                    pytest.raises(psycopg.errors.InsufficientPrivilege),
                ):
                    connection.execute("create temporary table drums (id int)")


class TestAdmitting:
    @pytest.fixture
    def owned(self, untouched: Cluster) -> Iterator[Address]:
        """A database whose owner is no superuser but may make roles."""
        address = untouched.empty()
        told(untouched.address, "drop role if exists landlord")
        told(
            untouched.address,
            f"create role landlord login createrole; alter database {address.database} owner to landlord",
        )
        yield address
        untouched.drop(address)
        told(untouched.address, "drop role if exists guarded_shop; drop role wastetrack_app; drop role landlord")

    def test_a_login_is_made_with_its_password_and_sees_what_it_may(self, owned: Address) -> None:
        landlord, shop = by(owned, "landlord"), by(owned, "guarded_shop", PASSWORD)
        given = {"owner_database_url": landlord, "database_url": shop}
        done = run("db", "upgrade", **given)
        assert done.returncode == 0, done.stderr
        assert "admitted as guarded_shop" in done.stdout
        assert PASSWORD not in done.stdout + done.stderr
        assert run("db", "current", **given).returncode == 0
        assert run("db", "current", database_url=shop).returncode == 0
        # A second time nothing changes, and the password stays.
        before = hashed(owned)
        assert before.startswith("SCRAM-SHA-256$")
        assert run("db", "upgrade", **given).returncode == 0
        assert hashed(owned) == before
        roles.refuse_powerful(shop)
        with pytest.raises(Unavailable, match="authentication failed"):
            roles.refuse_powerful(by(owned, "guarded_shop", "another"))

    def test_a_changed_password_of_the_address_is_set(self, owned: Address) -> None:
        landlord = by(owned, "landlord")
        migrating.upgrade(landlord)
        for password in ("first-of-two", "second-of-two"):
            assert roles.admit(landlord, by(owned, "guarded_shop", password)) == "guarded_shop"
        roles.refuse_powerful(by(owned, "guarded_shop", "second-of-two"))

    def test_a_powerful_login_stays_as_it_is_and_is_refused(self, owned: Address) -> None:
        landlord = by(owned, "landlord")
        migrating.upgrade(landlord)
        told(owned, "create role guarded_shop login bypassrls")
        with pytest.raises(Conflict, match="more powerful than an application may be"):
            roles.admit(landlord, by(owned, "guarded_shop", PASSWORD))
        assert hashed(owned) == ""

    def test_the_owner_s_own_address_is_no_application_s(self, owned: Address) -> None:
        done = run("db", "upgrade", database_url=by(owned, "landlord"))
        assert done.returncode == 0, done.stderr
        assert "The server will refuse this address" in done.stderr

    async def test_functions_of_an_owner_who_is_no_superuser_do_their_work(self, owned: Address) -> None:
        migrating.upgrade(by(owned, "landlord"))
        engine = make_engine(addresses.over("asyncpg", by(owned, APPLICATION)), pool_size=1)
        organisation = new_id()
        actor = Actor(new_id(), "x", organisation, new_id(), Role.OWNER, f"o:{organisation}")
        async with reading(engine) as session:
            await look_as(session, actor)
            assert await page(session, actor, ContainerFilter()) == []
            assert await (await session.driver()).fetch("select * from log_waiting(5)") == []
        await engine.dispose()


def hashed(address: Address) -> str:
    """The stored password of the shop's login; empty without one."""
    with psycopg.connect(address.dsn) as connection:
        statement = sql.SQL("select coalesce(rolpassword, '') from pg_authid where rolname = 'guarded_shop'")
        row = connection.execute(statement).fetchone()
    assert row is not None
    return str(row[0])
