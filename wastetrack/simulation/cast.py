"""Who takes part in a world: firms of the sizes of a real province, plants, carriers, and what flows between them."""

import dataclasses

import numpy as np

from wastetrack.simulation.chances import Chances, Real, Whole, Yes
from wastetrack.simulation.places import kilometres, nearest_of_some, places, spread_order
from wastetrack.simulation.sizes import Counts
from wastetrack.simulation.wastes import (
    COLLECTED,
    GENERAL,
    HOSPITAL,
    INDUSTRIES,
    KIND_NUMBER,
    NUMBER,
    PLANTS,
    WASTES,
)

GENERATOR, INTERMEDIATE, DISPOSER = 0, 1, 2
TRUCK, PLATFORM, ESTIMATE = 0, 1, 2
TONNE = 1_000_000
LARGEST_LOAD_G = 31 * TONNE
CLASSES = (  # part of the firms, part of the mass, tonnes from, tonnes to: Shandong (anomaly note 2.2)
    (0.029, 0.9620, 1_000, 200_000),
    (0.066, 0.0300, 100, 1_000),
    (0.125, 0.0065, 10, 100),
    (0.780, 0.0015, 0.15, 10),
)
MEAN_G = 660 * TONNE
"""A firm's year, over all firms."""


@dataclasses.dataclass(slots=True, kw_only=True)
class Sites:
    """One row a site; the organisation of a site has the same number."""

    kind: Whole
    latitude: Real
    longitude: Real
    region: Whole
    industry: Whole
    """Of generators; -1 of others."""
    size_class: Whole
    annual_g: Real
    plant: Whole
    """Of disposers, a number of PLANTS; -1 of others."""
    scale: Whole
    """How it weighs large loads."""

    def __len__(self) -> int:
        return len(self.kind)


@dataclasses.dataclass(slots=True, kw_only=True)
class Streams:
    """One row a waste that leaves a site: whence, what, whither, in what loads."""

    site: Whole
    code: Whole
    main: Whole
    other: Whole
    """Where it goes when it does not go to `main`."""
    other_share: Real
    annual_g: Real
    load_g: Real
    carrier_from: Real
    """Place in the row of carriers, 0 to 1, from which this stream's carriers are taken."""
    carrier_width: Real

    def __len__(self) -> int:
        return len(self.site)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """All that stays the same through a world's year."""

    counts: Counts
    sites: Sites
    streams: Streams
    made_streams: int
    """So many of the streams, the first ones, are what generators make."""
    expected_g: Real
    """What each site is to receive in a year."""
    residue_rate: Real
    """Of each site's treatment."""
    rated_load_g: Whole
    """Of each vehicle; five in a row are one carrier's."""

    @property
    def first_intermediate(self) -> int:
        return self.counts.generators

    @property
    def first_disposer(self) -> int:
        return self.counts.generators + self.counts.intermediates

    @property
    def generator_streams(self) -> Yes:
        return np.arange(len(self.streams)) < self.made_streams


def cast(counts: Counts, chances: Chances) -> Cast:
    """Everybody, for a seed."""
    sites = _sites(counts, chances)
    site, code, annual, load = _made(sites, counts, chances)
    made = len(site)
    site = np.concatenate([site, *_passed_on(counts, sites)[0]])
    code = np.concatenate([code, *_passed_on(counts, sites)[1]])
    annual = np.concatenate([annual, np.zeros(len(site) - made)])
    load = np.concatenate([load, np.ones(len(site) - made)])
    main, other = _receivers(site, code, sites, chances, made)
    other_share = np.where(
        sites.size_class[site] >= 2, 0.0, chances.uniform("other share", np.arange(len(site)), low=0.05, high=0.35)
    )
    number = np.arange(len(sites))
    plant = sites.plant
    low = np.array([one.residue_low for one in PLANTS])[plant]
    high = np.array([one.residue_high for one in PLANTS])[plant]
    rate = np.where(plant >= 0, low + (high - low) * chances.uniform("residue rate", number), 0.0)
    expected = _flow(site, code, main, other, other_share, annual, made, rate, len(sites))
    annual[made:] = np.where(annual[made:] > 0, annual[made:], 0)
    load[made:] = np.clip(annual[made:] / 20, 3 * TONNE, 26 * TONNE)
    start, width = _carriers(site, annual / load, sites, counts)
    vehicles = np.arange(counts.carriers * counts.trucks)
    return Cast(
        counts=counts,
        sites=sites,
        streams=Streams(
            site=site, code=code, main=main, other=other, other_share=other_share, annual_g=annual, load_g=load,
            carrier_from=start, carrier_width=width,
        ),
        made_streams=made,
        expected_g=expected,
        residue_rate=rate,
        rated_load_g=np.where(vehicles % counts.trucks == 0, 8 * TONNE, 33 * TONNE),
    )  # fmt: skip


