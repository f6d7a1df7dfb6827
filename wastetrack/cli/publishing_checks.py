"""Publishing what the checks found into this deployment's database, for `checks run --publish` and `checks urgent`."""

import asyncio
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import orjson
import psycopg
import typer

from wastetrack import clock, settings
from wastetrack.db import addresses, migrating, roles
from wastetrack.db.engine import make_engine
from wastetrack.db.opening import reached
from wastetrack.db.session import reading, writing
from wastetrack.errors import NotFound, Unavailable
from wastetrack.findings.model import CHECKS_VIEWER, Published, RunTold
from wastetrack.findings.parameters import parameters, set_parameter
from wastetrack.findings.publishing import NOBODY, publish

Numbers = dict[str, dict[str, float]]


def published(run: Callable[[Numbers], RunTold]) -> Published:
    """Let the rules run with the numbers that are set here, and make findings of what they tell."""
    migrating.import_all_tables()  # foreign keys lead to other rooms
    with reached(settings.load(), join=True) as found:
        numbers = asyncio.run(_numbers(found.application_url))
        told = run(numbers)
        return asyncio.run(_publish(found.application_url, told))


async def _numbers(url: str) -> Numbers:
    engine = make_engine(url, pool_size=1)
    try:
        async with reading(engine) as session:
            await session.look_as(CHECKS_VIEWER, NOBODY, NOBODY)
            return await parameters(session)
    finally:
        await engine.dispose()


async def _publish(url: str, told: RunTold) -> Published:
    engine = make_engine(url, pool_size=1)
    try:
        async with writing(engine) as session:
            return await publish(session, told, at=clock.now())
    finally:
        await engine.dispose()


def lines_of(done: Published) -> str:
    """What was done, in one line."""
    if done.again:
        return f"This run was published already ({done.run_id}); nothing has changed."
    line = f"Published: {done.opened} opened, {done.grown} grown, {done.reopened} re-opened, {done.lapsed} lapsed."
    unplaced = f" {done.unplaced} concern nobody of this register and are shown to no authority."
    return line + (unplaced if done.unplaced else "")


_Usual = Annotated[
    Path | None,
    typer.Option("--usual", dir_okay=False, help="What is usual, as `checks run --usual` left it; else it is computed"),
]


def urgent(
    usual: _Usual = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead")] = False,
) -> None:
    """Run the urgent rules over the live records and publish what they find; the worker does so each minute.

    Exit code 1 when a rule took too long; what the others found is published all the same.
    """
    if importlib.util.find_spec("ibis") is None:
        sentence = "The checks need {missing}: pip install 'wastetrack[checks]'."
        raise Unavailable("checks_not_installed", sentence, missing="ibis")
    from wastetrack.checks.live import MOST_SECONDS, run_live  # noqa: PLC0415  needs libraries that may not be installed
    from wastetrack.checks.usual import read_usual  # noqa: PLC0415

    late: list[str] = []
    known = {} if usual is None else read_usual(usual)
    given = settings.load()
    with reached(given, join=True) as found:
        url = given.extract_database_url or found.owner_url
        roles.refuse_bound(url)

        def run(numbers: Numbers) -> RunTold:
            with psycopg.connect(addresses.over("", url)) as connection:
                return run_live(connection, as_of=clock.now(), numbers=numbers, late=late, usual=known)

        done = published(run)
    typer.echo(orjson.dumps(done, default=str).decode() if as_json else lines_of(done))
    if late:
        typer.echo(f"Not within {MOST_SECONDS} s, so nothing is known by them: {', '.join(late)}.", err=True)
        raise typer.Exit(1)


def put(
    rule: Annotated[str, typer.Argument(help="Id of the rule, e.g. R02")],
    name: Annotated[str, typer.Argument(help="Name of its parameter, as `checks rules` prints it")],
    value: Annotated[float | None, typer.Argument(help="The number; leave it out to go back to the default")] = None,
    *,
    why: Annotated[str, typer.Option("--why", help="Where the number comes from")],
) -> None:
    """Set a number of a rule for this deployment; all later runs that are published use it."""
    from wastetrack.checks.every import RULES  # noqa: PLC0415  needs libraries that may not be installed

    known: dict[str, Any] = {one.id: {each.name: each for each in one.parameters} for one in RULES}
    if name not in known.get(rule, {}):
        message = "Rule {rule} has no parameter {name}; it has {known}."
        raise NotFound("parameter_unknown", message, rule=rule, name=name, known=", ".join(known.get(rule, {})) or "–")
    with reached(settings.load(), join=True) as found:
        asyncio.run(_set(found.application_url, rule, name, value, why))
    shown = known[rule][name].default if value is None else value
    typer.echo(f"{rule} {name} = {shown:g} {known[rule][name].unit}")


async def _set(url: str, rule: str, name: str, value: float | None, why: str) -> None:
    engine = make_engine(url, pool_size=1)
    try:
        async with writing(engine) as session:
            await session.look_as(CHECKS_VIEWER, NOBODY, NOBODY)
            await set_parameter(session, rule, name, value, why, at=clock.now())
    finally:
        await engine.dispose()
