"""The sequencer beside other work of a process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.transparency.note import Signer
from wastetrack.transparency.publishing import run_sequencer


@asynccontextmanager
async def sequencing(engine: AsyncEngine, signer: Signer) -> AsyncIterator[None]:
    """Publish the log as long as this is open; the turn that is under way is finished at the end."""
    stop = asyncio.Event()
    running = asyncio.create_task(run_sequencer(engine, signer, stop), name="sequencer")
    try:
        yield
    finally:
        stop.set()
        await running
