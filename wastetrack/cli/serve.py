"""`wastetrack serve`: pages and API, with the sequencer and the jobs beside them."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Annotated

import asyncpg
import typer
import uvicorn
from fastapi import FastAPI

from wastetrack import clock, settings
from wastetrack.app import make_app
from wastetrack.catalogues.loading import load_packaged
from wastetrack.catalogues.queries import editions
from wastetrack.db.opening import Database, open_database
from wastetrack.db.session import writing
from wastetrack.errors import Unavailable
from wastetrack.jobs.worker import beside_requests
from wastetrack.serving import logs
from wastetrack.settings import Settings

app = typer.Typer(help="Serve pages and API until told to stop.")

_BACKLOG = 2048
_GRACE_SECONDS = 10
# A backend that was killed makes PostgreSQL restart itself, which takes a second or two and is not the end.
_SECONDS_BETWEEN_LOOKS = 2
_FAILURES_TO_GIVE_UP = 5


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to serve on; default: that of the settings")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one", min=0, max=65535)] = None,
) -> None:
    """Serve pages and API until told to stop (Ctrl-C, SIGTERM)."""
    logs.configure()
    given = settings.load()
    changed = {"host": host, "port": port}
    chosen = given.model_copy(update={name: value for name, value in changed.items() if value is not None})
    # uvicorn's own choice: uvloop where there is one, which takes a fifth off the cost of a request.
    with asyncio.Runner(loop_factory=uvicorn.Config(app="").get_loop_factory()) as runner:
        runner.run(_serve(chosen))


async def _serve(chosen: Settings) -> None:
    with listening(chosen.host, chosen.port) as door:
        async with open_database(chosen) as database:
            await fill_empty(database)
            background = beside_requests(chosen, dsn=database.dsn)
            served = make_app(chosen, database_url=database.url, background=background)
            await run(served, door, database, on_ready=tell)


def tell(address: str) -> None:
    """Say where, on standard error: standard output is for what was asked for."""
    typer.echo(f"Serving at {address}", err=True)


async def fill_empty(database: Database) -> None:
    """A database without any list gets those that travel with the product: without them nothing could be labelled."""
    async with writing(database.engine) as session:
        if not await editions(session):
            await load_packaged(session, at=clock.now())


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """The door, before anything else is started. Raises Unavailable where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        door = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        message = "Cannot serve on {host} port {port}: {reason}."
        raise Unavailable("serve.port", message, host=host, port=port, reason=error.strerror or str(error)) from error
    with door:
        # asyncio sets this only on sockets that name their protocol, which those accepted here do not; without it the
        # second packet of each answer waits 40 ms for the reader's acknowledgement. Accepted sockets inherit it.
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield door


async def run(served: FastAPI, door: socket.socket, database: Database, *, on_ready: Callable[[str], None]) -> None:
    """Serve at the door until SIGINT or SIGTERM; requests under way get ten seconds, a second signal ends them.

    Raises Unavailable when the embedded database has died: whoever supervises this process starts both anew.
    """
    config = uvicorn.Config(
        served,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        lifespan="on",
    )
    server = _Server(config, on_ready)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    watching = asyncio.create_task(_until_lost(database))
    watching.add_done_callback(lambda _: server.stop())
    try:
        await server.serve(sockets=[door])
        if watching.done():
            message = "The embedded database has died. Start again; nothing acknowledged is lost."
            raise Unavailable("database_died", message)
    finally:
        watching.cancel()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _until_lost(database: Database) -> None:
    """Return when the embedded database has not answered for some time; an external one may always come back."""
    failures = 0
    while failures < _FAILURES_TO_GIVE_UP:
        await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
        if not database.embedded:
            continue
        try:
            connection = await asyncpg.connect(database.dsn, timeout=_SECONDS_BETWEEN_LOOKS)
            await connection.close()
            failures = 0
        except (OSError, TimeoutError, asyncpg.PostgresError):
            failures += 1


class _Server(uvicorn.Server):
    """uvicorn raises the signal that stopped it once more, which would end us before the database is closed."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The loop has our handlers."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell where."""
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            self._on_ready(_address(host, port))

    def stop(self) -> None:
        """Finish what is under way; told twice, drop it."""
        self.force_exit = self.should_exit
        self.should_exit = True


def _address(host: str, port: int) -> str:
    """What to type into a browser. By its name, for passkeys belong to a name and never to a number."""
    if host == "127.0.0.1":
        return f"http://localhost:{port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
