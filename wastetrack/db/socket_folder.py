"""The folder of the embedded server's socket: short, because a socket's path may have 107 bytes, and closed to others.

Its name follows from the data folder, so an address stays good over restarts.
"""

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from wastetrack.db.postgres_user import PostgresUser
from wastetrack.errors import Unavailable

_LONGEST_BYTES = 107 - len("/.s.PGSQL.5432.lock")


def make(data_dir: Path, run_as: PostgresUser) -> Path:
    """An empty folder that only the server's account (and root) may enter."""
    name = f"wastetrack-{os.geteuid()}-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"
    owners = {os.geteuid(), run_as.uid if run_as.uid is not None else os.geteuid()}
    for base in _bases(run_as):
        folder = base / name
        if len(os.fsencode(folder)) > _LONGEST_BYTES:
            continue
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
                # Somebody else was first with our name: take one that cannot be foreseen.
                folder = Path(tempfile.mkdtemp(prefix="wastetrack-", dir=base))
            folder.chmod(0o700)
            run_as.own(folder)
        except OSError:
            continue
        return folder
    raise Unavailable(
        "db.no_socket_folder",
        "No folder for the database's socket: {tmp} cannot be written.",
        tmp=tempfile.gettempdir(),
    )


def remove(folder: Path) -> None:
    """Tidy up after the server has gone."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def _bases(run_as: PostgresUser) -> Iterator[Path]:
    # The runtime folder of a user is closed to the account that root changes to.
    if run_as.uid is None and (runtime := os.environ.get("XDG_RUNTIME_DIR")):
        yield Path(runtime)
    yield Path(tempfile.gettempdir())
    yield Path("/tmp")  # noqa: S108  the folder made in it is checked to be ours and closed
