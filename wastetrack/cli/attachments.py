"""`wastetrack attachments`: whether every attached file is still there, as it was stored."""

import asyncio

import typer

from wastetrack import settings
from wastetrack.attachments.checking import FileFinding, check_files
from wastetrack.attachments.storing import FileStore
from wastetrack.db.opening import open_database
from wastetrack.db.session import reading
from wastetrack.settings import Settings

app = typer.Typer(help="Look after attached files.", no_args_is_help=True)


@app.callback()
def attachments() -> None:
    """Look after attached files."""


@app.command()
def check() -> None:
    """Read every stored file and compare it with its hash; fails with 1 if one is missing, changed or unnamed."""
    findings = asyncio.run(_checked(settings.load()))
    for finding in findings:
        typer.echo(f"{finding.trouble.value}: {finding.path}")
    if findings:
        raise typer.Exit(1)
    typer.echo("All attached files are as they were stored.")


async def _checked(chosen: Settings) -> list[FileFinding]:
    # Row-level security would hide the rows of every firm, and each file would be called unnamed.
    async with open_database(chosen, join=True, as_owner=True) as database, reading(database.engine) as session:
        return await check_files(session, FileStore(chosen.data_dir))
