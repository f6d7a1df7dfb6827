"""How much waste a generator tells for its work: against its own months before, its peers, and what it bought.

ln(made) = level of the site + β of the sector and kind × ln(activity) + what the sector has in common + rest.
β and the peers' line are Huber fits of months before the quarter that they are used in, by sector.
"""

import dataclasses
import warnings
from collections.abc import Iterator

import ibis
import ibis.expr.types as ir
import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray

from wastetrack.checks.models.histories import Compared, Reference, against_own_past, cumulated, middles
from wastetrack.checks.models.panels import Panel, logarithm, matrix, panel_of, rows_where
from wastetrack.checks.monthly import made_by_site
from wastetrack.extracts.reading import Records

Matrix = NDArray[np.float64]
Labels = NDArray[np.int64]

LEAST = 3
"""Months of a site before it is compared with itself; how its months vary is known from sites like it as well."""
FIT_EVERY = 3
"""Months after which lines are fitted anew."""
MOST_ROWS = 4_000
"""Of a sector in one fit; more are thinned evenly."""
PRIOR_SLOPE, PRIOR_ERROR = 1.0, 0.3
"""Twice the work makes twice the waste, unless the sector's months say otherwise."""
NEARLY = 0.8
"""Of a site's months in which a kind of work is told, if it is used; in which waste is, if single months are judged."""
SMALL = 0.3
"""Of a site's usual month, added before the logarithm, so that a silent month has one."""


@dataclasses.dataclass(frozen=True, slots=True)
class Work:
    """The generators' months: grams, work by kind, sectors."""

    panel: Panel
    made_g: Matrix
    """0 in a month with activity and without an entry; not a number in a month without activity."""
    log_made: Matrix
    kinds: tuple[str, ...]
    log_work: tuple[Matrix, ...]
    """By kind; not a number where it was not told."""
    sector: Labels
    sectors: int


def gather(records: Records) -> Work | None:
    """The matrices, or None where no site tells both its work and its waste."""
    activity = records["activity"].filter(lambda t: (t.kind != "input") & (t.quantity > 0))
    activity = activity.group_by("site_id", "month_on", label=lambda t: t.kind + " " + t.unit).agg(
        quantity=lambda t: t.quantity.sum()
    )
    made = made_by_site(records)
    activity = activity.semi_join(made.select("site_id").distinct(), "site_id")
    panel = panel_of(activity.select("site_id", "month_on"))
    if not panel.sites:
        return None
    kinds = tuple(sorted(activity.select("label").distinct().to_pyarrow()["label"].to_pylist()))
    log_work = tuple(logarithm(matrix(panel, activity.filter(activity.label == kind), "quantity")) for kind in kinds)
    worked = np.any([np.isfinite(values) for values in log_work], axis=0)
    made_g = np.where(worked, matrix(panel, made, "made_g", absent=0.0), np.nan)
    sites = records["sites"].select("site_id", "industry").to_pyarrow()
    industry = dict(zip(sites["site_id"].to_pylist(), sites["industry"].to_pylist(), strict=True))
    names, sector = np.unique([industry.get(site) or "" for site in panel.sites], return_inverse=True)
    usual = np.nanmean(_first(made_g, 6), axis=1) if panel.months else np.empty(0)
    log_made = np.log(made_g + np.maximum(SMALL * np.nan_to_num(usual), 100.0)[:, None])
    return Work(panel, made_g, log_made, kinds, log_work, sector.astype(np.int64), len(names))


def _first(values: Matrix, number: int) -> Matrix:
    """Only the first so many months of each row that are there."""
    there = np.isfinite(values)
    few = there & (np.cumsum(there, axis=1) <= number)
    few[~few.any(axis=1), 0] = True
    return np.where(few, np.nan_to_num(values), np.nan)


def slopes(work: Work, before: int) -> Matrix:
    """β of each sector and kind, from the months before one, each site about its own middle."""
    result = np.full((work.sectors, len(work.kinds)), PRIOR_SLOPE)
    for number, log_work in enumerate(work.log_work):
        x, y = log_work[:, :before], work.log_made[:, :before]
        both = np.isfinite(x) & np.isfinite(y)
        x, y = np.where(both, x, np.nan), np.where(both, y, np.nan)
        enough = both.sum(axis=1) >= 3  # noqa: PLR2004  with fewer, a site says nothing about a slope
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            x, y = x - np.nanmean(x, axis=1)[:, None], y - np.nanmean(y, axis=1)[:, None]
        for sector in range(work.sectors):
            rows = (work.sector == sector) & enough
            some_x, some_y = _thinned(x[rows][both[rows]], y[rows][both[rows]])
            if len(some_x) < 30 or np.ptp(some_x) == 0:  # noqa: PLR2004  too few for a line
                continue
            slope, error = _line(some_y, some_x[:, None])
            precision, prior = 1 / max(error[0], 1e-3) ** 2, 1 / PRIOR_ERROR**2
            result[sector, number] = np.clip(
                (slope[0] * precision + PRIOR_SLOPE * prior) / (precision + prior), 0.0, 1.5
            )
    return result


