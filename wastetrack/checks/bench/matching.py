"""How a finding matches the truth.

A finding answers a case when all three hold:

1. Its rule looks for the typology of the case (typologies.py).
2. It names what the case is about, or a manifest that the case touched. What a finding names:
   a manifest: itself · a container: itself and every manifest for which one of its serial was loaded · a carrier,
   organisation or site: itself · a pair `a/b`: itself, a and b (itself alone where the case is one of pairs) · a
   vehicle, person or device: the organisation or site that has to answer.
   What a case is about: its subject; the pairs shipper/carrier and shipper/receiver of its manifests where it is a case
   of an entity; the sites of its manifests where everybody on them takes part (a ghost chain, a loop).
3. It comes after the case begins. A finding that names a manifest of the case needs no such order: that manifest is
   false as a whole, and some of its facts are written before it is filed.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import datetime

from wastetrack.checks.bench.typologies import MANIFEST, PAIR, Typology

Key = tuple[str, str]
"""(kind, id)."""
_TIMELESS = frozenset({"manifest", "container"})
_ALIKE = {"organisation": "carrier"}
_ANSWERED_FOR = frozenset({"vehicle", "person", "device", "driver", "scale"})


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """A finding, with what its rank needs."""

    rule: str
    queue: str
    severity: int
    kind: str
    subject: str
    party: str | None
    found_at: datetime
    at_risk_g: int
    statistic: float
    chance: float
    names: frozenset[Key]


@dataclasses.dataclass(frozen=True, slots=True)
class Touch:
    """A manifest of a case."""

    manifest: str
    happened_at: datetime
    stolen_g: int
    weighed: bool = False
    """Both sides weighed it; what was estimated or counted tells nothing of its loss."""


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """A case of fraud, with everything that names it."""

    id: str
    typology: Typology
    begins_at: datetime
    ends_at: datetime
    stolen_g: int
    affected_g: int
    names: frozenset[Key]
    subject: Key
    touched: tuple[Touch, ...] = ()
    share: float | None = None
    """How much is taken, feigned or hidden, as a part; None where the truth does not say."""


def named(kind: str, subject: str, party: str | None, loaded_for: Mapping[str, Iterable[str]]) -> frozenset[Key]:
    """What a finding names; `loaded_for` tells for which manifests one of a container's serial was loaded."""
    kind = _ALIKE.get(kind, kind)
    keys = {(kind, subject)}
    if kind == "container":
        keys |= {(MANIFEST, manifest) for manifest in loaded_for.get(subject, ())}
    elif kind == "pair":
        keys |= {(what, member) for member in subject.split("/") for what in ("carrier", "site")}
    elif kind in _ANSWERED_FOR and party:
        keys |= {("carrier", party), ("site", party)}
    return frozenset(keys)


def about(
    typology: Typology, subject: Key, lanes: Iterable[tuple[str, str | None, str | None, str | None]]
) -> frozenset[Key]:
    """What a case is about; `lanes` are (manifest, shipper, carrier, receiver) of its manifests."""
    keys = {(_ALIKE.get(subject[0], subject[0]), subject[1])}
    for manifest, shipper, carrier, receiver in lanes:
        keys.add((MANIFEST, manifest))
        if typology.of == MANIFEST:
            continue
        keys |= {("pair", f"{shipper}/{other}") for other in (carrier, receiver) if shipper and other}
        if typology.chain:
            keys |= {("site", site) for site in (shipper, receiver) if site}
    return frozenset(keys)


def answers(finding: Found, case: Case) -> bool:
    """Whether a finding is a detection of a case."""
    if not case.typology.sought_by(finding.rule):
        return False
    common = finding.names & case.names
    if finding.kind == PAIR and case.typology.of == PAIR:
        common = frozenset(key for key in common if key[0] == PAIR)
    return any(kind in _TIMELESS for kind, _ in common) or (bool(common) and finding.found_at >= case.begins_at)


class Matcher:
    """Which cases each finding answers, by what they name: the same as asking `answers` of every pair."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._by_key: dict[Key, list[Case]] = {}
        for case in cases:
            for key in case.names:
                self._by_key.setdefault(key, []).append(case)

    def cases_of(self, finding: Found) -> tuple[Case, ...]:
        """All that it answers."""
        met = {case.id: case for key in finding.names for case in self._by_key.get(key, ())}
        return tuple(case for _, case in sorted(met.items()) if answers(finding, case))
