"""Papers of medical waste: the door label of a ward, the trip card, the monthly manifest in two copies.

The forms follow 《危险废物转移联单》（医疗废物专用） and 《医疗废物运送登记卡》 as known from use; their official
text was not at hand. Everything is drawn from frozen figures: the same figures give the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from wastetrack.i18n import message, translate
from wastetrack.reports import typesetting
from wastetrack.reports.drawing import Box, Colour, Drawing
from wastetrack.reports.figures import Locale

_WIDTH: Final = 210.0
_HEIGHT: Final = 297.0
_MARGIN: Final = 15.0
_QR: Final = 28.0
_TITLE: Final = 5.6
_TEXT: Final = 3.4
_SMALL: Final = 2.6
_ROW: Final = 6.6
_PAD: Final = 1.4
_LINE: Final[Colour] = (110, 110, 110)
_TINT: Final[Colour] = (240, 240, 234)
_DOOR: Final = (148.0, 105.0)
_DOOR_STEP: Final = 1.6
"""From line to line, in sizes of the lower one."""
_COPIES: Final = (message("Copy for the institution"), message("Copy for the plant"))


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, its share of the width, and whether it holds numbers."""

    title: str
    share: float
    number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper as it is printed, in one language."""

    title: str
    number: str
    url: str
    printed_at: datetime
    zone: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    signatures: tuple[tuple[str, str], ...]
    """Whose signature it is, and name with time; empty where nobody has signed yet."""
    notes: tuple[str, ...] = ()


def paper_pdf(papers: Sequence[Paper], locale: Locale) -> bytes:
    """One or several copies, each beginning on a page of its own."""
    drawing = Drawing(title=papers[0].title, language="zh-CN" if locale == "zh" else "en-GB")
    for paper in papers:
        _Sheet(drawing, paper, locale).draw()
    return drawing.bytes()


def copies(paper: Paper, locale: Locale) -> tuple[Paper, ...]:
    """The same paper for both sides."""
    form = "{}（{}）" if locale == "zh" else "{} ({})"
    return tuple(_titled(paper, form.format(paper.title, translate(copy, locale))) for copy in _COPIES)


def _titled(paper: Paper, title: str) -> Paper:
    return Paper(
        title=title,
        number=paper.number,
        url=paper.url,
        printed_at=paper.printed_at,
        zone=paper.zone,
        facts=paper.facts,
        columns=paper.columns,
        rows=paper.rows,
        signatures=paper.signatures,
        notes=paper.notes,
    )


class _Sheet:
    """The cursor on one paper."""

    def __init__(self, drawing: Drawing, paper: Paper, locale: Locale) -> None:
        self.drawing, self.paper, self.locale = drawing, paper, locale
        self.y = 0.0

    def draw(self) -> None:
        self._page()
        self._facts()
        self._table()
        self._signatures()
        for note in self.paper.notes:
            for line in typesetting.wrap(note, _SMALL, _WIDTH - 2 * _MARGIN):
                self._room(4)
                self.drawing.text(_MARGIN, self.y + 3, line, _SMALL)
                self.y += 4

    def _page(self) -> None:
        paper, drawing = self.paper, self.drawing
        drawing.begin_page(_WIDTH, _HEIGHT)
        room = _WIDTH - 2 * _MARGIN - _QR - 4
        lines = typesetting.wrap(paper.title, _TITLE, room)
        for place, line in enumerate(lines):
            drawing.text(_MARGIN, _MARGIN + 6 + place * 7.2, line, _TITLE, bold=True)
        after = _MARGIN + 6 + len(lines) * 7.2
        drawing.text(_MARGIN, after, paper.number, 4.4, bold=True)
        when = paper.printed_at.astimezone(ZoneInfo(paper.zone)).strftime("%Y-%m-%d %H:%M")
        drawing.text(_MARGIN, after + 6, translate(_PRINTED, self.locale, when=when), _SMALL)
        drawing.qr(_WIDTH - _MARGIN - _QR, _MARGIN, _QR, paper.url)
        drawing.link(Box(_WIDTH - _MARGIN - _QR, _MARGIN, _QR, _QR), paper.url)
        self.y = max(after + 10, _MARGIN + _QR + 4)

    def _room(self, height: float) -> bool:
        """Whether a new page had to be begun for so much."""
        if self.y + height <= _HEIGHT - _MARGIN:
            return False
        self._page()
        return True

    def _facts(self) -> None:
        width = (_WIDTH - 2 * _MARGIN) / 2
        for start in range(0, len(self.paper.facts), 2):
            pair = self.paper.facts[start : start + 2]
            shown = [typesetting.wrap(value or "—", _TEXT, width - 30) or ("—",) for _, value in pair]
            names = [typesetting.wrap(name, _SMALL, 27 - 2 * _PAD) for name, _ in pair]
            height = max(_ROW, *(len(lines) * 4.6 + 2 for lines in shown), *(len(lines) * 3.4 + 3 for lines in names))
            self._room(height)
            for place, (name, lines) in enumerate(zip(names, shown, strict=True)):
                left = _MARGIN + place * width
                box = Box(left, self.y, width if len(pair) > 1 else 2 * width, height)
                self.drawing.fill_box(Box(left, self.y, 27, height), _TINT)
                self.drawing.frame(box, 0.15, _LINE)
                for number, line in enumerate(name):
                    self.drawing.text(left + _PAD, self.y + 4.5 + number * 3.4, line, _SMALL)
                for number, line in enumerate(lines):
                    self.drawing.text(left + 27 + _PAD, self.y + 4.5 + number * 4.6, line, _TEXT)
            self.y += height
        self.y += 4

    def _table(self) -> None:
        shares = sum(column.share for column in self.paper.columns)
        widths = [(_WIDTH - 2 * _MARGIN) * column.share / shares for column in self.paper.columns]
        self._row([column.title for column in self.paper.columns], widths, heading=True)
        for row in self.paper.rows:
            height = self._height(row, widths)
            if self._room(height):
                self._row([column.title for column in self.paper.columns], widths, heading=True)
            self._row(row, widths)
        self.y += 4

    def _height(self, cells: Sequence[str], widths: list[float]) -> float:
        most = max(
            len(typesetting.wrap(cell, 3.0, width - 2 * _PAD)) for cell, width in zip(cells, widths, strict=True)
        )
        return max(_ROW, most * 4.2 + 2.2)

    def _row(self, cells: Sequence[str], widths: list[float], *, heading: bool = False) -> None:
        height, left = self._height(cells, widths), _MARGIN
        for cell, width, column in zip(cells, widths, self.paper.columns, strict=True):
            box = Box(left, self.y, width, height)
            if heading:
                self.drawing.fill_box(box, _TINT)
            self.drawing.frame(box, 0.15, _LINE)
            for number, line in enumerate(typesetting.wrap(cell, 3.0, width - 2 * _PAD)):
                at = self.y + 4.4 + number * 4.2
                if column.number and not heading:
                    self.drawing.right_text(left + width - _PAD, at, line, 3.0)
                else:
                    self.drawing.text(left + _PAD, at, line, 3.0, bold=heading)
            left += width
        self.y += height

    def _signatures(self) -> None:
        width, height = (_WIDTH - 2 * _MARGIN) / max(1, len(self.paper.signatures)), 20.0
        self._room(height)
        for place, (whose, signed) in enumerate(self.paper.signatures):
            left = _MARGIN + place * width
            self.drawing.frame(Box(left, self.y, width, height), 0.15, _LINE)
            self.drawing.text(left + _PAD, self.y + 4.5, typesetting.printable(whose), _SMALL)
            for number, line in enumerate(typesetting.wrap(signed, 3.0, width - 2 * _PAD)):
                self.drawing.text(left + _PAD, self.y + 9.5 + number * 4.2, line, 3.0)
        self.y += height + 4


_PRINTED = message("Printed on {when}")


def door_label_pdf(
    *, institution: str, code: str, name: str, location: str, url: str, locale: Locale, hint: str = ""
) -> bytes:
    """A label for a door or a zone, A6 landscape: its QR code opens the page of the ward, or of the store.

    `hint`, a message id, says what the code is for; without it, what a ward's is for.
    """
    width, height = _DOOR
    drawing = Drawing(title=f"{code} {name}", language="zh-CN" if locale == "zh" else "en-GB")
    drawing.begin_page(width, height)
    drawing.frame(Box(4, 4, width - 8, height - 8), 0.6)
    side = 62.0
    drawing.qr(width - side - 8, (height - side) / 2, side, url)
    # So much is left beside the code that four of its modules stay white, or no scanner finds it.
    room = width - side - 24
    texts = (_DoorText(institution, 4.4), _DoorText(code, 13, bold=True), _DoorText(name, 7, bold=True))
    lines = _door_lines((*texts, _DoorText(location, 4.4)), room, height - 40)
    y = 16.0
    for text, line in lines:
        y += _DOOR_STEP * text.em
        drawing.text(10, y, line, text.em, bold=text.bold)
    drawing.text(10, height - 10, translate(hint or _DOOR_HINT, locale), 3)
    return drawing.bytes()


@dataclass(frozen=True, slots=True)
class _DoorText:
    """What is said on a door, and how large (millimetres) where there is room."""

    words: str
    em: float
    bold: bool = False


def _door_lines(texts: Sequence[_DoorText], room: float, height: float) -> list[tuple[_DoorText, str]]:
    """Lines no longer than the room (millimetres): what is one word in one line, and all so small that it fits."""
    lines: list[tuple[_DoorText, str]] = []
    for share in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4):
        smaller = [replace(text, em=text.em * share) for text in texts]
        fitted = [replace(text, em=_em_in_one_line(text, room)) for text in smaller]
        lines = [(text, line) for text in fitted for line in typesetting.wrap(text.words, text.em, room)]
        if sum(_DOOR_STEP * text.em for text, _ in lines) <= height:
            break
    return lines


def _em_in_one_line(text: _DoorText, room: float) -> float:
    """A code that is too long is set smaller, down to a third of its size; other words may break."""
    wide = typesetting.width(text.words, text.em)
    if wide < room or " " in text.words or not text.words.isascii():
        return text.em
    # A hair less than the room: the line is measured again when it is wrapped.
    return max(text.em / 3, 0.99 * text.em * room / wide)


_DOOR_HINT = message("Scan to weigh and hand over medical waste of this ward")
