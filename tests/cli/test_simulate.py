"""`wastetrack simulate` as a person starts it."""

import subprocess
import sys
from pathlib import Path

from tests.support.owners import environment

_WITHOUT = "import sys; sys.modules['pyarrow'] = None; from wastetrack.cli.main import main; main()"


def run(*words: str, program: tuple[str, ...] = ("-m", "wastetrack.cli.main")) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *program, "simulate", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=environment(),
        stdin=subprocess.DEVNULL,
    )


def test_it_tells_each_file_with_its_rows(tmp_path: Path) -> None:
    done = run(
        "--size", "XS", "--schemes", "skim,clone=0.01", "--seed", "5", "--positions", "--out", str(tmp_path / "world")
    )
    assert done.returncode == 0, done.stderr
    told = {path: int(rows.replace(",", "")) for rows, path in (line.split() for line in done.stdout.splitlines())}
    there = {str(file.relative_to(tmp_path / "world")) for file in (tmp_path / "world").rglob("*") if file.is_file()}
    assert told.keys() == there
    assert told["sites.parquet"] == 75
    assert told["truth/truth.parquet"] > 1
    assert told["positions/2025-06.parquet"] > 1000


def test_a_word_that_is_no_scheme_is_said_in_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    done = run("--size", "XS", "--schemes", "theft", "--out", str(tmp_path / "world"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "theft" in done.stderr
    assert not (tmp_path / "world").exists()


def test_without_its_packages_it_says_what_to_install(tmp_path: Path) -> None:
    done = run("--size", "XS", "--out", str(tmp_path / "world"), program=("-c", _WITHOUT))
    assert done.returncode == 7
    assert done.stderr == "wastetrack: pyarrow is missing: pip install 'wastetrack[checks]'. [checks_missing]\n"
