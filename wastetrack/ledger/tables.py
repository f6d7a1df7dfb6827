"""Tables of the ledger. Entries and postings are append-only; a statement trigger re-checks each entry's sum and keeps
the balances (alembic 0005)."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.ledger.model import AccountKind, EntryKind, WeighingMethod


class AccountRow(SQLModel, table=True):
    """An account of one waste code with its balance."""

    __tablename__ = "accounts"
    __table_args__ = (
        sa.UniqueConstraint("holder_id", "kind", "detail", "waste_code"),
        one_of("kind", AccountKind),
        sa.CheckConstraint(
            "kind not in ('stored', 'in_transit', 'treated', 'sent_out') or balance_g >= 0", name="never_negative"
        ),
    )

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=sa.Text)
    holder_id: UUID
    detail: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    waste_code: str = Field(sa_type=sa.Text)
    balance_g: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})


class EntryRow(SQLModel, table=True):
    """One movement; its id is the id of the event that states it in the log."""

    __tablename__ = "entries"
    __table_args__ = (one_of("kind", EntryKind),)

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=sa.Text)
    happened_at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    reverses_id: UUID | None = Field(default=None, foreign_key="entries.id", unique=True)


class PostingRow(SQLModel, table=True):
    """So many grams onto one account."""

    __tablename__ = "postings"
    __table_args__ = (
        sa.CheckConstraint("amount_g <> 0", name="not_zero"),
        sa.CheckConstraint("uncertainty_g >= 0", name="uncertainty"),
        sa.CheckConstraint(
            "method in (" + ", ".join(f"'{method.value}'" for method in WeighingMethod) + ")", name="method"
        ),
        sa.Index(None, "account_id", "entry_id"),
    )

    entry_id: UUID = Field(primary_key=True, foreign_key="entries.id")
    line: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    account_id: UUID = Field(foreign_key="accounts.id")
    waste_code: str = Field(sa_type=sa.Text)
    amount_g: int = Field(sa_type=sa.BigInteger)
    method: str | None = Field(default=None, sa_type=sa.Text)
    scale_id: str | None = Field(default=None, sa_type=sa.Text)
    uncertainty_g: int | None = Field(default=None, sa_type=sa.BigInteger)
