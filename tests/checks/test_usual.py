"""What is usual in the whole history is left by a run over all of it; an urgent run holds what is new against it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.databases import Cluster
from tests.support.eventful import ENDS, Eventful
from wastetrack.checks.live import URGENT, run_live
from wastetrack.checks.running import run
from wastetrack.checks.usual import Usual, read_usual, write_usual
from wastetrack.db.addresses import Address
from wastetrack.errors import Malformed
from wastetrack.extracts.copying import copy
from wastetrack.extracts.reading import open_extract
from wastetrack.findings.model import FactTold


@pytest.fixture(scope="module")
def there(cluster: Cluster) -> Iterator[Address]:
    """A database with an eventful history."""
    address = cluster.clone()
    with psycopg.connect(address.dsn) as connection:
        Eventful(4, papers=700).write(connection)
        connection.execute("analyze")
    yield address
    cluster.drop(address)


@pytest.fixture(scope="module")
def usual(there: Address, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a night leaves."""
    folder = tmp_path_factory.mktemp("copied")
    copy(there.dsn, folder)
    records = open_extract(folder)
    assert len(list(run(records, URGENT, as_of=ENDS))) == len(URGENT)
    write_usual(folder / "usual.json", records, ENDS)
    return folder / "usual.json"


def found(there: Address, usual: dict[str, Usual]) -> list[FactTold]:
    late: list[str] = []
    with psycopg.connect(there.dsn) as connection:
        told = run_live(connection, as_of=ENDS, numbers={}, late=late, usual=usual)
    assert not late
    return sorted(told.facts, key=str)


def _rounded(facts: list[FactTold]) -> list[Any]:
    """Engines differ in the last digits of a quantile."""
    rounded = [replace(one.fact, statistic=round(one.fact.statistic, 4), threshold=0, facts={}) for one in facts]
    return [(one.rule, one.subject_id, str(fact)) for one, fact in zip(facts, rounded, strict=True)]


def test_what_a_night_has_told_is_what_would_be_computed(there: Address, usual: Path) -> None:
    told = dict(read_usual(usual))
    computed = found(there, {})
    assert {name.split()[0] for name in told} >= {"gates", "lanes", "R02", "R06", "R06T", "licence", "R16", "R25M"}
    assert {one.rule for one in computed} >= {"R01", "R02", "R16"}
    assert _rounded(found(there, told)) == _rounded(computed)


def test_what_a_night_has_told_is_believed(there: Address, usual: Path) -> None:
    told = dict(read_usual(usual))
    before = {one.rule for one in found(there, told)}
    (shares,) = [name for name in told if name.startswith("R16 shares")]
    common = [{**row, "share": 1.0} for row in told[shares].rows]
    assert common
    after = {one.rule for one in found(there, told | {shares: replace(told[shares], rows=tuple(common))})}
    assert before - after == {"R16"}, "what lacks for everybody was not entered"


def test_a_table_of_another_form_is_computed_anew(there: Address, usual: Path) -> None:
    told = dict(read_usual(usual))
    strange = {name: replace(one, columns=("other",), rows=({"other": 1},)) for name, one in told.items()}
    assert _rounded(found(there, strange)) == _rounded(found(there, {}))


def test_what_rests_stays_and_what_is_old_is_forgotten(there: Address, usual: Path, tmp_path: Path) -> None:
    path = tmp_path / "usual.json"
    path.write_bytes(usual.read_bytes())
    with psycopg.connect(there.dsn):
        records = open_extract(usual.parent)
    write_usual(path, records, ENDS + timedelta(days=61))
    assert read_usual(path) == read_usual(usual), "no rule has asked for anything"
    write_usual(path, records, ENDS + timedelta(days=63))
    assert read_usual(path) == {}


def test_a_file_that_is_none_of_ours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "usual.json"
    assert read_usual(path) == {}
    for content in ("no JSON", "[]", json.dumps({"lanes": {"rows": []}})):
        path.write_text(content)
        with pytest.raises(Malformed, match="does not say what is usual"):
            read_usual(path)
