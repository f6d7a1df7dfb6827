"""What each scale reads too much or too little, learned without learning a theft.

The difference of a load by its mass is a(shipper's scale) + c(receiver's scale) + lane + code + b(carrier, month) +
noise, all shrunken towards nought; the code's part is what its waste drips and dries on the road. Scales, lanes and
codes are the baseline, a carrier is none: whatever a carrier's loads have in
common in a month is its own, so that a loss that begins later does not move the scales it passes. Three things keep
it out further: loads are clipped at 4 s and cells that fit badly lose weight (Huber); each load is judged by what
was learned before its month; and a scale once learned (30 loads or 120 days) may later move by no more than `drift`
of the load.

A loss that is there from the first day is seen where its carrier shares shippers with others, or has many: then it
differs from them. A carrier that alone serves few shippers is judged against its own first months, and what it took
from the first day on is invisible: no arithmetic tells it from a scale that reads too little.
"""

import math
from datetime import datetime

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse
from scipy.sparse import csgraph

from wastetrack.checks.model import Parameter
from wastetrack.checks.models.crossed import effects
from wastetrack.checks.models.rounding import same_sums
from wastetrack.checks.models.weighing import loads
from wastetrack.extracts.reading import Records

LEARNING = (
    Parameter("period_days", 30, "d", "after which all is learned anew", "anomaly note R04: monthly"),
    Parameter("periods", 4, "period", "from which is learned", "anomaly note R04: 120 days"),
    Parameter("loads", 30, "load", "after which a scale counts as learned earlier", "anomaly note R04"),
    Parameter(
        "gross", 0.10, "1", "part of the load above which a difference is an error, not a loss", "anomaly note R04"
    ),
    Parameter("clip", 4, "s", "at which a single load counts no more", "anomaly note R04"),
    Parameter("lately", 60, "load", "of a gate by which its copies are told", "design default"),
    Parameter("copied", 3.09, "s", "more equal weights than chance, from which they are copies", "one-sided 0.1 %"),
    Parameter("scale", 0.002, "1", "prior deviation of a scale", "1 to 2 e on 20 t, design default"),
    Parameter(
        "steady", 0.8, "1", "of the error of a class that stays with a scale", "0.8² of the variance, design default"
    ),
    Parameter("lane", 0.0005, "1", "prior deviation of a lane", "design default"),
    Parameter("code", 0.004, "1", "prior deviation of what a code loses on the road", "design default"),
    Parameter("carrier", 0.003, "1", "prior deviation of a carrier's month", "design default"),
    Parameter(
        "drift", 0.001, "1", "how far a learned scale may move; a coarse one further", "1 e on 20 t, design default"
    ),
    Parameter("shared", 0.3, "1", "part of a carrier's loads at shippers that others serve too", "design default"),
    Parameter("shippers", 20, "shipper", "that tell a carrier from its shippers' scales", "design default"),
)
OF = {parameter.name: parameter.default for parameter in LEARNING}
KEY = ("sent_scale", "taken_scale", "carrier_id", "period", "waste_code")
USUAL = ("sent_scale", "waste_code", "period")
MANY = 3
"""Carriers from which one can tell what most of them have in common."""
PERIOD_S = int(OF["period_days"]) * 86_400

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


def dated(records: Records, as_of: datetime) -> ir.Table:
    """All loads that were known, with `difference_g` and `period`, the month of learning, and when months begin."""
    return records.model(f"dated loads {as_of.isoformat()}", lambda given: _dated(given, as_of))


def _dated(records: Records, as_of: datetime) -> ir.Table:
    return put_in_months(loads(records), loads(records), as_of)


def put_in_months(every: ir.Table, first: ir.Table, as_of: datetime) -> ir.Table:
    """Loads that were known, with their difference and the month of learning, which begin with the `first` loads."""
    # a few impossible dates must not begin the months
    started = first.known_at.epoch_seconds().cast("float64").quantile(0.0005).to_pyarrow().as_py() or 0.0
    return every.filter(every.known_at <= as_of).mutate(
        difference_g=(every.sent_g - every.taken_g).cast("float64"),
        period=((every.known_at.epoch_seconds() - started) / PERIOD_S).floor().clip(lower=0).cast("int64"),
        started_s=ibis.literal(int(started), "int64"),
    )


