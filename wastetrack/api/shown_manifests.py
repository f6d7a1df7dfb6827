"""How a manifest looks in answers. PostgreSQL writes these documents itself (reports/manifest_reading.py)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from wastetrack.api.schemas import Shown


class PartyShown(Shown):
    """A party of a manifest, with the site in question."""

    organisation_id: UUID
    name: str
    credit_code: str
    site_id: UUID


class ManifestBrief(Shown):
    """A manifest as lists show it. `measured_g` is what has been taken in, null before the first container."""

    id: UUID
    number: str | None
    kind: str
    state: str
    version: int
    shipper: PartyShown
    receiver: PartyShown
    method: str
    planned_on: date
    on_paper: bool
    containers: int
    declared_g: int
    measured_g: int | None
    created_at: datetime
    filed_at: datetime | None
    picked_up_at: datetime | None
    arrived_at: datetime | None
    received_at: datetime | None
    closed_at: datetime | None


class ManifestPage(Shown):
    """A page of manifests."""

    items: list[ManifestBrief]
    next: str | None


class LegShown(Shown):
    """One carrier's part of the way."""

    position: int
    carrier_id: UUID
    carrier: str
    plate: str
    driver_id: UUID | None
    driver: str | None
    start: str
    end: str
    handover_place: str
    handover_at: datetime | None
    checked: dict[str, Any] | None
    taken_over_at: datetime | None


class LineShown(Shown):
    """One container: what was declared, what the gate found. By `label_revision` a reader without network knows which
    of the container's labels is valid."""

    position: int
    container_id: UUID
    digital_code: str
    waste_code: str
    waste_name: str
    form: str
    hazards: list[str]
    precautions: str
    packaging: str
    volume_l: int
    tare_g: int
    label_revision: int
    declared_g: int
    spilled_g: int
    outcome: str | None
    reason: str
    measured_g: int | None
    measured_method: str | None
    scanned_at: datetime | None


class SignatureShown(Shown):
    """Who signed what. `log_index` is null until the sequencer has placed the event, at most a second later."""

    act: str
    organisation_id: UUID
    organisation: str
    person: str
    happened_at: datetime
    recorded_at: datetime
    event_id: UUID
    log_index: int | None
    delegate_of: str | None = None
    """The firm of the signer, where somebody from outside signed as a delegate."""


class CorrectionShown(Shown):
    """A correction of a measured mass after it was signed."""

    id: UUID
    field: str
    container_id: UUID | None
    leg_position: int
    answerer_id: UUID
    state: str
    old_measured_g: int | None
    measured_g: int | None
    old_text: str
    new_text: str
    reason: str
    requested_at: datetime
    answer_due_at: datetime
    answered_at: datetime | None
    answer_reason: str


class ReturnShown(Shown):
    """A manifest that brings rejected containers back."""

    id: UUID
    number: str
    state: str


class RestsOn(Shown):
    """An approval on which a manifest rests, and what it takes of it."""

    approval_id: UUID
    approval_kind: str
    number: str
    valid_from: date
    valid_to: date
    waste_code: str
    booked_g: int


class ManifestDetail(ManifestBrief):
    """A manifest with everything that belongs to it."""

    origin_region: str
    destination_region: str
    list_edition: str | None
    remarks: str
    plan_reason: str
    """Why it goes beyond plan or contract, where that was explained."""
    opinion: str
    basis: str
    exemptions: list[int]
    approvals: list[RestsOn]
    returns_id: UUID | None
    returned_by: list[ReturnShown]
    legs: list[LegShown]
    lines: list[LineShown]
    signatures: list[SignatureShown]
    corrections: list[CorrectionShown]


class NextStep(Shown):
    """Something that the caller may do now, and where."""

    step: str
    href: str


class ManifestWhole(Shown):
    """A manifest, what the caller may do next, and for each field the signature that seals it (null: not sealed)."""

    manifest: ManifestDetail
    next_steps: list[NextStep]
    sealed: dict[str, str | None]
