"""Whether the store holds exactly what the table names: missing, changed, and what nothing names."""

import asyncio
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from wastetrack import clock
from wastetrack.attachments import queries
from wastetrack.attachments.storing import FileStore
from wastetrack.db.session import ReadSession

_YOUNG_SECONDS = 3600
"""Younger files may belong to a unit of work that has not committed yet."""


class Trouble(StrEnum):
    """What can be wrong with a file."""

    MISSING = "missing"
    """The table names it, the store does not hold it."""
    CHANGED = "changed"
    """It is there with another content."""
    UNNAMED = "unnamed"
    """Nothing names it: left by work that was rolled back, or put there by somebody."""


@dataclass(frozen=True, slots=True)
class FileFinding:
    """One file that is not as it should be."""

    trouble: Trouble
    path: Path


async def check_files(session: ReadSession, store: FileStore) -> list[FileFinding]:
    """Read every stored file once and compare; needs eyes that see the whole table."""
    findings: list[FileFinding] = []
    named: set[str] = set()
    after = ""
    while known := await queries.known_files(session, after=after):
        findings += await asyncio.to_thread(_compared, store, known)
        named.update(sha256 for sha256, _ in known)
        after = known[-1][0]
    findings += await asyncio.to_thread(_unnamed, store, named)
    return findings


def _compared(store: FileStore, known: list[tuple[str, int]]) -> list[FileFinding]:
    findings = []
    for sha256, size in known:
        path = store.path(sha256)
        if not path.is_file():
            findings.append(FileFinding(Trouble.MISSING, path))
        elif path.stat().st_size != size or _digest(path) != sha256:
            findings.append(FileFinding(Trouble.CHANGED, path))
    return findings


def _unnamed(store: FileStore, named: set[str]) -> list[FileFinding]:
    young = clock.now().timestamp() - _YOUNG_SECONDS
    return [
        FileFinding(Trouble.UNNAMED, path)
        for path in sorted(store.root.rglob("*"))
        if path.is_file() and path.parent.name + path.name not in named and path.stat().st_mtime < young
    ]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
