"""The real application on a port of this machine, in a thread of its own, for a browser to come to."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import uvicorn

from tests.support.served import Served, served_on
from tests.support.world import World
from wastetrack.db import addresses
from wastetrack.jobs.sequencing import sequencing
from wastetrack.jobs.worker import working

Prepare = Callable[[Served], Awaitable[None]]
"""What is done with the application, in its thread, before anybody comes."""


class _Served(threading.Thread):
    """Serves until told to stop; the sequencer runs beside it as in a real server, jobs where they are asked for."""

    def __init__(
        self,
        database_url: str,
        world: World,
        data_dir: Path,
        door: socket.socket,
        prepare: Prepare | None,
        *,
        jobs: bool,
    ) -> None:
        super().__init__(name="served application", daemon=True)
        self._given = database_url, world, data_dir
        self._door = door
        self._prepare = prepare
        self._jobs = jobs
        self.ready = threading.Event()
        self.failure: BaseException | None = None
        self._server: uvicorn.Server | None = None

    def run(self) -> None:
        """The thread's work."""
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001  told in the thread of the test
            self.failure = error
        finally:
            self.ready.set()

    async def _serve(self) -> None:
        database_url, world, data_dir = self._given
        address = f"http://localhost:{self._door.getsockname()[1]}"
        async with served_on(database_url, world, data_dir, base_url=address) as served:
            state = served.app.state
            if self._prepare is not None:
                await self._prepare(served)
            async with AsyncExitStack() as beside:
                await beside.enter_async_context(sequencing(state.engine, state.keys.signer))
                if self._jobs:
                    dsn = addresses.over("", state.engine.url.render_as_string(hide_password=False))
                    await beside.enter_async_context(working(state.settings, dsn=dsn, engine=state.engine))
                config = uvicorn.Config(served.app, lifespan="off", log_config=None, access_log=False)
                self._server = uvicorn.Server(config)
                self.ready.set()
                await self._server.serve(sockets=[self._door])

    def stop(self) -> None:
        """Hang up and wait."""
        if self._server is not None:
            self._server.should_exit = True
        self.join(timeout=20)


@contextmanager
def serving(
    database_url: str, world: World, data_dir: Path, prepare: Prepare | None = None, *, jobs: bool = False
) -> Iterator[str]:
    """The address of the application, which is gone at the end."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = _Served(database_url, world, data_dir, door, prepare, jobs=jobs)
        thread.start()
        thread.ready.wait(240)
        if thread.failure is not None:
            raise thread.failure
        try:
            yield f"http://localhost:{door.getsockname()[1]}"
        finally:
            thread.stop()
