"""Cells of a file of fixes as values; each raises Malformed with what it should have been."""

import math
from datetime import UTC, datetime, timedelta, timezone

from wastetrack.errors import Malformed
from wastetrack.positions.model import Frame

CHINA = timezone(timedelta(hours=8))
"""JT/T 808 says its times in UTC+8."""
_FRAMES = {
    "wgs84": Frame.WGS84,
    "wgs-84": Frame.WGS84,
    "epsg:4326": Frame.WGS84,
    "gcj02": Frame.GCJ02,
    "gcj-02": Frame.GCJ02,
    "国测局坐标": Frame.GCJ02,
    "火星坐标": Frame.GCJ02,
}


def frame_of(text: str) -> Frame:
    """WGS 84 or GCJ-02."""
    found = _FRAMES.get(text.strip().lower())
    if found is None:
        raise Malformed(
            "frame_unknown", "“{value}” is no coordinate system that is read here: write wgs84 or gcj02.", value=text
        )
    return found


def decimal(text: str, least: float, most: float) -> float:
    """A number within bounds."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isnan(number) or not least <= number <= most:
        raise Malformed(
            "number_out_of_range",
            "“{value}” is no number from {least} to {most}.",
            value=text,
            least=f"{least:g}",
            most=f"{most:g}",
        )
    return number


def instant(text: str) -> datetime:
    """An ISO 8601 instant; without a zone it cannot be one."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Malformed(
            "instant_unreadable",
            "“{value}” is no time with its zone; write it like 2026-03-01T14:20:00+08:00.",
            value=text,
        )
    return found.astimezone(UTC)


def instant_of_report(text: str) -> datetime:
    """A time of JT/T 808: BCD `260301142000` or `2026-03-01 14:20:00`, in UTC+8 where it names no zone."""
    written = text.strip()
    try:
        if written.isdigit() and len(written) == 12:  # noqa: PLR2004  six bytes of BCD
            found = datetime.strptime(written, "%y%m%d%H%M%S").replace(tzinfo=CHINA)
        else:
            found = datetime.fromisoformat(written)
    except ValueError as error:
        raise Malformed(
            "report_time_unreadable",
            "“{value}” is no time of a location report; write 260301142000 or 2026-03-01 14:20:00.",
            value=text,
        ) from error
    return (found if found.tzinfo is not None else found.replace(tzinfo=CHINA)).astimezone(UTC)


def flag(text: str) -> bool:
    """Yes or no."""
    word = text.strip().lower()
    if word in {"1", "true", "yes", "是", "开"}:
        return True
    if word in {"0", "false", "no", "否", "关"}:
        return False
    raise Malformed("flag_unreadable", "“{value}” is neither yes nor no.", value=text)
