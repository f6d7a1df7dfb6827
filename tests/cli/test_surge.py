"""`wastetrack surge`: a preset, a file that was edited, the answer as JSON; and what cannot be read."""

import json
from pathlib import Path

from tests.cli.test_main import run
from wastetrack.capacity.surge_model import TONNE, SurgeAnswer, SurgeQuestion


def test_a_preset_says_when_capacity_is_exceeded_and_what_goes_nowhere() -> None:
    told = run("surge", "--preset", "wuhan")
    assert told.returncode == 0, told.stderr
    assert "usual capacity 50.0 t a day; exceeded after 59 hours." in told.stdout
    assert "2020-03-01" in told.stdout
    assert "0 helper(s)" in told.stdout


def test_a_question_is_edited_and_asked_again(tmp_path: Path) -> None:
    asked = json.loads(run("surge", "--preset", "hubei", "--question").stdout)
    assert asked["curve"]["peak_g"] == 658_400_000
    helper = {**asked["plants"][0], "id": "kiln", "name": "水泥窑", "tier": "cement_kiln", "is_called": True}
    asked["plants"].append({**helper, "daily_g": 500 * TONNE, "lead_hours": 24})
    file = tmp_path / "question.json"
    file.write_text(json.dumps(asked), encoding="utf-8")
    told = run("surge", str(file), "--json")
    assert told.returncode == 0, told.stderr
    found = SurgeAnswer.from_json(json.loads(told.stdout))
    assert found.helpers_needed == 1
    assert SurgeQuestion.from_json(asked).usual_g == found.usual_g == 180 * TONNE
    assert found.unmatched_g == 0  # what exceeds on the first days waits until the kiln is ready


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "question.json"
    for content, words in (("{", "This is no question"), ("{}", "begins_on"), ('{"begins_on": "x"}', "no question")):
        file.write_text(content, encoding="utf-8")
        told = run("surge", str(file))
        assert told.returncode == 2
        assert words in told.stderr
    assert run("surge", "--preset", "own").returncode == 2
