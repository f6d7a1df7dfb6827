"""Who cheats, how much and from when: drawn once, from chances of its own."""

import dataclasses

import numpy as np
import numpy.typing as npt

from wastetrack.simulation.calendars import DAY_S
from wastetrack.simulation.cast import DISPOSER, INTERMEDIATE, TONNE, Cast
from wastetrack.simulation.chances import Chances, Real, Whole, Yes
from wastetrack.simulation.schemes.naming import Scheme
from wastetrack.simulation.wastes import GENERAL, KIND_NUMBER

SKIMS = (0.006, 0.012, 0.025)
FICTIONS = (0.15, 0.35)
OF_A_WORLD = 60_000
NOBODY = np.zeros(0, np.int64)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Culprits:
    """Those of one scheme: numbers (of carriers, sites or streams), how much each takes, and from which second on."""

    who: Whole
    share: Real
    from_s: Whole

    def __len__(self) -> int:
        return len(self.who)

    def place(self, numbers: Whole) -> Whole:
        """Of each number among the culprits; -1 for the honest."""
        if not len(self.who):
            return np.full(len(numbers), -1)
        order = np.argsort(self.who)
        at = np.minimum(np.searchsorted(self.who[order], numbers), len(order) - 1)
        return np.where(self.who[order][at] == numbers, order[at], -1)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All schemes of a world."""

    rates: dict[Scheme, float]
    culprits: dict[Scheme, Culprits]
    loops: tuple[Whole, ...]
    """Sites of each loop in order."""
    repeaters: Whole
    """Carriers that are worse than others where single loads are dumped."""

    def of(self, scheme: Scheme) -> Culprits:
        """Its culprits; nobody where it is not played."""
        return self.culprits.get(scheme, Culprits(who=NOBODY, share=np.zeros(0), from_s=NOBODY))

    def rate(self, scheme: Scheme) -> float:
        """Its rate; 0 where it is not played."""
        return self.rates.get(scheme, 0.0)


def plan(cast: Cast, rates: dict[Scheme, float], young: Yes, starts_s: int, chances: Chances) -> Plan:
    """Choose the culprits of all schemes that are played; no plant plays two."""
    sites = cast.sites
    plants = np.flatnonzero(
        (sites.kind == DISPOSER) & (sites.plant != KIND_NUMBER["landfill"]) & (sites.plant != KIND_NUMBER["medical"])
    )
    worth = plants[np.argsort(-cast.expected_g[plants])][: max(1, len(plants) * 3 // 4)]
    ranked = worth[np.argsort(chances.uniform("rank of plants", worth))]
    found = dict[Scheme, Culprits]()

    def pick(scheme: Scheme, among: Whole, total: float, shares: npt.ArrayLike) -> None:
        if scheme in rates and len(among):
            wanted = min(max(1, round(rates[scheme] * total)) if rates[scheme] > 0 else 0, len(among))
            chosen = among[np.argsort(chances.uniform(f"rank {scheme}", among))][:wanted]
            found[scheme] = _begin(scheme, chosen, np.asarray(shares, float), starts_s, chances)

    size = cast.counts.manifests / OF_A_WORLD
    small = plants[np.argsort(cast.expected_g[plants])][: max(1, len(plants) // 3)]
    fresh = small[young[small]]
    pick(Scheme.SHELL, fresh if len(fresh) else small[:2], size, (0.6,))
    for scheme, shares in (
        (Scheme.FICTITIOUS_TREATMENT, FICTIONS),
        (Scheme.BLACK_INTAKE, (0.25, 0.4)),
        (Scheme.COPIED_WEIGHTS, (0.85,)),
    ):
        taken = {int(site) for culprits in found.values() for site in culprits.who}
        pick(scheme, np.array([site for site in ranked if site not in taken], np.int64), cast.counts.disposers, shares)
    pick(Scheme.SKIM, np.arange(cast.counts.carriers), cast.counts.carriers, SKIMS)
    middle = np.flatnonzero(sites.kind == INTERMEDIATE)
    pick(Scheme.CODE_LAUNDERING, middle, cast.counts.intermediates, (0.2, 0.1, 0.3))
    pick(Scheme.UNDER_DECLARATION, np.arange(cast.counts.generators), cast.counts.generators, (0.5, 0.3, 0.7, 0.4, 0.6))
    pick(Scheme.GHOST_CHAIN, _ghostly(cast), size, (0.6,))
    rounds = rates.get(Scheme.LOOP, 0) * size
    loops = _loops(cast, max(1, round(rounds)) if rounds else 0, chances)
    if loops:
        found[Scheme.LOOP] = _begin(Scheme.LOOP, np.arange(len(loops)), np.ones(1), starts_s, chances)
    carriers = np.arange(cast.counts.carriers)
    return Plan(
        rates=rates,
        culprits=found,
        loops=loops,
        repeaters=carriers[np.argsort(chances.uniform("repeaters", carriers))][: max(1, len(carriers) // 10)],
    )


def _begin(scheme: Scheme, who: Whole, shares: Real, starts_s: int, chances: Chances) -> Culprits:
    """Each from a day of spring or early summer on, when there is an honest time to compare with."""
    day = 95 + chances.one_of(f"begin {scheme}", 95, who)
    return Culprits(who=who, share=shares[np.arange(len(who)) % len(shares)], from_s=starts_s + day * DAY_S)


def _ghostly(cast: Cast) -> Whole:
    """Streams that carry some loads a week to a plant."""
    streams = cast.streams
    loads = streams.annual_g / streams.load_g
    busy = cast.generator_streams & (loads >= 60) & (loads <= 900) & (streams.load_g > 3 * TONNE)
    most = np.flatnonzero(busy & (cast.sites.kind[streams.main] == DISPOSER))
    return most if len(most) else np.argsort(-np.where(cast.generator_streams, loads, 0))[:3]


def _loops(cast: Cast, wanted: int, chances: Chances) -> tuple[Whole, ...]:
    """Three intermediates each, as many loops as there are threes."""
    middle = np.flatnonzero(cast.sites.kind == INTERMEDIATE)
    order = middle[np.argsort(chances.uniform("loop", middle))]
    return tuple(order[3 * one : 3 * one + 3] for one in range(min(wanted, len(order) // 3)))


def general_stream(cast: Cast, site: Whole) -> Whole:
    """The stream of general waste of each intermediate."""
    found = np.flatnonzero(cast.streams.code == GENERAL)
    return found[np.searchsorted(cast.streams.site[found], site)]


def in_month(from_s: Whole, starts_s: int, ends_s: int) -> Real:
    """Which part of a month lies after each beginning."""
    return np.clip((ends_s - from_s) / (ends_s - starts_s), 0.0, 1.0)
