"""What a table of an extract is: columns of a few kinds, units in their names, one key.

Grams are whole and end in `_g`; instants are UTC and end in `_at`; days are of the jurisdiction's civil calendar and
end in `_on`; identifiers are text, so that each engine can read them.
"""

import dataclasses
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds."""

    ID = "id"
    """Text that is equal or not; never ordered, never parsed."""
    TEXT = "text"
    GRAMS = "grams"
    """Whole grams, 64 bits."""
    COUNT = "count"
    """A whole number, 64 bits."""
    NUMBER = "number"
    """A binary64; never a mass."""
    INSTANT = "instant"
    """UTC, microseconds."""
    DAY = "day"
    FLAG = "flag"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `meaning` is a sentence for whoever fills it."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    """The column must be there; another may be absent and is then read as all null."""
    nullable: bool = True
    one_of: tuple[str, ...] = ()
    refers: str = ""
    """The table whose key it names."""
    least: float | None = None
    most: float | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table. A row is told from all others by `key`; by the instant or day `month_of` its files are split."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    month_of: str = ""
    order: tuple[tuple[str, str], ...] = ()
    """Pairs of instants of which the first is not after the second, where both are there."""

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")

    @property
    def names(self) -> tuple[str, ...]:
        """Of all columns, in their order."""
        return tuple(column.name for column in self.columns)


def key(name: str, meaning: str) -> Column:
    """An identifier of the table itself."""
    return Column(name=name, kind=Kind.ID, meaning=meaning, required=True, nullable=False)


def to(name: str, table: str, meaning: str, *, required: bool = False) -> Column:
    """An identifier of a row of another table."""
    return Column(name=name, kind=Kind.ID, meaning=meaning, refers=table, required=required, nullable=not required)


def text(name: str, meaning: str, *, one_of: tuple[str, ...] = (), required: bool = False) -> Column:
    """Words, or one of several."""
    return Column(name=name, kind=Kind.TEXT, meaning=meaning, one_of=one_of, required=required, nullable=not required)


def grams(name: str, meaning: str, *, required: bool = False, least: float | None = 0) -> Column:
    """A mass; not negative unless said otherwise."""
    return Column(name=name, kind=Kind.GRAMS, meaning=meaning, required=required, nullable=not required, least=least)


def number(
    name: str, meaning: str, *, required: bool = False, least: float | None = None, most: float | None = None
) -> Column:
    """A measured quantity that is no mass."""
    return Column(
        name=name, kind=Kind.NUMBER, meaning=meaning, required=required, nullable=not required, least=least, most=most
    )


def count(name: str, meaning: str, *, required: bool = False) -> Column:
    """A whole number, not negative."""
    return Column(name=name, kind=Kind.COUNT, meaning=meaning, required=required, nullable=not required, least=0)


def instant(name: str, meaning: str, *, required: bool = False) -> Column:
    """A moment in UTC."""
    return Column(name=name, kind=Kind.INSTANT, meaning=meaning, required=required, nullable=not required)


def day(name: str, meaning: str, *, required: bool = False) -> Column:
    """A civil day."""
    return Column(name=name, kind=Kind.DAY, meaning=meaning, required=required, nullable=not required)


def flag(name: str, meaning: str) -> Column:
    """Yes or no."""
    return Column(name=name, kind=Kind.FLAG, meaning=meaning)
