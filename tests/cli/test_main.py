"""The command line: one line and an exit code for whatever goes wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

import wastetrack
from tests.support.databases import Cluster
from tests.support.owners import environment, owning
from wastetrack import errors
from wastetrack.cli import main
from wastetrack.db import addresses


def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command as a person starts it."""
    return subprocess.run(
        [sys.executable, "-m", "wastetrack.cli.main", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=environment(**{f"WASTETRACK_{name.upper()}": value for name, value in settings.items()}),
        stdin=subprocess.DEVNULL,
    )


def assert_refused(done: subprocess.CompletedProcess[str], code: int, says: str) -> None:
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert done.stderr.startswith("wastetrack: ")
    assert done.stderr.count("\n") == 1, "one line"


def test_it_tells_its_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"wastetrack {wastetrack.__version__}\n")


def test_its_version_is_that_of_the_package() -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert f'version = "{wastetrack.__version__}"' in project


@pytest.mark.parametrize("part", main.PARTS)
def test_every_part_explains_itself(part: str) -> None:
    done = run(part, "--help")
    assert done.returncode == 0, done.stderr
    assert part in done.stdout


def test_a_command_that_is_not_there_is_wrong_usage() -> None:
    assert run("frobnicate").returncode == 2


def test_every_family_of_errors_has_its_exit_code() -> None:
    families = {family for family in errors.WastetrackError.__subclasses__() if family.__module__ == errors.__name__}
    assert families == {family for family, _ in main._EXIT_CODES}


def test_an_embedded_database_is_made_upgraded_and_found_again(tmp_path: Path) -> None:
    data = str(tmp_path / "my data")
    assert "Upgraded from an empty database" in run("db", "upgrade", data_dir=data).stdout
    assert "Already at revision" in run("db", "upgrade", data_dir=data).stdout
    assert run("db", "current", data_dir=data).returncode == 0


def test_tools_work_beside_a_running_server(tmp_path: Path) -> None:
    with owning(tmp_path):
        url = run("db", "url", data_dir=str(tmp_path)).stdout
        assert url.startswith("postgresql://")
        # The running server holds a table that is not ours.
        assert_refused(run("db", "upgrade", data_dir=str(tmp_path)), 5, "tables of something else")


def test_where_no_server_runs_there_is_no_url(tmp_path: Path) -> None:
    assert_refused(run("db", "url", data_dir=str(tmp_path)), 7, "No database server runs")


def test_an_external_database_is_upgraded_on_command_only(cluster: Cluster) -> None:
    empty = cluster.empty()
    try:
        assert_refused(run("db", "current", database_url=empty.dsn), 5, "Run `wastetrack db upgrade`")
        assert run("db", "upgrade", database_url=empty.dsn).returncode == 0
        assert run("db", "current", database_url=empty.dsn).returncode == 0
        assert run("db", "url", database_url=empty.url).stdout == f"{addresses.over('', empty.url)}\n"
    finally:
        cluster.drop(empty)


@pytest.mark.parametrize(
    ("url", "code", "says"),
    [
        ("postgresql://clerk:s3cret@127.0.0.1:1/waste", 7, "cannot be reached"),
        ("sqlite:///waste.db", 2, "must begin with postgresql://"),
    ],
)
def test_a_wrong_url_is_one_line_without_the_password(url: str, code: int, says: str) -> None:
    done = run("db", "current", database_url=url)
    assert_refused(done, code, says)
    assert "s3cret" not in done.stderr


def test_a_wrong_setting_is_named_in_one_line() -> None:
    assert_refused(run("db", "url", port="many"), 2, "WASTETRACK_PORT")


def test_a_folder_that_cannot_be_used_is_one_line() -> None:
    assert_refused(run("db", "upgrade", data_dir="/dev/null/data"), 7, "cannot be used")


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    program = f"{sys.executable} -m wastetrack.cli.main --help | head -c 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", program], capture_output=True, check=False, cwd=tmp_path, env=environment())
    assert done.stderr == b""


def test_the_version_needs_no_database(tmp_path: Path) -> None:
    program = (
        "import sys; sys.argv = ['wastetrack', '--version']\n"
        "from wastetrack.cli.main import main\n"
        "try: main()\n"
        "finally: print(sorted(name for name in ('sqlalchemy', 'alembic', 'fastapi') if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path, env=environment()
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert done.returncode == 0
