"""Databases for tests: one server per test process, a migrated template in it, and clones of that.

The server is the product's own embedded one, without the wait for the disk.
"""

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from wastetrack.db import embedded, migrating
from wastetrack.db.addresses import Address

_TEMPLATE = "migrated_template"
_MEMORY = Path("/dev/shm")  # noqa: S108  only a folder of a name of its own is made there
# Several times what the tests of one process write.
_ENOUGH_MEMORY_BYTES = 4 * 1024**3


class Cluster:
    """A running server and the databases that tests make in it."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._numbers = itertools.count(1)
        self._migrated = False

    def empty(self) -> Address:
        """A new database without any table."""
        name = f"empty_{next(self._numbers)}"
        self._run(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        return self.address.of(name)

    def clone(self, template: str | None = None) -> Address:
        """A new database at the newest revision, without rows; or a copy of another one that nobody is connected to."""
        if template is None and not self._migrated:
            self._run(sql.SQL("create database {}").format(sql.Identifier(_TEMPLATE)))
            migrating.upgrade(self.address.of(_TEMPLATE).url)
            self._migrated = True
        name = f"clone_{next(self._numbers)}"
        # Files are copied: without fsync that is faster than copying through the log.
        statement = sql.SQL("create database {} template {} strategy file_copy")
        self._run(statement.format(sql.Identifier(name), sql.Identifier(template or _TEMPLATE)))
        return self.address.of(name)

    def drop(self, address: Address) -> None:
        """Remove a database, cutting whoever is still connected."""
        self._run(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(address.database)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.address.dsn, autocommit=True) as connection:
            connection.execute(statement)


def _where() -> Path | None:
    """Memory where there is plenty: a copy of a database is some eighteen hundred files. None: where temporary files
    are otherwise."""
    try:
        memory = os.statvfs(_MEMORY)
    except OSError:
        return None
    # Root may have to run copies of PostgreSQL's programs, which lie beside the data.
    runs = os.geteuid() != 0 or not memory.f_flag & os.ST_NOEXEC
    return _MEMORY if runs and memory.f_bavail * memory.f_frsize >= _ENOUGH_MEMORY_BYTES else None


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A server of this test process; gone with it, whatever happens to it."""
    with (
        tempfile.TemporaryDirectory(prefix="wastetrack-tests-", dir=_where()) as folder,
        embedded.start(Path(folder), durability=embedded.Durability.NONE) as server,
    ):
        yield Cluster(server.address)
