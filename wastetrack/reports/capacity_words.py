"""What a result of matching comes to, in sentences of both languages."""

from collections.abc import Callable
from typing import Final

from wastetrack.capacity.reading import Shortage, shortages, verdict
from wastetrack.capacity.result import (
    Caution,
    GatheringCaution,
    Question,
    Result,
    ScenarioKind,
    SupplyGround,
    UnmatchedReason,
    Verdict,
)
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.reports.figures import Words
from wastetrack.reports.tabular import MassUnit, mass_text, said

WHY: Final = {
    UnmatchedReason.NO_PERMIT: message("no plant may take it"),
    UnmatchedReason.TOO_FAR: message("the plants that may take it are too far away"),
    UnmatchedReason.NO_APPROVAL: message("the plants that have room are in another province and no approval is left"),
    UnmatchedReason.NO_QUANTITY: message("the permit items that name it are used up"),
    UnmatchedReason.NO_CAPACITY: message("the plants that may take it are full"),
    UnmatchedReason.NO_PLACE_FOR_RESIDUES: message("nothing takes what the plants for it would leave"),
}
"""As the end of a sentence."""
GROUNDS: Final = {
    SupplyGround.PLAN: message("filed management plans"),
    SupplyGround.LEDGER: message("what arose by the ledger"),
    SupplyGround.LARGER: message("filed plans or the ledger, whichever says more of a site and code"),
    SupplyGround.FORECAST: message("the forecast"),
    SupplyGround.FORECAST_HIGH: message("the forecast at the upper end of its interval"),
}
CAUTIONS: Final = {
    GatheringCaution.GREAT_CIRCLE: message(
        "No matrix of distances by road was given: kilometres are great-circle times 1.3."
    ),
    GatheringCaution.NO_PLAN: message("{count} sites that make waste have filed no plan for the year."),
    GatheringCaution.NO_NAMEPLATE: message(
        "{count} plants name no capacity of their facilities: their permits alone limit them."
    ),
    GatheringCaution.NO_PRICE: message(
        "No prices are known: costs are haulage alone, at one yuan a tonne and kilometre."
    ),
    GatheringCaution.CUT_SHORT: message("The time limit cut a step short: there may be a better matching."),
    GatheringCaution.WITHIN_BOUNDS: message(
        "So large a question is answered by a plan with a bound: at most {count} t more could find a plant."
    ),
    GatheringCaution.WITHOUT_PERMIT: message(
        "{count} receivers need no permit: each takes what an approval point to point names, or what a filed plan "
        "sends it under the exemption list, from those sites alone."
    ),
    GatheringCaution.LEFT_OUT: message(
        "{count} plants of the province outside the region may take some of these codes and are left out, for no filed "
        "plan of the region sends them anything. They can be counted with what their permits leave free."
    ),
    GatheringCaution.FREE_ELSEWHERE: message(
        "{count} plants of the province outside the region count with what their permits leave free in the year, or "
        "with what filed plans of the region send them if that is more; what other regions will want of them is not "
        "known here."
    ),
    GatheringCaution.BY_ROAD: message(
        "{count} percent of what is carried goes by distances of the uploaded matrix of roads; the others are "
        "great-circle times 1.3."
    ),
    GatheringCaution.PRICED: message(
        "{count} percent of what is matched goes to permit items with a published price; the others are reckoned at "
        "the median of their class, or at none."
    ),
    GatheringCaution.FORECAST_UNPLACED: message(
        "{count} codes are forecast of which no site is known that makes them now; they are left out."
    ),
    GatheringCaution.PASSED_NEARER: message(
        "{count} shipments go past a nearer plant that may take them and has room: the workbook says which, and why."
    ),
    GatheringCaution.NO_REMOVAL_TEST: message("Plants were not taken out one by one: the time did not suffice."),
}
METHOD: Final = (
    message(
        "Waste goes from counties and large sites to plants so that as little as possible stays unmatched, then with "
        "as few tonne-kilometres across provinces as possible, then as cheaply as possible."
    ),
    message(
        "Proximity comes with the least cost: at equal prices no shipment passes a nearer plant with room that leaves "
        "no residues. Where several want the same plant, who is nearer need not get it: the least for all decides."
    ),
    message(
        "A plant can treat what its permits allow on the days on which they hold, or what its facilities are built "
        "for, whichever is less. A plant elsewhere takes what filed plans send to it; across a province's border only "
        "what is approved."
    ),
    message(
        "What treatment was seen to leave by the ledger arises again at the plant. Stock may not grow over a month's "
        "supply."
    ),
    message(
        "The worth of capacity is that of one more tonne in each month and no forecast for many; the effect of a "
        "plant's standstill was matched anew."
    ),
)
_OF_FORECAST: Final = message(
    "The supply is what the ledger's months up to {until} make likely for the next twelve months, each at its place in "
    "the calendar, among the sites as they made each code in the last twelve; the upper end is the ninth decile of the "
    "year."
)
_RESTS: Final = message("{mass} t of the supply by {ground}")
_ENOUGH: Final = message("Everything that arises finds a plant: {need} t want treatment, plants can treat {able} t.")
_AMPLE: Final = message(
    "Capacity looks ample in total: plants can treat {able} t, {need} t want treatment. "
    "Yet {short} t find no plant: {list}."
)
_SHORT: Final = message(
    "Capacity is short: plants can treat {able} t, {need} t want treatment, {short} t find no plant: {list}."
)
_ONE: Final = message("{code} ({of}) {mass} t: {why}")
_ONE_AMPLE: Final = message("{code} {mass} t, though the plants for {of} could treat all of {of}: {why}")
_MORE: Final = message("and {count} more codes")
_NAMED: Final = 3
Tonnes = Callable[[int], str]


