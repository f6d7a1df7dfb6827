"""Location reports of JT/T 808 (message 0x0200) as JSON.

    {"frame": "gcj02", "reports": [{"phone": "013800138000", "alarm": 0, "status": 3, "latitude": 36651234,
     "longitude": 117120123, "altitude": 55, "speed": 623, "direction": 90, "time": "260301142000"}]}

Degrees are in millionths, the speed in tenths of a kilometre an hour, the time in UTC+8. The bits of `status` that are
used: 1 positioned, 2 southern, 3 western, 14, 15 and 17 a door other than the driver's is open (the numbers are from
memory of the standard and stand in one place).
"""

from typing import Any

import orjson

from wastetrack.errors import Broken, Malformed
from wastetrack.i18n import message
from wastetrack.positions.model import MOST_ROWS, Fault, Fix, Frame, Noted, PositionSource, ReadFixes
from wastetrack.positions.values import frame_of, instant_of_report

_POSITIONED, _SOUTH, _WEST = 1 << 1, 1 << 2, 1 << 3
_DOORS = 1 << 14 | 1 << 15 | 1 << 17
_WORD = 2**32 - 1
_BOUNDS = {
    "latitude": (0, 90_000_000),
    "longitude": (0, 180_000_000),
    "status": (0, _WORD),
    "alarm": (0, _WORD),
    "speed": (0, 3_000),
    "direction": (0, 360),
    "altitude": (-500, 9_000),
}
_REQUIRED = frozenset({"latitude", "longitude", "status"})


def read_jt808(content: bytes) -> ReadFixes:
    """All reports, and everything in them that cannot be read."""
    read = ReadFixes(PositionSource.JT808, [], [], [])
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        sentence = message("The file is no JSON: {error}.")
        read.faults.append(
            Fault(error.lineno, "", Broken("file", "file_no_json", sentence, facts={"error": error.msg}))
        )
        return read
    reports = document.get("reports") if isinstance(document, dict) else None
    frame = _frame(read, document)
    if not isinstance(reports, list):
        sentence = message("The file has no list “reports”.")
        read.faults.append(Fault(0, "reports", Broken("reports", "reports_missing", sentence)))
        return read
    if len(reports) > MOST_ROWS:
        sentence = message("A file may have at most {most} fixes. Split it.")
        read.faults.append(
            Fault(MOST_ROWS + 1, "", Broken("file", "too_many_rows", sentence, facts={"most": MOST_ROWS}))
        )
        return read
    for row, report in enumerate(reports, 1):
        read.rows += 1
        if isinstance(report, dict):
            _report(read, row, report, frame or Frame.WGS84)
        else:
            read.faults.append(Fault(row, "", Broken("reports", "report_no_object", message("This is no report."))))
    return read


def _frame(read: ReadFixes, document: Any) -> Frame | None:  # noqa: ANN401  any JSON
    said = document.get("frame") if isinstance(document, dict) else None
    if not isinstance(said, str):
        sentence = message("The file does not say its coordinate system: “frame” is wgs84 or gcj02.")
        read.faults.append(Fault(0, "frame", Broken("frame", "frame_missing", sentence)))
        return None
    try:
        return frame_of(said)
    except Malformed as error:
        read.faults.append(Fault(0, "frame", error.as_broken("frame", said)))
        return None


def _report(read: ReadFixes, row: int, report: dict[str, Any], frame: Frame) -> None:
    before = len(read.faults)
    numbers = {name: _number(read, row, name, report.get(name)) for name in _BOUNDS}
    plate, phone = report.get("plate"), report.get("phone")
    vehicle = plate if isinstance(plate, str) and plate.strip() else phone
    if not isinstance(vehicle, str) or not vehicle.strip():
        sentence = message("Neither the number of the receiver nor a plate is there.")
        read.faults.append(Fault(row, "phone", Broken("phone", "report_of_nobody", sentence)))
    try:
        seen_at = instant_of_report(str(report.get("time", "")))
    except Malformed as error:
        read.faults.append(Fault(row, "time", error.as_broken("time", str(report.get("time", "")))))
        return
    if len(read.faults) > before:
        return
    status = numbers["status"] or 0
    if not status & _POSITIONED:
        read.unplaced.append(Noted("not_positioned", 1, row, str(vehicle).strip()))
        return
    latitude, longitude = (numbers["latitude"] or 0) / 1e6, (numbers["longitude"] or 0) / 1e6
    speed = numbers["speed"]
    read.fixes.append(
        Fix(
            row=row,
            vehicle=str(vehicle).strip(),
            by_plate=vehicle is plate,
            seen_at=seen_at,
            latitude=-latitude if status & _SOUTH else latitude,
            longitude=-longitude if status & _WEST else longitude,
            frame=frame,
            speed_km_h=None if speed is None else speed / 10,
            direction=numbers["direction"],
            altitude_m=numbers["altitude"],
            door_open=bool(status & _DOORS),
            alarm=numbers["alarm"],
            status=status,
        )
    )


def _number(read: ReadFixes, row: int, name: str, value: object) -> int | None:
    if value is None and name not in _REQUIRED:
        return None
    least, most = _BOUNDS[name]
    if type(value) is int and least <= value <= most:
        return value
    sentence = message("{value} is no whole number from {least} to {most}.")
    shown = value if isinstance(value, str | int | float | bool) else "—"
    facts: dict[str, object] = {"least": least, "most": most}
    read.faults.append(Fault(row, name, Broken(name, "report_number", sentence, shown, facts=facts)))
    return None
