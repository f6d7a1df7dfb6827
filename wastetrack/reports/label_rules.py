"""What the law says about the look of labels and signs, each value with its article and how sure we are of it.

One file: data/label_rules_cn.toml, which says what its deployer must confirm. A deployment that must differ names a
file of its own (setting `label_rules_file`) with the same tables, of which it needs only those that differ.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from wastetrack.errors import Malformed

T = TypeVar("T")
Rgb = tuple[int, int, int]


class LabelCertainty(StrEnum):
    """Where a value comes from."""

    TEXT = "text"
    """Read in the official text."""
    THIRD_PARTY = "third_party"
    """Read on pages of authorities' hotlines, firms or public code that quote the text."""
    UNCONFIRMED = "unconfirmed"
    """From memory; the deployer compares it with the standard."""
    OWN = "own"
    """The law leaves it open."""


@dataclass(frozen=True, slots=True)
class Stated(Generic[T]):
    """A value of law with its source."""

    value: T
    article: str
    certainty: LabelCertainty


@dataclass(frozen=True, slots=True)
class LabelSize:
    """One of the standard's sizes: for containers up to `up_to_litres` (None: all larger ones)."""

    name: str
    side_mm: int
    text_height_mm: float
    up_to_litres: Decimal | None
    on_two_sides: bool = False


@dataclass(frozen=True, slots=True)
class SignSize:
    """One size of a sign: for viewing from up to `up_to_metres` (None: from farther)."""

    name: str
    width_mm: int
    height_mm: int
    title_height_mm: float
    text_height_mm: float
    up_to_metres: Decimal | None


@dataclass(frozen=True, slots=True)
class LabelRules:
    """Sizes, colours and margins. `text_height_mm` is measured on a Chinese character such as 国."""

    sizes: Stated[tuple[LabelSize, ...]]
    background: Stated[Rgb]
    ink: Stated[Rgb]
    border_mm: Stated[float]
    margin_mm: Stated[float]
    margin_inside_size: Stated[bool]
    title: Stated[str]
    tag_text_height_mm: Stated[float]
    qr_least_mm: Stated[float]
    medical_sizes: Stated[tuple[LabelSize, ...]]
    medical_background: Stated[Rgb]
    medical_title: Stated[str]
    zone_sizes: Stated[tuple[SignSize, ...]]
    zone_background: Stated[Rgb]
    zone_block: Stated[Rgb]
    zone_title: Stated[str]
    facility_sizes: Stated[tuple[SignSize, ...]]
    facility_background: Stated[Rgb]
    facility_triangle_mm: Stated[float]
    facility_border_mm: Stated[float]

    def size_for(self, volume_litres: Decimal | None) -> LabelSize:
        """The least size allowed for a container; the smallest where its volume is not known."""
        return _fitting(self.sizes.value, volume_litres)

    def medical_size_for(self, volume_litres: Decimal | None) -> LabelSize:
        """The same for a bag or box of medical waste."""
        return _fitting(self.medical_sizes.value, volume_litres)


def _fitting(sizes: tuple[LabelSize, ...], volume_litres: Decimal | None) -> LabelSize:
    if volume_litres is None:
        return sizes[0]
    return next(size for size in sizes if size.up_to_litres is None or volume_litres <= size.up_to_litres)


_differing: dict[str, dict[str, Any]] = {}


def differ(file: Path | None) -> None:
    """Let a deployment's own file take the place of packaged values; None: nothing differs. For the start of a process.

    Raises Malformed for a table that is not known, or a value that cannot be.
    """
    _differing.clear()
    label_rules.cache_clear()
    if file is None:
        return
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    strange = sorted(set(told) - {each.name for each in fields(LabelRules)})
    if strange:
        message = "{file} names rules that are not known: {names}."
        raise Malformed("label_rule_unknown", message, file=str(file), names=", ".join(strange))
    _differing.update(told)
    try:
        label_rules()
    except Malformed:
        _differing.clear()
        label_rules.cache_clear()
        raise


@cache
def label_rules() -> LabelRules:
    """The rules of this deployment."""
    text = files("wastetrack.reports").joinpath("data", "label_rules_cn.toml").read_text(encoding="utf-8")
    packaged: dict[str, dict[str, Any]] = tomllib.loads(text)
    return LabelRules(**{name: _stated(name, entry | _differing.get(name, {})) for name, entry in packaged.items()})


_COLOURS: Final = frozenset({"background", "ink", "medical_background", "zone_background", "zone_block"}) | {
    "facility_background"
}
_FULL: Final = 255


def _stated(name: str, entry: Mapping[str, Any]) -> Stated[Any]:
    try:
        value = _value(name, entry["value"])
    except (TypeError, ValueError, KeyError, ArithmeticError) as wrong:
        message = "The label rule {name} cannot be read: “{value}”."
        raise Malformed("label_rule_unreadable", message, name=name, value=str(entry.get("value"))) from wrong
    return Stated(value, str(entry["article"]), LabelCertainty(entry["certainty"]))


def _value(name: str, value: Any) -> Any:  # noqa: ANN401  as its field says
    if name in _COLOURS:
        red, green, blue = (int(part) for part in value)
        if not all(0 <= part <= _FULL for part in (red, green, blue)):
            raise ValueError(name)
        return red, green, blue
    if name.endswith("sizes"):
        return _sizes(name, value)
    if name.endswith("_mm"):
        return _positive(value)
    wanted = bool if name == "margin_inside_size" else str
    if not isinstance(value, wanted) or value == "":
        raise ValueError(name)
    return value


def _sizes(name: str, values: list[dict[str, Any]]) -> tuple[LabelSize, ...] | tuple[SignSize, ...]:
    """Sizes in rising order, of which only the last has no limit, so that there is one for everything."""
    limit = "up_to_litres" if name in {"sizes", "medical_sizes"} else "up_to_metres"
    limits = [None if limit not in each else Decimal(str(each[limit])) for each in values]
    known = [each for each in limits if each is not None]
    if limits != [*known, None] or known != sorted(set(known)):
        raise ValueError(limit)
    if limit == "up_to_litres":
        return tuple(
            LabelSize(
                str(each["name"]),
                int(_positive(each["side_mm"])),
                _positive(each["text_height_mm"]),
                most,
                bool(each.get("on_two_sides", False)),
            )
            for each, most in zip(values, limits, strict=True)
        )
    return tuple(
        SignSize(
            str(each["name"]),
            int(_positive(each["width_mm"])),
            int(_positive(each["height_mm"])),
            _positive(each["title_height_mm"]),
            _positive(each["text_height_mm"]),
            most,
        )
        for each, most in zip(values, limits, strict=True)
    )


def _positive(value: float) -> float:
    if isinstance(value, bool) or not value > 0:
        raise ValueError(value)
    return float(value)


CHINA: Final = label_rules()
"""The packaged rules."""
