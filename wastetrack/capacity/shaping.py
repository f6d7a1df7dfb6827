"""What each column of a file of an instance holds, and what is wrong with a file, by table, column and row.

Rows are counted from 0, as references count them. Of each column the first few wrong entries are named, of a file all
columns at once.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import Any, Final

from wastetrack.capacity.model import Accepts, Approvals, Lines, Places, Plants, Residues, Stores, Supply

TABLES: Final[dict[str, type]] = {
    "places": Places, "supply": Supply, "stores": Stores, "plants": Plants, "lines": Lines, "accepts": Accepts,
    "approvals": Approvals, "residues": Residues,
}  # fmt: skip
WORDS: Final = frozenset({"ids", "names", "regions", "methods"})
NUMBERS: Final = frozenset({"longitude", "latitude", "opening_cost", "price", "load", "ratio"})
BY_PERIOD: Final = frozenset({"capacity_g", "overload_g"})
MAY_BE_NULL: Final = frozenset({"permitted_g", "limit_g", "opening_cost"})
NAMED: Final = 3
"""So many wrong entries of a column are named."""
_REGION_DIGITS: Final = 6


def wrong_shape(told: Any) -> list[str]:  # noqa: ANN401 - what stood in a file
    """What is missing, or is of another kind than it must be."""
    if not isinstance(told, dict):
        return ["an object with periods, categories and tables is expected"]
    found = [f"{name} is missing" for name in ("title", "periods", "categories", *TABLES) if name not in told]
    if not isinstance(told.get("periods", []), list):
        return [*found, "periods: a list is expected"]
    for name in TABLES:
        if name in told:
            found += _table(name, told[name], len(told.get("periods", [])))
    return [*found, *_categories(told.get("categories", [])), *_rest(told)]


def _table(name: str, table: Any, periods: int) -> Iterator[str]:  # noqa: ANN401 - what stood in a file
    if not isinstance(table, dict):
        yield f"{name}: an object with a list for each column is expected"
        return
    columns = [one.name for one in fields(TABLES[name])]
    yield from (f"{name}.{column} is missing" for column in columns if column not in table)
    yield from (f"{name}.{column} is no column of it" for column in table if column not in columns)
    lists = {column: table[column] for column in columns if isinstance(table.get(column), list)}
    yield from (f"{name}.{one}: a list is expected" for one in columns if one in table and one not in lists)
    longest = max(map(len, lists.values()), default=0)
    for column, entries in lists.items():
        if len(entries) != longest:
            yield f"{name}.{column}: {len(entries)} entries for {longest} rows"
        yield from _entries(f"{name}.{column}", entries, *_kind(column, periods))


def _kind(column: str, periods: int) -> tuple[Callable[[Any], bool], str]:
    """What an entry of a column must be, and how that is said."""
    if column in WORDS:
        if column == "regions":
            return _is_region, "is not six digits"
        return (lambda one: isinstance(one, str)), "is no text"
    if column in NUMBERS:
        null = column in MAY_BE_NULL
        return (lambda one: null if one is None else _is_number(one)), "is no number"
    if column in BY_PERIOD:
        return (
            lambda one: isinstance(one, list) and len(one) == periods and all(map(_is_whole, one))
        ), f"is not {periods} whole numbers, one for each period"
    null = column in MAY_BE_NULL
    grams = " of grams" if column.endswith("_g") else ""
    return (lambda one: null if one is None else _is_whole(one)), f"is no whole number{grams}"


def _is_whole(one: Any) -> bool:  # noqa: ANN401 - what stood in a file
    return type(one) is int


def _is_number(one: Any) -> bool:  # noqa: ANN401 - what stood in a file
    return type(one) in (int, float) and math.isfinite(one)


def _is_region(one: Any) -> bool:  # noqa: ANN401 - what stood in a file
    return isinstance(one, str) and len(one) == _REGION_DIGITS and one.isdecimal()


def _entries(name: str, entries: Sequence[Any], fits: Callable[[Any], bool], expected: str) -> Iterator[str]:
    yield from named(name, [(row, f"{one!r}") for row, one in enumerate(entries) if not fits(one)], expected)


def named(name: str, wrong: Sequence[tuple[int, str]], what: str) -> Iterator[str]:
    """The first wrong rows of a column, and how many more there are."""
    for row, value in wrong[:NAMED]:
        yield f"{name}, row {row}: {value[:60]} {what}"
    if len(wrong) > NAMED:
        yield f"{name}: the same in {len(wrong) - NAMED:,} more rows"


def _categories(told: Any) -> Iterator[str]:  # noqa: ANN401 - what stood in a file
    if not isinstance(told, list):
        yield "categories: a list is expected"
        return
    kinds: dict[str, Callable[[Any], bool]] = {
        "code": lambda one: isinstance(one, str) and bool(one), "form": lambda one: isinstance(one, str),
        "is_medical": lambda one: isinstance(one, bool), "max_age": lambda one: one is None or _is_whole(one),
    }  # fmt: skip
    for row, one in enumerate(told):
        if not isinstance(one, dict) or "code" not in one:
            yield f"categories, row {row}: an object with a code is expected"
            continue
        yield from (
            f"categories.{name}, row {row}: {one[name]!r} is none" for name in one if not _fits(kinds, name, one)
        )


def _fits(kinds: dict[str, Callable[[Any], bool]], name: str, one: dict[str, Any]) -> bool:
    return name in kinds and kinds[name](one[name])


def _rest(told: dict[str, Any]) -> Iterator[str]:
    for name, null in (("reach_km", True), ("haulage", False)):
        one = told.get(name, 0)
        if not (one is None and null) and not (_is_number(one) and one >= 0):
            yield f"{name}: {one!r} is no number of 0 or more"
    roads = told.get("roads", [])
    places = len(told["places"]["ids"]) if _has_ids(told.get("places")) else 0
    wrong = [(row, f"{one!r}") for row, one in enumerate(roads) if not _is_road(one, places)]
    yield from named("roads", wrong, "is not two places and kilometres")


def _has_ids(places: Any) -> bool:  # noqa: ANN401 - what stood in a file
    return isinstance(places, dict) and isinstance(places.get("ids"), list)


def _is_road(one: Any, places: int) -> bool:  # noqa: ANN401 - what stood in a file
    if not isinstance(one, list) or len(one) != 3:  # noqa: PLR2004 - from, to, kilometres
        return False
    ends = all(_is_whole(end) and 0 <= end < places for end in one[:2])
    return ends and _is_number(one[2]) and one[2] >= 0


def doubles(told: dict[str, Any]) -> Iterator[str]:
    """Names that stand twice where each may stand once."""
    lists = [(f"{name}.ids", told[name]["ids"]) for name in ("places", "plants", "lines")]
    lists += [
        ("periods", told["periods"]),
        ("categories", [f"{one['code']} {one.get('form', '')}".strip() for one in told["categories"]]),
    ]
    for name, entries in lists:
        first: dict[str, int] = {}
        twice = [(row, f"{one!r}") for row, one in enumerate(entries) if first.setdefault(str(one), row) != row]
        yield from named(name, twice, "stands there already")
