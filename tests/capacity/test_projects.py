"""The register of planned projects: what is refused, who may, what a scenario may count on."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.support import parties as made
from tests.support.capacity import LANDFILL, TONNE, YEAR, facts, question, result
from tests.support.refused import codes_broken, events_about
from tests.support.world import AT, World
from wastetrack.auth.model import Role
from wastetrack.auth.sight import look_as
from wastetrack.capacity.answering import answer
from wastetrack.capacity.assembling import assemble
from wastetrack.capacity.planned import project_facts
from wastetrack.capacity.project_queries import awaited, project, projects
from wastetrack.capacity.projects import (
    ChangeProject,
    DescribeProject,
    PlannedProject,
    ProjectItem,
    ProjectKind,
    ProjectState,
)
from wastetrack.capacity.registering import change_project, register_project
from wastetrack.capacity.result import ScenarioKind, SupplyGround
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, Forbidden, NotFound
from wastetrack.ids import new_id
from wastetrack.mass import Mass

FLY_ASH = "772-002-18"
ASH_PLANT = DescribeProject(
    kind=ProjectKind.HAZARDOUS_DISPOSAL,
    state=ProjectState.BUILDING,
    name="莱山飞灰填埋场",
    builder="烟台某环保有限公司",
    region_code="370613",
    longitude=Decimal("121.4450019"),
    latitude=Decimal("37.51"),
    starts_on=date(2027, 4, 1),
    items=(made.item(FLY_ASH, "D1", "30000 t"), made.item("HW18", "D1 D10", "5000 t")),
    document="烟环审〔2026〕12号",
)


async def test_a_project_is_entered_and_changed(town_session: WriteSession, world: World) -> None:
    officer = world.inspector
    await look_as(town_session, officer)
    entered = await register_project(town_session, officer, ASH_PLANT, at=AT)
    assert entered.yearly == Mass.parse("35000 t")
    assert [(item.pattern, item.methods) for item in entered.items] == [(FLY_ASH, ("D1",)), ("HW18", ("D1", "D10"))]
    assert (entered.version, entered.longitude) == (1, Decimal("121.445002"))
    later = replace(ASH_PLANT, state=ProjectState.TRIAL, items=(made.item(FLY_ASH, "D1", "40000 t"),))
    change = ChangeProject(project_id=entered.id, version=1, told=later)
    changed = await change_project(town_session, officer, change, at=AT)
    assert (changed.version, changed.state, changed.yearly) == (2, ProjectState.TRIAL, Mass.parse("40000 t"))
    with pytest.raises(Conflict, match="meanwhile"):
        await change_project(town_session, officer, change, at=AT)
    assert await project(town_session, entered.id) == changed
    told = [
        (one["kind"], one["facts"]["version"], one["facts"]["state"]) for one in await log_of(town_session, entered)
    ]
    assert told == [("project_registered", 1, "building"), ("project_changed", 2, "trial")]
    assert await projects(town_session, officer, region="3706", state=ProjectState.BUILDING) == []
    assert await projects(town_session, officer, region="3706") == [changed]
    assert await projects(town_session, officer, region="370602") == []


async def log_of(session: WriteSession, entered: PlannedProject) -> list[dict[str, Any]]:
    """What the log says of it, in which no free text stands in clear."""
    found = await events_about(session, entered.id)
    assert ASH_PLANT.name not in str(found)
    return found


async def test_every_reason_against_a_project_is_told_at_once(town_session: WriteSession, world: World) -> None:
    wrong = replace(
        ASH_PLANT,
        name=" ",
        builder="",
        region_code="999999",
        latitude=Decimal("121.4"),
        longitude=Decimal("37.5"),
        items=(made.item("772-999-18", "D1", "1 t"),),
    )
    assert await codes_broken(register_project(town_session, world.inspector, wrong, at=AT)) == [
        "coordinates_swapped",
        "field_empty",
        "field_empty",
        "region_unknown",
        "waste_code_unknown",
    ]
    without = replace(ASH_PLANT, items=())
    assert await codes_broken(register_project(town_session, world.inspector, without, at=AT)) == [
        "project_without_items"
    ]
    system = replace(without, kind=ProjectKind.SUPERVISION, name="危险废物监管平台")
    assert (await register_project(town_session, world.inspector, system, at=AT)).items == ()


async def test_an_authority_keeps_its_own_projects_in_its_own_region(town_session: WriteSession, world: World) -> None:
    entered = await register_project(town_session, world.inspector, ASH_PLANT, at=AT)
    for somebody in (world.generator.owner, made.actor(Role.REGULATOR_VIEWER, "r:3706")):
        with pytest.raises(Forbidden):
            await register_project(town_session, somebody, ASH_PLANT, at=AT)
    with pytest.raises(Forbidden):
        await projects(town_session, world.generator.owner, region="3706")
    with pytest.raises(Forbidden, match="jurisdiction"):
        await register_project(town_session, world.inspector, replace(ASH_PLANT, region_code="370102"), at=AT)
    with pytest.raises(Conflict, match="already"):
        await register_project(town_session, world.inspector, ASH_PLANT, at=AT)
    change = ChangeProject(project_id=entered.id, version=1, told=ASH_PLANT)
    with pytest.raises(Forbidden):
        await change_project(town_session, made.approver(), change, at=AT)
    with pytest.raises(NotFound):
        await change_project(town_session, world.inspector, replace(change, project_id=new_id()), at=AT)


async def test_a_scenario_counts_on_what_is_approved_and_from_its_month_on(
    town_session: WriteSession, world: World
) -> None:
    officer = world.inspector
    entered = [
        await register_project(town_session, officer, replace(ASH_PLANT, name=name, state=state, starts_on=day), at=AT)
        for name, state, day in (
            ("甲", ProjectState.APPROVED, date(2026, 7, 15)),
            ("乙", ProjectState.TRIAL, date(2025, 1, 1)),
            ("丙", ProjectState.PROPOSED, date(2025, 1, 1)),
            ("丁", ProjectState.RUNNING, date(2025, 1, 1)),
            ("戊", ProjectState.BUILDING, date(2027, 1, 1)),
        )
    ]
    found = await projects(town_session, officer, region="37")
    assert [(one.name, month) for one, month in awaited(found, 2026)] == [("乙", 0), ("甲", 6)]
    assert found[-1].plant == f"project:{entered[-1].id}"


def test_a_plant_that_stands_still_can_do_less_in_those_months() -> None:
    """By hand: the landfill may take 26,000 t; January is lost whole, in June half of fifteen of thirty days."""
    days = (
        (LANDFILL.id, date(YEAR, 1, 1), date(YEAR, 1, 31), 100),
        (LANDFILL.id, date(YEAR, 6, 1), date(YEAR, 6, 15), 50),
    )
    usual, less = (
        assemble(told, title="飞灰", ground=SupplyGround.PLAN, sharing=False, reach_km=None).instance
        for told in (facts(), facts(outages=days))
    )
    landfill = usual.plants.ids.index(str(LANDFILL.id))
    before, after = usual.plants.capacity_g[landfill].tolist(), less.plants.capacity_g[landfill].tolist()
    assert before[0] > 0
    assert after[0] == 0
    assert after[5] == before[5] * 3 // 4
    assert [after[month] for month in (1, 2, 3, 4, 6)] == [before[month] for month in (1, 2, 3, 4, 6)]


def test_a_project_is_a_plant_from_its_month_on() -> None:
    """By hand: of 21,000 t of fly ash the landfill takes 6,000 t. A project of 24,000 t a year that stands from July on
    can take 12,000 t more, and in each month no more than 2,000 t and what waits in stores."""
    planned = PlannedProject(
        id=new_id(),
        organisation_id=new_id(),
        authority="山东省生态环境厅",
        kind=ProjectKind.HAZARDOUS_DISPOSAL,
        state=ProjectState.BUILDING,
        name="莱山飞灰填埋场",
        builder="烟台某环保有限公司",
        region_code="370613",
        longitude=Decimal("121.445"),
        latitude=Decimal("37.51"),
        starts_on=date(YEAR, 7, 10),
        document="",
        remarks="",
        version=1,
        created_at=AT,
        changed_at=AT,
        items=(ProjectItem(pattern=FLY_ASH, methods=("D1",), yearly=Mass.parse("24000 t")),),
    )
    opened = project_facts(planned, YEAR)
    assert opened is not None
    assert opened.first_month == 6
    assert project_facts(planned, YEAR - 1) is None
    assembled = assemble(
        facts(), title="飞灰", ground=SupplyGround.PLAN, sharing=False, reach_km=None, projects=(opened,)
    )
    plant = assembled.instance.plants.ids.index(planned.plant)
    months = assembled.instance.plants.capacity_g[plant].tolist()
    assert months == [0] * 6 + [2_000 * TONNE] * 6
    without = result(AT)
    with_it = answer(
        facts(),
        question(scenario=ScenarioKind.NEW_PLANT, plants=(planned.plant,)),
        made_at=AT,
        progress=lambda _share: None,
        projects=(opened,),
    )
    assert without.totals.unmatched_g == 15_000 * TONNE
    gained = without.totals.unmatched_g - with_it.totals.unmatched_g
    (told,) = [one for one in with_it.plants if one.plant == planned.plant]
    assert told.is_planned
    assert gained == told.treated_g
    assert 9_000 * TONNE <= gained <= 12_000 * TONNE
