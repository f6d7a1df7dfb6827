"""Questions of authorities, from the records to the kept answer: as the application's own role, in the small world."""

import importlib.util
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.all_statements import all_counted
from tests.support.databases import Cluster
from tests.support.served import for_application
from tests.support.world import OIL, SLUDGE, World, a_drum
from wastetrack import clock
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.sight import look_as
from wastetrack.capacity import queries, running
from wastetrack.capacity.gathering import facts_of
from wastetrack.capacity.questioning import KIND, AskMatching, ask
from wastetrack.capacity.result import Result, ScenarioKind, SupplyGround, UnmatchedReason
from wastetrack.capacity.tables import CapacityRunRow
from wastetrack.catalogues.queries import snapshot
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import Sight, reading, writing
from wastetrack.errors import Forbidden, NotFound, RuleBroken, Unavailable
from wastetrack.ids import new_id
from wastetrack.jobs.handlers import HANDLERS
from wastetrack.jobs.long_work import perform
from wastetrack.settings import Settings
from wastetrack.tasks import queries as tasks
from wastetrack.tasks.model import LongTaskState

YEAR = 2026
LATER = datetime(YEAR, 11, 26, 2, 0, tzinfo=UTC)
TONNE = 1_000_000


@pytest.fixture(scope="module")
async def bound(cluster: Cluster, town: tuple[World, Address]) -> AsyncIterator[AsyncEngine]:
    """A copy of the small world, as the application sees it."""
    address = cluster.clone(town[1].database)
    engine = make_engine(for_application(address.url), pool_size=5)
    yield engine
    await engine.dispose()
    cluster.drop(address)


async def asked(engine: AsyncEngine, actor: Actor, command: AskMatching) -> UUID:
    async with writing(engine) as session:
        await look_as(session, actor)
        return await ask(session, actor, command, at=clock.now())


async def found(engine: AsyncEngine, actor: Actor, run_id: UUID) -> tuple[queries.Run, Result | None]:
    async with reading(engine) as session:
        await look_as(session, actor)
        run, _, result = await queries.run_of(session, actor, run_id)
        return run, result


async def worked(engine: AsyncEngine, actor: Actor, run_id: UUID) -> None:
    """A worker answers it."""
    run, _ = await found(engine, actor, run_id)
    assert run.task_id is not None
    sight = Sight(actor.viewer, actor.organisation_id, actor.person_id)
    assert await perform(engine, Settings(), HANDLERS, sight, run.task_id)
    async with reading(engine) as session:
        await look_as(session, actor)
        task = await tasks.task(session, actor, run.task_id)
    assert task.state is LongTaskState.DONE, (task.message, task.message_facts)
    assert task.result_address == f"/capacity/{run_id}"


async def test_a_question_is_answered_by_a_worker_from_the_records(bound: AsyncEngine, world: World) -> None:
    inspector = world.inspector
    command = AskMatching(year=YEAR, ground=SupplyGround.PLAN, title="芝罘 2026")
    run_id = await asked(bound, inspector, command)
    run, result = await found(bound, inspector, run_id)
    assert (run.region, run.is_made, result) == ("3706", False, None)
    await worked(bound, inspector, run_id)
    run, result = await found(bound, inspector, run_id)
    assert run.is_made
    assert result is not None
    assert (run.title, run.supply_g, run.unmatched_g) == (
        "芝罘 2026",
        result.totals.supply_g,
        result.totals.unmatched_g,
    )
    by_code = {one.code: one for one in result.categories}
    # The workshop plans 1,000 t of each; the incinerator may take 100 t of HW08 and 10 t of the sludge.
    assert by_code[SLUDGE].matched_g == 10 * TONNE
    assert by_code[SLUDGE].unmatched_g == by_code[SLUDGE].supply_g - 10 * TONNE > 0
    assert sum(one.matched_g for code, one in by_code.items() if code.endswith("-08")) == 100 * TONNE
    assert {one.why for one in by_code[SLUDGE].reasons} == {UnmatchedReason.NO_QUANTITY, UnmatchedReason.NO_CAPACITY}
    assert sum(one.mass_g for one in by_code[SLUDGE].reasons) == by_code[SLUDGE].unmatched_g
    assert [one.plant for one in result.plants] == [str(world.receiver.site.id)]
    assert result.region_name == "烟台市"
    async with writing(bound) as session:
        await look_as(session, inspector)
        again = await running.match_run(session, inspector, run_id, at=LATER, progress=no_progress)
    assert again.message == "There was nothing to do."


async def no_progress(_done: int, _total: int | None) -> None:
    """Nobody is told."""


async def test_facts_are_gathered_in_as_many_statements_as_there_are_tables(bound: AsyncEngine, world: World) -> None:
    async with reading(bound) as session:
        lists = await snapshot(session)
    with all_counted(bound) as statements:
        async with reading(bound) as session:
            await look_as(session, world.inspector)
            facts = await facts_of(session, lists, "3706", YEAR, at=LATER)
    # The first of a connection also asks the driver's questions about types, and says whose eyes it has.
    tables = [one for one in statements if "from " in one.lower() and "typeinfo" not in one]
    assert len(tables) == 11, tables
    assert world.generator.site.id in facts.filed
    assert facts.planned_g[world.generator.site.id, SLUDGE] > 0
    assert {one.pattern for permit in facts.permits for one in permit.items} == {"HW08", SLUDGE, "HW18"}


