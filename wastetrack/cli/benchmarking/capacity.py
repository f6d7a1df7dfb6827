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
UNMATCHED_COST: Final = 1_000_000


def measure(*, scale: float) -> list[Row]:
    """Below a scale of 0.5 ten provinces stand for the nation, and three for its year: then without aims."""
    small = scale < FEW
    nation, year = (TEN_PROVINCES, THREE_PROVINCES) if small else (NATION, NATION)
    rows = [_seconds("capacity_province", PROVINCE, 1, 1.0)]
    month, plain = _run("match", nation, 1), _run("plain", nation, 1)
    rows += [
        cost("capacity_nation", month["seconds"], plain["seconds"], "s", at_most=15.0),
        cost("capacity_nation_memory", month["mib"], plain["mib"], "MiB", at_most=MOST_MIB),
    ]
    whole = _run("match", year, MONTHS)
    flow = _run("flow", year, MONTHS) if importlib.util.find_spec("ortools") else {"seconds": 0.0, "mib": 0.0}
    gap = 100 * (whole["unmatched_g"] - whole["least_g"]) / whole["supply_g"]
    rows += [
        cost("capacity_year", whole["seconds"], flow["seconds"], "s", at_most=120.0),
        cost("capacity_year_memory", whole["mib"], flow["mib"], "MiB", at_most=MOST_MIB),
        Row("capacity_year_gap", round(gap, 4), "%", 0.0, 0.0, f"value <= {MOST_GAP}", gap <= MOST_GAP),
    ]
    losses, one_by_one = _run("losses", THREE_PROVINCES, 1), _run("plain_losses", THREE_PROVINCES, 1)
    rows.append(cost("capacity_without_each", losses["seconds"], one_by_one["seconds"], "s", at_most=60.0))
    return [
        without_aim(row) if small and row.name.startswith(("capacity_nation", "capacity_year")) else row for row in rows
    ]


def without_aim(row: Row) -> Row:
    """What is measured on a smaller world has no aim."""
    return dataclasses.replace(row, aim="", met=None)


def _seconds(name: str, size: tuple[int, int], months: int, at_most: float) -> Row:
    ours, plain = _run("match", size, months), _run("plain", size, months)
    return cost(name, ours["seconds"], plain["seconds"], "s", at_most=at_most)


def _run(what: str, size: tuple[int, int], months: int) -> dict[str, Any]:
    words = f"from {__name__} import one; one({what!r}, {size[0]}, {size[1]}, {months})"
    done = subprocess.run([sys.executable, "-c", words], check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603  ourselves
    told: dict[str, Any] = json.loads(done.stdout)
    sys.stderr.write(f"{what} {size[0]} × {size[1]} × {months}: {done.stdout}\n")
    return told


def one(what: str, counties: int, plants: int, months: int) -> None:
    """Measure one in this process, and print it as JSON; making the world is not counted."""
    from wastetrack.capacity.worlds.making import Wish, make  # noqa: PLC0415  libraries may be missing

    instance = make(Wish(counties=counties, plants=plants, months=months))
    began = time.perf_counter()
    told = {"match": _match, "plain": _plain, "flow": _flow, "losses": _losses, "plain_losses": _plain_losses}[what](
        instance
    )
    told = {"seconds": time.perf_counter() - began, **told}
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
    began = time.perf_counter()
    for plant in range(0, count, count // SAMPLE):
        _plain(retirement(instance, plant))
    return {"seconds": (time.perf_counter() - began) / SAMPLE * count}


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
