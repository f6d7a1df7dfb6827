"""Whether two runs told the same."""

import json
import math
from typing import Any

from wastetrack.checks.running import Outcome

PART = 1e-9
"""By which fractions may differ: sums are rounded in another order."""


def difference(here: Outcome, there: Outcome) -> str:
    """What two outcomes of one rule differ in; nothing where they tell the same."""
    if here.answer is not there.answer or here.lacking != there.lacking:
        return f"{here.answer} and {there.answer}"
    ours, theirs = _rows(here), _rows(there)
    if len(ours) != len(theirs):
        return f"{len(ours)} and {len(theirs)} findings"
    for one, other in zip(ours, theirs, strict=True):
        if not _same(one, other):
            return ", ".join(
                f"{name} {one[name]} and {other[name]}" for name in one if not _same(one[name], other[name])
            )
    return ""


def _rows(outcome: Outcome) -> list[dict[str, Any]]:
    rows = [row | {"facts": json.loads(row["facts"])} for row in outcome.findings.to_pylist()]
    return sorted(rows, key=_place)


def _place(row: dict[str, Any]) -> tuple[str, ...]:
    """Fractions tell no order: they may differ in their last digit."""
    whole = {**row["facts"], **{name: value for name, value in row.items() if name != "facts"}}
    return tuple(str(value) for name, value in sorted(whole.items()) if not isinstance(value, float))


def _same(one: Any, other: Any) -> bool:  # noqa: ANN401  values of JSON
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=PART, abs_tol=PART)
    return bool(one == other)
