"""Regions by seed: from a province of a hundred counties to a nation of three thousand."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from wastetrack.capacity.model import (
    OPEN_TO_ALL,
    Accepts,
    Approvals,
    Category,
    Instance,
    Lines,
    Numbers,
    Places,
    Plants,
    Positions,
    Residues,
    Stores,
    Supply,
)
from wastetrack.capacity.worlds.kinds import HARD_TO_BURN, KINDS, PRICES, PROVINCES, WASTES, Kind
from wastetrack.errors import Malformed

MEDICAL: Final = "HW01"
TONNES_A_YEAR: Final = 28_000.0
"""Of an average county."""
_GRAMS: Final = 1_000_000
_COUNTIES_A_PROVINCE: Final = 97
_PLANTS_A_COUNTY: Final = 2.33
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted."""

    counties: int = 100
    categories: int = len(WASTES)
    plants: int | None = None
    """As many as such a region has, if None."""
    months: int = 1
    seed: int = 1
    residues: bool = True
    stores: bool = True
    """Whether waste may wait at either end; of use with several months only."""


@dataclass(frozen=True, slots=True)
class _Land:
    places: Places
    province: Positions
    industry: Numbers


def make(wish: Wish) -> Instance:
    """The same wish makes the same region. Raises Malformed."""
    if not 1 <= wish.categories <= len(WASTES) or wish.counties < 1 or wish.months < 1:
        message = "A region has one county and one month at least, and 1 to {most} categories."
        raise Malformed("capacity.wish", message, most=len(WASTES))
    seeds = np.random.SeedSequence(wish.seed).spawn(5)
    land_dice, supply_dice, plant_dice, line_dice, approval_dice = (np.random.default_rng(seed) for seed in seeds)
    land = _land(wish.counties, land_dice)
    supply, yearly = _supply(wish, land, supply_dice)
    kinds, plants = _plants(wish, land, yearly, plant_dice)
    lines, accepts, loads = _lines(wish, kinds, plants, line_dice)
    residues = _residues(wish, loads, accepts) if wish.residues else _no_residues()
    return Instance(
        title=f"{wish.counties} counties, {len(plants)} plants, {wish.months} months, seed {wish.seed}",
        periods=tuple(f"2026-{month + 1:02}" for month in range(wish.months)),
        categories=tuple(
            Category(
                waste.code,
                waste.form,
                is_medical=waste.code == MEDICAL,
                max_age=0 if waste.code == MEDICAL else _MONTHS - 1,
            )
            for waste in WASTES[: wish.categories]
        ),
        places=land.places,
        supply=supply,
        stores=_stores(yearly, wish, supply_dice),
        plants=plants,
        lines=lines,
        accepts=accepts,
        approvals=_approvals(wish, land, yearly, (plants, lines, accepts), approval_dice),
        residues=residues,
    )


