"""What is odd about fixes that can be read: pure; told, and not a reason to refuse them."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from wastetrack.i18n import message
from wastetrack.positions.model import Fix, Noted

CLOCK = timedelta(minutes=5)
"""By which the clock of a receiver may be ahead."""
FASTEST_KM_H = 200.0
_BLUR_KM = 1.0

NOTES = {
    "time_backwards": message("Times go backwards within the file; the fixes are kept in the order of their times."),
    "from_the_future": message("Fixes are dated later than now and were left out; set the clock of the receiver."),
    "too_old": message("Fixes are older than positions are kept, and were left out."),
    "jump": message("The vehicle would have driven faster than 200 km/h between two fixes; both are kept."),
    "not_positioned": message("Reports say that they have no position, and were left out."),
    "nowhere": message("Fixes at 0° north, 0° east are of a receiver that has no position; they were left out."),
    "twice": message("The same moment of a vehicle stands there twice; the first counts."),
    "known": message("Fixes are here already; they were not added again."),
    "outside_china": message("Fixes lie outside China; look whether latitude and longitude are swapped."),
}
"""Every code with its sentence."""


class Notes:
    """Counts by code and vehicle, with the first row of each."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], list[int]] = {}

    def add(self, code: str, row: int, vehicle: str, count: int = 1) -> None:
        """One more of this."""
        entry = self._found.setdefault((code, vehicle), [0, row])
        entry[0] += count

    def told(self) -> list[Noted]:
        """All of them, the most frequent first."""
        noted = [Noted(code, count, row, vehicle) for (code, vehicle), (count, row) in self._found.items()]
        return sorted(noted, key=lambda one: (-one.count, one.code, one.vehicle))


def usable(fixes: Iterable[Fix], notes: Notes, *, at: datetime, kept_since: datetime) -> list[Fix]:
    """The fixes that can have been, each vehicle's in the order of their times, each moment once."""
    latest: dict[str, datetime] = {}
    kept: dict[tuple[str, datetime], Fix] = {}
    for fix in fixes:
        if fix.seen_at > at + CLOCK:
            notes.add("from_the_future", fix.row, fix.vehicle)
            continue
        if fix.seen_at < kept_since:
            notes.add("too_old", fix.row, fix.vehicle)
            continue
        if abs(fix.latitude) < 0.01 and abs(fix.longitude) < 0.01:  # noqa: PLR2004  a kilometre about null island
            notes.add("nowhere", fix.row, fix.vehicle)
            continue
        if fix.seen_at < latest.get(fix.vehicle, fix.seen_at):
            notes.add("time_backwards", fix.row, fix.vehicle)
        latest[fix.vehicle] = max(fix.seen_at, latest.get(fix.vehicle, fix.seen_at))
        if (fix.vehicle, fix.seen_at) in kept:
            notes.add("twice", fix.row, fix.vehicle)
            continue
        kept[fix.vehicle, fix.seen_at] = fix
    ordered = sorted(kept.values(), key=lambda fix: (fix.vehicle, fix.seen_at))
    for before, after in pairwise(ordered):
        if before.vehicle == after.vehicle and _jumps(before, after):
            notes.add("jump", after.row, after.vehicle)
    return ordered


def _jumps(before: Fix, after: Fix) -> bool:
    north = (after.latitude - before.latitude) * 111.195
    east = (after.longitude - before.longitude) * 111.195 * math.cos(math.radians(after.latitude))
    hours = (after.seen_at - before.seen_at).total_seconds() / 3600
    return math.hypot(north, east) - _BLUR_KM > FASTEST_KM_H * hours
