"""Which column of a file is which of ours, by the words of its heading in either language, and in which unit its masses
are."""

import dataclasses
import re
from collections.abc import Sequence

from wastetrack.errors import Broken, refuse, refuse_one
from wastetrack.i18n import message
from wastetrack.imports.column import CellKind, Column
from wastetrack.imports.model import Finding, Severity
from wastetrack.imports.reading import Grid
from wastetrack.imports.values import heading_fold, is_empty, text_of

_UNITS = {"kg": "kg", "千克": "kg", "公斤": "kg", "t": "t", "吨": "t", "g": "g", "克": "g"}
_IN_BRACKETS = re.compile(r"[(\[（【/]([^()\[\]（）【】/]*)[)\]）】]?$")
_LOOKED_FOR_HEADING = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Bound:
    """A column of the file that we know: where it stands, what its heading says, the unit of its masses."""

    column: Column
    index: int
    """Its place in the grid's rows, from 0."""
    place: int
    """The same as a spreadsheet counts, from 1."""
    heading: str
    unit: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Layout:
    """Where the heading stands, and the columns that we know under it."""

    heading_index: int
    heading_row: int
    bound: tuple[Bound, ...]
    odd: tuple[Finding, ...]
    """Headings that we do not know, which are left out: warnings."""

    def of(self, field: str) -> Bound | None:
        """The column of a field, if the file has it."""
        return next((one for one in self.bound if one.column.field == field), None)


def lay_out(grid: Grid, columns: Sequence[Column]) -> Layout:
    """Find the heading. Raises RuleBroken at `file`: none is there, a needed column is missing, one stands twice."""
    known = {heading_fold(name): column for column in columns for name in column.names}
    known |= {heading_fold(column.title(locale)): column for column in columns for locale in ("zh", "en")}
    best, most = 0, 0
    for index, row in enumerate(grid.rows[:_LOOKED_FOR_HEADING]):
        fits = sum(_match(text_of(cell), known) is not None for cell in row)
        if fits > most:
            best, most = index, fits
    if not most:
        refuse_one(
            "file",
            "heading_missing",
            message("No row at the top of the file holds the headings."),
            next_step=message("Take the template, and put your rows under its headings."),
        )
    heading_row = grid.first_row + best
    bound, odd = [], []
    for index, cell in enumerate(grid.rows[best]):
        text = text_of(cell)
        found = _match(text, known)
        place = grid.first_column + index
        if found is not None:
            bound.append(Bound(found[0], index, place, text, found[1]))
        elif not is_empty(cell) and any(index < len(row) and not is_empty(row[index]) for row in grid.rows[best + 1 :]):
            odd.append(Finding(heading_row, place, text, Severity.WARNING, _unknown(text)))
    refuse(_missing(columns, bound))
    return Layout(best, heading_row, tuple(bound), tuple(odd))


def _match(text: str, known: dict[str, Column]) -> tuple[Column, str | None] | None:
    folded = heading_fold(text)
    if not folded:
        return None
    bracketed = _IN_BRACKETS.search(folded)
    named = bracketed[1] if bracketed else ""
    bare = folded[: bracketed.start()] if bracketed else folded
    column = known.get(folded) or known.get(bare)
    unit = _UNITS.get(named)
    if column is None and not bracketed:  # 毛重kg
        ending = next((one for one in sorted(_UNITS, key=len, reverse=True) if folded.endswith(one)), None)
        column, unit = (known.get(folded[: -len(ending)]), _UNITS[ending]) if ending else (None, None)
        if column is not None and column.kind is not CellKind.MASS:
            column = None
    if column is None:
        return None
    return column, unit if column.kind is CellKind.MASS else None


def _unknown(text: str) -> Broken:
    return Broken(
        "file",
        "heading_unknown",
        message("The column “{value}” is not known; what stands under it is left out."),
        text,
        next_step=message("If it is meant to be taken in, give it the heading of the template."),
    )


def _missing(columns: Sequence[Column], bound: Sequence[Bound]) -> list[Broken]:
    there = [one.column.field for one in bound]
    broken = [
        Broken(
            "file",
            "column_missing",
            message("The column “{zh}” ({en}) is missing."),
            next_step=message("Take the template, and put your rows under its headings."),
            facts={"zh": column.zh, "en": column.en},
        )
        for column in columns
        if column.required and column.field not in there
    ]
    return broken + [
        Broken(
            "file",
            "column_twice",
            message("The column “{zh}” ({en}) stands twice: “{first}”, “{second}”."),
            next_step=message("Take one of them away."),
            facts={"zh": column.zh, "en": column.en, "first": found[0].heading, "second": found[1].heading},
        )
        for column in columns
        if len(found := [one for one in bound if one.column.field == column.field]) > 1
    ]
