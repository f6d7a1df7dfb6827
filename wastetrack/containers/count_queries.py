"""Reading and writing stock-takes and their lines."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible
from wastetrack.containers.model import Weighing
from wastetrack.containers.stock_takes import StockTakeState
from wastetrack.containers.tables import ContainerRow, StockTakeLineRow, StockTakeRow
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.db.windows import Window
from wastetrack.errors import NotFound

KIND = "stock_take"
TAKE_ORDERS: Final[Mapping[str, Any]] = {
    "begun": col(StockTakeRow.begun_at),
    "state": col(StockTakeRow.state),
    "ended": col(StockTakeRow.ended_at),
}
_FIFTY = Window(limit=50)
StockTake = StockTakeRow
StockTakeLine = StockTakeLineRow
"""The rows under the names by which other rooms know them."""

_WITHIN = "select id from stores where id = $1 or parent_id = $1 order by id"
_LOCK_SITE = "select id from sites where id = $1 for no key update"
# Any two counts of one site overlap unless each is of a store of its own, neither lying within the other.
_OVERLAPPING = """
select take.id from stock_takes take
where take.site_id = :site_id and take.state = 'open' and (
  cast(:store_id as uuid) is null or take.store_id is null or take.store_id = :store_id
  or (select true from stores zone where zone.id = take.store_id and zone.parent_id = :store_id)
  or (select true from stores zone where zone.id = :store_id and zone.parent_id = take.store_id))
limit 1
"""
_EXPECT = """
with expected as (
  insert into stock_take_lines (stock_take_id, digital_code, container_id, expected, waste_code, store_id, book_g)
  select $1, digital_code, id, true, waste_code, store_id, net_g from containers
  where site_id = $2 and ($3::uuid[] is null or store_id = any($3::uuid[]))
  returning book_g
)
select count(*) as containers, coalesce(sum(book_g), 0)::bigint as grams from expected
"""


async def stores_within(session: ReadSession, store_id: UUID) -> tuple[UUID, ...]:
    """A store and its zones."""
    return tuple(row["id"] for row in await (await session.driver()).fetch(_WITHIN, store_id))


async def lock_site(session: WriteSession, site_id: UUID) -> None:
    """Two who begin to count the same site wait for each other."""
    await (await session.driver()).execute(_LOCK_SITE, site_id)


async def open_overlapping(session: ReadSession, site_id: UUID, store_id: UUID | None) -> StockTakeRow | None:
    """The open stock-take that counts some of the same place."""
    statement = sa.text(_OVERLAPPING).bindparams(
        sa.bindparam("site_id", site_id, sa.Uuid), sa.bindparam("store_id", store_id, sa.Uuid)
    )
    found = (await session.execute(statement)).scalar_one_or_none()
    return None if found is None else await session.get(StockTakeRow, found)


async def expect(
    session: WriteSession, stock_take_id: UUID, site_id: UUID, store_ids: tuple[UUID, ...] | None
) -> tuple[int, int]:
    """Write a line for each container that the books have there; how many, and how many grams."""
    wanted = None if store_ids is None else list(store_ids)
    row = await (await session.driver()).fetchrow(_EXPECT, stock_take_id, site_id, wanted)
    assert row is not None  # noqa: S101  a sum has one row
    return int(row["containers"]), int(row["grams"])


async def locked_take(session: WriteSession, stock_take_id: UUID, *, alone: bool) -> StockTakeRow:
    """A stock-take, locked alone, or shared with others who write lines. NotFound when there is none to be seen."""
    row = await session.get(
        StockTakeRow, stock_take_id, with_for_update=True if alone else {"read": True}, populate_existing=True
    )
    if row is None:
        raise NotFound("stock_take_unknown", "There is no such stock-take.", stock_take_id=stock_take_id)
    return row


async def write_found(
    session: WriteSession,
    stock_take_id: UUID,
    digital_code: str,
    row: ContainerRow | None,
    weighing: Weighing | None,
    *,
    at: datetime,
) -> StockTakeLineRow:
    """The line of a container that was found; what was said of it before gives way."""
    seen: dict[str, object] = {
        "found_at": at,
        "gross_g": None if weighing is None else weighing.gross.grams,
        "tare_g": None if weighing is None else weighing.tare.grams,
        "method": None if weighing is None else weighing.method.value,
        "scale_id": None if weighing is None else weighing.scale_id,
        "uncertainty_g": None if weighing is None else weighing.measurement().uncertainty_g,
    }
    statement = insert(StockTakeLineRow).values(
        stock_take_id=stock_take_id,
        digital_code=digital_code,
        container_id=None if row is None else row.id,
        expected=False,
        waste_code=None if row is None else row.waste_code,
        store_id=None if row is None else row.store_id,
        book_g=None if row is None else row.net_g,
        **seen,
    )
    written = await session.scalars(
        statement.on_conflict_do_update(index_elements=["stock_take_id", "digital_code"], set_=seen).returning(
            StockTakeLineRow
        ),
        execution_options={"populate_existing": True},
    )
    return written.one()


async def lines_of(session: ReadSession, stock_take_id: UUID) -> list[StockTakeLineRow]:
    """All lines, by code. Who may see the count is the caller's rule."""
    query = (
        sa.select(StockTakeLineRow)
        .where(col(StockTakeLineRow.stock_take_id) == stock_take_id)
        .order_by(col(StockTakeLineRow.digital_code))
    )
    return list((await session.scalars(query)).all())


async def take_seen(session: ReadSession, actor: Actor, stock_take_id: UUID) -> StockTakeRow:
    """One stock-take that the actor may see. NotFound otherwise."""
    query = sa.select(StockTakeRow).where(
        col(StockTakeRow.id) == stock_take_id, visible(actor, KIND, col(StockTakeRow.id))
    )
    row = await session.scalar(query)
    if row is None:
        raise NotFound("stock_take_unknown", "There is no such stock-take.", stock_take_id=stock_take_id)
    return row


async def takes_of(
    session: ReadSession, actor: Actor, site_id: UUID, window: Window = _FIFTY, *, state: StockTakeState | None = None
) -> list[StockTakeRow]:
    """The stock-takes of a site that the actor may see, in an order of TAKE_ORDERS or the newest first."""
    query = sa.select(StockTakeRow).where(
        col(StockTakeRow.site_id) == site_id, visible(actor, KIND, col(StockTakeRow.id))
    )
    if state is not None:
        query = query.where(col(StockTakeRow.state) == state.value)
    return list((await session.scalars(window.over(query, TAKE_ORDERS, col(StockTakeRow.id).desc()))).all())
