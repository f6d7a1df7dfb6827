"""From facts to an instance: supply, plants with their lines, approvals, residues and stores in columns. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np

from wastetrack.capacity.facts import MONTHS, OF_SITE, Facts
from wastetrack.capacity.hauling import prices_of, roads_between
from wastetrack.capacity.model import (
    NO_LIMIT,
    Accepts,
    Approvals,
    Category,
    Grams,
    Instance,
    Lines,
    Places,
    Plants,
    Residues,
    Stores,
    Supply,
)
from wastetrack.capacity.placing import Line, LineSource, Rows, SupplyTold, counted_elsewhere, supply_of
from wastetrack.capacity.planned import ProjectFacts, add_projects
from wastetrack.capacity.result import FORECASTS, Caution, GatheringCaution, SupplyGround, SupplyShare
from wastetrack.capacity.standing import add_plants
from wastetrack.catalogues.treatments import why_not
from wastetrack.catalogues.waste_codes import parse
from wastetrack.parties.model import SiteKind

MEDICAL = "HW01"
_MOST_LEFT = 0.95
"""Of what goes in; records that say more are wrong, and would never come to an end."""
_MAKES = frozenset({SiteKind.PRODUCTION, SiteKind.MEDICAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """The instance, and what its rows are in the records."""

    instance: Instance
    lines: tuple[LineSource, ...]
    planned_g: Mapping[str, int]
    """By code, what the plans say and what the ledger saw, whichever of them was taken."""
    recorded_g: Mapping[str, int]
    cautions: tuple[Caution, ...]
    grounds: tuple[SupplyShare, ...] = ()
    known_until: date | None = None
    priced: frozenset[int] = frozenset()
    """Lines whose price is published."""


def assemble(
    facts: Facts,
    *,
    title: str,
    ground: SupplyGround,
    sharing: bool,
    free_elsewhere: bool = False,
    reach_km: float | None,
    projects: tuple[ProjectFacts, ...] = (),
) -> Assembled:
    """The question of a region and year, in columns: places, plants, lines, then what refers to them."""
    supply = supply_of(facts, ground)
    rows = Rows(facts, supply.months, sharing=sharing, free_elsewhere=free_elsewhere)
    rows.settle()
    add_plants(rows)
    add_projects(rows, projects)
    accepts = _accepts(rows)
    prices, priced = prices_of(rows)
    instance = Instance(
        title=title,
        periods=tuple(f"{facts.year}-{month:02}" for month in range(1, MONTHS + 1)),
        categories=tuple(_category(code) for code in rows.codes),
        places=_places(rows),
        supply=_supply(rows),
        stores=_stores(rows),
        plants=_plants(rows),
        lines=_lines(rows, prices),
        accepts=accepts,
        approvals=_approvals(rows),
        residues=_residues(rows, accepts),
        roads=roads_between(rows),
        reach_km=np.inf if reach_km is None else reach_km,
    )
    return Assembled(
        instance=instance,
        lines=tuple(one.source for one in rows.lines),
        planned_g=_by_code({k: v for k, v in facts.planned_g.items() if not counted_elsewhere(facts, k)}),
        recorded_g=_by_code({key: sum(months) for key, months in facts.arisen_g.items()}),
        cautions=_cautions(rows, supply, by_road=bool(instance.roads), priced=bool(priced)),
        priced=priced,
        grounds=tuple(SupplyShare(ground=one, mass_g=grams) for one, grams in supply.grounds.items()),
        known_until=facts.forecast.known_until if facts.forecast and ground in FORECASTS else None,
    )


def _accepts(rows: Rows) -> Accepts:
    """Which codes each line may take. A code's own line stands before that of its class, method by method."""
    own: dict[tuple[int, str], set[str]] = defaultdict(set)
    for line in rows.lines:
        own[line.plant, line.source.pattern].update(line.source.methods)
    pairs = [
        (number, place)
        for number, line in enumerate(rows.lines)
        for place, code in enumerate(rows.codes)
        if _takes(line, code, own)
    ]
    return Accepts(*_columns(pairs, 2))


def _ratios(facts: Facts) -> dict[UUID, list[tuple[str, float]]]:
    left: dict[UUID, list[tuple[str, float]]] = defaultdict(list)
    for (site_id, code), grams in sorted(facts.residue_g.items(), key=lambda one: (str(one[0][0]), one[0][1])):
        treated = facts.treated_g.get(site_id, 0)
        if treated > 0:
            left[site_id].append((code, grams / treated))
    return left


def _residues(rows: Rows, accepts: Accepts) -> Residues:
    """What each plant was seen to leave of what it treated, whatever that was."""
    left = _ratios(rows.facts)
    numbers = {code: place for place, code in enumerate(rows.codes)}
    found: list[tuple[int, int, int]] = []
    ratios: list[float] = []
    for line, category in zip(accepts.line.tolist(), accepts.category.tolist(), strict=True):
        site_id = rows.lines[line].residue_site
        told = left.get(site_id, []) if site_id is not None else []
        scale = min(1.0, _MOST_LEFT / sum(ratio for _, ratio in told)) if told else 1.0
        found += [(line, category, numbers[code]) for code, _ in told]
        ratios += [ratio * scale for _, ratio in told]
    lines, categories, leaves = _columns(found, 3)
    return Residues(lines, categories, leaves, np.array(ratios, dtype=np.float64))


