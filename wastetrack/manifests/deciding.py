"""What a scan at the gate comes to: one table, read from above, by the server and by devices without network.

A line names the facts that must all hold; the first line that holds decides. A device gets this table as data and reads
it the same way (assets/static/gate_rules.js), so both say the same of the same facts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from wastetrack.errors import Broken
from wastetrack.i18n import message
from wastetrack.manifests.model import Outcome


class Fact(StrEnum):
    """What is known of a scan. The values go to devices and do not change."""

    NOT_ON_MANIFEST = "not_on_manifest"
    """No manifest that is expected here names this container."""
    DECIDED = "decided"
    """It was scanned before."""
    REJECTING = "rejecting"
    """The operator refuses it."""
    COMES_BACK = "comes_back"
    """The load is the shipper's own, on its way home."""
    LABEL_VOID = "label_void"
    """Another label has taken the place of this one."""
    NOT_PERMITTED = "not_permitted"
    """No permit of this site covers it on this day."""
    MISMATCH_OPEN = "mismatch_open"
    """Something differs in the load, and nobody has decided yet."""
    WEIGHT_IMPOSSIBLE = "weight_impossible"
    """The scale says what cannot be."""
    STORE_REFUSES = "store_refuses"
    """The place where it is to stand may not take it."""
    BEYOND_TOLERANCE = "beyond_tolerance"
    """The scales disagree by more than they may."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """One line of the table. `outcome` None: nothing is recorded, the operator is told why and scans again."""

    when: frozenset[Fact]
    outcome: Outcome | None
    code: str
    sentence: str = ""

    @property
    def accepts(self) -> bool:
        """Whether the container comes in."""
        return self.outcome in {Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_DIFFERENCE}


RETURN_REJECTED = message("The shipper cannot reject its own waste that comes back.")
NOT_ON_THE_MANIFEST = message("This container is not on the manifest.")
MISMATCH_UNDECIDED = message("What differs in this load waits for a decision.")

RULINGS: tuple[Ruling, ...] = (
    Ruling(frozenset({Fact.NOT_ON_MANIFEST}), Outcome.UNEXPECTED, "unexpected", NOT_ON_THE_MANIFEST),
    Ruling(frozenset({Fact.DECIDED}), Outcome.ALREADY_HERE, "already_here"),
    Ruling(frozenset({Fact.REJECTING, Fact.COMES_BACK}), None, "return_rejected", RETURN_REJECTED),
    Ruling(frozenset({Fact.REJECTING}), Outcome.REJECTED, "rejected"),
    Ruling(frozenset({Fact.LABEL_VOID}), Outcome.VOID_LABEL, "label_void"),
    Ruling(frozenset({Fact.NOT_PERMITTED}), Outcome.NOT_PERMITTED, "not_permitted"),
    Ruling(frozenset({Fact.WEIGHT_IMPOSSIBLE}), None, "weight_impossible"),
    Ruling(frozenset({Fact.MISMATCH_OPEN}), None, "mismatch_undecided", MISMATCH_UNDECIDED),
    Ruling(frozenset({Fact.STORE_REFUSES}), None, "store_refuses"),
    Ruling(frozenset({Fact.BEYOND_TOLERANCE}), Outcome.ACCEPTED_WITH_DIFFERENCE, "accepted_with_difference"),
    Ruling(frozenset(), Outcome.ACCEPTED, "accepted"),
)


def decide(facts: Iterable[Fact]) -> Ruling:
    """The first line of the table whose facts all hold; the last asks for none."""
    known = frozenset(facts)
    return next(ruling for ruling in RULINGS if ruling.when <= known)


def void_label(read: int | None, valid: int) -> Broken:
    """Why the label that was held before the reader does not count."""
    message = "This label was replaced: it is number {value} of this container, and number {valid} is valid."
    step = "Scan the other label. If there is none, compare the container with the manifest and type its code."
    return Broken("label", "label_void", message, read, article="HJ 1276-2022", facts={"valid": valid}, next_step=step)


def check_mismatches(undecided: int) -> list[Broken]:
    """What differs in a load, or in this container, is decided first."""
    if not undecided:
        return []
    step = "Decide the mismatch first; then take the container in, or it goes back."
    return [Broken("label", "mismatch_undecided", MISMATCH_UNDECIDED, article="令23 art. 18", next_step=step)]


def as_data() -> list[dict[str, object]]:
    """The table for a device."""
    return [
        {
            "when": sorted(fact.value for fact in ruling.when),
            "outcome": None if ruling.outcome is None else ruling.outcome.value,
            "code": ruling.code,
        }
        for ruling in RULINGS
    ]
