"""As whom the PostgreSQL programs run: they refuse root, so root runs them without creating users or opening folders.

Root enters a user namespace in which it is called 65534; the files stay root's outside. Where namespaces are forbidden
(the default of some containers) the programs run as `nobody`, who is then given the cluster's folder. A cluster that
already belongs to another user is run as that user.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wastetrack.db.postgres_binaries import Binaries
from wastetrack.errors import Unavailable

_NAMESPACE = ("unshare", "--user", "--map-user=65534", "--map-group=65534", "--")
_SECONDS_TO_PROBE = 20


@dataclass(frozen=True, slots=True)
class PostgresUser:
    """How to start a program: words before the command, and the account to change to (None: stay who we are)."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def command(self, words: Sequence[str | Path]) -> list[str]:
        """The command line to run."""
        return [*self.prefix, *map(str, words)]

    @property
    def account(self) -> dict[str, Any]:
        """Arguments for subprocess that change to the account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a file or folder to the account, if it is not ours already."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can(self, words: Sequence[str | Path]) -> bool:
        """Whether this command succeeds in this way."""
        try:
            done = subprocess.run(  # noqa: S603  our own probes
                self.command(words),
                capture_output=True,
                timeout=_SECONDS_TO_PROBE,
                check=False,
                cwd="/",
                **self.account,
            )
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0


OURSELVES = PostgresUser()
IN_NAMESPACE = PostgresUser(prefix=_NAMESPACE)


def nobody() -> PostgresUser:
    """The account without rights. Raises Unavailable where the system has none."""
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise Unavailable(
            "db.root_refused",
            "PostgreSQL refuses to run as root, and this system has no account `nobody`. Run wastetrack as a user.",
        ) from None
    return PostgresUser(uid=entry.pw_uid, gid=entry.pw_gid)


def choose(binaries: Binaries, data_dir: Path, cluster: Path) -> tuple[PostgresUser, Binaries]:
    """Who runs the programs, and where they then lie (copied beside the data if that account cannot reach them)."""
    if os.geteuid() != 0:
        return OURSELVES, binaries
    owner = cluster.stat() if cluster.exists() else None
    if owner is not None and owner.st_uid != 0:
        account = PostgresUser(uid=owner.st_uid, gid=owner.st_gid)
    elif IN_NAMESPACE.can([binaries.postgres, "--version"]):
        return IN_NAMESPACE, binaries
    else:
        account = nobody()
    return account, reachable(binaries, data_dir, account)


def reachable(binaries: Binaries, data_dir: Path, account: PostgresUser) -> Binaries:
    """The programs at a place that the account can reach. Raises Unavailable if it cannot reach the data folder."""
    data_dir.chmod(data_dir.stat().st_mode | 0o011)  # to pass through, not to list; keys in it have their own mode
    if not account.can(["test", "-x", data_dir]):
        raise Unavailable(
            "db.folder_unreachable",
            "PostgreSQL refuses root, so it runs as user {uid}, who cannot reach {path}."
            " Set WASTETRACK_DATA_DIR to a folder whose parents are open, such as /var/lib/wastetrack.",
            uid=account.uid,
            path=str(data_dir),
        )
    if account.can([binaries.postgres, "--version"]):
        return binaries
    home = data_dir / f"programs-{binaries.major}"
    for source in binaries.tree:
        if not (home / source.name).exists():
            # The programs find their libraries by relative path, so the tree keeps its layout.
            partial = home / f"{source.name}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(source, partial, symlinks=True)
            partial.rename(home / source.name)
    for folder in (home, *(path for path in home.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    install = home / binaries.tree[0].name if binaries.tree else binaries.folder.parent
    return Binaries(install / "bin", binaries.major)