async def test_what_arose_is_read_off_the_ledger_by_month(fresh_town: AsyncEngine, world: World) -> None:
    async with writing(fresh_town) as session:
        await a_drum(session, world, "180 kg")
    of_site = (world.generator.site.id, OIL)
    engine = make_engine(for_application(fresh_town.url.render_as_string(hide_password=False)))
    try:
        async with reading(engine) as session:
            await look_as(session, world.inspector)
            lists = await snapshot(session)
            ahead = await facts_of(session, lists, "3706", YEAR + 1, at=LATER)
            behind = await facts_of(session, lists, "3706", YEAR, at=LATER.replace(year=YEAR + 1))
            before = await facts_of(session, lists, "3706", YEAR - 1, at=LATER)
            await look_as(session, replace(world.inspector, viewer="r:3707"))
            nothing = await facts_of(session, lists, "3706", YEAR + 1, at=LATER)
    finally:
        await engine.dispose()
    in_march = (0, 0, 180_000, *(0,) * 9)
    assert (ahead.arisen_g[of_site], ahead.stored_g[of_site]) == (in_march, 180_000)
    assert (behind.arisen_g[of_site], behind.stored_g) == (in_march, {})
    assert before.arisen_g == {}
    assert (nothing.stored_g, nothing.arisen_g, nothing.planned_g) == ({}, {}, {})


async def test_a_province_sees_what_its_prefectures_asked_and_nobody_else_does(
    bound: AsyncEngine, world: World
) -> None:
    run_id = await asked(bound, world.inspector, AskMatching(year=YEAR))
    province = replace(world.inspector, viewer="r:37")
    neighbour = replace(world.inspector, viewer="r:3707")
    assert (await found(bound, province, run_id))[0].id == run_id
    for other in (neighbour, replace(world.inspector, viewer="r:370602")):
        with pytest.raises(NotFound):
            await found(bound, other, run_id)
    with pytest.raises(Forbidden):
        await found(bound, world.generator.owner, run_id)


async def test_the_database_itself_keeps_assessments_from_firms(bound: AsyncEngine, world: World) -> None:
    run_id = await asked(bound, world.inspector, AskMatching(year=YEAR))
    async with reading(bound) as session:
        await look_as(session, world.generator.owner)
        driver = await session.driver()
        assert await driver.fetch("select id from capacity_runs where id = $1", run_id) == []
    with pytest.raises(DBAPIError, match="row-level security"):
        await kept(bound, replace(world.inspector, organisation_id=world.generator.id), world.inspector.organisation_id)


async def kept(engine: AsyncEngine, actor: Actor, organisation_id: UUID) -> None:
    """An assessment under the name of some authority."""
    row = CapacityRunRow(
        id=new_id(),
        organisation_id=organisation_id,
        region="3706",
        year=YEAR,
        scenario="as_it_is",
        title="x",
        question={},
        asked_at=LATER,
    )
    async with writing(engine) as session:
        await look_as(session, actor)
        session.add(row)
        await session.flush()


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (AskMatching(year=1999, from_month=13, reach_km=0.0), ["year", "from_month", "reach_km"]),
        (AskMatching(year=YEAR, scenario=ScenarioKind.OUTAGE), ["plants"]),
        (AskMatching(year=YEAR, scenario=ScenarioKind.MORE_SUPPLY, factor=100.0), ["factor"]),
        (AskMatching(year=YEAR, scenario=ScenarioKind.RETIREMENT, plants=("x", "y")), ["plants", "plants"]),
    ],
)
async def test_a_question_that_means_nothing_is_refused_whole(
    bound: AsyncEngine, world: World, command: AskMatching, fields: list[str]
) -> None:
    with pytest.raises(RuleBroken) as refused:
        await asked(bound, world.inspector, command)
    assert [one.field for one in refused.value.broken] == fields


async def test_only_an_authority_that_may_asks_and_only_about_its_region(bound: AsyncEngine, world: World) -> None:
    with pytest.raises(Forbidden):
        await asked(bound, world.generator.owner, AskMatching(year=YEAR))
    with pytest.raises(Forbidden):
        await asked(bound, replace(world.inspector, role=Role.REGULATOR_VIEWER), AskMatching(year=YEAR))
    for region in ("37", "3707", "370699"):
        with pytest.raises(NotFound):
            await asked(bound, world.inspector, AskMatching(year=YEAR, region=region))


async def test_a_plant_of_the_region_can_be_retired(bound: AsyncEngine, world: World) -> None:
    plant = str(world.receiver.site.id)
    command = AskMatching(year=YEAR, ground=SupplyGround.PLAN, scenario=ScenarioKind.RETIREMENT, plants=(plant,))
    run_id = await asked(bound, world.inspector, command)
    await worked(bound, world.inspector, run_id)
    _, result = await found(bound, world.inspector, run_id)
    assert result is not None
    assert result.totals.matched_g == 0


async def test_without_the_solver_it_says_what_to_install(
    bound: AsyncEngine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = await asked(bound, world.inspector, AskMatching(year=YEAR))
    really = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "highspy" else really(name))
    with pytest.raises(Unavailable, match=r"highspy: pip install 'wastetrack\[capacity\]'"):
        running.demand_solver()
    run, _ = await found(bound, world.inspector, run_id)
    sight = Sight(world.inspector.viewer, world.inspector.organisation_id, world.inspector.person_id)
    assert run.task_id is not None
    await perform(bound, Settings(), HANDLERS, sight, run.task_id)
    async with reading(bound) as session:
        await look_as(session, world.inspector)
        task = await tasks.task(session, world.inspector, run.task_id)
    assert (task.kind, task.state) == (KIND, LongTaskState.FAILED)
    assert task.message_facts == {"missing": "highspy"}
