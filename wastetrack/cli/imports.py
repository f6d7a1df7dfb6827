"""`wastetrack import`: what a file that is to be imported looks like before anybody sends it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wastetrack.imports.columns import COLUMNS
from wastetrack.imports.headings import lay_out
from wastetrack.imports.marking import told
from wastetrack.imports.model import Finding, ImportKind, Severity
from wastetrack.imports.reading import read
from wastetrack.imports.rows import read_rows
from wastetrack.imports.template_books import template

if TYPE_CHECKING:
    from wastetrack.i18n import Locale

app = typer.Typer(help="Files of many rows, before they are sent.", no_args_is_help=True)


@app.callback()
def imports() -> None:
    """Files of many rows, before they are sent."""


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A workbook (.xlsx) or CSV")],
    *,
    kind: Annotated[ImportKind, typer.Option(help="What it brings")] = ImportKind.CONTAINERS,
    locale: Annotated[str, typer.Option(help="zh or en")] = "zh",
) -> None:
    """Read a file as the server would and tell every cell that cannot be read; fails with 1 if there is one.

    Headings, days, masses, choices: no database is asked, so the rules on codes, stores and firms come later.
    """
    language: Locale = "en" if locale == "en" else "zh"
    grid, findings = read(file.read_bytes()), list[Finding]()
    layout = lay_out(grid, COLUMNS[kind])
    rows = sum(1 for _ in read_rows(grid, layout, findings))
    for one in [*layout.odd, *findings]:
        typer.echo(f"{one.row}:{one.column or 0}: {told(one, language)}")
    errors = sum(one.severity is Severity.ERROR for one in findings)
    typer.echo(f"{rows} rows, {errors} errors.")
    if errors:
        raise typer.Exit(1)


@app.command("template")
def blank(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to write the workbook")],
    *,
    kind: Annotated[ImportKind, typer.Option(help="What it brings")] = ImportKind.CONTAINERS,
    locale: Annotated[str, typer.Option(help="zh or en")] = "zh",
) -> None:
    """Write the workbook to fill in."""
    file.write_bytes(template(kind, "en" if locale == "en" else "zh"))
    typer.echo(f"Written to {file}.")
