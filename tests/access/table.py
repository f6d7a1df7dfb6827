"""The reviewed expectations, expected.csv beside this file: a line for each address and case, a column a role."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path

from tests.access.calling import ROLES

FILE = Path(__file__).parent / "expected.csv"
WRITE = "WASTETRACK_WRITE_ACCESS_TABLE"
"""Set in the environment, the test writes the file anew instead of comparing; look at each changed cell then."""
HEAD = f"""\
# Who gets which answer: every address, every role, one's own thing, a foreign one, and one that is not there.
# Written by one command, then reviewed line by line; look at each changed cell with `git diff --word-diff`:
#   {WRITE}=1 python -m pytest tests/access/test_matrix.py
# Cases: own (the trade in which the roles take part; the stranger is none of it), foreign (the same thing of another
# region's firms), absent (no such thing), public (a foreign thing of the public register), - (names no thing).
# Cells: the status; login means 303 to the sign-in page; nothing stands where a machine (system, reader, directory:
# tokens of the shipper) cannot call, for pages take no bearer.
# New addresses need a sample in one of the files samples*.py if they take a body.
"""

Table = dict[tuple[str, str], dict[str, str]]


def read() -> Table:
    """The table as it was reviewed; empty where there is none yet."""
    if not FILE.exists():
        return {}
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {(row.pop("route"), row.pop("case")): row for row in csv.DictReader(lines)}


def write(found: Mapping[tuple[str, str], Mapping[str, str]]) -> None:
    """Write the table anew."""
    with FILE.open("w", encoding="utf-8", newline="") as file:
        file.write(HEAD)
        rows = csv.DictWriter(file, ["route", "case", *ROLES], lineterminator="\n")
        rows.writeheader()
        for (route, case), cells in found.items():
            rows.writerow({"route": route, "case": case, **cells})


def is_to_be_written() -> bool:
    """Whether somebody asked for a new table."""
    return bool(os.environ.get(WRITE))