def charted(records: Records, as_of: datetime) -> ir.Table:
    """Loads that a chart can use: no gross error, nothing rejected, a carrier, and weighed twice."""
    every = dated(records, as_of)
    return _weighed(
        every.filter(
            ~every.rejected,
            every.carrier_id.notnull(),
            every.difference_g.abs() <= every.sent_g * OF["gross"],
        )
    )


def _weighed(rows: ir.Table) -> ir.Table:
    """Without the equal weights of a gate that writes more of them, among its last loads or those of a shipper, than
    two scales agree.

    Its copies would pass for what its scale reads, and the loads that it does weigh for a loss: a carrier whose loads
    are weighed would look like a thief beside those whose are copied.
    """
    equal = (rows.sent_g == rows.taken_g).cast("float64")
    by_scales = ibis.coalesce(rows.division_g, 0) / (rows.sigma_g * math.sqrt(2.0 * math.pi))
    methods = ibis.window(group_by=["sent_method", "taken_method"])
    rows = rows.mutate(equal=equal).mutate(chance=lambda t: ibis.greatest(by_scales, t.equal.mean().over(methods)))
    copies: ir.BooleanValue = ibis.literal(value=False)
    for by in (["taken_scale"], ["taken_scale", "sent_scale"]):
        lately = ibis.window(
            group_by=by, order_by=["known_at", "manifest_id"], preceding=int(OF["lately"]) - 1, following=0
        )
        expected = rows.chance.sum().over(lately)
        copies |= rows.equal.sum().over(lately) > expected + OF["copied"] * (expected + 1.0).sqrt()
    told = rows.mutate(copies=copies)
    return told.filter(~((told.equal > 0) & told.copies)).drop("equal", "chance", "copies")


def baselines(records: Records, as_of: datetime) -> ir.Table:
    """For each KEY that is learned: `baseline` and its uncertainty `unsure`, parts of the load, and `learned_s`,
    seconds from the first load until it was known."""
    return records.model(f"scale effects {as_of.isoformat()}", lambda given: _fitted(given, as_of))


def _fitted(records: Records, as_of: datetime) -> ir.Table:
    every = charted(records, as_of)
    every = every.mutate(raw=every.difference_g / every.sigma_g)
    # a code that dries by 2 % lies beyond 4 s of a truck scale: single loads are clipped about what is usual there
    usual = every.group_by(*USUAL).agg(middle=every.raw.quantile(0.5))
    every = every.inner_join(usual, USUAL)
    clipped = every.middle + (every.raw - every.middle).clip(lower=-OF["clip"], upper=OF["clip"])
    part = every.sent_g / every.sigma_g
    cells = every.group_by(*KEY).agg(n=every.count(), precision=part.pow(2.0).sum(), loss=(clipped * part).sum())
    # in one order and with the same last digits, so that the same cells give the same numbers on each engine
    return ibis.memtable(learned(same_sums(cells.order_by(*KEY).to_pyarrow())))


def learned(cells: pa.Table) -> pa.Table:
    """The baseline of each cell that is learned, from sums over cells (`n`, `precision` Σ(W/s)², `loss` Σ d/s ·
    W/s)."""
    learning = _Learning(cells)
    names = [cells[name] for name in KEY]
    baseline, unsure, since, known = learning.baselines()
    told = pa.table(
        [*names, pa.array(baseline), pa.array(unsure), pa.array(since * PERIOD_S)],
        names=[*KEY, "baseline", "unsure", "learned_s"],
    )
    return told.filter(pa.array(known))


def _codes(column: pa.ChunkedArray) -> Codes:
    return np.asarray(column.combine_chunks().dictionary_encode().indices, dtype=np.int64)


