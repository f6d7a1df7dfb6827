"""Charts of what each carrier, pair and plant loses, and the limits that honest history sets them.

Each chart has a mirror: the same loads with losses and gains exchanged. Bad scales, drift and clerical errors fill
both, a theft only the one; so the mirror shows how high a chart climbs where nobody steals, in this very data. Highest
points of charts of n honest loads follow exp(-n C exp(-θ h)); C and θ are fitted to the lower half of the mirrors,
which a few odd streams cannot move, and h is where honest charts pass once in 50 stream-years.
"""

import dataclasses
import math
from datetime import datetime

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wastetrack.checks.charts import cusum
from wastetrack.checks.expressions import hours, plus_hours
from wastetrack.checks.models.scale_effects import KEY, OF, baselines, charted
from wastetrack.extracts.reading import Records

Numbers = npt.NDArray[np.float64]

HUBER = 1.5
"""Standard uncertainties that a load of another carrier may tell of a scale (Huber 1964)."""
SURE = 2.0
"""Standard deviations of creeping that a stream is allowed."""
LADDER = (1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0)
"""A limit is its textbook value times one of these: never less, so that quiet data does not make it nervous."""
CREPT = tuple(f"{side}_scale_crept{of}" for side in ("sent", "taken") for of in ("", "_of_carrier"))
ENOUGH = 20
"""Streams of at least so many loads, and at least so many streams, from which limits are learned."""


@dataclasses.dataclass(frozen=True, slots=True)
class Chart:
    """One cumulative sum: what it allows each load, the greatest of k standard uncertainties, a part of its mass, and
    what its scales may have crept since they were learned; and the textbook limit."""

    name: str
    k: float
    h: float
    share: float = 0.0


def allowed(rows: ir.Table, k: ir.FloatingValue | float, share: float) -> ir.FloatingValue:
    """What a chart allows each load, in its standard uncertainties."""
    crept = ibis.greatest(ibis.literal(share), rows.crept * SURE)
    return ibis.greatest(k if isinstance(k, ir.Value) else ibis.literal(k), rows.sent_g * crept / rows.real_sigma_g)


def judged(records: Records, as_of: datetime) -> ir.Table:
    """Each load of which the scales are known, with `z`, its loss in standard uncertainties, and `seen_at`, when it
    could be judged."""
    return records.model(f"judged loads {as_of.isoformat()}", lambda given: _judged(given, as_of))


def _judged(records: Records, as_of: datetime) -> ir.Table:
    rows = _beside_others(_beside_others(_against_baseline(records, as_of), "taken_scale"), "sent_scale")
    sigma = (rows.own_sigma_g.pow(2.0) + (rows.sent_g * rows.unsure).pow(2.0)).sqrt()
    return (
        rows.mutate(z=(rows.loss_g / sigma).clip(lower=-OF["clip"], upper=OF["clip"]), real_sigma_g=sigma)
        .select(
            "manifest_id", "carrier_id", "shipper_site_id", "receiver_site_id", "known_at", "seen_at", "sent_g",
            "loss_g", "plain_g", "z", "real_sigma_g", *CREPT,
        )
        .cache()
    )  # fmt: skip


def _beside_others(rows: ir.Table, scale: str) -> ir.Table:
    """The losses less what other carriers lose on the same scale in the same month.

    A scale that was adjusted or creeps takes from all alike; what a carrier takes is not in the loads of others. Each
    load of another tells no more than HUBER: else a thief among them would make its honest neighbours look like
    gaining, and theirs like losing.
    """
    part = (rows.loss_g / rows.own_sigma_g).clip(lower=-HUBER, upper=HUBER)
    weight = rows.sent_g / rows.own_sigma_g
    rows = rows.mutate(seen_s=rows.seen_at.epoch_seconds(), told=part * weight, precision=weight.pow(2.0))
    month = int(OF["period_days"]) * 86_400
    sums: dict[str, ir.Value] = {}
    for name, by in (("all", [scale]), ("own", [scale, "carrier_id"]), ("whole", ["carrier_id"])):
        window = ibis.range_window(group_by=by, order_by="seen_s", preceding=month, following=0)
        sums |= {f"{what}_{name}": rows[what].sum().over(window) for what in ("told", "precision")}
    both = rows.mutate(**sums)
    drift = ibis.greatest(OF["drift"], OF["drift"] / OF["scale"] * OF["steady"] * both.own_sigma_g / both.sent_g)
    variance = 1.0 / ((both.precision_all - both.precision_own).clip(lower=0.0) + 1.0 / drift.pow(2.0))
    common = (both.told_all - both.told_own) * variance
    moved = both.mutate(
        loss_g=both.loss_g - both.sent_g * common,
        unsure=(both.unsure.pow(2.0) + variance).sqrt(),
        **{
            f"{scale}_crept": variance.sqrt(),
            f"{scale}_crept_of_carrier": variance.sqrt() * both.precision_own / both.precision_whole,
        },
    )
    return moved.drop("seen_s", "told", "precision", *sums)


