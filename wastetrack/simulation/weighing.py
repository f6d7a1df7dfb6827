"""What scales show: the error of each weighing, one that stays with the scale and creeps, steps of the display."""

import dataclasses

import numpy as np

from wastetrack.simulation.cast import ESTIMATE, PLATFORM, TONNE, TRUCK, Cast, scale_error_kind
from wastetrack.simulation.chances import Chances, Real, Whole
from wastetrack.simulation.sizes import Untidiness
from wastetrack.simulation.trips import Trips
from wastetrack.simulation.wastes import WASTES

DIVISION_G = {TRUCK: 20_000, PLATFORM: 500}
"""Verification interval e: 60 t class III, and a platform scale."""
_GROSS_G = 18 * TONNE
"""Typical mass beside which the constant part of the error is said."""


@dataclasses.dataclass(frozen=True, slots=True)
class Weighing:
    """One side's result."""

    kind: Whole
    net_g: Whole
    gross_g: Whole
    tare_g: Whole


def largest_error_g(gross: Real) -> Real:
    """Permissible in service, 60 t class III, e = 20 kg: ±20, 40, 60 kg up to 10, 40, 60 t (OIML R76, JJG 539)."""
    return np.where(gross <= 10 * TONNE, 20_000.0, np.where(gross <= 40 * TONNE, 40_000.0, 60_000.0))


def weigh(
    cast: Cast,
    side: str,
    site: Whole,
    mass: Whole,
    key: Whole,
    vehicle: Whole,
    month: int,
    untidy: Untidiness,
    chances: Chances,
) -> Weighing:
    """Net, gross and tare of each mass on the scales of its site."""
    kind = scale_error_kind(cast, site, mass.astype(np.float64))
    steady = _steady(cast, site, kind, month, untidy, chances)
    random = chances.normal(f"{side} weighing", key)
    part = np.sqrt(1 - untidy.systematic_share)
    tare = np.where(kind == TRUCK, 9_000_000 + 20_000 * chances.one_of("tare", 300, vehicle), 0)
    gross = mass + tare
    truck_error = largest_error_g(gross.astype(np.float64)) / np.sqrt(3) * untidy.scale_error
    # The constant error of a scale grows with the mass on it; gross and tare each have a random one of their own.
    truck = steady * truck_error * np.sqrt(2) * mass / _GROSS_G + truck_error * part * random * np.sqrt(1.25)
    platform = untidy.platform_error * mass * (steady + part * random)
    estimate = untidy.estimate_error * mass * (0.5 * steady + random)
    error = np.select([kind == TRUCK, kind == PLATFORM], [truck, platform], estimate)
    net = np.maximum(mass + np.round(error).astype(np.int64), 0)
    if untidy.scale_error > 0:
        net = _displayed(net, kind)
    return Weighing(kind, net, net + tare, tare)


def _steady(cast: Cast, site: Whole, kind: Whole, month: int, untidy: Untidiness, chances: Chances) -> Real:
    """Of each site's scale, in standard deviations of its error: what it has for ever, and a step each month."""
    every, kinds = np.arange(len(cast.sites))[:, None], np.arange(3)[None, :]
    steady = np.sqrt(untidy.systematic_share) * chances.normal("scale", every, kinds)
    if untidy.drift_a_month > 0:
        for step in range(month + 1):
            steady = steady + untidy.drift_a_month * chances.normal("drift", every, kinds, step)
    return np.asarray(steady[site, kind])


def _displayed(net: Whole, kind: Whole) -> Whole:
    """To the division of the scale; who estimates says round numbers."""
    round_g = np.where(net >= 2 * TONNE, 100_000, np.where(net >= 100_000, 10_000, 1_000))
    small = np.where(net < 20_000, 50, DIVISION_G[PLATFORM])
    step = np.select([kind == TRUCK, kind == ESTIMATE], [DIVISION_G[TRUCK], round_g], small)
    return np.asarray(np.maximum((net + step // 2) // step, 1) * step)


def dry(trips: Trips, untidy: Untidiness, chances: Chances) -> Whole:
    """Grams that evaporate and drip on the road."""
    mean = np.array([waste.drying for waste in WASTES])[trips.code] * untidy.moisture
    lost = mean * np.exp(0.5 * chances.normal("drying", trips.key)) * trips.loaded_g
    return lost.astype(np.int64)
