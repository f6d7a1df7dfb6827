"""`wastetrack bench`: what it costs, each figure beside its bare yardstick of the same run."""

import asyncio
import dataclasses
import sys
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Column, Table

from wastetrack.cli.benchmarking import capacity, chain, checks, filing, gate, imports, labels, log, reading, stage
from wastetrack.cli.benchmarking.rows import Row
from wastetrack.errors import Malformed

app = typer.Typer(help="Measure what the main steps cost, beside their bare yardsticks.")

# Those on a database share one founded region; the others need none.
ON_A_STAGE = {
    "gate": gate.measure,
    "read": reading.measure,
    "file": filing.measure,
    "import": imports.measure,
    "statements": reading.count_statements,
    "chain": chain.measure,
}
WITHOUT = {"labels": labels.measure, "log": log.measure}
# Only when they are named: they take minutes and the extras `checks` and `capacity`.
NAMED = {"checks": checks.measure, "capacity": capacity.measure}
GROUPS = (*ON_A_STAGE, *WITHOUT, *NAMED)


@app.command()
def bench(
    group: Annotated[
        str | None,
        typer.Argument(
            help="gate, read, file, import, statements, chain, labels, log; default: all these; or checks, capacity"
        ),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list of the rows")] = False,
    scale: Annotated[float, typer.Option(help="1 for the full measurement, less for a quick look", min=0.01)] = 1.0,
) -> None:
    """Measure one group or all. Figures are printed, never asserted: the exit code is 0 whether aims are met or not."""
    if group is not None and group not in GROUPS:
        message = "There is no group “{group}”; there are {known}."
        raise Malformed("bench_group_unknown", message, group=group, known=", ".join(GROUPS))
    wanted = (*ON_A_STAGE, *WITHOUT) if group is None else (group,)
    rows = asyncio.run(_measure(wanted, scale))
    if as_json:
        sys.stdout.write(
            orjson.dumps([dataclasses.asdict(row) for row in rows], option=orjson.OPT_INDENT_2).decode() + "\n"
        )
    else:
        _show(rows)


async def _measure(wanted: tuple[str, ...], scale: float) -> list[Row]:
    progress = Console(stderr=True)
    rows: list[Row] = []
    for name in wanted:
        if alone := {**WITHOUT, **NAMED}.get(name):
            progress.print(f"[dim]{name} …[/dim]")
            rows += await asyncio.to_thread(alone, scale=scale)
    staged = [name for name in wanted if name in ON_A_STAGE]
    if staged:
        progress.print("[dim]founding a region …[/dim]")
        async with stage.set_up() as region:
            for name in staged:
                progress.print(f"[dim]{name} …[/dim]")
                rows += await ON_A_STAGE[name](region, scale=scale)
    return rows


def _show(rows: list[Row]) -> None:
    names = (
        "what",
        "value",
        "unit",
        "yardstick",
        "ratio",
        "aim",
        "met",
        *(("",) if any(row.note for row in rows) else ()),
    )
    table = Table(*(Column(name, no_wrap=bool(name)) for name in names))
    for row in rows:
        met = "" if row.met is None else "yes" if row.met else "[red]no[/red]"
        told = (row.name, f"{row.value:,}", row.unit, f"{row.yardstick:,}", f"{row.ratio:.3f}", row.aim, met, row.note)
        table.add_row(*told[: len(names)])
    Console(width=max(Console().width, 120)).print(table)