def _against_baseline(records: Records, as_of: datetime) -> ir.Table:
    every = charted(records, as_of).inner_join(baselines(records, as_of), KEY)
    loss = every.difference_g - every.sent_g * every.baseline
    started = every.started_s.as_timestamp("s").cast("timestamp('UTC')")
    learned_at = plus_hours(started, every.learned_s / 3600.0)
    rows = every.select(
        "manifest_id", "carrier_id", "shipper_site_id", "receiver_site_id", "sent_scale", "taken_scale",
        "sent_method", "taken_method", "known_at", "sent_g", "sigma_g", "unsure",
        loss_g=loss,
        plain_g=loss,
        raw=loss / every.sigma_g,
        seen_at=ibis.greatest(every.known_at, learned_at),
    )  # fmt: skip
    spread = rows.group_by("sent_method", "taken_method").agg(
        spread=((rows.raw.quantile(0.75) - rows.raw.quantile(0.25)) / 1.349).clip(lower=0.2, upper=3.0)
    )
    both = rows.inner_join(spread, ["sent_method", "taken_method"])
    return both.mutate(own_sigma_g=both.sigma_g * both.spread).filter(both.seen_at <= as_of)


def streams(rows: ir.Table, kind: str) -> ir.Table:
    """The loads with `stream`, whose they are: a carrier's, a shipper and carrier's, or a receiving plant's; and
    `crept`, the part that scales which no other carrier tells of may have moved: all of it where the stream has one
    scale, less where many cancel."""
    pair = rows.shipper_site_id + "/" + rows.carrier_id
    stream = {"carrier": rows.carrier_id, "pair": pair, "facility": rows.receiver_site_id}[kind]
    sent = rows.sent_scale_crept if kind == "pair" else rows.sent_scale_crept_of_carrier
    taken = rows.taken_scale_crept if kind == "facility" else rows.taken_scale_crept_of_carrier
    return rows.mutate(stream=stream, crept=(sent.pow(2.0) + taken.pow(2.0)).sqrt())


def charts_of(rows: ir.Table, charts: tuple[Chart, ...]) -> ir.Table:
    """The loads of streams with each chart and its mirror (`mirror_…`)."""
    losses = {chart.name: rows.z - allowed(rows, chart.k, chart.share) for chart in charts}
    gains = {f"mirror_{chart.name}": -rows.z - allowed(rows, chart.k, chart.share) for chart in charts}
    return cusum(rows, "stream", ("seen_at", "known_at", "manifest_id"), losses | gains)


def heights(loads: ir.Table, kind: str, charts: tuple[Chart, ...]) -> pa.Table:
    """One row a stream: loads, seconds, the mirrors' highest points, and when each chart passed each rung of the
    ladder."""
    rows = charts_of(streams(loads, kind), charts)
    columns: dict[str, ir.Value] = {
        "n": rows.count(),
        "seconds": hours(rows.known_at.min(), rows.known_at.max()) * 3600.0,
    }
    for chart in charts:
        columns[f"mirror_{chart.name}"] = rows[f"mirror_{chart.name}"].max()
        for rung, times in enumerate(LADDER):
            columns[f"{chart.name}_{rung}"] = rows.seen_at.min(where=rows[chart.name] > chart.h * times)
    every = rows.group_by("stream").agg(**columns)
    return every.to_pyarrow()


def limits(found: pa.Table, charts: tuple[Chart, ...], years_between: float) -> dict[str, int]:
    """The rung of the ladder of each chart at which an honest stream alarms once in so many stream-years."""
    n = np.asarray(found["n"], dtype=np.float64)
    long = n >= ENOUGH
    if np.count_nonzero(long) < ENOUGH:
        return {chart.name: 0 for chart in charts}
    years = np.maximum(np.asarray(found["seconds"], dtype=np.float64)[long] / 31_557_600, 1 / 12)
    yearly = float(np.median(n[long] / years))
    rungs = {}
    for chart in charts:
        high = np.asarray(found[f"mirror_{chart.name}"], dtype=np.float64)[long]
        wanted = honest_limit(n[long], high, chart.k, yearly * years_between)
        ladder = np.asarray(LADDER) * chart.h
        rungs[chart.name] = min(int(np.searchsorted(ladder, wanted - 1e-9)), len(LADDER) - 1)
    return rungs


def honest_limit(n: Numbers, high: Numbers, k: float, loads: float) -> float:
    """The h that a chart passes once in so many loads, by the highest points of honest charts of n loads each."""
    theta = 2 * k
    for _ in range(20):
        reduced = high - np.log(n) / theta
        low, middle = np.quantile(reduced, [0.1, 0.5])
        # the lower half of a Gumbel distribution is 1.2006 / θ wide
        theta = float(np.clip(1.2006 / max(middle - low, 1e-6), k / 2, 2 * k))
    constant = math.log(math.log(2)) + theta * float(np.quantile(high - np.log(n) / theta, 0.5))
    return (constant + math.log(loads)) / theta
