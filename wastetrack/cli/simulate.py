"""`wastetrack simulate`: a world of waste with known fraud, in the tables of an extract."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from wastetrack.errors import Unavailable

app = typer.Typer(help="Make a world with known fraud, to try the checks on.")


class WorldSize(StrEnum):
    """Manifests in its year: 2,400, 60,000, 600,000, 6,000,000."""

    XS = "XS"
    S = "S"
    M = "M"
    L = "L"


class World(StrEnum):
    """How much honest work looks like fraud."""

    EASY = "easy"
    HARD = "hard"


class FileFormat(StrEnum):
    """How the tables are written."""

    PARQUET = "parquet"
    NDJSON = "ndjson"


@app.callback(invoke_without_command=True)
def simulate(
    *,
    out: Annotated[
        Path, typer.Option(file_okay=False, help="An empty or new folder; the truth goes to its folder truth")
    ],
    size: Annotated[WorldSize, typer.Option(help="How large")] = WorldSize.S,
    world: Annotated[World, typer.Option(help="How untidy")] = World.EASY,
    schemes: Annotated[str, typer.Option(help="all, none, or names with commas, each also as name=rate")] = "all",
    seed: Annotated[int, typer.Option(min=0, help="The same seed writes the same bytes")] = 1,
    file_format: Annotated[FileFormat, typer.Option("--format", help="How")] = FileFormat.PARQUET,
    positions: Annotated[
        bool, typer.Option("--positions", help="Write where the vehicles were, too: many rows")
    ] = False,
) -> None:
    """Write a world as an extract, and what is false in it into its folder `truth`, which can be kept back."""
    try:
        from wastetrack.simulation import simulating, sizes, writing  # noqa: PLC0415  needs the extra
    except ModuleNotFoundError as error:
        raise Unavailable(
            "checks_missing", "{name} is missing: pip install 'wastetrack[checks]'.", name=error.name or "A package"
        ) from error
    wanted = simulating.wish(
        sizes.Size(size.value),
        sizes.Hardness(world.value),
        seed,
        schemes=schemes,
        form=writing.Format(file_format.value),
        positions=positions,
    )
    for one in simulating.simulate(wanted, out):
        typer.echo(f"{one.rows:>12,}  {one.path}")
