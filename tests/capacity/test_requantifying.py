"""Another quantity of a permit item: which item is meant, what then follows, and how a worker answers it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.capacity.test_questions import YEAR, asked, found, worked
from tests.support.capacity import ASH, LANDFILL, TONNE, facts, question, result
from tests.support.databases import Cluster
from tests.support.served import for_application
from tests.support.world import World
from wastetrack import clock
from wastetrack.capacity.answering import answer
from wastetrack.capacity.questioning import AskMatching
from wastetrack.capacity.reading import other_limits
from wastetrack.capacity.requantifying import PermitLine, meant, with_quantity
from wastetrack.capacity.result import Result, ScenarioKind, SupplyGround
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.errors import RuleBroken
from wastetrack.mass import Mass
from wastetrack.reports.capacity_words import names_of, scenario_told

LINES = [PermitLine("HW18", ("D1",)), PermitLine(ASH, ("D1", "D9")), PermitLine(ASH, ("R5",))]
SUPPOSED: dict[str, Any] = {
    "scenario": ScenarioKind.OTHER_QUANTITY,
    "plants": (str(LANDFILL.id),),
    "item": ASH,
    "item_methods": ("D1",),
}


@pytest.mark.parametrize(
    ("typed", "line"), [("HW18", LINES[0]), (f"{ASH} D9", LINES[1]), (f" {ASH}  R5 ", LINES[2]), ("HW18 D1", LINES[0])]
)
def test_an_item_is_named_as_far_as_need_be(typed: str, line: PermitLine) -> None:
    assert meant(LINES, typed) == (line, [])


@pytest.mark.parametrize(
    ("typed", "rule", "told"),
    [
        ("", "missing", "HW18 D1; 772-002-18 D1 D9; 772-002-18 R5"),
        ("HW49", "item_unknown", "HW18 D1; 772-002-18 D1 D9; 772-002-18 R5"),
        ("HW18 D10", "item_unknown", "HW18 D1; 772-002-18 D1 D9; 772-002-18 R5"),
        (ASH, "item_ambiguous", "772-002-18 D1 D9; 772-002-18 R5"),
    ],
)
def test_what_names_no_single_item_is_refused_with_those_there_are(typed: str, rule: str, told: str) -> None:
    line, broken = meant(LINES, typed)
    assert line is None
    assert [(one.field, one.code, one.facts["known"]) for one in broken] == [("item", rule, told)]


def supposed(tonnes: int) -> Result:
    return result(clock.now(), **SUPPOSED, quantity_g=tonnes * TONNE)


@pytest.mark.parametrize(("tonnes", "unmatched"), [(0, 21_000), (6_000, 15_000), (20_000, 1_000), (50_000, 0)])
def test_what_finds_no_plant_follows_the_quantity(tonnes: int, unmatched: int) -> None:
    """21,000 t of ash arise, and only this landfill may take them: capacity follows the permit upwards, too."""
    assert supposed(tonnes).totals.unmatched_g == unmatched * TONNE


def test_items_of_other_codes_methods_and_firms_stay_as_they_are() -> None:
    before = facts()
    told = with_quantity(before, LANDFILL.id, PermitLine(ASH, ("D9",)), 1)
    assert told == before
    told = with_quantity(before, LANDFILL.id, PermitLine(ASH, ("D1",)), 1)
    changed = [
        (one.pattern, was.yearly_g, one.yearly_g)
        for permit, old in zip(told.permits, before.permits, strict=True)
        for one, was in zip(permit.items, old.items, strict=True)
        if one != was
    ]
    assert changed == [(ASH, 6_000 * TONNE, 1)]
    elsewhere = replace(before, permits=tuple(replace(one, site_id=None) for one in before.permits))
    held = with_quantity(elsewhere, LANDFILL.id, PermitLine(ASH, ("D1",)), 7)
    assert [item.yearly_g for one in held.permits for item in one.items if item.pattern == ASH] == [7]


def test_side_by_side_stands_what_the_item_allows_and_what_is_used() -> None:
    results = [answer(facts(), question(), made_at=clock.now(), progress=lambda _share: None), supposed(20_000)]
    (one,) = other_limits(results)
    assert (one.plant, one.pattern, one.methods) == ("370285厂", ASH, ("D1",))
    assert one.masses == ((6_000 * TONNE, 6_000 * TONNE), (20_000 * TONNE, 20_000 * TONNE))
    told = scenario_told(results[1].question, names_of(results[1]))
    assert told.en == "370285厂: the permit item 772-002-18 D1 allows 20,000 t a year"
    assert told.zh == "370285厂：许可项 772-002-18 D1 年许可 20,000 吨"


@pytest.fixture(scope="module")
async def bound(cluster: Cluster, town: tuple[World, Address]) -> AsyncIterator[AsyncEngine]:
    """A copy of the small world, as the application sees it."""
    address = cluster.clone(town[1].database)
    engine = make_engine(for_application(address.url), pool_size=5)
    yield engine
    await engine.dispose()
    cluster.drop(address)


async def test_a_worker_answers_with_the_other_quantity(bound: AsyncEngine, world: World) -> None:
    command = AskMatching(
        year=YEAR,
        ground=SupplyGround.PLAN,
        scenario=ScenarioKind.OTHER_QUANTITY,
        plants=(str(world.receiver.site.id),),
        item="HW08",
        quantity=Mass(30 * TONNE),
    )
    run_id = await asked(bound, world.inspector, command)
    await worked(bound, world.inspector, run_id)
    _, told = await found(bound, world.inspector, run_id)
    assert told is not None
    assert (told.question.item, told.question.item_methods) == ("HW08", ("D10", "R9"))
    assert sum(one.matched_g for one in told.categories if one.code.endswith("-08")) == 30 * TONNE


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"plants": (), "quantity": None}, ["plants", "quantity"]),
        ({"plants": ("x", "y")}, ["plants", "plants", "plants"]),
        ({"quantity": Mass(10**13 + 1)}, ["quantity"]),
        ({"item": "HW49"}, ["item"]),
        ({"item": ""}, ["item"]),
    ],
)
async def test_a_supposition_that_means_nothing_is_refused(
    bound: AsyncEngine, world: World, changed: dict[str, Any], fields: list[str]
) -> None:
    command = AskMatching(
        year=YEAR,
        scenario=ScenarioKind.OTHER_QUANTITY,
        plants=(str(world.receiver.site.id),),
        item="HW08",
        quantity=Mass(TONNE),
    )
    with pytest.raises(RuleBroken) as refused:
        await asked(bound, world.inspector, replace(command, **changed))
    assert [one.field for one in refused.value.broken] == fields