def _plant_kinds(disposers: int) -> Whole:
    """At least one of each kind, the rest by their parts."""
    wanted = np.maximum(1, np.round(np.array([plant.part for plant in PLANTS]) * disposers)).astype(np.int64)
    wanted[0] += disposers - wanted.sum()
    return np.repeat(np.arange(len(PLANTS)), wanted)


def _sites(counts: Counts, chances: Chances) -> Sites:
    total = counts.generators + counts.intermediates + counts.disposers
    number = np.arange(total)
    kind = np.repeat([GENERATOR, INTERMEDIATE, DISPOSER], [counts.generators, counts.intermediates, counts.disposers])
    latitude, longitude, region = places(number, chances)
    size_class, annual = _firm_sizes(counts.generators, chances)
    rest = total - counts.generators
    firms = number[: counts.generators]
    industry = chances.one_of("industry", HOSPITAL, firms)
    ill = chances.happens("hospital", np.array([0, 0, 0.2, 0.01])[size_class], firms)
    industry[ill] = HOSPITAL
    third = np.flatnonzero(size_class == 2)
    if not ill.any() and len(third):
        industry[third[0]] = HOSPITAL  # the smallest world has one too
    truck = np.array([0.85, 0.6, 0.3, 0.0])[size_class]
    platform = truck + np.array([0.05, 0.25, 0.5, 0.6])[size_class]
    draw = chances.uniform("how it weighs", firms)
    scale = np.where(draw < truck, TRUCK, np.where(draw < platform, PLATFORM, ESTIMATE))
    scale[industry == HOSPITAL] = PLATFORM
    return Sites(
        kind=kind,
        latitude=latitude,
        longitude=longitude,
        region=region,
        industry=np.concatenate([industry, np.full(rest, -1)]),
        size_class=np.concatenate([size_class, np.ones(rest, np.int64)]),
        annual_g=np.concatenate([annual, np.zeros(rest)]),
        plant=np.concatenate([np.full(total - counts.disposers, -1), _plant_kinds(counts.disposers)]),
        scale=np.concatenate([scale, np.full(rest, TRUCK)]),
    )


def _firm_sizes(generators: int, chances: Chances) -> tuple[Whole, Real]:
    """Class and yearly mass of each generator: classes by quota, lognormal within."""
    firms = np.arange(generators)
    bounds = np.round(np.cumsum([0.0] + [part for part, *_ in CLASSES]) * generators).astype(np.int64)
    bounds[-1] = generators
    order = np.argsort(chances.uniform("class", firms))
    size_class = np.empty(generators, np.int64)
    annual = np.empty(generators)
    for number, (part, mass, low, high) in enumerate(CLASSES):
        chosen = order[bounds[number] : bounds[number + 1]]
        size_class[chosen] = number
        mean = MEAN_G * mass / part
        drawn = np.exp(0.8 * chances.normal("size", chosen))
        annual[chosen] = np.clip(mean * drawn / drawn.mean() if len(chosen) else drawn, low * TONNE, high * TONNE)
    return size_class, annual


def _made(sites: Sites, counts: Counts, chances: Chances) -> tuple[Whole, Whole, Real, Real]:
    """What generators make: site, code, grams a year and grams a load."""
    firms = np.arange(counts.generators)
    kinds = np.array([3, 2, 2, 1])[sites.size_class[firms]]
    kinds[sites.industry[firms] == HOSPITAL] = 1
    site = np.repeat(firms, kinds)
    place = np.arange(len(site)) - np.repeat(np.cumsum(kinds) - kinds, kinds)
    table = np.array([[NUMBER[codes[k % len(codes)]] for k in range(3)] for codes in (one.codes for one in INDUSTRIES)])
    code = table[sites.industry[site], (place + np.repeat(chances.one_of("first code", 3, firms), kinds)) % 3]
    part = np.array([[1, 0, 0], [0.7, 0.3, 0], [0.55, 0.3, 0.15]])[kinds[site] - 1, place]
    annual = sites.annual_g[site] * part
    size = sites.size_class[site]
    stream = np.arange(len(site))
    large = chances.uniform("large load", stream, low=15, high=30) * TONNE
    middle = chances.uniform("middle load", stream, low=4, high=18) * TONNE
    load = np.select(
        [sites.industry[site] == HOSPITAL, size == 0, size == 1, size == 2],
        [annual / 182.5, large, middle, annual / 10],
        annual / chances.uniform("calls a year", stream, low=3, high=7),
    )
    # The largest firms are scaled so that the year has the manifests that the size says; passing on adds a tenth.
    scaled = size == 0
    rest = (annual / load)[~scaled].sum()
    factor = (0.88 * counts.manifests - rest) / (annual / load)[scaled].sum()
    annual[scaled] *= factor
    sites.annual_g[: counts.generators] = np.bincount(site, annual, counts.generators)
    return site, code, annual, np.minimum(load, LARGEST_LOAD_G * 0.8)


