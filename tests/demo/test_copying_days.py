"""A year of everything that the product does, copied on the way: after any day the renewed copy is a whole one."""

from pathlib import Path
from random import Random

from tests.demo.conftest import PASSWORD
from tests.support.databases import Cluster
from wastetrack import clock
from wastetrack.attachments.storing import FileStore
from wastetrack.cli.demonstration.building import Wanted, build
from wastetrack.db.engine import make_engine
from wastetrack.extracts.copy_state import State
from wastetrack.extracts.copying import copy
from wastetrack.transparency import signing_key


def told(state: State) -> dict[tuple[str, str], tuple[int, str]]:
    """Rows and digest of each file."""
    return {key: (piece.rows, piece.sha256) for key, piece in state.pieces.items()}


class Copying:
    """Copies after some of the days, and holds some of them against a whole copy."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self._dsn, self._folder, self._dice = dsn, folder, Random(7)  # noqa: S311  which days
        self.copies, self.compared, self.kept = 0, 0, 0

    def after_a_day(self, what: str, _done: int, _of: int) -> None:
        """Called when the day is committed and published."""
        if what == "manifests" and self._dice.random() < 0.04:
            self.renew(compare=self._dice.random() < 0.35)

    def renew(self, *, compare: bool) -> None:
        """One copy."""
        renewed = copy(self._dsn, self._folder / "copy")
        self.copies, self.kept = self.copies + 1, self.kept + renewed.kept
        if compare:
            whole = copy(self._dsn, self._folder / "whole", full=True)
            assert told(renewed.state) == told(whole.state)
            self.compared += 1


async def test_after_any_day_the_renewed_copy_is_a_whole_one(cluster: Cluster, tmp_path: Path) -> None:
    address = cluster.clone()
    engine = make_engine(address.url, pool_size=4)
    copying = Copying(address.dsn, tmp_path)
    try:
        signer = signing_key.load_or_create(tmp_path / "log.key", origin="tests.example/log")
        wanted = Wanted(manifests=60, seed=2, password=PASSWORD, until=clock.now())
        await build(engine, signer, wanted, files=FileStore(tmp_path), progress=copying.after_a_day)
        copying.renew(compare=True)
    finally:
        await engine.dispose()
        cluster.drop(address)
    assert copying.copies > 5
    assert copying.compared > 2
    assert copying.kept > 100
