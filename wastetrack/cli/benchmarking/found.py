"""`wastetrack checks bench`: what the rules and the baselines reach, as JSON and as tables."""

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from wastetrack.checks.bench.comparing import Seen, compare
from wastetrack.checks.bench.measuring import (
    ENTITY_YEARS_PER_FALSE,
    FALSE_PER_1000,
    QUEUES,
    STRICT_YEARS_PER_FALSE,
    Judged,
    Rate,
    Reached,
    judge,
)  # fmt: skip
from wastetrack.checks.bench.targets import Target, beside, targets
from wastetrack.checks.bench.worlds import World, run_world
from wastetrack.checks.every import RULES

_SLOWEST = 3
_MET = {True: "met", False: "not met", None: "–"}
_BESIDE = 4
"""Methods in one table."""


def measured(folders: Sequence[Path], *, memory: str, compared: bool) -> dict[str, Any]:
    """Everything that is printed, of these worlds; without the baselines unless they are to be compared."""
    worlds: list[World] = []
    seen: list[Seen] = []
    for folder in folders:
        world, records = run_world(folder, RULES, memory=memory)
        worlds.append(world)
        if compared:
            seen.append(Seen(world, records))
    return told_of(worlds, seen)


def told_of(worlds: Sequence[World], seen: Sequence[Seen]) -> dict[str, Any]:
    """The same of worlds that were run; without the baselines where none is `seen`."""
    compared = bool(seen)
    judged = judge(worlds)
    others, first = compare(seen) if compared else ([], {})
    return {
        "worlds": [_world(one) for one in worlds],
        "budgets": {
            "false_per_1000_manifests": FALSE_PER_1000,
            "queues_that_share_it": list(QUEUES),
            "entity_years_per_false_entity": ENTITY_YEARS_PER_FALSE,
            "entity_years_per_false_entity_strict": STRICT_YEARS_PER_FALSE,
        },
        "notes": _notes(worlds, compared=compared),
        "targets": [_target(one) for one in (*targets(worlds, judged), *beside(judged, others, first))],
        "rules": [_reached(one) for one in judged.reached],
        "queues": _queues(judged),
        "precision_at_100": {
            "rules": _rate(judged.first),
            "rules_by_kg_and_chance": _rate(judged.first_by_kg),
            **{name: _rate(one) for name, one in first.items()},
        },
        "baselines": [_reached(one) for one in others],
    }


def _notes(worlds: Sequence[World], *, compared: bool) -> list[str]:
    notes = []
    if compared and len(worlds) == 1:
        notes.append(
            "One world: boosting is cross-validated by time, five blocks, each scored by a model of the others."
        )
    elif compared:
        notes.append("Boosting is trained on the other worlds than the one that it scores.")
    if (absent := sorted({rule for world in worlds for rule in world.no_data})) and worlds:
        notes.append(f"No data for {', '.join(absent)} in one world or more: what they look for could not be found.")
    return notes


def _world(world: World) -> dict[str, Any]:
    slowest = sorted(world.rules.items(), key=lambda one: -one[1])[:_SLOWEST]
    return {
        "name": world.name,
        "manifests": world.manifests,
        "years": round(world.years, 3),
        "cases": len(world.cases),
        "findings": len(world.findings),
        "seconds": round(world.seconds, 2),
        "peak_mib": round(world.peak_mib),
        "slowest": {rule: round(seconds, 2) for rule, seconds in slowest},
        "no_data": list(world.no_data),
    }


def _rate(one: Rate) -> dict[str, Any]:
    value = one.value
    return {
        "value": None if value is None else round(value, 4),
        "hits": one.hits,
        "of": one.of,
        "low": None if math.isnan(one.low) else round(one.low, 4),
        "high": None if math.isnan(one.high) else round(one.high, 4),
        "interval": one.interval,
    }


def _target(one: Target) -> dict[str, Any]:
    return {
        "target": one.target,
        "measured": one.measured,
        "wanted": one.wanted,
        "bound": "at most" if one.at_most else "at least",
        "reached": _rate(one.reached),
        "met": one.met,
        "level": one.level,
    }


def _reached(one: Reached) -> dict[str, Any]:
    told = {
        name: round(value, 4) if isinstance(value, float) else value
        for name, value in dataclasses.asdict(one).items()
        if name != "recall"
    }
    return {**told, "recall": _rate(one.recall)}


def _queues(judged: Judged) -> list[dict[str, Any]]:
    return [
        {
            "queue": one.queue,
            "alarms": one.alarms,
            "precision": _rate(one.precision),
            "false_per_1000": round(one.false_per_1000, 3),
            "read": one.read,
            "precision_read": _rate(one.precision_read),
        }
        for one in judged.queues
    ]