def _passed_on(counts: Counts, sites: Sites) -> tuple[list[Whole], list[Whole]]:
    """Streams of intermediates (each code that they collect, and a general waste) and of plants (their residue)."""
    intermediates = np.flatnonzero(sites.kind == INTERMEDIATE)
    codes = np.array([*COLLECTED, GENERAL])
    plants = np.flatnonzero(sites.kind == DISPOSER)
    residue = np.array([NUMBER[plant.residue] if plant.residue else -1 for plant in PLANTS])[sites.plant[plants]]
    return (
        [np.repeat(intermediates, len(codes)), plants[residue >= 0]],
        [np.tile(codes, counts.intermediates), residue[residue >= 0]],
    )


def _receivers(site: Whole, code: Whole, sites: Sites, chances: Chances, made: int) -> tuple[Whole, Whole]:
    stream = np.arange(len(site))
    main, other = np.full(len(site), -1), np.full(len(site), -1)
    wanted = np.array([KIND_NUMBER[waste.plant] for waste in WASTES])[code]
    for kind in range(len(PLANTS)):
        rows = np.flatnonzero(wanted == kind)
        among = np.flatnonzero(sites.plant == kind)
        main[rows] = nearest_of_some(rows, site[rows], among, sites.latitude, sites.longitude, chances, "main")
        other[rows] = among[chances.one_of("other receiver", len(among), rows)]
    among = np.flatnonzero(sites.kind == INTERMEDIATE)
    small = (stream < made) & (sites.size_class[site] >= 2) & np.isin(code, COLLECTED)
    share = np.where(sites.size_class[site] == 2, 0.4, 0.8)
    rows = np.flatnonzero(small & chances.happens("by an intermediate", share, stream))
    main[rows] = nearest_of_some(rows, site[rows], among, sites.latitude, sites.longitude, chances, "intermediate")
    own = (main == site) | (other == site)
    other[own] = main[own]
    return main, other


def _flow(
    site: Whole, code: Whole, main: Whole, other: Whole, share: Real, annual: Real, made: int, rate: Real, sites: int
) -> Real:
    """What each site receives in a year; fills in `annual` of what is passed on."""
    received: Real = np.zeros(sites)
    for _ in range(4):  # generator, intermediate, plant, kiln, landfill: four hands at most
        first, second = np.bincount(main, annual * (1 - share), sites), np.bincount(other, annual * share, sites)
        received = np.asarray(first + second, np.float64)
        inflow = np.bincount(main * len(WASTES) + code, annual * (1 - share), sites * len(WASTES))
        passed = inflow[site[made:] * len(WASTES) + code[made:]]
        annual[made:] = np.where(rate[site[made:]] > 0, received[site[made:]] * rate[site[made:]], passed)
    return received


def _carriers(site: Whole, loads: Real, sites: Sites, counts: Counts) -> tuple[Real, Real]:
    """Carriers stand in one row through the country, each with equal work; a stream takes those beside it."""
    order = spread_order(sites.latitude[site], sites.longitude[site], counts.carriers)
    share = loads[order] / loads.sum()
    start, width = np.empty(len(site)), np.empty(len(site))
    start[order] = np.cumsum(share) - share
    width[order] = share
    margin = 0.6 / counts.carriers
    return start - margin / 2, width + margin


def scale_error_kind(cast: Cast, site: Whole, mass: Real) -> Whole:
    """On what a site weighs such a mass: nobody puts a drum on the scale for trucks."""
    given = cast.sites.scale[site]
    return np.where((given == TRUCK) & (mass < 2 * TONNE), PLATFORM, given)


def distance_km(cast: Cast, first: Whole, second: Whole) -> Real:
    """By road: the great circle with the detour of that lane."""
    sites = cast.sites
    straight = kilometres(
        sites.latitude[first], sites.longitude[first], sites.latitude[second], sites.longitude[second]
    )
    detour = 1.2 + 0.25 * (((first * 7919 + second * 104729) % 1000) / 1000)
    return 2.0 + straight * detour
