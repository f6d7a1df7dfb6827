"""Migrations: in order, one at a time, with limits, and never on a database that this program does not know."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.support.databases import Cluster
from wastetrack import resources
from wastetrack.db import migrating
from wastetrack.db.addresses import Address
from wastetrack.errors import Conflict, Malformed, Unavailable


class Tree:
    """A folder of migrations of the test's own, with the product's environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._last: str | None = None
        (folder / "versions").mkdir(parents=True)
        for name in ("env.py", "script.py.mako"):
            shutil.copy(resources.migrations_dir() / name, folder / name)

    def add(self, revision: str, *statements: str) -> None:
        """One more migration on top."""
        body = "\n".join(f"    op.execute({statement!r})" for statement in statements) or "    pass"
        (self.folder / "versions" / f"{revision}.py").write_text(
            f"from alembic import op\nrevision = {revision!r}\ndown_revision = {self._last!r}\n"
            f"def upgrade() -> None:\n{body}\ndef downgrade() -> None:\n    pass\n"
        )
        self._last = revision


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    tree = Tree(tmp_path / "alembic")
    monkeypatch.setattr(resources, "migrations_dir", lambda: tree.folder)
    return tree


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[Address]:
    """A database without any table."""
    address = cluster.empty()
    yield address
    cluster.drop(address)


def tables_of(address: Address) -> set[str]:
    with psycopg.connect(address.dsn) as connection:
        return {row[0] for row in connection.execute("select tablename from pg_tables where schemaname = 'public'")}


def test_all_migrations_run_on_an_empty_database_and_a_second_time_change_nothing(empty: Address) -> None:
    assert migrating.current_revision(empty.url) is None
    assert (migrating.upgrade(empty.url),) == migrating.heads()
    made = tables_of(empty)
    assert (migrating.upgrade(empty.url),) == migrating.heads()
    assert tables_of(empty) == made
    migrating.ensure_current(empty.url, embedded=False)


def test_an_external_database_at_an_older_revision_is_told_the_command_to_run(empty: Address, tree: Tree) -> None:
    tree.add("0001", "create table drums (id int)")
    migrating.upgrade(empty.url)
    tree.add("0002", "create table labels (id int)")
    with pytest.raises(Conflict, match="Run `wastetrack db upgrade`") as refused:
        migrating.ensure_current(empty.url, embedded=False)
    assert refused.value.facts == {"at": "0001", "needed": "0002"}
    assert "labels" not in tables_of(empty)


def test_an_empty_external_database_is_refused_with_the_command_to_run(empty: Address, tree: Tree) -> None:
    tree.add("0001", "create table drums (id int)")
    with pytest.raises(Conflict, match="Run `wastetrack db upgrade`"):
        migrating.ensure_current(empty.url, embedded=False)
    assert tables_of(empty) == set()


def test_an_embedded_database_migrates_by_itself(empty: Address, tree: Tree) -> None:
    tree.add("0001", "create table drums (id int)")
    migrating.ensure_current(empty.url, embedded=True)
    tree.add("0002", "create table labels (id int)")
    migrating.ensure_current(empty.url, embedded=True)
    assert tables_of(empty) == {"drums", "labels", "alembic_version"}


@pytest.mark.parametrize("embedded", [True, False])
def test_a_database_of_a_newer_program_is_refused_and_unchanged(empty: Address, tree: Tree, *, embedded: bool) -> None:
    tree.add("0001", "create table drums (id int)")
    migrating.upgrade(empty.url)
    with psycopg.connect(empty.dsn) as connection:
        connection.execute("update alembic_version set version_num = 'ffff'")
    tree.add("0002", "drop table drums")
    with pytest.raises(Conflict, match="made by a newer wastetrack"):
        migrating.ensure_current(empty.url, embedded=embedded)
    with pytest.raises(Conflict, match="made by a newer wastetrack"):
        migrating.upgrade(empty.url)
    assert migrating.current_revision(empty.url) == "ffff"
    assert "drums" in tables_of(empty)


def test_a_database_of_something_else_is_refused_and_unchanged(empty: Address, tree: Tree) -> None:
    tree.add("0001", "create table drums (id int)")
    with psycopg.connect(empty.dsn) as connection:
        connection.execute("create table invoices (id int)")
    with pytest.raises(Conflict, match=r"tables of something else \(invoices"):
        migrating.upgrade(empty.url)
    assert tables_of(empty) == {"invoices"}


