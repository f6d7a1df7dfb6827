"""Rows of site, month and value as a matrix of sites by months."""

import dataclasses
from collections.abc import Mapping
from datetime import date

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from wastetrack.checks.monthly import number_of


@dataclasses.dataclass(frozen=True, slots=True)
class Panel:
    """Which row is which site, and which month the first column is."""

    sites: tuple[str, ...]
    first: int
    months: int

    def place(self) -> dict[str, int]:
        """Row of each site."""
        return {site: row for row, site in enumerate(self.sites)}


def panel_of(*tables: ir.Table) -> Panel:
    """The sites of all these tables (`site_id, month_on`), and every month from their first to their last."""
    sites: set[str] = set()
    numbers: list[int] = []
    for table in tables:
        sites.update(table.select("site_id").distinct().to_pyarrow()["site_id"].to_pylist())
        ends = (
            table.agg(least=number_of(table.month_on).min(), most=number_of(table.month_on).max())
            .to_pyarrow()
            .to_pylist()
        )
        numbers += [number for number in ends[0].values() if number is not None]
    if not sites or not numbers:
        return Panel((), 0, 0)
    return Panel(tuple(sorted(sites)), min(numbers), max(numbers) - min(numbers) + 1)


def matrix(panel: Panel, table: ir.Table, value: str, absent: float = np.nan) -> NDArray[np.float64]:
    """The values of `site_id, month_on, value`, one a site and month."""
    rows = table.select("site_id", number=number_of(table.month_on), value=table[value].cast("float64")).to_pyarrow()
    result = np.full((len(panel.sites), panel.months), absent)
    row = rows_of(panel, rows["site_id"])
    column = rows["number"].to_numpy() - panel.first
    values = rows["value"].to_numpy()
    known = (row >= 0) & (column >= 0) & (column < panel.months)
    result[row[known], column[known]] = values[known]
    return result


def rows_of(panel: Panel, sites: pa.ChunkedArray) -> NDArray[np.int64]:
    """Row of each of these sites; −1 for one that the panel has not."""
    place = pa.compute.index_in(sites, value_set=pa.array(panel.sites, pa.string()))
    return np.asarray(place.fill_null(-1).to_numpy(), dtype=np.int64)


def rows_where(panel: Panel, some: NDArray[np.bool_], columns: Mapping[str, NDArray[np.float64]]) -> pa.Table:
    """The marked months as rows `site_id, month_on` and these columns; not a number becomes null."""
    row, column = np.nonzero(some)
    numbers = column + panel.first
    arrays = {
        "site_id": pa.array([panel.sites[place] for place in row], pa.string()),
        "month_on": pa.array([date(int(number) // 12, int(number) % 12 + 1, 1) for number in numbers], pa.date32()),
    }
    for name, values in columns.items():
        arrays[name] = pa.array(values[row, column] if values.size else np.empty(0), pa.float64(), from_pandas=True)
    return pa.table(arrays)


def logarithm(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Natural logarithm; not a number of what is not positive."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(values > 0, np.log(values), np.nan), dtype=float)
