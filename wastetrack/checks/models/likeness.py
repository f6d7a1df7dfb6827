"""How the trips look of loads that weights prove to be short, and how many others look the same.

Who leaves a part of a load on the way needs time for it, leaves the road, or falls silent; that is so whatever the gate
writes afterwards. How it looks is not assumed. Where no position was sent, only time was lost, and how long is weighed
as it is known (delays.py). Trips that were seen are sorted by how late they came, how well that is known, and
where they lost the time, and of each sort it is counted how many loads the scales have proved short. As many again are
expected among the others, where the gate wrote a likely weight. Beside all the trips of the sort they are the odds: a
sort that is full of honest rests says nothing, and one that hardly anybody but a thief has says nearly all.
"""

import dataclasses

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wastetrack.checks.model import Parameter, Settings
from wastetrack.checks.models.delays import Timed, log_likelihoods
from wastetrack.checks.models.lateness import lateness
from wastetrack.checks.models.paces import Paces
from wastetrack.checks.roads.whereabouts import UNSEEN, doubled, whereabouts
from wastetrack.extracts.reading import Records

LIKENESS = (
    Parameter("proved", 0.8, "1", "posterior of a great loss by its weights alone, that makes it proved",
              "design default"),
    Parameter("enough_proved", 10, "load", "proved, from which on their trips tell how such trips look",
              "design default"),
    Parameter("hidden", 1.3, "1", "losses that the gate hid, for each one that is proved: as many as it weighs, of "
              "which three of four are proved", "anomaly note 2.2"),
    Parameter("like_trips", 20, "load", "that what is usual for each sign alone counts for, among the proved",
              "design default"),
    Parameter("sign_cap", 3, "1", "log-odds that each sign of a trip may add or take: time lost, and where",
              "anomaly note 1.2, Fusion"),
)  # fmt: skip
SORT = ("where", "late", "known")
_FIRST_MINUTES = 10.0
"""Later than this is late at all; each sort of lateness is twice as late as the one before."""
_LATEST = 5
_KNOWN_MINUTES, _LEAST_KNOWN = 5.0, 3
"""So well it is known at best when a load was to come; each sort is known half as well as the one before."""

Counts = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


def signs(records: Records) -> ir.Table:
    """The trips of `lateness`, each with its sort."""
    return records.model("signs of trips", _signs)


def _signs(records: Records) -> ir.Table:
    trips = lateness(records)
    if "positions" in records.present:
        seen = trips.left_join(whereabouts(records), "manifest_id").drop("manifest_id_right")
        trips = seen.mutate(where=ibis.coalesce(seen.where, UNSEEN))
    else:
        trips = trips.mutate(where=ibis.literal(UNSEEN))
    late = doubled(trips.late_minutes, _FIRST_MINUTES, _LATEST - 1) + 1
    return trips.mutate(
        late=(trips.late_minutes < _FIRST_MINUTES).ifelse(0, late).cast("int64"),
        known=(trips.late_sigma < _KNOWN_MINUTES)
        .ifelse(0, doubled(trips.late_sigma, _KNOWN_MINUTES, _LEAST_KNOWN - 1) + 1)
        .cast("int64"),
    ).cache()


def sorts(heavy: ir.Table, proved: ir.Table, at: Settings) -> ir.Table:
    """Of each SORT: `trips`, `shorts` that are proved, `hidden` that are expected besides, `others` beside these, and
    `sign_odds`, the log-odds of a loss by it, without a cap. No row where too few are proved.

    `heavy` are the trips that are worth it, `proved` those of proved losses by manifest_id.
    """
    marked = heavy.left_join(proved.select("manifest_id", short=ibis.literal(1)), "manifest_id")
    counted = marked.group_by(SORT).agg(trips=marked.count(), shorts=marked.short.count()).order_by(*SORT).to_pyarrow()
    if sum(counted["shorts"].to_pylist()) < at.enough_proved:
        counted = counted.slice(0, 0)
    table = _Counted(
        where=_places(counted["where"]),
        late=_places(counted["late"]),
        known=_places(counted["known"]),
        trips=np.asarray(counted["trips"], np.float64),
        shorts=np.asarray(counted["shorts"], np.float64),
        weight=at.like_trips,
    )
    part = table.part_of_shorts()
    hidden = at.hidden * table.shorts.sum() * part
    others = table.others(hidden)
    odds = np.log(part * table.trips.sum() / others)
    for name, values in (("hidden", hidden), ("others", others), ("sign_odds", odds)):
        counted = counted.append_column(name, pa.array(values))
    return ibis.memtable(counted)


