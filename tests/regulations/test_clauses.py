"""The tables of clauses: every text has its rows, nothing is empty, and every test that is named exists."""

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest

from tests.cli.test_main import run
from wastetrack.regulations.model import SOURCES, Clause, Standing, counts
from wastetrack.regulations.reading import all_clauses, clauses_of

ROOT = Path(__file__).parents[2]
MOST_TESTS = 4
NAMES = [source.name for source in SOURCES]


def numbers(first: int, last: int, *, of: str = "") -> set[str]:
    """`6.1.1` to `6.1.6` for `of="6.1."`."""
    return {f"{of}{number}" for number in range(first, last + 1)}


# What the texts themselves count, taken from the texts and not from our tables. Articles of laws by number; clauses of
# standards as deep as they bind (limits of emission, siting and the like by their chapter).
WHOLE: dict[str, set[str]] = {
    "order23": numbers(1, 32),
    "permits": numbers(1, 33),
    "medical_waste": numbers(1, 57),
    "solid_waste_law": numbers(1, 126),
    "hj1259": {
        *numbers(1, 3),
        *(numbers(1, 2, of="4.1.") | numbers(1, 3, of="4.2.") | numbers(1, 3, of="4.3.")),
        *({"5.1"} | numbers(1, 3, of="5.2.") | numbers(1, 3, of="5.3.") | numbers(1, 2, of="5.4.")),
        *({"5.5.1", "5.5.5"} | numbers(1, 2, of="5.5.2.") | numbers(1, 2, of="5.5.3.") | numbers(1, 2, of="5.5.4.")),
        *(numbers(1, 3, of="6.1.") | {"6.2"} | numbers(1, 5, of="6.3.") | {"6.4"}),
        *(numbers(1, 3, of="7.1.") | numbers(1, 3, of="7.2.") | numbers(1, 2, of="7.3.")),
        *(numbers(1, 7, of="A.") | numbers(1, 5, of="B.") | numbers(1, 3, of="C.")),
    },
    "gb18597": {
        *(numbers(1, 3) | numbers(1, 10, of="4.") | numbers(1, 4, of="5.")),
        *(numbers(1, 6, of="6.1.") | numbers(1, 3, of="6.2.") | numbers(1, 3, of="6.3.") | numbers(1, 3, of="6.4.")),
        *(numbers(1, 3, of="6.5.") | numbers(1, 6, of="7.")),
        *(numbers(1, 6, of="8.1.") | numbers(1, 7, of="8.2.") | numbers(1, 5, of="8.3.")),
        *({"9", "10", "12"} | numbers(1, 3, of="11.")),
    },
    "gb18599": {*numbers(1, 5), *numbers(1, 5, of="6."), *numbers(1, 6, of="7."), *numbers(8, 11)},
    "gb39707": {
        *(numbers(1, 4) | numbers(1, 2, of="5.1.") | numbers(1, 2, of="5.2.") | numbers(1, 2, of="5.3.")),
        *(numbers(1, 7, of="5.4.") | numbers(1, 2, of="5.5.") | numbers(1, 5, of="5.6.") | {"5.7", "6", "6.6"}),
        *(numbers(1, 6, of="7.1.") | {"7.2", "7.3", "8"} | numbers(1, 4, of="9.") | {"A", "B"}),
    },
}
# The text of HJ 1276 was not at hand, and the last table gathers rules of many texts.
TABLES_OF_THEIR_OWN = {"hj1276": 14, "further": 33}


def numbers_of(clause: Clause) -> set[str]:
    """The numbers that a row speaks of: `42-54` of thirteen, `10(1)` and `10 last` of 10, `5.4.6 a` of 5.4.6."""
    first, last = re.match(r"([A-C](?:\.\d+)?|[\d.]+)(?:-(\d+))?", clause.number).groups()  # type: ignore[union-attr]
    return {first} if last is None else numbers(int(first), int(last))


