"""The table of words. Triggers of the tables it tells of keep it (migration 0046); the program never writes it."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from wastetrack.search.model import KEPT

_KINDS = ", ".join(f"'{kind.value}'" for kind in KEPT)


class SearchEntryRow(SQLModel, table=True):
    """The words of one thing, folded, and the short pieces of them that the index knows."""

    __tablename__ = "search_entries"
    __table_args__ = (
        sa.CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        sa.Index(None, "pieces", postgresql_using="gin"),
    )

    kind: str = Field(primary_key=True, sa_type=sa.Text)
    subject_id: UUID = Field(primary_key=True)
    words: str = Field(sa_type=sa.Text)
    pieces: list[str] = Field(sa_type=ARRAY(sa.Text))
