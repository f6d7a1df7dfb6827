"""`bench capacity` measures in processes of its own."""

import json

import pytest

from wastetrack.cli.benchmarking import capacity
from wastetrack.cli.benchmarking.rows import cost


@pytest.mark.parametrize("what", ["match", "plain", "flow", "losses", "plain_losses"])
def test_each_measurement_prints_what_it_took(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    if what == "flow":
        # Its solver and ours bring the same library in two makes; one process loads one of them.
        told = capacity._run(what, (20, 30), 3)
        assert told["optimal"] is True
    else:
        capacity.one(what, 20, 30, 1)
        told = json.loads(capsys.readouterr().out)
    assert told["seconds"] > 0
    assert told["mib"] > 1


def test_a_smaller_world_has_no_aim() -> None:
    row = capacity.without_aim(cost("capacity_nation", 3.0, 9.0, "s", at_most=1.0))
    assert (row.met, row.aim, row.ratio) == (None, "", 3.0)
