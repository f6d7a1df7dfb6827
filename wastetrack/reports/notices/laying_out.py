"""Draws a notice on A4: headings, sentences, tables, bars and curves in one column, every page numbered.

A bar chart or a curve is not torn; a table goes on under its heading on the next page.
"""

from typing import Final, assert_never

from wastetrack.i18n import translate
from wastetrack.reports import typesetting
from wastetrack.reports.drawing import BLACK, Box, Colour, Drawing
from wastetrack.reports.figures import Locale
from wastetrack.reports.notices.model import Bars, Block, Curve, Notice, Paragraph, Weight
from wastetrack.reports.notices.pictures import Pen, bars_height, curve_height, draw_bars, draw_curve
from wastetrack.reports.tabular import Column, Sheet, cell_text, local

_PAGE: Final = (210.0, 297.0)
_LEFT, _TOP, _BOTTOM = 22.0, 22.0, 278.0
_WIDTH: Final = _PAGE[0] - 2 * _LEFT
_TITLE_EM, _HEAD_EM, _TEXT_EM, _SMALL_EM, _FOOT_EM = 6.2, 4.6, 3.7, 3.0, 2.6
_SMALLEST_TITLE_EM: Final = 5.0
_LEADING: Final = 1.5
_CELL_EM, _CELL_LEADING, _PAD = 2.9, 1.3, 0.9
_GAP: Final = 3.0
_TOTAL, _TOTAL_WIDTH = "total-pages", 8.0
_RULE: Final[Colour] = (150, 150, 150)
_TINT: Final[Colour] = (238, 240, 244)
_RED: Final[Colour] = (178, 34, 34)
_HAN: Final = "一二三四五六七八九十"


def notice_pdf(notice: Notice, locale: Locale) -> bytes:
    """The file. Equal notices give equal bytes."""
    drawing = Drawing(title=notice.title.of(locale), language="zh-CN" if locale == "zh" else "en-GB")
    pages = _Pages(drawing, notice, locale)
    pages.head()
    for number, section in enumerate(notice.sections):
        pages.heading(number, section.title.of(locale), section.blocks[0] if section.blocks else None)
        for block in section.blocks:
            pages.block(block)
    with drawing.stamp(_TOTAL, _TOTAL_WIDTH, 5):
        drawing.text(0, 3.5, f"{drawing.pages} 页" if locale == "zh" else f"{drawing.pages}", _FOOT_EM)
    return drawing.bytes()


