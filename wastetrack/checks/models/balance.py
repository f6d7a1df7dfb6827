"""Mass unaccounted for: what a plant had and took, less what it sent, treated and has, with how sure that is.

MUF = opening + in - out - closing between two stock-takes; positive is a loss. Loads err by chance each on its own,
scales err all year the same way, and a closing stock is the next opening one, so that its error comes back with the
other sign. The least loss that is found 19 times of 20 at one false alarm in 20 is MDD = 3.29 σ. SITMUF (the part
of each MUF that the ones before do not foretell, from the Cholesky factor of the covariance) goes into Page's test.
Formulas of nuclear material accountancy (NRC RG 5.28, NUREG/CR-2820, IAEA-SVS-15); precision is that of a truck scale.
"""

from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import linalg, stats

from wastetrack.checks.carried import loads
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
    Parameter("series", 4000, "period", "in which an honest series raises one alarm", "50 plant-years of 7 codes"),
    Parameter("false_share", 0.02, "1", "of honest plants that may be told in a year", "anomaly note §2.2: 1 in 50"),
    Parameter("enough", 30, "1", "balances from which on their own spread is believed", "design default"),
)
OF = {parameter.name: parameter.default for parameter in UNCERTAINTIES}
TRANSFER, FEED = "transfer", "feed"
ALL = "*"
"""Stands for all codes of a site together."""
MDD = 3.29
"""1.645 for one false alarm in 20 and 1.645 for one missed loss in 20."""
FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


def flows(records: Records, as_of: datetime) -> ir.Table:
    """What came into a plant's stores (positive) and left them, by code, instant and kind of measurement; `doubt_g` is
    the standard error of a load about which its sides do not agree."""
    manifests = loads(records)
    returned = ibis.coalesce(manifests.kind, "road") == "return"
    came = manifests.filter(manifests.received_g.notnull(), manifests.received_at.notnull())
    left = manifests.filter(~returned, manifests.departed_at.notnull())
    batches = records["batches"].select("batch_id", "site_id", "treated_at")
    fed = records["batch_inputs"].inner_join(batches, "batch_id").mutate(doubt_g=0.0)
    made = (
        records["residues"].filter(lambda t: t.waste_code.notnull()).inner_join(batches, "batch_id").mutate(doubt_g=0.0)
    )
    every = (
        _flow(came, came.receiver_site_id, came.received_at, came.came_g, TRANSFER)
        .union(_flow(left, left.shipper_site_id, left.departed_at, -left.sent_g, TRANSFER))
        .union(_flow(fed, fed.site_id, fed.treated_at, -fed.input_g, FEED))
        .union(_flow(made, made.site_id, ibis.coalesce(made.made_at, made.treated_at), made.output_g, FEED))
    )
    return every.filter(every.at <= as_of).semi_join(_plants(records), "site_id")


def _plants(records: Records) -> ir.Table:
    """What a generator makes is in no flow, so its stores cannot balance."""
    return records["sites"].filter(lambda t: t.kind != "generator").select("site_id")


def _flow(rows: ir.Table, site: ir.StringValue, at: ir.TimestampValue, grams: ir.IntegerValue, kind: str) -> ir.Table:
    return rows.select(
        site_id=site,
        waste_code=rows.waste_code,
        at=at,
        grams=grams.cast("float64"),
        doubt_g=rows.doubt_g,
        kind=ibis.literal(kind),
    )


def mass_unaccounted(records: Records, as_of: datetime | None = None) -> ir.Table:
    """Each period between two stock-takes of a site: by code, and of all codes together (`ALL`).

    Columns: site_id, waste_code, period, from_at, to_at, opening_g, in_g, out_g, closing_g, muf_g, sigma_g, mdd_g,
    cumuf_g, cumuf_sigma_g, sitmuf, page_loss, page_gain, page_h, spread (by which the balances of all plants scatter
    more than their scales say; σ is widened by it) and z_needed (σ that an honest plant passes in a year, in any of its
    balances and tests, only as often as `false_share` says).
    """
    until = as_of or FOR_EVER
    return records.model(f"mass unaccounted {as_of}", lambda given: ibis.memtable(_balanced(_periods(given, until))))


def _periods(records: Records, as_of: datetime) -> pa.Table:
    """Sums of each site, code and period, in their order; the periods of a site lie between its stock-takes."""
    takes = records["stock_takes"].filter(lambda t: t.taken_at <= as_of).semi_join(_plants(records), "site_id")
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
    """Sums a site, code and period. Each flow is placed by its own instant: a stock is taken at an instant, and what a
    large plant takes in on that day is more than the error of its scales in a month."""
    spans = spans.select("site_id", "period", "taken_at", "to_at")
    placed = moved.inner_join(
        spans, [moved.site_id == spans.site_id, moved["at"] > spans.taken_at, moved["at"] <= spans.to_at]
    )
    placed = placed.mutate(came=placed.grams.clip(lower=0.0), square=placed.grams.pow(2.0))
    transfer, feed = placed.kind == TRANSFER, placed.kind == FEED
    return placed.group_by("site_id", "waste_code", "period").agg(
        in_g=placed.came.sum(),
        out_g=placed.came.sum() - placed.grams.sum(),
        transfer_g=placed.grams.sum(where=transfer),
        feed_g=placed.grams.sum(where=feed),
        random_variance=ibis.coalesce(placed.square.sum(where=transfer), 0.0) * OF["transfer_random"] ** 2
        + ibis.coalesce(placed.square.sum(where=feed), 0.0) * OF["feed_random"] ** 2
        + placed.doubt_g.pow(2.0).sum(),
    )


