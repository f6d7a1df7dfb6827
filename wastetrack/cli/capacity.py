"""`wastetrack capacity`: where the waste of an instance can go, as a file asks and a terminal or file answers."""

import contextlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from wastetrack.errors import Malformed, Unavailable

if TYPE_CHECKING:
    from wastetrack.capacity.model import Flows, Instance, Matching

app = typer.Typer(no_args_is_help=True, help="Match waste with the capacity to treat it.")

_File = Annotated[Path, typer.Argument(metavar="FILE", help="An instance as JSON; packed if it ends in .gz")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead")]
_Limit = Annotated[float | None, typer.Option("--time-limit", min=0.0, help="Seconds; then the best that was found")]
_TONNE_G, _PER_CENT = 1_000_000, 100
CUT_SHORT = 8
"""The exit code where a time limit came first."""


@app.callback()
def capacity() -> None:
    """Ask for the libraries that the commands of this part need. Raises Unavailable."""
    if missing := [name for name in ("highspy", "numpy") if importlib.util.find_spec(name) is None]:
        sentence = "Matching needs {missing}: pip install 'wastetrack[capacity]'."
        raise Unavailable("capacity_not_installed", sentence, missing=", ".join(missing))


@app.command()
def simulate(  # noqa: PLR0917  the signature is the command line
    out: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the instance; packed if it ends in .gz")],
    counties: Annotated[int, typer.Option(min=1, help="100 is a province, 3000 the nation")] = 100,
    plants: Annotated[int | None, typer.Option(min=1, help="Default: two or so a county")] = None,
    categories: Annotated[int, typer.Option(min=1, max=50, help="Of waste")] = 50,
    months: Annotated[int, typer.Option(min=1, max=120, help="Periods")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="The same seed writes the same bytes")] = 1,
    *,
    residues: Annotated[bool, typer.Option(help="Whether treating leaves waste that must go somewhere")] = True,
    stores: Annotated[bool, typer.Option(help="Whether waste may wait at either end, with several months")] = True,
) -> None:
    """Make a region by seed, and write it as a file."""
    from wastetrack.capacity.files import write_instance  # noqa: PLC0415  needs libraries that may not be installed
    from wastetrack.capacity.worlds.making import Wish, make  # noqa: PLC0415

    wish = Wish(counties, categories, plants, months, seed, residues=residues, stores=stores)
    instance = make(wish)
    write_instance(instance, out)
    mass = instance.supply.mass_g
    typer.echo(
        f"{out}: {len(instance.places):,} places, {len(instance.plants):,} plants, {len(instance.lines):,} permit "
        f"items, {len(mass):,} supplies of {mass.sum() / _TONNE_G:,.0f} t in {len(instance.periods)} periods"
    )


@app.command()
def match(
    file: _File,
    scenario: Annotated[
        list[str] | None,
        typer.Option("--scenario", help="What if, beside the file as it is; changes with commas; may be repeated"),
    ] = None,
    time_limit: _Limit = None,
    start: Annotated[Path | None, typer.Option(help="What an earlier match wrote with --out, to begin from")] = None,
    out: Annotated[Path | None, typer.Option(help="Write figures and flows to this file")] = None,
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Look it over with code that shares nothing")] = False,
    as_json: _Json = False,
) -> None:
    """Match an instance, and what it would be in each scenario; each begins from the one before.

    Scenarios: retire:PLANT[:PERIOD], outage:PLANT:PERIOD[:SHARE], enlarge:PLANT:TONNES_A_PERIOD,
    new:PLACE:TONNES_A_PERIOD:CODE[+CODE...][:YUAN], quantity:ITEM:TONNES, open:PLANT, share:PLACE:GROUP,
    approve:PLACE:PLANT:CODE:TONNES, surge:FACTOR[:all], calm, nearest. Exit code 0 whatever is unmatched; 1 where
    --verify finds something wrong; 8 where the time limit came first.
    """
    from wastetrack.capacity.files import read_instance, read_json  # noqa: PLC0415  needs libraries
    from wastetrack.capacity.summing import flows_read, flows_told, summary  # noqa: PLC0415
    from wastetrack.capacity.supposing import supposed  # noqa: PLC0415

    instance = read_instance(file)
    before: Flows | Matching | None = None if start is None else flows_read(read_json(start), instance)
    asked = [("", instance), *((words, supposed(instance, words)) for words in scenario or ())]
    told: list[dict[str, Any]] = []
    wrong: list[str] = []
    for words, question in asked:
        before = _matched(words or "as it is", question, time_limit, before)
        one = {"scenario": words, **summary(before)}
        if verify:
            from wastetrack.capacity.verifying import verify as looked_over  # noqa: PLC0415

            one["wrong"] = looked_over(before)
            wrong += one["wrong"]
        told.append(one)
        if out is not None and not words:
            out.write_bytes(orjson.dumps({**one, "flows": flows_told(before)}))
    if as_json:
        whole = {**told[0], "scenarios": told[1:]}
        typer.echo(orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode())
    else:
        _show(told)
    cut = [one for one in told if one["cut_short"]]
    for one in cut:
        gap = one["unmatched_g"] - one["least_unmatched_g"]
        typer.echo(
            f"{one['scenario'] or 'as it is'}: cut short after {one['seconds']:.2f} s. Found: "
            f"{one['unmatched_g'] / _TONNE_G:,.3f} t unmatched; at least {one['least_unmatched_g'] / _TONNE_G:,.3f} t "
            f"must be, so the gap is {gap / _TONNE_G:,.3f} t. Give a longer --time-limit.",
            err=True,
        )
    if wrong or cut:
        raise typer.Exit(1 if wrong else CUT_SHORT)


