"""Two roles: whoever owns the tables migrates them, the application connects as one that PostgreSQL holds to its rules.

Row-level security and the refusal to change what is written once bind neither a superuser nor the owner of a table. So
a server does not start as one of them; and what looks at everything (audit) does not run as one who sees a part.
"""

from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import psycopg
import sqlalchemy as sa
from psycopg import sql

from wastetrack.db import addresses
from wastetrack.db.addresses import APPLICATION
from wastetrack.db.connecting import told_plainly
from wastetrack.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONNECT_TIMEOUT_SECONDS = 10
# Of itself or of any role that it may become. A role of the system that may write all tables could change what is
# written once, which the third question finds.
_POWERS = """
select bool_or(rolsuper) as super, bool_or(rolbypassrls) as bypasses,
  exists (
    select from pg_class thing where thing.relnamespace = 'public'::regnamespace and thing.relkind in ('r', 'p', 'v')
    and pg_has_role(current_user, thing.relowner, 'member')
  ) as owns,
  exists (
    select from unnest(%(kept)s::text[]) as kept (name)
    where has_table_privilege(to_regclass(kept.name), 'update, delete, truncate')
  ) as changes,
  coalesce(has_table_privilege(to_regclass('alembic_version'), 'select'), true) as admitted,
  current_user as name
from pg_roles where pg_has_role(current_user, oid, 'member')
"""
WRITTEN_ONCE = (
    "entries",
    "log_checkpoints",
    "log_leaves",
    "log_nodes",
    "log_personal",
    "log_sequence",
    "log_subjects",
    "manifest_signatures",
    "postings",
)
"""Tables of which the application may change and take away nothing."""
_KNOWN = "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb from pg_roles where rolname = %s"
_IS_MEMBER = "select pg_has_role(%s, %s, 'usage')"
_BOUND = "select coalesce(row_security_active(to_regclass('log_leaves')), false)"


def refuse_powerful(url: str) -> None:
    """Raise Conflict unless the role of this address is one that an application may have."""
    with _connected(url) as connection:
        found = connection.execute(_POWERS, {"kept": list(WRITTEN_ONCE)}).fetchone()
    assert found is not None  # noqa: S101  an aggregate gives a row
    is_super, bypasses, owns, changes, admitted, name = found
    reasons = (
        (is_super, "a superuser, whom no rule of the database binds"),
        (bypasses, "it may bypass row-level security"),
        (owns, "it owns the tables, so their rules do not bind it"),
        (changes, "it may change what is written once"),
        (not admitted, "the owner of the database has granted it nothing"),
    )
    for holds, reason in reasons:
        if holds:
            _refuse(name, reason)


def _refuse(role: object, reason: str) -> NoReturn:
    raise Conflict(
        "db.role_unfit",
        "The server must not connect as {role}: {reason}. Put a login of its own, such as {application}, into"
        " WASTETRACK_DATABASE_URL and the owner's address into WASTETRACK_OWNER_DATABASE_URL, then run"
        " `wastetrack db upgrade`.",
        role=role,
        reason=reason,
        application=APPLICATION,
    )


def refuse_bound(url: str) -> None:
    """Raise Conflict where row-level security binds the role of this address: it would look at a part as the whole."""
    with _connected(url) as connection:
        row = connection.execute(_BOUND).fetchone()
        if row is not None and row[0]:
            raise Conflict(
                "db.owner_needed",
                "This needs the owner of the database: {role} sees a part only. Set WASTETRACK_OWNER_DATABASE_URL.",
                role=connection.info.user,
            )


def admit(owner_url: str, application_url: str) -> str | None:
    """Make the login of the application's address usable, by the owner; gives its name, None where it is the owner's.

    Makes it where it is missing, sets its password where the one in the address does not fit, and lets it be the
    application. An existing login keeps all that it has. Raises Conflict for one more powerful than an application may
    be, and where the owner may not do this.
    """
    login = sa.make_url(application_url).username
    with _connected(owner_url) as owner:
        login = login or owner.info.user
        if login == owner.info.user:
            return None
        try:
            _admit(owner, login, application_url)
        except psycopg.errors.InsufficientPrivilege as error:
            raise Conflict(
                "db.login_not_made",
                "{owner} may not make or change the login {role}: {reason}. As a superuser run:"
                " create role {role} login in role {application};",
                owner=owner.info.user,
                role=login,
                reason=error.diag.message_primary,
                application=APPLICATION,
            ) from error
    refuse_powerful(application_url)
    return login


def _admit(owner: "psycopg.Connection[tuple[object, ...]]", login: str, application_url: str) -> None:
    name = sql.Identifier(login)
    known = owner.execute(_KNOWN, (login,)).fetchone()
    if known is None:
        owner.execute(
            sql.SQL("create role {} login nosuperuser nobypassrls nocreatedb nocreaterole noreplication").format(name)
        )
    elif known[0]:
        _refuse(login, "it is more powerful than an application may be")
    member = owner.execute(_IS_MEMBER, (login, APPLICATION)).fetchone()
    if login != APPLICATION and member is not None and not member[0]:
        owner.execute(sql.SQL("grant {} to {}").format(sql.Identifier(APPLICATION), name))
    owner.commit()
    password = sa.make_url(application_url).password
    if password is not None and not _fits(application_url):
        # Hashed here: in clear it might end up in the server's log.
        hashed = owner.pgconn.encrypt_password(str(password).encode(), login.encode(), None).decode()
        owner.execute(sql.SQL("alter role {} login password {}").format(name, sql.Literal(hashed)))
        owner.commit()


def _fits(url: str) -> bool:
    try:
        psycopg.connect(addresses.over("", url), connect_timeout=_CONNECT_TIMEOUT_SECONDS).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def _connected(url: str) -> "Iterator[psycopg.Connection[tuple[object, ...]]]":
    # Over SQLAlchemy's engine for its way to read an address and to tell what went wrong; one connection, no pool.
    over_psycopg = addresses.over("psycopg", url)
    with told_plainly(over_psycopg):
        engine = sa.create_engine(
            over_psycopg, poolclass=sa.NullPool, connect_args={"connect_timeout": _CONNECT_TIMEOUT_SECONDS}
        )
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)  # noqa: S101  the driver was asked for
            yield driver
