"""`wastetrack privacy`: erase a person as the platform's operator, from the machine that the database is on."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from wastetrack import clock, settings
from wastetrack.auth import queries
from wastetrack.db.opening import open_database
from wastetrack.db.session import ReadSession, reading, writing
from wastetrack.errors import NotFound, Unauthenticated
from wastetrack.jobs.purging import lines_of, purge_all
from wastetrack.privacy.erasing import erase_person
from wastetrack.privacy.model import ErasePerson
from wastetrack.privacy.queries import held_of, open_requests
from wastetrack.privacy.retention import free_on, retention
from wastetrack.settings import Settings

app = typer.Typer(help="What the law gives persons about whom something is kept.", no_args_is_help=True)

_MOST = 200
_Login = Annotated[str, typer.Argument(help="Login of the person")]
_Token = Annotated[
    str,
    typer.Option(
        envvar="WASTETRACK_TOKEN", prompt="Token of the operator", hide_input=True, help="The operator's API token"
    ),
]


@app.command()
def requests() -> None:
    """List who has asked to be erased and waits."""
    for line in asyncio.run(_requests(settings.load())):
        typer.echo(line)


@app.command()
def held(login: _Login) -> None:
    """Count the records with a person's signature, and say until when the law keeps them."""
    for line in asyncio.run(_held(settings.load(), login)):
        typer.echo(line)


@app.command()
def erase(
    login: _Login,
    reason: Annotated[str, typer.Option(help="The request or the duty that this follows")],
    token: _Token,
    driver: Annotated[list[UUID] | None, typer.Option(help="Id of a driver's record that is the person's too")] = None,
) -> None:
    """Make a person unrecognisable. Cannot be undone; every proof of the log stands as before."""
    typer.echo(asyncio.run(_erase(settings.load(), login, reason, token, tuple(driver or ()))))


@app.command()
def purge(
    token: _Token,
    *,
    dry_run: Annotated[bool, typer.Option(help="Say what would be taken away, and take nothing")] = False,
) -> None:
    """Take away what has served its time: drafts, details and files of old manifests, personal parts of old events.

    Numbers, postings, balances, containers and leaves stay; so does what is under a legal hold. Each batch is one
    transaction and one event of the log.
    """
    for line in asyncio.run(_purge(settings.load(), token, dry_run=dry_run)):
        typer.echo(line)


# Whoever asks from the machine itself holds the owner's address, and needs no eyes of an actor. Erasing is an
# operator's act, recorded under a name: so it alone takes a token.
async def _requests(chosen: Settings) -> list[str]:
    async with open_database(chosen, join=True, as_owner=True) as database, reading(database.engine) as session:
        return [f"{one.asked_at:%Y-%m-%d} {one.login} {one.name}" for one in await open_requests(session, limit=_MOST)]


async def _held(chosen: Settings, login: str) -> list[str]:
    kept = retention(chosen.retention_years)
    async with open_database(chosen, join=True, as_owner=True) as database, reading(database.engine) as session:
        found = await held_of(session, await _person_id(session, login))
    lines = []
    for kind, figure in kept.items():
        days = [free_on(one.recorded_at, figure.value) for one in found if one.kind is kind]
        if days:
            lines.append(f"{kind}: {len(days)}, kept until {max(days)} ({figure.article}, {figure.certainty})")
    return lines or ["Nothing is held."]


async def _erase(chosen: Settings, login: str, reason: str, token: str, drivers: tuple[UUID, ...]) -> str:
    at = clock.now()
    async with open_database(chosen, join=True) as database, writing(database.engine) as session:
        identity = await queries.authenticate_token(session, token, at=at)
        if identity is None:
            raise Unauthenticated("credential_ended", "Your sign-in has ended. Sign in again.")
        person_id = await _person_id(session, login)
        command = ErasePerson(person_id=person_id, reason=reason, driver_ids=drivers)
        kept = retention(chosen.retention_years)
        done, appended = await erase_person(session, identity.actor, command, kept, at=at)
    return f"Erased: personal parts of {done.events} events, {done.drivers} drivers' records. Event {appended.id}."


async def _purge(chosen: Settings, token: str, *, dry_run: bool) -> list[str]:
    async with open_database(chosen, join=True) as database:
        gone = await purge_all(database.engine, chosen, token, at=clock.now(), dry_run=dry_run)
    return [*lines_of(gone, dry_run=dry_run)]


async def _person_id(session: ReadSession, login: str) -> UUID:
    person = await queries.person_by_login(session, login)
    if person is None:
        raise NotFound("person_unknown", "There is no such person.", login=login)
    return person.id
