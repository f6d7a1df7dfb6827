"""Who may carry what where: streams of waste, and the ways from them to permit items.

A stream is a category at a place. A way leads from a stream to a line that may take it: accepted by the permit item,
open to the place's group, within reach, and inside the province or covered by an approval. Ways are found by joining
sorted columns, so that a nation's are found without looking at pairs that cannot be.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity.model import OPEN_TO_ALL, Grams, Instance, Numbers, Positions

EARTH_RADIUS_KM: Final = 6371.0088
DETOUR: Final = 1.3
"""Roads are about so much longer than the great circle, where no matrix was given."""
NONE: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Streams:
    """Categories at places, in the order of their keys."""

    place: Positions
    category: Positions

    def __len__(self) -> int:
        return len(self.place)


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """From a stream to a line."""

    stream: Positions
    line: Positions
    accept: Positions
    """The row of the instance's `accepts`."""
    km: Numbers
    crosses: NDArray[np.bool_]
    """Whether it leaves the province."""
    approval: Positions
    """The row of `covers` that it uses up; NONE inside a province."""

    def __len__(self) -> int:
        return len(self.stream)

    def taken(self, which: NDArray[np.bool_] | Positions) -> "Ways":
        """Some of them."""
        return Ways(
            stream=self.stream[which],
            line=self.line[which],
            accept=self.accept[which],
            km=self.km[which],
            crosses=self.crosses[which],
            approval=self.approval[which],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Covers:
    """Approvals for the same place, plant and category taken together."""

    key: Positions
    limit_g: Grams


def provinces_of(instance: Instance) -> Positions:
    """The province of each place, as a number."""
    return np.array([int(region[:2] or 0) for region in instance.places.regions], dtype=np.int64)


def streams_of(instance: Instance) -> Streams:
    """All that arises, is kept or is left by treatment somewhere."""
    width = len(instance.categories)
    residues = instance.residues
    at = instance.plants.place[instance.lines.plant[residues.line]]
    keys = np.unique(
        np.concatenate(
            [
                instance.supply.place * width + instance.supply.category,
                instance.stores.place * width + instance.stores.category,
                at * width + residues.leaves,
            ]
        )
    )
    return Streams(place=keys // width, category=keys % width)


def covers_of(instance: Instance) -> Covers:
    """Approvals by place, plant and category."""
    approvals = instance.approvals
    key = (approvals.place * len(instance.plants) + approvals.plant) * len(instance.categories) + approvals.category
    keys, which = np.unique(key, return_inverse=True)
    limit = np.zeros(len(keys), dtype=np.int64)
    np.add.at(limit, which, approvals.limit_g)
    return Covers(key=keys, limit_g=limit)


def joined(left: Positions, right: Positions) -> tuple[Positions, Positions]:
    """All pairs of rows whose keys are equal: places on the left, places on the right."""
    order = np.argsort(right, kind="stable")
    sorted_right = right[order]
    first = np.searchsorted(sorted_right, left, side="left")
    count = np.searchsorted(sorted_right, left, side="right") - first
    rows = np.repeat(np.arange(len(left)), count)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    return rows, order[np.repeat(first, count) + within]


def found(keys: Positions, wanted: Positions) -> Positions:
    """Where each wanted one stands among sorted keys; NONE where it does not."""
    if not len(keys):
        return np.full(len(wanted), NONE)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, NONE)


def kilometres(instance: Instance, start: Positions, end: Positions) -> Numbers:
    """By road where a matrix was given, else great-circle times a detour."""
    places = instance.places
    longitude, latitude = np.radians(places.longitude), np.radians(places.latitude)
    half = (
        np.sin((latitude[end] - latitude[start]) / 2) ** 2
        + np.cos(latitude[start]) * np.cos(latitude[end]) * np.sin((longitude[end] - longitude[start]) / 2) ** 2
    )
    km: Numbers = 2 * EARTH_RADIUS_KM * DETOUR * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    if not instance.roads:
        return km
    count = len(places)
    ends = np.array([(min(pair), max(pair)) for pair in instance.roads], dtype=np.int64)
    key = ends[:, 0] * count + ends[:, 1]
    order = np.argsort(key, kind="stable")
    given = np.array(list(instance.roads.values()), dtype=np.float64)[order]
    at = found(key[order], np.minimum(start, end) * count + np.maximum(start, end))
    return np.where(at == NONE, km, given[np.maximum(at, 0)])


def ways_of(instance: Instance, streams: Streams, covers: Covers) -> Ways:
    """All ways that are allowed."""
    province = provinces_of(instance)
    accepts, lines, plants = instance.accepts, instance.lines, instance.plants
    width, top = len(instance.categories), 100
    plant = lines.plant[accepts.line]
    at = plants.place[plant]
    inside, accept = joined(streams.category * top + province[streams.place], accepts.category * top + province[at])
    streams_key = streams.place * width + streams.category
    rest, category = np.divmod(covers.key, width)
    place, approved_plant = np.divmod(rest, max(len(plants), 1))
    cover, approved = joined(approved_plant * width + category, plant * width + accepts.category)
    stream = found(streams_key, place[cover] * width + category[cover])
    outside = (stream != NONE) & (province[place[cover]] != province[at[approved]])
    inner = np.full(len(inside), NONE)
    stream = np.concatenate([inside, stream[outside]])
    accept = np.concatenate([accept, approved[outside]])
    approval = np.concatenate([inner, cover[outside]])
    line = accepts.line[accept]
    start = streams.place[stream]
    group = lines.group[line]
    open_to = (group == OPEN_TO_ALL) | (group == instance.places.group[start])
    km = kilometres(instance, start, at[accept])
    keep = open_to & (km <= instance.reach_km)
    ways = Ways(stream=stream, line=line, accept=accept, km=km, crosses=approval != NONE, approval=approval).taken(keep)
    return ways.taken(np.lexsort((ways.km, ways.stream)))
