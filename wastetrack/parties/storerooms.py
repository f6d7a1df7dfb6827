"""Stores as GB 18597-2023 knows them: facilities of several kinds, the zones within them, and what each may hold.

A facility (贮存设施) may be divided into zones (贮存分区); containers then stand in the zones. A storage spot (贮存点)
is a place beside the line, or the store of a unit under registration management; it may hold 3 t at any time.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from wastetrack.errors import Broken
from wastetrack.mass import Mass
from wastetrack.parties import field_rules
from wastetrack.parties.field_rules import Found

ARTICLE: Final = "GB 18597-2023"
MOST_STORED: Final = Mass(1_000_000_000_000)
_FACILITY_CODE: Final = re.compile(r"[A-Z]{2}[0-9]{3,5}")
# The coldest deep-freeze room and the warmest shed; more than a large tank farm's bund; a square kilometre.
TEMPERATURES: Final = (-60, 60)
MOST_CONTAINMENT_L: Final = 100_000_000
MOST_AREA_M2: Final = 1_000_000


class StoreKind(StrEnum):
    """The kind of a store (GB 18597-2023, 3.3 to 3.9)."""

    WAREHOUSE = "warehouse"
    """贮存库: a building."""
    YARD = "yard"
    """贮存场: roofed and half open, for bulk that gives off neither dust nor vapour."""
    POOL = "pool"
    """贮存池: a basin for one liquid or half-solid waste."""
    TANK_FARM = "tank_farm"
    """贮存罐区: fixed tanks within a bund."""
    SPOT = "spot"
    """贮存点: beside the line, or of a unit under registration management."""
    ZONE = "zone"
    """贮存分区: a part of a facility in which containers of one kind stand."""


FACILITIES: Final = tuple(kind for kind in StoreKind if kind is not StoreKind.ZONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What is said of a store beside its code, name and limit. A zone has the kind ZONE and a parent."""

    kind: StoreKind = StoreKind.WAREHOUSE
    parent_id: UUID | None = None
    facility_code: str | None = None
    """The code of the discharge permit or after HJ 608 (TS001), where it differs from the code on the door."""
    containment_l: int | None = None
    """What the bund or trough holds when something leaks (6.2.2, 6.5.2)."""
    temperature_c: int | None = None
    """The highest temperature that is kept, for stores of medical waste."""
    remote_disinfected: bool = False
    """In a remote place, with disinfection (GB 39707-2020, 5.4.6 c)."""
    area_m2: int | None = None

    def broken(self) -> Found:
        """All rules that this breaks by itself."""
        return (*self._broken_kind(), *self._broken_code(), *self._broken_figures())

    def _broken_kind(self) -> Found:
        if (self.kind is StoreKind.ZONE) == (self.parent_id is not None):
            return ()
        message = "A zone lies within a facility, and nothing else does."
        step = "Name the facility of a zone; leave it empty for others."
        return (Broken("parent_id", "zone_without_facility", message, self.kind, f"{ARTICLE} 3.9", next_step=step),)

    def _broken_code(self) -> Found:
        if self.facility_code is None or _FACILITY_CODE.fullmatch(self.facility_code):
            return ()
        message = "“{value}” is not the code of a facility."
        step = "Write two letters and the number, as in the discharge permit: TS001."
        return (
            Broken("facility_code", "facility_code_unreadable", message, self.facility_code, "HJ 608", next_step=step),
        )

    def _broken_figures(self) -> Found:
        found: list[Broken] = []
        for field, value, least, most, step in (
            ("containment_l", self.containment_l, 0, MOST_CONTAINMENT_L, "Give the volume in litres."),
            ("temperature_c", self.temperature_c, *TEMPERATURES, "Give the temperature in degrees Celsius."),
            ("area_m2", self.area_m2, 1, MOST_AREA_M2, "Give the area in square metres."),
        ):
            if value is not None and not least <= value <= most:
                message = "{value} is not between {least} and {most}."
                facts: dict[str, object] = {"least": least, "most": most}
                found.append(Broken(field, "figure_absurd", message, value, facts=facts, next_step=step))
        return tuple(found)


PLAIN: Final = Room()
"""A warehouse of which no more is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStore:
    """Command: the whole of a store as it is now; its site, and whether it is a zone, do not change."""

    store_id: UUID
    code: str
    name: str
    limit: Mass
    room: Room

    def broken(self) -> Found:
        """All rules that the command itself breaks."""
        return (*store_broken(self.code, self.name, self.limit), *self.room.broken())


def store_broken(code: str, name: str, limit: Mass) -> Found:
    """What is wrong with a store's code, name or limit."""
    return (
        *field_rules.text("code", code, longest=30),
        *field_rules.text("name", name),
        *field_rules.mass("limit", limit, most=MOST_STORED, article=ARTICLE),
    )
