"""A list of requirements and our answers: ids and sentences of ours, never the lists' own text."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """What we say of a requirement."""

    MET = "met"
    """The program does it, and a test shows it."""
    DEPLOYER = "deployer"
    """Whoever runs the program does it; the answer says how."""
    NOT_APPLICABLE = "not_applicable"
    """There is nothing that it could apply to; the answer says why."""
    NOT_MET = "not_met"
    """It is missing; the answer says what."""


class ListName(StrEnum):
    """The lists that are answered; each is a file of that name in data/."""

    ASVS = "asvs"
    """OWASP ASVS 5.0.0, levels 1 and 2 without WebRTC."""
    CROMERR = "cromerr"
    """The 20 points of 40 CFR 3.2000(b) for signatures."""
    DJBH = "djbh"
    """等保2.0, level 3: what GB/T 22239-2019 asks of applications and data."""


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement and its answer. `name` is our own short name, where the list has no numbers that say enough."""

    id: str
    level: str
    name: str
    status: Status
    answer: str
    tests: tuple[str, ...]
    """The tests that show it, as `path::name`; needed exactly where it is met."""

    def as_json(self) -> dict[str, object]:
        """The members of the JSON object."""
        return {
            "id": self.id,
            "level": self.level or None,
            "name": self.name or None,
            "status": self.status.value,
            "answer": self.answer,
            "tests": list(self.tests),
        }


def counts(rows: tuple[Row, ...]) -> dict[str, int]:
    """How many rows have each status, all statuses named."""
    return {status.value: sum(row.status is status for row in rows) for status in Status}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the program says of itself on one topic."""

    topic: str
    says: str
    names: tuple[str, ...]
    """A complete list: tables, kinds, events, settings that are secrets."""
    figures: dict[str, object]
    """Constants of the code by `module:NAME`; seconds, bytes or text."""
    settings: dict[str, object]
    """Defaults that the operator may change."""

    def as_json(self) -> dict[str, object]:
        """The members of the JSON object."""
        return {
            "topic": self.topic,
            "says": self.says,
            "names": list(self.names),
            "figures": self.figures,
            "settings": self.settings,
        }
