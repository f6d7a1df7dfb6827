"""Facilities of a site (设施): what makes, keeps, uses or destroys waste, by the codes of the discharge permit. Pure.

HJ 1259-2022, 5.4.2: the codes are those of the discharge permit; where it has none, they are made by HJ 608 (MF0001 for
production, TS001 for what treats solid waste). A code that was given stays with its facility: ledgers name it.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from wastetrack.errors import Broken, Malformed
from wastetrack.parties import field_rules
from wastetrack.parties.field_rules import Found

ARTICLE: Final = "HJ 1259-2022, 5.4.2"
MOST_CAPACITY: Final = Decimal(1_000_000_000)
_CODE = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")
_LONGEST_CODE: Final = 30


class FacilityKind(StrEnum):
    """What a facility does."""

    PRODUCTION = "production"
    """生产设施: makes goods, and waste on the side."""
    STORAGE = "storage"
    """贮存设施."""
    USE = "use"
    """自行利用设施: draws raw material or fuel from waste (HJ 1259-2022, 3.3)."""
    DISPOSAL = "disposal"
    """自行处置设施: destroys or buries it (3.4)."""
    POLLUTION_CONTROL = "pollution_control"
    """Other 污染防治设施: waste gas, waste water."""


OWN_TREATMENT: Final = frozenset({FacilityKind.USE, FacilityKind.DISPOSAL})
"""Who has one of these is watched closely, however little waste there is (4.2.1 a 2)."""


@dataclass(frozen=True, slots=True)
class Facility:
    """A facility from its first day to its last, both included; in use still when `until` is None."""

    id: UUID
    site_id: UUID
    kind: FacilityKind
    code: str
    name: str
    process_unit: str
    process: str
    parameters: str
    capacity: Decimal | None
    capacity_unit: str | None
    since: date
    until: date | None

    def stands_on(self, day: date) -> bool:
        """Whether it is in use that day."""
        return self.since <= day and (self.until is None or day <= self.until)

    def capacity_text(self) -> str:
        """`3000 t/a`; empty when nothing is said."""
        return "" if self.capacity is None else f"{self.capacity.normalize():f} {self.capacity_unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What may change in the life of a facility."""

    name: str
    process_unit: str = ""
    """主要生产单元名称."""
    process: str = ""
    """主要工艺."""
    parameters: str = ""
    """设施参数: name, design value and unit of each."""
    capacity: Decimal | None = None
    capacity_unit: str | None = None

    def broken(self) -> Found:
        """All rules that it breaks by itself."""
        return (
            *field_rules.text("name", self.name, article=ARTICLE),
            *field_rules.optional_text("process_unit", self.process_unit or None),
            *field_rules.optional_text("process", self.process or None),
            *field_rules.optional_text("parameters", self.parameters or None),
            *self._broken_capacity(),
        )

    def _broken_capacity(self) -> Found:
        if (self.capacity is None) != (not (self.capacity_unit or "").strip()):
            message = "A capacity is a number with its unit; one of the two is missing."
            step = "Write both, such as 3000 and t/a, or neither."
            return (Broken("capacity", "capacity_without_unit", message, article=ARTICLE, next_step=step),)
        if self.capacity is None:
            return ()
        if not self.capacity.is_finite() or not 0 < self.capacity <= MOST_CAPACITY:
            message = "{value} is not a capacity."
            step = "Copy number and unit from the discharge permit."
            return (Broken("capacity", "capacity_absurd", message, str(self.capacity), ARTICLE, step),)
        return field_rules.text("capacity_unit", self.capacity_unit or "", longest=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFacility:
    """A facility under its code, from its first day on."""

    site_id: UUID
    kind: FacilityKind
    code: str
    described: Described
    since: date
    until: date | None = None

    def broken(self) -> Found:
        """All rules that the command itself breaks."""
        step = "Copy the code from the discharge permit; without one, number by HJ 608: MF0001, TS001."
        return (
            *field_rules.readable("code", self.code, read_code, article=ARTICLE, next_step=step),
            *self.described.broken(),
            *(() if self.until is None else field_rules.day_order(self.since, self.until, field="until")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFacility:
    """Name, parameters or capacity are others now; kind, code and first day stay."""

    facility_id: UUID
    described: Described


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseFacility:
    """`until` is its last day."""

    facility_id: UUID
    until: date


def read_code(value: str) -> str:
    """A code in its normal form: `mf0001` is MF0001. Raises Malformed."""
    normal = unicodedata.normalize("NFKC", value).strip().upper()
    if not _CODE.fullmatch(normal) or len(normal) > _LONGEST_CODE:
        raise Malformed("facility_code_unreadable", "“{value}” is not the code of a facility.", value=value)
    return normal
