"""Accounts, postings and entries of the double-entry mass ledger.

A debit (positive grams) is mass that an account holds; a credit (negative) is where it came from. An entry cannot be
built unbalanced: per waste code its postings add to zero. Across codes mass moves only through a bridge account,
which keeps each code's own sum at zero.
"""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

from wastetrack.ledger.errors import UnbalancedEntry

_NAMESPACE = UUID("8d2f9c52-7a0e-5f0b-9a1b-5d6f3a4e7c10")


class AccountKind(StrEnum):
    """What an account holds; the chart of accounts."""

    GENERATED = "generated"  # of a site, credit: all the waste the site declared to have made
    STORED = "stored"  # of a site, debit: what stands there
    IN_TRANSIT = "in_transit"  # of a manifest, debit: what is on the road; must return to zero
    TREATED = "treated"  # of a site and method, debit: destroyed, recovered, landfilled
    RESIDUE_SOURCE = "residue_source"  # of a site: bridge by which residues enter as new waste
    RECLASSIFIED = "reclassified"  # of a site: bridge between codes when waste is re-coded
    DISCREPANCY = "discrepancy"  # of a manifest or site, by kind, either sign: what the statistics watch
    OPENING = "opening"  # of a site, credit: stock at the start of records
    SENT_OUT = "sent_out"  # of a site and method, debit: general waste that left without a manifest


PHYSICAL = frozenset({AccountKind.STORED, AccountKind.IN_TRANSIT, AccountKind.TREATED, AccountKind.SENT_OUT})


class DiscrepancyKind(StrEnum):
    """Why declared and found mass differ."""

    WEIGHING = "weighing"  # two scales, two figures
    METERING = "metering"  # two meters on one pipe, two figures
    MISSING_CONTAINER = "missing_container"  # declared, never arrived
    SPILLAGE = "spillage"  # lost on the way or in handling, seen
    MOISTURE = "moisture"  # dried or soaked
    STOCK_TAKE = "stock_take"  # found by counting
    UNEXPLAINED = "unexplained"  # none of these


class WeighingMethod(StrEnum):
    """How a mass was come by."""

    TRUCK_SCALE = "truck_scale"  # weighbridge
    PLATFORM_SCALE = "platform_scale"  # floor or bench scale
    ESTIMATE = "estimate"  # judged by volume; marked as such everywhere
    COUNT = "count"  # pieces times unit mass
    DECLARED = "declared"  # taken over from the other party's figure, not measured
    METER = "meter"  # flow meter or belt scale over a day


class EntryKind(StrEnum):
    """The fact that an entry states."""

    GENERATED = "generated"
    REWEIGHED = "reweighed"  # the maker's own figure changed before any handover
    PICKED_UP = "picked_up"
    RECEIVED = "received"
    MISSING = "missing"
    SENT_BACK = "sent_back"
    TREATED = "treated"
    RESIDUE = "residue"
    RECLASSIFIED = "reclassified"
    REPACKED = "repacked"
    STOCK_TAKEN = "stock_taken"
    OPENED = "opened"
    MOVED = "moved"  # from site to site within one record of a manifest that runs
    REVERSED = "reversed"
    GATHERED = "gathered"  # taken over from a small institution by its collection point
    FOUND = "found"  # was missing and turned up again
    SENT_OUT = "sent_out"  # left without a manifest


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """One account: its kind, whose it is (a site or a manifest), and a detail such as method or discrepancy kind."""

    kind: AccountKind
    holder_id: UUID
    detail: str = ""

    @property
    def key(self) -> str:
        """The account's name as the log states it: `stored@<id>`, `treated@<id>:D10`."""
        name = f"{self.kind.value}@{self.holder_id}"
        return f"{name}:{self.detail}" if self.detail else name

    def id_for(self, waste_code: str) -> UUID:
        """The row's id: a digest of its name, so that posting needs no look-up first."""
        return uuid5(_NAMESPACE, f"{self.key}/{waste_code}")


@dataclass(frozen=True, slots=True)
class Posting:
    """So many grams of one code onto one account; debit positive."""

    account: Account
    waste_code: str
    amount_g: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """How the mass of an entry was found: method, scale, and standard uncertainty in grams (None: not known)."""

    method: WeighingMethod
    scale_id: str | None = None
    uncertainty_g: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One balanced movement. Raises UnbalancedEntry at birth if any code's postings do not add to zero."""

    kind: EntryKind
    postings: tuple[Posting, ...]
    measurement: Measurement | None = None
    reverses_id: UUID | None = None

    def __post_init__(self) -> None:
        if not self.postings:
            raise UnbalancedEntry("entry_empty", "An entry needs postings.")
        sums: dict[str, int] = defaultdict(int)
        for posting in self.postings:
            if posting.amount_g == 0:
                raise UnbalancedEntry(
                    "posting_zero", "A posting of zero grams says nothing ({key}).", key=posting.account.key
                )
            sums[posting.waste_code] += posting.amount_g
        for code, total in sums.items():
            if total:
                raise UnbalancedEntry(
                    "entry_unbalanced", "{waste_code} is off by {total} g.", waste_code=code, total=total
                )

    def lines(self) -> tuple[tuple[str, str, int], ...]:
        """The postings as the log states them: account key, waste code, grams."""
        return tuple((posting.account.key, posting.waste_code, posting.amount_g) for posting in self.postings)


def entry_of(kind: EntryKind, *lines: tuple[Account, str, int], measurement: Measurement | None = None) -> Entry:
    """An entry from (account, code, grams) lines: lines on one account and code are added up, zeros left out."""
    sums: dict[tuple[Account, str], int] = defaultdict(int)
    for account, code, grams in lines:
        sums[account, code] += grams
    postings = tuple(Posting(account, code, grams) for (account, code), grams in sums.items() if grams)
    return Entry(kind, postings, measurement)
