"""Reading containers: one, a page of them, many to be locked, their lineage, their labels."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, literal, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible
from wastetrack.containers.errors import BatchUnknown, ContainerUnknown
from wastetrack.containers.model import ContainerOrder, ContainerState
from wastetrack.containers.tables import (
    BatchProductRow,
    BatchReadingRow,
    ContainerLineageRow,
    ContainerRow,
    ContainerSerialRow,
    LabelPrintRow,
    TreatmentBatchRow,
)
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.mass import Mass

KIND = "container"
Container = ContainerRow
"""The row under the name by which other rooms know it; its table stays this room's own."""
LabelPrint = LabelPrintRow
"""One print of one label, under the name by which other rooms know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerFilter:
    """What to list; None means all."""

    site_id: UUID | None = None
    store_id: UUID | None = None
    state: ContainerState | None = None
    waste_code: str | None = None
    search: str | None = None
    """The beginning of a digital code, or part of a waste name."""
    store_ids: tuple[UUID, ...] | None = None
    """In one of these: a storage facility with its zones."""
    filled_until: date | None = None
    """Filled on that day or before."""
    ids: tuple[UUID, ...] | None = None
    """Only these."""
    order: ContainerOrder = ContainerOrder.MADE
    descending: bool = True


def _seen(actor: Actor) -> Select[ContainerRow]:
    return select(ContainerRow).where(visible(actor, KIND, col(ContainerRow.id)))


async def container(session: ReadSession, actor: Actor, container_id: UUID) -> ContainerRow:
    """One container. Raises ContainerUnknown."""
    row = await session.scalar(_seen(actor).where(col(ContainerRow.id) == container_id))
    if row is None:
        raise ContainerUnknown("container_unknown", "There is no such container.", container_id=container_id)
    return row


async def by_digital_code(session: ReadSession, actor: Actor, digital_code: str) -> ContainerRow:
    """The container that bears a code. Raises ContainerUnknown."""
    row = await maybe_by_digital_code(session, actor, digital_code)
    if row is None:
        message = "There is no container with the code {digital_code}."
        raise ContainerUnknown("container_unknown", message, digital_code=digital_code)
    return row


async def maybe_by_digital_code(session: ReadSession, actor: Actor, digital_code: str) -> ContainerRow | None:
    """The same, or None where there is none that the actor may see."""
    wanted = _seen(actor).where(col(ContainerRow.digital_code) == digital_code)
    return await session.scalar(wanted, execution_options={"populate_existing": True})


async def several(session: ReadSession, actor: Actor, container_ids: Collection[UUID]) -> list[ContainerRow]:
    """These containers in the order asked for. Raises ContainerUnknown naming all that are not seen."""
    rows = await session.scalars(_seen(actor).where(col(ContainerRow.id).in_(container_ids)))
    return in_order(rows.all(), container_ids)


async def of_codes(session: ReadSession, actor: Actor, codes: Collection[str]) -> list[ContainerRow]:
    """The containers of these digital codes that the actor may see."""
    return list((await session.scalars(_seen(actor).where(col(ContainerRow.digital_code).in_(codes)))).all())


async def locked(session: WriteSession, actor: Actor, container_ids: Collection[UUID]) -> list[ContainerRow]:
    """The same, locked in id order until the unit of work ends: nobody else moves them meanwhile."""
    rows = await session.scalars(
        _seen(actor)
        .where(col(ContainerRow.id).in_(container_ids))
        .order_by(col(ContainerRow.id))
        .with_for_update(of=ContainerRow)
        .execution_options(populate_existing=True)
    )
    return in_order(rows.all(), container_ids)


async def locked_on_paper(session: WriteSession, container_ids: Collection[UUID]) -> list[ContainerRow]:
    """Containers named by a paper that the actor may see, locked in id order; the paper's rule decides who may."""
    rows = await session.scalars(
        select(ContainerRow)
        .where(col(ContainerRow.id).in_(container_ids))
        .order_by(col(ContainerRow.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return in_order(rows.all(), container_ids)


class _Identified(Protocol):
    @property
    def id(self) -> UUID: ...


_Found = TypeVar("_Found", bound=_Identified)


def in_order(rows: Iterable[_Found], container_ids: Collection[UUID]) -> list[_Found]:
    """The rows in the order of the ids. Raises ContainerUnknown naming all ids that have none."""
    found = {row.id: row for row in rows}
    absent = [str(container_id) for container_id in container_ids if container_id not in found]
    if absent:
        message = "There is no such container: {absent}."
        raise ContainerUnknown("container_unknown", message, absent=", ".join(absent))
    return [found[container_id] for container_id in container_ids]


async def page(
    session: ReadSession, actor: Actor, wanted: ContainerFilter, *, before: UUID | None = None, limit: int = 50
) -> list[ContainerRow]:
    """The containers that the actor may see, in the order asked for, the newest first if none is; `before` is the last
    id of the page before. Of ContainerOrder.DUE reports/container_dues.py knows."""
    query = _matching(_seen(actor), wanted)
    key, descending = _ORDERS.get(wanted.order, _ORDERS[ContainerOrder.MADE]), wanted.descending
    own = col(ContainerRow.id)
    if before is not None:
        there = select(key).where(own == before).scalar_subquery()
        last = tuple_(there, literal(before))
        query = query.where(tuple_(key, own) < last if descending else tuple_(key, own) > last)
    ordered = (key.desc(), own.desc()) if descending else (key, own)
    return list((await session.scalars(query.order_by(*ordered).limit(limit))).all())


_ORDERS = {
    ContainerOrder.MADE: col(ContainerRow.id),
    ContainerOrder.FILLED: col(ContainerRow.generated_on),
    ContainerOrder.NET: col(ContainerRow.net_g),
    ContainerOrder.WASTE: col(ContainerRow.waste_code),
}
"""By which column; the id decides among equals."""

_Chosen = TypeVar("_Chosen")


async def matching(session: ReadSession, actor: Actor, wanted: ContainerFilter) -> set[UUID]:
    """The ids of `wanted.ids` that fit the rest of the filter."""
    assert wanted.ids is not None, "some are named"  # noqa: S101  our mistake
    statement = _matching(select(col(ContainerRow.id)), wanted).where(visible(actor, KIND, col(ContainerRow.id)))
    return set((await session.scalars(statement)).all())


def _matching(query: Select[_Chosen], wanted: ContainerFilter) -> Select[_Chosen]:
    if wanted.site_id is not None:
        query = query.where(col(ContainerRow.site_id) == wanted.site_id)
    if wanted.store_id is not None:
        query = query.where(col(ContainerRow.store_id) == wanted.store_id)
    if wanted.state is not None:
        query = query.where(col(ContainerRow.state) == wanted.state.value)
    if wanted.waste_code:
        query = query.where(col(ContainerRow.waste_code) == wanted.waste_code)
    if wanted.search:
        query = query.where(
            col(ContainerRow.digital_code).startswith(wanted.search.strip().upper(), autoescape=True)
            | col(ContainerRow.waste_name).contains(wanted.search.strip(), autoescape=True)
        )
    if wanted.store_ids is not None:
        query = query.where(col(ContainerRow.store_id).in_(wanted.store_ids))
    if wanted.filled_until is not None:
        query = query.where(col(ContainerRow.generated_on) <= wanted.filled_until)
    if wanted.ids is not None:
        query = query.where(col(ContainerRow.id).in_(wanted.ids))
    return query


async def next_serial(session: WriteSession, organisation_id: UUID, waste_code: str, generated_on: date) -> int:
    """The next serial of a unit's waste code on a day; the row stays locked until the unit of work ends."""
    statement = insert(ContainerSerialRow).values(
        organisation_id=organisation_id, waste_code=waste_code, generated_on=generated_on, last=1
    )
    upsert = statement.on_conflict_do_update(
        index_elements=["organisation_id", "waste_code", "generated_on"],
        set_={"last": ContainerSerialRow.last + 1},
    ).returning(col(ContainerSerialRow.last))
    return int((await session.execute(upsert)).scalar_one())


@dataclass(frozen=True, slots=True)
class Relative:
    """A container that this one's content came from (`parent`) or went into."""

    container: ContainerRow
    kind: str
    is_parent: bool


async def relatives(session: ReadSession, actor: Actor, container_id: UUID) -> list[Relative]:
    """The containers directly before and after this one, that the actor may see."""
    lineage = ContainerLineageRow
    found: list[Relative] = []
    for is_parent, mine, other in (
        (True, lineage.child_id, lineage.parent_id),
        (False, lineage.parent_id, lineage.child_id),
    ):
        rows = await session.execute(
            select(ContainerRow, col(lineage.kind))
            .join(lineage, col(other) == col(ContainerRow.id))
            .where(col(mine) == container_id, visible(actor, KIND, col(ContainerRow.id)))
            .order_by(col(ContainerRow.id))
        )
        found += [Relative(row, kind, is_parent) for row, kind in rows]
    return found


Batch = TreatmentBatchRow
"""A treatment batch, under the name by which other rooms know it; as are its readings and products."""
BatchReading = BatchReadingRow
BatchProduct = BatchProductRow


async def batch(session: ReadSession, batch_id: UUID) -> TreatmentBatchRow:
    """A batch at a site of one's own or of one's region. Raises BatchUnknown."""
    row = await session.get(TreatmentBatchRow, batch_id)
    if row is None:
        raise BatchUnknown("batch_unknown", "There is no such batch.", batch_id=batch_id)
    return row


async def locked_batch(session: WriteSession, batch_id: UUID) -> TreatmentBatchRow:
    """The same, locked: a batch is finished or withdrawn once."""
    row = await session.get(TreatmentBatchRow, batch_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise BatchUnknown("batch_unknown", "There is no such batch.", batch_id=batch_id)
    return row


async def in_batch(session: ReadSession, batch_id: UUID) -> list[ContainerRow]:
    """The containers that a batch holds or has ended, by code."""
    query = select(ContainerRow).where(col(ContainerRow.treatment_batch_id) == batch_id)
    return list((await session.scalars(query.order_by(col(ContainerRow.digital_code)))).all())


async def readings_of(session: ReadSession, batch_id: UUID) -> list[BatchReadingRow]:
    """The readings of a batch in their order."""
    query = select(BatchReadingRow).where(col(BatchReadingRow.batch_id) == batch_id)
    return list((await session.scalars(query.order_by(col(BatchReadingRow.position)))).all())


async def products_of(session: ReadSession, batch_id: UUID) -> list[BatchProductRow]:
    """The products of a batch in their order."""
    query = select(BatchProductRow).where(col(BatchProductRow.batch_id) == batch_id)
    return list((await session.scalars(query.order_by(col(BatchProductRow.position)))).all())


async def standing_mass(session: ReadSession, site_id: UUID) -> dict[str, int]:
    """What the containers standing at a site hold, in grams by waste code; must equal the site's `stored` balances."""
    rows = await session.execute(
        select(col(ContainerRow.waste_code), func.sum(col(ContainerRow.net_g)))
        .where(col(ContainerRow.site_id) == site_id)
        .group_by(col(ContainerRow.waste_code))
    )
    return {code: int(total) for code, total in rows}


async def store_mass(session: ReadSession, store_id: UUID) -> Mass:
    """What the containers in a storage area hold."""
    total = await session.scalar(
        select(func.coalesce(func.sum(col(ContainerRow.net_g)), 0)).where(col(ContainerRow.store_id) == store_id)
    )
    return Mass(int(total or 0))


async def wastes_in_stores(session: ReadSession, store_ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Which wastes lie in storage areas, by code and name. Who may see the stores is the caller's rule."""
    rows = await session.execute(
        select(col(ContainerRow.store_id), col(ContainerRow.waste_code), func.min(col(ContainerRow.waste_name)))
        .where(col(ContainerRow.store_id).in_(store_ids))
        .group_by(col(ContainerRow.store_id), col(ContainerRow.waste_code))
        .order_by(col(ContainerRow.waste_code))
    )
    found: dict[UUID, tuple[str, ...]] = {}
    for store_id, code, name in rows:
        assert store_id is not None, "they were asked for by it"  # noqa: S101  our mistake
        found[store_id] = (*found.get(store_id, ()), f"{code} {name}")
    return found


@dataclass(frozen=True, slots=True)
class Face:
    """What the label of a container says, for papers that list it."""

    digital_code: str
    waste_name: str
    packaging: str
    volume_l: int
    tare_g: int
    hazards: tuple[str, ...]
    form: str


async def faces(session: ReadSession, container_ids: Collection[UUID]) -> dict[UUID, Face]:
    """The labels of containers that a paper lists; who may see the paper is the caller's rule."""
    rows = await session.execute(
        select(
            col(ContainerRow.id),
            col(ContainerRow.digital_code),
            col(ContainerRow.waste_name),
            col(ContainerRow.packaging),
            col(ContainerRow.volume_l),
            col(ContainerRow.tare_g),
            col(ContainerRow.hazards),
            col(ContainerRow.form),
        ).where(col(ContainerRow.id).in_(container_ids))
    )
    return {row[0]: Face(row[1], row[2], row[3], row[4], row[5], tuple(row[6]), row[7]) for row in rows}


async def bearing(session: ReadSession, digital_code: str) -> ContainerRow | None:
    """The container that bears a code, whoever asks: for showing what the label itself says to whoever holds it."""
    found = text("select * from container_on_label(:code)").bindparams(code=digital_code)
    return (await session.scalars(select(ContainerRow).from_statement(found))).one_or_none()


async def newest_prints(session: ReadSession, container_ids: Collection[UUID]) -> dict[UUID, LabelPrintRow]:
    """The newest print of each container's label. Who may see the containers is the caller's rule."""
    rows = await session.scalars(
        select(LabelPrintRow)
        .where(col(LabelPrintRow.container_id).in_(container_ids))
        .order_by(col(LabelPrintRow.revision), col(LabelPrintRow.print_number))
    )
    return {row.container_id: row for row in rows}


async def printed_together(
    session: ReadSession, actor: Actor, event_id: UUID
) -> list[tuple[LabelPrintRow, ContainerRow]]:
    """The labels that one event printed, with their containers, in order. Raises ContainerUnknown."""
    rows = await session.execute(
        select(LabelPrintRow, ContainerRow)
        .join(ContainerRow, col(ContainerRow.id) == col(LabelPrintRow.container_id))
        .where(col(LabelPrintRow.event_id) == event_id, visible(actor, KIND, col(ContainerRow.id)))
        .order_by(col(LabelPrintRow.position))
    )
    found = [(row[0], row[1]) for row in rows]
    if not found:
        raise ContainerUnknown("print_unknown", "There is no such print.", print_id=event_id)
    return found


async def seen_among(session: ReadSession, actor: Actor, container_ids: Collection[UUID]) -> set[UUID]:
    """Which of these containers the actor may see: a paper names more than its reader may open."""
    statement = select(col(ContainerRow.id)).where(
        col(ContainerRow.id).in_(container_ids), visible(actor, KIND, col(ContainerRow.id))
    )
    return set((await session.scalars(statement)).all())


async def locked_by_codes(session: WriteSession, actor: Actor, codes: Collection[str]) -> list[ContainerRow]:
    """The containers that bear these codes, locked in id order, in the order of the codes. Raises ContainerUnknown."""
    rows = await session.scalars(
        _seen(actor)
        .where(col(ContainerRow.digital_code).in_(codes))
        .order_by(col(ContainerRow.id))
        .with_for_update(of=ContainerRow)
        .execution_options(populate_existing=True)
    )
    found = {row.digital_code: row for row in rows}
    absent = [code for code in codes if code not in found]
    if absent:
        message = "There is no such container: {absent}."
        raise ContainerUnknown("container_unknown", message, absent=", ".join(absent))
    return [found[code] for code in codes]
