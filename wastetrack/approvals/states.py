"""The way of an application as one table: kind, state and act give the next state. What is not in it is not allowed.

Across provinces it is the way of 令23 art. 22–28. Point-to-point use and sharing within a group are decided by one
authority. Use of general waste in another province is only told, and stands when it is told (固废法 art. 22).
"""

from wastetrack.approvals.errors import OutOfTurn
from wastetrack.approvals.model import ApprovalAct as Act
from wastetrack.approvals.model import ApprovalKind as Kind
from wastetrack.approvals.model import ApprovalState as State
from wastetrack.approvals.model import Side

_ONCE_APPROVED: dict[tuple[State, Act], State] = {
    (State.APPROVED, Act.EXPIRE): State.EXPIRED,
    (State.APPROVED, Act.SUPERSEDE): State.SUPERSEDED,
}
_UNTIL_ACCEPTED: dict[tuple[State, Act], State] = {
    (State.DRAFT, Act.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Act.WITHDRAW): State.WITHDRAWN,
    (State.SUBMITTED, Act.RETURN): State.RETURNED,
    (State.SUBMITTED, Act.WITHDRAW): State.WITHDRAWN,
    (State.RETURNED, Act.SUBMIT): State.SUBMITTED,
    (State.RETURNED, Act.WITHDRAW): State.WITHDRAWN,
}
_ACROSS: dict[tuple[State, Act], State] = {
    **_UNTIL_ACCEPTED,
    (State.SUBMITTED, Act.ACCEPT): State.ACCEPTED,
    (State.SUBMITTED, Act.DEEM_ACCEPTED): State.ACCEPTED,
    (State.ACCEPTED, Act.AGREE_IN_REVIEW): State.REVIEWED,
    (State.ACCEPTED, Act.REFUSE_IN_REVIEW): State.REFUSED,
    (State.ACCEPTED, Act.WITHDRAW): State.WITHDRAWN,
    (State.REVIEWED, Act.CONSULT): State.CONSULTED,
    (State.REVIEWED, Act.WITHDRAW): State.WITHDRAWN,
    (State.CONSULTED, Act.REPLY_AGREE): State.AGREED,
    (State.CONSULTED, Act.REPLY_REFUSE): State.DECLINED,
    (State.CONSULTED, Act.WITHDRAW): State.WITHDRAWN,
    (State.AGREED, Act.APPROVE): State.APPROVED,
    (State.AGREED, Act.REFUSE): State.REFUSED,
    (State.AGREED, Act.WITHDRAW): State.WITHDRAWN,
    # Without the other province's consent nothing is approved (art. 21).
    (State.DECLINED, Act.REFUSE): State.REFUSED,
    (State.DECLINED, Act.WITHDRAW): State.WITHDRAWN,
    **_ONCE_APPROVED,
}
_BY_ONE_AUTHORITY: dict[tuple[State, Act], State] = {
    **_UNTIL_ACCEPTED,
    (State.SUBMITTED, Act.APPROVE): State.APPROVED,
    (State.SUBMITTED, Act.REFUSE): State.REFUSED,
    **_ONCE_APPROVED,
}
_TOLD: dict[tuple[State, Act], State] = {
    (State.DRAFT, Act.SUBMIT): State.APPROVED,
    (State.DRAFT, Act.WITHDRAW): State.WITHDRAWN,
    **_ONCE_APPROVED,
}
NEXT: dict[Kind, dict[tuple[State, Act], State]] = {
    Kind.CROSS_PROVINCE: _ACROSS,
    Kind.POINT_TO_POINT: _BY_ONE_AUTHORITY,
    Kind.GROUP_INTERNAL: _BY_ONE_AUTHORITY,
    Kind.RECORD_OF_USE: _TOLD,
}
BY: dict[Act, Side] = {
    Act.SUBMIT: Side.APPLICANT,
    Act.RETURN: Side.ORIGIN,
    Act.ACCEPT: Side.ORIGIN,
    Act.DEEM_ACCEPTED: Side.LAW,
    Act.AGREE_IN_REVIEW: Side.ORIGIN,
    Act.REFUSE_IN_REVIEW: Side.ORIGIN,
    Act.CONSULT: Side.ORIGIN,
    Act.REPLY_AGREE: Side.DESTINATION,
    Act.REPLY_REFUSE: Side.DESTINATION,
    Act.APPROVE: Side.ORIGIN,
    Act.REFUSE: Side.ORIGIN,
    Act.WITHDRAW: Side.APPLICANT,
    Act.EXPIRE: Side.LAW,
    Act.SUPERSEDE: Side.LAW,
}
WITH_REASON = frozenset({Act.RETURN, Act.REFUSE_IN_REVIEW, Act.REPLY_REFUSE, Act.REFUSE, Act.WITHDRAW})
"""Acts whose reason the others must be able to read (art. 23–26)."""
OPEN = frozenset({State.DRAFT, State.RETURNED})
"""States in which the applicant changes its content."""
FINAL = frozenset({State.REFUSED, State.WITHDRAWN, State.EXPIRED, State.SUPERSEDED})


def advance(kind: Kind, state: State, act: Act) -> State:
    """The state after an act. Raises OutOfTurn, which says what is possible now."""
    following = NEXT[kind].get((state, act))
    if following is None:
        possible = possible_acts(kind, state) or "—"
        message = "An application that is {state} knows no “{act}”; possible now: {possible}."
        raise OutOfTurn("approval_out_of_turn", message, state=state, act=act, possible=possible)
    return following


def possible_acts(kind: Kind, state: State) -> tuple[Act, ...]:
    """What somebody can do next, in the order of the table."""
    return tuple(act for at, act in NEXT[kind] if at is state and BY[act] is not Side.LAW)
