"""Bars and curves of a notice, drawn with a pen of millimetres. Each says its numbers beside what it draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from wastetrack.i18n import message, translate
from wastetrack.reports import typesetting
from wastetrack.reports.drawing import Box, Colour, Drawing
from wastetrack.reports.figures import Locale
from wastetrack.reports.notices.model import Bars, Curve

_EM, _TITLE_EM = 2.7, 3.0
_BAR, _BETWEEN, _GROUP = 3.0, 0.4, 1.8
_LABEL: Final = 46.0
_VALUES: Final = 24.0
_HEAD: Final = 11.0
_CURVE: Final = 52.0
_COLOURS: Final[tuple[Colour, ...]] = ((40, 96, 144), (122, 168, 205), (190, 190, 190), (90, 140, 90))
_RED: Final[Colour] = (196, 44, 44)
_GREY: Final[Colour] = (200, 200, 200)
_LIGHT: Final[Colour] = (218, 229, 240)
_THOUSAND, _TEN = 1_000, 10


@dataclass(frozen=True, slots=True)
class Pen:
    """Where it is drawn: on which page, in which language, from which corner, how wide."""

    drawing: Drawing
    locale: Locale
    left: float
    top: float
    width: float


def number(value: float) -> str:
    """As a reader takes it in: `12,345`, `12.3`, `0.12`."""
    if abs(value) >= _THOUSAND:
        return f"{value:,.0f}"
    told = f"{value:.1f}" if abs(value) >= _TEN else f"{value:.2f}"
    return told.rstrip("0").rstrip(".")


def bars_height(bars: Bars) -> float:
    """How much room it takes."""
    return _HEAD + len(bars.rows) * _group(bars) + 2.0


def curve_height() -> float:
    """The same."""
    return _HEAD + _CURVE + 8.0


def draw_bars(pen: Pen, bars: Bars) -> float:
    """Draws it; gives its height."""
    colours = [_RED if place == bars.alarm else _COLOURS[place % len(_COLOURS)] for place in range(len(bars.names))]
    y = _head(pen, bars.title.of(pen.locale), bars.unit, [name.of(pen.locale) for name in bars.names], colours)
    most = max((value for _, values in bars.rows for value in values if value is not None), default=0.0) or 1.0
    start, room = pen.left + _LABEL, pen.width - _LABEL - _VALUES
    for label, values in bars.rows:
        height = len(values) * (_BAR + _BETWEEN)
        _label(pen, y, height, label.of(pen.locale))
        for place, value in enumerate(values):
            if value is not None:
                top = y + place * (_BAR + _BETWEEN)
                length = room * max(value, 0.0) / most
                pen.drawing.fill_box(Box(start, top, max(length, 0.2), _BAR), colours[place])
                pen.drawing.text(start + length + 1.0, top + _BAR - 0.6, number(value), _EM)
        y += _group(bars)
    pen.drawing.rule((start, pen.top + _HEAD - 1.0), (start, y - _GROUP + 0.6), 0.2)
    return bars_height(bars)


def _group(bars: Bars) -> float:
    return len(bars.names) * (_BAR + _BETWEEN) + _GROUP


def _label(pen: Pen, y: float, height: float, words: str) -> None:
    lines = typesetting.wrap(words, _EM, _LABEL - 2.0)
    fitting = max(1, int((height + _GROUP) / (_EM * 1.15)))
    if len(lines) > fitting:
        lines = (*lines[: fitting - 1], typesetting.shorten(lines[fitting - 1], _EM, _LABEL - 2.0))
    base = y + (height - len(lines) * _EM * 1.15) / 2 + _EM * 0.9
    for line in lines:
        pen.drawing.right_text(pen.left + _LABEL - 1.5, base, line, _EM)
        base += _EM * 1.15


def _head(pen: Pen, title: str, unit: str, names: Sequence[str], colours: Sequence[Colour]) -> float:
    """Title and legend; gives where the picture begins."""
    told = typesetting.printable(f"{title}（{unit}）" if pen.locale == "zh" else f"{title} ({unit})")
    pen.drawing.text(pen.left, pen.top + _TITLE_EM, told, _TITLE_EM, bold=True)
    x = pen.left + _LABEL
    for name, colour in zip(names, colours, strict=True):
        pen.drawing.fill_box(Box(x, pen.top + 5.2, 3.0, 2.2), colour)
        words = typesetting.printable(name)
        pen.drawing.text(x + 4.0, pen.top + 7.3, words, _EM)
        x += 4.0 + typesetting.width(words, _EM) + 5.0
    return pen.top + _HEAD


def draw_curve(pen: Pen, curve: Curve) -> float:
    """Draws it; gives its height."""
    names = [translate(one, pen.locale) for one in (message("Arisen"), message("Middle"), message("Low to high"))]
    y = _head(pen, curve.title.of(pen.locale), curve.unit, names, (_COLOURS[0], _RED, _LIGHT))
    left, room = pen.left + 18.0, pen.width - 20.0
    most = max((*curve.known, *curve.high), default=0.0) or 1.0
    step = room / max(len(curve.months) - 1, 1)

    def at(place: int, value: float) -> tuple[float, float]:
        return left + place * step, y + _CURVE * (1 - value / most)

    for share in (0.0, 0.5, 1.0):
        level = y + _CURVE * (1 - share)
        pen.drawing.rule((left, level), (left + room, level), 0.12, _GREY)
        pen.drawing.right_text(left - 1.5, level + 1.0, number(most * share), _EM)
    first = len(curve.known)
    last_known = [at(first - 1, curve.known[-1])] if curve.known else []
    upper = [*last_known, *(at(first + place, value) for place, value in enumerate(curve.high))]
    lower = [*last_known, *(at(first + place, value) for place, value in enumerate(curve.low))]
    _area(pen, [*upper, *reversed(lower)])
    _line(pen, [at(place, value) for place, value in enumerate(curve.known)], _COLOURS[0])
    _line(pen, [*last_known, *(at(first + place, value) for place, value in enumerate(curve.middle))], _RED)
    every = max(1, len(curve.months) // 6)
    for place in range(0, len(curve.months), every):
        pen.drawing.centred_text(left + place * step, y + _CURVE + 4.0, curve.months[place], _EM)
    return curve_height()


def _line(pen: Pen, points: Sequence[tuple[float, float]], colour: Colour) -> None:
    for before, after in pairwise(points):
        pen.drawing.rule(before, after, 0.45, colour)


def _area(pen: Pen, points: Sequence[tuple[float, float]]) -> None:
    red, green, blue = (part / 255 for part in _LIGHT)
    path = " ".join(f"{x:.2f} {y:.2f} {'m' if place == 0 else 'l'}" for place, (x, y) in enumerate(points))
    pen.drawing.emit(f"q {red:.4g} {green:.4g} {blue:.4g} rg {path} h f Q")
