"""Processes are killed and disks fill up; what was acknowledged stays, and the next start succeeds."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from tests.support.owners import OWNER, environment, owning
from wastetrack.db import embedded
from wastetrack.db.connecting import explained
from wastetrack.errors import Unavailable


def wait_until(condition: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Fail if the condition does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    """Whether a process has ended (one that only waits for its parent counts)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):
        return True


def numbers_in(dsn: str) -> tuple[int, int]:
    """How many numbers are stored, and the highest: equal if none in between was lost."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("select count(*), coalesce(max(number), 0) from acknowledged").fetchone()
    assert row is not None
    return row[0], row[1]


def children(pid: int) -> list[int]:
    """The processes that this one started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_nothing_acknowledged_is_lost_when_the_owner_is_killed_again_and_again(tmp_path: Path) -> None:
    acknowledged = 0
    for _ in range(5):
        with owning(tmp_path) as owner:
            acknowledged = max(owner.write(200), owner.kill(), acknowledged)
    with embedded.start(tmp_path) as server:
        count, highest = numbers_in(server.address.dsn)
    assert acknowledged > 1000
    assert count == highest
    assert acknowledged <= highest <= acknowledged + 5


def test_an_owner_killed_at_any_moment_of_its_start_leaves_a_folder_that_starts(tmp_path: Path) -> None:
    # From the first import over the making of the cluster to a server that runs.
    for hundredths in range(25, 100, 12):
        owner = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(tmp_path)],
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        time.sleep(hundredths / 100)
        owner.kill()
        owner.wait()
    with embedded.start(tmp_path) as server, psycopg.connect(server.address.dsn) as connection:
        assert connection.execute("select current_database()").fetchone() == ("wastetrack",)


def test_the_server_ends_with_its_killed_owner(tmp_path: Path) -> None:
    with owning(tmp_path) as owner:
        owner.kill()
        wait_until(lambda: gone(owner.postmaster))
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_a_server_that_outlived_owner_and_guardian_is_stopped_at_the_next_start(tmp_path: Path) -> None:
    with owning(tmp_path) as owner:
        last = owner.write(100)
        owner.process.send_signal(signal.SIGSTOP)
        [guardian] = children(owner.process.pid)
        for helper in children(guardian):
            if helper != owner.postmaster:
                os.kill(helper, signal.SIGKILL)
        os.kill(guardian, signal.SIGKILL)
        last = max(last, owner.kill())
        assert not gone(owner.postmaster)

    with embedded.start(tmp_path) as server:
        assert server.pid != owner.postmaster
        wait_until(lambda: gone(owner.postmaster))
        count, highest = numbers_in(server.address.dsn)
    assert count == highest >= last


def test_a_killed_postgresql_recovers(tmp_path: Path) -> None:
    with owning(tmp_path) as owner:
        last = owner.write(300)
        os.kill(owner.postmaster, signal.SIGKILL)
        last = max(last, owner.kill())
        assert (tmp_path / "postgres" / "postmaster.pid").exists()
    with embedded.start(tmp_path) as server:
        count, highest = numbers_in(server.address.dsn)
    assert count == highest >= last


def test_another_program_that_got_the_dead_servers_number_is_no_hindrance_and_is_spared(tmp_path: Path) -> None:
    with embedded.start(tmp_path, durability=embedded.Durability.NONE) as server:
        left = (tmp_path / "postgres" / "postmaster.pid").read_text()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (tmp_path / "postgres" / "postmaster.pid").write_text(left.replace(str(server.pid), str(stranger.pid), 1))
        with embedded.start(tmp_path, durability=embedded.Durability.NONE) as again:
            assert again.pid != stranger.pid
        assert stranger.poll() is None
        stranger.kill()


@pytest.fixture
def small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A disk of as many megabytes as the test's parameter says."""
    place = tmp_path / "disk"
    place.mkdir()
    size = ["-o", f"size={request.param}m,mode=700"]
    if subprocess.run(["mount", "-t", "tmpfs", *size, "none", str(place)], capture_output=True, check=False).returncode:
        pytest.skip("this account may not mount a small disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("small_disk", [20], indirect=True)
def test_a_disk_too_small_to_begin_is_told_in_one_line(small_disk: Path) -> None:
    with pytest.raises(Unavailable, match="disk is full") as refused:
        embedded.start(small_disk)
    assert refused.value.code == "db.disk_full"
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("small_disk", [160], indirect=True)
def test_a_disk_that_fills_up_under_the_server_damages_nothing(small_disk: Path) -> None:
    with embedded.start(small_disk) as server, psycopg.connect(server.address.dsn, autocommit=True) as connection:
        connection.execute("create table acknowledged (number bigint primary key, ballast text)")
        acknowledged, refusal = write_until_refused(connection)
    assert acknowledged > 0
    # Either the statement was refused, or the log could not be written and PostgreSQL cut every session.
    assert refusal.sqlstate in {"53100", None, "57P02", "57P01", "57P03"}

    fill(small_disk)
    with pytest.raises(Unavailable) as told:
        embedded.start(small_disk)
    assert told.value.code == "db.disk_full"
    (small_disk / "filler").unlink()
    subprocess.run(["mount", "-o", "remount,size=400m", str(small_disk)], check=True)
    with embedded.start(small_disk) as server:
        count, highest = numbers_in(server.address.dsn)
    assert count == highest
    assert highest >= acknowledged


def fill(disk: Path) -> None:
    """Leave not a byte."""
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"\0" * 65536)
        except OSError:
            return


def write_until_refused(connection: psycopg.Connection[Any]) -> tuple[int, psycopg.Error]:
    """Commit numbers with some ballast; gives the last that was acknowledged and what ended it."""
    for number in range(1, 100_000):
        ballast = "x".join(map(str, range(number, number + 20_000)))
        try:
            connection.execute("insert into acknowledged values (%s, %s)", (number, ballast))
        except psycopg.Error as refusal:
            return number - 1, refusal
    pytest.fail("the disk never filled")


def test_a_full_disk_of_the_server_is_told_as_such() -> None:
    from_driver = psycopg.errors.DiskFull("could not extend file: No space left on device")
    plain = explained(OperationalError("insert", {}, from_driver), "here")
    assert plain is not None
    assert plain.code == "db.disk_full"
