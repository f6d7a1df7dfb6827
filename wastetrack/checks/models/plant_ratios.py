"""What a plant leaves and uses for a tonne it treats, against its own twelve months before and against its peers."""

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wastetrack.checks.models.histories import NORMAL_MAD, Compared, Reference, against_own_past, cumulated, pooled
from wastetrack.checks.models.panels import Panel, logarithm, matrix, panel_of, rows_where
from wastetrack.checks.monthly import products, treated
from wastetrack.extracts.reading import Records

ENERGY = ("power", "fuel", "steam")
"""Readings that grow with what is treated; of fuel the kind and unit of a plant do not change."""
ADDED = ("lime", "carbon", "water")
USED = ("lime", "carbon", "power", "steam", "water")
HONEST_MONTHS = 3
"""Months before, from which on a plant has a level. Its scatter comes from plants of its method as well, so that few
months of its own make the level a little less sure and not the test: the variance grows by 1 / months."""
CUSUM_K = 0.5
NEED_PEERS = 5

Evidence = dict[str, NDArray[np.float64]]
"""Logarithm of a quantity for a tonne, by what it is; plants by months."""


def evidence(records: Records) -> tuple[Panel, Evidence, NDArray[np.float64]]:
    """Each quantity of each plant and month over what it says to have treated (grams)."""
    work = treated(records)
    readings = records["readings"].group_by("site_id", "month_on", "kind").agg(quantity=lambda t: t.quantity.sum())
    panel = panel_of(work)
    mass = matrix(panel, work, "treated_g")
    ratios = {"residue": logarithm(matrix(panel, work, "residue_g")) - logarithm(mass)}
    for kind in sorted({*ENERGY, *ADDED}):
        ratios[kind] = logarithm(matrix(panel, readings.filter(readings.kind == kind), "quantity")) - logarithm(mass)
    return panel, ratios, mass


def residue_and_energy(records: Records) -> ir.Table:
    """One row a plant and month: `z` of all evidence together, `cusum`, `z_residue`, `z_energy`, `z_added` (lime,
    carbon, water), `share` (of what is expected that is there), `peer_z` (negative: less than plants of the same main
    method), `treated_g`."""
    panel, ratios, mass = evidence(records)
    if not panel.sites:
        return _table(panel, {name: np.empty((0, 0)) for name in _COLUMNS})
    kinds = ["residue", *ENERGY, *ADDED]
    z, level, weight = {}, [], []
    group = _methods(records, panel)
    compared: dict[str, Compared] = {}
    for kind in kinds:
        compared[kind] = against_own_past(ratios[kind], group, Reference(least=HONEST_MONTHS))
        z[kind] = compared[kind].z
        level.append(ratios[kind] - compared[kind].center)
        weight.append(1 / compared[kind].scale ** 2)
    together = pooled([z[kind] for kind in kinds])
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = np.stack(weight)
        less = np.nansum(np.stack(level) * parts, axis=0) / np.nansum(
            np.where(np.isfinite(np.stack(level)), parts, 0), axis=0
        )
    with np.errstate(over="ignore"):
        share = np.exp(less)
    return _table(
        panel,
        {
            "z": together,
            "cusum": cumulated(together, CUSUM_K),
            "z_residue": z["residue"],
            "z_energy": pooled([z[kind] for kind in ENERGY]),
            "z_added": pooled([z[kind] for kind in ADDED]),
            "share": share,
            "peer_z": _peers(group, [ratios[kind] for kind in kinds]),
            "treated_g": mass,
        },
    )


def _methods(records: Records, panel: Panel) -> NDArray[np.int64]:
    """Number of the method by which each plant treats most."""
    batches = records["batches"]
    main = (
        batches.group_by("site_id", "method")
        .agg(grams=lambda t: t.input_g.sum())
        .mutate(
            place=lambda t: ibis.row_number().over(
                ibis.window(group_by="site_id", order_by=[ibis.desc(t.grams), t.method])
            )
        )
        .filter(lambda t: t.place == 0)
        .to_pyarrow()
    )
    method = dict(zip(main["site_id"].to_pylist(), main["method"].to_pylist(), strict=True))
    return np.unique([method.get(site, "") for site in panel.sites], return_inverse=True)[1].astype(np.int64)


