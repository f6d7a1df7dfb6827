"""(k) Matching made regions, from a province to a nation and a year, each beside the plain formulation of the same run.

Plain is one programme with all its columns, step by step; for the year, a flow of least cost with the ten nearest ways
of each stream (without residues and without limits over the year), by another solver if it is installed. Each is run in
a process of its own; the worlds are the same.
"""

import dataclasses
import importlib.util
import json
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from wastetrack.cli.benchmarking.rows import Row, cost

PROVINCE: Final = (100, 200)
"""Counties and plants."""
THREE_PROVINCES: Final = (300, 700)
TEN_PROVINCES: Final = (1_000, 2_300)
NATION: Final = (3_000, 7_000)
MONTHS: Final = 12
NEAREST: Final = 10
SAMPLE: Final = 5
"""How many plants the plain formulation is solved without; the time of all is reckoned from these."""
FEW: Final = 0.5
MOST_MIB: Final = 4096
MOST_GAP: Final = 0.1
"""Per cent of what arises."""
MOST_SECONDS: Final = 900.0
"""For all of it, the making of worlds included."""
LIMITS: Final = {
    "match": 240.0, "losses": 180.0, "plain": 240.0, "plain_losses": 180.0, "flow": 420.0,
}  # fmt: skip
"""Seconds for one process: what takes longer is stopped, and the rest goes on."""
UNMATCHED_COST: Final = 1_000_000


def measure(*, scale: float) -> list[Row]:
    """Below a scale of 0.5 ten provinces stand for the nation, and three for its year: then without aims.

    Ours are run first, then what is plain, the longest last: where time runs out, only yardsticks are missing.
    """
    small, runs = scale < FEW, _Runs()
    nation, year = (TEN_PROVINCES, THREE_PROVINCES) if small else (NATION, NATION)
    province = runs.run("match", PROVINCE, 1)
    month = runs.run("match", nation, 1)
    whole = runs.run("match", year, MONTHS)
    losses = runs.run("losses", THREE_PROVINCES, 1)
    plain_province = runs.run("plain", PROVINCE, 1)
    one_by_one = runs.run("plain_losses", THREE_PROVINCES, 1)
    plain_month = runs.run("plain", nation, 1)
    flow = runs.run("flow", year, MONTHS) if importlib.util.find_spec("ortools") else _Told({}, "or-tools is missing")
    rows = [
        row_of("capacity_province", province, plain_province, "seconds", at_most=1.0),
        row_of("capacity_nation", month, plain_month, "seconds", at_most=15.0),
        row_of("capacity_nation_memory", month, plain_month, "mib", at_most=MOST_MIB),
        row_of("capacity_year", whole, flow, "seconds", at_most=120.0),
        row_of("capacity_year_memory", whole, flow, "mib", at_most=MOST_MIB),
        _gap(whole),
        row_of("capacity_without_each", losses, one_by_one, "seconds", at_most=60.0),
    ]
    return [
        without_aim(row) if small and row.name.startswith(("capacity_nation", "capacity_year")) else row for row in rows
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class _Told:
    """What one process measured."""

    figures: dict[str, Any]
    note: str = ""
    """Why there are no figures, or what they are."""
    stopped: float = 0.0
    """After how many seconds it was stopped."""


class _Runs:
    """Processes one after the other, each within its limit and all of them within theirs."""

    def __init__(self, most_seconds: float = MOST_SECONDS) -> None:
        self.end = time.monotonic() + most_seconds

    def run(self, what: str, size: tuple[int, int], months: int) -> _Told:
        """One of them; what exceeds its limit is stopped, and what fails says so."""
        name, limit = f"{what} {size[0]} × {size[1]} × {months}", min(LIMITS[what], self.end - time.monotonic())
        if limit <= 0:
            return _Told({}, "not run: the time for all was over")
        words = f"from {__name__} import one; one({what!r}, {size[0]}, {size[1]}, {months})"
        command = [sys.executable, "-c", words]
        try:
            done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=limit)  # noqa: S603  ourselves
        except subprocess.TimeoutExpired:
            sys.stderr.write(f"{name}: stopped after {limit:.0f} s\n")
            return _Told({}, f"stopped after {limit:.0f} s", limit)
        except subprocess.CalledProcessError as error:
            said = (error.stderr or "").strip().splitlines()[-1:] or [str(error)]
            sys.stderr.write(f"{name}: {said[0]}\n")
            return _Told({}, f"failed: {said[0]}")
        told: dict[str, Any] = json.loads(done.stdout)
        sys.stderr.write(f"{name}: {done.stdout}\n")
        return _Told(told, told.get("note", ""))


def row_of(name: str, ours: _Told, plain: _Told, figure: str, *, at_most: float) -> Row:
    """A figure beside that of the plain formulation; where that was stopped, the ratio is at least what is told."""
    unit = "s" if figure == "seconds" else "MiB"
    bare = plain.figures.get(figure, plain.stopped if figure == "seconds" else 0.0)
    note = f"yardstick {plain.note}" if plain.note else ""
    if plain.stopped and figure == "seconds":
        note += ": the ratio is at least this"
    if figure not in ours.figures:
        return Row(name, round(ours.stopped, 3), unit, round(bare, 3), 0.0, f"value <= {at_most}", False, ours.note)  # noqa: FBT003
    return dataclasses.replace(cost(name, ours.figures[figure], bare, unit, at_most=at_most), note=note)