def test_a_failed_migration_leaves_nothing_and_the_ones_before_it_stay(empty: Address, tree: Tree) -> None:
    tree.add("0001", "create table drums (id int)")
    tree.add("0002", "create table labels (id int)", "create table drums (id int)")
    with pytest.raises(sa.exc.ProgrammingError, match="already exists"):
        migrating.upgrade(empty.url)
    assert migrating.current_revision(empty.url) == "0001"
    assert tables_of(empty) == {"drums", "alembic_version"}


def test_each_migration_has_a_lock_timeout_and_a_statement_timeout(empty: Address, tree: Tree) -> None:
    limits = "select current_setting('lock_timeout') as locks, current_setting('statement_timeout') as statements"
    tree.add("0001", f"create table first as {limits}")
    tree.add("0002", f"create table second as {limits}")
    migrating.upgrade(empty.url)
    with psycopg.connect(empty.dsn) as connection:
        assert connection.execute("table first union all table second").fetchall() == [("5s", "10min")] * 2


def test_a_migration_gives_up_where_a_lock_does_not_come(
    empty: Address, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_TIMEOUT_SECONDS", 1)
    tree.add("0001", "create table drums (id int)")
    migrating.upgrade(empty.url)
    tree.add("0002", "alter table drums add column gross_g bigint")
    with psycopg.connect(empty.dsn) as reader:
        reader.execute("select * from drums")
        with pytest.raises(Unavailable, match="holds a lock") as refused:
            migrating.upgrade(empty.url)
        assert refused.value.code == "db.locked"
    assert migrating.current_revision(empty.url) == "0001"
    assert migrating.upgrade(empty.url) == "0002"


def test_two_upgraders_take_turns(empty: Address, tree: Tree) -> None:
    tree.add("0001", "create table drums (id int)", "select pg_sleep(0.3)")
    tree.add("0002", "insert into drums values (1)")
    reached: list[str | None] = []
    upgraders = [threading.Thread(target=lambda: reached.append(migrating.upgrade(empty.url))) for _ in range(3)]
    for upgrader in upgraders:
        upgrader.start()
    for upgrader in upgraders:
        upgrader.join()
    assert reached == ["0002"] * 3
    with psycopg.connect(empty.dsn) as connection:
        assert connection.execute("select count(*) from drums").fetchone() == (1,)


@pytest.mark.parametrize(
    ("url", "family", "says"),
    [
        ("postgresql://clerk:s3cret@127.0.0.1:1/waste", Unavailable, "127.0.0.1:1/waste cannot be reached"),
        ("postgresql://clerk:s3cret@host.invalid/waste", Unavailable, "host.invalid/waste cannot be reached"),
        ("mysql://clerk:s3cret@127.0.0.1/waste", Malformed, "must begin with postgresql://"),
        ("postgresql://clerk:s3cret@127.0.0.1:port/waste", Malformed, "cannot be read"),
        ("s3cret", Malformed, "must begin with postgresql://"),
    ],
)
def test_a_wrong_url_is_told_in_one_line_without_the_password(url: str, family: type[Exception], says: str) -> None:
    with pytest.raises(family, match=says) as refused:
        migrating.ensure_current(url, embedded=False)
    assert "s3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_database_that_is_not_there_is_told_in_one_line(cluster: Cluster) -> None:
    with pytest.raises(Unavailable, match="no such database") as refused:
        migrating.ensure_current(cluster.address.of("nowhere").url, embedded=False)
    assert refused.value.code == "db.no_such_database"


def test_a_new_migration_imports_what_it_uses(empty: Address, tree: Tree) -> None:
    tree.add("0001", "select 1")
    migrating.upgrade(empty.url)
    made = migrating.make_revision(empty.url, "All tables of today")
    assert made.name.endswith("_0002_all_tables_of_today.py")
    compile(made.read_text(), str(made), "exec")
    assert "import sqlmodel" in made.read_text()
    assert "wastetrack." not in made.read_text().partition('"""\n')[2].partition('"""\n')[2]
