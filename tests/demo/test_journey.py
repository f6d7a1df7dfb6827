"""The commands as a person starts them: a small demonstration, served; one journey through it, proved offline."""

import json
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdf
import pytest

from tests.demo.conftest import IN_STORIES, PASSWORD
from tests.support.owners import environment
from wastetrack.cli.demonstration.kinds import KINDS

pytestmark = pytest.mark.commits

# It builds, copies and checks before it serves.
_PATIENCE_SECONDS = 240
_MANIFESTS = 8


def command(*words: str | Path) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", "wastetrack.cli.main", *map(str, words)]


def run(*words: str | Path, around: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, somewhere else than in the checkout; `around` is set in its environment."""
    env = {**environment(), **(around or {})}
    return subprocess.run(command(*words), capture_output=True, text=True, check=False, cwd="/", env=env, timeout=300)


@dataclass(frozen=True)
class Demo:
    """A served demonstration."""

    folder: Path
    url: str
    printed: dict[str, Any]
    paper: Path
    """Where that was printed."""


def address_told(served: subprocess.Popen[str]) -> str:
    """Where it says that it serves, once it does."""
    assert served.stderr is not None
    deadline = time.monotonic() + _PATIENCE_SECONDS
    said = ""
    while time.monotonic() < deadline:
        if select.select([served.stderr], [], [], 1)[0]:
            line = served.stderr.readline()
            said += line
            if found := re.search(r"Serving at (http://\S+)", line):
                return found[1]
            assert line, f"ended with {served.wait()}: {said}"
    raise AssertionError(said)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`wastetrack demo` on a free port, stopped as Ctrl-C does."""
    folder = tmp_path_factory.mktemp("demo") / "kept here"
    # Its checks are those of test_keeping.
    words = ("demo", "--no-checks", "--data", folder, "--manifests", _MANIFESTS, "--password", PASSWORD, "--port", 0)
    printed = folder.with_name("printed.json")
    with (
        printed.open("w") as paper,
        subprocess.Popen(
            command(*map(str, (*words, "--json"))),
            stdout=paper,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env=environment(),
        ) as served,
    ):
        try:
            url = address_told(served)
            yield Demo(folder, url, json.loads(printed.read_text()), printed)
        finally:
            served.send_signal(signal.SIGINT)
            status = served.wait(timeout=60)
    assert status == 0, "it ended as it was told to"


@pytest.fixture(scope="module")
def journey(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `wastetrack journey --json` printed."""
    out = tmp_path_factory.mktemp("out")
    done = run("journey", "--url", demo.url, "--password", PASSWORD, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_the_demonstration_tells_what_it_holds(demo: Demo) -> None:
    assert demo.printed["consistent"] is True
    assert sum(demo.printed["manifests"].values()) == _MANIFESTS + IN_STORIES
    assert demo.printed["kinds"].keys() == KINDS.keys()
    assert all(demo.printed["kinds"].values()), demo.printed["kinds"]
    assert {account["password"] for account in demo.printed["accounts"]} == {PASSWORD}


def test_the_journey_goes_from_the_label_to_the_treatment(journey: dict[str, Any]) -> None:
    assert journey["bundle_verified"] is True
    assert journey["state"] == "closed"
    assert re.fullmatch(r"\d{4}3706\d{6}", journey["manifest_number"])
    assert journey["outcomes"] == ["accepted", "accepted", "accepted_with_difference"]
    assert journey["measured_g"] - journey["declared_g"] == journey["discrepancy_g"] > 0
    assert journey["treated_g"] == journey["measured_g"]
    assert journey["events"] >= journey["acknowledged"] > 10
    assert journey["log_index"] > 0


def test_its_papers_can_be_read(journey: dict[str, Any]) -> None:
    assert len(pypdf.PdfReader(journey["label_pdf"]).pages) == 6, "a label on two sides of each big bag"
    text = "".join(page.extract_text() for page in pypdf.PdfReader(journey["manifest_pdf"]).pages)
    assert journey["manifest_number"] in text


def test_its_bundle_verifies_without_the_server(journey: dict[str, Any]) -> None:
    done = run("audit", "verify", journey["bundle"], "--key", journey["log_key"], "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["holds"] is True


@pytest.mark.parametrize("place", [0, 5, -1])
def test_a_flipped_byte_names_its_event(journey: dict[str, Any], place: int, tmp_path: Path) -> None:
    data = bytearray(Path(journey["bundle"]).read_bytes())
    event = json.loads(data)["events"][place]
    at = data.index(event["id"].encode()) + len(data[data.index(event["id"].encode()) :].split(b"\n")[0]) // 3
    data[at] ^= 1
    damaged = tmp_path / "damaged.json"
    damaged.write_bytes(data)
    done = run("audit", "verify", damaged, "--key", journey["log_key"], "--json")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["first_wrong"]["id"] == event["id"]


def test_a_second_journey_takes_the_passwords_from_what_was_printed(
    demo: Demo, journey: dict[str, Any], tmp_path: Path
) -> None:
    done = run("journey", "--url", demo.url, "--accounts", demo.paper, "--out", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["bundle_verified"] is True
    assert told["manifest_number"] > journey["manifest_number"]
    assert told["log_index"] > journey["log_index"]


def test_a_journey_can_bring_its_own_server(tmp_path: Path) -> None:
    done = run("journey", "--self-contained", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Proved: the bundle verifies without the server." in done.stdout
    assert len(list(tmp_path.iterdir())) == 4


def test_a_journey_with_a_wrong_password_is_one_line(demo: Demo, tmp_path: Path) -> None:
    done = run("journey", "--url", demo.url, "--password", "not this one at all", "--out", tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (6, 1), done.stderr


def test_a_journey_without_a_server_is_one_line(tmp_path: Path) -> None:
    done = run("journey", "--url", "http://127.0.0.1:9", "--password", PASSWORD, "--out", tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (7, 1), done.stderr
    assert "wastetrack demo" in done.stderr


def test_a_journey_without_passwords_says_how_to_give_them(tmp_path: Path) -> None:
    done = run("journey", "--out", tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "--password" in done.stderr


def test_a_second_demonstration_does_not_take_the_folder_of_the_first(demo: Demo) -> None:
    done = run("demo", "--no-serve", "--data", demo.folder)
    assert (done.returncode, done.stderr.count("\n")) == (5, 1), done.stderr


def test_a_folder_with_other_data_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    done = run("demo", "--no-serve", "--data", tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (5, 1), done.stderr
    assert list((tmp_path / "postgres").iterdir()) == []
