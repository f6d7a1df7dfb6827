"""Stock-takes: what the books expect, what was found, and what each container's line comes to. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass


class StockTakeState(StrEnum):
    """Where in its life a stock-take is."""

    OPEN = "open"
    FINISHED = "finished"
    DROPPED = "dropped"
    """Given up; nothing was booked."""


class CountOutcome(StrEnum):
    """What a line came to."""

    AS_BOOKED = "as_booked"
    WEIGHED_DIFFERENT = "weighed_different"
    MISSING = "missing"
    """The books have it here, nobody found it; its mass is in the discrepancy account."""
    MOVED = "moved"
    """It left while the count went on."""
    ELSEWHERE = "elsewhere"
    """Found here, though the books have it elsewhere; to be put right by hand."""
    UNKNOWN = "unknown"
    """Found here, and no container of this firm bears the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginStockTake:
    """Command: count a site, or one store of it with its zones."""

    site_id: UUID
    store_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountContainer:
    """Command: a container was found, and weighed if `gross` is given."""

    stock_take_id: UUID
    digital_code: str
    gross: Mass | None = None
    method: WeighingMethod = WeighingMethod.PLATFORM_SCALE
    scale_id: str | None = None
    uncertainty: Mass | None = None
    reading_id: UUID | None = None
    """The scale itself sent the gross mass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndStockTake:
    """Command: finish a stock-take and book what it found, or drop it and book nothing."""

    stock_take_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One line beside the books as they are now. `site_id` and `store_id` None: it stands nowhere."""

    expected: bool
    known: bool
    found: bool
    weighed_g: int | None
    """The net mass found, if it was weighed."""
    net_g: int
    site_id: UUID | None
    store_id: UUID | None


def outcome_of(line: Counted, *, site_id: UUID, store_ids: Collection[UUID] | None) -> CountOutcome:
    """What a line comes to. `store_ids` None: the whole site is counted."""
    here = line.site_id == site_id and (store_ids is None or line.store_id in store_ids)
    if not line.known:
        return CountOutcome.UNKNOWN
    if not here:
        return CountOutcome.MOVED if line.expected else CountOutcome.ELSEWHERE
    if not line.found:
        return CountOutcome.MISSING
    if line.weighed_g is not None and line.weighed_g != line.net_g:
        return CountOutcome.WEIGHED_DIFFERENT
    return CountOutcome.AS_BOOKED
