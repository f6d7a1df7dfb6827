"""Reading what a person keeps of lists. Row-level security shows everybody their own alone; so do the conditions."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.searches.model import Kept, SavedSearch
from wastetrack.searches.tables import ChosenColumnsRow, SavedSearchRow

_KEPT = """
select id, name, query, null::text[] as columns from saved_searches where person_id = $1 and page = $2
union all select null, null, null, columns from chosen_columns where person_id = $1 and page = $2
order by name nulls last
"""


async def kept(session: ReadSession, actor: Actor, page: str) -> Kept:
    """Searches and columns of one list, in one statement."""
    driver = await session.driver()
    rows = await driver.fetch(_KEPT, actor.person_id, page)
    columns: Any = next((row["columns"] for row in rows if row["id"] is None), None)
    return Kept(
        tuple(SavedSearch(row["id"], page, row["name"], row["query"]) for row in rows if row["id"] is not None),
        None if columns is None else tuple(columns),
    )


async def saved_searches(session: ReadSession, actor: Actor) -> list[SavedSearch]:
    """All of a person's, by list and name."""
    statement = (
        sa.select(SavedSearchRow)
        .where(col(SavedSearchRow.person_id) == actor.person_id)
        .order_by(col(SavedSearchRow.page), col(SavedSearchRow.name))
    )
    rows = (await session.execute(statement)).scalars()
    return [SavedSearch(row.id, row.page, row.name, row.query) for row in rows]


async def chosen_columns(session: ReadSession, actor: Actor, page: str) -> tuple[str, ...] | None:
    """The columns of one list; None where the person has not chosen."""
    statement = sa.select(col(ChosenColumnsRow.columns)).where(
        col(ChosenColumnsRow.person_id) == actor.person_id, col(ChosenColumnsRow.page) == page
    )
    found = (await session.execute(statement)).scalar_one_or_none()
    return None if found is None else tuple(found)