def _gap(whole: _Told) -> Row:
    """How far a plan over the year can be from the best, beside what is allowed."""
    told, aim = whole.figures, f"value <= {MOST_GAP}"
    if not told:
        return Row("capacity_year_gap", 0.0, "%", MOST_GAP, 0.0, aim, False, whole.note)  # noqa: FBT003
    gap = 100 * (told["unmatched_g"] - told["least_g"]) / told["supply_g"]
    ratio = round(MOST_GAP / gap, 3) if gap else 0.0
    note = "of what arises, above the bound that no plan can pass; yardstick: what is allowed"
    return Row("capacity_year_gap", round(gap, 4), "%", MOST_GAP, ratio, aim, gap <= MOST_GAP, note)


def without_aim(row: Row) -> Row:
    """What is measured on a smaller world has no aim."""
    return dataclasses.replace(row, aim="", met=None)


def one(what: str, counties: int, plants: int, months: int) -> None:
    """Measure one in this process, and print it as JSON; making the world is not counted."""
    from wastetrack.capacity.worlds.making import Wish, make  # noqa: PLC0415  libraries may be missing

    instance = make(Wish(counties=counties, plants=plants, months=months))
    began = time.perf_counter()
    told = {"match": _match, "plain": _plain, "flow": _flow, "losses": _losses, "plain_losses": _plain_losses}[what](
        instance
    )
    told = {"seconds": time.perf_counter() - began, "cpu": round(time.process_time(), 2), **told}
    told["mib"] = _peak_mib()
    sys.stdout.write(json.dumps(told))


def _peak_mib() -> float:
    """The most memory that this process held; what `getrusage` says is at least what its parent held."""
    status = Path("/proc/self/status")
    told = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return (int(told[1]) if told else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024


def _match(instance: Any) -> dict[str, Any]:  # noqa: ANN401  its class needs libraries that may be missing
    from wastetrack.capacity.solving import solve  # noqa: PLC0415

    matching = solve(instance)
    least = matching.unmatched_g if matching.least is None else matching.least[0]
    supply = int(instance.supply.mass_g.sum() + instance.stores.opening_g.sum())
    return {"unmatched_g": matching.unmatched_g, "least_g": least, "supply_g": supply, "cost": matching.cost}


def _plain(instance: Any) -> dict[str, Any]:  # noqa: ANN401  the same
    from wastetrack.capacity.arising import ground_of  # noqa: PLC0415
    from wastetrack.capacity.deciding import answered, with_all  # noqa: PLC0415

    return {"proven": answered(with_all(ground_of(instance))).proven}


def _losses(instance: Any) -> dict[str, Any]:  # noqa: ANN401  the same
    from wastetrack.capacity.ranking import n_minus_one  # noqa: PLC0415

    return {"plants": len(n_minus_one(instance))}


def _plain_losses(instance: Any) -> dict[str, Any]:  # noqa: ANN401  the same
    """A few, from the beginning each; told is what all would take."""
    from wastetrack.capacity.scenarios import retirement  # noqa: PLC0415

    count = len(instance.plants)
    some = range(0, count, max(count // SAMPLE, 1))
    began = time.perf_counter()
    for plant in some:
        _plain(retirement(instance, plant))
    seconds = (time.perf_counter() - began) / len(some) * count
    return {"seconds": seconds, "note": f"reckoned from {len(some)} of {count} plants"}


def _flow(instance: Any) -> dict[str, Any]:  # noqa: ANN401  the same
    """A flow of least cost in tenths of a tonne: streams over time, plants over time, and one end."""
    import numpy as np  # noqa: PLC0415
    from ortools.graph.python import min_cost_flow  # type: ignore[import-untyped]  # noqa: PLC0415

    from wastetrack.capacity.arising import ground_of  # noqa: PLC0415

    ground = ground_of(instance)
    periods, streams, plants = len(instance.periods), len(ground.streams), len(instance.plants)
    ways = ground.ways
    rank = np.arange(len(ways)) - np.searchsorted(ways.stream, ways.stream)
    near = np.flatnonzero(rank < NEAREST)
    price = np.rint(ways.km + instance.lines.price[ways.line]).astype(np.int64)[near]
    plant = instance.lines.plant[ways.line[near]]
    end = (streams + plants) * periods
    unit, much = 100_000, np.int64(10**12)
    supply = ground.supply_g // unit
    supply[:, 0] += ground.opening_g // unit
    flow = min_cost_flow.SimpleMinCostFlow()

    def arcs(tails: Any, heads: Any, most: Any, price: Any) -> None:  # noqa: ANN401  arrays
        tails, heads, most, price = np.broadcast_arrays(tails, heads, most, price)
        flow.add_arcs_with_capacity_and_unit_cost(
            *(np.ascontiguousarray(each.ravel()) for each in (tails, heads, most, price))
        )

    when = np.arange(periods)[None, :]
    stream, works = (
        np.arange(streams)[:, None] * periods + when,
        (streams + np.arange(plants)[:, None]) * periods + when,
    )
    arcs(stream[ways.stream[near]], works[plant], much, price[:, None])
    arcs(stream, np.int64(end), much, np.int64(UNMATCHED_COST))
    arcs(stream[:, :-1], stream[:, 1:], (ground.store_g // unit)[:, None], np.int64(0))
    arcs(works, np.int64(end), instance.plants.capacity_g // unit, np.int64(0))
    arcs(works[:, :-1], works[:, 1:], (instance.plants.storage_g // unit)[:, None], np.int64(0))
    flow.set_nodes_supplies(stream.ravel(), supply.ravel())
    flow.set_nodes_supplies(np.array([end]), np.array([-supply.sum()]))
    status = flow.solve()
    return {"optimal": status == flow.OPTIMAL}