def _thinned(x: Matrix, y: Matrix) -> tuple[Matrix, Matrix]:
    step = max(1, -(-len(x) // MOST_ROWS))
    return x[::step], y[::step]


def _line(y: Matrix, x: Matrix) -> tuple[Matrix, Matrix]:
    """Coefficients and standard errors of a Huber fit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = sm.RLM(y, x, M=sm.robust.norms.HuberT()).fit(maxiter=20, tol=1e-4)
    return np.asarray(fit.params), np.nan_to_num(np.asarray(fit.bse), nan=1.0)


def per_work(work: Work, beta: Matrix, before: int, end: int) -> Matrix:
    """ln(made) less the work of the month, up to `end`.

    Over the kinds that a site tells nearly always, the steadier the heavier, as the months before `before` show.
    """
    total, weight = np.zeros((len(work.sector), end)), np.zeros(len(work.sector))
    told = np.isfinite(work.log_made[:, :before]).mean(axis=1)
    for number, log_work in enumerate(work.log_work):
        rest = (work.log_made - beta[work.sector, number][:, None] * log_work)[:, :end]
        present = np.isfinite(rest[:, :before]).mean(axis=1) >= NEARLY * told
        step = np.abs(np.diff(rest[:, :before], axis=1))
        noise = middles(step.ravel(), np.repeat(work.sector, step.shape[1]), work.sectors)[work.sector]
        heavy = np.where(present & np.isfinite(noise), 1 / np.maximum(np.nan_to_num(noise, nan=1.0), 0.02) ** 2, 0.0)
        total += np.where(heavy[:, None] > 0, heavy[:, None] * rest, 0.0)
        weight += heavy
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(weight[:, None] > 0, total / weight[:, None], np.nan), dtype=float)


@dataclasses.dataclass(frozen=True, slots=True)
class Period:
    """Months that were compared with the same lines: from `begin` to before `end`."""

    begin: int
    end: int
    rest: Matrix
    """ln(1 + intensity / usual), without what the sector has in common; up to `end`."""
    intensity: Matrix
    """Grams for the work of the month, in the sector's measure; the same without a logarithm."""
    own: Compared


def groups_of(work: Work) -> tuple[Labels, int]:
    """Sites of one sector and size (tenfold classes of the first months' mass) share a scale."""
    usual = np.nanmean(_first(work.made_g, 6), axis=1)
    size = np.floor(np.log10(np.clip(usual, 1e3, 1e10))).astype(np.int64)
    _, group = np.unique(work.sector * 16 + size, return_inverse=True)
    return group.astype(np.int64), int(group.max()) + 1 if len(group) else 0


def periods(work: Work, group: Labels) -> Iterator[Period]:
    """Every quarter from the first month that has enough before it."""
    reference = Reference(months=12, least=LEAST, floor=0.03)
    months = work.log_made.shape[1]
    for begin in range(LEAST, months, FIT_EVERY):
        end = min(begin + FIT_EVERY, months)
        plain = work.made_g[:, :end] * np.exp(per_work(work, slopes(work, begin), begin, end) - work.log_made[:, :end])
        usual = np.nanmean(_first(plain, 6), axis=1)[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            rest = np.log((plain / np.where(usual > 0, usual, np.nan) + STEADY) / (1 + STEADY))
        own = against_own_past(rest, group, reference, sectors=work.sector)
        common = np.nan_to_num(own.common)
        yield Period(begin, end, rest - common, plain * np.exp(-common * (1 + STEADY)), own)


STEADY = 1.0
"""Usual months, added to a month's intensity before its logarithm: a silent month and a double one are then about alike
far from a usual one, as chance makes them where waste is entered now and then."""


def monthly(work: Work) -> NDArray[np.bool_]:
    """Months of sites that told in nearly all their months so far: of others a month is low because none was fetched,
    and only sums over longer (R46) say anything."""
    worked, told = np.isfinite(work.made_g), np.nan_to_num(work.made_g) > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        before = (np.cumsum(told, axis=1) - told) / (np.cumsum(worked, axis=1) - worked)
    return np.asarray(before >= NEARLY)


def drops(records: Records, false_share: float) -> ir.Table:
    """One row a site and month that is low: `z`, `z_before`, `cusum`, `allowed`, `share` of the expected, `missing_g`.

    `allowed` is what the sum of only `false_share` of the sites passes in a year on the other side, where nobody hides.
    """
    work = gather(records)
    if work is None:
        return ibis.memtable(
            rows_where(Panel((), 0, 0), np.zeros((0, 0), dtype=bool), dict.fromkeys(DROP, np.empty((0, 0))))
        )
    shape = work.log_made.shape
    z, less = np.full(shape, np.nan), np.full(shape, np.nan)
    for period in periods(work, groups_of(work)[0]):
        z[:, period.begin : period.end] = period.own.z[:, period.begin : period.end]
        away = period.rest - period.own.center
        less[:, period.begin : period.end] = away[:, period.begin : period.end]
    before = np.concatenate([np.full((shape[0], 1), np.nan), z[:, :-1]], axis=1)
    share = np.maximum((1 + STEADY) * np.exp(np.clip(less, -4.0, 4.0)) - STEADY, 0.0)
    missing = work.made_g / np.maximum(share, 0.05) - work.made_g
    sums = cumulated(z, CUSUM_K)
    mirror = cumulated(-z, CUSUM_K)
    limit = np.zeros(shape)
    for month in range(shape[1]):
        begin = max(LEAST, month - 11)
        spent = false_share * min(max(month + 1 - begin, 1), 12) / 12  # evenly over a year, or each month adds its own
        limit[:, month] = np.quantile(mirror[:, begin : month + 1].max(axis=1), 1 - spent) if month >= begin else np.inf
    low = ((z < TOLD) | (sums > -TOLD)) & monthly(work)
    values = (z, before, sums, limit, share, missing, work.made_g)
    return ibis.memtable(rows_where(work.panel, low, dict(zip(DROP, values, strict=True))))


DROP = ("z", "z_before", "cusum", "allowed", "share", "missing_g", "made_g")
TOLD = -1.5
"""Months above it are not given back."""
CUSUM_K = 0.5