@cache
def defined_in(path: str) -> frozenset[str]:
    """The tests that a file defines, those of classes as `Class::test`."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    bodies = [("", tree.body), *((f"{one.name}::", one.body) for one in tree.body if isinstance(one, ast.ClassDef))]
    return frozenset(
        f"{of}{one.name}"
        for of, body in bodies
        for one in body
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name.startswith("test_")
    )


def test_every_text_has_its_table() -> None:
    assert set(NAMES) == {*WHOLE, *TABLES_OF_THEIR_OWN}
    assert {file.stem for file in (ROOT / "wastetrack/regulations/data").glob("*.csv")} == set(NAMES)
    for name, least in TABLES_OF_THEIR_OWN.items():
        assert len(clauses_of(name)) >= least, name


@pytest.mark.parametrize("name", WHOLE)
def test_every_clause_of_a_text_has_its_row(name: str) -> None:
    told = set().union(*(numbers_of(clause) for clause in clauses_of(name)))
    assert WHOLE[name] - told == set()
    # A row may go deeper than the list; it may not speak of what the text does not have.
    assert {number for number in told if not any(number.startswith(whole) for whole in WHOLE[name])} == set()


@pytest.mark.parametrize("name", NAMES)
def test_no_row_is_empty_and_each_answer_brings_what_it_needs(name: str) -> None:
    clauses = clauses_of(name)
    assert len({clause.number for clause in clauses}) == len(clauses)
    for clause in clauses:
        assert clause.number
        assert clause.duty, clause.number
        shown = clause.status is Standing.SHOWN
        assert bool(clause.tests) == shown, clause.number
        assert len(clause.tests) <= MOST_TESTS, clause.number
        assert len(set(clause.tests)) == len(clause.tests), clause.number
        assert bool(clause.answer) != shown, clause.number
        assert shown or clause.answer.endswith("."), clause.number
        assert clause.status is not Standing.MISSING or len(clause.answer.split()) > 8, clause.number
        # What asks something of somebody says of whom; what was said to bind nobody needs no test.
        assert clause.binds or clause.status is not Standing.MISSING, clause.number


def test_every_test_that_is_named_exists() -> None:
    named = {test for clause in all_clauses() for test in clause.tests}
    assert len(named) > 150
    assert {test for test in named if test.partition("::")[2] not in defined_in(test.partition("::")[0])} == set()


def test_the_command_tells_programs_the_rows_and_their_counts() -> None:
    done = run("regulations", "--json", port="not a port")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [(one["source"], one["clause"]) for one in told["clauses"]] == [
        (clause.source, clause.number) for clause in all_clauses()
    ]
    assert sum(told["counts"].values()) == len(told["clauses"])
    for status in Standing:
        rows = [one for one in told["clauses"] if one["status"] == status.value]
        assert told["counts"][status.value] == len(rows) == sum(one[status.value] for one in told["sources"])
    assert [(one["name"], one["title"]) for one in told["sources"]] == [(one.name, one.title) for one in SOURCES]
    assert all(
        set(one) == {"source", "clause", "binds", "duty", "status", "answer", "tests"} for one in told["clauses"]
    )


def test_the_command_tells_people_what_they_ask_for() -> None:
    one = json.loads(run("regulations", "--json", "--source", "order23", "--only", "missing").stdout)
    assert {clause["status"] for clause in one["clauses"]} <= {"missing"}
    assert one["counts"] == counts(clauses_of("order23"))
    assert [source["name"] for source in one["sources"]] == ["order23"]
    printed = run("regulations", "--source", "permits", "--only", "shown")
    assert printed.returncode == 0, printed.stderr
    told = counts(clauses_of("permits"))
    assert f"shown {told['shown']}, not_for_software {told['not_for_software']}" in printed.stdout
    assert "13(2)" in printed.stdout
    wrong = run("regulations", "--source", "order5")
    assert wrong.returncode != 0
    assert "order23" in wrong.stderr
