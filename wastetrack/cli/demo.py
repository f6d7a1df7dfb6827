"""`wastetrack demo`: a region to look at, built in a minute in a folder of its own, and served."""

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from wastetrack import clock, settings
from wastetrack.app import make_app
from wastetrack.attachments.storing import FileStore
from wastetrack.auth.passwords import weaknesses
from wastetrack.cli.demonstration.building import Wanted, build
from wastetrack.cli.demonstration.checking import Checked, check, with_checks
from wastetrack.cli.demonstration.folder import Mark, read_mark, settings_for, write_mark
from wastetrack.cli.demonstration.members import PRINTED_LOGINS, Account
from wastetrack.cli.demonstration.summary import Summary, summarise
from wastetrack.cli.serve import listening, run, tell
from wastetrack.db.opening import Database, open_database
from wastetrack.db.session import reading
from wastetrack.errors import refuse
from wastetrack.jobs.worker import beside_requests
from wastetrack.reports.auditing.findings import Report
from wastetrack.reports.auditing.running import recompute
from wastetrack.settings import Settings
from wastetrack.transparency import signing_key

app = typer.Typer(help="Build a demonstration region and serve it.")

_WRONG = 1
_USUAL_PORT = 8000
_COLUMNS = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
# Fewer have no room for one of each kind of bad luck.
_FEWEST, _MOST = 1, 20_000

_Data = Annotated[Path | None, typer.Option("--data", help="Keep it in this folder; default: a passing one")]
_NoServe = Annotated[bool, typer.Option("--no-serve", help="Only build, check and summarise")]
_Checks = Annotated[bool, typer.Option("--checks/--no-checks", help="Copy and check it as each night does")]
_Manifests = Annotated[int, typer.Option("--manifests", min=_FEWEST, max=_MOST, help="How many over twelve months")]
_Seed = Annotated[int, typer.Option("--seed", help="Another number gives another year")]
_Port = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="Where to serve, on 127.0.0.1; 0 takes a free one")
]
_Password = Annotated[str | None, typer.Option("--password", help="The same for everybody; default: random ones")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object")]


@app.command()
def demo(
    data: _Data = None,
    manifests: _Manifests = 500,
    seed: _Seed = 1,
    port: _Port = _USUAL_PORT,
    password: _Password = None,
    *,
    no_serve: _NoServe = False,
    checks: _Checks = True,
    as_json: _Json = False,
) -> None:
    """Build invented firms and a year of manifests in real counties of Shandong, let the checks look, then serve them.

    A folder that holds a demonstration already is served again as it is. Fails with 1 if any invariant is broken.
    """
    if password is not None:
        refuse(
            {rule.code: rule for login in sorted(PRINTED_LOGINS) for rule in weaknesses(password, login=login)}.values()
        )
    wanted = Wanted(manifests=manifests, seed=seed, password=password, until=clock.now())
    with passing_or(data) as folder:
        asked = _demonstrate(folder, wanted, port=None if no_serve else port, checks=checks, as_json=as_json)
        consistent = asyncio.run(asked)
    raise typer.Exit(0 if consistent else _WRONG)


async def _demonstrate(folder: Path, wanted: Wanted, *, port: int | None, checks: bool, as_json: bool) -> bool:
    """Build or find, recompute, check, tell, and serve unless there is no port; gives whether all holds."""
    with ExitStack() as doors:
        # The door first: a port that is taken is told before a minute of building.
        door = None if port is None else doors.enter_context(listening("127.0.0.1", port))
        chosen = settings_for(settings.load(), folder, port=door.getsockname()[1] if door else _USUAL_PORT)
        chosen = with_checks(chosen) if checks else chosen
        mark, passwords = read_mark(folder), None
        async with open_database(chosen, as_owner=True) as database:
            if mark is None:
                mark, passwords = await make_region(database, chosen, wanted, quiet=as_json)
            report, summary = await check_region(database, chosen, quiet=as_json)
            checked = await _check(database, chosen, quiet=as_json)
            if as_json:
                tree = {**_as_json(mark, passwords, report, summary, folder), **checked.as_json()}
                typer.echo(json.dumps(tree, ensure_ascii=False, indent=2))
            else:
                _print(mark, passwords, report, summary, checked)
            if door is not None and report.consistent:
                background = beside_requests(chosen, dsn=database.dsn)
                served = make_app(chosen, database_url=database.url, background=background)
                await run(served, door, database, on_ready=tell)
    return report.consistent


@contextmanager
def passing_or(data: Path | None) -> Iterator[Path]:
    """The folder that was named, or one that is removed at the end."""
    if data is not None:
        yield data.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="wastetrack-demo-") as passing:
        yield Path(passing)


