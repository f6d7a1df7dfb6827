"""Mass unaccounted for: what a plant had and took, less what it sent, treated and has, with how sure that is.

MUF = opening + in - out - closing between two stock-takes; positive is a loss. Loads err by chance each on its own, scales
err all year the same way, and a closing stock is the next opening one, so that its error comes back with the other sign.
The least loss that is found 19 times of 20 at one false alarm in 20 is MDD = 3.29 σ. SITMUF (the part of each MUF that
the ones before do not foretell, from the Cholesky factor of the covariance) goes into Page's test.
Formulas of nuclear material accountancy (NRC RG 5.28, NUREG/CR-2820, IAEA-SVS-15); precision is that of a truck scale.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import linalg

from wastetrack.checks.charts import limit
from wastetrack.checks.model import Parameter
from wastetrack.extracts.reading import Records

Numbers = npt.NDArray[np.float64]

UNCERTAINTIES = (
    Parameter("transfer_random", 0.003, "1", "of one load, its own", "truck scale 0.2 to 0.4 % net, anomaly note R03"),
    Parameter("transfer_common", 0.0015, "1", "of all loads alike", "anomaly note §4.3"),
    Parameter("feed_random", 0.01, "1", "of what one batch took or left", "design default"),
    Parameter("feed_common", 0.005, "1", "of all batches alike", "anomaly note §4.3"),
    Parameter("stock", 0.05, "1", "of a stock-take that tells none", "anomaly note §4.3"),
    Parameter("least_stock_g", 20_000, "g", "of any stock-take", "one division of a truck scale"),
    Parameter("k", 0.5, "σ", "of each period that Page's test allows for", "anomaly note §4.3"),
    Parameter("series", 1000, "period", "in which an honest series raises one alarm", "design default"),
)
OF = {parameter.name: parameter.default for parameter in UNCERTAINTIES}
TRANSFER, FEED = "transfer", "feed"
ALL = "*"
"""Stands for all codes of a site together."""
MDD = 3.29
"""1.645 for one false alarm in 20 and 1.645 for one missed loss in 20."""
DAY_S = 86_400


def flows(records: Records, as_of: datetime) -> ir.Table:
    """What came into a site's stores (positive) and left them, by code, kind of measurement and day, with Σ of squares."""
    manifests = records["manifests"].filter(lambda t: t.cancelled_at.isnull())
    returned = ibis.coalesce(manifests.kind, "road") == "return"
    came = manifests.filter(manifests.received_g.notnull(), manifests.received_at.notnull())
    left = manifests.filter(~returned, manifests.departed_at.notnull())
    batches = records["batches"].select("batch_id", "site_id", "treated_at")
    fed = records["batch_inputs"].inner_join(batches, "batch_id")
    made = records["residues"].filter(lambda t: t.waste_code.notnull()).inner_join(batches, "batch_id")
    every = (
        _flow(came, came.receiver_site_id, came.received_at, came.received_g, TRANSFER)
        .union(_flow(left, left.shipper_site_id, left.departed_at, -left.declared_g, TRANSFER))
        .union(_flow(fed, fed.site_id, fed.treated_at, -fed.input_g, FEED))
        .union(_flow(made, made.site_id, ibis.coalesce(made.made_at, made.treated_at), made.output_g, FEED))
    )
    plants = records["sites"].filter(lambda t: t.kind != "generator").select("site_id")
    return every.filter(every.at <= as_of).semi_join(plants, "site_id")


def _flow(rows: ir.Table, site: ir.StringValue, at: ir.TimestampValue, grams: ir.IntegerValue, kind: str) -> ir.Table:
    return rows.select(
        site_id=site, waste_code=rows.waste_code, at=at, grams=grams.cast("int64"), kind=ibis.literal(kind)
    )


def mass_unaccounted(records: Records, as_of: datetime | None = None) -> ir.Table:
    """Each period between two stock-takes of a site: by code, and of all codes together (`ALL`).

    Columns: site_id, waste_code, period, from_at, to_at, opening_g, in_g, out_g, closing_g, muf_g, sigma_g, mdd_g, cumuf_g,
    cumuf_sigma_g, sitmuf, page_loss, page_gain, page_h.
    """
    until = as_of or datetime.max.replace(tzinfo=None)
    return records.model(f"mass unaccounted {as_of}", lambda given: ibis.memtable(_balanced(_periods(given, until))))


