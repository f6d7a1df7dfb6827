"""`wastetrack positions`: what a file of fixes looks like, and taking it in on the machine of the database."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from wastetrack import clock, settings
from wastetrack.auth import queries
from wastetrack.db.opening import open_database
from wastetrack.db.session import writing
from wastetrack.errors import Unauthenticated
from wastetrack.positions.model import TakePositions
from wastetrack.positions.taking_in import read_file, take_positions
from wastetrack.settings import Settings

app = typer.Typer(help="Where vehicles were.", no_args_is_help=True)

_File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, or reports of JT/T 808 as JSON")]
Token = Annotated[
    str,
    typer.Option(envvar="WASTETRACK_TOKEN", prompt="Token", hide_input=True, help="A token with the scope track"),
]


@app.callback()
def positions() -> None:
    """Where vehicles were."""


@app.command()
def check(file: _File) -> None:
    """Read a file as the server would and tell everything that cannot be read; fails with 1 if there is something.

    No database is asked, so vehicles and what is here already come later.
    """
    read = read_file(file.read_bytes())
    for one in read.faults:
        typer.echo(f"{file.name}:{one.row}:{one.column}: {one.broken.sentence()}")
    typer.echo(f"{read.rows} rows, {len(read.faults)} errors.")
    if read.faults:
        raise typer.Exit(1)


@app.command("import")
def take_in(files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)], token: Token) -> None:
    """Take in files, each whole or not at all. Sent again, they add nothing."""
    for line in asyncio.run(_take_in(settings.load(), files, token)):
        typer.echo(line)


async def _take_in(chosen: Settings, files: list[Path], token: str) -> list[str]:
    at, told = clock.now(), []
    async with open_database(chosen, join=True) as database:
        for file in files:
            command = TakePositions(name=file.name, content=file.read_bytes())
            async with writing(database.engine) as session:
                identity = await queries.authenticate_token(session, token, at=at)
                if identity is None:
                    raise Unauthenticated("credential_ended", "Your sign-in has ended. Sign in again.")
                row = await take_positions(session, identity.actor, command, at=at, kept_days=chosen.position_days)
            told.append(f"{file.name}: {row.rows} rows, {row.added} new.")
            told += [f"  {one['vehicle']}: {one['told']} ({one['count']}, row {one['row']})" for one in row.findings]
    return told