def _land(counties: int, dice: np.random.Generator) -> _Land:
    """Counties lie around prefectures, and these around the middle of their province."""
    number = max(1, min(len(PROVINCES), round(counties / _COUNTIES_A_PROVINCE)))
    province = np.sort(np.arange(counties) % number)
    within = np.arange(counties) - np.searchsorted(province, province)
    prefecture = within // 9
    code = np.array([int(one.code) * 10_000 for one in PROVINCES])[province] + (prefecture + 1) * 100 + within % 9 + 1
    _, whose = np.unique(code // 100, return_inverse=True)
    middle_lon, middle_lat = dice.normal(0, 0.8, whose.max() + 1), dice.normal(0, 0.8, whose.max() + 1)
    reach = np.array([one.reach for one in PROVINCES])[province]
    lon = np.array([one.longitude for one in PROVINCES])[province] + reach * (
        middle_lon[whose] + dice.normal(0, 0.25, counties)
    )
    lat = np.array([one.latitude for one in PROVINCES])[province] + 0.8 * reach * (
        middle_lat[whose] + dice.normal(0, 0.25, counties)
    )
    weight = np.array([one.industry for one in PROVINCES])[province] * dice.lognormal(0, 0.8, counties)
    regions = tuple(f"{one:06}" for one in code)
    return _Land(
        Places(
            ids=regions,
            names=tuple(f"County {one}" for one in regions),
            regions=regions,
            longitude=lon.round(4),
            latitude=lat.round(4),
            group=np.full(counties, OPEN_TO_ALL),
        ),
        province,
        weight / weight.mean(),
    )


def _supply(wish: Wish, land: _Land, dice: np.random.Generator) -> tuple[Supply, Numbers]:
    """What arises each month, and tonnes a year by county and category."""
    counties, number = wish.counties, wish.categories
    share = np.array([waste.share for waste in WASTES[:number]])
    there = dice.random((counties, number)) < np.array([waste.spread for waste in WASTES[:number]])
    # Provinces differ in what they make: where there is a smelter, there are several.
    branch = dice.lognormal(0, 0.6, (land.province.max() + 1, number))
    size = there * share * branch[land.province] * land.industry[:, None] * dice.lognormal(0, 1.2, (counties, number))
    yearly = size / size.sum() * TONNES_A_YEAR * counties
    season = 1 + 0.15 * np.sin((np.arange(wish.months)[:, None] + dice.integers(0, _MONTHS, number)) * np.pi / 6)
    place, category = np.nonzero(there)
    monthly = (
        yearly[place, category] / _MONTHS * season[:, category] * dice.uniform(0.8, 1.2, (wish.months, len(place)))
    )
    mass = np.rint(monthly * 1000).astype(np.int64) * 1000
    period = np.repeat(np.arange(wish.months), len(place))
    some = mass.ravel() > 0
    return (
        Supply(
            np.tile(place, wish.months)[some], np.tile(category, wish.months)[some], period[some], mass.ravel()[some]
        ),
        yearly,
    )


def _stores(yearly: Numbers, wish: Wish, dice: np.random.Generator) -> Stores:
    """Two or three months fit where it arose, some of it lies there; nothing of what must go within two days."""
    waits = np.array([waste.code != MEDICAL for waste in WASTES[: wish.categories]])
    place, category = np.nonzero((yearly > 0) & waits & (wish.stores and wish.months > 1))
    month = yearly[place, category] / _MONTHS
    limit = np.rint(month * dice.uniform(2, 3, len(place)) * 1000).astype(np.int64) * 1000
    opening = np.rint(month * dice.uniform(0, 0.6, len(place)) * 1000).astype(np.int64) * 1000
    return Stores(place, category, limit, np.minimum(opening, limit))


def _plants(wish: Wish, land: _Land, yearly: Numbers, dice: np.random.Generator) -> tuple[list[str], Plants]:
    """Plants of each kind, where there is industry; together as ample as their kind, not in each province alike."""
    number = wish.plants or max(len(KINDS), round(wish.counties * _PLANTS_A_COUNTY / 10) * 10)
    share = np.array([kind.number for kind in KINDS.values()])
    counts = np.maximum(1, np.diff(np.rint(np.concatenate(([0], np.cumsum(share / share.sum()))) * number)).astype(int))
    kinds = [name for name, count in zip(KINDS, counts, strict=True) for _ in range(count)]
    place = dice.choice(wish.counties, len(kinds), p=land.industry / land.industry.sum())
    nameplate = np.zeros(len(kinds))
    names, provinces = np.array(kinds), land.province.max() + 1
    # A province is ample in one kind and short in another: its plants follow its waste only on the whole.
    ampleness = dice.lognormal(-0.1, 0.45, (len(KINDS), provinces))
    for row, (name, kind) in enumerate(KINDS.items()):
        for province in range(provinces):
            mine = np.nonzero((names == name) & (land.province[place] == province))[0]
            given = _by_kind(yearly[land.province == province])[name]
            size = dice.lognormal(0, 0.7, len(mine))
            nameplate[mine] = size / size.sum() * given * kind.ampleness * ampleness[row, province]
    available = dice.uniform(0.75, 0.95, len(kinds))
    monthly = np.repeat((nameplate * available / _MONTHS)[:, None], wish.months, axis=1)
    stops = dice.integers(0, 2 * _MONTHS, len(kinds))  # half of them stand still for most of one month
    for month in range(wish.months):
        monthly[stops == month, month] *= 0.35
    keeps = dice.uniform(0.4, 1.0, len(kinds)) * (nameplate / _MONTHS) * (wish.stores and wish.months > 1)
    permitted = np.rint(nameplate * wish.months / _MONTHS).astype(np.int64) * _GRAMS
    return kinds, Plants(
        ids=tuple(f"P{one + 1:05}" for one in range(len(kinds))),
        names=tuple(f"{name.capitalize()} {one + 1:05}" for one, name in enumerate(kinds)),
        place=place,
        capacity_g=np.rint(monthly).astype(np.int64) * _GRAMS,
        permitted_g=permitted,
        overload_g=np.zeros((len(kinds), wish.months), np.int64),
        storage_g=np.rint(keeps).astype(np.int64) * _GRAMS,
        opening_cost=np.full(len(kinds), np.nan),
    )


def _by_kind(yearly: Numbers) -> dict[str, float]:
    """Tonnes a year that usually go to each kind, with what other kinds leave."""
    given: dict[str, float] = {}
    arises = {waste.code: float(tonnes) for waste, tonnes in zip(WASTES, yearly.sum(axis=0), strict=False)}
    for _ in range(3):
        given = {
            name: sum(arises[waste.code] * dict(waste.plants).get(name, 0.0) for waste in WASTES[: yearly.shape[1]])
            for name in KINDS
        }
        left = {waste.code: 0.0 for waste in WASTES}
        for name, kind in KINDS.items():
            for code, ratio in kind.leaves:
                left[code] += given[name] * ratio
        arises = {
            waste.code: float(tonnes) + left[waste.code]
            for waste, tonnes in zip(WASTES, yearly.sum(axis=0), strict=False)
        }
    return {name: max(tonnes, 100.0) for name, tonnes in given.items()}


def _lines(
    wish: Wish, kinds: list[str], plants: Plants, dice: np.random.Generator
) -> tuple[Lines, Accepts, list[Kind]]:
    """A permit item or two a plant: what burns badly has one of its own, and of the rest some share two."""
    goes = {
        name: [at for at, waste in enumerate(WASTES[: wish.categories]) if name in dict(waste.plants)] for name in KINDS
    }
    plant: list[int] = []
    price: list[float] = []
    load: list[float] = []
    share: list[float] = []
    accepts: list[tuple[int, int]] = []
    for one, name in enumerate(kinds):
        takes = [at for at in goes[name] if dice.random() < KINDS[name].takes] or goes[name][:1]
        hard = [at for at in takes if WASTES[at].code in HARD_TO_BURN]
        easy = [at for at in takes if WASTES[at].code not in HARD_TO_BURN]
        cut = int(dice.integers(1, len(easy))) if len(easy) > 1 and dice.random() < 0.4 else len(easy)  # noqa: PLR2004
        items = [(easy[:cut], 1.0, 0.9), (easy[cut:], 1.0, 0.6), (hard, 1.3, 0.25)]
        for categories, weight, part in items:
            if categories:
                accepts += [(len(plant), at) for at in categories]
                plant.append(one)
                price.append(round(PRICES[name] * float(dice.uniform(0.7, 1.4)) * weight))
                load.append(weight)
                share.append(part)
    whose = np.array(plant)
    limit = np.rint(plants.permitted_g[whose] * np.array(share) / _GRAMS).astype(np.int64) * _GRAMS
    number = len(plant)
    pairs = np.array(accepts, np.int64).reshape(-1, 2)
    lines = Lines(
        ids=tuple(f"L{one + 1:05}" for one in range(number)),
        plant=whose,
        methods=tuple(KINDS[kinds[one]].method for one in plant),
        limit_g=limit,
        price=np.array(price),
        load=np.array(load),
        tier=np.zeros(number, np.int64),
        first_period=np.zeros(number, np.int64),
        group=np.full(number, OPEN_TO_ALL),
    )
    return lines, Accepts(pairs[:, 0], pairs[:, 1]), [KINDS[kinds[one]] for one in plant]


def _residues(wish: Wish, kinds: list[Kind], accepts: Accepts) -> Residues:
    at = {waste.code: one for one, waste in enumerate(WASTES[: wish.categories])}
    rows = [
        (line, category, at[code], ratio)
        for line, category in zip(accepts.line.tolist(), accepts.category.tolist(), strict=True)
        for code, ratio in kinds[line].leaves
        if code in at and at[code] != category
    ]
    if not rows:
        return _no_residues()
    line, category, leaves, ratio = (np.array(column) for column in zip(*rows, strict=True))
    return Residues(line, category, leaves, ratio.astype(float))


def _no_residues() -> Residues:
    none = np.zeros(0, np.int64)
    return Residues(none, none, none, np.zeros(0))


def _approvals(
    wish: Wish, land: _Land, yearly: Numbers, works: tuple[Plants, Lines, Accepts], dice: np.random.Generator
) -> Approvals:
    """Two or so a county: its waste to one of the nearer plants beyond the border that may take it."""
    plants, lines, accepts = works
    takes = np.zeros((len(plants), wish.categories), bool)
    takes[lines.plant[accepts.line], accepts.category] = True
    rows: dict[tuple[int, int, int], int] = {}
    where = plants.place
    for place in range(wish.counties):
        beyond = land.province[where] != land.province[place]
        far = np.hypot(
            land.places.longitude[where] - land.places.longitude[place],
            land.places.latitude[where] - land.places.latitude[place],
        )
        order = np.argsort(np.where(beyond, far, np.inf), kind="stable")[: int(beyond.sum())]
        has = np.nonzero(yearly[place] > 0)[0]
        for category in dice.choice(has, min(len(has), int(dice.integers(1, 4))), replace=False).tolist():
            near = order[takes[order, category]][:4]
            if len(near):
                plant = int(dice.choice(near))
                tonnes = yearly[place, category] * wish.months / _MONTHS * dice.uniform(0.3, 1.2)
                rows[place, plant, category] = round(tonnes) * _GRAMS
    keys = np.array(list(rows), np.int64).reshape(-1, 3)
    return Approvals(keys[:, 0], keys[:, 1], keys[:, 2], np.array(list(rows.values()), np.int64))
