"""`bench capacity` measures in processes of its own."""

import json

import pytest

from wastetrack.cli.benchmarking import capacity
from wastetrack.cli.benchmarking.rows import cost


@pytest.mark.parametrize("what", ["match", "plain", "flow", "losses", "plain_losses"])
def test_each_measurement_prints_what_it_took(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    if what == "flow":
        # Its solver and ours bring the same library in two makes; one process loads one of them.
        told = capacity._Runs().run(what, (20, 30), 3).figures
        assert told["optimal"] is True
    else:
        capacity.one(what, 20, 30, 1)
        told = json.loads(capsys.readouterr().out)
    assert told["seconds"] > 0
    assert told["mib"] > 1


def test_a_smaller_world_has_no_aim() -> None:
    row = capacity.without_aim(cost("capacity_nation", 3.0, 9.0, "s", at_most=1.0))
    assert (row.met, row.aim, row.ratio) == (None, "", 3.0)


def test_what_takes_too_long_is_stopped_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "LIMITS", {"match": 60.0, "plain": 0.01})
    runs = capacity._Runs()
    plain, ours = runs.run("plain", (20, 30), 1), runs.run("match", (20, 30), 1)
    assert (plain.figures, plain.stopped, plain.note) == ({}, 0.01, "stopped after 0 s")
    row = capacity.row_of("capacity_nation", ours, plain, "seconds", at_most=15.0)
    assert (row.met, row.note) == (True, "yardstick stopped after 0 s: the ratio is at least this")
    assert row.value > 0
    missing = capacity.row_of("capacity_nation", plain, ours, "seconds", at_most=15.0)
    assert (missing.met, missing.ratio, missing.note) == (False, 0.0, "stopped after 0 s")


def test_what_fails_says_so_and_what_there_is_no_time_for_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "LIMITS", {"dance": 60.0, "match": 60.0})
    failed = capacity._Runs().run("dance", (20, 30), 1)
    assert failed.note == "failed: KeyError: 'dance'"
    late = capacity._Runs(0.0).run("match", (20, 30), 1)
    assert late.note == "not run: the time for all was over"
    for told in (failed, late):
        assert capacity.row_of("capacity_year", told, told, "mib", at_most=1.0).met is False
        assert capacity._gap(told).note == told.note


def test_a_sample_is_said_to_be_one(capsys: pytest.CaptureFixture[str]) -> None:
    capacity.one("plain_losses", 20, 30, 1)
    told = json.loads(capsys.readouterr().out)
    assert told["note"] == "reckoned from 5 of 30 plants"