def tonnes(grams: int) -> str:
    """A mass as sentences tell it: whole tonnes from ten on, else to the kilogram."""
    if grams >= 10_000_000:  # noqa: PLR2004  ten tonnes
        return f"{round(grams / 1_000_000):,}"
    return mass_text(Mass(grams - grams % 1_000), MassUnit.TONNE)


def headline(result: Result) -> Words:
    """The result in one sentence."""
    totals = result.totals
    need = totals.supply_g + totals.opening_g + totals.residue_g
    facts = {"need": tonnes(need), "able": tonnes(totals.effective_g), "short": tonnes(totals.unmatched_g)}
    match verdict(result):
        case Verdict.MATCHES:
            return said(_ENOUGH, **facts)
        case Verdict.SHORT_BY_CODE:
            return _both(_AMPLE, facts, _listed(result))
        case Verdict.SHORT_IN_TOTAL:
            return _both(_SHORT, facts, _listed(result))


def _both(sentence: str, facts: dict[str, str], told: Words) -> Words:
    return Words(zh=said(sentence, **facts, list=told.zh).zh, en=said(sentence, **facts, list=told.en).en)


def _listed(result: Result) -> Words:
    found = shortages(result)
    parts = [shortage_told(one) for one in found[:_NAMED]]
    if len(found) > _NAMED:
        parts.append(said(_MORE, count=len(found) - _NAMED))
    return Words(zh="；".join(one.zh for one in parts), en="; ".join(one.en for one in parts))


def shortage_told(one: Shortage) -> Words:
    """A shortage with its reason: part of a sentence."""
    sentence = _ONE_AMPLE if one.looks_ample else _ONE
    why = said(WHY[one.why.why])
    facts = {"code": one.category.code, "of": one.of_class.code, "mass": tonnes(one.category.unmatched_g)}
    return Words(zh=said(sentence, **facts, why=why.zh).zh, en=said(sentence, **facts, why=why.en).en)


def caution_told(one: Caution) -> Words:
    """What the reader has to know."""
    return said(CAUTIONS[one.kind], count=one.count)


def grounds_told(result: Result) -> tuple[Words, ...]:
    """How much of the supply rests on what, and how a forecast became supply."""
    told = []
    for one in result.grounds:
        ground, mass = said(GROUNDS[one.ground]), tonnes(one.mass_g)
        told.append(Words(said(_RESTS, mass=mass, ground=ground.zh).zh, said(_RESTS, mass=mass, ground=ground.en).en))
    if result.known_until is not None:
        told.append(said(_OF_FORECAST, until=result.known_until))
    return tuple(told)


_SCENARIOS: Final = {
    ScenarioKind.AS_IT_IS: message("As things stand"),
    ScenarioKind.OUTAGE: message("{plants} stand still from month {month} on"),
    ScenarioKind.RETIREMENT: message("{plants} are retired from month {month} on"),
    ScenarioKind.NEW_PLANT: message("With the planned projects: {plants}"),
    ScenarioKind.MORE_SUPPLY: message("{factor} times as much arises"),
    ScenarioKind.SHARING: message("Groups share their own plants"),
    ScenarioKind.OTHER_QUANTITY: message("{plants}: the permit item {item} allows {quantity} t a year"),
}


def scenario_told(question: Question, names: dict[str, str]) -> Words:
    """What is different, with the plants by name."""
    plants = "、".join(names.get(one, one) for one in question.plants)
    return said(
        _SCENARIOS[question.scenario],
        plants=plants,
        month=question.from_period + 1,
        factor=f"{question.factor:g}",
        item=" ".join((question.item, *question.item_methods)),
        quantity=Mass(question.quantity_g or 0).tonne_text().removesuffix(" t"),
    )


def names_of(result: Result) -> dict[str, str]:
    """What its plants are called."""
    return {one.plant: one.name for one in result.plants}
