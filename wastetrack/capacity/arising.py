"""What arises, stream by stream, and how long it may be kept: what every programme of an instance rests on."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity.carrying import NONE, Covers, Streams, Ways, covers_of, found, streams_of, ways_of
from wastetrack.capacity.model import Instance, Numbers, Positions

TONNE_G: Final = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What every programme of an instance rests on."""

    instance: Instance
    streams: Streams
    covers: Covers
    ways: Ways
    supply_g: NDArray[np.int64]
    """(streams, periods): arising, and what lay there before the first in the first."""
    opening_g: NDArray[np.int64]
    store_g: NDArray[np.int64]
    """What each stream may keep."""
    residue_stream: Positions
    """Where each row of residues arises again."""
    residue_accept: Positions
    """The row of accepts that leaves it."""
    active: NDArray[np.bool_]
    """(streams, periods): whether there can be anything."""


def ground_of(instance: Instance) -> Ground:
    """Streams, ways and masses by stream."""
    streams, covers = streams_of(instance), covers_of(instance)
    width, periods = len(instance.categories), len(instance.periods)
    key = streams.place * width + streams.category
    supply = np.zeros((len(streams), periods), dtype=np.int64)
    at = found(key, instance.supply.place * width + instance.supply.category)
    np.add.at(supply, (at, instance.supply.period), instance.supply.mass_g)
    opening, store = np.zeros(len(streams), dtype=np.int64), np.zeros(len(streams), dtype=np.int64)
    at = found(key, instance.stores.place * width + instance.stores.category)
    np.add.at(opening, at, instance.stores.opening_g)
    np.add.at(store, at, instance.stores.limit_g)
    residues = instance.residues
    place = instance.plants.place[instance.lines.plant[residues.line]]
    residue_stream = found(key, place * width + residues.leaves)
    accept_key = instance.accepts.line * width + instance.accepts.category
    order = np.argsort(accept_key, kind="stable")
    row = found(accept_key[order], residues.line * width + residues.category)
    residue_accept = np.where(row == NONE, NONE, order[np.maximum(row, 0)]) if len(order) else row
    arises = supply > 0
    arises[:, 0] |= opening > 0
    arises[residue_stream[residue_accept != NONE]] = True
    active = arises | ((store > 0)[:, None] & np.logical_or.accumulate(arises, axis=1))
    return Ground(
        instance=instance,
        streams=streams,
        covers=covers,
        ways=ways_of(instance, streams, covers),
        supply_g=supply,
        opening_g=opening,
        store_g=store,
        residue_stream=residue_stream,
        residue_accept=residue_accept,
        active=active,
    )


def tonnes(grams: NDArray[np.int64]) -> Numbers:
    """As the solver counts."""
    return grams / TONNE_G


def window_of(ground: Ground) -> tuple[NDArray[np.bool_], Numbers]:
    """Which streams have an age limit, and how much of a fixed inflow is young enough at the end of each period.

    What leaves is the oldest, so nothing is too old as long as no more is kept than arose in the last `max_age`
    periods; what lay there before counts as arisen in the period before the first.
    """
    instance = ground.instance
    ages = np.array([NONE if kind.max_age is None else kind.max_age for kind in instance.categories], dtype=np.int64)
    age = ages[ground.streams.category]
    periods = ground.supply_g.shape[1]
    inflow = np.cumsum(np.concatenate([ground.opening_g[:, None], ground.supply_g], axis=1), axis=1)
    inflow = np.concatenate([np.zeros((len(age), 1), dtype=np.int64), inflow], axis=1)
    before = np.clip(np.arange(periods)[None, :] + 2 - age[:, None], 0, None)
    young = inflow[:, 2:] - np.take_along_axis(inflow, np.minimum(before, periods + 1), axis=1)
    return age != NONE, np.where((age != NONE)[:, None], tonnes(young), np.inf)
