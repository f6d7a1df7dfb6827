"""The embedded PostgreSQL server: made, started, stopped and found again in a data folder.

The folder belongs to one process at a time, by a lock that the system drops when that process dies. Between the owner
and the server stands a guardian, a shell that reads a pipe from the owner: when the owner ends, even by SIGKILL, the
pipe closes and the guardian shuts the server down. Whatever survives all the same is stopped at the next start. Other
programs join the running server by `attach`.

The server listens on a unix socket only, in a folder that no other user may enter; that is why it may trust whoever
comes.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

from wastetrack.db import postgres_binaries, postgres_user, socket_folder
from wastetrack.db.addresses import PORT, USER, Address
from wastetrack.db.postgres_binaries import Binaries
from wastetrack.db.postgres_user import PostgresUser
from wastetrack.db.postmaster_file import Postmaster
from wastetrack.errors import Conflict, Unavailable

DATABASE = "wastetrack"
# A new cluster takes about 45 MB; below this the disk is as good as full.
_LEAST_FREE_BYTES = 128 * 1024 * 1024
# Recovery of a long log after a crash may take a while on a slow disk.
_SECONDS_TO_START = 300.0
_SECONDS_TO_STOP = 60.0
_TRIES = 3
_LOG_KEPT_BYTES = 16 * 1024 * 1024
_BUILTIN_LOCALE_SINCE = 17
# The signal is repeated, because a server that is only just being started does not hear it yet.
_GUARDIAN = """
exec 3<&0
"$@" </dev/null 3<&- & server=$!
{ read -r _ <&3; while kill -INT "$server"; do sleep 1; done; } 2>/dev/null & watcher=$!
wait "$server"; code=$?
kill "$watcher" 2>/dev/null
exit "$code"
"""


class Durability(StrEnum):
    """What a commit is worth."""

    FULL = "full"  # it survives the loss of power
    NONE = "none"  # it survives the death of processes only; for tests

    @property
    def options(self) -> tuple[str, ...]:
        """Server settings."""
        if self is Durability.FULL:
            return ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
        return (
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "wal_level=minimal",
            "max_wal_senders=0",
            "shared_buffers=64MB",
            "autovacuum_naptime=1h",
        )


@dataclass(slots=True)
class EmbeddedServer:
    """A running server that this process owns; `close` stops it and gives the folder free."""

    address: Address
    data_dir: Path
    pid: int
    _guardian: "subprocess.Popen[bytes]"
    _lock: int

    def close(self) -> None:
        """Fast shutdown: open sessions are cut, everything committed is on disk. Harmless when repeated."""
        if self._lock < 0:
            return
        try:
            if self._guardian.stdin is not None:
                self._guardian.stdin.close()
            try:
                self._guardian.wait(_SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                _stop_survivor(self.data_dir / "postgres")
                self._guardian.kill()
                self._guardian.wait()
        finally:
            os.close(self._lock)
            self._lock = -1
        socket_folder.remove(self.address.socket_dir)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start(
    data_dir: Path, *, durability: Durability = Durability.FULL, run_as: PostgresUser | None = None
) -> EmbeddedServer:
    """Start the server of this folder, making the folder and the cluster where they are missing.

    Raises Conflict if another process owns the folder, Unavailable for everything outside the program: no PostgreSQL,
    a folder that cannot be written, a full disk, a cluster of a version that is not here.
    """
    with _told_plainly(data_dir):
        data_dir = data_dir.resolve()
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = _own(data_dir)
        try:
            return _start_owned(data_dir, lock, durability, run_as)
        except BaseException:
            os.close(lock)
            raise


def attach(data_dir: Path, *, patience_seconds: float = 0.0) -> Address:
    """The address of the server that runs on this folder, started by another process; waits for one that is starting.

    Raises Unavailable if none runs.
    """
    cluster = data_dir.resolve() / "postgres"
    deadline = time.monotonic() + patience_seconds
    while True:
        running = Postmaster.read(cluster)
        if running is not None and running.ready and running.alive(cluster):
            return Address(running.socket_dir, DATABASE)
        if time.monotonic() >= deadline:
            raise Unavailable(
                "db.not_running",
                "No database server runs on {path}. Start one with `wastetrack serve`.",
                path=str(data_dir),
            )
        time.sleep(0.02)


def _start_owned(data_dir: Path, lock: int, durability: Durability, run_as: PostgresUser | None) -> EmbeddedServer:
    cluster = data_dir / "postgres"
    version_file = cluster / "PG_VERSION"
    binaries = postgres_binaries.find(int(version_file.read_text()) if version_file.exists() else None)
    if run_as is None:
        run_as, binaries = postgres_user.choose(binaries, data_dir, cluster)
    else:
        binaries = postgres_user.reachable(binaries, data_dir, run_as) if run_as.uid is not None else binaries
    log = data_dir / "postgres.log"
    if log.exists() and log.stat().st_size > _LOG_KEPT_BYTES:
        log.replace(data_dir / "postgres.log.1")
    if not version_file.exists():
        _make_cluster(cluster, binaries, run_as, durability)
    for _ in range(_TRIES):
        _stop_survivor(cluster)
        try:
            return _launch(data_dir, lock, binaries, run_as, durability)
        except Unavailable:
            # A server whose owner was killed while starting it may have shown itself only now.
            survivor = Postmaster.read(cluster)
            if survivor is None or not survivor.alive(cluster):
                raise
    raise Unavailable("db.start_failed", "PostgreSQL could not start: {reason}", reason="another server keeps starting")


def _own(data_dir: Path) -> int:
    """Take the folder's lock; the system drops it when we die, however we die."""
    # Descriptors are not inherited by the programs that we start, so the server does not keep the lock alive.
    lock = os.open(data_dir / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(lock, 32).decode("ascii", "replace").strip() or "?"
        os.close(lock)
        raise Conflict(
            "db.folder_in_use",
            "The data folder {path} is in use by process {owner}."
            " Stop it, or choose another folder with WASTETRACK_DATA_DIR.",
            path=str(data_dir),
            owner=owner,
        ) from None
    os.truncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def _make_cluster(cluster: Path, binaries: Binaries, run_as: PostgresUser, durability: Durability) -> None:
    """Make the cluster under another name and rename it when complete: a half-made one is never taken for a whole."""
    if shutil.disk_usage(cluster.parent).free < _LEAST_FREE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    for left in cluster.parent.glob("postgres.partial-*"):
        shutil.rmtree(left, ignore_errors=True)
    # A new name each time: where the owner was killed, its initdb may still be writing into the old one.
    partial = Path(tempfile.mkdtemp(prefix="postgres.partial-", dir=cluster.parent))
    run_as.own(partial)
    words: list[str | Path] = [binaries.initdb, "-D", partial, "-U", USER, "-E", "UTF8"]
    words += ["--auth-local=trust", "--auth-host=reject", "--no-instructions"]
    if binaries.major >= _BUILTIN_LOCALE_SINCE:
        words += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    else:
        words += ["--locale=C"]
    if durability is Durability.NONE:
        words.append("--no-sync")
    _run(words, run_as)
    single: list[str | Path] = [binaries.postgres, "--single", "-D", partial, "-c", "log_min_messages=error"]
    single += [word for option in durability.options for word in ("-c", option)]
    _run([*single, "postgres"], run_as, sends=f"create database {DATABASE}\n")
    partial.rename(cluster)
    parent = os.open(cluster.parent, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


def _run(words: list[str | Path], run_as: PostgresUser, sends: str = "") -> None:
    done = subprocess.run(  # noqa: S603  PostgreSQL's own programs
        run_as.command(words),
        input=sends,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=_environment(),
        **run_as.account,
    )
    # The single-user server exits with 0 even when its statement failed.
    if done.returncode or "ERROR:" in done.stderr:
        raise _failure(done.stderr)


def _stop_survivor(cluster: Path) -> None:
    """Stop a server that outlived its owner and its guardian, and forget the file of one that died."""
    running = Postmaster.read(cluster)
    if running is None:
        return
    if running.alive(cluster):
        running.stop(cluster, seconds=_SECONDS_TO_STOP)
    # We hold the folder's lock, so no server of ours can be starting here; the number in the file may meanwhile be
    # another program's, which PostgreSQL would take for a running server.
    running.forget(cluster)


def _launch(
    data_dir: Path, lock: int, binaries: Binaries, run_as: PostgresUser, durability: Durability
) -> EmbeddedServer:
    cluster, log = data_dir / "postgres", data_dir / "postgres.log"
    sockets = socket_folder.make(data_dir, run_as)
    quoted = str(sockets).replace('"', '""')
    options = (
        "listen_addresses=",
        f'unix_socket_directories="{quoted}"',
        "unix_socket_permissions=0700",
        f"port={PORT}",
        "max_connections=200",
        "timezone=UTC",
        "log_timezone=UTC",
        "log_checkpoints=off",
        *durability.options,
    )
    words: list[str | Path] = [binaries.postgres, "-D", cluster]
    words += [word for option in options for word in ("-c", option)]
    with log.open("ab") as output:
        begins = output.tell()
        guardian = subprocess.Popen(  # noqa: S603  PostgreSQL's own program
            run_as.command(["/bin/sh", "-c", _GUARDIAN, "wastetrack-postgres", *words]),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd="/",
            env=_environment(),
            # Ctrl-C in the terminal is for us; the server must outlive our last commit.
            start_new_session=True,
            **run_as.account,
        )
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline:
        running = Postmaster.read(cluster)
        if running is not None and running.ready:
            return EmbeddedServer(Address(sockets, DATABASE), data_dir, running.pid, guardian, lock)
        if guardian.poll() is not None:
            break
        time.sleep(0.005)
    assert guardian.stdin is not None  # noqa: S101  we asked for the pipe
    guardian.stdin.close()
    guardian.wait()
    raise _failure(_log_since(log, begins))


def _log_since(log: Path, begins: int) -> str:
    with log.open("rb") as written:
        written.seek(begins)
        return written.read(65536).decode("utf-8", "replace")


def _environment() -> dict[str, str]:
    """Ours, but with a locale that is always there and messages that we can read."""
    return os.environ | {"LC_ALL": "C"}


def _failure(output: str) -> Unavailable:
    """The one line of a program's output that says what is wrong."""
    if "No space left on device" in output:
        return Unavailable("db.disk_full", "The disk is full: {reason}", reason=_telling_line(output))
    return Unavailable("db.start_failed", "PostgreSQL could not start: {reason}", reason=_telling_line(output))


def _telling_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for mark in ("PANIC:", "FATAL:", "ERROR:", "error:"):
        for line in lines:
            if mark in line:
                return line.split(mark, 1)[1].strip()
    return lines[-1] if lines else "it said nothing"


@contextlib.contextmanager
def _told_plainly(data_dir: Path) -> Iterator[None]:
    """Turn what the system says about the folder into one line."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno == errno.ENOSPC:
            raise Unavailable(
                "db.disk_full", "The disk is full: {reason}", reason=f"{error.filename or data_dir}: {reason}"
            ) from error
        raise Unavailable(
            "db.folder_unusable",
            "The data folder {path} cannot be used: {reason}. Choose another one with WASTETRACK_DATA_DIR.",
            path=str(data_dir),
            reason=f"{error.filename}: {reason}" if error.filename else reason,
        ) from error
