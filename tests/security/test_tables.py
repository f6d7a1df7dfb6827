"""The tables of answers: nothing is left out, nothing is empty, and every test that is named exists."""

import ast
import json
import re
from pathlib import Path

import pytest

from tests.cli.test_main import run
from wastetrack.security.model import ListName, Row, Status, counts
from wastetrack.security.reading import rows_of

ROOT = Path(__file__).parents[2]
# How many requirements of levels 1 and 2 each chapter of ASVS 5.0.0 has; the seventeenth, WebRTC, is left out.
PER_CHAPTER = {
    1: (8, 19), 2: (4, 7), 3: (8, 11), 4: (2, 8), 5: (4, 5), 6: (13, 22), 7: (6, 12), 8: (4, 3),
    9: (4, 3), 10: (5, 24), 11: (3, 11), 12: (3, 6), 13: (1, 12), 14: (2, 7), 15: (3, 10), 16: (0, 16),
}  # fmt: skip


def defined_in(file: Path) -> set[str]:
    """The names of the tests that a file defines."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions if function.name.startswith("test_")}


def every_row() -> list[Row]:
    return [row for name in ListName for row in rows_of(name)]


def test_every_requirement_of_asvs_has_its_row() -> None:
    rows = rows_of(ListName.ASVS)
    assert len(rows) == 246
    assert len({row.id for row in rows}) == 246
    found = {
        chapter: tuple(
            sum(row.level == level and row.id.startswith(f"{chapter}.") for row in rows) for level in ("1", "2")
        )
        for chapter in range(1, 17)
    }
    assert found == PER_CHAPTER
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", row.id) for row in rows)


def test_the_other_lists_are_whole() -> None:
    assert [row.id for row in rows_of(ListName.CROMERR)] == [str(number) for number in range(1, 21)]
    djbh = [row.id for row in rows_of(ListName.DJBH)]
    assert {one.split(" ")[0] for one in djbh} == {f"8.1.4.{point}" for point in range(1, 12)}
    assert len(set(djbh)) == len(djbh) >= 28


@pytest.mark.parametrize("name", ListName)
def test_no_row_is_empty_and_each_status_brings_what_it_needs(name: ListName) -> None:
    for row in rows_of(name):
        assert len(row.answer.split()) > 3, row.id
        assert row.answer.endswith("."), row.id
        assert bool(row.tests) == (row.status is Status.MET), row.id
        assert name is ListName.ASVS or row.name, row.id


def test_every_test_that_is_named_exists() -> None:
    named = {test for row in every_row() for test in row.tests}
    assert len(named) > 60
    missing = set()
    known: dict[str, set[str]] = {}
    for test in named:
        path, _, function = test.partition("::")
        if path not in known:
            known[path] = defined_in(ROOT / path) if (ROOT / path).is_file() else set()
        if function not in known[path]:
            missing.add(test)
    assert missing == set()


def test_what_is_counted_is_printed() -> None:
    for name in ListName:
        print(name, counts(rows_of(name)))  # noqa: T201  the report of this table
        assert sum(counts(rows_of(name)).values()) == len(rows_of(name))


@pytest.mark.parametrize("name", ListName)
def test_the_command_tells_programs_and_people_the_same(name: ListName) -> None:
    done = run("security", name.value, "--json", port="not a port")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["list"] == name.value
    assert [row["id"] for row in told["rows"]] == [row.id for row in rows_of(name)]
    assert told["counts"] == counts(rows_of(name))
    printed = run("security", name.value, "--only", "met")
    assert printed.returncode == 0, printed.stderr
    assert f"met {told['counts']['met']}" in printed.stdout
    assert rows_of(name)[-1].id in run("security", name.value).stdout
