"""The night after the region's last day: its records are copied and checked by the jobs of the worker."""

import importlib.util
import time
from dataclasses import dataclass
from typing import Any, Final

from wastetrack.db.opening import Database
from wastetrack.db.session import reading
from wastetrack.findings.model import FindingQueue
from wastetrack.jobs.copying import pass_night
from wastetrack.settings import Settings

_FOLDER: Final = "extract"
_LIBRARIES: Final = ("adbc_driver_postgresql", "ibis")
_RUNS = "select count(*) from check_runs where kind = 'full'"
_OPEN = """
select queue, count(*) as findings, count(*) filter (where severity >= 3) as grave from findings
where state = 'open' and lapsed_at is null group by queue
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks found in the region; nothing is known where they never looked."""

    looked: bool
    by_queue: dict[str, int]
    """Open findings, by queue."""
    grave: int
    """How many of them are to be inspected or referred."""
    seconds: float | None
    """That copy and checks took just now; None where they did not run."""

    def as_json(self) -> dict[str, Any]:
        """For programs; null where nobody looked."""
        found = {"by_queue": self.by_queue, "grave": self.grave} if self.looked else None
        return {"findings": found, "check_seconds": self.seconds}

    def rows(self) -> list[tuple[str, str]]:
        """For people: a heading and its line."""
        if not self.looked:
            return [("findings", f"not looked for: {self._why_not()}")]
        each = ", ".join(f"{count:,} {queue}" for queue, count in self.by_queue.items())
        total = sum(self.by_queue.values())
        told = [("findings", f"{total:,} open ({each}); {self.grave:,} to inspect or refer" if total else "none")]
        return told if self.seconds is None else [*told, ("checked in", f"{self.seconds} s")]

    def _why_not(self) -> str:
        if self.seconds is not None:
            return "the checks failed, as told above"
        return "the checks were left out" if _installed() else "the checks need pip install 'wastetrack[checks]'"


def with_checks(chosen: Settings) -> Settings:
    """The settings of a demonstration that is checked each night and minute, where the libraries for it are."""
    if not _installed():
        return chosen
    return chosen.model_copy(update={"extract_dir": chosen.data_dir / _FOLDER})


def _installed() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in _LIBRARIES)


async def check(database: Database, chosen: Settings) -> Checked:
    """Let the first night pass, if it has not yet, and count what stands open. What went wrong stands in the log."""
    async with reading(database.engine) as session:
        looked = bool(await (await session.driver()).fetchval(_RUNS))
    seconds = None
    if not looked and chosen.extract_dir is not None:
        begun = time.monotonic()
        await pass_night(chosen)
        seconds = round(time.monotonic() - begun, 1)
    async with reading(database.engine) as session:
        driver = await session.driver()
        looked = bool(await driver.fetchval(_RUNS))
        found = {row["queue"]: row for row in await driver.fetch(_OPEN)}
    by_queue = {queue.value: found[queue.value]["findings"] for queue in FindingQueue if queue.value in found}
    return Checked(looked, by_queue, sum(row["grave"] for row in found.values()), seconds)
