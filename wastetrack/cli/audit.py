"""`wastetrack audit`: distrust everything that is stored, or a bundle that somebody handed over."""

import asyncio
import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from wastetrack import errors, settings
from wastetrack.db.opening import open_database
from wastetrack.db.session import reading
from wastetrack.reports import bundle
from wastetrack.reports.auditing.findings import COUNTED, Report
from wastetrack.reports.auditing.running import Stage, recompute
from wastetrack.reports.bundle_checks import Verdict
from wastetrack.reports.chains import case_checks
from wastetrack.settings import Settings
from wastetrack.transparency import queries as log_queries
from wastetrack.transparency import signing_key
from wastetrack.transparency.note import Verifier
from wastetrack.web.histories import TITLES

app = typer.Typer(help="Recompute all that is stored, or verify a bundle offline.", no_args_is_help=True)

_WRONG = 1
# Only the first findings are printed; --json gives all that were kept.
_MOST_PRINTED = 25

_Data = Annotated[Path | None, typer.Option("--data", help="Data folder; default: that of the settings")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead")]
_Key = Annotated[str | None, typer.Option("--key", help="Verifier key of the log, or a file that holds it")]


@app.command()
def fsck(data: _Data = None, key: _Key = None, *, as_json: _Json = False) -> None:
    """Recompute every leaf, posting, balance, container and manifest; fail with 1 if anything differs.

    A server may run on the same database meanwhile. Nothing is changed.
    """
    chosen = _settings(data)
    verifier = _verifier(key) if key is not None else _own_verifier(chosen, in_folder=data is not None)
    begun = time.monotonic()
    report = asyncio.run(_recompute(chosen, verifier, quiet=as_json))
    seconds = round(time.monotonic() - begun, 2)
    if as_json:
        typer.echo(json.dumps({**report.as_json(), "seconds": seconds}, ensure_ascii=False, indent=2))
    else:
        _print(report, seconds)
    raise typer.Exit(0 if report.consistent else _WRONG)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The audit bundle, or the case pack", dir_okay=False)],
    key: Annotated[str, typer.Option("--key", help="Verifier key of the log, got by another way; or a file of it")],
    *,
    as_json: _Json = False,
) -> None:
    """Verify a bundle or a case pack (a ZIP) offline, line by line; fail with 1 and name what is wrong. Needs nothing
    but the file."""
    data, trusted = _bytes_of(file), str(_verifier(key))
    is_pack = case_checks.is_pack(data)
    verdict = case_checks.verify_pack(data, trusted, TITLES) if is_pack else bundle.verify_file(data, trusted)
    if as_json:
        typer.echo(json.dumps(_verdict_json(verdict), ensure_ascii=False, indent=2))
    else:
        _print_verdict(verdict)
    raise typer.Exit(0 if verdict.holds else _WRONG)


@app.command("key")
def show_key(data: _Data = None) -> None:
    """Print the verifier key of this log; hand it to whoever verifies by a way that this server does not control."""
    typer.echo(str(_own_verifier(_settings(data), in_folder=data is not None)))


def _settings(data: Path | None) -> Settings:
    """The settings, or those of a data folder with its embedded database."""
    given = settings.load()
    if data is not None:
        given = given.model_copy(
            update={"data_dir": data, "database_url": None, "owner_database_url": None, "log_key_file": None}
        )
    return given


def _own_verifier(chosen: Settings, *, in_folder: bool) -> Verifier:
    """The public half of our own key. A folder that was named may be of another deployment, or a demonstration: then
    the log's name is the one that its checkpoints state."""
    path = chosen.log_key_path
    if not path.exists():
        raise errors.NotFound(
            "audit.no_key",
            "There is no signing key at {path}; name the data folder with --data, or give --key.",
            path=str(path),
        )
    stated = asyncio.run(_stated_origin(chosen)) if in_folder else None
    return signing_key.load(path, origin=stated or chosen.log_origin).verifier


async def _stated_origin(chosen: Settings) -> str | None:
    _refuse_without_database(chosen)
    async with open_database(chosen, join=True, as_owner=True) as database, reading(database.engine) as session:
        newest = await log_queries.latest_checkpoint(session)
    return newest.note.partition("\n")[0] if newest is not None else None


def _refuse_without_database(chosen: Settings) -> None:
    """Looking must not make a database."""
    if chosen.database_url is None and not (chosen.data_dir / "postgres").exists():
        raise errors.NotFound("audit.no_database", "There is no database in {path}.", path=str(chosen.data_dir))


def _verifier(key: str) -> Verifier:
    """A key given as itself or as the file that holds it. Raises Malformed."""
    is_file = "+" not in key and Path(key).is_file()
    return Verifier.parse(_bytes_of(Path(key)).decode(errors="replace") if is_file else key)


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise errors.NotFound("audit.no_file", "There is no file {path}.", path=str(file)) from None


async def _recompute(chosen: Settings, verifier: Verifier, *, quiet: bool) -> Report:
    _refuse_without_database(chosen)
    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # The bars come last: what is refused before anything is looked at is one line, without an empty one before it.
    async with (
        open_database(chosen, join=True, as_owner=True) as database,
        reading(database.engine) as session,
    ):
        with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as bars:
            tasks: dict[Stage, TaskID] = {}

            def tell(stage: Stage, more: int, total: int) -> None:
                if stage not in tasks:
                    tasks[stage] = bars.add_task(stage.value, total=total)
                bars.advance(tasks[stage], more)

            return await recompute(session, verifier, progress=tell)


def _print(report: Report, seconds: float) -> None:
    console = Console(highlight=False, soft_wrap=True)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    for name in COUNTED:
        table.add_row(name, f"{getattr(report, name):,}")
    console.print(table)
    if report.root:
        console.print(f"root {report.root}", markup=False)
    for finding in report.findings[:_MOST_PRINTED]:
        console.print(f"✗ {finding.fault}: {finding.sentence()}", style="red", markup=False)
    if report.faults > _MOST_PRINTED:
        console.print(f"… and {report.faults - _MOST_PRINTED:,} more: {dict(report.by_fault)}", markup=False)
    if report.consistent:
        console.print(f"Everything is consistent ({seconds} s).", style="green")
    else:
        console.print(f"{report.faults:,} faults ({seconds} s).", style="bold red")


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    wrong = verdict.first_wrong
    return {
        "holds": verdict.holds,
        "checks": [
            {"name": check.name, "holds": check.holds, "code": check.code, "sentence": check.sentence()}
            for check in verdict.checks
        ],
        "first_wrong": wrong
        and {
            "place": wrong.place,
            "id": wrong.id,
            "kind": wrong.kind,
            "code": wrong.check.code,
            "sentence": wrong.check.sentence(),
        },
    }


def _print_verdict(verdict: Verdict) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for check in verdict.checks:
        mark, style = ("✓", "green") if check.holds else ("✗", "red")
        console.print(f"{mark} {check.sentence()}", style=style, markup=False)
    wrong = verdict.first_wrong
    if wrong is not None:
        name = f"{wrong.id or '(unreadable)'} ({wrong.kind or 'unknown'})"
        console.print(f"The first wrong event is {name}, number {wrong.place} of the bundle.", style="bold red")
    elif verdict.holds:
        console.print("Everything in the bundle is proved.", style="bold green")
    else:
        console.print("The bundle is not proved.", style="bold red")
