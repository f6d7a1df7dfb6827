"""Reading the ledger: an entry, balances now and at a moment, the statement of an account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, Uuid, column, func, select
from sqlmodel import col

from wastetrack.db.session import ReadSession
from wastetrack.db.windows import Window
from wastetrack.errors import NotFound
from wastetrack.ledger.model import Account, AccountKind, Entry, EntryKind, Measurement, Posting, WeighingMethod
from wastetrack.ledger.tables import AccountRow, EntryRow, PostingRow

ORDERS: Final[Mapping[str, Any]] = {
    "happened": col(EntryRow.happened_at),
    "booking": col(EntryRow.kind),
    "waste_code": col(PostingRow.waste_code),
    "amount": col(PostingRow.amount_g),
    "recorded": col(EntryRow.recorded_at),
}
"""The orders of a statement."""
_MANY = Window(limit=200)


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds of one code, in grams."""

    account: Account
    waste_code: str
    balance_g: int


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One posting of an account, in the order it was recorded, with the balance after it."""

    entry_id: UUID
    kind: EntryKind
    happened_at: datetime
    recorded_at: datetime
    waste_code: str
    amount_g: int
    balance_g: int


def _account(row: AccountRow) -> Account:
    return Account(AccountKind(row.kind), row.holder_id, row.detail)


async def entry(session: ReadSession, entry_id: UUID) -> Entry:
    """An entry as it was posted, to whoever sees its event. Raises NotFound."""
    # Its accounts are those of both sides, though the reader holds one: the function gives them with the event.
    moved = func.ledger_accounts_of(entry_id).table_valued(
        column("id", Uuid), column("kind", Text), column("holder_id", Uuid), column("detail", Text)
    )
    rows = (
        await session.execute(
            select(EntryRow, PostingRow, moved.c.kind, moved.c.holder_id, moved.c.detail)
            .join(PostingRow, col(PostingRow.entry_id) == col(EntryRow.id))
            .join(moved, moved.c.id == col(PostingRow.account_id))
            .where(col(EntryRow.id) == entry_id)
            .order_by(col(PostingRow.line))
        )
    ).all()
    if not rows:
        raise NotFound("entry_unknown", "There is no entry {entry_id}.", entry_id=entry_id)
    head, first, *_ = rows[0]
    measured = Measurement(WeighingMethod(first.method), first.scale_id, first.uncertainty_g) if first.method else None
    postings = tuple(
        Posting(Account(AccountKind(kind), holder_id, detail), line.waste_code, line.amount_g)
        for _, line, kind, holder_id, detail in rows
    )
    return Entry(EntryKind(head.kind), postings, measured, head.reverses_id)


async def balances_of(session: ReadSession, *holder_ids: UUID, kind: AccountKind | None = None) -> list[Balance]:
    """All balances of sites or manifests that are not zero, by kind and code. Who may see them is the caller's rule."""
    query = (
        select(AccountRow)
        .where(col(AccountRow.holder_id).in_(holder_ids), col(AccountRow.balance_g) != 0)
        .order_by(col(AccountRow.kind), col(AccountRow.detail), col(AccountRow.waste_code))
    )
    if kind is not None:
        query = query.where(col(AccountRow.kind) == kind.value)
    rows = (await session.execute(query)).scalars()
    return [Balance(_account(row), row.waste_code, row.balance_g) for row in rows]


async def balance_at(session: ReadSession, account: Account, waste_code: str, *, as_known_at: datetime) -> int:
    """What an account held by all that was recorded up to a moment, in grams."""
    total = await session.scalar(
        select(func.coalesce(func.sum(col(PostingRow.amount_g)), 0))
        .join(EntryRow, col(EntryRow.id) == col(PostingRow.entry_id))
        .where(
            col(PostingRow.account_id) == account.id_for(waste_code),
            col(EntryRow.recorded_at) <= as_known_at,
        )
    )
    return int(total or 0)


async def statement(session: ReadSession, account: Account, window: Window = _MANY) -> list[StatementLine]:
    """The postings of an account over all codes, in an order of ORDERS or the newest first, each with its code's
    balance after it."""
    after = func.sum(col(PostingRow.amount_g)).over(
        partition_by=col(PostingRow.account_id), order_by=(col(EntryRow.recorded_at), col(EntryRow.id))
    )
    query = (
        select(EntryRow, PostingRow, after)
        .join(PostingRow, col(PostingRow.entry_id) == col(EntryRow.id))
        .join(AccountRow, col(AccountRow.id) == col(PostingRow.account_id))
        .where(
            col(AccountRow.holder_id) == account.holder_id,
            col(AccountRow.kind) == account.kind.value,
            col(AccountRow.detail) == account.detail,
        )
    )
    rows = await session.execute(window.over(query, ORDERS, col(EntryRow.recorded_at).desc(), col(EntryRow.id).desc()))
    return [
        StatementLine(
            head.id, EntryKind(head.kind), head.happened_at, head.recorded_at, line.waste_code, line.amount_g, int(left)
        )
        for head, line, left in rows
    ]
