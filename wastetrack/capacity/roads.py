"""Distances by road that an authority uploads: how a file is read, and what is wrong with it. Pure.

A distance goes from a county (GB/T 2260, six digits) or a site to the site of a plant.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from wastetrack.errors import Broken
from wastetrack.i18n import message

MOST_LINES, MOST_TOLD = 50_000, 20
FARTHEST_KM = 5_000.0
COLUMNS = ("from", "to", "km")


@dataclass(frozen=True, slots=True)
class RoadLine:
    """From a county or site to the site of a plant."""

    origin: str
    site_id: UUID
    km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRoads:
    """Command: the authority's whole matrix; it takes the place of the one before. No lines: none any more."""

    lines: tuple[RoadLine, ...]
    reason: str


def read(content: bytes) -> tuple[list[RoadLine], list[Broken]]:
    """The lines of a CSV file (UTF-8; columns from, to, km), and what cannot be read of it. A line without kilometres
    says nothing."""
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error):
        return [], [_unreadable()]
    if rows and not set(COLUMNS) <= rows[0].keys():
        return [], [_unreadable()]
    lines, broken = [], []
    for number, row in enumerate(rows, 2):
        origin, end, km = ((row[name] or "").strip() for name in COLUMNS)
        if not km:
            continue
        try:
            lines.append(RoadLine(origin, UUID(end), float(km)))
        except ValueError:
            step = message("Write a region or a site, a site by its id, and kilometres as a number.")
            told = message("Line {line} of the file cannot be read: {value}.")
            value = f"{origin}, {end}, {km}"
            broken.append(Broken("file", "road_unreadable", told, value, next_step=step, facts={"line": number}))
    return lines, broken[:MOST_TOLD]


def _unreadable() -> Broken:
    step = message("Take the file of this page and fill in its column of kilometres.")
    return Broken("file", "roads_unreadable", "This is no CSV file with the columns from, to and km.", next_step=step)


def broken_of(lines: Sequence[RoadLine], *, counties: Iterable[str], sites: Iterable[UUID], own: str) -> list[Broken]:
    """Everything that is wrong with a matrix, the first twenty; `counties` are those of the list, `own` the region."""
    known_counties = {code for code in counties if code.startswith(own)}
    known_sites = set(sites)
    if len(lines) > MOST_LINES:
        told = message("These are {value} lines; a matrix has up to {most}.")
        return [Broken("file", "roads_too_many", told, len(lines), facts={"most": MOST_LINES})]
    found: list[Broken] = []
    seen: set[tuple[str, UUID]] = set()
    for line in lines:
        key = (line.origin, line.site_id)
        if line.origin not in known_counties and not (_is_id(line.origin) and UUID(line.origin) in known_sites):
            step = message("Write a county of your region by its six digits, or a site by its id.")
            told = message("From {value}: there is no such county or site in your region.")
            found.append(Broken("file", "road_from_unknown", told, line.origin, next_step=step))
        if line.site_id not in known_sites:
            found.append(Broken("file", "road_to_unknown", "To {value}: there is no such site.", str(line.site_id)))
        if not 0 < line.km <= FARTHEST_KM:
            told = message("{value} km is no distance by road; it is more than 0 and up to 5,000.")
            found.append(Broken("file", "road_implausible", told, line.km))
        if key in seen:
            told = message("From {value} to {to} there are two distances.")
            found.append(Broken("file", "road_twice", told, line.origin, facts={"to": str(line.site_id)}))
        seen.add(key)
    return found[:MOST_TOLD]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
