"""Every statement that goes to the server, SQLAlchemy's and those sent past it, to pin how many a request needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


@contextmanager
def on_the_wire(engine: AsyncEngine) -> Iterator[list[str]]:
    """The statements sent over this pool meanwhile; transactions' own words are not among them."""
    sent: list[str] = []
    watched: list[Any] = []

    def note(record: Any) -> None:  # noqa: ANN401  asyncpg's LoggedQuery
        if (
            record.query.strip().lower() not in {"select", "rollback;", "commit;"}
            and "begin" not in record.query.lower()
        ):
            sent.append(record.query)

    def watch(connection: Any, *_rest: Any) -> None:  # noqa: ANN401  SQLAlchemy's hook
        driver = connection.driver_connection
        if driver not in watched:
            driver.add_query_logger(note)
            watched.append(driver)

    event.listen(engine.sync_engine, "checkout", watch)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "checkout", watch)
        for driver in watched:
            driver.remove_query_logger(note)
