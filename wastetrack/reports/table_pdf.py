"""Tables as a PDF on A4 landscape: the heading stands on each page, every page says its number of how many."""

from dataclasses import dataclass, replace
from typing import Final

from wastetrack.i18n import translate
from wastetrack.reports import typesetting
from wastetrack.reports.drawing import Box, Colour, Drawing
from wastetrack.reports.figures import Locale
from wastetrack.reports.tabular import Column, Document, Sheet, cell_text, local

_PAGE_WIDTH: Final = 297.0
_PAGE_HEIGHT: Final = 210.0
_MARGIN: Final = 10.0
_WIDTH: Final = _PAGE_WIDTH - 2 * _MARGIN
_BOTTOM: Final = _PAGE_HEIGHT - 13.0
_TITLE_EM: Final = 5.0
_LINE_EM: Final = 3.0
_NOTE_EM: Final = 2.5
_FOOT_EM: Final = 2.4
_LEADING: Final = 1.25
_PAD: Final = 0.8
_HAIR: Final = 0.12
_RULE: Final[Colour] = (140, 140, 140)
_TINT: Final[Colour] = (238, 238, 233)
_TOTAL: Final = "total-pages"
_TOTAL_WIDTH: Final = 8.0
_QR_SIDE: Final = 26.0
_BY_COLUMNS: Final = ((9, 2.9), (14, 2.5), (18, 2.2))
"""So many columns at most, and the size of their letters in millimetres."""
_SMALLEST_EM: Final = 2.0
_LEAST_HEADING_EM: Final = 1.6
_BOLDER: Final = 1.04
"""How much wider bold letters run."""


