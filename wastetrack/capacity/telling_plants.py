"""What is kept of plants: what each may, can and does treat, its lines, flows, and what it is missed by. Pure."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from wastetrack.capacity.carrying import kilometres
from wastetrack.capacity.nearing import Passing
from wastetrack.capacity.projects import PREFIX
from wastetrack.capacity.result import (
    FlowFigures,
    LineFigures,
    MethodFigures,
    PassedFigures,
    PlantFigures,
    RemovalFigures,
)
from wastetrack.capacity.viewing import View, summed

Removal = tuple[int, int, float, float]
"""A plant, and what it is worse by without it: grams unmatched, tonne-kilometres across borders, yuan."""


def plants(view: View) -> tuple[PlantFigures, ...]:
    """Each plant, the largest first."""
    plants, places, lines = view.instance.plants, view.instance.places, view.instance.lines
    count = len(plants)
    received = summed(lines.plant[view.matching.flows.line], view.matching.flows.mass_g, count)
    treated = summed(lines.plant[view.matching.treated.line], view.matching.treated.mass_g, count)
    allowed = summed(lines.plant, view.limits, count)
    methods: dict[int, set[str]] = defaultdict(set)
    for line, plant in enumerate(lines.plant.tolist()):
        methods[plant].update(view.assembled.lines[line].methods)
    opened = set(view.matching.opened.tolist())
    found = [
        PlantFigures(
            plant=plants.ids[number],
            name=plants.names[number],
            region=places.regions[place],
            longitude=float(places.longitude[place]),
            latitude=float(places.latitude[place]),
            methods=tuple(sorted(methods[number])),
            permitted_g=min(int(plants.permitted_g[number]), int(allowed[number])),
            effective_g=int(view.capacity[number]),
            received_g=int(received[number]),
            treated_g=int(treated[number]),
            waiting_g=int(received[number] - treated[number]),
            is_planned=plants.ids[number].startswith(PREFIX) or not np.isnan(plants.opening_cost[number]),
            is_opened=number in opened,
            worth_t=float(view.matching.worth[number, 0]),
            worth_yuan=float(view.matching.worth[number, 1]),
        )
        for number, place in enumerate(plants.place.tolist())
    ]
    return tuple(sorted(found, key=lambda one: (-one.effective_g, one.plant)))


def lines(view: View) -> tuple[LineFigures, ...]:
    """Each line of a permit."""
    lines = view.instance.lines
    used = summed(view.matching.flows.line, view.matching.flows.mass_g, len(lines))
    return tuple(
        LineFigures(
            plant=view.instance.plants.ids[plant],
            item=lines.ids[number],
            pattern=view.assembled.lines[number].pattern,
            methods=view.assembled.lines[number].methods,
            limit_g=int(view.limits[number]),
            used_g=int(used[number]),
            worth_t=float(view.matching.line_worth[number, 0]),
            worth_yuan=float(view.matching.line_worth[number, 1]),
        )
        for number, plant in enumerate(lines.plant.tolist())
    )


def methods(view: View) -> tuple[MethodFigures, ...]:
    """By method, the most treated first."""
    lines = view.instance.lines
    treated = summed(view.matching.treated.line, view.matching.treated.mass_g, len(lines))
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for number, method in enumerate(lines.methods):
        if view.stands[lines.plant[number]]:
            sums[method][0] += int(view.limits[number])
            sums[method][1] += int(treated[number])
    found = [MethodFigures(method=name, permitted_g=two[0], treated_g=two[1]) for name, two in sums.items()]
    return tuple(sorted(found, key=lambda one: (-one.treated_g, -one.permitted_g, one.method)))


def flows(view: View) -> tuple[FlowFigures, ...]:
    """From region to plant by category and method."""
    flows, lines, plants = view.matching.flows, view.instance.lines, view.instance.plants
    plant = lines.plant[flows.line]
    km = kilometres(view.instance, flows.place, plants.place[plant])
    sums: dict[tuple[int, int, int, str], list[float]] = defaultdict(lambda: [0, 0.0])
    for region, to, category, line, grams, way in zip(
        *(column.tolist() for column in (view.region_of[flows.place], plant, flows.category, flows.line)),
        flows.mass_g.tolist(),
        km.tolist(),
        strict=True,
    ):
        row = sums[region, to, category, lines.methods[line]]
        row[0] += grams
        row[1] += grams * way
    found = [
        FlowFigures(
            region=view.region_codes[region],
            plant=plants.ids[to],
            code=view.codes[category],
            method=method,
            mass_g=int(row[0]),
            km=round(row[1] / row[0], 1),
        )
        for (region, to, category, method), row in sums.items()
        if row[0]
    ]
    return tuple(sorted(found, key=lambda one: (-one.mass_g, one.region, one.plant, one.code, one.method)))


def passed(view: View, passing: Passing) -> tuple[PassedFigures, ...]:
    """By region, code and plants; kilometres as the masses go."""
    flows, lines, ids = view.matching.flows, view.instance.lines, view.instance.plants.ids
    row = passing.flow
    keys = (
        view.region_of[flows.place[row]], flows.category[row], lines.plant[flows.line[row]],
        lines.plant[passing.nearer], passing.leaves, passing.is_dearer,
    )  # fmt: skip
    sums: dict[tuple[int, ...], list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    for *key, grams, km, nearer_km in zip(
        *(column.tolist() for column in (*keys, passing.mass_g, passing.km, passing.nearer_km)), strict=True
    ):
        told = sums[tuple(key)]
        for place, more in enumerate((grams, grams * km, grams * nearer_km)):
            told[place] += more
    found = [
        PassedFigures(
            region=view.region_codes[region], code=view.codes[category], plant=ids[plant], nearer=ids[nearer],
            leaves_residues=bool(leaves), is_dearer=bool(dearer), mass_g=int(grams), km=round(km / grams, 1),
            nearer_km=round(nearer_km / grams, 1),
        )
        for (region, category, plant, nearer, leaves, dearer), (grams, km, nearer_km) in sums.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-one.mass_g, one.region, one.code, one.plant, one.nearer)))


def removals(view: View, removals: Iterable[Removal]) -> tuple[RemovalFigures, ...]:
    """The worst first."""
    lines = view.instance.lines
    treated = summed(lines.plant[view.matching.treated.line], view.matching.treated.mass_g, len(view.instance.plants))
    found = [
        RemovalFigures(
            plant=view.instance.plants.ids[plant],
            unmatched_more_g=grams,
            border_more_tkm=round(border, 3),
            cost_more=round(cost, 2),
            treated_g=int(treated[plant]),
        )
        for plant, grams, border, cost in removals
    ]
    return tuple(sorted(found, key=lambda one: (-one.unmatched_more_g, -one.border_more_tkm, -one.cost_more)))
