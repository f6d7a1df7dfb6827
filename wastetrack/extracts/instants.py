"""Instants in DuckDB: told and made by their microseconds.

A cast between an instant and a time without zone asks DuckDB's calendar of the session's zone for each row, thirty
times dearer than the number that it gives in UTC, where every connection here is.
"""

from typing import Any

import ibis.expr.datatypes as dt
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler


class InstantCompiler(DuckDBCompiler):  # type: ignore[misc]  # Ibis has no types
    """Writes SQL for connections whose zone is UTC."""

    __slots__ = ()

    def visit_ExtractEpochSeconds(self, op: Any, *, arg: Any) -> Any:  # noqa: ANN401, N802  as Ibis has it
        """Seconds since 1970."""
        if _is_instant(op.arg.dtype):
            return self.f.epoch(arg)
        return super().visit_ExtractEpochSeconds(op, arg=arg)

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:  # noqa: ANN401, N802  as Ibis has it
        """From an instant to the time in UTC, or back."""
        given = op.arg.dtype
        if _is_instant(given) and to.is_timestamp() and to.timezone is None:
            return self.f.anon.make_timestamp(self.f.anon.epoch_us(arg))
        if _is_instant(to) and given.is_timestamp() and given.timezone is None:
            return self.f.anon.make_timestamptz(self.f.anon.epoch_us(arg))
        return super().visit_Cast(op, arg=arg, to=to)


def _is_instant(kind: dt.DataType) -> bool:
    return bool(kind.is_timestamp() and kind.timezone is not None)
