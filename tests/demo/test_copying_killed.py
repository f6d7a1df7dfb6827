"""The copying process is killed in the middle, again and again; in the end its copy is that of one that never was."""

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest

from tests.demo.conftest import Region
from tests.support.owners import CHECKOUT, environment
from tests.support.served import for_application
from wastetrack.db import addresses
from wastetrack.errors import NotFound
from wastetrack.extracts.copy_state import COPIES, JOURNAL, State, read_state
from wastetrack.extracts.copying import copy
from wastetrack.extracts.reading import open_extract

KILLS = 3
_SECONDS = 120.0


class Copier:
    """`wastetrack checks copy` as a process of its own."""

    def __init__(self, url: str, out: Path) -> None:
        self.out = out
        self._given = environment(
            WASTETRACK_DATABASE_URL=for_application(url),
            WASTETRACK_OWNER_DATABASE_URL=url,
            WASTETRACK_DATA_DIR=str(out.parent / "data"),
        )

    def begin(self, *more: str) -> "subprocess.Popen[bytes]":
        command = [
            sys.executable,
            "-m",
            "wastetrack.cli.main",
            "checks",
            "copy",
            "--out",
            str(self.out),
            "--json",
            *more,
        ]
        return subprocess.Popen(
            [*command, *more], cwd=CHECKOUT, env=self._given, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def finish(self, *more: str) -> dict[str, int]:
        """To its end."""
        process = self.begin(*more)
        told, wrong = process.communicate(timeout=_SECONDS)
        assert process.returncode == 0, wrong.decode()
        report: dict[str, int] = json.loads(told)
        return report

    def die_after(self, files: int, *more: str) -> int:
        """Killed when so many files more are finished; gives how many it had finished in all."""
        had, until = self.finished(), time.monotonic() + _SECONDS
        process = self.begin(*more)
        while self.finished() < had + files and process.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
        assert process.poll() is None, "it was faster than its killer"
        process.kill()
        process.communicate(timeout=_SECONDS)
        return self.finished()

    def finished(self) -> int:
        """Files of the copy under way."""
        folders = sorted((self.out / COPIES).glob("*"))
        with suppress(FileNotFoundError, IndexError):
            return sum(bool(line.strip()) for line in (folders[-1] / JOURNAL).read_bytes().splitlines())
        return 0


def content(out: Path, state: State) -> dict[tuple[str, str], tuple[int, str]]:
    """Rows and digest of each file; the files are what the account says they are, and there is no other."""
    folder = out / state.folder
    assert {path.relative_to(folder) for path in folder.rglob("*.parquet")} == {
        piece.path for piece in state.pieces.values()
    }
    for piece in state.pieces.values():
        assert pq.read_metadata(folder / piece.path).num_rows == piece.rows
    return {key: (piece.rows, piece.sha256) for key, piece in state.pieces.items()}


@pytest.mark.parametrize("seed", [1, 2])
async def test_who_is_killed_leaves_his_files_to_the_next_and_no_half_copy(
    region: Region, tmp_path: Path, seed: int
) -> None:
    dice = Random(seed)  # noqa: S311  a place to die
    url = region.engine.url.render_as_string(hide_password=False)
    copier = Copier(url, tmp_path / "copy")
    whole = copy(addresses.over("", url), tmp_path / "whole").state
    done = 0
    for _ in range(KILLS):
        done = copier.die_after(dice.randint(1, 15))
        assert read_state(copier.out) is None
        with pytest.raises(NotFound):
            open_extract(copier.out)
    report = copier.finish()
    state = read_state(copier.out)
    assert state is not None
    assert content(copier.out, state) == content(tmp_path / "whole", whole)
    assert report["files_written"] < len(whole.pieces), "what the dead had finished was not made again"
    assert done
    # The next is killed too, while the old one is in force.
    before = content(copier.out, state)
    copier.die_after(dice.randint(1, 30), "--full")
    still = read_state(copier.out)
    assert still == state
    assert content(copier.out, still) == before
    open_extract(copier.out)
    copier.finish("--full")
    after = read_state(copier.out)
    assert after is not None
    assert after.number > state.number
    assert content(copier.out, after) == before