class _Learning:
    """Month after month over the cells; a period's fit sees only the periods before it."""

    def __init__(self, cells: pa.Table) -> None:
        self.sent, self.taken, self.carrier, self.code = (_codes(cells[name]) for name in (*KEY[:3], "waste_code"))
        self.period = np.asarray(cells["period"], dtype=np.int64)
        self.n, self.precision, self.loss = (
            np.asarray(cells[name], dtype=np.float64) for name in ("n", "precision", "loss")
        )
        _, self.lane = np.unique(self.sent * (self.taken.max(initial=0) + 1) + self.taken, return_inverse=True)
        self.last = int(self.period.max(initial=0))
        self.sent_since = self._since(self.sent)
        self.taken_since = self._since(self.taken)
        self.carrier_since = self._since(self.carrier)

    def _since(self, codes: Codes) -> Codes:
        """For each scale the first fit that knows it: after 30 loads, or 120 days after its first."""
        size, periods = int(codes.max(initial=-1)) + 1, self.last + 1
        counts = np.zeros((size, periods))
        np.add.at(counts, (codes, self.period), self.n)
        summed = counts.cumsum(axis=1)
        first = (summed > 0).argmax(axis=1)
        enough = np.where(summed[:, -1] >= OF["loads"], (summed >= OF["loads"]).argmax(axis=1) + 1, periods + 10**6)
        return np.asarray(np.minimum(enough, first + int(OF["periods"])), dtype=np.int64)

    def baselines(self) -> tuple[Numbers, Numbers, Codes, npt.NDArray[np.bool_]]:
        """Of each cell: the baseline, its uncertainty, the fit from which it was known, and whether there was one."""
        judged_by = np.maximum(self.period, self.sent_since[self.sent])
        baseline, unsure = np.zeros(self.n.size), np.zeros(self.n.size)
        state = _Effects(self)
        for fit in range(1, self.last + 1):
            state.learn(fit)
            here = judged_by == fit
            baseline[here], unsure[here] = state.of(here)
        return baseline, unsure, self.sent_since[self.sent], (judged_by >= 1) & (judged_by <= self.last)


