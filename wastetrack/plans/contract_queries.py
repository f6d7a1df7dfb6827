"""Reading contracts: both sides see them from the first draft, authorities of both places from the agreement on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.db.windows import Window
from wastetrack.errors import NotFound
from wastetrack.plans.model import ContractState
from wastetrack.plans.tables import ContractItemRow, ContractRow

KIND: Final = "contract"
Row = ContractRow
"""As other rooms read it."""
ORDERS: Final[Mapping[str, Any]] = {
    "number": col(ContractRow.number),
    "state": col(ContractRow.state),
    "valid": col(ContractRow.valid_to),
}
_NEWEST = Window()


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract with its lines."""

    row: ContractRow
    items: tuple[ContractItemRow, ...]


def _seen(actor: Actor) -> sa.Select[ContractRow]:
    return sa.select(ContractRow).where(visible(actor, KIND, col(ContractRow.id)))


async def contract(session: ReadSession, actor: Actor, contract_id: UUID) -> Contract:
    """One contract. Raises NotFound."""
    row = (await session.scalars(_seen(actor).where(col(ContractRow.id) == contract_id))).one_or_none()
    if row is None:
        raise NotFound("contract_unknown", "There is no such contract.", contract_id=contract_id)
    return Contract(row, (await items(session, (row.id,))).get(row.id, ()))


async def locked(session: WriteSession, actor: Actor, contract_id: UUID) -> ContractRow:
    """The same without its lines, locked. Raises NotFound."""
    statement = _seen(actor).where(col(ContractRow.id) == contract_id).with_for_update()
    row = (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise NotFound("contract_unknown", "There is no such contract.", contract_id=contract_id)
    return row


async def contracts(
    session: ReadSession,
    actor: Actor,
    window: Window = _NEWEST,
    *,
    state: ContractState | None = None,
    number: str = "",
) -> list[Contract]:
    """The contracts that the actor sees, in an order of ORDERS or the newest first, in two statements."""
    statement = window.over(_seen(actor), ORDERS, col(ContractRow.id).desc())
    if state is not None:
        statement = statement.where(col(ContractRow.state) == state.value)
    if number:
        statement = statement.where(col(ContractRow.number).icontains(number, autoescape=True))
    rows = list((await session.scalars(statement)).all())
    of = await items(session, [row.id for row in rows])
    return [Contract(row, of.get(row.id, ())) for row in rows]


_IN_FORCE = """
select distinct contract.receiver_id from contracts contract
join contract_items item on item.contract_id = contract.id and item.waste_code = $2
where contract.shipper_id = $1 and contract.state = 'confirmed' and $3::date between contract.valid_from and
  contract.valid_to
"""


async def receivers_in_force(session: ReadSession, actor: Actor, waste_code: str, on: date) -> frozenset[UUID]:
    """The firms with which the actor's has a contract in force on a day that names a waste."""
    rows = await (await session.driver()).fetch(_IN_FORCE, actor.organisation_id, waste_code, on)
    return frozenset(row[0] for row in rows)


async def items(session: ReadSession, contract_ids: Iterable[UUID]) -> dict[UUID, tuple[ContractItemRow, ...]]:
    """The lines of several contracts in one statement."""
    statement = (
        sa.select(ContractItemRow)
        .where(col(ContractItemRow.contract_id).in_(tuple(contract_ids)))
        .order_by(col(ContractItemRow.contract_id), col(ContractItemRow.position))
    )
    found: dict[UUID, tuple[ContractItemRow, ...]] = {}
    for row in await session.scalars(statement):
        found[row.contract_id] = (*found.get(row.contract_id, ()), row)
    return found
