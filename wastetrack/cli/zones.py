"""`wastetrack zones`: what a GeoJSON of zones looks like, and drawing it on the machine of the database."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from wastetrack import clock, settings
from wastetrack.auth import queries
from wastetrack.cli.positions import Token
from wastetrack.db.opening import open_database
from wastetrack.db.session import writing
from wastetrack.errors import Unauthenticated
from wastetrack.positions.drawing import draw_zones
from wastetrack.positions.model import DrawZones, Frame
from wastetrack.positions.reading_zones import read_zones
from wastetrack.settings import Settings

app = typer.Typer(help="Where no load may stand.", no_args_is_help=True)

_File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="GeoJSON")]
_Frame = Annotated[Frame, typer.Option(help="Of the file, where it does not say it itself")]


@app.callback()
def zones() -> None:
    """Where no load may stand."""


@app.command()
def check(file: _File, *, frame: _Frame = Frame.WGS84) -> None:
    """Read a file as the server would and tell every fault by feature and ring; fails with 1 if there is one."""
    drawn, faults = read_zones(file.read_bytes(), frame)
    for one in faults:
        typer.echo(f"{file.name}:{one.row}:{one.column}: {one.broken.sentence()}")
    typer.echo(f"{len(drawn)} zones, {len(faults)} errors.")
    if faults:
        raise typer.Exit(1)


@app.command("import")
def take_in(file: _File, token: Token, *, frame: _Frame = Frame.WGS84) -> None:
    """Draw the zones of a file, all or none. What is there already is not drawn twice."""
    typer.echo(f"{asyncio.run(_draw(settings.load(), file.read_bytes(), frame, token))} new zones.")


async def _draw(chosen: Settings, content: bytes, frame: Frame, token: str) -> int:
    at = clock.now()
    async with open_database(chosen, join=True) as database, writing(database.engine) as session:
        identity = await queries.authenticate_token(session, token, at=at)
        if identity is None:
            raise Unauthenticated("credential_ended", "Your sign-in has ended. Sign in again.")
        return len(await draw_zones(session, identity.actor, DrawZones(content=content, frame=frame), at=at))
