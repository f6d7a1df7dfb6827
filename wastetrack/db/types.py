"""Column types, and the one naming convention of constraints."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlmodel import SQLModel

from wastetrack.mass import Mass

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = SQLModel.metadata


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An instant. Refuses a time without a zone; gives back UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive times at the door."""
        if value is not None and value.tzinfo is None:
            msg = "an instant needs a time zone"
            raise ValueError(msg)
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Whatever zone the server speaks, ours is UTC."""
        return None if value is None else value.astimezone(UTC)


class MassGrams(sa.types.TypeDecorator[Mass]):
    """A mass, stored as bigint grams."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Mass | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Grams."""
        return None if value is None else value.grams

    def process_result_value(self, value: int | None, dialect: Dialect) -> Mass | None:  # noqa: ARG002
        """Mass again."""
        return None if value is None else Mass(value)


def one_of(column: str, kinds: type[StrEnum], name: str | None = None) -> sa.CheckConstraint:
    """CHECK that a text column holds one of an enum's values; the table states its truth."""
    values = ", ".join(f"'{kind.value}'" for kind in kinds)
    return sa.CheckConstraint(f"{column} in ({values})", name=name or column)


def column(kind: Any, **more: Any) -> dict[str, Any]:  # noqa: ANN401  passes through to SQLAlchemy
    """Arguments for sqlmodel.Field so that a column has an explicit type: `Field(**column(UtcDateTime))`."""
    return {"sa_type": kind, **more}
