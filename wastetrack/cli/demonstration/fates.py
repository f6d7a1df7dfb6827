"""What happens to each manifest: most go well, a fixed share of each kind of bad luck, and some are still open."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Fate(StrEnum):
    """How a manifest's story differs from the plain one."""

    PLAIN = "plain"
    MULTI_LEG = "multi_leg"
    LATE = "late"
    """It stood somewhere for a day or more; the checks ask where."""
    OFFLINE = "offline"
    """The gate had no network: its scans were recorded an hour after they happened."""
    OFF_WEIGHT = "off_weight"
    """Something dried out, or somebody read the scale wrongly: beyond the tolerance."""
    REWEIGHED = "reweighed"
    REPACKED = "repacked"
    MERGED = "merged"
    SPLIT = "split"
    AMENDED = "amended"
    CANCELLED = "cancelled"
    VOID = "void"
    PARTLY_REJECTED = "partly_rejected"
    REJECTED = "rejected"
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    """A container that is not on the paper was on the truck."""
    SUSPENDED_ON_ROAD = "suspended_on_road"
    """The receiver's permit was taken away while the truck was under way."""
    CORRECTED = "corrected"
    CORRECTION_REFUSED = "correction_refused"
    ONWARD = "onward"
    """Shipped by a plant: its residues, or what a collection station gathered."""
    LEFT_DRAFT = "left_draft"
    LEFT_FILED = "left_filed"
    LEFT_PICKED_UP = "left_picked_up"
    LEFT_ON_SECOND_LEG = "left_on_second_leg"
    LEFT_ARRIVED = "left_arrived"
    LEFT_HALF_SCANNED = "left_half_scanned"
    LEFT_UNCONFIRMED = "left_unconfirmed"
    LEFT_RETURNING = "left_returning"
    LEFT_CORRECTING = "left_correcting"


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a thousand manifests have a fate; at least one, if there are manifests enough."""

    fate: Fate
    per_mille: int


ON_THE_ROAD = frozenset({Fate.LEFT_PICKED_UP, Fate.LEFT_ON_SECOND_LEG})
# The rarer a kind, the further down: a small region gets the upper ones first.
OPEN_AT_THE_END = (
    Share(Fate.LEFT_DRAFT, 4),
    Share(Fate.LEFT_FILED, 6),
    Share(Fate.LEFT_PICKED_UP, 4),
    Share(Fate.LEFT_ARRIVED, 4),
    Share(Fate.LEFT_RETURNING, 2),
    Share(Fate.LEFT_CORRECTING, 2),
    Share(Fate.LEFT_ON_SECOND_LEG, 2),
    Share(Fate.LEFT_UNCONFIRMED, 6),
    Share(Fate.LEFT_HALF_SCANNED, 2),
)
ALONG_THE_YEAR = (
    Share(Fate.PARTLY_REJECTED, 20),
    Share(Fate.REJECTED, 10),
    Share(Fate.CORRECTED, 20),
    Share(Fate.LATE, 8),
    Share(Fate.MULTI_LEG, 30),
    Share(Fate.CANCELLED, 14),
    Share(Fate.VOID, 8),
    Share(Fate.MISSING, 6),
    Share(Fate.CORRECTION_REFUSED, 8),
    Share(Fate.OFF_WEIGHT, 40),
    Share(Fate.MERGED, 10),
    Share(Fate.SPLIT, 6),
    Share(Fate.REPACKED, 8),
    Share(Fate.REWEIGHED, 16),
    Share(Fate.OFFLINE, 30),
    Share(Fate.UNEXPECTED, 8),
    Share(Fate.AMENDED, 12),
    Share(Fate.SUSPENDED_ON_ROAD, 2),
    Share(Fate.ONWARD, 70),
)
# So many of the manifests at least go well, however few there are.
_PLAIN_PER_MILLE = 250


def draw(manifests: int, dice: Random) -> tuple[list[Fate], list[Fate]]:
    """The fates of so many manifests: those along the year in mixed order, and those open at the end."""
    plain = manifests * _PLAIN_PER_MILLE // 1_000
    room = manifests - plain
    open_at_the_end = _quotas(OPEN_AT_THE_END, manifests, min(room, max(room // 2, 1)))
    along = _quotas(ALONG_THE_YEAR, manifests, room - len(open_at_the_end))
    along += [Fate.PLAIN] * (manifests - len(open_at_the_end) - len(along))
    dice.shuffle(along)
    return along, open_at_the_end


def _quotas(shares: tuple[Share, ...], manifests: int, room: int) -> list[Fate]:
    """One of each first, as far as there is room, then more up to each share."""
    fates = [share.fate for share in shares][:room]
    for share in shares:
        more = min(round(manifests * share.per_mille / 1_000) - 1, room - len(fates))
        fates += [share.fate] * max(more, 0)
    return fates
