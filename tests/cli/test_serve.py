"""`wastetrack serve` and `wastetrack worker`: started, asked, told to stop."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.support.owners import CHECKOUT

_READY = re.compile(r"Serving at (http://localhost:\d+)")


@contextmanager
def started(data_dir: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """The command in a process of its own; killed if the test leaves it running."""
    environment = {**os.environ, "WASTETRACK_DATA_DIR": str(data_dir), "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-m", "wastetrack.cli.main", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, cwd=data_dir) as process:
        try:
            yield process
        finally:
            process.kill()


def told(process: "subprocess.Popen[str]", pattern: re.Pattern[str]) -> re.Match[str]:
    """The first line on standard error in which the pattern is found."""
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if found := pattern.search(line):
            return found
    pytest.fail("".join(lines))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_server_starts_on_an_empty_folder_answers_and_ends_cleanly_when_told(
    tmp_path: Path, number: signal.Signals
) -> None:
    with started(tmp_path, "serve", "--port", "0") as process:
        address = told(process, _READY)[1]
        assert httpx2.get(f"{address}/ready", timeout=10).status_code == 200
        process.send_signal(number)
        assert process.stderr is not None
        rest = process.stderr.read()
        assert process.wait(30) == 0, rest
        assert "Traceback" not in rest
    # The database has been closed in order: nothing of it runs, and it opens again at once.
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with started(tmp_path, "serve", "--port", str(port)) as process:
            assert process.stderr is not None
            said = process.stderr.read()
            assert process.wait(30) == 7
    assert f"127.0.0.1 port {port}" in said
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "postgres").exists()


def test_the_worker_runs_until_told(tmp_path: Path) -> None:
    with started(tmp_path, "worker") as process:
        told(process, re.compile("Working"))
        time.sleep(0.5)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        rest = process.stderr.read()
        assert process.wait(30) == 0, rest
        assert "Traceback" not in rest


def test_a_server_whose_database_has_died_ends_with_one_clear_line(tmp_path: Path) -> None:
    with started(tmp_path, "serve", "--port", "0") as process:
        told(process, _READY)
        postmaster = int((tmp_path / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGKILL)
        assert process.stderr is not None
        rest = process.stderr.read()
        assert process.wait(60) == 7, rest
    assert "The embedded database has died." in rest.splitlines()[-1]
