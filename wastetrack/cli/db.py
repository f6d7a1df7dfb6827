"""`wastetrack db`: the revision of the database, and the way into it."""

from typing import Annotated

import typer
from rich.console import Console

from wastetrack import settings
from wastetrack.db import addresses, embedded, migrating
from wastetrack.db.opening import reached

app = typer.Typer(help="Upgrade the database, or look at it.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Bring the database to the revision of this program; harmless when it is there already."""
    with reached(settings.load(), join=True) as url:
        before = migrating.current_revision(url)
        after = migrating.upgrade(url)
    console = Console()
    if before == after:
        console.print(f"Already at revision {after or 'none'}.", highlight=False)
    else:
        console.print(f"Upgraded from {before or 'an empty database'} to revision {after}.", highlight=False)


@app.command()
def current() -> None:
    """Print the revision of the database, and fail with 5 if it is not the one of this program."""
    with reached(settings.load(), join=True) as url:
        typer.echo(migrating.current_revision(url) or "none")
        migrating.ensure_current(url, embedded=False)


@app.command()
def url() -> None:
    """Print the URL for psql and pg_dump: that of the settings, or of the embedded server that is running."""
    given = settings.load()
    if given.database_url is not None:
        typer.echo(addresses.over("", given.database_url))
        return

    typer.echo(embedded.attach(given.data_dir).dsn)


@app.command()
def revision(message: Annotated[str, typer.Argument(help="What the migration does, in a few words")]) -> None:
    """For developers in a checkout: write a migration from what differs between the models and a current database."""
    with reached(settings.load(), join=True) as url:
        migrating.ensure_current(url, embedded=False)
        typer.echo(str(migrating.make_revision(url, message)))
