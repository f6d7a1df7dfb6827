"""Bringing a database to the revision of this program, and refusing one that it does not know.

Migrations run over psycopg, one transaction each, one upgrader at a time. A migration waits only a few seconds for a
lock: it would otherwise stand in the queue before all the others and stop the service.
"""

import contextlib
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import wastetrack
from wastetrack import resources
from wastetrack.db import addresses
from wastetrack.db.connecting import told_plainly
from wastetrack.db.postgres_binaries import OLDEST_MAJOR
from wastetrack.db.types import metadata
from wastetrack.errors import Conflict

LOCK_TIMEOUT_SECONDS = 5
STATEMENT_TIMEOUT_SECONDS = 600
_TURN_TIMEOUT_SECONDS = 600
_CONNECT_TIMEOUT_SECONDS = 10
# Any fixed number: two upgraders of one database must meet at it.
_UPGRADERS_LOCK = 0x77617374
# Tables that a library makes by its own script in one of our migrations.
_FOREIGN_TABLES = ("procrastinate_", "alembic_version")


def heads() -> tuple[str, ...]:
    """The newest revision of this program (one, unless two branches were merged carelessly; empty without any)."""
    return tuple(_scripts().get_heads())


def current_revision(url: str) -> str | None:
    """The revision a database is at; None if it was never migrated."""
    with _connected(url) as connection:
        return _current(connection)


def upgrade(url: str) -> str | None:
    """Bring the database to the newest revision, all missing migrations in order; gives the revision reached.

    Harmless when there is nothing to do. Raises Conflict for a database of a newer program or of another one,
    Unavailable if it cannot be reached or another upgrade takes too long.
    """
    with _connected(url) as connection:
        _set_time_limits(connection, lock_seconds=_TURN_TIMEOUT_SECONDS)
        connection.execute(sa.text("select pg_advisory_lock(:key)"), {"key": _UPGRADERS_LOCK})
        try:
            _refuse_unknown(connection)
            _set_time_limits(connection, lock_seconds=LOCK_TIMEOUT_SECONDS)
            if _scripts().get_heads():
                command.upgrade(_config(connection), "heads")
            return _current(connection)
        finally:
            connection.rollback()
            connection.execute(sa.text("select pg_advisory_unlock(:key)"), {"key": _UPGRADERS_LOCK})
            connection.commit()


def ensure_current(url: str, *, embedded: bool) -> None:
    """See to it that the database fits this program: an embedded one is upgraded, an external one must be already.

    Raises Conflict with what to do if it does not fit.
    """
    with _connected(url) as connection:
        _refuse_unknown(connection)
        at = _current(connection)
    if (at,) == heads() or (at is None and not heads()):
        return
    if embedded:
        upgrade(url)
        return
    raise Conflict(
        "db.older_revision",
        "The database is at revision {at}, this program needs {needed}. Run `wastetrack db upgrade`.",
        at=at or "none",
        needed=", ".join(heads()),
    )


def make_revision(url: str, message: str) -> Path:
    """Write a new migration with what differs between the models and this (current) database; gives its file."""
    import_all_tables()
    with _connected(url) as connection:
        number = f"{len(list(_scripts().walk_revisions())) + 1:04d}"
        config = _config(connection)
        config.attributes.update(target_metadata=metadata, render_item=_written_without_us)
        made = command.revision(config, message=message, autogenerate=True, rev_id=number)
    assert not isinstance(made, list)  # noqa: S101  one revision was asked for
    assert made is not None  # noqa: S101
    return Path(made.path)


def import_all_tables() -> None:
    """Fill metadata with the tables of every room."""
    for module in pkgutil.iter_modules(wastetrack.__path__):
        room = importlib.import_module(f"wastetrack.{module.name}") if module.ispkg else None
        for file in pkgutil.iter_modules(room.__path__) if room else ():
            if file.name.endswith("tables"):
                importlib.import_module(f"wastetrack.{module.name}.{file.name}")


def ours(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:  # noqa: ANN401, ARG001, FBT001
    """Whether the drift check looks at a thing in the database (Alembic's `include_object`)."""
    table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", name)
    return not str(table).startswith(_FOREIGN_TABLES)


def _written_without_us(kind: str, thing: Any, _context: Any) -> str | Literal[False]:  # noqa: ANN401  Alembic's own
    """Our column types as what they are in the database, because a migration imports nothing of ours."""
    if kind == "type" and type(thing).__module__.startswith("wastetrack."):
        return f"sa.{thing.impl!r}"
    return False


def differences(url: str) -> list[Any]:
    """What autogenerate would write: empty when models and migrations agree."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415  slow, and only for developers

    import_all_tables()
    with _connected(url) as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": ours, "compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, metadata))


def _refuse_unknown(connection: sa.Connection) -> None:
    """Raise Conflict for what this program must not touch; nothing was changed then."""
    version = connection.dialect.server_version_info or (0,)
    if int(version[0]) < OLDEST_MAJOR:
        raise Conflict(
            "db.postgres_too_old",
            "The database server is PostgreSQL {version}; {oldest} or newer is needed.",
            version=".".join(map(str, version)),
            oldest=OLDEST_MAJOR,
        )
    at = _current(connection)
    if at is None:
        others = [name for name in sa.inspect(connection).get_table_names() if not name.startswith(_FOREIGN_TABLES)]
        if others:
            raise Conflict(
                "db.foreign",
                "The database holds tables of something else ({table}, …). Give wastetrack a database of its own.",
                table=min(others),
            )
    elif at not in {script.revision for script in _scripts().walk_revisions()}:
        raise Conflict(
            "db.newer_revision",
            "The database is at revision {at}, which this program does not know (its newest is {newest})."
            " It was made by a newer wastetrack: run that one. Nothing was changed.",
            at=at,
            newest=", ".join(heads()) or "none",
        )


def _current(connection: sa.Connection) -> str | None:
    at = MigrationContext.configure(connection).get_current_heads()
    connection.rollback()
    return ", ".join(at) or None


def _set_time_limits(connection: sa.Connection, *, lock_seconds: int) -> None:
    # For the session, so that each migration's own transaction has them; committed, else a rollback forgets them.
    connection.execute(sa.text(f"set lock_timeout = '{lock_seconds}s'"))
    connection.execute(sa.text(f"set statement_timeout = '{max(STATEMENT_TIMEOUT_SECONDS, lock_seconds)}s'"))
    connection.commit()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(None))


def _config(connection: sa.Connection | None) -> Config:
    # Made here and not in a file: an installed program has no alembic.ini. A percent sign in a path is doubled.
    config = Config()
    config.set_main_option("script_location", str(resources.migrations_dir()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    config.attributes["include_object"] = ours
    return config


@contextlib.contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    """One connection over psycopg, without a pool. Raises Unavailable with one line if there is no way in."""
    over_psycopg = addresses.over("psycopg", url)
    with told_plainly(over_psycopg):
        engine = sa.create_engine(
            over_psycopg,
            poolclass=sa.NullPool,
            connect_args={"connect_timeout": _CONNECT_TIMEOUT_SECONDS, "application_name": "wastetrack migrations"},
        )
        with engine.connect() as connection:
            yield connection
