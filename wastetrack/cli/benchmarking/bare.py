"""The yardstick of a request: the statements that it sends, sent again by nobody but the driver.

They are recorded in this process from the real application on one clone, and replayed on another clone of the same
database, with the same arguments, in transactions as they were, by the application's role: what row-level security
costs is in the yardstick too.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import orjson
from sqlalchemy import event

from wastetrack.app import make_app
from wastetrack.cli.benchmarking.stage import PASSWORD, Stage
from wastetrack.db.addresses import Address
from wastetrack.settings import Settings

Statement = tuple[str, tuple[Any, ...]]
Recording = list[Statement]
"""What one request sent, in order, BEGIN and COMMIT included."""


@dataclass(slots=True)
class Recorder:
    """The application in this process, its statements written down."""

    client: httpx2.AsyncClient
    statements: Recording

    async def call(self, method: str, path: str, body: Any = None, *, key: UUID | None = None) -> Recording:  # noqa: ANN401
        """One request; gives what it sent. Raises RuntimeError for anything but 2xx."""
        self.statements.clear()
        headers = {"content-type": "application/json"} | ({"idempotency-key": str(key)} if key else {})
        content = None if body is None else orjson.dumps(body)
        answer = await self.client.request(method, f"/api/v1{path}", content=content, headers=headers)
        if not answer.is_success:
            msg = f"{method} {path} gave {answer.status_code}: {answer.text[:500]}"
            raise RuntimeError(msg)
        return list(self.statements)


@asynccontextmanager
async def recorder(stage: Stage, address: Address, role: str) -> AsyncIterator[Recorder]:
    """The application on a database, without anything beside the requests, as one of the region's people."""
    settings = Settings(data_dir=stage.folder / "keys", pool_size=1)
    app = make_app(settings, database_url=address.for_application().url)
    statements: Recording = []

    def listen(connection: Any, _record: object) -> None:  # noqa: ANN401  SQLAlchemy's adapted connection
        connection.driver_connection.add_query_logger(lambda query: statements.append((query.query, tuple(query.args))))

    def note(_connection: object, _cursor: object, query: str, given: Any, _context: object, many: bool) -> None:  # noqa: ANN401, FBT001
        # The driver tells nothing of statements that SQLAlchemy has prepared itself.
        statements.extend((query, tuple(one)) for one in (given if many else [given]))

    async with app.router.lifespan_context(app):
        event.listen(app.state.engine.sync_engine, "connect", listen)
        event.listen(app.state.engine.sync_engine, "before_cursor_execute", note)
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            login = {"login": stage.logins[role], "password": PASSWORD}
            token = (await client.post("/api/v1/sign-in", json=login)).json()["token"]
            client.headers["authorization"] = f"Bearer {token}"
            yield Recorder(client, statements)


async def replay(address: Address, shares: Sequence[Sequence[Recording]]) -> tuple[float, float]:
    """Send recordings over as many connections as there are shares; gives seconds by the clock and of this process's
    processor. Statements are prepared by a first recording of each share, which is not timed."""
    connections = [await asyncpg.connect(address.for_application().dsn, statement_cache_size=512) for _ in shares]
    await asyncio.gather(*(_send(one, share[:1]) for one, share in zip(connections, shares, strict=True)))
    begin, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_send(one, share[1:]) for one, share in zip(connections, shares, strict=True)))
    spent = time.perf_counter() - begin, time.process_time() - cpu
    for connection in connections:
        await connection.close()
    return spent


async def _send(connection: "asyncpg.Connection[Any]", recordings: Sequence[Recording]) -> None:
    for recording in recordings:
        for query, arguments in recording:
            if arguments:
                await connection.fetch(query, *arguments)
            else:
                await connection.execute(query)
