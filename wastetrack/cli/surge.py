"""`wastetrack surge`: an epidemic by the day, worked out from a file or from one of the presets."""

from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from wastetrack.capacity.surge_model import TONNE, SurgeAnswer, SurgePreset, SurgeQuestion, preset_question
from wastetrack.cli.capacity import CUT_SHORT
from wastetrack.errors import Malformed, Unavailable

app = typer.Typer(help="Simulate an epidemic: who takes medical waste on which day, and what nobody takes.")

_File = Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, help="A question as --question prints it")]
_Preset = Annotated[SurgePreset, typer.Option(help="Where to start from without a file")]
_Json = Annotated[bool, typer.Option("--json", help="Print the whole answer as one JSON object")]
_Question = Annotated[bool, typer.Option("--question", help="Print the question instead, to be edited and asked again")]
_Limit = Annotated[float | None, typer.Option("--time-limit", min=0.1, help="Seconds; what is found by then is told")]


@app.command()
def surge(
    file: _File = None,
    *,
    preset: _Preset = SurgePreset.WUHAN,
    as_json: _Json = False,
    only_question: _Question = False,
    time_limit: _Limit = None,
) -> None:
    """Say when usual capacity is exceeded, who takes what by the day, and what goes nowhere."""
    asked = _asked(file, preset)
    if only_question:
        typer.echo(orjson.dumps(asked.as_json(), option=orjson.OPT_INDENT_2).decode())
        return
    try:
        from wastetrack.capacity import surging  # noqa: PLC0415  needs the extra
    except ModuleNotFoundError as error:
        sentence = "{name} is missing: pip install 'wastetrack[capacity]'."
        raise Unavailable("capacity_missing", sentence, name=error.name or "A package") from error
    found = surging.surge(asked, time_limit=time_limit)
    if as_json:
        typer.echo(orjson.dumps(found.as_json()).decode())
    else:
        _print(asked, found)
    if not found.proven:
        typer.echo("cut short: a better answer may be found with a longer --time-limit.", err=True)
        raise typer.Exit(CUT_SHORT)


def _asked(file: Path | None, preset: SurgePreset) -> SurgeQuestion:
    if file is None:
        return preset_question(preset)
    try:
        return SurgeQuestion.from_json(orjson.loads(file.read_bytes()))
    except orjson.JSONDecodeError as error:
        message = "This is no question about an epidemic: {error}."
        raise Malformed("surge_unreadable", message, error=str(error)) from error


def _print(asked: SurgeQuestion, found: SurgeAnswer) -> None:
    console, table = Console(highlight=False), Table(box=None, pad_edge=False)
    taking = [one for one in found.plants if one.total_g]
    for head in ("day", "arises t", *(one.name for one in taking), "waits t", "nowhere t"):
        table.add_column(head, justify="left" if head == "day" else "right")
    for place, day in enumerate(found.days):
        taken = (one.taken_g[place] for one in taking)
        table.add_row(day.day.isoformat(), *map(_tonnes, (day.arises_g, *taken, day.waits_g, day.unmatched_g)))
    console.print(table)
    hours = found.exceeded_after_hours
    console.print(f"{asked.title}: usual capacity {_tonnes(found.usual_g)} t a day; exceeded "
                  + ("never." if hours is None else f"after {hours} hours."))  # fmt: skip
    worst = found.worst
    console.print(
        f"{_tonnes(found.unmatched_g)} of {_tonnes(found.arises_g)} t go nowhere on {found.unmatched_days} day(s); "
        f"on {worst.day}: {_tonnes(worst.unmatched_g)} of {_tonnes(worst.arises_g)} t. "
        f"{found.helpers_needed} helper(s), {found.seconds:.2f} s{'' if found.proven else ', not proven'}."
    )


def _tonnes(grams: int) -> str:
    return f"{grams / TONNE:,.1f}"
