"""`wastetrack positions` and `wastetrack zones` before anybody sends a file."""

import json
from pathlib import Path

from typer.testing import CliRunner

from tests.positions.test_reading_zones import SQUARE, feature
from wastetrack.cli import positions, zones


def test_a_file_of_fixes_is_looked_at_without_a_database(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    head = "plate,seen_at,latitude,longitude,frame\n"
    good.write_text(head + "鲁F12345,2026-03-01T14:20:00+08:00,37.4,121.4,wgs84\n", encoding="utf-8")
    bad.write_text(head + "鲁F12345,2026-03-01T14:20:00+08:00,137.4,121.4,wgs84\n", encoding="utf-8")

    fine, wrong = (CliRunner().invoke(positions.app, ["check", str(file)]) for file in (good, bad))

    assert (fine.exit_code, fine.output) == (0, "1 rows, 0 errors.\n")
    assert wrong.exit_code == 1
    assert wrong.output.startswith("bad.csv:2:latitude: “137.4” is no number from -90 to 90.")


def test_a_file_of_zones_is_looked_at_without_a_database(tmp_path: Path) -> None:
    file = tmp_path / "zones.geojson"
    document = {"type": "FeatureCollection", "features": [feature(SQUARE), feature(SQUARE[:-1])]}
    file.write_text(json.dumps(document), encoding="utf-8")

    answered = CliRunner().invoke(zones.app, ["check", str(file)])

    assert answered.exit_code == 1
    assert answered.output.splitlines() == [
        "zones.geojson:2:ring 1: The ring is not closed: its last place is not its first.",
        "1 zones, 1 errors.",
    ]
