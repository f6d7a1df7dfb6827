"""`wastetrack security`: what the program answers to lists of security requirements, row by row."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from wastetrack.security.model import ListName, Row, Status, counts
from wastetrack.security.reading import inventory as entries
from wastetrack.security.reading import rows_of

app = typer.Typer(help="Answers to lists of security requirements, each with its test.", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead")]
_Only = Annotated[Status | None, typer.Option("--only", help="Only rows with this status")]
_STYLES = {Status.MET: "green", Status.NOT_MET: "red", Status.DEPLOYER: "yellow", Status.NOT_APPLICABLE: "dim"}


@app.command()
def asvs(only: _Only = None, *, as_json: _Json = False) -> None:
    """OWASP ASVS 5.0.0, levels 1 and 2 without WebRTC."""
    _tell(ListName.ASVS, only, as_json=as_json)


@app.command()
def cromerr(only: _Only = None, *, as_json: _Json = False) -> None:
    """The 20 points of CROMERR for electronic signatures, 40 CFR 3.2000(b)."""
    _tell(ListName.CROMERR, only, as_json=as_json)


@app.command()
def djbh(only: _Only = None, *, as_json: _Json = False) -> None:
    """等保2.0, level 3: what is asked of applications and data, GB/T 22239-2019 8.1.4."""
    _tell(ListName.DJBH, only, as_json=as_json)


@app.command()
def inventory(*, as_json: _Json = False) -> None:
    """How it protects itself: limits, sessions, keys, data and their levels, logs, updates."""
    if as_json:
        typer.echo(json.dumps([entry.as_json() for entry in entries()], ensure_ascii=False, indent=2))
        return
    for entry in entries():
        typer.echo(f"{entry.topic}\n  {entry.says}")
        if entry.names:
            typer.echo(f"  {', '.join(entry.names)}")
        for name, value in (entry.figures | entry.settings).items():
            typer.echo(f"  {name} = {value}")


def _tell(name: ListName, only: Status | None, *, as_json: bool) -> None:
    every = rows_of(name)
    rows = [row for row in every if only in {None, row.status}]
    if as_json:
        told = {"list": name.value, "counts": counts(every), "rows": [row.as_json() for row in rows]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _print(rows, counts(every))


def _print(rows: list[Row], counted: dict[str, int]) -> None:
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "level", "status", "answer"):
        table.add_column(heading, no_wrap=heading != "answer", overflow="fold")
    for row in rows:
        words = f"{row.name}: {row.answer}" if row.name else row.answer
        told = "\n".join((words, *row.tests))
        table.add_row(row.id, row.level, row.status.value, told, style=_STYLES[row.status])
    console.print(table)
    console.print(", ".join(f"{status} {number}" for status, number in counted.items()), markup=False)
