"""`wastetrack checks run` as a person starts it."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from tests.support.records import row_of
from wastetrack.checks.daily import write_state
from wastetrack.cli.benchmarking.found import show
from wastetrack.cli.checks import _earlier
from wastetrack.cli.main import app
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.files import arrow_schema

WIDTH = 80
RATE = {"value": 0.5, "hits": 1, "of": 2, "low": 0.01, "high": 0.99, "interval": "wilson"}


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """One manifest of which nothing was received."""
    table = TABLES["manifests"]
    row = {"received_g": 0, "rejected_g": 0, "received_at": "2026-03-02 18:00", "declared_g": 5_000_000}
    pq.write_table(pa.Table.from_pylist([row_of(table, row, 1)], arrow_schema(table)), tmp_path / "manifests.parquet")
    return tmp_path


def _run(*words: str) -> str:
    ran = CliRunner().invoke(app, ["checks", "run", *words], env={"COLUMNS": str(WIDTH)})
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_a_second_run_goes_on_from_the_state_of_the_first(extract: Path, tmp_path: Path) -> None:
    words = ("--data", str(extract), "--state", str(tmp_path / "state"), "--rule", "F02", "--json")
    first, second = (json.loads(_run(*words)) for _ in range(2))
    assert first["since"] is None
    assert second["since"] == first["as_of"]
    assert [one["findings"] for one in (*first["rules"], *second["rules"])] == [1, 1]


def test_each_thing_that_is_wrong_has_a_line_of_its_own_that_names_its_place(extract: Path) -> None:
    table = TABLES["manifests"]
    rows = [row_of(table, {"manifest_id": f"m{n}", "declared_g": 1_000_000 - n * 2_000_000}, n) for n in (1, 2)]
    pq.write_table(pa.Table.from_pylist(rows, arrow_schema(table)), extract / "manifests.parquet")
    words = ("-m", "wastetrack.cli.main", "checks", "run", "--data", str(extract))
    ran = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert ran.returncode == 3, ran.stderr
    told = [line for line in ran.stderr.splitlines() if line.startswith("wastetrack: ")]  # beside what libraries say
    assert [line.partition(" is ")[0] for line in told] == [
        f"wastetrack: manifests.parquet, row {row}: declared_g" for row in (1, 2)
    ]


def test_a_rule_that_rests_is_said_to(extract: Path, tmp_path: Path) -> None:
    words = ("--data", str(extract), "--state", str(tmp_path / "state"), "--rule", "Q01", "--rule", "F02")
    first, second = (json.loads(_run(*words, "--json")) for _ in range(2))
    assert [one["rests_since"] for one in first["rules"]] == [None, None]
    assert [one["rests_since"] for one in second["rules"]] == [first["as_of"], None]
    lines = _run(*words).splitlines()
    assert [line.split()[-1] == "rests" for line in lines if line[:3] in ("Q01", "F02")] == [True, False]
    assert any(line.startswith("1 rules rest") for line in lines)


def test_what_was_not_published_is_looked_at_again_when_it_is_to_be(tmp_path: Path) -> None:
    state, at = tmp_path / "state", datetime(2026, 5, 2, tzinfo=UTC)
    assert _earlier(state, publish=True) is None
    for published in (False, True):
        write_state(state, [], at, published=published)
        assert (_earlier(state, publish=True) is not None) is published
        assert _earlier(state, publish=False) is not None


def test_its_tables_fit_a_screen_of_80_columns(extract: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = _run("--data", str(extract)).splitlines()
    assert lines[0].split() == ["rule", "title", "queue", "findings", "t", "at", "risk", "s"]
    assert max(len(line) for line in lines) <= WIDTH
    assert any(line.startswith("R04 ") and "no data: manifests.carrier_id, weighings" in line for line in lines)
    one = {
        "typology": "fictitious_treatment", "of": "intermediate", "recall": RATE, "recall_by_mass": 0.5,
        "recall_by_mass_strict": 0.25, "recall_of_all": 0.5, "false_of_all": 12_345, "false_allowed": 12,
        "hours": 1_656.0, "within_a_day": 1.0, "loads": 1_000.0, "lost_before_kg": 1_092_057.0, "lost_before": 0.5,
        "method": "gradient_boosting_40",
    }  # fmt: skip
    queue = {
        "queue": "eligibility", "alarms": 58_455, "precision": RATE, "false_per_1000": 49.9, "read": 75,
        "precision_read": RATE,
    }  # fmt: skip
    target = {
        "target": "integrity queues (never arrived, clone, out of permit, overdue) recall >= .99 within 24 h",
        "measured": "false alarms per 1,000 manifests, as far as read", "wanted": 0.99, "bound": "at least",
        "reached": RATE | {"of": 101_200.0}, "met": False, "level": "At 2 false alarms in 1,000 manifests.",
    }  # fmt: skip
    methods = [one | {"method": f"gradient_boosting_{number}"} for number in range(6)]
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("COLUMNS", str(WIDTH))
        told = {"worlds": [], "notes": [], "targets": [target], "rules": [one], "queues": [queue]}
        show(told | {"baselines": methods, "precision_at_100": {}})
    shown = capsys.readouterr().out
    assert "…" not in shown
    assert shown.count("fictitious_treatment") == 5, "recalls, times, six methods in two tables, and by kg at 1 %"
    assert "fictitious_treatment 0.25" in shown
    for words in ("not met", "1,092,057", "58,455", "gradient boosting 5", "kg before", "intermediate"):
        assert words.split()[-1] in shown
    assert max(len(line) for line in shown.splitlines()) <= WIDTH


def test_rules_are_told_with_their_numbers_where_those_come_from_and_what_they_see() -> None:
    told = CliRunner().invoke(app, ["checks", "rules"])
    assert told.exit_code == 0, told.output
    sheet = told.stdout[told.stdout.index("R02  Not arrived") :].split("\n\n")[0]
    assert "  hours = 24 h: after the expected arrival, at the latest (design of the checks, R02)" in sheet
    assert "  grave_g = 3 t: mass that makes it a crime (Judicial Interpretation 2023 No. 7 art. 1(2))" in sheet
    for word in ("formula: no gate scan", "sees: ", "false alarms: ", "article: Order 23 art. "):
        assert f"  {word}" in sheet
