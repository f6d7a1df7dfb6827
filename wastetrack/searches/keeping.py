"""Keeping, renaming and dropping what a person keeps of lists.

No role is needed for it: it is nobody else's. A token that was narrowed to looking, or to a firm's work, changes
nothing of the person's own all the same.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.auth.model import Actor, Scope
from wastetrack.auth.policy import demand_scope
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, NotFound, refuse
from wastetrack.i18n import message
from wastetrack.ids import new_id
from wastetrack.searches.model import (
    MOST_PER_LIST,
    SavedSearch,
    SaveSearch,
    broken_columns,
    broken_name,
    broken_page,
    broken_query,
)
from wastetrack.searches.tables import ChosenColumnsRow, SavedSearchRow


async def save_search(session: WriteSession, actor: Actor, command: SaveSearch, *, at: datetime) -> SavedSearch:
    """Keep filters under a name. Raises Forbidden for a narrowed token, RuleBroken."""
    demand_scope(actor, Scope.ADMINISTER)
    name = command.name.strip()
    refuse([*broken_page(command.page), *broken_name(name), *broken_query(command.query)])
    mine = col(SavedSearchRow.person_id) == actor.person_id, col(SavedSearchRow.page) == command.page
    others = sa.select(sa.func.count()).where(*mine, col(SavedSearchRow.name) != name)
    if (await session.execute(others)).scalar_one() >= MOST_PER_LIST:
        step = message("Delete one that you no longer need.")
        said = message("At most {most} searches are kept for one list.")
        refuse([Broken("name", "too_many_searches", said, name, next_step=step, facts={"most": MOST_PER_LIST})])
    row = {"person_id": actor.person_id, "page": command.page, "name": name, "query": command.query}
    statement = (
        insert(SavedSearchRow)
        .values(id=new_id(), created_at=at, **row)
        .on_conflict_do_update(index_elements=["person_id", "page", "name"], set_={"query": command.query})
        .returning(col(SavedSearchRow.id))
    )
    found: UUID = (await session.execute(statement)).scalar_one()
    return SavedSearch(found, command.page, name, command.query)


async def rename_search(session: WriteSession, actor: Actor, search_id: UUID, name: str) -> SavedSearch:
    """Give it another name. Raises Forbidden for a narrowed token, NotFound, RuleBroken."""
    demand_scope(actor, Scope.ADMINISTER)
    row = await _own(session, actor, search_id)
    wanted = name.strip()
    refuse(broken_name(wanted))
    same = sa.select(sa.func.count()).where(
        col(SavedSearchRow.person_id) == actor.person_id,
        col(SavedSearchRow.page) == row.page,
        col(SavedSearchRow.name) == wanted,
        col(SavedSearchRow.id) != row.id,
    )
    if (await session.execute(same)).scalar_one():
        said, step = message("You have a search of this name already."), message("Choose another name.")
        refuse([Broken("name", "name_taken", said, wanted, next_step=step)])
    row.name = wanted
    await session.flush()
    return SavedSearch(row.id, row.page, row.name, row.query)


async def drop_search(session: WriteSession, actor: Actor, search_id: UUID) -> SavedSearch:
    """Forget it. Raises Forbidden for a narrowed token, NotFound."""
    demand_scope(actor, Scope.ADMINISTER)
    row = await _own(session, actor, search_id)
    dropped = SavedSearch(row.id, row.page, row.name, row.query)
    await session.delete(row)
    await session.flush()
    return dropped


async def choose_columns(session: WriteSession, actor: Actor, page: str, columns: tuple[str, ...]) -> None:
    """Show these columns of a list from now on; none means those that the list shows by itself.

    Raises Forbidden for a narrowed token, RuleBroken.
    """
    demand_scope(actor, Scope.ADMINISTER)
    refuse([*broken_page(page), *broken_columns(columns)])
    if not columns:
        mine = col(ChosenColumnsRow.person_id) == actor.person_id, col(ChosenColumnsRow.page) == page
        await session.execute(sa.delete(ChosenColumnsRow).where(*mine))
        return
    row = {"person_id": actor.person_id, "page": page, "columns": list(columns)}
    statement = insert(ChosenColumnsRow).values(row)
    kept = {"columns": statement.excluded.columns}
    await session.execute(statement.on_conflict_do_update(index_elements=["person_id", "page"], set_=kept))


async def _own(session: WriteSession, actor: Actor, search_id: UUID) -> SavedSearchRow:
    statement = (
        sa.select(SavedSearchRow)
        .where(col(SavedSearchRow.id) == search_id, col(SavedSearchRow.person_id) == actor.person_id)
        .with_for_update()
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("search_unknown", "You have no such search.", id=search_id)
    return row