def show(told: dict[str, Any]) -> None:
    """The tables."""
    console = Console(highlight=False)
    for world in told["worlds"]:
        slow = ", ".join(f"{rule} {seconds}" for rule, seconds in world["slowest"].items())
        console.print(
            f"{world['name']}: {world['manifests']:,} manifests, {world['cases']} cases, "
            f"{world['findings']:,} findings, {world['seconds']} s (slowest: {slow}), "
            f"{world['peak_mib']:,} MiB at most",
            markup=False,
        )
    for note in told["notes"]:
        console.print(note, markup=False)
    _show_targets(console, told["targets"])
    tables = [_recalls(told["rules"]), _times(told["rules"]), _tables_of_queues(told["queues"])]
    if told["baselines"]:
        tables += _beside(told)
    for table in tables:
        console.print()
        console.print(table)
    console.print()
    strict = [one for one in told["rules"] if one["recall_by_mass_strict"] is not None]
    console.print(
        f"By kg at one false entity in {STRICT_YEARS_PER_FALSE:.0f} years: "
        + ", ".join(f"{one['typology']} {_part(one['recall_by_mass_strict'])}" for one in strict),
        markup=False,
    )
    console.print(
        "P@100: " + ", ".join(f"{name} {_short(one)}" for name, one in told["precision_at_100"].items()), markup=False
    )


def _show_targets(console: Console, rows: Sequence[dict[str, Any]]) -> None:
    """Each in its own words, and at which level; what is met can be told without colours."""
    table = Table(box=None, pad_edge=False)
    table.add_column("target", ratio=1, overflow="fold")
    for heading in ("wanted", "reached", "95 %", "of", "met"):
        table.add_column(heading, justify="right", no_wrap=True)
    said = ""
    for one in rows:
        reached, wanted = one["reached"], one["wanted"]
        bound = "" if wanted is None else f"{'≤' if one['bound'] == 'at most' else '≥'} {wanted:g}"
        if one["target"] != said:
            table.add_row(one["target"])
            said = one["target"]
        of = f"{reached['of']:,.4g}"
        measured = Padding(one["measured"], (0, 0, 0, 2))
        table.add_row(measured, bound, _part(reached["value"]), _span(reached), of, _MET[one["met"]])
    console.print()
    console.print(table)
    console.print()
    for one in rows:
        if one["level"]:
            console.print(f"{one['target']}; {one['measured']}: {one['level']}", markup=False)


def _recalls(rows: Sequence[dict[str, Any]]) -> Table:
    table = _table("typology", "cases", "recall", "95 %", "by kg", "of all", "false", "allowed")
    for one in rows:
        recall = one["recall"]
        table.add_row(
            one["typology"], f"{recall['of']:.0f}", _part(recall["value"]), _span(recall),
            _part(one["recall_by_mass"]), _part(one["recall_of_all"]), f"{one['false_of_all']:,}",
            str(one["false_allowed"]),
        )  # fmt: skip
    return table


def _times(rows: Sequence[dict[str, Any]]) -> Table:
    table = _table("until found", "of", "hours", "in 24 h", "loads", "kg before", "lost")
    for one in rows:
        table.add_row(
            one["typology"], one["of"], _number(one["hours"]), _part(one["within_a_day"]), _number(one["loads"]),
            _number(one["lost_before_kg"]), _part(one["lost_before"]),
        )  # fmt: skip
    return table


def _tables_of_queues(rows: Sequence[dict[str, Any]]) -> Table:
    table = _table("queue", "alarms", "precision", "95 %", "false ‰", "read", "precision")
    for one in rows:
        table.add_row(
            one["queue"], f"{one['alarms']:,}", _part(one["precision"]["value"]), _span(one["precision"]),
            f"{one['false_per_1000']:.2f}", str(one["read"]), _part(one["precision_read"]["value"]),
        )  # fmt: skip
    return table


def _beside(told: dict[str, Any]) -> list[Table]:
    """Recall at equal false alarms of the rules beside the other methods, so many a table as a narrow screen shows."""
    methods = list(dict.fromkeys(one["method"] for one in told["baselines"]))
    values = {(one["method"], one["typology"]): one["recall"]["value"] for one in told["baselines"]}
    tables = []
    for begin in range(0, len(methods), _BESIDE):
        some = methods[begin : begin + _BESIDE]
        table = _table("at equal false alarms", "rules", *(name.replace("_", " ") for name in some))
        for one in told["rules"]:
            others = [values.get((method, one["typology"])) for method in some]
            table.add_row(one["typology"], _part(one["recall"]["value"]), *(_part(other) for other in others))
        tables.append(table)
    return tables


def _table(*headings: str) -> Table:
    """What stands in the columns is never broken; headings are, between words."""
    table = Table(box=None, pad_edge=False)
    for number, heading in enumerate(headings):
        least = max(len(word) for word in heading.split())
        table.add_column(heading, justify="right" if number else "left", min_width=least, no_wrap=not number)
    return table


def _part(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _span(one: dict[str, Any]) -> str:
    return "–" if one["low"] is None or one["interval"] == "none" else f"{one['low']:.2f}–{one['high']:.2f}"


def _short(one: dict[str, Any]) -> str:
    return f"{_part(one['value'])} ({_span(one)})"