class _Pages:
    """The cursor on a growing notice."""

    def __init__(self, drawing: Drawing, notice: Notice, locale: Locale) -> None:
        self.drawing, self.notice, self.locale = drawing, notice, locale
        self.y = _BOTTOM

    def head(self) -> None:
        """The title, and whom and when it is about."""
        self._page()
        title = self.notice.title.of(self.locale)
        # A title that is a little too long is set smaller rather than torn.
        em = max(_SMALLEST_TITLE_EM, min(_TITLE_EM, _TITLE_EM * _WIDTH / (typesetting.width(title, _TITLE_EM) * 1.04)))
        for line in typesetting.wrap(title, em, _WIDTH):
            self.y += em
            self.drawing.centred_text(_PAGE[0] / 2, self.y, line, em, bold=True)
            self.y += em * 0.45
        self.y += 1.0
        for line in typesetting.wrap(self.notice.below.of(self.locale), _TEXT_EM, _WIDTH):
            self.y += _TEXT_EM
            self.drawing.centred_text(_PAGE[0] / 2, self.y, line, _TEXT_EM)
            self.y += _TEXT_EM * 0.5
        self.y += 2.0
        self.drawing.rule((_LEFT, self.y), (_LEFT + _WIDTH, self.y), 0.5, _RED)
        self.y += 2.0

    def heading(self, number: int, words: str, first: Block | None) -> None:
        """`一、`…; never alone at the foot of a page."""
        self._room(_HEAD_EM * 2 + _GAP + self._least(first))
        self.y += _GAP + _HEAD_EM
        text = f"{_HAN[number]}、{words}" if self.locale == "zh" else f"{number + 1}. {words}"
        self.drawing.text(_LEFT, self.y, typesetting.printable(text), _HEAD_EM, bold=True)
        self.y += _HEAD_EM * 0.5

    def block(self, block: Block) -> None:
        """Whatever it is."""
        match block:
            case Paragraph():
                self._paragraph(block)
            case Bars() | Curve():
                self._picture(block)
            case Sheet():
                self._table(block)
            case _:
                assert_never(block)

    def _least(self, block: Block | None) -> float:
        """How much of a block must stand below its heading."""
        if isinstance(block, Bars | Curve):
            return self._height(block)
        return 3 * _TEXT_EM * _LEADING

    def _paragraph(self, one: Paragraph) -> None:
        em = _SMALL_EM if one.weight is Weight.SMALL else _TEXT_EM
        strong = one.weight is Weight.STRONG
        inset = 3.0 if strong else 0.0
        indent = 2 * em if self.locale == "zh" and not strong else 0.0
        room = _WIDTH - 2 * inset
        lines = typesetting.wrap(one.text.of(self.locale), em, room, room - indent)
        step = em * _LEADING
        if strong:
            self._room(len(lines) * step + 2 * inset)
            self.y += 1.5
            self.drawing.fill_box(Box(_LEFT, self.y, _WIDTH, len(lines) * step + 3.0), _TINT)
            self.drawing.fill_box(Box(_LEFT, self.y, 1.0, len(lines) * step + 3.0), _RED)
            self.y += 1.0
        for number, line in enumerate(lines):
            self._room(step)
            self.y += step
            start = _LEFT + inset + (indent if number == 0 else 0.0)
            self.drawing.text(start, self.y - em * 0.3, line, em, bold=strong)
        self.y += 3.0 if strong else em * 0.35

    def _height(self, one: Bars | Curve) -> float:
        return bars_height(one) if isinstance(one, Bars) else curve_height()

    def _picture(self, one: Bars | Curve) -> None:
        self._room(self._height(one))
        self.y += 2.0
        pen = Pen(self.drawing, self.locale, _LEFT, self.y, _WIDTH)
        self.y += draw_bars(pen, one) if isinstance(one, Bars) else draw_curve(pen, one)

    def _table(self, sheet: Sheet) -> None:
        widths = _widths(sheet.columns)
        step = _CELL_EM * _CELL_LEADING
        heads = self._cells([column.heading(self.locale) for column in sheet.columns], widths)
        self._room(_SMALL_EM * 2 + 4 * (step + 2 * _PAD))
        self.y += _SMALL_EM + 2.0
        title = typesetting.printable(sheet.title.of(self.locale))
        self.drawing.centred_text(_PAGE[0] / 2, self.y, title, _SMALL_EM, bold=True)
        self.y += 1.2
        self._row(sheet.columns, widths, heads, heading=True)
        for row in sheet.rows:
            texts = [
                cell_text(cell, column, self.locale, self.notice.zone)
                for column, cell in zip(sheet.columns, row, strict=True)
            ]
            cells = self._cells(texts, widths)
            if self.y + max(1, *map(len, cells)) * step + 2 * _PAD > _BOTTOM:
                self._page()
                self._row(sheet.columns, widths, heads, heading=True)
            self._row(sheet.columns, widths, cells, heading=False)
        self.y += 1.0
        for note in sheet.notes:
            self._paragraph(Paragraph(note, Weight.SMALL))

    def _cells(self, texts: list[str], widths: list[float]) -> list[tuple[str, ...]]:
        return [typesetting.wrap(text, _CELL_EM, width - 2 * _PAD) for text, width in zip(texts, widths, strict=True)]

    def _row(
        self, columns: tuple[Column, ...], widths: list[float], cells: list[tuple[str, ...]], *, heading: bool
    ) -> None:
        step, left = _CELL_EM * _CELL_LEADING, _LEFT
        height = max(1, *map(len, cells)) * step + 2 * _PAD
        if heading:
            self.drawing.fill_box(Box(_LEFT, self.y, _WIDTH, height), _TINT)
        for column, width, lines in zip(columns, widths, cells, strict=True):
            self.drawing.frame(Box(left, self.y, width, height), 0.12, _RULE)
            base = self.y + _PAD + _CELL_EM * typesetting.HAN_HEIGHT
            for line in lines:
                if heading:
                    self.drawing.centred_text(left + width / 2, base, line, _CELL_EM, bold=True)
                elif column.align == "right":
                    self.drawing.right_text(left + width - _PAD, base, line, _CELL_EM)
                else:
                    self.drawing.text(left + _PAD, base, line, _CELL_EM)
                base += step
            left += width
        self.y += height

    def _room(self, height: float) -> None:
        if self.y + height > _BOTTOM:
            self._page()

    def _page(self) -> None:
        self.drawing.begin_page(*_PAGE)
        base = _PAGE[1] - 10.0
        printed = f"{local(self.notice.printed_at, self.notice.zone):%Y-%m-%d %H:%M}"
        told = translate("Printed {when} ({zone})", self.locale, when=printed, zone=self.notice.zone)
        self.drawing.text(_LEFT, base, typesetting.printable(told), _FOOT_EM)
        number = translate("Page {number} of", self.locale, number=self.drawing.pages)
        end = _LEFT + _WIDTH - _TOTAL_WIDTH
        self.drawing.right_text(end - 0.8, base, typesetting.printable(number), _FOOT_EM)
        self.drawing.place(_TOTAL, end, base - 3.5)
        self.drawing.rule((_LEFT, base - 4.5), (_LEFT + _WIDTH, base - 4.5), 0.15, BLACK)
        self.y = _TOP


def _widths(columns: tuple[Column, ...]) -> list[float]:
    shares = sum(column.weight for column in columns)
    return [_WIDTH * column.weight / shares for column in columns]
