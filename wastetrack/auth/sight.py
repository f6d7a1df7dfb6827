"""What an actor may see: one function, used in every query that reads business data. Unseen is NotFound.

Use cases say who sees a new thing with `show`; queries filter with `visible`. Row-level security repeats the same
sentence inside PostgreSQL (migration 0010): the statement that finds the actor says whose eyes look, local to its
transaction, and the application connects as a role that cannot get around it. `look_as` says it for an actor who is
known already. So keep to this one table.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import (
    PLATFORM_VIEWER,
    Actor,
    viewer_of_jurisdiction,
    viewer_of_organisation,
    viewers_of_region,
)
from wastetrack.auth.tables import Sighting
from wastetrack.db.session import ReadSession, Sight, WriteSession

__all__ = [
    "PLATFORM_VIEWER",
    "eyes_of",
    "look_as",
    "show",
    "show_each",
    "show_many",
    "viewer_of_jurisdiction",
    "viewer_of_organisation",
    "viewers_of",
    "viewers_of_region",
    "visible",
    "visible_to",
]


# The application may not write sightings itself: the function lets it show what the actor sees, or what is new.
_SHOW = "select sight_show($1, $2, $3)"
_VIEWERS = "select sight_viewers($1, $2)"


def visible(actor: Actor, kind: str, id_column: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401  any uuid column of any table
    """A condition for `where`: the row with this id may be seen by the actor."""
    return visible_to(actor.viewer, kind, id_column)


def visible_to(viewer: Any, kind: str, id_column: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401  text or a bind parameter
    """The same for the eyes themselves, which a statement that is compiled once takes as a parameter."""
    return (
        sa.select(sa.literal(1))
        .where(
            col(Sighting.viewer) == viewer,
            col(Sighting.kind) == kind,
            col(Sighting.subject_id) == id_column,
        )
        .exists()
    )


async def show(session: WriteSession, kind: str, subject_id: UUID, viewers: Iterable[str]) -> None:
    """Let these viewers see a thing; seeing it already is fine."""
    await show_many(session, kind, (subject_id,), viewers)


async def show_many(session: WriteSession, kind: str, subject_ids: Iterable[UUID], viewers: Iterable[str]) -> None:
    """Let these viewers see several things of one kind, in one statement.

    Rows go in one order, so that two units of work that show the same things wait for each other and do not lock up.
    """
    names = tuple(viewers)
    await show_each(session, kind, ((viewer, subject_id) for subject_id in subject_ids for viewer in names))


async def viewers_of(session: ReadSession, kind: str, subject_id: UUID) -> tuple[str, ...]:
    """Everybody who may see a thing, for its history page and for showing what belongs to it to the same eyes."""
    rows = await (await session.driver()).fetch(_VIEWERS, kind, subject_id)
    return tuple(row[0] for row in rows)


async def look_as(session: ReadSession, actor: Actor) -> None:
    """Let PostgreSQL show what this actor sees, to the end of the transaction: for jobs, tests, and doors of their own.

    Where a credential finds the actor, `authenticate_*` has said it already.
    """
    await session.look_as(actor.viewer, actor.organisation_id, actor.person_id)


@asynccontextmanager
async def eyes_of(session: ReadSession, actor: Actor) -> AsyncIterator[None]:
    """Let PostgreSQL show what this actor sees as long as this is open: for an act in a session that is another's.

    Costs nothing where it is the actor's own session. After an error nothing is said again: PostgreSQL itself goes
    back with the savepoint, or the transaction is lost.
    """
    held = session.sight
    if held == Sight(actor.viewer, actor.organisation_id, actor.person_id):
        yield
        return
    await look_as(session, actor)
    try:
        yield
    except BaseException:
        session.sight = held
        raise
    if held is not None:
        session.sight = held
        await session.look_again()


async def show_each(session: WriteSession, kind: str, rows: Iterable[tuple[str, UUID]]) -> None:
    """Let each of these viewers see the thing beside it, in one statement and in one order, as `show_many` does."""
    told = sorted(set(rows))
    if told:
        driver = await session.driver()
        await driver.execute(_SHOW, [viewer for viewer, _ in told], kind, [subject_id for _, subject_id in told])
