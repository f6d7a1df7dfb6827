"""Devices of a gate, the scans that they kept while there was no network, and what becomes of those."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from wastetrack.auth.model import Actor, Role, viewer_of_organisation
from wastetrack.errors import Broken
from wastetrack.i18n import message
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests.model import Outcome

LONGEST_NAME = 60
MOST_IN_A_BATCH = 100
"""Scans in one request of a device; it sends the rest in the next."""
STATEMENT = "wastetrack gate scan v1"


class ScanState(StrEnum):
    """What the server made of a scan that a device had kept. The values go to devices and do not change."""

    DONE = "done"
    """Recorded, and it says what the device had told the operator."""
    TO_DECIDE = "to_decide"
    """The device and the books differ: a person of the site decides."""
    SETTLED = "settled"
    """A person has decided."""


class Settlement(StrEnum):
    """How a person settles a scan that waits."""

    TAKEN_IN = "taken_in"
    """It is recorded now, as the device had kept it."""
    SET_ASIDE = "set_aside"
    """Nothing is booked of it; a note says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolDevice:
    """Command: this device belongs to a site from now on. `public_key`: of whoever enrols it (see JoinDevice)."""

    site_id: UUID
    name: str
    public_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinDevice:
    """Command: a further person works on a device. The private half of the key never leaves it, and is locked by a PIN
    that nobody else knows; each scan is signed with it."""

    device_id: UUID
    token: str
    public_key: str


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled device, as its token shows it."""

    id: UUID
    name: str
    site_id: UUID
    organisation_id: UUID
    enrolled_by: UUID
    """The membership; in its name the expected list is read."""
    token_hash: bytes
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Worker:
    """A person who works on a device, and the public half of the key that signs the scans made there."""

    membership_id: UUID
    person_id: UUID
    name: str
    role: Role
    public_key: bytes


def worker_as_actor(worker: Worker, organisation_id: UUID) -> Actor:
    """Who made a scan, though he may have left since: for saying so, not for booking."""
    viewer = viewer_of_organisation(organisation_id)
    return Actor(worker.person_id, worker.name, organisation_id, worker.membership_id, worker.role, viewer)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptScan:
    """A scan as a device kept it. `signature` is of the person's key on that device, over `statement`."""

    scan_id: UUID
    device_id: UUID
    membership_id: UUID
    manifest_id: UUID | None
    label: str
    gross_g: int | None
    method: WeighingMethod
    scale_id: str
    uncertainty_g: int | None
    reading_id: UUID | None = None
    """The scale itself sent the gross mass."""
    reject_reason: str
    store_id: UUID | None
    happened_at: datetime
    happened_text: str
    """The same as the device wrote it, for the signature covers that."""
    told: str
    """What the device told the operator, by the value of Outcome."""
    signature: bytes = b""

    def statement(self) -> bytes:
        """What is signed: a JSON list in this order, written as every language writes it."""
        parts = [
            STATEMENT,
            str(self.scan_id),
            str(self.device_id),
            str(self.membership_id),
            None if self.manifest_id is None else str(self.manifest_id),
            self.label,
            self.gross_g,
            self.method.value,
            self.scale_id,
            self.uncertainty_g,
            None if self.reading_id is None else str(self.reading_id),
            self.reject_reason,
            None if self.store_id is None else str(self.store_id),
            self.happened_text,
            self.told,
        ]
        return json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the device is told of one scan."""

    scan_id: UUID
    state: ScanState | None
    """None: it is refused, and is kept nowhere but on the device."""
    outcome: Outcome | None = None
    broken: tuple[Broken, ...] = ()
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Command: a person decides about a scan that waits."""

    scan_id: UUID
    settlement: Settlement
    note: str = ""


NOBODY_DECIDED = "gate_scan_kept"
"""The event of a scan that waits for a decision."""
DECIDED = "gate_scan_settled"
DEVICE_ENDED = message(
    "It came in after its device was ended: whether the scan is genuine, and when it was made, a person has to say."
)
NOT_ON_ANY = message("No manifest that is expected here names this container.")
AGREE: dict[str, frozenset[Outcome]] = {
    Outcome.ACCEPTED.value: frozenset(
        {Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_DIFFERENCE, Outcome.ALREADY_HERE},
    ),
    Outcome.ACCEPTED_WITH_DIFFERENCE.value: frozenset(
        {Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_DIFFERENCE, Outcome.ALREADY_HERE},
    ),
    Outcome.REJECTED.value: frozenset({Outcome.REJECTED, Outcome.ALREADY_HERE}),
}
"""What the books may come to without a person's decision, by what the device had told. Whatever else the device told,
it had stopped the container: then the books may say what they will, as long as they take nothing in."""


def agrees(told: str, outcome: Outcome, standing: Outcome | None) -> bool:
    """Whether the books say what the operator was told. `standing`: what had been decided of a container before."""
    if outcome is Outcome.ALREADY_HERE and told in AGREE:
        return standing in AGREE[told]
    if told in AGREE:
        return outcome in AGREE[told]
    return outcome not in {Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_DIFFERENCE, Outcome.REJECTED}
