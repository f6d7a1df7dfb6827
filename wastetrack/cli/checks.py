"""`wastetrack checks`: rules that look for missing mass, over an extract of the records or any world in its format."""

import importlib.util
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import typer
from rich.console import Console
from rich.table import Table

from wastetrack import settings
from wastetrack.cli.copying import copy
from wastetrack.cli.one_thread import calculate_in_one_thread
from wastetrack.cli.publishing_checks import Numbers, lines_of, published, put, urgent
from wastetrack.cli.rule_sheets import sheet_of
from wastetrack.errors import Malformed, NotFound, Unavailable
from wastetrack.findings.model import Published, RunKind, RunTold

app = typer.Typer(no_args_is_help=True, help="Rules that look for missing mass, over an extract of the records.")
app.command()(copy)
app.command()(urgent)
app.command("set")(put)

_Data = Annotated[Path, typer.Option("--data", help="Folder with the tables of an extract, Parquet or NDJSON")]
_AsOf = Annotated[str | None, typer.Option("--as-of", help="What was known then, UTC; default: the end of the records")]
_Only = Annotated[list[str] | None, typer.Option("--rule", help="Only this rule, e.g. R02; may be repeated")]
_Out = Annotated[Path | None, typer.Option("--out", help="Write all findings to this Parquet file")]
_Memory = Annotated[str, typer.Option("--memory", help="The engine keeps to so much memory")]
_State = Annotated[
    Path | None, typer.Option("--state", dir_okay=False, help="Go on from the run that wrote this file, and replace it")
]
_Usual = Annotated[
    Path | None,
    typer.Option("--usual", dir_okay=False, help="Leave there what is usual in the whole history, for `checks urgent`"),
]
_Engine = Annotated[
    Literal["duckdb", "spark"] | None,
    typer.Option("--engine", help="What computes; default: WASTETRACK_CHECKS_ENGINE, else duckdb"),
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead")]


@app.callback()
def checks() -> None:
    """Ask for the libraries that the commands of this part need. Raises Unavailable."""
    calculate_in_one_thread()
    if missing := [name for name in ("duckdb", "ibis", "pyarrow") if importlib.util.find_spec(name) is None]:
        sentence = "The checks need {missing}: pip install 'wastetrack[checks]'."
        raise Unavailable("checks_not_installed", sentence, missing=", ".join(missing))


@app.command()
def rules(*, as_json: _Json = False) -> None:
    """Print each rule with its parameters, what it can see and what it cannot."""
    from wastetrack.checks.every import RULES  # noqa: PLC0415  needs libraries that may not be installed

    told = [
        {
            "id": rule.id, "version": rule.version, "title": rule.title, "queue": rule.queue.value,
            "severity": rule.severity.name.lower(), "formula": rule.formula, "needs": rule.needs,
            "parameters": [
                {
                    "name": one.name, "default": one.default, "unit": one.unit, "meaning": one.meaning,
                    "source": one.source,
                }
                for one in rule.parameters
            ],
            "detectable": rule.detectable, "false_alarms": rule.false_alarms, "innocent": rule.innocent,
            "next_step": rule.next_step, "article": rule.article, "urgent": rule.urgent,
            "looks": "day" if rule.window else rule.cadence.value,
        }
        for rule in RULES
    ]  # fmt: skip
    if as_json:
        typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    for rule in RULES:
        typer.echo(sheet_of(rule))


@app.command()
def run(  # noqa: PLR0917  the signature is the command line
    data: _Data,
    as_of: _AsOf = None,
    rule: _Only = None,
    out: _Out = None,
    memory: _Memory = "6GB",
    engine: _Engine = None,
    state: _State = None,
    usual: _Usual = None,
    *,
    publish: Annotated[bool, typer.Option("--publish", help="Make findings of it in this deployment")] = False,
    as_json: _Json = False,
) -> None:
    """Run the rules over an extract, and print what each found.

    With --state, a run goes on from the one before and leaves what it told for the next: a rule that looks at the whole
    history once a week or a month rests between. Exit code 0 whatever is found; 3 when the extract cannot be read.
    """
    from wastetrack.checks import telling  # noqa: PLC0415  needs libraries that may not be installed
    from wastetrack.checks.daily import go_on, write_state  # noqa: PLC0415
    from wastetrack.checks.every import RULES  # noqa: PLC0415
    from wastetrack.checks.running import Outcome, end_of, written  # noqa: PLC0415
    from wastetrack.checks.usual import write_usual  # noqa: PLC0415
    from wastetrack.extracts import copy_state  # noqa: PLC0415
    from wastetrack.extracts.reading import Engine, open_extract  # noqa: PLC0415

    wanted = _chosen(RULES, rule)
    began = time.perf_counter()
    deployment = settings.load()
    computing = Engine(engine or deployment.checks_engine)
    earlier = None if state is None else _earlier(state, publish=publish)
    known = frozenset() if earlier is None else earlier.looked_at
    records = open_extract(data, memory=memory, engine=computing, master=deployment.spark_master, looked_at=known)
    copied = copy_state.read_state(data)
    instant = _instant(given) if (given := as_of or (copied and copied.as_of)) else end_of(records)
    outcomes: list[Outcome] = []
    used: Numbers = {}

    def ran(numbers: Numbers) -> RunTold:
        outcomes.extend(go_on(records, wanted, as_of=instant, earlier=earlier, numbers=numbers))
        used.update(numbers)
        size, took = None if copied is None else copied.log_size, time.perf_counter() - began
        return telling.told(outcomes, kind=RunKind.FULL, as_of=instant, log_size=size, numbers=numbers, seconds=took)

    done = published(ran) if publish else None
    if done is None:
        ran({})
    if state is not None:  # what could not be published is told again
        write_state(state, outcomes, instant, used, looked_at=records.stamps, published=publish)
    if usual is not None:
        write_usual(usual, records, instant)
    if out is not None:
        written(outcomes, out)
    told = {
        "as_of": instant.isoformat(), "engine": computing.value,
        "since": None if earlier is None else earlier.as_of.isoformat(),
        "seconds": round(time.perf_counter() - began, 3), "rules": [_told(one) for one in outcomes],
        "not_read": list(records.unknown),
    }  # fmt: skip
    _say(told, done, as_json=as_json)


def _say(told: dict[str, Any], done: Published | None, *, as_json: bool) -> None:
    if as_json:
        told |= {} if done is None else {"published": done}
        typer.echo(orjson.dumps(told, default=str, option=orjson.OPT_INDENT_2).decode())
        return
    _print(told)
    typer.echo("" if done is None else lines_of(done))


def _earlier(state: Path, *, publish: bool) -> Any:  # noqa: ANN401  imported where it is used
    """The run to go on from; one that is to be published follows none that was not: what rests would never be."""
    from wastetrack.checks.daily import read_state  # noqa: PLC0415  needs libraries that may not be installed

    earlier = read_state(state)
    return None if earlier is None or (publish and not earlier.published) else earlier


@app.command()
def bench(
    worlds: Annotated[list[Path], typer.Argument(help="Folders of worlds, each with its truth in a folder truth")],
    memory: _Memory = "6GB",
    *,
    compare: Annotated[bool, typer.Option(help="Also run the baselines")] = True,
    as_json: _Json = False,
) -> None:
    """Judge the rules by worlds whose truth is known, beside simpler methods.

    Figures are printed, never asserted: exit code 0 whatever is reached; 3 when a world or its truth cannot be read.
    """
    from wastetrack.checks.bench.baselines import need_learning  # noqa: PLC0415  needs libraries that may not be installed
    from wastetrack.cli.benchmarking.found import measured, show  # noqa: PLC0415

    if compare:
        need_learning()
    told = measured(worlds, memory=memory, compared=compare)
    if as_json:
        typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    else:
        show(told)


def _chosen(rules: Sequence[Any], names: list[str] | None) -> Sequence[Any]:
    """The rules of these names, all without names. Raises NotFound with every name that no rule has."""
    known = {one.id: one for one in rules}
    if unknown := [name for name in names or () if name not in known]:
        message = "There is no rule {unknown}; there are {known}."
        raise NotFound("rule_unknown", message, unknown=", ".join(unknown), known=", ".join(known))
    return [known[name] for name in names] if names else rules


def _instant(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        message = "“{value}” is no instant: write it like 2026-03-01 or 2026-03-01T14:20:00Z."
        raise Malformed("instant_unreadable", message, value=text) from error
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def _told(outcome: Any) -> dict[str, Any]:  # noqa: ANN401  imported where it is used
    rows = outcome.findings.num_rows
    return {
        "rule": outcome.rule.id,
        "version": outcome.rule.version,
        "title": outcome.rule.title,
        "queue": outcome.rule.queue.value,
        "answer": outcome.answer.value,
        "lacking": list(outcome.lacking),
        "findings": rows,
        "at_risk_g": sum(outcome.findings.column("at_risk_g").to_pylist()) if rows else 0,
        "seconds": round(outcome.seconds, 3),
        "rests_since": outcome.whole_at.isoformat() if outcome.rests else None,
    }


def _print(told: dict[str, Any]) -> None:
    console, table = Console(highlight=False), Table(box=None, pad_edge=False)
    table.add_column("rule", no_wrap=True)
    table.add_column("title")
    table.add_column("queue", no_wrap=True)
    for heading in ("findings", "t at risk", "s"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in told["rules"]:
        numbers = (f"{one['findings']:,}", f"{one['at_risk_g'] / 1e6:,.1f}") if one["findings"] else ("", "")
        if not one["lacking"]:
            took = "rests" if one["rests_since"] else f"{one['seconds']:.2f}"
            table.add_row(one["rule"], one["title"], one["queue"], *numbers, took)
    console.print(table)
    if resting := [one["rests_since"] for one in told["rules"] if one["rests_since"]]:
        console.print(f"{len(resting)} rules rest; the last look of some was as known on {min(resting)}.", markup=False)
    for one in told["rules"]:
        if one["lacking"]:
            console.print(f"{one['rule']} {one['title']}: no data: {', '.join(one['lacking'])}", markup=False)
    if told["not_read"]:
        console.print(f"Not read, as no table is called so: {', '.join(told['not_read'])}.", markup=False)
    console.print(f"As known on {told['as_of']}; {told['engine']}, {told['seconds']:.1f} s.", markup=False)
