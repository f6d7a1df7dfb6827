"""An epidemic as an instance of the matching, one period a day; and its answer, told by day and by plant."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from wastetrack.capacity.model import (
    NO_LIMIT,
    OPEN_TO_ALL,
    Accepts,
    Approvals,
    Category,
    Instance,
    Lines,
    Matching,
    Places,
    Plants,
    Residues,
    Stores,
    Supply,
    Tier,
)
from wastetrack.capacity.solving import solve
from wastetrack.capacity.surge_model import (
    DayPlan,
    HelperTier,
    Load,
    PlantPlan,
    SurgeAnswer,
    SurgePlace,
    SurgePlant,
    SurgeQuestion,
    check_question,
    hours_until_exceeded,
)
from wastetrack.errors import refuse

_MEDICAL: Final = "HW01"
_TIERS: Final = list(Tier)
_METHODS: Final = {HelperTier.USUAL: "Y", HelperTier.CEMENT_KILN: "C1"}
_BURNT: Final = "D10"


def shared(total: int, weights: list[int]) -> list[int]:
    """A mass in whole grams by weights; what rounding leaves goes to the largest remainders."""
    whole = sum(weights)
    parts = [divmod(total * weight, whole) for weight in weights]
    given = [quotient for quotient, _ in parts]
    for place in sorted(range(len(parts)), key=lambda one: (-parts[one][1], one))[: total - sum(given)]:
        given[place] += 1
    return given


def instance_of(asked: SurgeQuestion) -> Instance:
    """The question as everybody in this room asks it. Raises RuleBroken."""
    refuse(check_question(asked))
    days, sources = asked.curve.days, len(asked.places)
    everywhere: list[SurgePlace | SurgePlant] = [*asked.places, *asked.plants]
    weights = [one.share for one in asked.places]
    supply = np.array([shared(arises, weights) for arises in asked.curve.grams()], dtype=np.int64)
    period, place = np.divmod(np.arange(days * sources), sources)
    held = np.array(shared(asked.hold_days * asked.curve.base_g, weights), dtype=np.int64)
    count = len(asked.plants)
    return Instance(
        title=asked.title,
        periods=tuple(asked.day(day).isoformat() for day in range(days)),
        categories=(Category(code=_MEDICAL, is_medical=True, max_age=asked.hold_days),),
        places=Places(
            ids=tuple(one.id for one in everywhere),
            names=tuple(one.name for one in everywhere),
            regions=tuple(one.region.ljust(6, "0") for one in everywhere),
            longitude=np.array([one.longitude for one in everywhere]),
            latitude=np.array([one.latitude for one in everywhere]),
            group=np.full(len(everywhere), OPEN_TO_ALL, dtype=np.int64),
        ),
        supply=Supply(place=place, category=_zeros(place), period=period, mass_g=supply.ravel()),
        stores=Stores(
            place=np.arange(sources),
            category=np.zeros(sources, dtype=np.int64),
            limit_g=held,
            opening_g=np.zeros(sources, dtype=np.int64),
        ),
        plants=_plants(asked, sources),
        lines=_lines(asked),
        accepts=Accepts(line=np.arange(count), category=np.zeros(count, dtype=np.int64)),
        approvals=_approvals(asked),
        residues=Residues(line=_none(), category=_none(), leaves=_none(), ratio=np.zeros(0)),
    )


def _zeros(like: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.zeros_like(like)


def _none() -> NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


def _plants(asked: SurgeQuestion, sources: int) -> Plants:
    days, count = asked.curve.days, len(asked.plants)
    capacity = np.zeros((count, days), dtype=np.int64)
    overload = np.zeros((count, days), dtype=np.int64)
    for row, plant in enumerate(asked.plants):
        ready = asked.ready_on(plant)
        for day in range(days if ready is None else ready, days):
            if plant.from_on <= asked.day(day) <= plant.to_on:
                capacity[row, day] = plant.daily_g
                emergency = asked.called_on is not None and day >= asked.called_on and not plant.is_called
                overload[row, day] = plant.daily_g * asked.overload_percent // 100 if emergency else 0
    return Plants(
        ids=tuple(one.id for one in asked.plants),
        names=tuple(one.name for one in asked.plants),
        place=sources + np.arange(count),
        capacity_g=capacity,
        permitted_g=np.full(count, NO_LIMIT, dtype=np.int64),
        overload_g=overload,
        storage_g=np.zeros(count, dtype=np.int64),
        opening_cost=np.full(count, np.nan),
    )


def _lines(asked: SurgeQuestion) -> Lines:
    count, plants = len(asked.plants), asked.plants
    ready = [asked.ready_on(one) for one in plants]
    return Lines(
        ids=tuple(one.id for one in plants),
        plant=np.arange(count),
        methods=tuple(_METHODS.get(one.tier, _BURNT) for one in plants),
        limit_g=np.full(count, NO_LIMIT, dtype=np.int64),
        price=np.zeros(count),
        load=np.ones(count),
        tier=np.array([_TIERS.index(Tier(one.tier.value)) for one in plants], dtype=np.int64),
        first_period=np.array(
            [min(asked.curve.days, asked.curve.days if day is None else day) for day in ready], dtype=np.int64
        ),
        group=np.full(count, OPEN_TO_ALL, dtype=np.int64),
    )


def _approvals(asked: SurgeQuestion) -> Approvals:
    """Who is called across a province's border is called with its authority's consent."""
    across = [
        (source, row)
        for source, place in enumerate(asked.places)
        for row, plant in enumerate(asked.plants)
        if plant.is_called and plant.region[:2] != place.region[:2]
    ]
    return Approvals(
        place=np.array([source for source, _ in across], dtype=np.int64),
        plant=np.array([row for _, row in across], dtype=np.int64),
        category=np.zeros(len(across), dtype=np.int64),
        limit_g=np.full(len(across), NO_LIMIT, dtype=np.int64),
    )


def surge(asked: SurgeQuestion, *, time_limit: float | None = None) -> SurgeAnswer:
    """Who takes what on which day. Raises RuleBroken."""
    return answer_of(asked, solve(instance_of(asked), time_limit=time_limit))


def answer_of(asked: SurgeQuestion, found: Matching) -> SurgeAnswer:
    """A matching told by day and by plant."""
    days, count = asked.curve.days, len(asked.plants)
    lines = found.instance.lines
    taken = _by(lines.plant[found.flows.line], found.flows.period, found.flows.mass_g, (count, days))
    waits = _by(_zeros(found.kept.period), found.kept.period, found.kept.mass_g, (1, days))[0]
    lost = _by(_zeros(found.unmatched.period), found.unmatched.period, found.unmatched.mass_g, (1, days))[0]
    arises = asked.curve.grams()
    called_on = asked.called_on
    return SurgeAnswer(
        usual_g=asked.usual_g,
        arises_g=sum(arises),
        exceeded_after_hours=hours_until_exceeded(arises, asked.usual_g),
        called_on=None if called_on is None else asked.day(called_on),
        days=tuple(
            DayPlan(
                day=asked.day(day),
                arises_g=arises[day],
                taken_g=_by_tier(asked.plants, taken[:, day]),
                waits_g=int(waits[day]),
                unmatched_g=int(lost[day]),
            )
            for day in range(days)
        ),
        plants=tuple(_plant(asked, plant, taken[row]) for row, plant in enumerate(asked.plants)),
        loads=_loads(asked, found),
        proven=found.proven,
        seconds=round(found.seconds, 3),
    )


def _by(
    row: NDArray[np.int64], period: NDArray[np.int64], mass_g: NDArray[np.int64], shape: tuple[int, int]
) -> NDArray[np.int64]:
    table = np.zeros(shape, dtype=np.int64)
    np.add.at(table, (row, period), mass_g)
    return table


def _by_tier(plants: tuple[SurgePlant, ...], taken: NDArray[np.int64]) -> dict[str, int]:
    told = dict.fromkeys((tier.value for tier in HelperTier), 0)
    for plant, mass_g in zip(plants, taken, strict=True):
        told[plant.tier.value] += int(mass_g)
    return told


def _plant(asked: SurgeQuestion, plant: SurgePlant, taken: NDArray[np.int64]) -> PlantPlan:
    ready = asked.ready_on(plant)
    return PlantPlan(
        id=plant.id,
        name=plant.name,
        tier=plant.tier,
        is_called=plant.is_called,
        daily_g=plant.daily_g,
        ready_on=None if ready is None else max(plant.from_on, asked.day(ready)),
        taken_g=tuple(int(one) for one in taken),
    )


def _loads(asked: SurgeQuestion, found: Matching) -> tuple[Load, ...]:
    flows, plants = found.flows, found.instance.lines.plant
    return tuple(
        Load(
            day=asked.day(int(flows.period[row])),
            place=asked.places[int(flows.place[row])].id,
            plant=asked.plants[int(plants[flows.line[row]])].id,
            mass_g=int(flows.mass_g[row]),
        )
        for row in np.lexsort((flows.line, flows.place, flows.period))
        if flows.mass_g[row] > 0
    )
