"""The store of files: each by the SHA-256 of its content, written whole or not at all, never changed.

It lies beside the database, outside of everything that is served. A unit of work that is rolled back leaves a file
that nothing names; that is harmless, and the check (checking.py) tells it.
"""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from wastetrack.errors import Unavailable

FOLDER = "attachments"
_INCOMING = "incoming"
_PREFIX = 2


class FileStore:
    """A folder of files by hash: `ab/cdef…`."""

    def __init__(self, data_dir: Path) -> None:
        self.root = data_dir / FOLDER

    def path(self, sha256: str) -> Path:
        """Where the file of a hash lies."""
        return self.root / sha256[:_PREFIX] / sha256[_PREFIX:]

    def put(self, content: bytes) -> str:
        """Keep it; the same content is kept once. Gives its hash. On return it survives a power cut."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.path(sha256)
        if _holds(target, content):
            return sha256
        incoming = self.root / _INCOMING
        for folder in (incoming, target.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=incoming)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise
        for folder in (target.parent, self.root):
            _sync(folder)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The content. Raises Unavailable if it is missing or no longer what was stored."""
        try:
            content = self.path(sha256).read_bytes()
        except FileNotFoundError:
            content = b""
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Unavailable(
                "attachment_damaged",
                "The stored file is missing or damaged. Tell the operator of the platform its number: {sha256}.",
                sha256=sha256,
            )
        return content

    def remove(self, sha256: str) -> bool:
        """Take a file away that no row names any more; whether it was there."""
        try:
            self.path(sha256).unlink()
        except FileNotFoundError:
            return False
        return True

    def incoming(self) -> Path:
        """Where files lie while they are written."""
        return self.root / _INCOMING


def _holds(path: Path, content: bytes) -> bool:
    """Whether the file is there, whole: one damaged by the disk is written anew."""
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
