"""Applications and approvals: kinds, states, acts, sides, and the commands of the use cases."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.model import Form
from wastetrack.mass import Mass

LONGEST_GROUP_NAME = 100
MOST_ITEMS = 100


class ApprovalKind(StrEnum):
    """What is asked for."""

    CROSS_PROVINCE = "cross_province"  # to move waste out of the province (固废法 art. 22, 82; 令23 art. 21)
    POINT_TO_POINT = "point_to_point"  # “点对点” use by one named firm, with a cap (名录 annex, item 31)
    GROUP_INTERNAL = "group_internal"  # a facility of one's own group of firms, with a cap
    RECORD_OF_USE = "record_of_use"  # general waste leaves the province to be used: told, not asked (固废法 art. 22)


class ApprovalState(StrEnum):
    """How far an application is; states.py says how it gets from one to the next."""

    DRAFT = "draft"  # only its owner sees it
    SUBMITTED = "submitted"  # waits to be accepted, or sent back once with all that is missing
    RETURNED = "returned_for_correction"  # all that is missing was told; the applicant corrects
    ACCEPTED = "accepted"  # complete; the first review runs
    REVIEWED = "reviewed"  # the first review agrees; the letter to the other province is to be sent
    CONSULTED = "consulted"  # the other province has the letter
    AGREED = "agreed_by_destination"  # it takes the waste
    DECLINED = "declined_by_destination"  # it does not
    APPROVED = "approved"  # in force until its last day
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # by the applicant, before a decision
    EXPIRED = "expired"  # its last day is over
    SUPERSEDED = "superseded"  # a later approval took its place


class ApprovalAct(StrEnum):
    """What moves an application; each is an event of the log."""

    SUBMIT = "submit"
    RETURN = "return_for_correction"
    ACCEPT = "accept"
    DEEM_ACCEPTED = "deem_accepted"
    AGREE_IN_REVIEW = "agree_in_review"
    REFUSE_IN_REVIEW = "refuse_in_review"
    CONSULT = "consult"
    REPLY_AGREE = "reply_agree"
    REPLY_REFUSE = "reply_refuse"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"


class Side(StrEnum):
    """Whose act it is."""

    APPLICANT = "applicant"
    ORIGIN = "authority_of_origin"
    DESTINATION = "authority_of_destination"
    LAW = "law"  # nobody: it follows from a day or from another act


class DocumentKind(StrEnum):
    """What is put beside an application (令23 art. 22)."""

    PERMIT_COPY = "permit_copy"
    METHOD_DESCRIPTION = "method_description"
    CONTRACT = "contract"
    LOCAL = "local_document"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWanted:
    """One waste that is to be moved: so much of it, by which method."""

    waste_code: str
    waste_name: str
    form: Form
    quantity: Mass
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftApproval:
    """Command: prepare an application, or change one that is not submitted."""

    kind: ApprovalKind
    shipper_site_id: UUID
    receiver_site_id: UUID
    from_on: date
    to_on: date
    items: tuple[ItemWanted, ...]
    basis: TransferBasis = TransferBasis.PERMIT
    """Of a move across provinces: on what ground the receiver takes the waste."""
    group_name: str = ""
    remarks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeStep:
    """Command: an act upon an application. `version` is the one the actor has seen, if it was shown one."""

    approval_id: UUID
    act: ApprovalAct
    version: int | None = None
    reason: str = ""
    """Required where something is refused, sent back or withdrawn."""
    opinion: str = ""
    number: str = ""
    """Of an approval: the number of the authority's own decision."""
    valid_to: date | None = None
    """Of an approval: its last day, where the authority sets it earlier than the law does."""
