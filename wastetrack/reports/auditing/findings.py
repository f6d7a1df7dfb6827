"""What a full recomputation finds: values, bounded in number, each naming a row and saying what was expected there."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# Of one kind of fault so many are kept with their evidence; all are counted.
MOST_KEPT = 100


class Fault(StrEnum):
    """What can be wrong outside the log's own tree (its faults: transparency/auditing.py)."""

    LEAF_WITHOUT_ENTRY = "leaf_without_entry"  # an event states postings, the ledger has no such entry
    ENTRY_WITHOUT_LEAF = "entry_without_leaf"  # an entry that no event states
    ENTRY_DIFFERS = "entry_differs"  # kind, times or reversed entry are not the event's
    POSTING_DIFFERS = "posting_differs"  # account, code or grams are not the event's
    POSTING_MISSING = "posting_missing"  # the event states it, the ledger has it not
    POSTING_ADDED = "posting_added"  # the ledger has it, the event does not state it
    MEASUREMENT_DIFFERS = "measurement_differs"  # method, scale or uncertainty are not the event's
    ENTRY_UNBALANCED = "entry_unbalanced"  # the postings of a code do not add to zero
    REVERSAL_NO_MIRROR = "reversal_no_mirror"  # a reversal does not undo the entry that it names
    ACCOUNT_MISNAMED = "account_misnamed"  # an account's id is not the digest of its name, or it is of no known kind
    BALANCE_WRONG = "balance_wrong"  # a balance is not the sum of the account's postings
    BALANCE_NEGATIVE = "balance_negative"  # a physical account holds less than nothing
    TOTAL_NOT_ZERO = "total_not_zero"  # all accounts of a code do not add to zero
    SITE_DIFFERS = "site_differs"  # containers at a site and its stored balance differ
    ROAD_DIFFERS = "road_differs"  # containers on a manifest and its in_transit balance differ
    ROAD_NOT_EMPTY = "road_not_empty"  # a manifest that is not under way has mass in transit
    CONTAINER_WITHOUT_LEAF = "container_without_leaf"  # no event says that this container was made
    CONTAINER_DIFFERS = "container_differs"  # a container is not what its last events say
    CONTAINER_ON_TWO = "container_on_two"  # a container is on two open manifests
    LINE_OPEN = "line_open"  # a line is open on a manifest that is not, or a container travels without one
    LINE_DIFFERS = "line_differs"  # a line of a manifest is not what its events say
    MANIFEST_DIFFERS = "manifest_differs"  # state or number are not those of its events
    MANIFEST_OUT_OF_ORDER = "manifest_out_of_order"  # its events are not a path through the table of states
    SIGNATURE_DIFFERS = "signature_differs"  # a signature and its event do not agree
    EVIDENCE_WRONG = "evidence_wrong"  # what an event bears of who signed it does not hold for its statement
    NUMBER_GAP = "number_gap"  # a serial of a prefecture and year is left out, or the counter is off
    PERMIT_USE_WRONG = "permit_use_wrong"  # a permit line's use is not the sum of its bookings
    APPROVAL_USE_WRONG = "approval_use_wrong"  # an approval's line is not used by what manifests take of it
    BOOKING_WRONG = "booking_wrong"  # a manifest's booking is not the mass that it moves


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `row` names it; `message` is a sentence with places that `facts` fill."""

    fault: str
    row: str
    message: str
    expected: object = None
    found: object = None
    facts: dict[str, object] = field(default_factory=dict)

    def sentence(self) -> str:
        """The English sentence."""
        places = {"row": self.row, "expected": self.expected, "found": self.found, **self.facts}
        return self.message.format(**places)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "fault": str(self.fault),
            "row": self.row,
            "sentence": self.sentence(),
            "expected": _plain(self.expected),
            "found": _plain(self.found),
            "facts": {name: _plain(value) for name, value in self.facts.items()},
        }


@dataclass(slots=True)
class Report:
    """What was looked at, how many faults there are, and the findings that were kept."""

    leaves: int = 0
    waiting: int = 0
    checkpoints: int = 0
    root: str = ""
    entries: int = 0
    postings: int = 0
    accounts: int = 0
    containers: int = 0
    manifests: int = 0
    signatures: int = 0
    findings: list[Finding] = field(default_factory=list)
    by_fault: Counter[str] = field(default_factory=Counter)

    @property
    def faults(self) -> int:
        """How many things are wrong, kept or not."""
        return self.by_fault.total()

    @property
    def consistent(self) -> bool:
        """Nothing is wrong."""
        return not self.by_fault

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it while there is room for its kind."""
        self.by_fault[str(finding.fault)] += 1
        if self.by_fault[str(finding.fault)] <= MOST_KEPT:
            self.findings.append(finding)

    def count_unkept(self, fault: str, number: int) -> None:
        """Count faults of which a bounded query gave only the first."""
        if number > 0:
            self.by_fault[str(fault)] += number

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "consistent": self.consistent,
            "checked": {name: getattr(self, name) for name in COUNTED},
            "root": self.root,
            "faults": self.faults,
            "by_fault": dict(self.by_fault),
            "findings": [finding.as_json() for finding in self.findings],
        }


COUNTED = (
    "leaves",
    "waiting",
    "checkpoints",
    "entries",
    "postings",
    "accounts",
    "containers",
    "manifests",
    "signatures",
)


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, str | int | bool) else str(value)
