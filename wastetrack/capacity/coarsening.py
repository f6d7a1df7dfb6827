"""The same question with streams taken together by prefecture: quickly solved, with prices nearly the right ones.

They say which ways each stream will use, so that few columns stand at first and fewer are missing.
"""

import numpy as np

from wastetrack.capacity.arising import Ground
from wastetrack.capacity.carrying import NONE, Covers, Streams, Ways
from wastetrack.capacity.model import Positions


def coarse(ground: Ground, chosen: Positions) -> Ground:
    """Of the chosen ways inside provinces; rows of accepts, lines and plants stay what they are."""
    instance, streams = ground.instance, ground.streams
    prefecture = np.array([int(region[:4] or 0) for region in instance.places.regions], dtype=np.int64)
    width = len(instance.categories)
    key = prefecture[streams.place] * width + streams.category
    names, first, group = np.unique(key, return_index=True, return_inverse=True)
    count = len(names)

    def together(
        mass_g: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        total = np.zeros((count, *mass_g.shape[1:]), dtype=np.int64)
        np.add.at(total, group, mass_g)
        return total

    ways = ground.ways.taken(chosen)
    pair = group[ways.stream] * len(instance.accepts.line) + ways.accept
    _, one, which = np.unique(pair, return_index=True, return_inverse=True)
    weight = ground.supply_g.sum(axis=1)[ways.stream] + 1.0
    km = np.bincount(which, ways.km * weight) / np.bincount(which, weight)
    active = np.zeros((count, ground.active.shape[1]), dtype=bool)
    np.logical_or.at(active, group, ground.active)
    return Ground(
        instance=instance,
        streams=Streams(place=streams.place[first], category=streams.category[first]),
        covers=Covers(key=np.zeros(0, dtype=np.int64), limit_g=np.zeros(0, dtype=np.int64)),
        ways=Ways(
            stream=group[ways.stream[one]], line=ways.line[one], accept=ways.accept[one], km=km,
            crosses=np.zeros(len(one), dtype=bool), approval=np.full(len(one), NONE),
        ),
        supply_g=together(ground.supply_g),
        opening_g=together(ground.opening_g),
        store_g=together(ground.store_g),
        residue_stream=group[ground.residue_stream],
        residue_accept=ground.residue_accept,
        active=active,
    )  # fmt: skip
