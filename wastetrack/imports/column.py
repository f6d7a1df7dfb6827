"""What a column of a file is: its headings, how its cells are read, what to know of it."""

import dataclasses
from collections.abc import Mapping
from enum import StrEnum


class CellKind(StrEnum):
    """How a cell is read."""

    LINE = "line"
    PROSE = "prose"
    CODE = "code"
    DAY = "day"
    MASS = "mass"
    LITRES = "litres"
    LAYERS = "layers"
    PERCENT = "percent"
    CHOICE = "choice"
    LETTERS = "letters"
    YES_NO = "yes_no"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its headings in both languages (the Chinese first), how it is read, an example, what to know."""

    field: str
    """The name under which the rules speak of it."""
    zh: str
    en: str
    aliases: tuple[str, ...] = ()
    kind: CellKind = CellKind.LINE
    required: bool = False
    unit: str = ""
    """Of masses in the template: kg."""
    choices: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    """Value → the words by which it may be called, the Chinese first, then the English."""
    example: str = ""
    note: str = ""
    """A message id: what stands in the explanation."""

    @property
    def names(self) -> tuple[str, ...]:
        """All the words under which its heading is known."""
        return (self.zh, self.en, self.field, *self.aliases)

    def title(self, locale: str) -> str:
        """Its heading in the template, with its unit."""
        name = self.zh if locale == "zh" else self.en
        return (
            f"{name}({self.unit})" if self.unit and locale == "zh" else f"{name} ({self.unit})" if self.unit else name
        )
