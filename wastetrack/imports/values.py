"""A cell as a value: folded, read by its kind, or why it cannot be read. Pure; a cell is what a file holds.

Full-width letters and digits are read as their plain twins, a number that a workbook keeps as a floating one is read
as the decimal that the workbook shows, a day in any of the ways in which offices write it.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from wastetrack.characters import escaped, unseen_character
from wastetrack.errors import Malformed
from wastetrack.i18n import message
from wastetrack.mass import Mass

Cell = str | float | int | bool | date | datetime | None
"""What a file holds in one place."""
LONGEST_LINE, LONGEST_PROSE = 200, 2000
_EPOCH = date(1899, 12, 30)
"""Day 0 of workbooks, which count 29 February 1900."""
_DAY_1990, _DAY_2100 = 32_874, 73_051
_DIGITS = 15
"""What a double holds surely; more is the noise of the machine."""
_DAY = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"),
    re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日?"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?$")
_WITH_UNIT = re.compile(r"[^\d\s.,+-]")
_LITRES = re.compile(r"\s*(L|升)$", re.IGNORECASE)
_YES = frozenset({"是", "y", "yes", "true", "1", "√", "✓"})
_NO = frozenset({"否", "n", "no", "false", "0", "×"})
_APART = re.compile(r"[,/、;\s]+")
# NFKC would also turn ² into 2 and ㎏ into kg; for what people name things that is too much.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def is_empty(cell: Cell) -> bool:
    """Whether there is nothing to read."""
    return cell is None or (isinstance(cell, str) and not cell.strip(" \t\r\n\u3000\xa0"))


def text_of(cell: Cell) -> str:
    """A cell as its text: numbers without a machine's noise, days as 2026-11-05."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _decimal_text(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip(" \t\r\n\u3000\xa0")


def folded(cell: Cell) -> str:
    """The text with full-width letters, digits and signs as their plain twins."""
    return text_of(cell).translate(_WIDE).strip()


def heading_fold(text: str) -> str:
    """A heading as headings are compared: without width, case, blanks, stars."""
    return re.sub(r"[\s*＊_]+", "", unicodedata.normalize("NFKC", text)).lower()


def line(cell: Cell, longest: int = LONGEST_LINE, *, free: bool = False) -> str:
    """One line, or prose where `free`. Raises Malformed for what is too long, cannot be seen, or was rounded."""
    _demand_unrounded(cell)
    text = text_of(cell)
    if len(text) > longest:
        raise Malformed("string_too_long", "This may have at most {max_length} characters.", max_length=longest)
    found = unseen_character(text, free=free)
    if found is not None:
        raise Malformed(
            "character_refused",
            "This holds the character {character} at place {place}, which cannot be seen or turns the text around.",
            value=escaped(text),
            place=found[0],
            character=found[1],
        )
    return text


def _demand_unrounded(cell: Cell) -> None:
    """A workbook keeps a number's first fifteen digits; of an identifier with eighteen the end is lost."""
    if isinstance(cell, float | int) and not isinstance(cell, bool) and abs(cell) >= 10**_DIGITS:
        raise Malformed(
            "number_rounded",
            message("“{value}” stands there as a number; of one so long the workbook keeps only the first 15 digits."),
            value=text_of(cell),
        )


def code(cell: Cell) -> str:
    """A code or an identifier: plain letters and digits, capitals, no blanks around the strokes."""
    _demand_unrounded(cell)
    return line(re.sub(r"\s*-\s*", "-", re.sub(r"[－—–‐]", "-", folded(cell))).upper())


def day(cell: Cell) -> date:
    """A day: a workbook's own, its serial number, 2026-11-05, 2026/11/5, 2026.11.5, 20261105, 2026年11月5日."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = _MIDNIGHT.sub("", folded(cell))
    for pattern in _DAY:
        if match := pattern.fullmatch(re.sub(r"\s", "", text)):
            year, month, number = (int(part) for part in match.groups())
            try:
                return date(year, month, number)
            except ValueError:
                break
    serial = _number(text)
    if serial is not None and serial == serial.to_integral_value() and _DAY_1990 <= serial <= _DAY_2100:
        return _EPOCH + timedelta(days=int(serial))
    raise Malformed("day_unreadable", message("“{value}” is not a day."), value=text)


def mass(cell: Cell, unit: str | None) -> Mass:
    """A mass: a number in the unit of the heading, or a text with a unit of its own, which goes before it."""
    text = folded(cell)
    if isinstance(cell, str) and _WITH_UNIT.search(text):
        return Mass.parse(text)
    if unit is None:
        raise Malformed(
            "mass_without_unit",
            message("Neither the heading nor “{value}” names a unit of mass."),
            value=text,
        )
    number = _number(text)
    if number is None:
        raise Malformed("mass_unreadable", "“{value}” is not a mass; write a number and g, kg or t.", value=text)
    return Mass.parse(f"{number:f} {unit}")


def whole(cell: Cell, *, least: int, most: int) -> int:
    """A whole number within bounds; `200 L` is one too."""
    text = folded(cell)
    number = _number(_LITRES.sub("", text))
    if number is None:
        raise Malformed("number_unreadable", message("“{value}” is not a number."), value=text)
    if number != number.to_integral_value():
        raise Malformed("number_not_whole", message("{value} is not a whole number."), value=text)
    if not least <= number <= most:
        facts = {"least": least, "most": most}
        raise Malformed(
            "number_out_of_range", message("{value} is not between {least} and {most}."), value=text, **facts
        )
    return int(number)


def percent(cell: Cell) -> int:
    """A share of 1 to 100: `75`, `75 %`; a workbook's 0.75 shown as a percentage."""
    text = folded(cell)
    if isinstance(cell, float) and 0 < cell < 1:
        return whole(float(Decimal(_decimal_text(cell)) * 100), least=1, most=100)
    return whole(text.removesuffix("%"), least=1, most=100)


def yes(cell: Cell) -> bool:
    """Yes or no, in either language."""
    text = folded(cell).lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise Malformed("yes_or_no", message("“{value}” is neither yes (是) nor no (否)."), value=text)


def letters(cell: Cell) -> tuple[str, ...]:
    """Letters of hazards with anything between them: `T,I`, `T/I`, `T、I`."""
    return tuple(part for part in _APART.split(folded(cell)) if part)


def _number(text: str) -> Decimal | None:
    plain = text.replace(",", "").replace(" ", "")
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", plain) or len(plain) > 3 * _DIGITS:
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _decimal_text(number: float) -> str:
    shown = Decimal(f"{number:.{_DIGITS}g}")
    return f"{shown.normalize():f}" if shown.is_finite() else str(number)