class _Effects:
    """What is known of scales, lanes and carriers at a fit."""

    def __init__(self, cells: _Learning) -> None:
        self.cells = cells
        self.scales = [_Scales(cells.sent, cells.sent_since), _Scales(cells.taken, cells.taken_since)]
        self.lanes = np.zeros(int(cells.lane.max(initial=-1)) + 1)
        self.codes = np.zeros(int(cells.code.max(initial=-1)) + 1)
        carriers = int(cells.carrier.max(initial=-1)) + 1
        self.level = np.zeros(carriers)
        self.own = np.zeros(carriers)
        """Of carriers that nothing else tells from their shippers' scales: what they had when they were learned."""

    def learn(self, fit: int) -> None:
        cells = self.cells
        window = np.flatnonzero((cells.period < fit) & (cells.period >= fit - int(OF["periods"])))
        if not window.size:
            return
        months, month = np.unique(cells.carrier[window] * (cells.last + 1) + cells.period[window], return_inverse=True)
        n, precision = cells.n[window], cells.precision[window]
        for scales in self.scales:
            scales.expect(
                _sums(scales.codes[window], n, scales.size), _sums(scales.codes[window], precision, scales.size)
            )
        sent, taken = self.scales
        found = effects(
            [cells.sent[window], cells.taken[window], cells.lane[window], month, cells.code[window]],
            [sent.prior, taken.prior, OF["lane"], OF["carrier"], OF["code"]],
            precision,
            cells.loss[window],
            first=(2, 0),  # a lane has one shipper's scale
        )
        for scales, values in zip(self.scales, found, strict=False):
            scales.take(values, _sums(scales.codes[window], precision, scales.size), fit)
        seen = np.unique(cells.lane[window])
        self.lanes[seen] = found[2][seen]  # a lane is shrunken so much that nothing worth taking hides in it
        seen = np.unique(cells.code[window])
        self.codes[seen] = found[4][seen]
        self._settle_carriers(window, months // (cells.last + 1), found[3], _sums(month, cells.precision[window]), fit)

    def _settle_carriers(self, window: Codes, carrier: Codes, effect: Numbers, weight: Numbers, fit: int) -> None:
        """A carrier that shares no shippers is measured against its own mean, as it was when it was learned."""
        cells, size = self.cells, self.own.size
        mean = np.bincount(carrier, effect * weight, size) / np.maximum(np.bincount(carrier, weight, size), 1e-300)
        self.level[:] = self._levels(window, mean)
        alone = ~_told_apart(cells.sent[window], cells.carrier[window], cells.precision[window], size)
        seen = np.bincount(carrier, weight, size) > 0
        young = seen & (fit <= cells.carrier_since)
        self.own[young] = np.where(alone, mean - self.level, 0.0)[young]

    def _levels(self, window: Codes, mean: Numbers) -> Numbers:
        """What most carriers that meet each other have in common is no carrier's: it is the scales'."""
        cells, size = self.cells, self.own.size
        places = [cells.carrier[window], size + cells.sent[window], size + self.scales[0].size + cells.taken[window]]
        whole = size + sum(scales.size for scales in self.scales)
        both = [np.tile(places[0], 2), np.concatenate(places[1:])]
        graph = sparse.csr_matrix((np.ones(both[0].size), (both[0], both[1])), (whole, whole))
        part = csgraph.connected_components(graph, directed=False)[1][:size]
        here = np.unique(places[0])
        level = np.zeros(size)
        order = here[np.lexsort((mean[here], part[here]))]
        _, begin, count = np.unique(part[order], return_index=True, return_counts=True)
        low, high = mean[order[begin + (count - 1) // 2]], mean[order[begin + count // 2]]
        level[order] = np.repeat(np.where(count >= MANY, (low + high) / 2, 0.0), count)
        return level

    def of(self, here: npt.NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
        cells = self.cells
        sent, taken = self.scales
        baseline = (
            sent.value[cells.sent[here]] + taken.value[cells.taken[here]] + self.lanes[cells.lane[here]]
            + self.codes[cells.code[here]] + self.own[cells.carrier[here]] + self.level[cells.carrier[here]]
        )  # fmt: skip
        return baseline, np.sqrt(sent.variance[cells.sent[here]] + taken.variance[cells.taken[here]])


class _Scales:
    """The scales of one side; each keeps what it first was and may move from there by little."""

    def __init__(self, codes: Codes, since: Codes) -> None:
        self.codes, self.since, self.size = codes, since, since.size
        self.value = np.zeros(self.size)
        self.first = np.full(self.size, np.nan)
        self.prior = np.full(self.size, OF["scale"])
        self.variance = self.prior**2

    def expect(self, n: Numbers, precision: Numbers) -> None:
        """How much each may read wrongly: a coarse scale, or one of light loads, as much as its class lets it err."""
        seen = precision > 0
        self.prior[seen] = np.maximum(OF["scale"], OF["steady"] * np.sqrt(n[seen] / precision[seen]))

    def take(self, values: Numbers, precision: Numbers, fit: int) -> None:
        values = np.pad(values, (0, self.size - values.size))
        seen = precision > 0
        fresh = seen & np.isnan(self.first) & (fit >= self.since)
        self.first[fresh] = values[fresh]
        bound = np.nan_to_num(self.first, nan=0.0)
        free = np.isnan(self.first)
        drift = self.prior * (OF["drift"] / OF["scale"])
        kept = np.where(free, values, np.clip(values, bound - drift, bound + drift))
        self.value[seen] = kept[seen]
        self.variance[seen] = 1.0 / (1.0 / self.prior[seen] ** 2 + precision[seen])


def _sums(codes: Codes, values: Numbers, size: int = 0) -> Numbers:
    return np.asarray(np.bincount(codes, values, size), dtype=np.float64)


def _told_apart(sent: Codes, carrier: Codes, precision: Numbers, carriers: int) -> npt.NDArray[np.bool_]:
    """Carriers that others stand beside at their shippers' scales, or that have so many shippers that these cancel."""
    pair, at = np.unique(sent * carriers + carrier, return_inverse=True)
    weight = np.bincount(at, precision)
    scale, who = pair // carriers, pair % carriers
    all_of_scale = np.bincount(scale, weight)
    shared = weight <= 0.9 * all_of_scale[scale]
    total = np.maximum(np.bincount(who, weight, carriers), 1e-300)
    part = np.bincount(who, weight * shared, carriers) / total
    effective = total**2 / np.maximum(np.bincount(who, weight**2, carriers), 1e-300)
    return (part >= OF["shared"]) | (effective >= OF["shippers"])