def looks(every: ir.Table, heavy_g: float, proved: ir.Table, sorted_: ir.Table, at: Settings) -> ir.Table:
    """`manifest_id`, and `sign_odds`, the log-odds of a loss by how the trip looked, for trips of `signs`; none where
    too few losses are proved.

    Trips that were seen have those of their sort, others those of the time that they took.
    """
    seen = every.filter(every.where != UNSEEN)
    by_sort = seen.join(sorted_.select(*SORT, "sign_odds"), list(SORT)).select("manifest_id", "sign_odds")
    unseen = every.filter(every.where == UNSEEN)
    marked = unseen.left_join(proved.select("manifest_id", short=ibis.literal(1)), "manifest_id")
    timed = marked.order_by("manifest_id").select(
        "manifest_id", "road_km", "took_minutes", "speed", "spread",
        heavy=marked.declared_g >= heavy_g, short=marked.short.notnull() & (marked.declared_g >= heavy_g),
    ).to_pyarrow()  # fmt: skip
    km, took, speed, spread = (
        np.asarray(timed[name], np.float64) for name in ("road_km", "took_minutes", "speed", "spread")
    )
    heavy, short = (np.asarray(timed[name], bool) for name in ("heavy", "short"))
    odds = np.zeros(0)
    if short.sum() < at.enough_proved:
        timed = timed.slice(0, 0)
    else:
        odds = log_likelihoods(Timed(km, took, Paces(speed, spread)), heavy, short)
    by_time = ibis.memtable(timed.select(["manifest_id"]).append_column("sign_odds", pa.array(odds)))
    return by_sort.union(by_time).cache()


def _places(column: pa.ChunkedArray) -> Places:
    return np.asarray(column.combine_chunks().dictionary_encode().indices, np.int64)


@dataclasses.dataclass(frozen=True, slots=True)
class _Counted:
    """A row a sort that occurs."""

    where: Places
    late: Places
    known: Places
    trips: Counts
    shorts: Counts
    weight: float
    """Proved loads that the more general count stands for, where the more special one is few."""

    def part_of_shorts(self) -> Counts:
        """Of all proved losses, the part in each sort: as counted, drawn to what its signs say one by one."""
        whole = self.trips.sum()
        usual_late = self._of([self.late], self.trips) / whole
        late = self._drawn([self.late], usual_late)
        known = self._drawn([self.known], self._of([self.known], self.trips) / whole)
        late_so_known = self._within(late)
        where = self._drawn([self.where], self._of([self.where], self.trips) / whole)
        alone = where * late_so_known * known
        part: Counts = (self.shorts + self.weight * alone) / (self.shorts.sum() + self.weight)
        return part

    def others(self, hidden: Counts) -> Counts:
        """Trips of each sort beside the proved and the hidden.

        How many there are is counted where these were, and one more; how late they came is drawn to what is usual.
        """
        left = self.trips - self.shorts - hidden
        there = np.maximum(self._of([self.where], left), 0.0) + 1.0
        left = np.maximum(left, 0.0)
        usual = self._of([self.late, self.known], self.trips) / self.trips.sum()
        part = (left + self.weight * usual) / (self._of([self.where], left) + self.weight)
        others: Counts = there * part
        return others

    def _drawn(self, signs_: list[Places], usual: Counts) -> Counts:
        drawn: Counts = (self._of(signs_, self.shorts) + self.weight * usual) / (self.shorts.sum() + self.weight)
        return drawn

    def _within(self, late: Counts) -> Counts:
        """Of those whose time is known so well, the part that is so late."""
        both = self._of([self.late, self.known], self.shorts)
        within: Counts = (both + self.weight * late) / (self._of([self.known], self.shorts) + self.weight)
        return within

    @staticmethod
    def _of(signs_: list[Places], values: Counts) -> Counts:
        """The sum of all rows with the same signs, at each of them."""
        _, group = np.unique(np.stack(signs_), axis=1, return_inverse=True)
        summed: Counts = np.bincount(group.ravel(), values).astype(np.float64)
        return summed[group.ravel()]
