"""What if: an instance changed, and nothing else. Each change leaves the instance that it is given as it was.

They may follow one another: an epidemic while a plant stands still is `surge(outage(instance, …), …)`.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from wastetrack.capacity.model import (
    NO_LIMIT,
    OPEN_TO_ALL,
    Accepts,
    Approvals,
    Grams,
    Instance,
    Lines,
    Numbers,
    Plants,
    Positions,
    Supply,
    Tier,
)


def outage(instance: Instance, plant: int, periods: Collection[int], share: float = 0.0) -> Instance:
    """A plant that treats only a share of its capacity in some periods; its store stands."""
    capacity, overload = instance.plants.capacity_g.copy(), instance.plants.overload_g.copy()
    when = sorted(periods)
    capacity[plant, when] = np.floor(capacity[plant, when] * share).astype(np.int64)
    overload[plant, when] = np.floor(overload[plant, when] * share).astype(np.int64)
    return replace(instance, plants=replace(instance.plants, capacity_g=capacity, overload_g=overload))


def retirement(instance: Instance, plant: int, period: int = 0) -> Instance:
    """A plant that is closed from a period on; nothing may wait there past the end, so it takes in nothing more."""
    return outage(instance, plant, range(period, len(instance.periods)))


def enlarged(instance: Instance, plant: int, more_g: int, period: int = 0) -> Instance:
    """A plant with so much more capacity in every period from one on, and a permit that follows it."""
    capacity, permitted = instance.plants.capacity_g.copy(), instance.plants.permitted_g.copy()
    capacity[plant, period:] += more_g
    permitted[plant] += more_g * (len(instance.periods) - period)
    return replace(instance, plants=replace(instance.plants, capacity_g=capacity, permitted_g=permitted))


def requantified(instance: Instance, line: int, limit_g: int) -> Instance:
    """A permit item that names another quantity over all periods together; the plant's permit follows it."""
    limit, permitted = instance.lines.limit_g.copy(), instance.plants.permitted_g.copy()
    plant, more = instance.lines.plant[line], limit_g - limit[line]
    if max(limit[line], permitted[plant]) < NO_LIMIT:
        permitted[plant] = max(permitted[plant] + more, 0)
    limit[line] = limit_g
    return replace(
        instance,
        lines=replace(instance.lines, limit_g=limit),
        plants=replace(instance.plants, permitted_g=permitted),
    )


def new_plant(
    instance: Instance,
    *,
    ids: str,
    name: str,
    place: int,
    capacity_g: int,
    categories: Collection[int],
    method: str = "",
    price: float = 0.0,
    storage_g: int = 0,
    period: int = 0,
    opening_cost: float = float("nan"),
) -> Instance:
    """One more plant that takes some categories from a period on; with a cost, the matching says whether to open it."""
    plants, lines, accepts = instance.plants, instance.lines, instance.accepts
    shape = (1, len(instance.periods))
    capacity = np.where(np.arange(shape[1])[None, :] >= period, capacity_g, 0).astype(np.int64)
    kinds = np.array(sorted(categories), dtype=np.int64)
    return replace(
        instance,
        plants=Plants(
            ids=(*plants.ids, ids),
            names=(*plants.names, name),
            place=_and(plants.place, place),
            capacity_g=np.concatenate([plants.capacity_g, capacity]),
            permitted_g=_and(plants.permitted_g, int(capacity.sum())),
            overload_g=np.concatenate([plants.overload_g, np.zeros(shape, dtype=np.int64)]),
            storage_g=_and(plants.storage_g, storage_g),
            opening_cost=_and_number(plants.opening_cost, opening_cost),
        ),
        lines=Lines(
            ids=(*lines.ids, ids),
            plant=_and(lines.plant, len(plants)),
            methods=(*lines.methods, method),
            limit_g=_and(lines.limit_g, int(capacity.sum())),
            price=_and_number(lines.price, price),
            load=_and_number(lines.load, 1.0),
            tier=_and(lines.tier, 0),
            first_period=_and(lines.first_period, period),
            group=_and(lines.group, OPEN_TO_ALL),
        ),
        accepts=Accepts(
            line=np.concatenate([accepts.line, np.full(len(kinds), len(lines))]),
            category=np.concatenate([accepts.category, kinds]),
        ),
    )


def opened_capacity(instance: Instance, plants: Collection[int]) -> Instance:
    """Plants of a group that take from everybody: their items lose the group."""
    mine = np.isin(instance.lines.plant, sorted(plants))
    group = np.where(mine, OPEN_TO_ALL, instance.lines.group)
    return replace(instance, lines=replace(instance.lines, group=group))


def sharing(instance: Instance, groups: Mapping[int, int]) -> Instance:
    """Places that join a group of firms, and so may use the plants that are only for it."""
    group = instance.places.group.copy()
    for place, joined in groups.items():
        group[place] = joined
    return replace(instance, places=replace(instance.places, group=group))


def approved(instance: Instance, place: int, plant: int, category: int, limit_g: int) -> Instance:
    """One more approval across a border."""
    given = instance.approvals
    return replace(
        instance,
        approvals=Approvals(
            place=_and(given.place, place),
            plant=_and(given.plant, plant),
            category=_and(given.category, category),
            limit_g=_and(given.limit_g, limit_g),
        ),
    )


def surge(instance: Instance, factors: Numbers, *, medical_only: bool = True) -> Instance:
    """An epidemic: what arises in each period, times that period's factor; in whole grams."""
    supply: Supply = instance.supply
    medical = np.array([kind.is_medical for kind in instance.categories], dtype=bool)[supply.category]
    factor = np.asarray(factors, dtype=np.float64)[supply.period]
    more = np.rint(supply.mass_g * factor).astype(np.int64)
    mass = np.where(medical | (not medical_only), more, supply.mass_g)
    return replace(instance, supply=replace(supply, mass_g=mass))


def nearest_first(instance: Instance) -> Instance:
    """Proximity alone: gate prices do not send waste past a nearer plant."""
    return replace(instance, lines=replace(instance.lines, price=np.zeros(len(instance.lines))))


def without_emergency(instance: Instance) -> Instance:
    """Only what takes the waste on ordinary days, within capacity."""
    usual = instance.lines.tier[instance.accepts.line] == list(Tier).index(Tier.USUAL)
    accepts = Accepts(line=instance.accepts.line[usual], category=instance.accepts.category[usual])
    left = instance.lines.tier[instance.residues.line] == list(Tier).index(Tier.USUAL)
    residues = replace(
        instance.residues,
        line=instance.residues.line[left],
        category=instance.residues.category[left],
        leaves=instance.residues.leaves[left],
        ratio=instance.residues.ratio[left],
    )
    overload = np.zeros_like(instance.plants.overload_g)
    return replace(instance, accepts=accepts, residues=residues, plants=replace(instance.plants, overload_g=overload))


def _and(column: Grams | Positions, value: int) -> Positions:
    return np.concatenate([column, np.array([value], dtype=np.int64)])


def _and_number(column: Numbers, value: float) -> Numbers:
    return np.concatenate([column, np.array([value], dtype=np.float64)])
