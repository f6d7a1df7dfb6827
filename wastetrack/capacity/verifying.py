"""Looks a matching over, row by row, and says in sentences what is wrong with it.

It shares nothing with what makes matchings but their columns: plain loops over whole grams, distances by its own
reckoning, each rule read anew from what an instance means. What it finds is for engineers, so it is not translated.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from wastetrack.capacity.model import Instance, Matching, WhyUnmatched

Table = dict[tuple[int, ...], int]
CLOSE = 1e-6
"""Sums of floating numbers agree to this share."""
_ROUNDED_G = 10_000
"""So little may go past a nearer plant, or be left free there, for whole grams …"""
_AS_NEAR_KM = 0.1
"""… and what is nearer by no more than this is as near."""


def _table(columns: Any, *names: str) -> Table:  # noqa: ANN401 - any of the tables of a matching
    """Grams by the columns named."""
    table: Table = defaultdict(int)
    for *key, mass in zip(*(getattr(columns, name).tolist() for name in names), columns.mass_g.tolist(), strict=True):
        table[tuple(key)] += mass
    return table


def _distance(instance: Instance, start: int, end: int) -> float:
    for pair in ((start, end), (end, start)):
        if pair in instance.roads:
            return float(instance.roads[pair])
    places = instance.places
    east, north = math.radians(places.longitude[start]), math.radians(places.latitude[start])
    east_end, north_end = math.radians(places.longitude[end]), math.radians(places.latitude[end])
    cosine = math.sin(north) * math.sin(north_end) + math.cos(north) * math.cos(north_end) * math.cos(east_end - east)
    if cosine < 1 - 1e-9:
        return 6371.0088 * 1.3 * math.acos(max(cosine, -1.0))
    # Near each other the cosine says nothing; there the earth is flat.
    return 6371.0088 * 1.3 * math.hypot(north_end - north, (east_end - east) * math.cos((north + north_end) / 2))


class _Look:
    """A matching and the sums that its rules speak of."""

    def __init__(self, matching: Matching) -> None:
        self.matching, self.instance = matching, matching.instance
        instance = self.instance
        self.plant_of = instance.lines.plant.tolist()
        self.place_of = instance.plants.place.tolist()
        self.flows = _table(matching.flows, "place", "category", "period", "line")
        self.treated = _table(matching.treated, "line", "category", "period")
        self.waiting = _table(matching.waiting, "line", "category", "period")
        self.kept = _table(matching.kept, "place", "category", "period")
        self.unmatched = _table(matching.unmatched, "place", "category", "period")
        self.came: Table = defaultdict(int)
        for (_, category, period, line), mass in self.flows.items():
            self.came[line, category, period] += mass
        self.opened = set(matching.opened.tolist())
        self.arisen = self._arisen()

    def _arisen(self) -> Table:
        """By place, category and period, with what treating leaves; what lay there before in period -1."""
        instance = self.instance
        arisen = _table(instance.supply, "place", "category", "period")
        stores = instance.stores
        for place, category, mass in zip(
            stores.place.tolist(), stores.category.tolist(), stores.opening_g.tolist(), strict=True
        ):
            arisen[place, category, -1] += mass
        residues = instance.residues
        for line, category, left, ratio in zip(
            residues.line.tolist(),
            residues.category.tolist(),
            residues.leaves.tolist(),
            residues.ratio.tolist(),
            strict=True,
        ):
            place = self.place_of[self.plant_of[line]]
            for period in range(len(instance.periods)):
                mass = self.treated.get((line, category, period), 0)
                arisen[place, left, period] += math.floor(mass * ratio + 0.5)
        return arisen

    def negative(self) -> Iterator[str]:
        """Nothing is less than nothing, and nothing stands in two rows."""
        matching = self.matching
        for name in ("flows", "treated", "waiting", "kept", "unmatched"):
            if (getattr(matching, name).mass_g <= 0).any():
                yield f"{name}: a row without mass"
        for name, table in (("flows", self.flows), ("treated", self.treated), ("kept", self.kept)):
            if len(table) != len(getattr(matching, name).mass_g):
                yield f"{name}: one place, category and period in two rows"

    def places(self) -> Iterator[str]:
        """What arises goes, is kept or is unmatched, to the gram; and what is kept fits and is not too old."""
        instance, arisen, kept = self.instance, self.arisen, self.kept
        out: Table = defaultdict(int)
        for (place, category, period, _), mass in self.flows.items():
            out[place, category, period] += mass
        for key, mass in self.unmatched.items():
            out[key] += mass
        limits = _limits(instance)
        for place, category in sorted({key[:2] for table in (arisen, out, kept) for key in table}):
            before = arisen.get((place, category, -1), 0)
            age = instance.categories[category].max_age
            for period in range(len(instance.periods)):
                key = (place, category, period)
                now = kept.get(key, 0)
                missing = before + arisen.get(key, 0) - out.get(key, 0) - now
                if missing:
                    yield f"place {place}, category {category}, period {period}: {missing} g missing"
                last = period == len(instance.periods) - 1
                opening = arisen.get((place, category, -1), 0)
                if now > min(limits.get((place, category), 0), opening if last else now):
                    yield f"place {place}, category {category}, period {period}: more is kept than fits"
                if age is not None:
                    young = sum(
                        arisen.get((place, category, then), 0) for then in range(-1, period + 1) if then > period - age
                    )
                    if now > young:
                        yield f"place {place}, category {category}, period {period}: {now - young} g are too old"
                before = now

    def early(self) -> Iterator[str]:
        """Nothing is unmatched as long as it may wait: told of what has no age limit."""
        limits, last = _limits(self.instance), len(self.instance.periods) - 1
        for place, category, period in self.unmatched:
            room = limits.get((place, category), 0) - self.kept.get((place, category, period), 0)
            if period < last and room > 0 and self.instance.categories[category].max_age is None:
                yield f"place {place}, category {category}, period {period}: unmatched, and {room} g could be kept"

    def plants(self) -> Iterator[str]:
        """What comes in is treated or waits, to the gram, and nothing waits at the end."""
        came = self.came
        for line, category in sorted({key[:2] for table in (came, self.treated, self.waiting) for key in table}):
            before = 0
            for period in range(len(self.instance.periods)):
                key = (line, category, period)
                now = self.waiting.get(key, 0)
                missing = before + came.get(key, 0) - self.treated.get(key, 0) - now
                if missing:
                    yield f"line {line}, category {category}, period {period}: {missing} g missing"
                before = now
            if before:
                yield f"line {line}, category {category}: {before} g still wait after the last period"

    def quantities(self) -> Iterator[str]:
        """No permit item and no permit is exceeded."""
        instance = self.instance
        by_line: dict[int, int] = defaultdict(int)
        by_plant: dict[int, int] = defaultdict(int)
        for (line, _, _), mass in self.came.items():
            by_line[line] += mass
            by_plant[self.plant_of[line]] += mass
        for line, mass in by_line.items():
            if mass > instance.lines.limit_g[line]:
                yield f"line {line}: takes in {mass - int(instance.lines.limit_g[line])} g beyond its quantity"
        for plant, mass in by_plant.items():
            if mass > instance.plants.permitted_g[plant]:
                yield f"plant {plant}: takes in {mass - int(instance.plants.permitted_g[plant])} g beyond its permit"

    def capacity(self) -> Iterator[str]:
        """No plant treats or stores more than it can, and none that is not there."""
        instance = self.instance
        load: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
        for (line, _, period), mass in self.treated.items():
            load[self.plant_of[line], period] += Fraction(float(instance.lines.load[line])) * mass
        stored: Table = defaultdict(int)
        for (line, _, period), mass in self.waiting.items():
            stored[self.plant_of[line], period] += mass
        for (plant, period), burden in load.items():
            limit = int(instance.plants.capacity_g[plant, period] + instance.plants.overload_g[plant, period])
            # Loads are floating numbers: a hundredth of a gram is theirs.
            if burden > limit + Fraction(1, 100):
                yield f"plant {plant}, period {period}: {float(burden - limit)} g beyond capacity"
        for (plant, period), mass in stored.items():
            if mass > instance.plants.storage_g[plant]:
                yield f"plant {plant}, period {period}: more waits than fits"
        for plant in {plant for plant, _ in (*load, *stored)}:
            if not math.isnan(instance.plants.opening_cost[plant]) and plant not in self.opened:
                yield f"plant {plant}: works, and is not open"

    def ways(self) -> Iterator[str]:
        """Each flow is one that a permit item, a group, a date, a distance and a border let pass."""
        instance = self.instance
        accepts = set(zip(instance.accepts.line.tolist(), instance.accepts.category.tolist(), strict=True))
        crossing: Table = defaultdict(int)
        for (place, category, period, line), mass in self.flows.items():
            plant = self.plant_of[line]
            name = f"flow of place {place}, category {category}, period {period} to line {line}"
            if (line, category) not in accepts:
                yield f"{name}: not permitted"
            group = int(instance.lines.group[line])
            if group not in (-1, int(instance.places.group[place])):
                yield f"{name}: of another group"
            if period < instance.lines.first_period[line]:
                yield f"{name}: not ready yet"
            if _distance(instance, place, self.place_of[plant]) > instance.reach_km * (1 + CLOSE) + CLOSE:
                yield f"{name}: too far"
            if self._crosses(place, plant):
                crossing[place, plant, category] += mass
        approved: Table = defaultdict(int)
        approvals = instance.approvals
        for place, plant, category, limit in zip(
            approvals.place.tolist(),
            approvals.plant.tolist(),
            approvals.category.tolist(),
            approvals.limit_g.tolist(),
            strict=True,
        ):
            approved[place, plant, category] += limit
        for key, mass in crossing.items():
            if mass > approved.get(key, 0):
                yield f"place, plant, category {key}: {mass - approved.get(key, 0)} g across the border unapproved"

    def improvable(self) -> Iterator[str]:
        """Nothing is unmatched that a line in its province, which leaves nothing behind, has room for."""
        instance, unmatched = self.instance, self.matching.unmatched
        roomy = self._roomy()
        takers: dict[tuple[int, int], list[int]] = defaultdict(list)
        for line, category in zip(instance.accepts.line.tolist(), instance.accepts.category.tolist(), strict=True):
            for period in roomy.get(line, ()):
                takers[category, period].append(line)
        for place, category, period in zip(
            unmatched.place.tolist(), unmatched.category.tolist(), unmatched.period.tolist(), strict=True
        ):
            group = int(instance.places.group[place])
            for line in takers.get((category, period), ()):
                near = _distance(instance, place, self.place_of[self.plant_of[line]]) <= instance.reach_km * (1 - CLOSE)
                open_to = int(instance.lines.group[line]) in (-1, group)
                if open_to and near and not self._crosses(place, self.plant_of[line]):
                    yield f"place {place}, category {category}, period {period}: unmatched, and line {line} has room"

    def nearer(self) -> Iterator[str]:
        """Nothing goes past a nearer line in its province that costs no more, leaves nothing and has room."""
        instance, lines = self.instance, self.instance.lines
        if not self.matching.proven:
            return
        roomy = self._roomy(_ROUNDED_G, emergency=False)
        takers: dict[tuple[int, int, str], list[int]] = defaultdict(list)
        for line, category in zip(instance.accepts.line.tolist(), instance.accepts.category.tolist(), strict=True):
            province = instance.places.regions[self.place_of[self.plant_of[line]]][:2]
            for period in roomy.get(line, ()) if not lines.tier[line] else ():
                takers[category, period, province].append(line)
        for (place, category, period, line), mass in self.flows.items():
            others = takers.get((category, period, instance.places.regions[place][:2]), ())
            if not others or mass < _ROUNDED_G:
                continue
            far = min(_distance(instance, place, self.place_of[self.plant_of[line]]), instance.reach_km)
            for other in others:
                open_to = int(lines.group[other]) in (-1, int(instance.places.group[place]))
                if (
                    open_to
                    and lines.price[other] <= lines.price[line]
                    and (_distance(instance, place, self.place_of[self.plant_of[other]]) < far - _AS_NEAR_KM)
                ):
                    name = f"flow of place {place}, category {category}, period {period} to line {line}"
                    yield f"{name}: past line {other}, which has room"
                    break

    def _roomy(self, more_g: int = 1, *, emergency: bool = True) -> dict[int, list[int]]:
        """Lines that could take so much more and leave nothing of it, with the periods."""
        instance = self.instance
        plants, lines, leaving = instance.plants, instance.lines, set(instance.residues.line.tolist())
        load: dict[tuple[int, int], float] = defaultdict(float)
        taken: dict[int, int] = defaultdict(int)
        by_plant: dict[int, int] = defaultdict(int)
        for (line, _, period), mass in self.treated.items():
            load[self.plant_of[line], period] += mass * float(lines.load[line])
        for (line, _, _), mass in self.came.items():
            taken[line] += mass
            by_plant[self.plant_of[line]] += mass
        roomy = {}
        for line, plant in enumerate(self.plant_of):
            there = math.isnan(plants.opening_cost[plant]) or plant in self.opened
            quantity = min(lines.limit_g[line] - taken[line], plants.permitted_g[plant] - by_plant[plant]) >= more_g
            if there and quantity and line not in leaving:
                limit = (plants.capacity_g[plant] + emergency * plants.overload_g[plant]).tolist()
                begun = range(int(lines.first_period[line]), len(instance.periods))
                roomy[line] = [p for p in begun if load[plant, p] + more_g * float(lines.load[line]) <= limit[p]]
        return roomy

    def _crosses(self, place: int, plant: int) -> bool:
        regions = self.instance.places.regions
        return bool(regions[place][:2] != regions[self.place_of[plant]][:2])

    def figures(self) -> Iterator[str]:
        """The sums that the matching states."""
        matching, instance = self.matching, self.instance
        if matching.unmatched_g != sum(self.unmatched.values()):
            yield "the unmatched do not add up"
        border, cost = 0.0, sum(float(instance.plants.opening_cost[plant]) for plant in self.opened)
        for (place, _, _, line), mass in self.flows.items():
            km = _distance(instance, place, self.place_of[self.plant_of[line]])
            cost += mass / 1e6 * (km * instance.haulage + float(instance.lines.price[line]))
            border += mass / 1e6 * km if self._crosses(place, self.plant_of[line]) else 0.0
        for name, told, known in (("border", matching.border_tkm, border), ("cost", matching.cost, cost)):
            if not math.isclose(told, known, rel_tol=CLOSE, abs_tol=CLOSE):
                yield f"{name}: {told} is told, {known} is reckoned"

    def reasons(self) -> Iterator[str]:
        """What is said of the unmatched is so."""
        instance, unmatched = self.instance, self.matching.unmatched
        takers: dict[int, list[int]] = defaultdict(list)
        for line, category in zip(instance.accepts.line.tolist(), instance.accepts.category.tolist(), strict=True):
            takers[category].append(line)
        for place, category, why in zip(
            unmatched.place.tolist(), unmatched.category.tolist(), unmatched.why, strict=True
        ):
            group = int(instance.places.group[place])
            lines = [line for line in takers[category] if int(instance.lines.group[line]) in (-1, group)]
            near = [
                line
                for line in lines
                if _distance(instance, place, self.place_of[self.plant_of[line]]) <= instance.reach_km
            ]
            name = f"place {place}, category {category}: {why.value}"
            if (why is WhyUnmatched.NO_PERMIT) != (not lines):
                yield f"{name}, but {len(lines)} lines may take it"
            elif (why in (WhyUnmatched.NO_PERMIT, WhyUnmatched.TOO_FAR)) != (not near):
                yield f"{name}, but {len(near)} lines are near"
            elif why is WhyUnmatched.NO_APPROVAL and not any(
                self._crosses(place, self.plant_of[line]) for line in near
            ):
                yield f"{name}, but no line is in another province"


def _limits(instance: Instance) -> Table:
    stores = instance.stores
    limits: Table = defaultdict(int)
    for place, category, limit in zip(
        stores.place.tolist(), stores.category.tolist(), stores.limit_g.tolist(), strict=True
    ):
        limits[place, category] += limit
    return limits


def verify(matching: Matching) -> list[str]:
    """What is wrong with a matching; nothing where it keeps every rule to the gram."""
    look = _Look(matching)
    rules: tuple[Callable[[], Iterator[str]], ...] = (
        look.negative,
        look.places,
        look.early,
        look.plants,
        look.quantities,
        look.capacity,
        look.ways,
        look.figures,
        look.reasons,
        look.improvable,
        look.nearer,
    )
    return [sentence for rule in rules for sentence in rule()]
