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
from wastetrack.capacity.model import NO_LIMIT, Category, Instance
from wastetrack.capacity.shaping import BY_PERIOD, NUMBERS, TABLES, WORDS, doubles, wrong_shape
from wastetrack.errors import Malformed, NotFound

_PACKED: Final = ".gz"
MOST: Final = 40
"""So many faults of a file are told."""


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
    if name in WORDS:
        return list(column)
    if name in NUMBERS:
        return np.ascontiguousarray(column, dtype=np.float64)  # NaN is written as null
    if (column >= NO_LIMIT).any():
        return [None if mass >= NO_LIMIT else mass for mass in column.tolist()]
    return np.ascontiguousarray(column)


def read_instance(path: Path) -> Instance:
    """Read it, and look it over. Raises NotFound, Malformed."""
    told = read_json(path)
    if wrong := wrong_shape(told):
        raise _wrong(path, wrong)
    periods = tuple(str(one) for one in told["periods"])
    try:
        instance = Instance(
            title=str(told["title"]),
            periods=periods,
            categories=tuple(Category(**one) for one in told["categories"]),
            reach_km=np.inf if told.get("reach_km") is None else float(told["reach_km"]),
            haulage=float(told.get("haulage", 1.0)),
            roads={(start, end): float(km) for start, end, km in told.get("roads", ())},
            **{name: _table(kind, told[name], len(periods)) for name, kind in TABLES.items()},
        )
    except OverflowError as error:
        raise _wrong(path, ["a mass is larger than can be counted"]) from error
    if wrong := [*doubles(told), *faults(instance)]:
        raise _wrong(path, wrong)
    return instance


def _wrong(path: Path, faults: list[str]) -> Malformed:
    told = [*faults[:MOST], *([f"and {len(faults) - MOST:,} more"] if len(faults) > MOST else [])]
    message = "{path} says what cannot be: {faults}."
    return Malformed("capacity.faults", message, path=str(path), faults="; ".join(told))


def _table(kind: type, told: dict[str, Any], periods: int) -> Any:  # noqa: ANN401 - one of TABLES
    return kind(**{column.name: _read(column.name, told[column.name], periods) for column in fields(kind)})


def _read(name: str, told: list[Any], periods: int) -> Any:  # noqa: ANN401 - a column of any kind
    if name in WORDS:
        return tuple(str(one) for one in told)
    if name in NUMBERS:
        return np.array([np.nan if one is None else one for one in told], dtype=np.float64)
    if name in BY_PERIOD:
        return np.array(told, dtype=np.int64).reshape(-1, periods)
    return np.array([NO_LIMIT if one is None else one for one in told], dtype=np.int64)


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
