"""`wastetrack db`: the revision of the database, and the way into it."""

from typing import Annotated

import typer
from rich.console import Console

from wastetrack import settings
from wastetrack.db import addresses, embedded, migrating, roles
from wastetrack.db.opening import Reached, reached

app = typer.Typer(help="Upgrade the database, or look at it.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Bring the database to the revision of this program, as its owner; harmless when it is there already.

    An external database then also gets the login that the application's address names.
    """
    given = settings.load()
    console = Console()
    with reached(given, join=True) as found:
        before = migrating.current_revision(found.owner_url)
        after = migrating.upgrade(found.owner_url)
        if given.database_url is not None:
            _admit(found)
    if before == after:
        console.print(f"Already at revision {after or 'none'}.", highlight=False)
    else:
        console.print(f"Upgraded from {before or 'an empty database'} to revision {after}.", highlight=False)


def _admit(found: Reached) -> None:
    login = roles.admit(found.owner_url, found.application_url)
    if login is None:
        typer.echo(
            "The server will refuse this address, the owner's: put a login of its own into WASTETRACK_DATABASE_URL and"
            " this one into WASTETRACK_OWNER_DATABASE_URL, then upgrade again.",
            err=True,
        )
    else:
        typer.echo(f"The application is admitted as {login}.")


@app.command()
def current() -> None:
    """Print the revision of the database, and fail with 5 if it is not the one of this program."""
    with reached(settings.load(), join=True) as found:
        typer.echo(migrating.current_revision(found.owner_url) or "none")
        migrating.ensure_current(found.owner_url, embedded=False)


@app.command()
def url() -> None:
    """Print the owner's URL for psql and pg_dump: that of the settings, or of the embedded server that is running."""
    given = settings.load()
    if given.database_url is not None:
        typer.echo(addresses.over("", given.owner_database_url or given.database_url))
        return

    typer.echo(embedded.attach(given.data_dir).dsn)


@app.command()
def revision(message: Annotated[str, typer.Argument(help="What the migration does, in a few words")]) -> None:
    """For developers in a checkout: write a migration from what differs between the models and a current database."""
    with reached(settings.load(), join=True) as found:
        migrating.ensure_current(found.owner_url, embedded=False)
        typer.echo(str(migrating.make_revision(found.owner_url, message)))
