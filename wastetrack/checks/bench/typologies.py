"""Kinds of fraud that a truth may name, and which rules look for each.

A finding counts for a typology only when its rule looks for it: that an inspector comes to a culprit for a reason that
has nothing to do with the fraud is no detection. A typology that is not in the table is looked for by every rule, and
its class is what its subject is.

What never came, or came before, is treated on paper alone: plants of ghost chains and loops lack energy and ash, and
their balances count it twice. So rules of plants look for these as well. A shell may be any plant.
"""

import dataclasses

CARRIER = "carrier"
GENERATOR = "generator"
INTERMEDIATE = "intermediate"
DISPOSER = "disposer"
PLANT = "plant"
"""Intermediates and disposers."""
SITE = "site"
PAIR = "pair"
"""A shipper and a carrier that have a manifest together."""
CLASSES = (CARRIER, GENERATOR, INTERMEDIATE, DISPOSER, PLANT, SITE, PAIR)
MANIFEST = "manifest"


@dataclasses.dataclass(frozen=True, slots=True)
class Typology:
    """One kind of fraud."""

    name: str
    of: str
    """MANIFEST, or the class of entities among which its culprits are sought."""
    rules: frozenset[str] | None
    """Those that look for it; None for every rule."""
    chain: bool = False
    """Everybody on its manifests takes part: a finding about any of their sites is about it."""

    def sought_by(self, rule: str) -> bool:
        """Whether this rule looks for it."""
        return self.rules is None or rule in self.rules


def _one(name: str, of: str, rules: str, *, chain: bool = False) -> Typology:
    return Typology(name, of, frozenset(rules.split()), chain)


KNOWN = {
    one.name: one
    for one in (
        _one("never_arrived", MANIFEST, "R01 R02 R12 R47"),
        _one("clone", MANIFEST, "R05 R06 R07 R07E R07K R07C"),
        _one("partial_dump", MANIFEST, "R01 R03 R08 R09 R10 R11 R38 R47 R48 F02"),
        _one("out_of_permit", MANIFEST, "R16 R17"),
        _one("back_dating", MANIFEST, "R06 R06T R39 R39O Q01"),
        _one("ghost_chain", PAIR, "R06 R06T R12 R14 R20 R22 R35 R37 R40 R41 R41B R45", chain=True),
        _one("skim", CARRIER, "R03 R04"),
        _one("fictitious_treatment", DISPOSER, "R19 R20 R21 R22 R23"),
        _one("black_intake", DISPOSER, "R19 R22 R24"),
        _one("shell", PLANT, "R17 R18 R19 R20 R21 R22 R23 R26 R43"),
        _one("code_laundering", INTERMEDIATE, "R23 R26"),
        _one("loop", INTERMEDIATE, "R20 R22 R24 R26 R27", chain=True),
        _one("under_declaration", GENERATOR, "R28 R29 R30 R31 R32 R33 R34 R46"),
        _one("copied_weights", PLANT, "R37"),
    )
}
_CLASS_OF = {"manifest": MANIFEST, "container": MANIFEST, "carrier": CARRIER, "organisation": CARRIER, "pair": PAIR}


def typology_of(name: str, subject_kind: str) -> Typology:
    """The known one of that name; else one that every rule looks for, among whatever its subject is."""
    return KNOWN.get(name) or Typology(name, _CLASS_OF.get(subject_kind, SITE), None)
