"""A region's forecast, from the ledger's months to what is kept and shown."""

import importlib.util
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support import parties as made
from tests.support.databases import Cluster
from tests.support.served import for_application
from tests.support.world import OIL, SLUDGE, World, drum_of
from wastetrack import clock
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.sight import look_as
from wastetrack.capacity import foreseeing
from wastetrack.capacity.forecast import ForecastMethod, RegionForecast
from wastetrack.capacity.foreseeing import generation
from wastetrack.capacity.ordering_forecasts import ask_forecast
from wastetrack.capacity.project_queries import newest_forecast
from wastetrack.capacity.queries import run_of
from wastetrack.capacity.questioning import AskMatching, ask
from wastetrack.capacity.result import SupplyGround
from wastetrack.capacity.running import match_run
from wastetrack.containers.labelling import label_container
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import Sight, reading, writing
from wastetrack.errors import Forbidden, NotFound, RuleBroken, Unavailable
from wastetrack.jobs.handlers import HANDLERS
from wastetrack.jobs.long_work import perform
from wastetrack.settings import Settings
from wastetrack.tasks import queries as tasks
from wastetrack.tasks.model import LongTask, LongTaskState

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
MONTHS = [date(2024 + number // 12, number % 12 + 1, 10) for number in range(34)]
"""January 2024 to October 2026."""


@pytest.fixture(scope="module")
async def bound(cluster: Cluster, town: tuple[World, Address]) -> AsyncIterator[AsyncEngine]:
    """A copy of the small world in which oil arises month by month and sludge in one of them, as the application sees
    it."""
    world, template = town
    address = cluster.clone(template.database)
    owner, engine = make_engine(address.url, pool_size=2), make_engine(for_application(address.url), pool_size=5)
    async with writing(owner) as session:
        for number, day in enumerate(MONTHS):
            drum = replace(drum_of(f"{100 + 5 * (number % 12)} kg", world), generated_on=day)
            at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
            await label_container(session, world.generator.owner, drum, at=at)
        sludge = replace(drum_of("40 kg", world, code=SLUDGE), generated_on=date(2026, 11, 3))
        await label_container(session, world.generator.owner, sludge, at=datetime(2026, 11, 3, 4, tzinfo=UTC))
    yield engine
    await engine.dispose()
    await owner.dispose()
    cluster.drop(address)


async def worked(engine: AsyncEngine, actor: Actor, region: str) -> LongTask:
    """Ask, and let a worker do it."""
    async with writing(engine) as session:
        await look_as(session, actor)
        task_id = await ask_forecast(session, actor, region, at=clock.now())
    sight = Sight(actor.viewer, actor.organisation_id, actor.person_id)
    assert await perform(engine, Settings(), HANDLERS, sight, task_id)
    async with reading(engine) as session:
        await look_as(session, actor)
        return await tasks.task(session, actor, task_id)


async def newest(engine: AsyncEngine, actor: Actor, region: str) -> RegionForecast | None:
    async with reading(engine) as session:
        await look_as(session, actor)
        found = await newest_forecast(session, actor, region)
        return None if found is None else found[0]


async def test_a_worker_carries_the_months_of_the_ledger_on(bound: AsyncEngine, world: World) -> None:
    """The year that repeats itself is told as it was; sludge of this month is no whole month yet."""
    task = await worked(bound, world.inspector, "")
    assert (task.state, task.result_address) == (LongTaskState.DONE, "/capacity/forecast"), task.message_facts
    found = await newest(bound, world.inspector, "3706")
    assert found is not None
    (oil,) = found.categories
    assert (oil.code, found.first_month, found.known_until) == (OIL, date(2024, 1, 1), date(2026, 10, 31))
    assert oil.known_g == tuple((100 + 5 * (number % 12)) * 1_000 for number in range(34))
    assert oil.method is ForecastMethod.SEASONAL_NAIVE
    assert oil.middle_g == (*oil.known_g[22:],)
    assert oil.regions == {"370602": oil.year_g[1]}
    assert oil.months_tried == 3
    assert oil.mase == oil.naive_mase == 0
    assert await newest(bound, world.inspector, "370602") is None


async def test_only_an_authority_asks_and_only_about_its_region(bound: AsyncEngine, world: World) -> None:
    with pytest.raises(Forbidden):
        await worked(bound, world.generator.owner, "")
    with pytest.raises(Forbidden):
        await worked(bound, replace(world.inspector, role=Role.REGULATOR_VIEWER), "")
    for region in ("37", "3707"):
        with pytest.raises(NotFound):
            await worked(bound, world.inspector, region)
    async with reading(bound) as session:
        await look_as(session, made.approver("3201"))
        assert await generation(session, "", at=NOW) == ({}, {})


async def test_where_nothing_arose_nothing_is_told(bound: AsyncEngine, world: World) -> None:
    task = await worked(bound, world.inspector, "370613")
    assert task.state is LongTaskState.FAILED
    assert [one.code for one in task.broken] == ["nothing_to_forecast"]


async def test_without_statistics_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    really = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "statsmodels" else really(name))
    with pytest.raises(Unavailable, match=r"statsmodels: pip install 'wastetrack\[capacity\]'"):
        foreseeing.demand_statistics()


async def test_a_matching_rests_on_the_newest_forecast_or_says_that_there_is_none(
    bound: AsyncEngine, world: World
) -> None:
    officer, command = world.inspector, AskMatching(year=2027, ground=SupplyGround.FORECAST)
    assert (await worked(bound, officer, "")).state is LongTaskState.DONE
    async with writing(bound) as session:
        await look_as(session, officer)
        for wrong, field in ((replace(command, region="370602"), "ground"), (replace(command, year=2025), "year")):
            with pytest.raises(RuleBroken) as refused:
                await ask(session, officer, wrong, at=clock.now())
            assert [one.field for one in refused.value.broken] == [field]
        run_id = await ask(session, officer, command, at=clock.now())
        high = await ask(session, officer, replace(command, ground=SupplyGround.FORECAST_HIGH), at=clock.now())
    supply = {}
    for one in (run_id, high):
        async with writing(bound) as session:
            await look_as(session, officer)
            await match_run(session, officer, one, at=NOW, progress=no_progress)
            _, _, result = await run_of(session, officer, one)
        assert result is not None
        supply[one] = result
    found = await newest(bound, officer, "3706")
    assert found is not None
    assert supply[run_id].known_until == found.known_until
    assert supply[run_id].totals.supply_g == found.categories[0].year_g[1]
    assert supply[high].totals.supply_g == found.categories[0].year_g[2]


async def no_progress(_done: int, _total: int | None) -> None:
    """Nobody is told."""
