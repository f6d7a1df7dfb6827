"""What differs between two versions of a plan, field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wastetrack.plans.content import Content
from wastetrack.plans.model import PlanTable

_KEYS: Mapping[str, tuple[str, ...]] = {
    "facilities": ("facility_code",),
    "generation": ("waste_code", "facility_code"),
    "storage": ("facility_code", "waste_code"),
    "treatment": ("facility_code", "waste_code"),
    "transfer": ("waste_code", "method", "receiver_id", "receiver_name"),
    "lines": ("waste_code",),
}
"""By what a line of each table is known again, wherever it stands."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: None where the line, or the value, is not there."""

    table: PlanTable
    line: str
    name: str
    before: str | None
    after: str | None


def differences(before: Content, after: Content) -> tuple[Difference, ...]:
    """All of them, table by table."""
    found: list[Difference] = []
    for table in PlanTable:
        old, new = (dict(_flat(table, one)) for one in (before, after))
        found += [
            Difference(table, line, name, old.get((line, name)), new.get((line, name)))
            for line, name in dict.fromkeys([*old, *new])
            if old.get((line, name)) != new.get((line, name))
        ]
    return tuple(found)


def _flat(table: PlanTable, content: Content) -> Iterator[tuple[tuple[str, str], str]]:
    said = content.model_dump(mode="json", exclude_defaults=False)[table.value]
    if isinstance(said, list):
        yield from _lines(table.value, said)
        return
    for name, value in said.items():
        if name == "lines":
            yield from _lines(name, value)
        elif (text := _text(value)) is not None:
            yield ("", name), text


def _lines(name: str, lines: list[dict[str, Any]]) -> Iterator[tuple[tuple[str, str], str]]:
    for line in lines:
        known_by = " ".join(str(line[key]) for key in _KEYS[name] if line[key])
        for part, value in line.items():
            if (text := _text(value)) is not None:
                yield (known_by, part), text


def _text(value: Any) -> str | None:  # noqa: ANN401  JSON
    if value is None or value in ("", [], False):
        return None
    if isinstance(value, dict):  # a quantity
        factor = f" × {value['factor']}" if value.get("factor") else ""
        return f"{Decimal(value['value']).normalize():f} {value['unit']}{factor}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "✓" if value is True else str(value)
