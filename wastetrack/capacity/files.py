"""Instances as files: JSON with a list for each column, packed where the name ends in .gz.

Rows of a table refer to others by their position, masses are whole grams. What has no limit, no cost and no border of
reach is null.
"""

import gzip
import zlib
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson

from wastetrack.capacity.asking import faults
from wastetrack.capacity.model import (
    NO_LIMIT,
    Accepts,
    Approvals,
    Category,
    Instance,
    Lines,
    Places,
    Plants,
    Residues,
    Stores,
    Supply,
)
from wastetrack.errors import Malformed, NotFound

TABLES: Final[dict[str, type]] = {
    "places": Places, "supply": Supply, "stores": Stores, "plants": Plants, "lines": Lines, "accepts": Accepts,
    "approvals": Approvals, "residues": Residues,
}  # fmt: skip
_WORDS: Final = frozenset({"ids", "names", "regions", "methods"})
_NUMBERS: Final = frozenset({"longitude", "latitude", "opening_cost", "price", "load", "ratio"})
_BY_PERIOD: Final = frozenset({"capacity_g", "overload_g"})
_PACKED: Final = ".gz"


def write_instance(instance: Instance, path: Path) -> None:
    """Write it; the same instance writes the same bytes."""
    told: dict[str, Any] = {
        "title": instance.title,
        "periods": list(instance.periods),
        "categories": [
            {"code": one.code, "form": one.form, "is_medical": one.is_medical, "max_age": one.max_age}
            for one in instance.categories
        ],
        "reach_km": instance.reach_km if np.isfinite(instance.reach_km) else None,
        "haulage": instance.haulage,
        "roads": [[start, end, km] for (start, end), km in instance.roads.items()],
    }
    for name in TABLES:
        table = getattr(instance, name)
        told[name] = {column.name: _written(column.name, getattr(table, column.name)) for column in fields(table)}
    plain = orjson.dumps(told, option=orjson.OPT_SERIALIZE_NUMPY)
    path.write_bytes(gzip.compress(plain, mtime=0) if path.suffix == _PACKED else plain)


def _written(name: str, column: Any) -> Any:  # noqa: ANN401 - a column of any kind
    if name in _WORDS:
        return list(column)
    if name in _NUMBERS:
        return np.ascontiguousarray(column, dtype=np.float64)  # NaN is written as null
    if (column >= NO_LIMIT).any():
        return [None if mass >= NO_LIMIT else mass for mass in column.tolist()]
    return np.ascontiguousarray(column)


def read_instance(path: Path) -> Instance:
    """Read it, and look it over. Raises NotFound, Malformed."""
    told = read_json(path)
    try:
        periods = tuple(str(one) for one in told["periods"])
        instance = Instance(
            title=str(told["title"]),
            periods=periods,
            categories=tuple(Category(**one) for one in told["categories"]),
            reach_km=np.inf if told.get("reach_km") is None else float(told["reach_km"]),
            haulage=float(told.get("haulage", 1.0)),
            roads={(int(start), int(end)): float(km) for start, end, km in told.get("roads", ())},
            **{name: _table(kind, told[name], len(periods)) for name, kind in TABLES.items()},
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        message = "{path} is no instance of capacity matching: {reason}."
        raise Malformed("capacity.file", message, path=str(path), reason=_reason(error)) from error
    if wrong := faults(instance):
        message = "{path} says what cannot be: {faults}."
        raise Malformed("capacity.faults", message, path=str(path), faults="; ".join(wrong))
    return instance


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _table(kind: type, told: dict[str, Any], periods: int) -> Any:  # noqa: ANN401 - one of TABLES
    return kind(**{column.name: _read(column.name, told[column.name], periods) for column in fields(kind)})


def _read(name: str, told: list[Any], periods: int) -> Any:  # noqa: ANN401 - a column of any kind
    if name in _WORDS:
        return tuple(str(one) for one in told)
    if name in _NUMBERS:
        return np.array([np.nan if one is None else one for one in told], dtype=np.float64)
    if name in _BY_PERIOD:
        return _whole(told).reshape(-1, periods)
    return _whole([NO_LIMIT if one is None else one for one in told])


def _whole(told: list[Any]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Whole numbers only: a fraction of a gram is a mistake in units."""
    column = np.array(told)
    if column.size and column.dtype != np.int64:
        raise ValueError(f"whole numbers expected, {column.ravel()[:1].tolist()[0]!r} found")
    return column.astype(np.int64)


def read_json(path: Path) -> Any:  # noqa: ANN401 - what stands there
    """What a file holds. Raises NotFound, Malformed."""
    try:
        plain = path.read_bytes()
        return orjson.loads(gzip.decompress(plain) if path.suffix == _PACKED else plain)
    except FileNotFoundError as error:
        raise NotFound("capacity.no_file", "There is no file {path}.", path=str(path)) from error
    except (orjson.JSONDecodeError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        message = "{path} is no instance of capacity matching: {reason}."
        raise Malformed("capacity.file", message, path=str(path), reason=str(error)) from error
