"""A fix of a vehicle, a file of them, what is wrong with it; a zone and its kind."""

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from wastetrack.errors import Broken

MOST_ROWS = 200_000
"""Fixes of one file: a day of a hundred and forty vehicles, one a minute."""
LARGEST_FILE = 10 * 1024 * 1024
MOST_FAULTS = 200
"""That are told of one file; a file with more is of another kind, and their number is told."""


class Frame(StrEnum):
    """In which coordinates a file is; it must say so, for they lie up to 700 m apart in China."""

    WGS84 = "wgs84"
    """As satellites give them."""
    GCJ02 = "gcj02"
    """As maps of China draw them (GB 20263); converted to WGS 84 when taken in, to within a metre."""


class PositionSource(StrEnum):
    """What kind of file it is."""

    CSV = "csv"
    JT808 = "jt808"
    """Location reports of JT/T 808 (0x0200) as JSON."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fix:
    """One row of a file, as it was read."""

    row: int
    """As the file counts: the line of a CSV, the place of a report from 1."""
    vehicle: str
    """Its plate, or the number of its receiver."""
    by_plate: bool
    seen_at: datetime
    latitude: float
    longitude: float
    frame: Frame
    speed_km_h: float | None = None
    direction: int | None = None
    altitude_m: int | None = None
    accuracy_m: float | None = None
    door_open: bool | None = None
    alarm: int | None = None
    status: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """A cell that cannot be: row and column as the file counts them; nothing of such a file is taken in."""

    row: int
    column: str
    broken: Broken


@dataclasses.dataclass(frozen=True, slots=True)
class Noted:
    """What is odd about the data and no reason to refuse it: told, never dropped in silence."""

    code: str
    count: int
    first_row: int
    vehicle: str


@dataclasses.dataclass(slots=True)
class ReadFixes:
    """What a file holds."""

    source: PositionSource
    fixes: list[Fix]
    faults: list[Fault]
    unplaced: list[Noted]
    """Reports that say themselves that they have no position."""
    rows: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class TakePositions:
    """Command: keep the fixes of a file."""

    name: str
    content: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class AddReceiver:
    """Command: say which vehicle a receiver is in."""

    vehicle_id: UUID
    number: str


class ZoneKind(StrEnum):
    """Why no load may stand there. The value stands in the table and in the extract."""

    PROTECTION_ZONE_1 = "protection_zone_1"
    PROTECTION_ZONE_2 = "protection_zone_2"
    NATURE_RESERVE_CORE = "nature_reserve_core"
    NATURE_RESERVE = "nature_reserve"
    RED_LINE = "red_line"
    RIVER = "river"
    OTHER = "other"


@dataclasses.dataclass(frozen=True, slots=True)
class Edge:
    """A piece of a border, from one corner to the next."""

    latitude: float
    longitude: float
    latitude_2: float
    longitude_2: float


@dataclasses.dataclass(frozen=True, slots=True)
class DrawnZone:
    """A feature of a file."""

    feature: int
    name: str
    kind: ZoneKind
    authority: str
    valid_from: date | None
    valid_to: date | None
    geometry: Mapping[str, Any]
    """As it is kept: Polygon or MultiPolygon, WGS 84."""
    edges: tuple[Edge, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class DrawZones:
    """Command: keep the zones of a file."""

    content: bytes
    frame: Frame = Frame.WGS84
