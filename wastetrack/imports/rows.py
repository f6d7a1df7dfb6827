"""The rows of a file as values by field, and what cannot be read of them, cell by cell."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wastetrack.containers.packaging_rules import MOST_LAYERS
from wastetrack.errors import Broken, Malformed
from wastetrack.i18n import message
from wastetrack.imports import values
from wastetrack.imports.column import CellKind, Column
from wastetrack.imports.headings import Bound, Layout
from wastetrack.imports.model import Finding, Severity
from wastetrack.imports.reading import Grid
from wastetrack.imports.values import Cell, is_empty, text_of

_MOST_LITRES = 10**6
_STEPS: Mapping[str, str] = {
    "day_unreadable": message("Write it as 2026-11-05."),
    "mass_unreadable": message("Write a number, or a number with its unit: 200, 0.2 t."),
    "mass_without_unit": message("Put the unit into the heading: Gross (kg); or into the cell: 200 kg."),
    "mass_too_fine": message("Write at most three decimals of a kilogram."),
    "number_unreadable": message("Write digits alone."),
    "number_not_whole": message("Write a whole number."),
    "number_out_of_range": message("Check the figure."),
    "yes_or_no": message("Write 是 or 否."),
    "string_too_long": message("Shorten it."),
    "number_rounded": message("Give the cell the format Text, and type the number anew."),
    "character_refused": message("Type it anew; copied text may bring such characters along."),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, and what could be read of it. An empty cell has no value."""

    number: int
    values: Mapping[str, Any]
    is_sound: bool
    """Whether every cell could be read, and nothing that is needed is missing."""
    cells: tuple[Cell, ...]

    def get(self, field: str, default: Any = "") -> Any:  # noqa: ANN401  what the column's kind gives
        """The value of a field."""
        return self.values.get(field, default)


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, and where its columns stand."""

    rows: tuple[Row, ...]
    layout: Layout


def read_rows(grid: Grid, layout: Layout, findings: list[Finding]) -> Iterator[Row]:
    """The rows under the heading that hold anything; what cannot be read is added to the findings."""
    for index in range(layout.heading_index + 1, len(grid.rows)):
        cells = grid.rows[index]
        number = grid.first_row + index
        if all(is_empty(cells[one.index]) for one in layout.bound if one.index < len(cells)):
            continue
        before = len(findings)
        found = {}
        for bound in layout.bound:
            cell = cells[bound.index] if bound.index < len(cells) else None
            value = _read(bound, cell, number, findings)
            if value is not None:
                found[bound.column.field] = value
        yield Row(number, found, len(findings) == before, tuple(cells))


def _read(bound: Bound, cell: Cell, number: int, findings: list[Finding]) -> Any:  # noqa: ANN401
    column = bound.column
    if is_empty(cell):
        if column.required:
            findings.append(at(bound, number, _needed(column)))
        return None
    try:
        return _READERS[column.kind](bound, cell)
    except Malformed as unread:
        shown = str(unread.facts.get("value", text_of(cell)))[: values.LONGEST_LINE]
        step = _STEPS.get(unread.code, "")
        findings.append(at(bound, number, unread.as_broken(column.field, shown, next_step=step)))
        return None


def _choice(column: Column, cell: Cell) -> str:
    text = values.folded(cell).lower()
    for value, words in column.choices.items():
        if text == value or text in (word.lower() for word in words):
            return value
    raise Malformed(
        "choice_unknown",
        message("“{value}” is none of {known}."),
        value=values.folded(cell),
        known="、".join(words[0] for words in column.choices.values()),
    )


_READERS: Mapping[CellKind, Callable[[Bound, Cell], Any]] = {
    CellKind.LINE: lambda _bound, cell: values.line(cell),
    CellKind.PROSE: lambda _bound, cell: values.line(cell, values.LONGEST_PROSE, free=True),
    CellKind.CODE: lambda _bound, cell: values.code(cell),
    CellKind.DAY: lambda _bound, cell: values.day(cell),
    CellKind.MASS: lambda bound, cell: values.mass(cell, bound.unit),
    # The rule on volumes tells what is wrong with a figure that can be read.
    CellKind.LITRES: lambda _bound, cell: values.whole(cell, least=-_MOST_LITRES, most=_MOST_LITRES),
    CellKind.LAYERS: lambda _bound, cell: values.whole(cell, least=1, most=MOST_LAYERS),
    CellKind.PERCENT: lambda _bound, cell: values.percent(cell),
    CellKind.LETTERS: lambda _bound, cell: values.letters(cell),
    CellKind.YES_NO: lambda _bound, cell: values.yes(cell),
    CellKind.CHOICE: lambda bound, cell: _choice(bound.column, cell),
}


def _needed(column: Column) -> Broken:
    return Broken(
        column.field,
        "cell_empty",
        message("“{zh}” ({en}) is needed, and the cell is empty."),
        next_step=message("Fill it in."),
        facts={"zh": column.zh, "en": column.en},
    )


def at(bound: Bound, number: int, broken: Broken, severity: Severity = Severity.ERROR) -> Finding:
    """A finding at a cell."""
    return Finding(number, bound.place, bound.heading, severity, broken)


def located(layout: Layout, number: int, broken: Broken, severity: Severity = Severity.ERROR) -> Finding:
    """A broken rule of a row at the cell of its field; at the whole row where the file has no such column."""
    bound = layout.of(broken.field)
    if bound is None:
        return Finding(number, None, "", severity, broken)
    return at(bound, number, broken, severity)
