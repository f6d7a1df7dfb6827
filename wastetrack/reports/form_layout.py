"""A form on A4 that flows over pages: parts, rows of captioned cells, tables whose heads repeat.

Each caption is printed in both languages, that of the reader first and larger.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from wastetrack.reports import typesetting
from wastetrack.reports.drawing import Box, Colour, Drawing
from wastetrack.reports.figures import Locale, Words

PAGE_WIDTH: Final = 210.0
PAGE_HEIGHT: Final = 297.0
MARGIN: Final = 12.0
WIDTH: Final = PAGE_WIDTH - 2 * MARGIN
BOTTOM: Final = PAGE_HEIGHT - 17.0

VALUE_EM: Final = 3.3
TABLE_EM: Final = 2.85
CAPTION_EM: Final = 2.45
SECOND_EM: Final = 1.95
PART_EM: Final = 3.5
LEADING: Final = 1.22
PAD: Final = 1.2
HAIR: Final = 0.15
EDGE: Final = 0.35

INK: Final[Colour] = (0, 0, 0)
GREY: Final[Colour] = (95, 95, 95)
RULE: Final[Colour] = (150, 150, 150)
TINT: Final[Colour] = (240, 240, 236)
BAND: Final[Colour] = (38, 50, 56)
WHITE: Final[Colour] = (255, 255, 255)

Align = Literal["left", "right", "centre"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A captioned value; `share` is its part of the row's width."""

    caption: Words
    value: str
    share: float = 1.0
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, `width` in millimetres."""

    caption: Words
    width: float
    align: Align = "left"


class Form:
    """The cursor on a growing document. `furniture` draws the head of each page and returns where the text begins."""

    def __init__(self, drawing: Drawing, locale: Locale, furniture: Callable[["Form"], float]) -> None:
        self.drawing, self.locale, self._furniture = drawing, locale, furniture
        self.y = 0.0
        self.new_page()

    def new_page(self) -> None:
        """Go on at the top of a fresh page."""
        self.drawing.begin_page(PAGE_WIDTH, PAGE_HEIGHT)
        self.y = self._furniture(self)

    def need(self, height: float) -> bool:
        """Make sure that so much fits on this page; True when that took a new one."""
        if self.y + height <= BOTTOM:
            return False
        self.new_page()
        return True

    def gap(self, height: float) -> None:
        """Leave white space."""
        self.y += height

    def part(self, title: Words, *, keep_with: float = 20.0) -> None:
        """The bar that begins a part of the form; stays with at least `keep_with` of what follows."""
        height = PART_EM * 1.75
        self.need(height + keep_with)
        first, second = self.both(title)
        self.drawing.fill_box(Box(MARGIN, self.y, WIDTH, height), BAND)
        baseline = self.y + height / 2 + PART_EM * 0.36
        self.text(MARGIN + PAD, baseline, first, PART_EM, WHITE, bold=True)
        after = MARGIN + PAD + typesetting.width(first, PART_EM) + 2.0
        self.text(after, baseline, second, CAPTION_EM, (214, 220, 222))
        self.y += height

    def cells(self, *row: Cell) -> None:
        """One row of boxes side by side, as high as the fullest needs."""
        whole = sum(cell.share for cell in row)
        widths = [WIDTH * cell.share / whole for cell in row]
        wrapped = [
            typesetting.wrap(cell.value, VALUE_EM, width - 2 * PAD) for cell, width in zip(row, widths, strict=True)
        ]
        captions = [self._caption_lines(cell.caption, width - 2 * PAD) for cell, width in zip(row, widths, strict=True)]
        caption_height = max(captions) * CAPTION_EM * LEADING
        height = PAD * 1.4 + caption_height + max(1, *(len(lines) for lines in wrapped)) * VALUE_EM * LEADING
        self.need(height)
        x = MARGIN
        for cell, width, lines in zip(row, widths, wrapped, strict=True):
            self._outline(x, width, height)
            self._caption(x + PAD, self.y + PAD * 0.6 + CAPTION_EM * 0.9, cell.caption, width - 2 * PAD)
            baseline = self.y + PAD * 0.7 + caption_height + VALUE_EM * 0.95
            for i, line in enumerate(lines):
                self.text(x + PAD, baseline + i * VALUE_EM * LEADING, line, VALUE_EM, bold=cell.bold)
            x += width
        self.y += height

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, last_bold: bool = False) -> None:
        """A table whose head is repeated on each page; a row is never torn."""
        scale = WIDTH / sum(column.width for column in columns)
        fitted = [Column(column.caption, column.width * scale, column.align) for column in columns]
        heads = [self._head_lines(column) for column in fitted]
        head_height = max(sum(em for _, em, _ in lines) * LEADING for lines in heads) + PAD
        wrapped = [
            [typesetting.wrap(text, TABLE_EM, column.width - 2 * PAD) for text, column in zip(row, fitted, strict=True)]
            for row in rows
        ]
        heights = [max(1, *(len(lines) for lines in row)) * TABLE_EM * LEADING + PAD * 1.1 for row in wrapped]
        self.need(head_height + (heights[0] if heights else 0))
        self._table_head(fitted, heads, head_height)
        for i, (row, height) in enumerate(zip(wrapped, heights, strict=True)):
            if self.need(height):
                self._table_head(fitted, heads, head_height)
            self._table_row(fitted, row, height, bold=last_bold and i == len(wrapped) - 1)

    def note(self, text: str, em: float = CAPTION_EM) -> None:
        """A paragraph of small print."""
        lines = typesetting.wrap(text, em, WIDTH)
        self.need(len(lines) * em * LEADING + PAD)
        for line in lines:
            self.y += em * LEADING
            self.text(MARGIN, self.y, line, em, GREY)
        self.y += PAD

    def text(self, x: float, y: float, text: str, em: float, colour: Colour = INK, *, bold: bool = False) -> None:
        """One line of text in a colour."""
        if not text:
            return
        if colour == INK:
            self.drawing.text(x, y, text, em, bold=bold)
            return
        fill = " ".join(f"{part / 255:.3g}" for part in colour)
        shown = self.drawing.text_operators(x, y, text, em, bold=bold)
        self.drawing.emit(f"q {fill} rg {fill} RG {shown} Q")

    def both(self, words: Words) -> tuple[str, str]:
        """The words in the reader's language, then in the other."""
        other: Locale = "en" if self.locale == "zh" else "zh"
        return words.of(self.locale), words.of(other)

    def _outline(self, x: float, width: float, height: float) -> None:
        """The outline of a cell, on its edge, so that neighbours share one line."""
        self.drawing.frame(Box(x, self.y, width, height).inset(-HAIR / 2), HAIR, RULE)

    def _caption_lines(self, words: Words, room: float) -> int:
        first, second = self.both(words)
        together = typesetting.width(first, CAPTION_EM) + 1 + typesetting.width(second, SECOND_EM)
        return 1 if together <= room else 2

    def _caption(self, x: float, baseline: float, words: Words, room: float) -> None:
        first, second = self.both(words)
        self.text(x, baseline, first, CAPTION_EM, GREY)
        if self._caption_lines(words, room) == 1:
            self.text(x + typesetting.width(first, CAPTION_EM) + 1, baseline, second, SECOND_EM, GREY)
        else:
            self.text(x, baseline + SECOND_EM * 1.1, second, SECOND_EM, GREY)

    def _head_lines(self, column: Column) -> list[tuple[str, float, Colour]]:
        first, second = self.both(column.caption)
        room = column.width - PAD
        return [
            *((line, CAPTION_EM, INK) for line in typesetting.wrap(first, CAPTION_EM, room)),
            *((line, SECOND_EM, GREY) for line in typesetting.wrap(second, SECOND_EM, room)),
        ]

    def _table_head(
        self, columns: Sequence[Column], heads: list[list[tuple[str, float, Colour]]], height: float
    ) -> None:
        self.drawing.fill_box(Box(MARGIN, self.y, WIDTH, height), TINT)
        x = MARGIN
        for column, lines in zip(columns, heads, strict=True):
            self._outline(x, column.width, height)
            baseline = self.y + (height - sum(em for _, em, _ in lines) * LEADING) / 2
            for line, em, colour in lines:
                baseline += em * LEADING
                middle = x + (column.width - typesetting.width(line, em)) / 2
                self.text(middle, baseline - em * 0.28, line, em, colour, bold=colour == INK)
            x += column.width
        self.y += height

    def _table_row(
        self, columns: Sequence[Column], row: Sequence[tuple[str, ...]], height: float, *, bold: bool
    ) -> None:
        x = MARGIN
        for column, lines in zip(columns, row, strict=True):
            self._outline(x, column.width, height)
            baseline = self.y + (height - len(lines) * TABLE_EM * LEADING) / 2 + TABLE_EM * 0.97
            for i, line in enumerate(lines):
                free = column.width - 2 * PAD - typesetting.width(line, TABLE_EM)
                shift = {"left": 0.0, "right": free, "centre": free / 2}[column.align]
                self.text(x + PAD + shift, baseline + i * TABLE_EM * LEADING, line, TABLE_EM, bold=bold)
            x += column.width
        self.y += height
