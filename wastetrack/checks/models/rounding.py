"""Sums that are the same whoever added them up.

Engines and their threads add in different orders, and the last digits of a sum depend on it. An iterative fit that
stops at a tolerance makes of a last digit a difference that can be seen.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

DIGITS = 10
"""Significant ones that are kept."""


def same_sums(table: pa.Table) -> pa.Table:
    """The rows with every fraction rounded to so many significant digits."""
    for place, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            values = np.asarray(table[field.name], dtype=np.float64)
            table = table.set_column(place, field.name, pa.array(_rounded(values), from_pandas=True))
    return table


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    parts, exponents = np.frexp(values)
    steps = 10.0**DIGITS
    return np.asarray(np.ldexp(np.rint(parts * steps) / steps, exponents))
