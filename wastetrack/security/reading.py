"""Reads the tables of answers that travel with the package."""

import csv
import tomllib
from functools import cache
from importlib.resources import files

from wastetrack.security.model import Entry, ListName, Row, Status


@cache
def rows_of(name: ListName) -> tuple[Row, ...]:
    """All rows of a list, in its order. Raises ValueError for a status that we do not have."""
    text = files("wastetrack.security").joinpath("data", f"{name.value}.csv").read_text(encoding="utf-8")
    return tuple(
        Row(
            id=row["id"],
            level=row["level"],
            name=row["name"],
            status=Status(row["status"]),
            answer=row["answer"],
            tests=tuple(row["tests"].split()),
        )
        for row in csv.DictReader(text.splitlines())
    )


@cache
def inventory() -> tuple[Entry, ...]:
    """What the program says of itself, topic by topic."""
    text = files("wastetrack.security").joinpath("data", "inventory.toml").read_text(encoding="utf-8")
    return tuple(
        Entry(
            topic=entry["topic"],
            says=entry["says"],
            names=tuple(entry.get("names", ())),
            figures=entry.get("figures", {}),
            settings=entry.get("settings", {}),
        )
        for entry in tomllib.loads(text)["entry"]
    )