def _periods(records: Records, as_of: datetime) -> pa.Table:
    """Sums of each site, code and period, in their order; the periods of a site lie between its stock-takes."""
    takes = records["stock_takes"].filter(lambda t: t.taken_at <= as_of)
    moved = flows(records, as_of)
    times = takes.group_by("site_id", "stock_take_id").agg(taken_at=lambda t: t.taken_at.max())
    times = times.select("site_id", "taken_at").distinct()
    window = ibis.window(group_by="site_id", order_by="taken_at")
    spans = times.mutate(
        to_at=times.taken_at.lead().over(window), period=ibis.row_number().over(window).cast("int64")
    ).filter(lambda t: t.to_at.notnull())
    codes = moved.select("site_id", "waste_code").union(takes.select("site_id", "waste_code")).distinct()
    cells = spans.inner_join(codes, "site_id").select(
        "site_id", "waste_code", "period", from_at="taken_at", to_at="to_at"
    )
    sums = _summed(moved, spans)
    relative = ibis.coalesce(takes.relative_uncertainty, OF["stock"])
    measured = takes.group_by("site_id", "waste_code", "taken_at").agg(
        stock_g=takes.measured_g.sum().cast("int64"), stock_variance=(takes.measured_g * relative).pow(2.0).sum()
    )
    opening = measured.select(
        "site_id", "waste_code", from_at="taken_at", opening_g="stock_g", opening_variance="stock_variance"
    )
    closing = measured.select(
        "site_id", "waste_code", to_at="taken_at", closing_g="stock_g", closing_variance="stock_variance"
    )
    joined = cells
    for other, on in (
        (sums, ["site_id", "waste_code", "period"]),
        (opening, ["site_id", "waste_code", "from_at"]),
        (closing, ["site_id", "waste_code", "to_at"]),
    ):
        joined = joined.left_join(other, on).drop(*(f"{name}_right" for name in on))
    numbers = {
        name: ibis.coalesce(joined[name], 0).cast("float64") for name in joined.columns if name not in cells.columns
    }
    every = joined.mutate(**numbers)
    together = every.group_by("site_id", "period", "from_at", "to_at").agg(
        **{name: every[name].sum() for name in numbers}
    )
    return (
        every.union(together.mutate(waste_code=ibis.literal(ALL)).select(*every.columns))
        .order_by("site_id", "waste_code", "period")
        .to_pyarrow()
    )


def _summed(moved: ir.Table, spans: ir.Table) -> ir.Table:
    """Sums a site, code and period; by day first, so that few rows meet the periods."""
    noon = moved.mutate(
        day=(moved.at.epoch_seconds() / DAY_S).floor().cast("int64"),
        squares=moved.grams.cast("float64").pow(2.0),
    )
    by_day = noon.group_by("site_id", "waste_code", "kind", "day").agg(
        at=noon["at"].max(), earliest=noon["at"].min(), net=noon.grams.sum().cast("float64"),
        came=noon.grams.clip(lower=0).sum().cast("float64"), squares=noon.squares.sum(),
    )  # fmt: skip
    spans = spans.select("site_id", "period", "taken_at", "to_at")
    placed = by_day.inner_join(
        spans, [by_day.site_id == spans.site_id, by_day["at"] > spans.taken_at, by_day["at"] <= spans.to_at]
    )
    transfer, feed = placed.kind == TRANSFER, placed.kind == FEED
    return placed.group_by("site_id", "waste_code", "period").agg(
        in_g=placed.came.sum(),
        out_g=placed.came.sum() - placed.net.sum(),
        transfer_g=placed.net.sum(where=transfer),
        feed_g=placed.net.sum(where=feed),
        random_variance=placed.squares.sum(where=transfer) * OF["transfer_random"] ** 2
        + ibis.coalesce(placed.squares.sum(where=feed), 0.0) * OF["feed_random"] ** 2,
        feed_variance=ibis.coalesce(placed.squares.sum(where=feed), 0.0) * OF["feed_random"] ** 2,
    )