def _supply(rows: Rows) -> Supply:
    numbers = {code: place for place, code in enumerate(rows.codes)}
    sums: dict[tuple[int, int, int], int] = defaultdict(int)
    for (site_id, code), months in rows.supply.items():
        for month, grams in enumerate(months):
            if grams:
                sums[rows.places[str(site_id)], numbers[code], month] += grams
    return Supply(*_columns([(*key, grams) for key, grams in sorted(sums.items())], 4))


def _stores(rows: Rows) -> Stores:
    """Stock may not grow over what lies there already, or over a month's supply where the stores hold it: what a
    store takes in for good is no disposal."""
    numbers = {code: place for place, code in enumerate(rows.codes)}
    yearly: dict[UUID, int] = defaultdict(int)
    for (site_id, _), months in rows.supply.items():
        yearly[site_id] += sum(months)
    sums: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for key in sorted({*rows.supply, *rows.facts.stored_g}, key=lambda key: (str(key[0]), key[1])):
        site_id, code = key
        place = rows.places.get(str(site_id))
        if place is None or parse(code).category == MEDICAL:
            continue
        months = rows.supply.get(key, (0,))
        held, opening = rows.facts.sites[site_id].stores_g, rows.facts.stored_g.get(key, 0)
        portion = held * sum(months) // yearly[site_id] if yearly[site_id] else 0
        row = sums[place, numbers[code]]
        row[0] += max(opening, min(portion, max(months)))
        row[1] += opening
    return Stores(*_columns([(*key, *row) for key, row in sorted(sums.items()) if row[0]], 4))


def _places(rows: Rows) -> Places:
    return Places(
        tuple(one.id for one in rows.at),
        tuple(one.name for one in rows.at),
        tuple(one.region for one in rows.at),
        np.array([one.longitude for one in rows.at], dtype=np.float64),
        np.array([one.latitude for one in rows.at], dtype=np.float64),
        np.array([one.group for one in rows.at], dtype=np.int64),
    )


def _plants(rows: Rows) -> Plants:
    count = len(rows.plants)
    capacity = np.array([one.months for one in rows.plants], dtype=np.int64).reshape(count, MONTHS)
    return Plants(
        tuple(one.id for one in rows.plants),
        tuple(one.name for one in rows.plants),
        np.array([one.place for one in rows.plants], dtype=np.int64),
        capacity,
        np.array([one.permitted_g for one in rows.plants], dtype=np.int64),
        np.zeros_like(capacity),
        np.array([one.storage_g for one in rows.plants], dtype=np.int64),
        np.full(count, np.nan),
    )


def _lines(rows: Rows, prices: Sequence[float]) -> Lines:
    count = len(rows.lines)
    return Lines(
        tuple(one.id for one in rows.lines),
        np.array([one.plant for one in rows.lines], dtype=np.int64),
        tuple(one.source.methods[0] for one in rows.lines),
        np.array([min(one.limit_g, NO_LIMIT) for one in rows.lines], dtype=np.int64),
        np.array(prices, dtype=np.float64),
        np.ones(count),
        np.zeros(count, dtype=np.int64),
        np.array([one.first for one in rows.lines], dtype=np.int64),
        np.array([one.group for one in rows.lines], dtype=np.int64),
    )


def _approvals(rows: Rows) -> Approvals:
    numbers = {code: place for place, code in enumerate(rows.codes)}
    told = [
        (place, plant, numbers[code], grams)
        for (place, plant, code), grams in sorted(rows.approved.items())
        if code in numbers
    ]
    return Approvals(*_columns(told, 4))


def _cautions(rows: Rows, supply: SupplyTold, *, by_road: bool, priced: bool) -> tuple[Caution, ...]:
    made = [one for one in rows.facts.sites.values() if one.kind in _MAKES and rows.facts.lies_here(one.id)]
    silent = sum(one.id not in rows.facts.filed for one in made)
    found = [] if by_road else [Caution(kind=GatheringCaution.GREAT_CIRCLE)]
    found += [] if priced else [Caution(kind=GatheringCaution.NO_PRICE)]
    if silent:
        found.append(Caution(kind=GatheringCaution.NO_PLAN, count=silent))
    if rows.without_nameplate:
        found.append(Caution(kind=GatheringCaution.NO_NAMEPLATE, count=rows.without_nameplate))
    if rows.province_plants:
        kind = GatheringCaution.FREE_ELSEWHERE if rows.free_elsewhere else GatheringCaution.LEFT_OUT
        found.append(Caution(kind=kind, count=rows.province_plants))
    if rows.without_permit:
        found.append(Caution(kind=GatheringCaution.WITHOUT_PERMIT, count=rows.without_permit))
    if supply.unplaced:
        found.append(Caution(kind=GatheringCaution.FORECAST_UNPLACED, count=len(supply.unplaced)))
    return tuple(found)


def _category(code: str) -> Category:
    medical = parse(code).category == MEDICAL
    # Medical waste leaves within two days: it waits for no other month.
    return Category(code, is_medical=medical, max_age=0 if medical else None)


def _takes(line: Line, code: str, own: Mapping[tuple[int, str], set[str]]) -> bool:
    waste = parse(code)
    pattern, methods = line.source.pattern, set(line.source.methods)
    if pattern == waste.category and line.only is None:
        methods -= own.get((line.plant, code), set())
    elif pattern != code:
        return False
    return any(not why_not(method, waste) for method in methods)


def _columns(told: Sequence[tuple[int, ...]], width: int) -> list[Grams]:
    table = np.array(told, dtype=np.int64).reshape(len(told), width)
    return [np.ascontiguousarray(table[:, column]) for column in range(width)]


def _by_code(masses: Mapping[OF_SITE, int]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for (_, code), grams in masses.items():
        sums[code] += grams
    return dict(sums)
