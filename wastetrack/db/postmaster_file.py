"""What a running PostgreSQL server says of itself in its data folder (`postmaster.pid`)."""

import contextlib
import os
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from wastetrack.errors import Unavailable

_LINES = 8


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The server process of a cluster, alive or dead."""

    pid: int
    port: int
    socket_dir: Path
    ready: bool

    @classmethod
    def read(cls, cluster: Path) -> "Postmaster | None":
        """What the file says; None without a file or with one not yet written to the end."""
        try:
            lines = (cluster / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not lines or not lines[0].strip().lstrip("-").isdigit():
            return None
        lines += [""] * (_LINES - len(lines))
        return cls(
            pid=abs(int(lines[0])),
            port=int(lines[3] or 0),
            socket_dir=Path(lines[4]),
            ready=lines[7].strip() == "ready",
        )

    def alive(self, cluster: Path) -> bool:
        """Whether the process of that number is this cluster's server, and not another that got its number since."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        try:
            # A server works in its data folder.
            return Path(f"/proc/{self.pid}/cwd").samefile(cluster)
        except (FileNotFoundError, PermissionError):
            return self._answers()

    def stop(self, cluster: Path, *, seconds: float) -> None:
        """Fast shutdown; after half of the time an immediate one, from which PostgreSQL recovers by its log.

        Raises Unavailable if it still runs after that.
        """
        for sent in (signal.SIGINT, signal.SIGQUIT):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, sent)
            deadline = time.monotonic() + seconds / 2
            while time.monotonic() < deadline:
                if not self.alive(cluster):
                    return
                time.sleep(0.01)
        raise Unavailable("db.does_not_stop", "An earlier database server, process {pid}, does not stop.", pid=self.pid)

    def forget(self, cluster: Path) -> None:
        """Remove what a dead server left: its file, and its socket."""
        (cluster / "postmaster.pid").unlink(missing_ok=True)
        if self.socket_dir.is_absolute():
            for left in (f".s.PGSQL.{self.port}", f".s.PGSQL.{self.port}.lock"):
                with contextlib.suppress(OSError):
                    (self.socket_dir / left).unlink()

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            return probe.connect_ex(str(self.socket_dir / f".s.PGSQL.{self.port}")) == 0
