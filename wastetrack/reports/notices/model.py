"""A notice as frozen data: sections of paragraphs, tables and pictures, in both languages; drawn by laying_out.py."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from wastetrack.reports.figures import Words
from wastetrack.reports.tabular import Sheet


class Weight(Enum):
    """How a paragraph is set."""

    PLAIN = "plain"
    STRONG = "strong"
    """What the reader must not miss: in a tinted box."""
    SMALL = "small"
    """Method and cautions."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences."""

    text: Words
    weight: Weight = Weight.PLAIN


@dataclass(frozen=True, slots=True)
class Bars:
    """Groups of lying bars. Each row: what it is, and a value for each name; None draws nothing."""

    title: Words
    unit: str
    names: tuple[Words, ...]
    rows: tuple[tuple[Words, tuple[float | None, ...]], ...]
    alarm: int | None = None
    """Which of the names is drawn in red."""

    def __post_init__(self) -> None:
        for _, values in self.rows:
            if len(values) != len(self.names):
                msg = f"A row of {len(values)} bars under {len(self.names)} names"
                raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Curve:
    """Months that are known, then those that are told: the middle within low and high."""

    title: Words
    unit: str
    months: tuple[str, ...]
    known: tuple[float, ...]
    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]


Block = Paragraph | Bars | Curve | Sheet


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part."""

    title: Words
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """The whole of it."""

    title: Words
    below: Words
    """Who publishes it, for which region and year."""
    sections: tuple[Section, ...]
    printed_at: datetime
    zone: str
