"""The one font of printed documents: what it can show, how wide a text is, where a line of Chinese may break.

Nothing vanishes silently. A character that the font lacks is replaced by its plain form if it has one (⁶ becomes 6),
else by a visible box, and `missing_glyphs` names it so that the caller can warn.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDocument, PDFStream
from reportlab.pdfbase.ttfonts import TTFont

from wastetrack import resources

FONT_NAME: Final = "NotoSansSC"
BOX: Final = "□"
ELLIPSIS: Final = "…"
EM_THOUSANDTHS: Final = 1000
# Height of 国 in this font over its em: what a ruler on the printed label measures as height of the text.
HAN_HEIGHT: Final = 0.875
# Height of the capitals, to centre a line in a box.
CAPITAL_HEIGHT: Final = 0.733

# Punctuation that Chinese typesetting keeps off the beginning or the end of a line (GB/T 15834-2011).
_NOT_FIRST: Final = frozenset("，。、；：！？）》」』】〕”’…—·,.;:!?)]}%℃/~～")
_NOT_LAST: Final = frozenset("（《「『【〔“‘([{")
# A unit that is not torn: a Latin word or number with its signs, or one other character.
_UNITS: Final = re.compile(r"[0-9A-Za-z\u00c0-\u024f][0-9A-Za-z\u00c0-\u024f.,:'+\-_@#%&]*| +|.", re.DOTALL)
_LONGEST_UNBROKEN: Final = 24
_SURROGATES: Final = re.compile(r"<([0-9A-F]{5,6})>")
_PARTS_OF_A_LINE: Final = 2


class _DocumentFont(TTFont):
    """Writes characters beyond the basic plane into the map back to text as UTF-16, as the PDF standard wants."""

    def addObjects(self, doc: PDFDocument) -> None:  # noqa: N802  the library's name
        super().addObjects(doc)
        for name, stream in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:") and isinstance(stream, PDFStream):
                stream.content = _SURROGATES.sub(_as_utf16, stream.content)


def _as_utf16(match: re.Match[str]) -> str:
    return f"<{chr(int(match[1], 16)).encode('utf-16-be').hex().upper()}>"


@cache
def font() -> TTFont:
    """The font, registered with reportlab the first time it is asked for (some 30 ms)."""
    # Shaping is off: Chinese needs none, and it would be on wherever the optional shaping library is installed.
    loaded = _DocumentFont(FONT_NAME, str(resources.font_path()), shapable=False)
    pdfmetrics.registerFont(loaded)
    return loaded


def missing_glyphs(*texts: str) -> tuple[str, ...]:
    """The characters, each once and in order, that would be printed as a box."""
    known = font().face.charToGlyph
    found: dict[str, None] = {}
    for text in texts:
        if all(ord(character) in known for character in text):
            continue
        for character in _plain(text):
            if _shown(character) == BOX != character:
                found[character] = None
    return tuple(found)


@lru_cache(maxsize=16384)
def printable(text: str) -> str:
    """The text as the font can show it, in one line: see the module's own words."""
    return "".join(_shown(character) for character in _plain(text)).strip()


def _plain(text: str) -> str:
    """Composed form; line breaks and tabs become spaces, other controls and invisible marks go."""
    composed = unicodedata.normalize("NFC", text)
    if composed.isprintable():
        return composed
    kept: list[str] = []
    for character in composed:
        if character.isspace():
            kept.append(" ")
        elif unicodedata.category(character) not in {"Cc", "Cf", "Cs"}:
            kept.append(character)
    return "".join(kept)


@cache
def _shown(character: str) -> str:
    known = font().face.charToGlyph
    if ord(character) in known:
        return character
    simpler = unicodedata.normalize("NFKC", character)
    return simpler if simpler and all(ord(part) in known for part in simpler) else BOX


def width(text: str, em: float) -> float:
    """How wide the text runs at this size; the unit is that of `em`."""
    return _ems(text) * em


@lru_cache(maxsize=32768)
def _ems(text: str) -> float:
    widths: dict[int, float] = font().face.charWidths
    return sum(widths.get(ord(character), EM_THOUSANDTHS) for character in text) / EM_THOUSANDTHS


@lru_cache(maxsize=16384)
def wrap(text: str, em: float, line_width: float, first_width: float | None = None) -> tuple[str, ...]:
    """Printable lines no wider than `line_width` (the first: `first_width`); () for an empty text.

    A Latin word or number is torn only when it is longer than a line; punctuation stays with its neighbour.
    """
    room = line_width if first_width is None else first_width
    lines: list[str] = []
    line, used = "", 0.0
    for unit in _units(printable(text), em, line_width):
        taken = width(unit, em)
        if used + taken <= room or not (line or (not lines and room < line_width)):
            line, used = line + unit, used + taken
            continue
        carried = _carried(line, unit)
        lines.append(line[: len(line) - len(carried)].rstrip())
        line = carried + ("" if unit.isspace() and not carried else unit)
        used, room = width(line, em), line_width
    if line.strip():
        lines.append(line.rstrip())
    return tuple(lines)


def shorten(line: str, em: float, room: float) -> str:
    """The line with an ellipsis at its end, cut until it fits."""
    while line and width(line, em) + width(ELLIPSIS, em) > room:
        line = line[:-1]
    return line.rstrip("，、；,; （(") + ELLIPSIS


def _units(text: str, em: float, line_width: float) -> list[str]:
    units: list[str] = []
    for unit in _UNITS.findall(text):
        if len(unit) > 1 and (len(unit) > _LONGEST_UNBROKEN or width(unit, em) > line_width):
            units.extend(unit)
        else:
            units.append(unit)
    return units


def _carried(line: str, unit: str) -> str:
    """What of the full line must go down with the next unit: an opening mark, or the owner of a closing one."""
    back = 0
    if unit[0] in _NOT_FIRST and len(line) >= _PARTS_OF_A_LINE and line[-1] not in _NOT_FIRST:
        back = 1
    while back < len(line) - 1 and line[len(line) - back - 1] in _NOT_LAST:
        back += 1
    return line[len(line) - back :] if back and back < len(line) else ""