def _balanced(cells: pa.Table) -> pa.Table:
    """The statistics of every series; all series of a length are solved at once."""
    number = {
        name: np.asarray(cells[name], dtype=np.float64)
        for name in cells.column_names
        if pa.types.is_floating(cells[name].type)
    }
    series, place, length = _series(cells)
    told = {
        name: np.zeros(cells.num_rows)
        for name in ("muf_g", "sigma_g", "cumuf_g", "cumuf_sigma_g", "sitmuf", "page_loss", "page_gain")
    }
    told["muf_g"] = number["opening_g"] + number["in_g"] - number["out_g"] - number["closing_g"]
    for periods in np.unique(length):
        rows = np.flatnonzero(length[series] == periods).reshape(-1, periods)
        muf = told["muf_g"][rows]
        sigma = covariance(*(number[name][rows] for name in (
            "random_variance", "transfer_g", "feed_g", "opening_variance", "closing_variance")))  # fmt: skip
        told["sigma_g"][rows] = np.sqrt(np.diagonal(sigma, axis1=1, axis2=2))
        told["cumuf_g"][rows] = muf.cumsum(axis=1)
        told["cumuf_sigma_g"][rows] = np.sqrt(
            np.stack([sigma[:, : t + 1, : t + 1].sum(axis=(1, 2)) for t in range(periods)], 1)
        )
        told["sitmuf"][rows] = sitmuf(muf, sigma)
        told["page_loss"][rows] = page(told["sitmuf"][rows], OF["k"])
        told["page_gain"][rows] = page(-told["sitmuf"][rows], OF["k"])
    whole = {
        name: pa.array(np.rint(values).astype(np.int64))
        for name, values in told.items()
        if name in ("muf_g", "cumuf_g")
    }
    kept = [name for name in ("site_id", "waste_code", "period", "from_at", "to_at")]
    masses = {
        name: pa.array(np.rint(number[name]).astype(np.int64)) for name in ("opening_g", "in_g", "out_g", "closing_g")
    }
    rest = {name: pa.array(values) for name, values in told.items() if name not in whole}
    return pa.table(
        {name: cells[name] for name in kept} | masses | whole | rest
        | {"mdd_g": pa.array(MDD * told["sigma_g"]), "page_h": pa.array(np.full(cells.num_rows, limit(OF["k"], OF["series"])))}
    )  # fmt: skip


def _series(cells: pa.Table) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Of each row its series and place therein, and of each series its length; rows are in their order."""
    codes = [
        np.asarray(cells[name].combine_chunks().dictionary_encode().indices, dtype=np.int64)
        for name in ("site_id", "waste_code")
    ]
    if not cells.num_rows:
        return codes[0], codes[0], codes[0]
    starts = np.concatenate([[True], (np.diff(codes[0]) != 0) | (np.diff(codes[1]) != 0)])
    series = starts.cumsum() - 1
    begin = np.flatnonzero(starts)
    return series, np.arange(series.size) - begin[series], np.bincount(series)


def covariance(random: Numbers, transfer: Numbers, feed: Numbers, opening: Numbers, closing: Numbers) -> Numbers:
    """Of the MUFs of each series (rows) over its periods (columns)."""
    floor = OF["least_stock_g"] ** 2
    systematic = OF["transfer_common"] ** 2 * transfer[:, :, None] * transfer[:, None, :]
    systematic += OF["feed_common"] ** 2 * feed[:, :, None] * feed[:, None, :]
    result = systematic
    at = np.arange(random.shape[1])
    result[:, at, at] += random + opening + closing + 2 * floor
    between = closing[:, :-1] + floor
    result[:, at[:-1], at[1:]] -= between
    result[:, at[1:], at[:-1]] -= between
    return result


def sitmuf(muf: Numbers, sigma: Numbers) -> Numbers:
    """Independent standard normal values, if nothing is missing: C⁻¹ MUF with Σ = C Cᵀ."""
    if not muf.size:
        return muf
    lower = linalg.cholesky(sigma, lower=True)
    return np.asarray(linalg.solve_triangular(lower, muf[:, :, None], lower=True))[:, :, 0]


def page(values: Numbers, k: float) -> Numbers:
    """Page's sum along each row."""
    total = (values - k).cumsum(axis=1)
    return total - np.minimum(np.minimum.accumulate(total, axis=1), 0.0)
