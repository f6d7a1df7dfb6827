"""Claims of organisations: made, decided, withdrawn."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.parties import claiming
from wastetrack.parties.claims import (
    LARGEST_DOCUMENT,
    MOST_DOCUMENTS,
    Claim,
    ClaimDocument,
    ClaimOrganisation,
    ClaimState,
)
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose

router = RoomRouter(prefix="/claims", route_class=AnsweringRoute, tags=["claims"])

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the file, hexadecimal")]


class DocumentOfClaim(Body):
    """A paper by its digest; show the authority the same file."""

    name: Annotated[Line, Field(min_length=1)]
    sha256: Digest
    size_bytes: int = Field(strict=True, gt=0, le=LARGEST_DOCUMENT)


class NewClaim(Body):
    """“This organisation is ours.”"""

    credit_code: Line
    contact_name: Line
    contact_phone: Line
    grounds: Prose
    documents: tuple[DocumentOfClaim, ...] = Field(max_length=MOST_DOCUMENTS)


class DecisionOnClaim(Body):
    """Confirmed, the claimant is an owner; refused, with a reason."""

    decision: Literal["confirmed", "refused"]
    reason: Prose = ""


class DocumentShown(Shown):
    """A paper by its digest."""

    name: str
    sha256: str
    size_bytes: int


class ClaimShown(Shown):
    """A claim and what was decided."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    credit_code: str
    claimant_id: UUID
    claimant_name: str
    contact_name: str
    contact_phone: str
    grounds: str
    state: ClaimState
    created_at: datetime
    decided_at: datetime | None
    decided_by_name: str | None
    decided_for_name: str | None
    reason: str
    documents: list[DocumentShown]


class ClaimsShown(Shown):
    """Open ones first."""

    items: list[ClaimShown]


def _shown(claim: Claim) -> ClaimShown:
    papers = [
        DocumentShown(name=one.name, sha256=one.sha256.hex(), size_bytes=one.size_bytes) for one in claim.documents
    ]
    kept = {name: getattr(claim, name) for name in ClaimShown.model_fields if name != "documents"}
    return ClaimShown(**kept, documents=papers)


@router.get("", responses=problems())
async def claims(work: Reading) -> ClaimsShown:
    """One's own claims and those one may decide."""
    return ClaimsShown(items=[_shown(one) for one in await claiming.claims_for(work.session, work.actor)])


@router.get("/{claim_id}", responses=problems(404, 422))
async def claim(work: Reading, claim_id: UUID) -> ClaimShown:
    """One of them."""
    return _shown(await claiming.one_claim(work.session, work.actor, claim_id))


@router.post("", status_code=201, responses=problems(400, 403, 409, 422))
async def register_claim(work: Writing, body: NewClaim) -> ClaimShown:
    """Claim an organisation of the register."""
    documents = tuple(ClaimDocument(one.name, bytes.fromhex(one.sha256), one.size_bytes) for one in body.documents)
    command = ClaimOrganisation(**dict(body) | {"documents": documents})
    made = await claiming.claim(work.session, work.actor, command, at=work.at)
    return _shown(await claiming.one_claim(work.session, work.actor, made))


@router.post("/{claim_id}/decision", responses=problems(400, 403, 404, 409, 422))
async def decide(work: Writing, claim_id: UUID, body: DecisionOnClaim) -> ClaimShown:
    """Confirm or refuse a claim: an approver of the region, or the operator; never the claimant."""
    confirm = body.decision == "confirmed"
    await claiming.decide(work.session, work.actor, claim_id, confirm=confirm, reason=body.reason, at=work.at)
    return _shown(await claiming.one_claim(work.session, work.actor, claim_id))


@router.post("/{claim_id}/withdrawal", status_code=204, responses=problems(400, 403, 404, 409, 422))
async def withdraw(work: Writing, claim_id: UUID) -> Response:
    """Take one's own claim back."""
    await claiming.withdraw(work.session, work.actor, claim_id, at=work.at)
    return Response(status_code=204)
