"""Planned projects: plants that do not stand yet, as an authority keeps them in its register. Pure.

What a project will be allowed is written as a permit's lines are, so that it can be matched as a permit is.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from wastetrack.errors import Broken
from wastetrack.mass import ZERO, Mass
from wastetrack.parties import field_rules
from wastetrack.parties.commands import ItemToGrant, items_broken
from wastetrack.parties.field_rules import Found

PREFIX: Final = "project:"
"""Before the id of a project where plants are named by id."""


class ProjectKind(StrEnum):
    """What a project is for."""

    HAZARDOUS_DISPOSAL = "hazardous_disposal"
    """工业危险废物处置: burns, treats or buries hazardous waste."""
    HAZARDOUS_USE = "hazardous_use"
    """工业危险废物综合利用."""
    MEDICAL_DISPOSAL = "medical_disposal"
    """医疗废物集中处置."""
    COLLECTION = "collection"
    """危险废物集中收集贮存, as of an industrial park."""
    GENERAL_USE = "general_use"
    """一般工业固体废物综合利用."""
    SUPERVISION = "supervision"
    """信息化监管能力建设: takes no waste."""


class ProjectState(StrEnum):
    """How far a project is."""

    PROPOSED = "proposed"
    """Somebody wants to build it."""
    APPROVED = "approved"
    """Its environmental impact assessment is approved (环评批复)."""
    BUILDING = "building"
    """It is being built."""
    TRIAL = "trial"
    """It runs on trial."""
    RUNNING = "running"
    """It has its permit and stands in the register of permits: it is planned no more."""
    DROPPED = "dropped"
    """It will not come."""


AWAITED: Final = frozenset({ProjectState.APPROVED, ProjectState.BUILDING, ProjectState.TRIAL})
"""What a scenario may count on; a wish alone is not capacity."""
WITHOUT_WASTE: Final = frozenset({ProjectKind.SUPERVISION, ProjectKind.GENERAL_USE})
"""What takes no hazardous waste needs no lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectItem:
    """A line of what it will be allowed: a code or class, methods, the quantity of a year."""

    pattern: str
    methods: tuple[str, ...]
    yearly: Mass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedProject:
    """A project as the register holds it."""

    id: UUID
    organisation_id: UUID
    """The authority that keeps it."""
    authority: str
    kind: ProjectKind
    state: ProjectState
    name: str
    builder: str
    region_code: str
    longitude: Decimal
    latitude: Decimal
    starts_on: date
    document: str
    remarks: str
    version: int
    created_at: datetime
    changed_at: datetime
    items: tuple[ProjectItem, ...]

    @property
    def yearly(self) -> Mass:
        """What it will be allowed in a year, all lines together."""
        return sum((item.yearly for item in self.items), ZERO)

    @property
    def plant(self) -> str:
        """As matchings name it."""
        return f"{PREFIX}{self.id}"

    def first_month(self, year: int) -> int | None:
        """From which month of a year on it can be counted on, from 0; None: not in that year, or not at all."""
        if self.state not in AWAITED or not self.items or self.starts_on.year > year:
            return None
        return self.starts_on.month - 1 if self.starts_on.year == year else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeProject:
    """A project as an officer writes it down."""

    kind: ProjectKind
    state: ProjectState
    name: str
    builder: str
    region_code: str
    longitude: Decimal
    latitude: Decimal
    starts_on: date
    items: tuple[ItemToGrant, ...] = ()
    document: str = ""
    remarks: str = ""

    def broken(self) -> Found:
        """All rules that it breaks by itself."""
        return (
            *field_rules.text("name", self.name),
            *field_rules.text("builder", self.builder),
            *field_rules.coordinates(self.latitude, self.longitude),
            *field_rules.optional_text("document", self.document or None),
            *(items_broken(self.items) if self.items else _without_items(self.kind)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeProject:
    """The same of a project that stands in the register; `version` is the one that the officer has seen."""

    project_id: UUID
    version: int
    told: DescribeProject


def _without_items(kind: ProjectKind) -> Found:
    if kind in WITHOUT_WASTE:
        return ()
    return (
        Broken(
            "items",
            "project_without_items",
            "The project would be allowed to take nothing.",
            next_step="Add at least one waste code or category with methods and the quantity of a year.",
        ),
    )
