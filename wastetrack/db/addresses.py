"""Where a database answers, written the ways our libraries want it."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from wastetrack.errors import Malformed

# Part of the name of the embedded server's socket; nothing listens on the network.
PORT = 5432
USER = "wastetrack"
APPLICATION = "wastetrack_app"
"""The role of the application, in every cluster; a login of another name is a member of it (migration 0009)."""
_SCHEME = re.compile(r"^(?:postgres|postgresql)(?:\+\w+)?://")


@dataclass(frozen=True, slots=True)
class Address:
    """One database of an embedded server."""

    socket_dir: Path
    database: str
    user: str = USER

    @property
    def url(self) -> str:
        """For SQLAlchemy over asyncpg."""
        return self._written("postgresql+asyncpg")

    @property
    def psycopg_url(self) -> str:
        """For SQLAlchemy over psycopg."""
        return self._written("postgresql+psycopg")

    @property
    def dsn(self) -> str:
        """For libpq and asyncpg themselves, psql and pg_dump."""
        return self._written("postgresql")

    def of(self, database: str) -> "Address":
        """Another database of the same server."""
        return Address(self.socket_dir, database, self.user)

    def for_application(self) -> "Address":
        """The same database as the application sees it, bound by row-level security."""
        return Address(self.socket_dir, self.database, APPLICATION)

    def _written(self, scheme: str) -> str:
        # The port is said although it is the usual one: else the user's PGPORT would count.
        place = f"host={quote(str(self.socket_dir), safe='/')}&port={PORT}"
        return f"{scheme}://{self.user}@/{quote(self.database, safe='')}?{place}"


def over(driver: str, url: str) -> str:
    """The same URL for another driver: `asyncpg`, `psycopg`, or "" for the libraries without SQLAlchemy.

    Accepts postgres://, postgresql:// and both with a driver. Raises Malformed for anything else, without repeating
    the URL, which may hold a password.
    """
    if not _SCHEME.match(url):
        raise Malformed("db.url", "The database URL must begin with postgresql:// .")
    return _SCHEME.sub(f"postgresql+{driver}://" if driver else "postgresql://", url)