def table_pdf(document: Document, locale: Locale, *, qr: str = "") -> bytes:
    """The file. Equal documents give equal bytes. `qr` is the address of the record, as a code on the first page."""
    language = "zh-CN" if locale == "zh" else "en-GB"
    drawing = Drawing(title=document.title.of(locale), language=language)
    pages = _Pages(drawing, document, locale, qr)
    for sheet in document.sheets:
        pages.table(sheet)
    with drawing.stamp(_TOTAL, _TOTAL_WIDTH, 5):
        drawing.text(0, 3.5, f"{drawing.pages} 页" if locale == "zh" else f"{drawing.pages}", _FOOT_EM)
    return drawing.bytes()


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the columns of a table stand."""

    columns: tuple[Column, ...]
    lefts: tuple[float, ...]
    widths: tuple[float, ...]
    em: float


def _grid(columns: tuple[Column, ...]) -> _Grid:
    shares = sum(column.weight for column in columns)
    widths = tuple(_WIDTH * column.weight / shares for column in columns)
    lefts = tuple(_MARGIN + sum(widths[:number]) for number in range(len(widths)))
    em = next((size for most, size in _BY_COLUMNS if len(columns) <= most), _SMALLEST_EM)
    return _Grid(columns, lefts, widths, em)


class _Pages:
    """The cursor on a growing document."""

    def __init__(self, drawing: Drawing, document: Document, locale: Locale, qr: str = "") -> None:
        self.drawing, self.document, self.locale, self.qr = drawing, document, locale, qr
        self.y = 0.0

    def table(self, sheet: Sheet) -> None:
        """One table, beginning on a page of its own."""
        grid = _grid(sheet.columns)
        self._page(sheet, grid, full=True)
        for row in sheet.rows:
            cells = [
                self._lines(cell_text(cell, column, self.locale, self.document.zone), width, grid.em)
                for column, cell, width in zip(grid.columns, row, grid.widths, strict=True)
            ]
            self._row(sheet, grid, cells)
        if not sheet.rows:
            self._nothing()
        self._notes(sheet, grid)

    def _nothing(self) -> None:
        """An empty table says that it is empty, so that nobody looks for what is missing."""
        height = _LINE_EM * _LEADING + 2 * _PAD
        self.drawing.frame(Box(_MARGIN, self.y, _WIDTH, height), _HAIR, _RULE)
        told = typesetting.printable(translate("No entries.", self.locale))
        self.drawing.centred_text(
            _MARGIN + _WIDTH / 2, self.y + _PAD + _LINE_EM * typesetting.HAN_HEIGHT, told, _LINE_EM
        )
        self.y += height

    def _page(self, sheet: Sheet, grid: _Grid, *, full: bool) -> None:
        """Begin a page; the first of a table says all that is said once, the others only which table it is."""
        self.drawing.begin_page(_PAGE_WIDTH, _PAGE_HEIGHT)
        self._foot()
        title = self.document.title.of(self.locale)
        if len(self.document.sheets) > 1:
            title = f"{title} · {sheet.title.of(self.locale)}"
        em = _TITLE_EM if full else _LINE_EM
        self.y = _MARGIN + em
        coded = full and bool(self.qr) and self.drawing.pages == 1
        if coded:
            side = _MARGIN + _WIDTH - _QR_SIDE
            self.drawing.qr(side, _MARGIN, _QR_SIDE, self.qr)
            self.drawing.link(Box(side, _MARGIN, _QR_SIDE, _QR_SIDE), self.qr)
        room = _WIDTH - (_QR_SIDE + _PAD if coded else 0)
        for line in typesetting.wrap(title, em, room):
            self.drawing.text(_MARGIN, self.y, line, em, bold=True)
            self.y += em * _LEADING
        if full:
            self._said_once(room)
        if coded:
            self.y = max(self.y, _MARGIN + _QR_SIDE + 1.0)
        self._headings(grid)

    def _headings(self, grid: _Grid) -> None:
        """In letters so small that no word of a heading is torn, or the smallest."""
        words = [column.heading(self.locale) for column in grid.columns]
        torn = min(
            (
                grid.em * (width - 2 * _PAD) / typesetting.width(word, grid.em) / _BOLDER
                for text, width in zip(words, grid.widths, strict=True)
                for word in text.split()
                if word.isascii()
            ),
            default=grid.em,
        )
        small = replace(grid, em=max(_LEAST_HEADING_EM, min(grid.em, torn)))
        cells = [self._lines(text, width, small.em) for text, width in zip(words, grid.widths, strict=True)]
        self._draw(small, cells, heading=True)

    def _said_once(self, room: float) -> None:
        stop = "：" if self.locale == "zh" else ": "
        together = "　　".join(f"{caption.of(self.locale)}{stop}{value}" for caption, value in self.document.lines)
        self.y += 0.6
        for line in typesetting.wrap(together, _LINE_EM, room):
            self.drawing.text(_MARGIN, self.y, line, _LINE_EM)
            self.y += _LINE_EM * _LEADING
        self.y += 0.4

    def _foot(self) -> None:
        printed = f"{local(self.document.printed_at, self.document.zone):%Y-%m-%d %H:%M}"
        base = _PAGE_HEIGHT - 7.0
        told = translate("Printed {when} ({zone})", self.locale, when=printed, zone=self.document.zone)
        self.drawing.text(_MARGIN, base, typesetting.printable(told), _FOOT_EM)
        number = translate("Page {number} of", self.locale, number=self.drawing.pages)
        end = _MARGIN + _WIDTH - _TOTAL_WIDTH
        self.drawing.right_text(end - 0.8, base, typesetting.printable(number), _FOOT_EM)
        self.drawing.place(_TOTAL, end, base - 3.5)

    def _lines(self, text: str, width: float, em: float) -> tuple[str, ...]:
        return typesetting.wrap(text, em, width - 2 * _PAD)

    def _row(self, sheet: Sheet, grid: _Grid, cells: list[tuple[str, ...]]) -> None:
        """A row; one that is taller than what is left goes to the next page, one taller than a page is continued."""
        step = grid.em * _LEADING
        while True:
            tallest = max(map(len, cells))
            if self.y + max(1, tallest) * step + 2 * _PAD <= _BOTTOM:
                break
            self._page(sheet, grid, full=False)
            room = int((_BOTTOM - self.y - 2 * _PAD) / step)
            if tallest <= room:
                break
            self._draw(grid, [lines[:room] for lines in cells], heading=False)
            cells = [lines[room:] for lines in cells]
        self._draw(grid, cells, heading=False)

    def _draw(self, grid: _Grid, cells: list[tuple[str, ...]], *, heading: bool) -> None:
        step = grid.em * _LEADING
        height = max(1, *map(len, cells)) * step + 2 * _PAD
        if heading:
            self.drawing.fill_box(Box(_MARGIN, self.y, _WIDTH, height), _TINT)
        for column, left, width, lines in zip(grid.columns, grid.lefts, grid.widths, cells, strict=True):
            self.drawing.frame(Box(left, self.y, width, height), _HAIR, _RULE)
            base = self.y + _PAD + grid.em * typesetting.HAN_HEIGHT
            for line in lines:
                align = "centre" if heading else column.align
                if align == "right":
                    self.drawing.right_text(left + width - _PAD, base, line, grid.em)
                elif align == "centre":
                    self.drawing.centred_text(left + width / 2, base, line, grid.em, bold=heading)
                else:
                    self.drawing.text(left + _PAD, base, line, grid.em)
                base += step
        self.y += height

    def _notes(self, sheet: Sheet, grid: _Grid) -> None:
        self.y += 1.0
        step = _NOTE_EM * _LEADING
        for note in sheet.notes:
            for line in typesetting.wrap(note.of(self.locale), _NOTE_EM, _WIDTH):
                if self.y + step > _BOTTOM:
                    self._page(sheet, grid, full=False)
                    self.y += 1.0
                self.y += step
                self.drawing.text(_MARGIN, self.y - 0.6, line, _NOTE_EM)