@app.command("without")
def without_each(
    file: _File,
    plant: Annotated[list[str] | None, typer.Option("--plant", help="Only this one; may be repeated")] = None,
    time_limit: _Limit = None,
    *,
    as_json: _Json = False,
) -> None:
    """Take each plant away in turn, and say what is worse without it: those first that would be missed most.

    Exit code 8 where the time limit came first: then some plants are not told of.
    """
    from wastetrack.capacity.files import read_instance  # noqa: PLC0415  needs libraries that may not be installed
    from wastetrack.capacity.ranking import n_minus_one  # noqa: PLC0415

    instance = read_instance(file)
    if unknown := [one for one in plant or () if one not in instance.plants.ids]:
        raise Malformed("capacity.unknown_plant", "There is no plant {unknown}.", unknown=", ".join(unknown))
    wanted = None if plant is None else [instance.plants.ids.index(one) for one in plant]
    with _bar("plants") as tell, _quiet():
        losses = n_minus_one(instance, plants=wanted, time_limit=time_limit, progress=tell)
    rows: list[dict[str, Any]] = [
        {
            "plant": instance.plants.ids[one.plant], "name": instance.plants.names[one.plant],
            "unmatched_g": one.unmatched_g, "border_tkm": round(one.border_tkm, 3), "cost": round(one.cost, 2),
        }
        for one in losses
    ]  # fmt: skip
    missing = (len(instance.plants) if wanted is None else len(set(wanted))) - len(rows)
    if as_json:
        typer.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    else:
        _show_losses(rows)
    if missing:
        of = f"{missing:,} of {missing + len(rows):,} plants"
        typer.echo(f"cut short: there was no time for {of}. Give a longer --time-limit.", err=True)
        raise typer.Exit(CUT_SHORT)


def _show_losses(rows: list[dict[str, Any]]) -> None:
    table = Table("plant", "name", "unmatched t", "border t·km", "cost", box=None, pad_edge=False)
    for row in rows:
        table.add_row(
            row["plant"], row["name"], f"{row['unmatched_g'] / _TONNE_G:+,.3f}", f"{row['border_tkm']:+,.0f}",
            f"{row['cost']:+,.0f}",
        )  # fmt: skip
    Console(highlight=False).print(table)


def _matched(
    title: str, instance: "Instance", time_limit: float | None, start: "Flows | Matching | None"
) -> "Matching":
    from wastetrack.capacity.solving import solve  # noqa: PLC0415  needs libraries that may not be installed

    with _bar(title) as tell, _quiet():
        return solve(instance, time_limit=time_limit, progress=tell, start=start)


@contextlib.contextmanager
def _bar(title: str) -> Iterator[Callable[[str, float], None]]:
    """A bar on standard error, if that is a terminal; what is told moves it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(title, total=1.0)
        yield lambda what, share: progress.update(task, description=f"{title}: {what}", completed=share)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The solver's library greets on standard output once, whatever its options; that must not be in our answer."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(nowhere)
        os.close(kept)


def _standing(one: dict[str, Any]) -> str:
    return " (cut short)" if one["cut_short"] else "" if one["proven"] else " (a plan with a bound)"


def _show(told: list[dict[str, Any]]) -> None:
    """Totals of each scenario beside one another, and what is short by category as it is."""
    console = Console(highlight=False)
    table = Table("", *(one["scenario"] or "as it is" for one in told), box=None, pad_edge=False)
    for name, unit in (("supply_g", "t"), ("carried_g", "t"), ("kept_g", "t"), ("unmatched_g", "t")):
        table.add_row(f"{name[:-2]} {unit}", *(f"{one[name] / _TONNE_G:,.3f}" for one in told))
    if any(not one["proven"] for one in told):
        table.add_row("at least unmatched t", *(f"{one['least_unmatched_g'] / _TONNE_G:,.3f}" for one in told))
    table.add_row("border t·km", *(f"{one['border_tkm']:,.0f}" for one in told))
    table.add_row("past nearer t", *(f"{one['passed_nearer']['mass_g'] / _TONNE_G:,.3f}" for one in told))
    table.add_row("cost yuan", *(f"{one['cost']:,.0f}" for one in told))
    table.add_row("seconds", *(f"{one['seconds']:.2f}{_standing(one)}" for one in told))
    console.print(table)
    short = sorted((one for one in told[0]["categories"] if one["unmatched_g"]), key=lambda one: -one["unmatched_g"])
    if short:
        table = Table("category", "supply t", "unmatched t", "%", "why", box=None, pad_edge=False)
        for one in short:
            why = ", ".join(f"{name} {mass / _TONNE_G:,.1f}" for name, mass in one["why"].items())
            share = _PER_CENT * one["unmatched_g"] / max(one["supply_g"], 1)
            table.add_row(
                one["code"], f"{one['supply_g'] / _TONNE_G:,.1f}", f"{one['unmatched_g'] / _TONNE_G:,.1f}",
                f"{share:.1f}", why,
            )  # fmt: skip
        console.print()
        console.print(table)
