"""A claim that an organisation is one's own: its states, what it must say, who may decide it. No input or output."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from wastetrack.errors import Broken
from wastetrack.parties import field_rules
from wastetrack.parties.field_rules import Found

MOST_DOCUMENTS = 10
LARGEST_DOCUMENT = 10 * 1024 * 1024
LONGEST_GROUNDS = 1000
LONGEST_REASON = 500


class ClaimState(StrEnum):
    """Where a claim stands."""

    PENDING = "pending"
    """Waits for an authority or the operator."""
    CONFIRMED = "confirmed"
    """The claimant is an owner since."""
    REFUSED = "refused"
    """With a reason."""
    WITHDRAWN = "withdrawn"
    """By the claimant."""


@dataclass(frozen=True, slots=True)
class ClaimDocument:
    """A paper behind a claim, by its digest."""

    name: str
    sha256: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimOrganisation:
    """“This organisation is ours”: its code, whom to call, why, and with which papers."""

    credit_code: str
    contact_name: str
    contact_phone: str
    grounds: str
    documents: tuple[ClaimDocument, ...]

    def broken(self) -> Found:
        """All rules that the command itself breaks; the code is looked up elsewhere."""
        return (
            *field_rules.text("contact_name", self.contact_name, longest=60),
            *field_rules.phone("contact_phone", self.contact_phone),
            *_prose("grounds", self.grounds, LONGEST_GROUNDS),
            *self._broken_documents(),
        )

    def _broken_documents(self) -> Found:
        if not self.documents:
            return (
                Broken(
                    "documents",
                    "claim_without_documents",
                    "A claim needs at least one document.",
                    next_step="Add the business licence, and a power of attorney if you do not represent it by law.",
                ),
            )
        if len(self.documents) > MOST_DOCUMENTS:
            return (
                Broken(
                    "documents",
                    "claim_documents_many",
                    "{value} documents are given; {most} at most can be.",
                    len(self.documents),
                    next_step="Put several pages into one file.",
                    facts={"most": MOST_DOCUMENTS},
                ),
            )
        return tuple(broken for document in self.documents for broken in _document(document))


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it stands, with the names that its page shows."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    credit_code: str
    region_code: str
    claimant_id: UUID
    claimant_name: str
    contact_name: str
    contact_phone: str
    grounds: str
    state: ClaimState
    created_at: datetime
    decided_at: datetime | None
    decided_by: UUID | None
    decided_by_name: str | None
    decided_for: UUID | None
    decided_for_name: str | None
    reason: str
    documents: tuple[ClaimDocument, ...]


def why_not_reason(reason: str, *, needed: bool) -> Found:
    """A refusal has its reason; a confirmation may have one."""
    return _prose("reason", reason, LONGEST_REASON) if needed or reason.strip() else ()


def _prose(field: str, value: str, longest: int) -> Found:
    return field_rules.text(field, " ".join(value.split()), longest=longest)


def _document(document: ClaimDocument) -> Found:
    found = field_rules.text("documents", document.name, longest=200)
    if not 0 < document.size_bytes <= LARGEST_DOCUMENT:
        found += (
            Broken(
                "documents",
                "claim_document_size",
                "“{value}” has {size} bytes; a document has 1 to {largest}.",
                document.name,
                next_step="Choose the right file, or scan it smaller.",
                facts={"size": document.size_bytes, "largest": LARGEST_DOCUMENT},
            ),
        )
    return found
