"""`wastetrack capacity` as a person starts it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.owners import environment

_WITHOUT = "import sys; sys.modules['highspy'] = None; from wastetrack.cli.main import main; main()"


def run(*words: str, program: tuple[str, ...] = ("-m", "wastetrack.cli.main")) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *program, "capacity", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=environment(),
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("capacity") / "region.json.gz"
    done = run("simulate", str(path), "--counties", "60", "--plants", "90", "--seed", "4")
    assert done.returncode == 0, done.stderr
    assert "60 places" in done.stdout
    return path


def test_json_is_nothing_but_json_and_adds_up(region: Path) -> None:
    done = run("match", str(region), "--json", "--verify", "--scenario", "surge:3", "--scenario", "surge:3:all,calm")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["proven"] is True
    assert told["wrong"] == []
    assert told["unmatched_g"] == sum(one["unmatched_g"] for one in told["categories"]) == sum(told["why"].values())
    assert told["supply_g"] == sum(one["supply_g"] for one in told["provinces"])
    assert [one["scenario"] for one in told["scenarios"]] == ["surge:3", "surge:3:all,calm"]
    assert told["unmatched_g"] < told["scenarios"][0]["unmatched_g"] < told["scenarios"][1]["unmatched_g"]


def test_what_one_match_wrote_another_begins_from(region: Path, tmp_path: Path) -> None:
    first = run("match", str(region), "--json", "--out", str(tmp_path / "first.json"))
    written = json.loads((tmp_path / "first.json").read_text())
    assert sum(written["flows"]["mass_g"]) == written["carried_g"]
    again = run("match", str(region), "--json", "--start", str(tmp_path / "first.json"))
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["cost"] == pytest.approx(json.loads(first.stdout)["cost"], rel=1e-7)
    wrong = run("match", str(region), "--start", str(region))
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)


def test_a_person_reads_tables(region: Path) -> None:
    done = run("match", str(region), "--scenario", "retire:P00001")
    assert "retire:P00001" in done.stdout
    assert "unmatched t" in done.stdout
    lost = run("without", str(region), "--plant", "P00001", "--plant", "P00002")
    assert lost.returncode == 0, lost.stderr
    assert {"P00001", "P00002"} <= set(lost.stdout.split())


def test_losses_as_json_have_the_worst_first(region: Path) -> None:
    done = run("without", str(region), "--json")
    rows = json.loads(done.stdout)
    assert len(rows) == 90
    assert [row["unmatched_g"] for row in rows] == sorted((row["unmatched_g"] for row in rows), reverse=True)
    assert rows[0]["unmatched_g"] > 0


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--scenario", "burn"), 2), (("--scenario", "retire:P99999"), 4), (("--start", "/none.json"), 4)],
)
def test_what_cannot_be_read_is_said_in_one_line(region: Path, words: tuple[str, ...], code: int) -> None:
    done = run("match", str(region), *words)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr


def test_an_answer_that_is_cut_short_says_what_it_has_and_how_far_it_may_be_from_the_best(region: Path) -> None:
    done = run("match", str(region), "--time-limit", "0", "--json", "--verify", "--scenario", "surge:2")
    assert done.returncode == 8, done.stderr
    told, best = json.loads(done.stdout), json.loads(run("match", str(region), "--json").stdout)
    assert (told["cut_short"], told["proven"], best["cut_short"], best["proven"]) == (True, False, False, True)
    assert 0 < told["least_unmatched_g"] <= best["unmatched_g"] == best["least_unmatched_g"] <= told["unmatched_g"]
    assert told["unmatched_g"] < told["supply_g"], "the best that was found by hand is given"
    lines = done.stderr.splitlines()
    assert [line.split(":")[0] for line in lines] == ["as it is", "surge"]
    assert f"{(told['unmatched_g'] - told['least_unmatched_g']) / 1e6:,.3f} t. Give a longer --time-limit." in lines[0]
    assert "cut short" in run("match", str(region), "--time-limit", "0").stdout


def test_plants_that_there_was_no_time_for_are_counted(region: Path) -> None:
    done = run("without", str(region), "--time-limit", "0", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (8, [])
    assert "no time for 90 of 90 plants" in done.stderr


def test_a_plant_that_is_not_there_is_refused(region: Path) -> None:
    done = run("without", str(region), "--plant", "nobody")
    assert (done.returncode, "nobody" in done.stderr) == (2, True)


def test_without_its_packages_it_says_what_to_install(tmp_path: Path) -> None:
    done = run("simulate", str(tmp_path / "x.json"), program=("-c", _WITHOUT))
    assert done.returncode == 7
    assert (
        done.stderr
        == "wastetrack: Matching needs highspy: pip install 'wastetrack[capacity]'. [capacity_not_installed]\n"
    )