def _balanced(cells: pa.Table) -> pa.Table:
    """The statistics of every series; all series of a length are solved at once."""
    number = {
        name: np.asarray(cells[name], dtype=np.float64)
        for name in cells.column_names
        if pa.types.is_floating(cells[name].type)
    }
    series, length = _series(cells)
    told = {
        name: np.zeros(cells.num_rows) for name in ("muf_g", "sigma_g", "cumuf_g", "cumuf_sigma_g", "sitmuf", *_CHARTS)
    }
    told["muf_g"] = number["opening_g"] + number["in_g"] - number["out_g"] - number["closing_g"]
    shapes = [np.flatnonzero(length[series] == periods).reshape(-1, periods) for periods in np.unique(length)]
    for rows in shapes:
        muf = told["muf_g"][rows]
        sigma = covariance(*(number[name][rows] for name in (
            "random_variance", "transfer_g", "feed_g", "opening_variance", "closing_variance")))  # fmt: skip
        told["sigma_g"][rows] = np.sqrt(np.diagonal(sigma, axis1=1, axis2=2))
        told["cumuf_g"][rows] = muf.cumsum(axis=1)
        told["cumuf_sigma_g"][rows] = np.sqrt(
            np.stack([sigma[:, : t + 1, : t + 1].sum(axis=(1, 2)) for t in range(rows.shape[1])], 1)
        )
        told["sitmuf"][rows] = sitmuf(muf, sigma)
    told["spread"] = _spread(told["sitmuf"], np.asarray(cells["waste_code"]) == ALL)
    told["sitmuf"] /= told["spread"]
    told["sigma_g"] *= told["spread"]
    told["cumuf_sigma_g"] *= told["spread"]
    for rows in shapes:
        told["page_loss"][rows] = page(told["sitmuf"][rows], OF["k"])
        told["page_gain"][rows] = page(-told["sitmuf"][rows], OF["k"])
    return _table(cells, number, told)


_CHARTS = ("page_loss", "page_gain")
TESTS = 3
"""Of each balance: of its own, of all up to it, and Page's."""


def _spread(values: Numbers, together: npt.NDArray[np.bool_]) -> Numbers:
    """By how much SITMUF of most plants scatters more than the standard normal: an empirical null, of single codes and
    of all codes together. Balances in which nothing happened say nothing, and σ is never made smaller."""
    result = np.ones(len(values))
    for some in (together, ~together):
        moved = np.abs(values[some & (values != 0)])
        if len(moved) >= OF["enough"]:
            result[some] = max(1.0, float(np.median(moved) / stats.norm.ppf(0.75)))
    return result


def _table(cells: pa.Table, number: dict[str, Numbers], told: dict[str, Numbers]) -> pa.Table:
    whole = ("muf_g", "cumuf_g")
    masses = {name: number[name] for name in ("opening_g", "in_g", "out_g", "closing_g")}
    masses |= {name: told[name] for name in whole}
    site = np.unique(np.asarray(cells["site_id"]), return_inverse=True)[1] if cells.num_rows else np.zeros(0, np.int64)
    tests = TESTS * np.bincount(site)[site] if cells.num_rows else np.zeros(0)
    rest = {name: values for name, values in told.items() if name not in whole} | {
        "mdd_g": MDD * told["sigma_g"],
        "page_h": np.full(cells.num_rows, limit(OF["k"], OF["series"])),
        "z_needed": stats.norm.isf(OF["false_share"] / np.maximum(tests, TESTS)),
    }
    return pa.table(
        {name: cells[name] for name in ("site_id", "waste_code", "period", "from_at", "to_at")}
        | {name: pa.array(np.rint(values).astype(np.int64)) for name, values in masses.items()}
        | {name: pa.array(np.asarray(values, dtype=np.float64)) for name, values in rest.items()}
    )


def _series(cells: pa.Table) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Of each row its series, and of each series its length; rows are in their order."""
    site, code = (
        np.asarray(cells[name].combine_chunks().dictionary_encode().indices, dtype=np.int64)
        for name in ("site_id", "waste_code")
    )
    if not cells.num_rows:
        return site, site
    starts = np.concatenate([[True], (np.diff(site) != 0) | (np.diff(code) != 0)])
    series = starts.cumsum() - 1
    return series, np.bincount(series)


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
