"""Other processes that own an embedded database, so that tests can kill them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

OWNER = """
import sys
from pathlib import Path
import psycopg
from wastetrack.db import embedded

with embedded.start(Path(sys.argv[1])) as server, psycopg.connect(server.address.dsn, autocommit=True) as connection:
    connection.execute("create table if not exists acknowledged (number bigint primary key)")
    print("ready", server.pid, flush=True)
    sys.stdin.readline()
    first = connection.execute("select coalesce(max(number), 0) + 1 from acknowledged").fetchone()[0]
    for number in range(first, first + 1_000_000):
        connection.execute("insert into acknowledged values (%s)", (number,))
        print(number, flush=True)
"""


class Owner:
    """A process that starts the server of a folder; told to `write` it commits numbers and prints each after that."""

    def __init__(self, data_dir: Path, *, before: tuple[str, ...] = (), python: str = sys.executable) -> None:
        self.process = subprocess.Popen(
            [*before, python, "-c", OWNER, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            cwd="/",
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._to, self._from = self.process.stdin, self.process.stdout
        first = self._from.readline().split()
        assert first[:1] == ["ready"], self.process.communicate()[1]
        self.postmaster = int(first[1])

    def write(self, count: int) -> int:
        """Let it write without end; returns after `count` acknowledged numbers, with the last."""
        self._to.write("\n")
        self._to.flush()
        return [int(self._from.readline()) for _ in range(count)][-1]

    def kill(self) -> int:
        """SIGKILL; gives the last number that it acknowledged before it died (0 if none was read)."""
        self.process.send_signal(signal.SIGKILL)
        rest = self._from.read().split("\n")[:-1]
        self.end()
        return max((int(number) for number in rest), default=0)

    def end(self) -> None:
        """Close everything of a process that has ended or shall end now."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue


def _wait_until_gone(pid: int, seconds: float = 15) -> None:
    """The server of a killed owner is stopped by its guardian, which takes a moment; its folder is removed after."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and Path(f"/proc/{pid}").exists():
        time.sleep(0.05)


@contextmanager
def owning(data_dir: Path, *, before: tuple[str, ...] = (), python: str = sys.executable) -> Iterator[Owner]:
    """An owner that is gone at the end."""
    owner = Owner(data_dir, before=before, python=python)
    try:
        yield owner
    finally:
        owner.end()
        _wait_until_gone(owner.postmaster)


def environment(**more: str) -> dict[str, str]:
    """What a program of ours needs to be started by itself: our modules, and none of the tester's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WASTETRACK_", "COV_", "PG"))}
    return kept | {"PYTHONPATH": os.pathsep.join([str(CHECKOUT), *filter(None, sys.path)])} | more
