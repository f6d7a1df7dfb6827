"""What an actor may see: one function, used in every query that reads business data. Unseen is NotFound.

Use cases say who sees a new thing with `show`; queries filter with `visible`. Row-level security will repeat the same
sentence inside PostgreSQL: a policy on each table `using (exists (select from sightings where viewer =
current_setting('wastetrack.viewer') ...))`, the setting made local to the transaction where the actor is loaded
(serving/deps.py). The application then connects as a role without BYPASSRLS. So keep to this one table.
"""

from collections.abc import Iterable
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
from wastetrack.db.session import ReadSession, WriteSession

__all__ = [
    "PLATFORM_VIEWER",
    "show",
    "show_many",
    "viewer_of_jurisdiction",
    "viewer_of_organisation",
    "viewers_of",
    "viewers_of_region",
    "visible",
    "visible_to",
]


_SHOW = """
insert into sightings (viewer, kind, subject_id)
select viewer, $2, subject_id from unnest($1::text[], $3::uuid[]) as given (viewer, subject_id)
on conflict do nothing
"""


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
    rows = sorted({(viewer, subject_id) for subject_id in subject_ids for viewer in names})
    if rows:
        driver = await session.driver()
        await driver.execute(_SHOW, [viewer for viewer, _ in rows], kind, [subject_id for _, subject_id in rows])


async def viewers_of(session: ReadSession, kind: str, subject_id: UUID) -> tuple[str, ...]:
    """Everybody who may see a thing, for its history page and for showing what belongs to it to the same eyes."""
    statement = (
        sa.select(col(Sighting.viewer))
        .where(col(Sighting.kind) == kind, col(Sighting.subject_id) == subject_id)
        .order_by(col(Sighting.viewer))
    )
    return tuple((await session.execute(statement)).scalars())
