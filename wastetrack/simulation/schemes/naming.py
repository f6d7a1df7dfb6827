"""The schemes by name, with the rates at which they are injected when nothing else is said (anomaly note, 2.2)."""

import dataclasses
from enum import StrEnum

from wastetrack.errors import Malformed


class Scheme(StrEnum):
    """A way to cheat."""

    SKIM = "skim"
    """A carrier keeps a little of every load."""
    PARTIAL_DUMP = "partial_dump"
    """A large part of one load is left somewhere; half of the time the gate clerk writes what the shipper wrote."""
    NEVER_ARRIVED = "never_arrived"
    """The load leaves, and no gate sees it."""
    CLONE = "clone"
    """A label that was used before."""
    GHOST_CHAIN = "ghost_chain"
    """A generator, carrier and plant agree on manifests for waste that never comes."""
    FICTITIOUS_TREATMENT = "fictitious_treatment"
    """A plant writes batches that did not run."""
    CODE_LAUNDERING = "code_laundering"
    """An intermediate changes the code on paper (girobolla)."""
    BLACK_INTAKE = "black_intake"
    """A plant treats what came without manifests."""
    UNDER_DECLARATION = "under_declaration"
    """A generator tells less than it makes."""
    LOOP = "loop"
    """Waste goes round among intermediates."""
    SHELL = "shell"
    """A young plant takes much, cheaply, and most of it vanishes."""
    OUT_OF_PERMIT = "out_of_permit"
    """A plant takes what its permit does not name."""
    COPIED_WEIGHTS = "copied_weights"
    """A receiver does not weigh, and writes what the shipper wrote."""
    BACK_DATING = "back_dating"
    """A receipt is written days later and dated back."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rate:
    """How much of a scheme there is."""

    default: float
    of: str
    """Of which the rate is a share; or `world`: so many for each 60,000 manifests a year."""


RATES = {
    Scheme.SKIM: Rate(3 / 60, "carriers"),
    Scheme.PARTIAL_DUMP: Rate(0.002, "manifests"),
    Scheme.NEVER_ARRIVED: Rate(0.0005, "manifests"),
    Scheme.CLONE: Rate(0.0004, "manifests"),
    Scheme.GHOST_CHAIN: Rate(1, "world"),
    Scheme.FICTITIOUS_TREATMENT: Rate(2 / 30, "disposers"),
    Scheme.CODE_LAUNDERING: Rate(1 / 6, "intermediates"),
    Scheme.BLACK_INTAKE: Rate(1 / 30, "disposers"),
    Scheme.UNDER_DECLARATION: Rate(0.02, "generators"),
    Scheme.LOOP: Rate(1, "world"),
    Scheme.SHELL: Rate(1, "world"),
    Scheme.OUT_OF_PERMIT: Rate(0.001, "manifests"),
    Scheme.COPIED_WEIGHTS: Rate(1 / 30, "disposers"),
    Scheme.BACK_DATING: Rate(0.001, "manifests"),
}


def rates(words: str) -> dict[Scheme, float]:
    """`all`, `none`, or `skim,clone=0.01`. Raises Malformed for a name or number that is none."""
    match words.strip():
        case "all":
            return {scheme: rate.default for scheme, rate in RATES.items()}
        case "none":
            return {}
    found = {}
    for word in words.split(","):
        name, _, number = word.strip().partition("=")
        if name not in set(Scheme):
            raise Malformed(
                "scheme_unknown",
                "“{value}” is no scheme; write all, none, or some of {known}.",
                value=name,
                known=", ".join(Scheme),
            )
        scheme = Scheme(name)
        found[scheme] = RATES[scheme].default if not number else _rate(scheme, number)
    return found


def _rate(scheme: Scheme, number: str) -> float:
    most = 1000.0 if RATES[scheme].of == "world" else 1.0
    try:
        rate = float(number)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= most:
        raise Malformed(
            "scheme_rate",
            "The rate of {scheme} is {value}; it goes from 0 to {most}.",
            scheme=scheme,
            value=number,
            most=most,
        )
    return rate
