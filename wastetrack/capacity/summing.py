"""What a matching says, in figures for a file or a terminal."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from wastetrack.capacity.carrying import provinces_of
from wastetrack.capacity.model import Flows, Instance, Matching
from wastetrack.capacity.nearing import passed_over
from wastetrack.errors import Malformed


def summary(matching: Matching) -> dict[str, Any]:
    """Totals, categories and provinces; masses in grams, as a file gives them."""
    instance = matching.instance
    kept = matching.kept.mass_g[matching.kept.period == len(instance.periods) - 1]
    passing = passed_over(matching)
    return {
        "title": instance.title,
        "seconds": round(matching.seconds, 3),
        "proven": matching.proven,
        "cut_short": matching.is_cut,
        "least_unmatched_g": matching.unmatched_g if matching.least is None else matching.least[0],
        "supply_g": int(instance.supply.mass_g.sum()),
        "opening_g": int(instance.stores.opening_g.sum()),
        "carried_g": int(matching.flows.mass_g.sum()),
        "kept_g": int(kept.sum()),
        "unmatched_g": matching.unmatched_g,
        "why": _why(matching, np.ones(len(matching.unmatched.mass_g), dtype=bool)),
        "border_tkm": round(matching.border_tkm, 3),
        "cost": round(matching.cost, 2),
        "passed_nearer": {"shipments": len(passing), "mass_g": int(passing.mass_g.sum())},
        "opened": [instance.plants.ids[plant] for plant in matching.opened.tolist()],
        "categories": list(_categories(matching)),
        "provinces": list(_provinces(matching)),
    }


def _why(matching: Matching, which: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> dict[str, int]:
    why: dict[str, int] = defaultdict(int)
    for row in np.flatnonzero(which).tolist():
        why[matching.unmatched.why[row].value] += int(matching.unmatched.mass_g[row])
    return dict(sorted(why.items()))


def _categories(matching: Matching) -> Iterator[dict[str, Any]]:
    supply, unmatched = matching.instance.supply, matching.unmatched
    for number, category in enumerate(matching.instance.categories):
        mine = unmatched.category == number
        yield {
            "code": category.code,
            "form": category.form,
            "supply_g": int(supply.mass_g[supply.category == number].sum()),
            "unmatched_g": int(unmatched.mass_g[mine].sum()),
            "why": _why(matching, mine),
        }


def _provinces(matching: Matching) -> Iterator[dict[str, Any]]:
    instance = matching.instance
    province = provinces_of(instance)
    of_line = province[instance.plants.place[instance.lines.plant]]
    flows = matching.flows
    start, end = province[flows.place], of_line[flows.line]
    for one in np.unique(province).tolist():
        yield {
            "province": f"{one:02}",
            "supply_g": int(instance.supply.mass_g[province[instance.supply.place] == one].sum()),
            "unmatched_g": int(matching.unmatched.mass_g[province[matching.unmatched.place] == one].sum()),
            "out_g": int(flows.mass_g[(start == one) & (end != one)].sum()),
            "in_g": int(flows.mass_g[(start != one) & (end == one)].sum()),
        }


def flows_told(matching: Matching) -> dict[str, Any]:
    """What goes where, by ids: a matching to begin another from."""
    instance, flows = matching.instance, matching.flows
    return {
        "place": [instance.places.ids[place] for place in flows.place.tolist()],
        "category": [_named(instance, category) for category in flows.category.tolist()],
        "period": [instance.periods[period] for period in flows.period.tolist()],
        "line": [instance.lines.ids[line] for line in flows.line.tolist()],
        "mass_g": flows.mass_g.tolist(),
    }


def flows_read(told: Any, instance: Instance) -> Flows:  # noqa: ANN401 - what stood in a file
    """The flows of an earlier matching as far as the instance knows their ids. Raises Malformed."""
    try:
        columns = told["flows"]
        rows = list(zip(*(columns[name] for name in ("place", "category", "period", "line", "mass_g")), strict=True))
        known = [
            {one: at for at, one in enumerate(ids)}
            for ids in (
                instance.places.ids,
                tuple(_named(instance, at) for at in range(len(instance.categories))),
                instance.periods,
                instance.lines.ids,
            )
        ]
        mine = [
            (*(ids[one] for ids, one in zip(known, row, strict=False)), int(row[4]))
            for row in rows
            if all(one in ids for ids, one in zip(known, row, strict=False))
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("capacity.start", "The file to start from holds no flows of a matching.") from error
    table = np.array(mine, dtype=np.int64).reshape(-1, 5)
    return Flows(*(table[:, column] for column in range(5)))


def _named(instance: Instance, category: int) -> str:
    one = instance.categories[category]
    return f"{one.code} {one.form}".strip()
