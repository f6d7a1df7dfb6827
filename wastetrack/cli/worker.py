"""`wastetrack worker`: the sequencer and the jobs in a process of their own, beside servers that run neither."""

import asyncio
import signal

import typer

from wastetrack import settings
from wastetrack.catalogues.jurisdiction import differ
from wastetrack.db.opening import open_database
from wastetrack.jobs.worker import both
from wastetrack.serving import logs
from wastetrack.settings import Settings

app = typer.Typer(help="Publish the log and run jobs until told to stop.")


@app.command()
def worker() -> None:
    """Publish the log and run jobs until told to stop (Ctrl-C, SIGTERM)."""
    logs.configure()
    asyncio.run(_work(settings.load()))


async def _work(chosen: Settings) -> None:
    differ(chosen.jurisdiction_file)
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    async with open_database(chosen, join=True) as database, both(chosen, dsn=database.dsn, engine=database.engine):
        typer.echo("Working.", err=True)
        await told.wait()
