"""Erasure in values: what is asked, what is held, how long it must be kept, what was done."""

import dataclasses
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class RecordKind(StrEnum):
    """Kinds of records that persons have signed, by the law that keeps them."""

    MANIFEST = "manifest"
    """Signatures under manifests, scans at the gate, corrections."""
    LEDGER = "ledger"
    """Labelling, weighing and storing at the generator."""
    TREATMENT = "treatment"
    """Treatment at the disposer."""
    MEDICAL = "medical"
    """Registers of wards, small institutions and emergencies. A trip card is kept as long as its month's manifest."""
    OTHER = "other"
    """Whatever else the log holds."""
    DRAFT = "draft"
    """Drafts that were never filed. No event of the log is of this kind."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ErasePerson:
    """Make a person unrecognisable; the driver's records named are his too."""

    person_id: UUID
    reason: str
    driver_ids: tuple[UUID, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A personal part that the log holds: of which kind of record, since when."""

    leaf_id: UUID
    kind: RecordKind
    recorded_at: datetime


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was done. `digest` is over the names of the events whose personal parts are gone."""

    events: int
    digest: str
    drivers: int


def kind_of(event_kind: str) -> RecordKind:
    """Which law keeps an event of the log."""
    if event_kind.startswith("batch_"):
        return RecordKind.TREATMENT
    if event_kind.startswith(_OF_MANIFESTS) or event_kind in _AT_THE_GATE:
        return RecordKind.MANIFEST
    if event_kind.startswith(_OF_MEDICAL):
        return RecordKind.MEDICAL
    return RecordKind.LEDGER if event_kind.startswith(_OF_STOCK) else RecordKind.OTHER


# What a manifest rests on is kept as long as the manifest.
# A key is stated for the signatures that it makes, and a signature is disowned where it was made: under manifests.
# Plans and contracts are the grounds on which manifests rest.
_OF_MANIFESTS = (
    "approval_",
    "class_set",
    "collection_",
    "contract_",
    "correction_",
    "finding_",
    "gate_",
    "hold_",
    "incident_",
    "intake_",
    "manifest_",
    "mismatch_",
    "numbers_reserved",
    "pipe_",
    "plan_",
    "quantity_reserved",
    "records_purged",
    "reservation_",
    "reserved_number_",
    "signature_repudiated",
    "signing_key_",
    "trip_",
)
_AT_THE_GATE = frozenset(
    {"container_found", "container_scanned", "containers_missing", "entry_reversed", "scanned_at_pickup"}
)
_OF_MEDICAL = ("institution_", "medical_", "reserve_", "ward_")
_OF_STOCK = (
    "container_",
    "containers_",
    "general_waste_",
    "label_",
    "opening_closed",
    # Outages and planned projects are what reports of capacity count on.
    "outage_",
    "project_",
    "report_",
    "roads_",
    "stock_take",
    "storage_",
    "store_",
)
