"""Several tests of one rule as one table of findings."""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir


def together(*parts: ir.Table) -> ir.Table:
    """The rows of all. Engines unite only columns of one type: whole numbers, fractions and instants take their widest.

    All parts have the same columns in the same order.
    """
    return ibis.union(*[part.select(**{name: _widest(name, part[name]) for name in part.columns}) for part in parts])


def _widest(name: str, value: ir.Value) -> ir.Value:
    kind = value.type()
    if name in ("statistic", "threshold"):
        return value.cast("float64")
    if kind.is_integer():
        return value.cast("int64")
    if kind.is_floating():
        return value.cast("float64")
    if kind.is_timestamp():
        return value.cast(dt.Timestamp(timezone="UTC"))
    return value
