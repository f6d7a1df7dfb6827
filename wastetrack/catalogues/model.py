"""What the official lists say, as frozen values, and in which edition.

Lists change (the waste list most years lately), so every entry belongs to a dated edition, and a manifest names the
edition in force on its day.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from wastetrack.catalogues.hazards import HazardProfile
from wastetrack.catalogues.treatments import MethodGroup
from wastetrack.catalogues.waste_codes import WasteCode


class ListName(StrEnum):
    """The lists that are kept."""

    WASTE_CODES = "waste_codes"
    """国家危险废物名录, with the five codes of medical waste in HW01."""
    WASTE_EXEMPTIONS = "waste_exemptions"
    """危险废物豁免管理清单, its annex."""
    TREATMENT_METHODS = "treatment_methods"
    """Codes of use and disposal methods."""
    REGIONS = "regions"
    """Administrative divisions down to the county, GB/T 2260."""
    UN_NUMBERS = "un_numbers"
    """Numbers of dangerous goods."""
    GENERAL_WASTE_CLASSES = "general_waste_classes"
    """Classes of general industrial solid waste, 固体废物分类与代码目录."""


class ExemptionScope(StrEnum):
    """What an exemption speaks of."""

    CODES = "codes"
    """Wastes of certain codes or categories."""
    HOUSEHOLD = "household"
    """Hazardous waste among household refuse."""
    EMERGENCY = "emergency"
    """Waste made by a sudden environmental accident."""
    LEGACY = "legacy"
    """Waste left from former times, and polluted soil."""
    UNLISTED = "unlisted"
    """Any other waste, under a plan of the province (点对点)."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One dated edition of one list; in force from `valid_from` to `valid_to`, both included."""

    id: UUID
    list_name: ListName
    name: str
    title: str
    valid_from: date
    valid_to: date | None
    source: str
    sha256: str
    entries: int

    def holds_on(self, day: date) -> bool:
        """Whether it was in force that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class ListedWaste:
    """A hazardous waste as one edition of the list has it. Texts are Chinese as printed."""

    code: WasteCode
    edition: str
    category_name: str
    industry_name: str
    description: str
    hazards: HazardProfile
    initials: str
    """Pinyin initials, clause by clause, parted by spaces: those of the category, ` | `, those of the description."""
    replaced_by: str | None
    """The code to use once this one is retired, where the list moved the waste to another."""

    @property
    def category(self) -> str:
        """`HW08`."""
        return self.code.category


@dataclass(frozen=True, slots=True)
class Exemption:
    """One stage of one item of the exemption list. `patterns` are codes or categories; empty unless scope is codes.
    `position` is its place in the edition."""

    position: int
    item: int
    scope: ExemptionScope
    patterns: tuple[str, ...]
    waste: str
    stage: str
    condition: str
    effect: str
    language: str


@dataclass(frozen=True, slots=True)
class Treatment:
    """A method of use or disposal."""

    code: str
    group: MethodGroup
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Region:
    """An administrative division: level 1 province, 2 prefecture, 3 county. `parent` is None for provinces."""

    code: str
    name: str
    level: int
    parent: str | None
    initials: str

    @property
    def prefix(self) -> str:
        """The digits that all divisions inside begin with: `37`, `3706`, `370602`."""
        return self.code[: 2 * self.level]


@dataclass(frozen=True, slots=True)
class GeneralWasteClass:
    """A class of general industrial solid waste; `certainty` as of the figures of the law."""

    code: str
    name_zh: str
    name_en: str
    certainty: str


@dataclass(frozen=True, slots=True)
class UnNumber:
    """A number of dangerous goods. `danger_class` is None where the source does not know it."""

    number: str
    name: str
    danger_class: str | None
    class_code: str | None
    tunnel_category: str | None
    withdrawn: bool
