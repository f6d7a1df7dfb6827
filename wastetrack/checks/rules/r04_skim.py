"""R04: a little is missing of every load; the sum of it cannot be chance.

Losses are judged after what each scale reads too much or too little, and summed along every carrier, every shipper and
carrier, and every plant. A carrier is named where others stand beside it; else only the pair is.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.skim import LADDER, Chart, allowed, heights, judged, limits, streams
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

ACCUSING = 2
"""Kinds of streams that come back to a carrier, its own and its pairs': what may be false is shared between them."""
ALARMS = pa.schema(
    [
        ("stream", pa.string()),
        ("chart", pa.string()),
        ("k", pa.float64()),
        ("h", pa.float64()),
        ("found_at", pa.timestamp("us", tz="UTC")),
    ]
)


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    charts = (Chart("main", at.k, at.h, at.allowed_share), Chart("watch", at.watch_k, at.watch_h, at.allowed_share))
    rows = judged(records, as_of)
    carrier, pair = (_explained(rows, _alarms(rows, kind, charts, at), kind, at) for kind in ("carrier", "pair"))
    # a plant at which one dishonest carrier unloads is not dishonest itself
    widely = carrier.filter(carrier.top_receiver < at.most_share).select(carrier_id=carrier.stream)
    others = rows.anti_join(widely, "carrier_id")
    facility = _explained(others, _alarms(others, "facility", charts, at), "facility", at)
    plants = facility.filter(facility.carriers >= at.beside, facility.top_carrier < at.most_share)
    # a loss at one plant that others lose too is the plant's
    elsewhere = carrier.anti_join(
        plants, [carrier.top_receiver_id == plants.stream, carrier.top_receiver >= at.most_share]
    )
    crossed = (elsewhere.carriers_beside >= at.beside) | (elsewhere.receivers >= at.beside)
    spread = (elsewhere.pairs == 1) | (elsewhere.top_pair < at.most_share)
    named = elsewhere.filter(crossed, spread)
    pairs = pair.anti_join(named, [pair.top_carrier_id == named.stream])
    pairs = pairs.anti_join(plants, [pairs.top_receiver_id == plants.stream, pairs.top_receiver >= at.most_share])
    return _told(named, "carrier", at).union(_told(pairs, "pair", at), _told(plants, "site", at))


def _alarms(rows: ir.Table, kind: str, charts: tuple[Chart, ...], at: Settings) -> ir.Table:
    """Which charts of a kind passed their limit, and when: the main one where both did."""
    found = heights(rows, kind, charts)
    # as many false pairs as false carriers may be: there are more of them
    share = max(1.0, found.num_rows / max(1, _carriers(rows))) if kind == "pair" else 1.0
    rungs = limits(found, charts, at.years * len(charts) * ACCUSING * share)
    passed = {chart.name: found[f"{chart.name}_{rungs[chart.name]}"] for chart in charts}
    alarm = np.zeros(found.num_rows, dtype=bool)
    parts = []
    for chart in charts:
        now = np.asarray(passed[chart.name].is_valid()) & ~alarm
        alarm |= now
        here = found.filter(pa.array(now))
        size = here.num_rows
        h = chart.h * LADDER[rungs[chart.name]]
        first = here[f"{chart.name}_{rungs[chart.name]}"]
        parts.append(
            pa.table(
                [
                    here["stream"],
                    pa.array([chart.name] * size, pa.string()),
                    pa.array([chart.k] * size, pa.float64()),
                    pa.array([h] * size, pa.float64()),
                    first,
                ],
                names=ALARMS.names,
            ).cast(ALARMS)
        )
    return ibis.memtable(pa.concat_tables(parts))


def _carriers(rows: ir.Table) -> int:
    return int(rows.carrier_id.nunique().to_pyarrow().as_py())


def _explained(rows: ir.Table, alarms: ir.Table, kind: str, at: Settings) -> ir.Table:
    """For each alarm: since when the loss ran, how much it was, and who was there."""
    here = streams(rows, kind).inner_join(alarms, "stream")
    window = ibis.window(
        group_by=here.stream, order_by=[here.seen_at, here.known_at, here.manifest_id], preceding=None, following=0
    )
    summed = here.mutate(total=(here.z - allowed(here, here.k, at.allowed_share)).sum().over(window))
    lowest = summed.mutate(low=ibis.least(summed["total"].min().over(window), 0.0))
    up = lowest.mutate(height=lowest["total"] - lowest.low).cache()  # few streams alarm, and each is asked for often
    before = (
        up.filter(up.seen_at <= up.found_at)
        .group_by("stream")
        .agg(quiet_at=lambda t: t.seen_at.max(where=t.height <= 0), peak=lambda t: t.height.max())
    )
    high = up.group_by("stream").agg(high_at=up.seen_at.max(where=up.height > up.h), highest=up.height.max())
    after = (
        up.inner_join(high, "stream")
        .filter(lambda t: t.seen_at > t.high_at, lambda t: t.height <= 0)
        .group_by("stream")
        .agg(over_at=lambda t: t.seen_at.min())
    )
    lost = up.inner_join(before, "stream").inner_join(high.select("stream", "highest"), "stream")
    lost = lost.left_join(after, "stream").drop("stream_right")
    lost = lost.filter(
        lost.quiet_at.isnull() | (lost.seen_at > lost.quiet_at), lost.over_at.isnull() | (lost.seen_at < lost.over_at)
    )
    beside = rows.group_by("shipper_site_id").agg(carriers_here=rows.carrier_id.nunique())
    lost = lost.inner_join(beside, "shipper_site_id")
    about = lost.group_by("stream").agg(
        chart=lost.chart.max(), k=lost.k.max(), h=lost.h.max(), found_at=lost.found_at.max(), peak=lost.peak.max(),
        highest=lost.highest.max(), since_at=lost.known_at.min(), loads=lost.count(),
        sent_g=lost.sent_g.sum().cast("int64"),
        loss_g=ibis.least(lost.loss_g.sum(), lost.plain_g.sum()),  # what speaks for the carrier is told
        allowed_g=(allowed(lost, lost.k, at.allowed_share) * lost.real_sigma_g).mean(),
        carriers=lost.carrier_id.nunique(), receivers=lost.receiver_site_id.nunique(),
        carriers_beside=lost.carriers_here.max(),
    )  # fmt: skip
    for name, columns in (
        ("pair", ("shipper_site_id", "carrier_id")),
        ("carrier", ("carrier_id",)),
        ("receiver", ("receiver_site_id",)),
    ):
        about = about.inner_join(_top(lost, name, columns), "stream")
    # a handful of rows that are asked for several times
    return ibis.memtable(about.to_pyarrow())


