"""What a result says: what is short though the total looks ample, how full plants are, how results differ. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from wastetrack.capacity.result import CategoryFigures, PlantFigures, Reason, RemovalFigures, Result, Verdict

TRACE_G = 1_000
"""Below a kilogram a shortage is what rounding leaves."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """A code of which some finds no plant, beside its class."""

    category: CategoryFigures
    of_class: CategoryFigures

    @property
    def looks_ample(self) -> bool:
        """Whether the plants that may take something of its class could treat all of the class."""
        return self.of_class.effective_g >= need_g(self.of_class)

    @property
    def why(self) -> Reason:
        """Why most of it finds none."""
        return self.category.reasons[0]


def need_g(one: CategoryFigures) -> int:
    """What wants a plant over the whole time."""
    return one.opening_g + one.supply_g + one.residue_g


def class_of(code: str) -> str:
    """`772-002-18` → `HW18`."""
    return f"HW{code[-2:]}"


def shortages(result: Result) -> list[Shortage]:
    """Every code that is short, the largest shortage first."""
    classes = {one.code: one for one in result.classes}
    short = [one for one in result.categories if one.unmatched_g >= TRACE_G and one.reasons]
    return [
        Shortage(one, classes[class_of(one.code)])
        for one in sorted(short, key=lambda one: (-one.unmatched_g, one.code))
    ]


def surplus(result: Result) -> list[CategoryFigures]:
    """Classes whose plants could treat more than twice what arises, the largest room first."""
    ample = [one for one in result.classes if not one.unmatched_g and one.effective_g > 2 * need_g(one)]
    return sorted(ample, key=lambda one: (need_g(one) - one.effective_g, one.code))


def verdict(result: Result) -> Verdict:
    """What it comes to in all."""
    if not shortages(result):
        return Verdict.MATCHES
    totals = result.totals
    enough = totals.effective_g >= totals.supply_g + totals.opening_g + totals.residue_g
    return Verdict.SHORT_BY_CODE if enough else Verdict.SHORT_IN_TOTAL


def percent(part: float, whole: float) -> int | None:
    """Whole percent; None of nothing."""
    return None if not whole else round(100 * part / whole)


@dataclass(frozen=True, slots=True)
class PlantUse:
    """A plant with how full it is."""

    plant: PlantFigures
    of_permit: int | None
    of_capacity: int | None


def uses(result: Result) -> list[PlantUse]:
    """Every plant, the fullest first."""
    found = [
        PlantUse(one, percent(one.treated_g, one.permitted_g), percent(one.treated_g, one.effective_g))
        for one in result.plants
    ]
    return sorted(found, key=lambda one: (-(one.of_capacity or 0), -one.plant.treated_g, one.plant.plant))


def worth(result: Result, most: int) -> list[PlantFigures]:
    """Plants at which one more tonne would save most: first what finds no plant, then money."""
    ranked = sorted(result.plants, key=lambda one: (-one.worth_t, -one.worth_yuan, one.plant))
    return [one for one in ranked if one.worth_t > 0 or one.worth_yuan > 0][:most]


def missed(result: Result) -> list[RemovalFigures]:
    """Plants without which something is worse, the worst first."""
    return [
        one
        for one in result.removals
        if one.unmatched_more_g >= TRACE_G or one.border_more_tkm > 0 or one.cost_more > 0
    ]


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of several results, in their order."""

    code: str
    supply_g: tuple[int, ...]
    unmatched_g: tuple[int, ...]


def differences(results: Sequence[Result]) -> list[Difference]:
    """Codes whose shortage differs among results, the largest difference first."""
    tables = [{one.code: one for one in result.categories} for result in results]
    found = []
    for code in sorted({code for table in tables for code in table}):
        lines = [table.get(code) for table in tables]
        lost = tuple(0 if one is None else one.unmatched_g for one in lines)
        if max(lost) - min(lost) >= TRACE_G:
            found.append(Difference(code, tuple(0 if one is None else need_g(one) for one in lines), lost))
    return sorted(found, key=lambda one: (min(one.unmatched_g) - max(one.unmatched_g), one.code))


@dataclass(frozen=True, slots=True)
class ItemBeside:
    """A permit item in several results, in their order."""

    plant: str
    pattern: str
    methods: tuple[str, ...]
    masses: tuple[tuple[int, int] | tuple[None, None], ...]
    """What it allows and what is used of it, in grams; None where it is not there."""


def other_limits(results: Sequence[Result]) -> list[ItemBeside]:
    """Permit items that allow different quantities among results, by plant and code."""
    found: dict[tuple[str, str, tuple[str, ...]], dict[int, tuple[int, int]]] = {}
    names: dict[str, str] = {}
    for place, result in enumerate(results):
        names |= {one.plant: one.name for one in result.plants}
        for line in result.lines:
            key = (line.plant, line.pattern, line.methods)
            limit, used = found.setdefault(key, {}).get(place, (0, 0))
            found[key][place] = (limit + line.limit_g, used + line.used_g)
    told = [
        ItemBeside(names[plant], pattern, methods, tuple(masses.get(at, (None, None)) for at in range(len(results))))
        for (plant, pattern, methods), masses in found.items()
        if len({limit for limit, _ in masses.values()}) > 1
    ]
    return sorted(told, key=lambda one: (one.plant, one.pattern, one.methods))
