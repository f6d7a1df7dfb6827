"""An import: what it brings, where it stands, what was found in it."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from wastetrack.errors import Broken

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes of one file: some 60,000 rows as a workbook."""
MOST_ROWS = 20_000
"""Rows of one file, the heading not among them."""
MOST_COLUMNS = 100
MOST_FINDINGS = 20_000
"""Findings that are kept of one file; a file with more is of another kind."""
CHECK, TAKE_IN = "import_check", "import_take_in"
"""The kinds of long work that an import needs."""


class ImportKind(StrEnum):
    """What a file brings. The value stands in addresses and in the table."""

    CONTAINERS = "containers"
    """Containers that were weighed and are to be labelled."""
    MANIFESTS = "manifests"
    """Drafts of manifests over containers that have their labels."""
    STOCK = "opening_stock"
    """Containers that stood at the site when its records began."""
    VEHICLES = "vehicles"
    """Vehicles of a carrier with their road transport certificates."""
    DRIVERS = "drivers"
    """Whoever drives or escorts dangerous goods, with the certificate for it."""
    CONTRACTS = "contracts"
    """Contracts with shippers or receivers, which the other side then confirms."""


OF_A_SITE = frozenset({ImportKind.CONTAINERS, ImportKind.MANIFESTS, ImportKind.STOCK})
"""What comes to stand at, or leaves, one site; the rest belongs to the whole firm."""
LABELLED = frozenset({ImportKind.CONTAINERS, ImportKind.STOCK})
"""What gets a label for each row."""


class ImportState(StrEnum):
    """Where an import stands."""

    CHECKING = "checking"
    """A worker reads it."""
    REFUSED = "refused"
    """It has errors, or cannot be read; nothing can be taken in."""
    READY = "ready"
    """It has no error; it waits for somebody's word."""
    IMPORTING = "importing"
    """Somebody has said yes; a worker takes it in."""
    IMPORTED = "imported"
    """All of it is taken in."""
    WITHDRAWN = "withdrawn"
    """Somebody has said no."""


class Severity(StrEnum):
    """How grave a finding is."""

    ERROR = "error"
    """The row cannot be taken in, and so the file cannot."""
    WARNING = "warning"
    """It is odd; whoever confirms the import says that it is right."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a cell breaks. Rows and columns are counted as a spreadsheet shows them, from 1; column None: the
    whole row, or the file where the row is that of the heading."""

    row: int
    column: int | None
    heading: str
    """The heading of the column as the file says it."""
    severity: Severity
    broken: Broken


@dataclasses.dataclass(frozen=True, slots=True)
class Import:
    """An import as it stands."""

    id: UUID
    organisation_id: UUID
    site_id: UUID | None
    """None for what belongs to the whole firm."""
    person_id: UUID
    kind: ImportKind
    locale: str
    name: str
    size: int
    sha256: str
    state: ImportState
    task_id: UUID | None
    rows: int
    errors: int
    warnings: int
    bad_rows: int
    summary: Mapping[str, Any]
    created_at: datetime
    checked_at: datetime | None
    confirmed_at: datetime | None
    imported_at: datetime | None
