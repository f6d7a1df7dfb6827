"""`wastetrack regulations`: each clause of the rules that binds a user, and the test that shows how it is kept."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from wastetrack.errors import NotFound
from wastetrack.regulations.model import SOURCES, Clause, Standing, counts
from wastetrack.regulations.reading import all_clauses, clauses_of

app = typer.Typer(help="Each clause of the rules that binds a user, and the test that shows how it is kept.")

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead")]
_Only = Annotated[Standing | None, typer.Option("--only", help="Only clauses with this status")]
_Source = Annotated[str | None, typer.Option("--source", help="Only this text, e.g. order23")]
_STYLES = {
    Standing.SHOWN: "green",
    Standing.MISSING: "red",
    Standing.NOT_FOR_SOFTWARE: "yellow",
    Standing.NO_DUTY: "dim",
}


@app.callback(invoke_without_command=True)
def regulations(only: _Only = None, source: _Source = None, *, as_json: _Json = False) -> None:
    """Print the clauses with their answers and counts, all or those asked for."""
    names = [each.name for each in SOURCES]
    if source is not None and source not in names:
        message = "There is no text “{source}”; there are {names}."
        raise NotFound("regulation_unknown", message, source=source, names=", ".join(names))
    every = all_clauses() if source is None else clauses_of(source)
    clauses = [clause for clause in every if only in {None, clause.status}]
    if as_json:
        told = {
            "sources": [
                {"name": each.name, "title": each.title, "title_en": each.title_en, **counts(clauses_of(each.name))}
                for each in SOURCES
                if source in {None, each.name}
            ],
            "counts": counts(every),
            "clauses": [clause.as_json() for clause in clauses],
        }
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _print(clauses, counts(every))


def _print(clauses: list[Clause], counted: dict[str, int]) -> None:
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    for heading in ("text", "clause", "status", "what it asks, and what shows it"):
        table.add_column(heading, no_wrap=not heading.startswith("what"), overflow="fold")
    for clause in clauses:
        told = "\n".join(line for line in (clause.duty, clause.answer, *clause.tests) if line)
        style = _STYLES[clause.status]
        table.add_row(clause.source, clause.number, clause.status.value, told, style=style)
    console.print(table)
    console.print(", ".join(f"{status} {number}" for status, number in counted.items()), markup=False)