async def make_region(
    database: Database, chosen: Settings, wanted: Wanted, *, quiet: bool
) -> tuple[Mark, dict[str, str]]:
    """Build it, with bars on standard error; gives what can be read again, and the passwords, which cannot."""
    begun = time.monotonic()
    with Progress(*_COLUMNS, console=Console(stderr=True), disable=quiet) as bars:
        tasks = {name: bars.add_task(name, total=None) for name in ("lists", "firms", "manifests")}

        def progress(name: str, done: int, total: int) -> None:
            bars.update(tasks[name], completed=done, total=total)

        signer = signing_key.load_or_create(chosen.log_key_path, origin=chosen.log_origin)
        files = FileStore(chosen.data_dir)
        built = await build(database.engine, signer, wanted, files=files, progress=progress)
    seconds = round(time.monotonic() - begun, 1)
    mark = Mark(wanted.seed, wanted.manifests, clock.now(), seconds, built.accounts)
    write_mark(chosen.data_dir, mark)
    return mark, built.passwords


async def check_region(database: Database, chosen: Settings, *, quiet: bool) -> tuple[Report, Summary]:
    """Recompute every leaf, posting and balance, and count what there is, at one moment."""
    with Progress(*_COLUMNS, console=Console(stderr=True), disable=quiet, transient=True) as bars:
        task = bars.add_task("checking", total=0)
        totals: dict[str, int] = {}

        def progress(stage: str, more: int, total: int) -> None:
            totals[stage] = total
            bars.update(task, advance=more, total=sum(totals.values()))

        async with reading(database.engine) as session:
            verifier = signing_key.load(chosen.log_key_path, origin=chosen.log_origin).verifier
            report = await recompute(session, verifier, progress=progress)
            return report, await summarise(session, report)


async def _check(database: Database, chosen: Settings, *, quiet: bool) -> Checked:
    columns = (TextColumn("{task.description:<12}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as bars:
        bars.add_task("checks", total=None)
        return await check(database, chosen)


def _as_json(
    mark: Mark, passwords: dict[str, str] | None, report: Report, summary: Summary, folder: Path
) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "seed": mark.seed,
        "built_at": mark.built_at.isoformat(),
        "build_seconds": mark.seconds,
        "accounts": [_account_json(account, passwords) for account in mark.accounts],
        **summary.as_json(),
        "consistent": report.consistent,
        "faults": dict(report.by_fault),
    }


def _account_json(account: Account, passwords: dict[str, str] | None) -> dict[str, str | None]:
    return {
        "role": account.role,
        "login": account.login,
        "password": (passwords or {}).get(account.login),
        "name": account.name,
        "organisation": account.organisation,
    }


def _print(mark: Mark, passwords: dict[str, str] | None, report: Report, summary: Summary, checked: Checked) -> None:
    console = Console(highlight=False, soft_wrap=True)
    facts = Table(box=None, show_header=False, pad_edge=False)
    for heading, line in summary.rows():
        facts.add_row(heading, line)
    facts.add_row("built in", f"{mark.seconds} s")
    for heading, line in checked.rows():
        facts.add_row(heading, escape(line))
    console.print(facts)
    if report.consistent:
        console.print(f"Every one of {report.leaves:,} events and {report.postings:,} postings is consistent.")
    else:
        console.print(f"{report.faults:,} faults: {dict(report.by_fault)}", style="bold red", markup=False)
    people = Table("role", title="Accounts", title_justify="left")
    for heading in ("login", "password"):
        people.add_column(heading, no_wrap=True)
    for heading in ("person", "organisation"):
        people.add_column(heading, overflow="fold")
    for account in mark.accounts:
        shown = "as it was" if passwords is None else passwords[account.login]
        people.add_row(account.role, account.login, shown, account.name, account.organisation)
    console.print(people)
    if passwords is None:
        console.print("The passwords are those that were printed when this folder was built.")
    else:
        console.print("The passwords are printed this once. All firms and people are invented.")
