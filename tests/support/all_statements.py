"""Counting every statement that PostgreSQL is asked, those of the driver too, which SQLAlchemy does not see."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


@contextmanager
def all_counted(engine: AsyncEngine) -> Iterator[list[str]]:
    """The statements that this pool's connections are asked meanwhile."""
    sent: list[str] = []
    watched: list[Any] = []

    def note(asked: Any) -> None:  # noqa: ANN401  asyncpg's record
        sent.append(asked.query)

    def out(connection: Any, _record: Any, _proxy: Any) -> None:  # noqa: ANN401  SQLAlchemy's hook
        raw = connection.driver_connection
        if raw not in watched:
            raw.add_query_logger(note)
            watched.append(raw)

    event.listen(engine.sync_engine, "checkout", out)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "checkout", out)
        for raw in watched:
            raw.remove_query_logger(note)
