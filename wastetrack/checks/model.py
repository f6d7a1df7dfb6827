"""What a rule is, and what it finds.

A rule is one relational expression over the tables of an extract: from records to findings. It does not know when it
runs: each finding says from when on it could have been known (`found_at`); a run tells what was known by its instant.
"""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum, StrEnum

import ibis.expr.types as ir

from wastetrack.extracts.reading import Records
from wastetrack.findings.model import FindingQueue, Gravity

Severity = Gravity
"""How a finding is met; those who work on findings know it by the other name."""
Queue = FindingQueue
"""Findings compete only within a queue."""


@dataclasses.dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a rule asks, with where it comes from; a deployer may set another."""

    name: str
    default: float
    unit: str
    meaning: str
    source: str


class Settings:
    """The parameters of a rule in one run: `at.hours`. Raises AttributeError for one that it has not."""

    def __init__(self, values: Mapping[str, float]) -> None:
        self._values = dict(values)

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:g}" for name, value in sorted(self._values.items()))

    def __getattr__(self, name: str) -> float:
        try:
            return self._values[name]
        except KeyError as error:
            raise AttributeError(name) from error


class Cadence(StrEnum):
    """How often a rule looks at the whole history; until then its findings stand as they were told."""

    DAY = "day"
    """In each run."""
    WEEK = "week"
    """What it tells of grows over weeks, or an urgent run has told it already."""
    MONTH = "month"
    """It tells only of months that are over."""


class Looks(Enum):
    """What an urgent run shows a rule: all that what is new can rest on, and not the whole history beside it."""

    MOVED = "moved"
    """What is not ended or moved lately, and what its labels, rounds and plates did before."""
    TRAVELLED = "travelled"
    """What moved since the month began, and for `looks_back` before it."""
    MADE = "made"
    """Labels that were made `looks_back` before this month or later, and what carried them."""
    STANDING = "standing"
    """Labels made more than `looks_back` ago that have not ended before this month, and what carried them."""
    WEIGHED = "weighed"
    """What moved lately, and all that was weighed since the verification of one of its scales has ended."""


def _not_back(at: Settings) -> float:
    del at
    return 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class Need:
    """What a rule needs, taken apart."""

    table: str
    column: str = ""
    words: tuple[str, ...] = ()
    """Of which the column must hold one; any value will do where there are none."""

    @classmethod
    def of(cls, written: str) -> "Need":
        """`readings.kind=hours_on`."""
        table, _, rest = written.partition(".")
        column, _, words = rest.partition("=")
        return cls(table, column, tuple(words.split("|")) if words else ())


Find = Callable[[Records, Settings, datetime], ir.Table]
"""(records, settings, as of) → a table with the columns of FINDING; all others are the finding's own numbers."""

FINDING = (
    "severity",
    "subject_kind",
    "subject_id",
    "party_id",
    "since_at",
    "found_at",
    "at_risk_g",
    "statistic",
    "threshold",
)
"""Columns of every finding.

severity: 1 to 4 · subject: what it is about (manifest, container, carrier, site, pair, vehicle) and its id · party_id:
the organisation or site that has to answer, null where nobody is named · since_at: of the first fact · found_at: from
when on it could be known · at_risk_g: grams that may be missing · statistic and threshold: in the rule's own unit, the
statistic grows with suspicion.
"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A check; its sentences are message ids."""

    id: str
    """R02; Q for data quality; F for those that the French regulator runs."""
    version: int = 1
    title: str
    queue: Queue
    severity: Severity
    """The usual one; a finding may be graver."""
    formula: str
    """What is computed, in the symbols of the finding's own numbers."""
    parameters: tuple[Parameter, ...] = ()
    needs: tuple[str, ...]
    """`table`, `table.column`, or `table.column=word|word`: without a row, a value, or one of these words in each, the
    rule says that it has no data."""
    detectable: str
    """The least loss that it can see, and what it cannot."""
    false_alarms: str
    """How often it is expected to be wrong."""
    innocent: tuple[str, ...]
    next_step: str
    article: str = ""
    urgent: bool = False
    """It also runs within a minute of the event."""
    looks: Looks = Looks.MOVED
    """At what it then looks."""
    looks_back: Callable[[Settings], float] = _not_back
    """Hours."""
    looks_at_codes: str = ""
    """A pattern of the waste codes of those labels; empty: of all."""
    chance: float = 0.5
    """Prior that a finding is real, until outcomes are known; ranks with the grams."""
    cadence: Cadence = Cadence.WEEK
    window: int | None = None
    """Days. What the rule tells of rests on one manifest, or on what happened to one label, vehicle or person within
    half of them; and after the other half it no longer changes. Between its looks at the whole history it looks so far
    back on each day. None: it rests until then."""
    find: Find

    def settings(self, given: Mapping[str, float]) -> Settings:
        """The defaults, with what a deployer or a run sets instead."""
        return Settings({parameter.name: given.get(parameter.name, parameter.default) for parameter in self.parameters})
