"""The machine under test: one server process with its embedded PostgreSQL, started, killed and started again.

Only processes that were started here are killed: the server by its own handle, PostgreSQL's as its descendants.
"""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from enum import StrEnum
from pathlib import Path

from tests.support.owners import CHECKOUT, environment
from wastetrack.db.postmaster_file import Postmaster

_SECONDS_TO_READY = 120.0


class Victim(StrEnum):
    """Who is killed."""

    SERVER = "server"  # the application's process, while it serves
    STARTING = "starting"  # the same, somewhere between its start and its first answer
    POSTMASTER = "postmaster"  # PostgreSQL's first process; the others end by themselves
    BACKEND = "backend"  # one of its children: a session, or a writer


class NeverReady(Exception):  # noqa: N818  it says what happened
    """The server did not come up again."""


class Machine:
    """A data folder and whatever runs on it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port = _free_port()
        self.starts = 0
        self.seconds_to_ready: list[float] = []
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the server wrote to its standard error."""
        return self.data_dir / "server.log"

    def start(self) -> None:
        """Start the server process; it is not ready yet."""
        self.starts += 1
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "wastetrack.cli.main", "serve", "--port", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=CHECKOUT,
                env=environment(WASTETRACK_DATA_DIR=str(self.data_dir), WASTETRACK_RATE_LIMITS="false"),
            )

    async def ready(self) -> None:
        """Wait until it answers and its database does. Raises NeverReady with the end of its log."""
        begun = time.monotonic()
        while time.monotonic() - begun < _SECONDS_TO_READY:
            if await _answers(self.port):
                self.seconds_to_ready.append(time.monotonic() - begun)
                return
            if self._process is not None and self._process.poll() is not None:
                break
            await asyncio.sleep(0.02)
        raise NeverReady(self.log.read_bytes()[-4000:].decode(errors="replace"))

    async def kill(self, victim: Victim, chance: random.Random) -> None:
        """Kill, and do what a supervisor does: start the server again where it has lost its life or its database."""
        if victim is Victim.BACKEND:
            self._kill_backend(chance)
            return
        if victim is Victim.POSTMASTER:
            os.kill(self._postmaster().pid, signal.SIGKILL)
            # For a moment the application lives without its database, and must not acknowledge anything.
            await asyncio.sleep(chance.uniform(0, 0.3))
        self._kill_server()
        self.start()
        if victim is Victim.STARTING:
            await asyncio.sleep(chance.uniform(0, 1.5 * max(self.seconds_to_ready[-5:])))
            self._kill_server()
            self.start()

    async def stop(self) -> None:
        """End it as a person would, with SIGTERM."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                await asyncio.to_thread(self._process.wait, 60)
            except subprocess.TimeoutExpired:
                self._kill_server()

    def _kill_server(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def _postmaster(self) -> Postmaster:
        running = Postmaster.read(self.data_dir / "postgres")
        assert running is not None
        assert running.alive(self.data_dir / "postgres"), "the number in the file is that of our own server"
        return running

    def _kill_backend(self, chance: random.Random) -> None:
        first = self._postmaster().pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        os.kill(int(chance.choice(children)), signal.SIGKILL)


async def _answers(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(b"GET /ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return b" 200 " in await asyncio.wait_for(reader.readline(), 10)
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
