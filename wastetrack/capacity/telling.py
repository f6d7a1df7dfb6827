"""From a matching to what is kept of it: figures by category, class, region and month; those of plants beside. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity import telling_plants as of_plants
from wastetrack.capacity.assembling import Assembled
from wastetrack.capacity.model import Grams, Matching, Positions
from wastetrack.capacity.nearing import passed_over
from wastetrack.capacity.result import (
    CategoryFigures,
    Caution,
    Cell,
    GatheringCaution,
    PeriodFigures,
    Question,
    RegionFigures,
    Result,
    Totals,
)
from wastetrack.capacity.telling_plants import Removal
from wastetrack.capacity.viewing import View, summed

_COUNTY: Final = 6
_TONNE_G: Final = 1_000_000


def result_of(  # the parts of a result come from many hands
    question: Question,
    assembled: Assembled,
    matching: Matching,
    *,
    removals: Sequence[Removal] | None,
    names: Mapping[str, str],
    made_at: datetime,
    seconds: float,
) -> Result:
    """Everything that is shown of it. `removals` None: there was no time to take plants out one by one."""
    view = View(question, assembled, matching, names)
    cautions = list(assembled.cautions)
    least = None if matching.proven or matching.least is None else min(matching.least[0], matching.unmatched_g)
    if matching.is_cut:
        cautions.append(Caution(kind=GatheringCaution.CUT_SHORT))
    elif least is not None:
        beyond = -(-(matching.unmatched_g - least) // _TONNE_G)
        cautions.append(Caution(kind=GatheringCaution.WITHIN_BOUNDS, count=beyond))
    cautions += _shares(view)
    passing = passed_over(matching)
    if len(passing):
        cautions.append(Caution(kind=GatheringCaution.PASSED_NEARER, count=len(passing)))
    if removals is None:
        cautions.append(Caution(kind=GatheringCaution.NO_REMOVAL_TEST))
    return Result(
        question=question,
        region_name=names.get(question.region.ljust(_COUNTY, "0"), question.region),
        made_at=made_at,
        seconds=round(seconds, 3),
        proven=matching.proven,
        least_unmatched_g=least,
        periods=matching.instance.periods,
        totals=totals(view),
        grounds=assembled.grounds,
        known_until=assembled.known_until,
        categories=categories(view),
        classes=classes(view),
        regions=regions(view),
        cells=cells(view),
        months=months(view),
        plants=of_plants.plants(view),
        lines=of_plants.lines(view),
        methods=of_plants.methods(view),
        flows=of_plants.flows(view),
        passed=of_plants.passed(view, passing),
        removals=of_plants.removals(view, removals or ()),
        cautions=tuple(cautions),
    )


def _shares(view: View) -> list[Caution]:
    """How much of what is carried goes by the matrix of roads, and how much is treated at published prices."""
    instance, flows = view.instance, view.matching.flows
    found: list[Caution] = []
    if instance.roads:
        end = instance.plants.place[instance.lines.plant[flows.line]]
        pairs = zip(flows.place.tolist(), end.tolist(), strict=True)
        known = np.array([(a, b) in instance.roads or (b, a) in instance.roads for a, b in pairs], dtype=bool)
        carried = flows.place != end
        found.append(_percent(GatheringCaution.BY_ROAD, flows.mass_g, carried, known))
    if view.assembled.priced:
        priced = np.isin(flows.line, sorted(view.assembled.priced))
        found.append(_percent(GatheringCaution.PRICED, flows.mass_g, np.ones(len(priced), dtype=bool), priced))
    return found


def _percent(kind: GatheringCaution, mass_g: Grams, whole: NDArray[np.bool_], part: NDArray[np.bool_]) -> Caution:
    all_g = int(mass_g[whole].sum())
    return Caution(kind=kind, count=int(mass_g[whole & part].sum()) * 100 // all_g if all_g else 0)


def totals(view: View) -> Totals:
    """Everything together."""
    told = view.summed(lambda table: np.zeros(len(table.mass_g if hasattr(table, "mass_g") else table.place), int), 1)
    stands = view.stands
    return Totals(
        **told.figures(0),
        permitted_g=int(view.limits[stands[view.instance.lines.plant]].sum()),
        effective_g=int(view.capacity[stands].sum()),
        treated_g=int(view.matching.treated.mass_g.sum()),
        border_tkm=float(view.matching.border_tkm),
        cost=float(view.matching.cost),
    )


def categories(view: View) -> tuple[CategoryFigures, ...]:
    """By code, the largest supply first."""
    return _grouped(view, view.codes, np.arange(len(view.codes)))


def classes(view: View) -> tuple[CategoryFigures, ...]:
    """By class."""
    return _grouped(view, view.class_names, view.class_of)


def _grouped(view: View, names: list[str], group_of: Positions) -> tuple[CategoryFigures, ...]:
    masses = view.summed(lambda table: group_of[table.category], len(names))
    reasons = view.reasons(lambda table: group_of[table.category])
    allowed, able = _offered(view, names, group_of)
    planned, recorded = (
        _told(view, table, names, group_of) for table in (view.assembled.planned_g, view.assembled.recorded_g)
    )
    medical = {int(group_of[place]) for place, one in enumerate(view.instance.categories) if one.is_medical}
    found = [
        CategoryFigures(
            code=name,
            is_medical=number in medical,
            **masses.figures(number),
            planned_g=planned[number],
            recorded_g=recorded[number],
            permitted_g=allowed[number],
            effective_g=able[number],
            reasons=reasons.get(number, ()),
        )
        for number, name in enumerate(names)
    ]
    return tuple(sorted(found, key=lambda one: (-one.supply_g - one.opening_g - one.residue_g, one.code)))


def _told(view: View, table: Mapping[str, int], names: list[str], group_of: Positions) -> list[int]:
    sums = [0] * len(names)
    for place, code in enumerate(view.codes):
        sums[int(group_of[place])] += table.get(code, 0)
    return sums


def _offered(view: View, names: list[str], group_of: Positions) -> tuple[list[int], list[int]]:
    """What all lines allow that name something of a group, and what their plants can treat at most."""
    lines = view.instance.lines
    accepts = view.instance.accepts
    stands = view.stands
    pairs = {
        (int(group), int(line))
        for group, line in zip(group_of[accepts.category].tolist(), accepts.line.tolist(), strict=True)
        if stands[lines.plant[line]]
    }
    by_plant: dict[tuple[int, int], int] = defaultdict(int)
    for group, line in pairs:
        by_plant[group, int(lines.plant[line])] += int(view.limits[line])
    allowed, able = [0] * len(names), [0] * len(names)
    for (group, plant), grams in by_plant.items():
        allowed[group] += grams
        able[group] += min(grams, int(view.capacity[plant]))
    return allowed, able


def regions(view: View) -> tuple[RegionFigures, ...]:
    """By region; plants elsewhere stand in theirs."""
    count, places = len(view.region_codes), view.instance.places
    masses = view.summed(lambda table: view.region_of[table.place], count)
    reasons = view.reasons(lambda table: view.region_of[table.place])
    flows = view.matching.flows
    there = view.region_of[view.instance.plants.place[view.instance.lines.plant[flows.line]]]
    here = view.region_of[flows.place]
    inside, out = here == there, here != there
    inner = summed(here[inside], flows.mass_g[inside], count)
    leaving = summed(here[out], flows.mass_g[out], count)
    coming = summed(there[out], flows.mass_g[out], count)
    stands = view.stands
    able = summed(view.region_of[view.instance.plants.place[stands]], view.capacity[stands], count)
    middle = [
        (
            float(places.longitude[view.region_of == number].mean()),
            float(places.latitude[view.region_of == number].mean()),
        )
        for number in range(count)
    ]
    return tuple(
        RegionFigures(
            region=code,
            name=view.names.get(code, code),
            longitude=middle[number][0],
            latitude=middle[number][1],
            **masses.figures(number),
            inside_g=int(inner[number]),
            out_g=int(leaving[number]),
            in_g=int(coming[number]),
            effective_g=int(able[number]),
            reasons=reasons.get(number, ()),
        )
        for number, code in enumerate(view.region_codes)
    )


def cells(view: View) -> tuple[Cell, ...]:
    """Category by region, where there is something."""
    codes, count = len(view.codes), len(view.codes) * len(view.region_codes)

    def key(table: Any) -> Positions:  # noqa: ANN401  any of the tables with place and category
        keys: Positions = view.region_of[table.place] * codes + table.category
        return keys

    masses, reasons = view.summed(key, count), view.reasons(key)
    found = []
    for number in range(count):
        told = masses.figures(number)
        whole = told["matched_g"] + told["kept_g"] + told["unmatched_g"]
        if whole:
            found.append(
                Cell(
                    region=view.region_codes[number // codes],
                    code=view.codes[number % codes],
                    supply_g=whole,
                    matched_g=told["matched_g"],
                    kept_g=told["kept_g"],
                    unmatched_g=told["unmatched_g"],
                    reasons=reasons.get(number, ()),
                )
            )
    return tuple(found)


def months(view: View) -> tuple[PeriodFigures, ...]:
    """Month by month; what was kept before is part of what is matched, kept or unmatched now."""
    count = len(view.instance.periods)
    supply, flows, lost, kept, treated = (
        summed(table.period, table.mass_g, count)
        for table in (
            view.instance.supply,
            view.matching.flows,
            view.matching.unmatched,
            view.matching.kept,
            view.matching.treated,
        )
    )
    before = np.concatenate([[view.instance.stores.opening_g.sum()], kept[:-1]]).astype(np.int64)
    residue = flows + kept + lost - supply - before
    able = view.instance.plants.capacity_g[view.stands].sum(axis=0)
    return tuple(
        PeriodFigures(
            period=period,
            supply_g=int(supply[number]),
            residue_g=int(residue[number]),
            matched_g=int(flows[number]),
            kept_g=int(kept[number]),
            unmatched_g=int(lost[number]),
            treated_g=int(treated[number]),
            effective_g=int(able[number]),
        )
        for number, period in enumerate(view.instance.periods)
    )