def _peers(methods: NDArray[np.int64], parts: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Mean of a plant's months so far against plants of the same main method, all evidence together."""
    zs = []
    for values in parts:
        there = np.isfinite(values)
        number = np.cumsum(there, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(number >= 3, np.cumsum(np.where(there, values, 0.0), axis=1) / number, np.nan)  # noqa: PLR2004  a quarter
        z = np.full(values.shape, np.nan)
        for name in np.unique(methods):
            of = np.flatnonzero(methods == name)
            for row in of:
                others = np.sort(mean[of[of != row]], axis=0)
                known = np.isfinite(others).sum(axis=0)
                for month in np.flatnonzero((known >= NEED_PEERS) & np.isfinite(mean[row])):
                    of_month = others[: known[month], month]
                    middle = np.median(of_month)
                    spread = max(NORMAL_MAD * float(np.median(np.abs(of_month - middle))), 0.05)
                    z[row, month] = (mean[row, month] - middle) / (spread * np.sqrt(1 + np.pi / 2 / known[month]))
        zs.append(z)
    return pooled(zs)


def exceeding(records: Records) -> ir.Table:
    """One row a plant and month: `z` of all that it leaves, sells and uses for a tonne together, high where that is
    more than its own months before, `z_before`, `share` (of what is expected that is there), `treated_g`.

    Who treats more than the books take in has more residue, product and power for each tonne of the books. Signs are
    turned, so that months that were themselves too high are left out of later references.
    """
    panel, ratios, mass = evidence(records)
    if not panel.sites:
        return _table(panel, dict.fromkeys(("z", "z_before", "share", "treated_g"), np.empty((0, 0))))
    ratios["product"] = logarithm(matrix(panel, products(records), "product_g")) - logarithm(mass)
    group = _methods(records, panel)
    parts, more, weight = [], np.zeros(mass.shape), np.zeros(mass.shape)
    for values in ratios.values():
        compared = against_own_past(-values, group, Reference(least=HONEST_MONTHS))
        there = np.isfinite(compared.z)
        parts.append(-compared.z)
        heavy = np.where(there, 1 / np.where(there, compared.scale, 1.0) ** 2, 0.0)
        more += np.where(there, heavy * (values + compared.center), 0.0)
        weight += heavy
    z = pooled(parts)
    before = np.concatenate([np.full((len(z), 1), np.nan), z[:, :-1]], axis=1)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        share = np.exp(np.where(weight > 0, more / weight, np.nan))
    return _table(panel, {"z": z, "z_before": before, "share": share, "treated_g": mass})


def used(records: Records) -> ir.Table:
    """One row a plant, month and kind of USED: `z` against its own past and `z_before`, of the month before."""
    panel, ratios, mass = evidence(records)
    group = _methods(records, panel)
    tables = []
    for kind in USED:
        compared = against_own_past(ratios[kind], group, Reference()) if panel.sites else None
        z = compared.z if compared else np.empty((0, 0))
        before = np.concatenate([np.full((len(z), 1), np.nan), z[:, :-1]], axis=1) if z.size else z
        with np.errstate(over="ignore", invalid="ignore"):
            share = np.exp(ratios[kind] - compared.center) if compared else z
        part = _rows(panel, {"z": z, "z_before": before, "share": share, "treated_g": mass if z.size else z})
        tables.append(part.append_column("kind", pa.array([kind] * part.num_rows, pa.string())))
    return ibis.memtable(pa.concat_tables(tables))


_COLUMNS = ("z", "cusum", "z_residue", "z_energy", "z_added", "share", "peer_z", "treated_g")


def _table(panel: Panel, columns: dict[str, NDArray[np.float64]]) -> ir.Table:
    return ibis.memtable(_rows(panel, columns))


def _rows(panel: Panel, columns: dict[str, NDArray[np.float64]]) -> pa.Table:
    """Months with any statistic."""
    some = np.zeros((len(panel.sites), panel.months), dtype=bool)
    for name, values in columns.items():
        if values.size and name != "treated_g":
            some |= np.isfinite(values)
    return rows_where(panel, some, columns)
