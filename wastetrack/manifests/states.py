"""The journey as one table: state and act give the next state. What is not in it is not allowed.

A kind takes the acts that are its own: a trip is filed and travels, a manifest that runs for a period is opened and
summed up.
"""

from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.model import PERIODS, Act, ManifestKind
from wastetrack.manifests.model import ManifestState as State

NEXT: dict[tuple[State, Act], State] = {
    (State.DRAFT, Act.FILE): State.FILED,
    (State.DRAFT, Act.CANCEL): State.CANCELLED,
    (State.FILED, Act.CANCEL): State.CANCELLED,
    (State.FILED, Act.VOID): State.VOID,
    # Before it is handed to the carrier, its shipper looks at carrier, vehicle, crew and labels (令23 art. 13).
    (State.FILED, Act.CHECK_LOADING): State.FILED,
    (State.FILED, Act.PICK_UP): State.PICKED_UP,
    (State.PICKED_UP, Act.HAND_OVER): State.IN_TRANSIT,
    (State.IN_TRANSIT, Act.HAND_OVER): State.IN_TRANSIT,
    (State.PICKED_UP, Act.ARRIVE): State.ARRIVED,
    (State.IN_TRANSIT, Act.ARRIVE): State.ARRIVED,
    (State.ARRIVED, Act.RECEIVE): State.RECEIVED,
    (State.ARRIVED, Act.RECEIVE_PARTLY): State.PARTLY_RECEIVED,
    (State.ARRIVED, Act.REJECT): State.REJECTED,
    (State.RECEIVED, Act.CONFIRM): State.CLOSED,
    (State.PARTLY_RECEIVED, Act.CONFIRM): State.CLOSED,
    (State.REJECTED, Act.CONFIRM): State.CLOSED,
    (State.RETURNING, Act.TAKE_BACK): State.RETURNED,
    # What went on paper while the system was down is entered as a whole; the receiver then signs what it took in.
    (State.DRAFT, Act.BACK_ENTER): State.ARRIVED,
    (State.DRAFT, Act.OPEN): State.RUNNING,
    (State.RUNNING, Act.CANCEL): State.CANCELLED,
    (State.RUNNING, Act.SUM_UP): State.RECEIVED,
    (State.PICKED_UP, Act.REDIRECT): State.PICKED_UP,
    (State.IN_TRANSIT, Act.REDIRECT): State.IN_TRANSIT,
}
_OF_PERIODS_ALONE = frozenset({Act.OPEN, Act.SUM_UP})
_OF_PERIODS = _OF_PERIODS_ALONE | {Act.CANCEL, Act.CONFIRM}
# A return has no draft: it is born under way, by the receipt that rejects.
BORN = {Act.SEND_BACK: State.RETURNING}
FINAL = frozenset({State.CLOSED, State.CANCELLED, State.VOID, State.RETURNED})


def takes(kind: ManifestKind, act: Act) -> bool:
    """Whether an act belongs to the life of manifests of this kind."""
    return act in _OF_PERIODS if kind in PERIODS else act not in _OF_PERIODS_ALONE


def advance(state: State, act: Act, kind: ManifestKind = ManifestKind.ROAD) -> State:
    """The state after an act. Raises OutOfOrder, which says what is possible now."""
    following = NEXT.get((state, act)) if takes(kind, act) else None
    if following is None:
        possible = possible_acts(state, kind) or "—"
        message = "A manifest that is {state} cannot be signed for “{act}”; possible now: {possible}."
        raise OutOfOrder("signature_out_of_order", message, state=state, act=act, possible=possible)
    return following


def possible_acts(state: State, kind: ManifestKind = ManifestKind.ROAD) -> tuple[Act, ...]:
    """What can be signed next, in the order of the table."""
    return tuple(act for at, act in NEXT if at is state and takes(kind, act))
