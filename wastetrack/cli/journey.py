"""`wastetrack journey`: one complete manifest through the HTTP API of a running server, proved offline at the end."""

import asyncio
import contextlib
import json
import secrets
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from wastetrack import clock, settings
from wastetrack.app import make_app
from wastetrack.cli.demo import make_region, passing_or
from wastetrack.cli.demonstration.building import Wanted
from wastetrack.cli.demonstration.folder import settings_for
from wastetrack.cli.serve import listening, run
from wastetrack.cli.travelling.caller import Caller
from wastetrack.cli.travelling.steps import Callers, Journey
from wastetrack.db.opening import open_database
from wastetrack.errors import Malformed, NotFound, Unavailable
from wastetrack.jobs.worker import beside_requests

app = typer.Typer(help="Take one manifest from its label to its treatment and prove it.")

_WRONG = 1
# As many as give the region one of each open state; the journey adds its own.
_SMALL = 20
_SEED = 1

_Url = Annotated[str, typer.Option("--url", help="The running server")]
_Out = Annotated[Path, typer.Option("--out", help="Folder for label, manifest, bundle and key")]
_Password = Annotated[str | None, typer.Option("--password", help="That of all five accounts")]
_Accounts = Annotated[
    Path | None, typer.Option("--accounts", help="What “wastetrack demo --json” printed, for the passwords in it")
]
_Login = Annotated[str, typer.Option(help="Login")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object")]
_SelfContained = Annotated[
    bool, typer.Option("--self-contained", help="Build a small demonstration, serve it for the journey, remove it")
]


@dataclass(frozen=True, slots=True)
class Logins:
    """Who signs in for the five roles."""

    shipper: str
    carrier: str
    gate: str
    receiver: str
    authority: str


@app.command()
def journey(
    *,
    url: _Url = "http://localhost:8000",
    out: _Out = Path("journey"),
    password: _Password = None,
    accounts: _Accounts = None,
    shipper: _Login = "signer",
    carrier: _Login = "driver",
    gate: _Login = "gate",
    receiver: _Login = "receiver",
    authority: _Login = "inspector",
    self_contained: _SelfContained = False,
    as_json: _Json = False,
) -> None:
    """Label three containers, file, carry, weigh at the gate, treat; then verify the audit bundle without the server.

    Exits with 0 only when the bundle verifies and holds every event that the server has acknowledged.
    """
    begun = time.monotonic()
    logins = Logins(shipper, carrier, gate, receiver, authority)
    console = Console(highlight=False, soft_wrap=True, quiet=as_json)
    if self_contained:
        work = _alone(out, console)
    else:
        work = _travel(url, logins, _passwords(logins, password, accounts), out, console)
    result = asyncio.run(work)
    result["seconds"] = round(time.monotonic() - begun, 2)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        _print(console, result)
    raise typer.Exit(0 if result["bundle_verified"] else _WRONG)


def _passwords(logins: Logins, password: str | None, accounts: Path | None) -> dict[str, str]:
    names = (logins.shipper, logins.carrier, logins.gate, logins.receiver, logins.authority)
    if password is not None:
        return dict.fromkeys(names, password)
    if accounts is None:
        message = "Give the accounts' --password, or --accounts with what “wastetrack demo --json” printed."
        raise Malformed("journey.no_password", message)
    try:
        told = json.loads(accounts.read_text(encoding="utf-8"))["accounts"]
        known = {account["login"]: account["password"] for account in told if account["password"]}
    except (ValueError, KeyError, TypeError) as error:
        message = "{path} is not what “wastetrack demo --json” prints."
        raise Malformed("journey.accounts_unreadable", message, path=str(accounts)) from error
    if absent := [name for name in names if name not in known]:
        message = "{path} holds no password of {absent}."
        raise NotFound("journey.account_unknown", message, path=str(accounts), absent=", ".join(absent))
    return known


async def _travel(
    url: str, logins: Logins, passwords: Mapping[str, str], out: Path, console: Console
) -> dict[str, Any]:
    """Sign the five in and go."""
    async with contextlib.AsyncExitStack() as calls:

        async def signed_in(login: str) -> Caller:
            caller = await calls.enter_async_context(Caller(url, login))
            await caller.sign_in(passwords[login])
            return caller

        callers = Callers(
            shipper=await signed_in(logins.shipper),
            carrier=await signed_in(logins.carrier),
            gate=await signed_in(logins.gate),
            receiver=await signed_in(logins.receiver),
            authority=await signed_in(logins.authority),
        )
        trip = Journey(callers, out, tell=lambda step: console.print(f"· {step}", markup=False))
        await trip.go()
        return {"url": url, **trip.result}


async def _alone(out: Path, console: Console) -> dict[str, Any]:
    """A small demonstration on a free port, as long as the journey takes."""
    password = secrets.token_urlsafe(18)
    logins = Logins("signer", "driver", "gate", "receiver", "inspector")
    passwords = dict.fromkeys(("signer", "driver", "gate", "receiver", "inspector"), password)
    trips: list[asyncio.Task[dict[str, Any]]] = []

    def set_out(address: str) -> None:
        trip = asyncio.create_task(_travel(address, logins, passwords, out, console))
        # The server's own way to stop, so that everything is closed in order.
        trip.add_done_callback(lambda _: signal.raise_signal(signal.SIGTERM))
        trips.append(trip)

    with passing_or(None) as folder, listening("127.0.0.1", 0) as door:
        chosen = settings_for(settings.load(), folder, port=door.getsockname()[1])
        async with open_database(chosen, as_owner=True) as database:
            wanted = Wanted(manifests=_SMALL, seed=_SEED, password=password, until=clock.now())
            await make_region(database, chosen, wanted, quiet=console.quiet)
            background = beside_requests(chosen, dsn=database.dsn)
            served = make_app(chosen, database_url=database.url, background=background)
            await run(served, door, database, on_ready=set_out)
    if not trips or not trips[0].done():
        raise Unavailable("journey.not_served", "The server ended before the journey did.")
    return trips[0].result()


def _print(console: Console, result: Mapping[str, Any]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in result.items():
        shown = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
        table.add_row(name, shown)
    console.print(table, markup=False)
    if result["bundle_verified"]:
        console.print("Proved: the bundle verifies without the server.", style="bold green")
    else:
        console.print("Not proved.", style="bold red")
