"""Reads the tables of clauses that travel with the package."""

import csv
from functools import cache
from importlib.resources import files

from wastetrack.regulations.model import SOURCES, Clause, Standing


@cache
def clauses_of(source: str) -> tuple[Clause, ...]:
    """All clauses of one text, in its order. Raises ValueError for a status that we do not have."""
    text = files("wastetrack.regulations").joinpath("data", f"{source}.csv").read_text(encoding="utf-8")
    return tuple(
        Clause(
            source=source,
            number=row["clause"],
            binds=row["binds"],
            duty=row["duty"],
            status=Standing(row["status"]),
            answer=row["answer"],
            tests=tuple(row["tests"].split()),
        )
        for row in csv.DictReader(text.splitlines())
    )


def all_clauses() -> tuple[Clause, ...]:
    """Every clause of every text."""
    return tuple(clause for source in SOURCES for clause in clauses_of(source.name))
