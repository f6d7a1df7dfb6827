"""Scenarios by words, as a command line gives them: `retire:P00001`, `outage:P00001:2026-03`, `surge:5.5`."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from wastetrack.capacity import scenarios
from wastetrack.capacity.arising import TONNE_G
from wastetrack.capacity.model import OPEN_TO_ALL, Instance
from wastetrack.errors import Malformed, NotFound

FORMS: Final = (
    "retire:PLANT[:PERIOD]", "outage:PLANT:PERIOD[:SHARE]", "enlarge:PLANT:TONNES_A_PERIOD",
    "new:PLACE:TONNES_A_PERIOD:CODE[+CODE…][:YUAN]", "quantity:ITEM:TONNES", "open:PLANT", "share:PLACE:GROUP",
    "approve:PLACE:PLANT:CODE:TONNES", "surge:FACTOR[:all]", "calm", "nearest",
)  # fmt: skip
"""How each is written; PERIOD is one of the instance's, or two with .. between; YUAN: open it only if that pays."""


_NAMED: Final = 3
"""So many of what there is are named where something else is wanted."""


def supposed(instance: Instance, words: str) -> Instance:
    """The instance as it would be; several scenarios follow one another with commas. Raises Malformed, NotFound."""
    for one in words.split(","):
        name, *rest = one.strip().split(":")
        change, least, most = _CHANGES.get(name, (None, 0, 0))
        if change is None or not least <= len(rest) <= most:
            message = "“{words}” is no scenario. Write {forms}."
            raise Malformed("capacity.scenario", message, words=one, forms=", ".join(FORMS))
        instance = change(instance, *rest)
    return instance


def _place(ids: Sequence[str], wanted: str) -> int:
    try:
        return ids.index(wanted)
    except ValueError:
        some = ", ".join([*ids[:_NAMED], *(["…"] if len(ids) > _NAMED else [])]) or "none"
        message = "The instance has no “{wanted}” among {some}."
        raise NotFound("capacity.unknown", message, wanted=wanted, some=some) from None


def _number(words: str) -> float:
    try:
        number = float(words)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise Malformed("capacity.number", "“{value}” is no number of 0 or more.", value=words)
    return number


def _periods(instance: Instance, words: str) -> range:
    first, _, last = words.partition("..")
    start = _place(instance.periods, first)
    return range(start, (_place(instance.periods, last) if last else start) + 1)


def _retire(instance: Instance, plant: str, period: str = "") -> Instance:
    start = _place(instance.periods, period) if period else 0
    return scenarios.retirement(instance, _place(instance.plants.ids, plant), start)


def _outage(instance: Instance, plant: str, period: str, share: str = "0") -> Instance:
    when = _periods(instance, period)
    return scenarios.outage(instance, _place(instance.plants.ids, plant), when, min(_number(share), 1.0))


def _enlarge(instance: Instance, plant: str, more: str) -> Instance:
    return scenarios.enlarged(instance, _place(instance.plants.ids, plant), round(_number(more) * TONNE_G))


def _new(instance: Instance, place: str, capacity: str, codes: str, cost: str = "") -> Instance:
    known = [one.code for one in instance.categories]
    wanted = {code: _place(known, code) for code in codes.split("+")}
    number = 1 + sum(one.startswith("new-") for one in instance.plants.ids)
    return scenarios.new_plant(
        instance,
        ids=f"new-{number}",
        name=f"new-{number}",
        place=_place(instance.places.ids, place),
        capacity_g=round(_number(capacity) * TONNE_G),
        categories=[at for at, code in enumerate(known) if code in wanted],
        opening_cost=_number(cost) if cost else float("nan"),
    )


def _quantity(instance: Instance, item: str, limit: str) -> Instance:
    return scenarios.requantified(instance, _place(instance.lines.ids, item), round(_number(limit) * TONNE_G))


def _share(instance: Instance, place: str, group: str) -> Instance:
    groups = sorted(set(instance.lines.group.tolist()) - {OPEN_TO_ALL})
    joined = groups[_place([*map(str, groups)], group)]
    return scenarios.sharing(instance, {_place(instance.places.ids, place): joined})


def _open(instance: Instance, plant: str) -> Instance:
    return scenarios.opened_capacity(instance, {_place(instance.plants.ids, plant)})


def _approve(instance: Instance, place: str, plant: str, code: str, limit: str) -> Instance:
    category = _place(tuple(one.code for one in instance.categories), code)
    return scenarios.approved(
        instance,
        _place(instance.places.ids, place),
        _place(instance.plants.ids, plant),
        category,
        round(_number(limit) * TONNE_G),
    )


def _surge(instance: Instance, factor: str, what: str = "medical") -> Instance:
    factors = np.full(len(instance.periods), _number(factor))
    return scenarios.surge(instance, factors, medical_only=what != "all")


_CHANGES: Final[dict[str, tuple[Callable[..., Instance], int, int]]] = {
    "retire": (_retire, 1, 2), "outage": (_outage, 2, 3), "enlarge": (_enlarge, 2, 2), "new": (_new, 3, 4),
    "quantity": (_quantity, 2, 2), "open": (_open, 1, 1), "share": (_share, 2, 2),
    "approve": (_approve, 4, 4), "surge": (_surge, 1, 2), "calm": (scenarios.without_emergency, 0, 0),
    "nearest": (scenarios.nearest_first, 0, 0),
}  # fmt: skip
