"""A kept demonstration is found again as it was; a port that is taken is told before anything is built."""

import json
import re
import socket
from pathlib import Path

import pytest

from tests.demo.test_journey import run

pytestmark = pytest.mark.commits


def test_a_kept_one_is_not_built_again(tmp_path: Path) -> None:
    first = run("demo", "--no-serve", "--data", tmp_path, "--manifests", "2", "--json")
    assert first.returncode == 0, first.stderr
    made = json.loads(first.stdout)
    passwords = {account["password"] for account in made["accounts"]}
    assert len(passwords) == len(made["accounts"]), "each has a password of its own"

    again = run("demo", "--no-serve", "--data", tmp_path, "--json")
    assert again.returncode == 0, again.stderr
    found = json.loads(again.stdout)
    assert found["log"] == made["log"]
    assert found["built_at"] == made["built_at"]
    assert found["findings"] == made["findings"]
    assert (made["check_seconds"] > 0, found["check_seconds"]) == (True, None), "it is checked once"
    assert {account["password"] for account in found["accounts"]} == {None}
    assert not any(password in (tmp_path / "demo.json").read_text() for password in passwords)


def test_it_is_checked_in_its_own_folder_whatever_stands_around(tmp_path: Path) -> None:
    """The nightly jobs look at the demonstration and not at the deployment in whose environment it was started."""
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    names = ("DATABASE_URL", "OWNER_DATABASE_URL", "EXTRACT_DATABASE_URL")
    around = {f"WASTETRACK_{name}": nowhere for name in names} | {"WASTETRACK_EXTRACT_DIR": str(tmp_path / "theirs")}
    words = ("demo", "--no-serve", "--data", tmp_path / "new", "--manifests", "2")
    done = run(*words, "--no-checks", "--json", around=around)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["findings"] is None
    later = run(*words, around=around)
    assert later.returncode == 0, later.stderr
    assert re.search(r"^findings +\d+ open \(\d+ \w+", later.stdout, re.MULTILINE), later.stdout
    assert re.search(r"^checked in +\d+\.\d s *$", later.stdout, re.MULTILINE)
    assert (tmp_path / "new" / "extract").exists()
    assert not (tmp_path / "theirs").exists()


def test_a_taken_port_is_told_before_building(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("demo", "--data", tmp_path / "new", "--port", str(taken.getsockname()[1]))
    assert (done.returncode, done.stderr.count("\n")) == (7, 1), done.stderr
    assert not (tmp_path / "new").exists()


def test_a_weak_password_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    done = run("demo", "--no-serve", "--data", tmp_path / "new", "--manifests", "2", "--password", "short")
    assert done.returncode == 3, done.stderr
    assert "password" in done.stderr
    assert not (tmp_path / "new").exists()
