"""(i) All rules over made worlds, each in a process of its own, against one plain scan of the same files.

The scan groups every manifest and scan by a key: what no run can do without. The day is a run that goes on from one of
a day before, on six days of seven: a new week looks at the whole history. Growth is the slope of log time on log
manifests. Where other work has the processors, their seconds tell more than those of the clock.
"""

import dataclasses
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from wastetrack.cli.benchmarking.rows import Row, cost, flat
from wastetrack.cli.one_thread import calculate_in_one_thread

AIMS = {"M": 60, "L": 600}
"""Seconds, on two processors."""
MOST_MIB = 8192
DAY_SHARE = 0.1
GROWTH = 1.0
THREADS = 2
_FEW, _LARGE = 0.5, 10.0


def measure(*, scale: float) -> list[Row]:
    """S and M; with --scale 10 also L (an hour and 5 GB of disk), below 0.5 only XS and S."""
    sizes = ("XS", "S") if scale < _FEW else ("S", "M", "L") if scale >= _LARGE else ("S", "M")
    rows: list[Row] = []
    points: list[tuple[int, float]] = []
    with tempfile.TemporaryDirectory(prefix="wastetrack-") as folder:
        for size in sizes:
            world = Path(folder) / size
            sys.stderr.write(f"{size} …\n")
            _run("-m", "wastetrack.cli.main", "simulate", "--size", size, "--world", "hard", "--out", str(world))
            told = json.loads(_run("-c", f"from {__name__} import one; one({str(world)!r})"))
            points.append((told["manifests"], told["seconds"]))
            rows += rows_of(size, told)
    return [*rows, growth(points)]


def rows_of(size: str, told: dict[str, Any]) -> list[Row]:
    """The figures of one world."""
    took = cost(f"checks_{size}", told["seconds"], told["scan"], "s", at_most=AIMS.get(size, 0))
    return [
        Row(f"checks_{size}_rows", told["rows"], "", told["manifests"], told["rows"] / told["manifests"], "", None),
        took if size in AIMS else dataclasses.replace(took, aim="", met=None),
        Row(f"checks_{size}_cpu", told["cpu"], "s", told["seconds"], told["cpu"] / told["seconds"], "", None),
        cost(f"checks_{size}_memory", told["mib"], told["files_mib"], "MiB", at_most=MOST_MIB),
        flat(f"checks_{size}_day", told["seconds"], told["day"], "s", at_most=DAY_SHARE),
        flat(f"checks_{size}_day_cpu", told["cpu"], told["day_cpu"], "s", at_most=DAY_SHARE),
    ]


def growth(points: list[tuple[int, float]]) -> Row:
    """The exponent between the smallest and the largest world."""
    (few, quick), (many, slow) = points[0], points[-1]
    exponent = math.log(slow / quick) / math.log(many / few)
    return Row(
        "checks_growth", round(exponent, 3), "", GROWTH, round(exponent / GROWTH, 3), f"value <= {GROWTH}",
        exponent <= GROWTH,
    )  # fmt: skip


def one(folder: str) -> None:
    """Measure one world in this process, and print it as JSON."""
    calculate_in_one_thread()
    from wastetrack.checks.daily import write_state  # noqa: PLC0415  libraries may be missing
    from wastetrack.checks.every import RULES  # noqa: PLC0415
    from wastetrack.checks.running import end_of, run  # noqa: PLC0415
    from wastetrack.extracts.reading import open_extract  # noqa: PLC0415

    world, state = Path(folder), Path(folder) / "state.parquet"
    clock = _Clock()
    records = open_extract(world, threads=THREADS)
    ends_at = end_of(records)
    outcomes = list(run(records, RULES, as_of=ends_at))
    seconds, cpu = clock.read()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    clock = _Clock()
    for name, key in (("manifests", "carrier_id"), ("scans", "container_id")):
        records[name].group_by(key).agg(
            *[records[name][column].max() for column in records[name].columns[:12]]
        ).count().to_pyarrow()
    scan, _ = clock.read()
    before = ends_at - timedelta(days=1)
    known = [dataclasses.replace(told, findings=_until(told.findings, before)) for told in outcomes]
    write_state(state, known, before, looked_at=_old(records.stamps, ends_at))
    slowest = sorted(((told.seconds, told.rule.id) for told in outcomes), reverse=True)[:8]
    told = {
        "seconds": seconds, "cpu": cpu, "scan": scan, "mib": peak,
        "manifests": int(records["manifests"].manifest_id.nunique().to_pyarrow().as_py()),
        "rows": sum(int(records[name].count().to_pyarrow().as_py()) for name in records.present),
        "findings": sum(told.findings.num_rows for told in outcomes),
        "files_mib": sum(path.stat().st_size for path in world.rglob("*.parquet")) / 2**20,
    }  # fmt: skip
    del records, outcomes, known
    clock = _Clock()
    _go_on(world, state, ends_at)
    told["day"], told["day_cpu"] = clock.read()
    sys.stderr.write(f"{world.name}: {json.dumps(told)}; slowest {slowest}\n")
    sys.stdout.write(json.dumps(told))


def _go_on(world: Path, state: Path, ends_at: datetime) -> None:
    """One new day, as a night does it: from the state of the day before, with the files of this month anew."""
    from wastetrack.checks.daily import go_on, read_state, write_state  # noqa: PLC0415  libraries may be missing
    from wastetrack.checks.every import RULES  # noqa: PLC0415
    from wastetrack.extracts.reading import open_extract  # noqa: PLC0415

    earlier = read_state(state)
    assert earlier is not None  # noqa: S101  it was just written
    records = open_extract(world, threads=THREADS, looked_at=earlier.looked_at)
    again = list(go_on(records, RULES, as_of=ends_at, earlier=earlier))
    write_state(state, again, ends_at, looked_at=records.stamps)


def _old(stamps: frozenset[tuple[str, int, int]], ends_at: datetime) -> frozenset[tuple[str, int, int]]:
    """Files of the months before: a night writes those of this month anew, and every table that has no months."""
    return frozenset(one for one in stamps if "/" in one[0] and f"{ends_at:%Y-%m}" not in one[0])


class _Clock:
    """Seconds since it was made: by the clock, and of all processors."""

    def __init__(self) -> None:
        self._began, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self._began, time.process_time() - self._cpu


def _until(findings: Any, before: datetime) -> Any:  # noqa: ANN401  a table of Arrow, which may not be installed
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    return findings.filter(pc.less_equal(findings["found_at"], pa.scalar(before, pa.timestamp("us", "UTC"))))


def _run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603  ourselves
    return done.stdout
