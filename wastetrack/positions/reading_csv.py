"""A CSV of fixes: headings in English or Chinese, one row a fix, each with its coordinate system."""

import csv
import io
from collections.abc import Callable
from typing import Any

from wastetrack.errors import Broken, Malformed
from wastetrack.i18n import message
from wastetrack.positions.model import MOST_ROWS, Fault, Fix, PositionSource, ReadFixes
from wastetrack.positions.values import decimal, flag, frame_of, instant

HEADINGS: dict[str, tuple[str, ...]] = {
    "plate": ("plate", "车牌号", "车牌"),
    "receiver": ("receiver", "terminal", "终端号", "终端手机号"),
    "seen_at": ("seen_at", "time", "定位时间", "时间"),
    "latitude": ("latitude", "lat", "纬度"),
    "longitude": ("longitude", "lon", "lng", "经度"),
    "frame": ("frame", "crs", "坐标系"),
    "speed_km_h": ("speed_km_h", "speed", "速度"),
    "direction": ("direction", "heading", "方向"),
    "altitude_m": ("altitude_m", "altitude", "海拔"),
    "accuracy_m": ("accuracy_m", "accuracy", "精度"),
    "door_open": ("door_open", "door", "车门"),
}
REQUIRED = ("seen_at", "latitude", "longitude", "frame")
_READ: dict[str, Callable[[str], Any]] = {
    "seen_at": instant,
    "latitude": lambda text: decimal(text, -90, 90),
    "longitude": lambda text: decimal(text, -180, 180),
    "frame": frame_of,
    "speed_km_h": lambda text: decimal(text, 0, 300),
    "direction": lambda text: round(decimal(text, 0, 360)),
    "altitude_m": lambda text: round(decimal(text, -500, 9000)),
    "accuracy_m": lambda text: decimal(text, 0, 100_000),
    "door_open": flag,
}


def read_csv(content: bytes) -> ReadFixes:
    """All rows, and every cell that cannot be read."""
    read = ReadFixes(PositionSource.CSV, [], [], [])
    text = _text(content)
    if text is None:
        read.faults.append(
            Fault(0, "", Broken("file", "file_no_text", message("The file is no text in UTF-8 or GB 18030.")))
        )
        return read
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        places = _places(next(lines, []), read)
        if not read.faults:
            _rows(read, lines, places)
    except csv.Error:
        read.faults.append(_unreadable(lines.line_num))
    return read


def _rows(read: ReadFixes, lines: Any, places: dict[str, int]) -> None:  # noqa: ANN401  a reader of csv has no name
    named = [(name, place, _READ[name]) for name, place in places.items() if name in _READ]
    by_plate = "plate" in places
    who = places["plate"] if by_plate else places["receiver"]
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        read.rows += 1
        if read.rows > MOST_ROWS:
            read.faults.append(_too_many(lines.line_num))
            break
        _row(read, lines.line_num, cells, named, who, by_plate=by_plate)


def _row(
    read: ReadFixes,
    line: int,
    cells: list[str],
    named: list[tuple[str, int, Callable[[str], Any]]],
    who: int,
    *,
    by_plate: bool,
) -> None:
    values: dict[str, Any] = {}
    before = len(read.faults)
    for name, place, value_of in named:
        cell = cells[place].strip() if place < len(cells) else ""
        if not cell:
            if name in REQUIRED:
                read.faults.append(Fault(line, name, _empty(name)))
            continue
        try:
            values[name] = value_of(cell)
        except Malformed as error:
            read.faults.append(Fault(line, name, error.as_broken(name, cell)))
    vehicle = cells[who].strip() if who < len(cells) else ""
    if not vehicle:
        read.faults.append(Fault(line, "plate" if by_plate else "receiver", _empty("plate")))
    if len(read.faults) == before:
        read.fixes.append(Fix(row=line, vehicle=vehicle, by_plate=by_plate, **values))


def _text(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in text else text
    return None


def _places(headings: list[str], read: ReadFixes) -> dict[str, int]:
    known = {word: name for name, words in HEADINGS.items() for word in words}
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        name = known.get(heading.strip().lower())
        if name is not None and name in places:
            sentence = message("The column {value} stands there twice.")
            read.faults.append(Fault(1, name, Broken(name, "column_twice", sentence, heading.strip())))
        elif name is not None:
            places[name] = place
    sentence = message("There is no column {value}. Its heading may be {headings}.")
    for name in REQUIRED:
        if name not in places:
            facts: dict[str, object] = {"headings": ", ".join(HEADINGS[name])}
            read.faults.append(Fault(1, name, Broken(name, "column_missing", sentence, name, facts=facts)))
    if "plate" not in places and "receiver" not in places:
        facts = {"headings": ", ".join((*HEADINGS["plate"], *HEADINGS["receiver"]))}
        read.faults.append(Fault(1, "plate", Broken("plate", "column_missing", sentence, "plate", facts=facts)))
    return places


def _empty(name: str) -> Broken:
    return Broken(name, "cell_empty", message("The cell is empty, and must not be."))


def _unreadable(line: int) -> Fault:
    """A quote that is never closed, as a rule: all that follows is one cell."""
    words = message("A cell has more than {most} characters; look for a quote that is not closed.")
    return Fault(line, "", Broken("file", "cell_too_long", words, facts={"most": csv.field_size_limit()}))


def _too_many(line: int) -> Fault:
    sentence = message("A file may have at most {most} fixes. Split it.")
    return Fault(line, "", Broken("file", "too_many_rows", sentence, facts={"most": MOST_ROWS}))