def _top(lost: ir.Table, name: str, columns: tuple[str, ...]) -> ir.Table:
    """Which part of the loss is the greatest one's."""
    parts = lost.group_by("stream", *columns).agg(part=lost.loss_g.sum())
    sums = parts.group_by("stream").agg(
        most=parts.part.max(),
        all=parts.part.clip(lower=0.0).sum(),
        places=parts.count(),
        who=parts[columns[-1]].argmax(parts.part),
    )
    told = {f"top_{name}": sums.most / ibis.greatest(sums["all"], 1.0), f"top_{name}_id": sums.who}
    return sums.select("stream", **told, **({"pairs": sums.places} if name == "pair" else {}))


def _told(found: ir.Table, kind: str, at: Settings) -> ir.Table:
    main = found.chart == "main"
    # a pair has one scale that nobody else may tell of: what is less than it may creep is no finding
    least = at.least_pair_share if kind == "pair" else at.least_share
    real = found.mutate(main=main).filter(found.loss_g > found.sent_g * least)
    alone = (real.carriers_beside < at.beside) if kind == "pair" else ibis.literal(value=False)
    return findings(
        real,
        severity=ibis.cases(
            (real.main & alone, Severity.EXPLAIN.value),
            (real.main & (real.loss_g >= at.crime_g), Severity.REFER.value),
            (real.main, Severity.INSPECT.value),
            else_=Severity.WATCH.value,
        ),
        subject_kind=kind,
        subject_id=real.stream,
        party_id=real.stream if kind == "site" else real.top_carrier_id,
        since_at=real.since_at,
        found_at=real.found_at,
        at_risk_g=real.loss_g.round(0).cast("int64"),
        statistic=real.highest,
        threshold=real.h,
        chart=real.chart,
        k=real.k,
        loads=real.loads,
        loss_share=real.loss_g / real.sent_g,
        blind_g_per_load=real.allowed_g.round(0).cast("int64"),
        carriers_beside=real.carriers_beside,
        receivers=real.receivers,
        greatest_pair_share=real.top_pair,
    )


RULE = Rule(
    id="R04",
    version=3,
    title=message("A little of every load is missing"),
    queue=Queue.SKIM,
    severity=Severity.INSPECT,
    formula=(
        "S_i = max(0, S_(i-1) + z_i - max(k, 2 creep W_s / s)) > h; z = (W_s - W_r - W_s (a + c + lane + code + what "
        "others lose on the same scales in 30 days)) / s, clipped at 4; unseen: k s of each load"
    ),
    parameters=(
        Parameter("k", 0.75, "s", "of each load that is allowed for", "anomaly note R04"),
        Parameter("h", 10, "s", "limit of the sum, raised where honest history needs it", "anomaly note R04"),
        Parameter("watch_k", 0.25, "s", "of each load that the watching chart allows for", "anomaly note R04"),
        Parameter("watch_h", 13.1, "s", "limit of the watching chart, raised likewise", "anomaly note R04"),
        Parameter("least_share", 0.001, "1", "of all loads since, below which no loss is told", "design default"),
        Parameter("least_pair_share", 0.002, "1", "likewise of a pair", "anomaly note 2.2: what is not detectable"),
        Parameter("allowed_share", 0.001, "1", "of each load that is allowed at least", "1 e on 20 t, design default"),
        Parameter(
            "years", 50, "year", "of honest carriers in which one false alarm is allowed", "target of the checks"
        ),
        Parameter(
            "beside",
            2,
            "1",
            "carriers of a shipper, or receivers of a carrier, from which the carrier is named",
            "anomaly note R04",
        ),
        Parameter(
            "most_share", 0.8, "1", "part of a loss from which it is one pair's or one plant's", "design default"
        ),
        Parameter("crime_g", 3_000_000, "g", "mass that makes it a crime", "法释〔2023〕7号 art. 1(2)"),
    ),
    needs=("manifests", "manifests.carrier_id", "weighings"),
    detectable=message(
        "Between truck scales one part in 100 of each load within a few loads and one in 200 within "
        "about ten; with platform scales two in 100. What is less than k standard uncertainties of each "
        "load (about 35 kg of 20 t) stays unseen, and a loss from the first day of a carrier that alone "
        "serves its shippers."
    ),
    false_alarms=message(
        "At most one honest carrier in 50 carrier-years; limits are learned from the gains, in which nobody steals."
    ),
    innocent=(
        message("A scale was changed or adjusted, and reads less than before."),
        message("Wet waste drips or dries on the road."),
        message("One side began to weigh with the driver or fuel aboard."),
    ),
    next_step=message(
        "Weigh the next loads of this carrier on a third scale, before and after the road, without telling it."
    ),
    article="刑法 art. 338; 法释〔2023〕7号 art. 1(2)",
    chance=0.6,
    find=_find,
)
