"""Stock-take: what is not found is lost, what weighs otherwise is a difference of the site, nothing is half done."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.refused import balances, books_and_containers_agree, events_about
from tests.support.storage import a_store, a_zone, labelled
from tests.support.world import AT, OIL, World, a_drum, filed
from wastetrack.auth.model import Role
from wastetrack.containers import count_queries, queries
from wastetrack.containers.counting import begin_stock_take, count_container, drop_stock_take, finish_stock_take
from wastetrack.containers.errors import ContainerElsewhere, StockTakeEnded, StockTakeOpen
from wastetrack.containers.model import StoreContainers
from wastetrack.containers.stock_takes import BeginStockTake, CountContainer, EndStockTake
from wastetrack.containers.storing import store_containers
from wastetrack.db.session import WriteSession, writing
from wastetrack.errors import Forbidden, NotFound, RuleBroken
from wastetrack.ids import new_id
from wastetrack.mass import Mass

LATER = AT + timedelta(hours=2)


async def begun(session: WriteSession, world: World, store_id: UUID | None = None) -> UUID:
    """A stock-take of the workshop."""
    command = BeginStockTake(site_id=world.generator.site.id, store_id=store_id)
    take, _ = await begin_stock_take(session, world.generator.owner, command, at=AT)
    return take.id


async def found(
    session: WriteSession, world: World, take_id: UUID, digital_code: str, gross: str | None = None
) -> None:
    """A drum is seen, or put on the scale."""
    command = CountContainer(
        stock_take_id=take_id,
        digital_code=digital_code,
        gross=None if gross is None else Mass.parse(gross),
        scale_id="PS-1",
        uncertainty=Mass.parse("100 g"),
    )
    await count_container(session, world.generator.owner, command, at=LATER)


async def finished(session: WriteSession, world: World, take_id: UUID) -> dict[str, str | None]:
    """The outcomes by digital code."""
    await finish_stock_take(session, world.generator.owner, EndStockTake(stock_take_id=take_id), at=LATER)
    return {line.digital_code: line.outcome for line in await count_queries.lines_of(session, take_id)}


async def test_a_count_books_what_is_missing_and_what_weighs_otherwise(
    town_session: WriteSession, world: World
) -> None:
    seen, light, gone = [await a_drum(town_session, world, net) for net in ("180 kg", "170 kg", "90 kg")]
    take_id = await begun(town_session, world)
    await found(town_session, world, take_id, seen.digital_code)
    await found(town_session, world, take_id, light.digital_code, "195 kg")
    await found(town_session, world, take_id, light.digital_code, "188.5 kg")  # weighed again: this one counts
    strange = f"{seen.digital_code[:-3]}999"
    await found(town_session, world, take_id, strange, "50 kg")
    outcomes = await finished(town_session, world, take_id)
    assert outcomes == {
        seen.digital_code: "as_booked",
        light.digital_code: "weighed_different",
        gone.digital_code: "missing",
        strange: "unknown",
    }
    site_id = world.generator.site.id
    assert await balances(town_session, site_id) == {
        "generated": -440_000,
        "stored": 348_500,
        "discrepancy:stock_take": 91_500,
    }
    assert await books_and_containers_agree(town_session, site_id)
    assert (gone.state, gone.site_id) == ("lost", None)
    assert (light.gross_g, light.net_g, light.scale_id) == (188_500, 168_500, "PS-1")
    counted = (await events_about(town_session, gone.id))[-1]
    assert (counted["kind"], counted["facts"]["outcome"]) == ("container_counted", "missing")
    assert sorted(posting["g"] for posting in counted["postings"]) == [-90_000, 90_000]
    told = (await events_about(town_session, take_id))[-1]
    assert told["kind"] == "stock_taken"
    assert told["facts"]["found_more_g"] == -91_500
    assert told["facts"]["unknown"] == [strange]
    assert told["facts"]["outcomes"]["missing"] == 1


async def test_what_left_or_came_meanwhile_is_neither_missing_nor_strange(
    town_session: WriteSession, world: World
) -> None:
    store = await a_store(town_session, world)
    leaving = await labelled(town_session, world, store_id=store.id)
    outside = await labelled(town_session, world)
    owner = world.generator.owner
    take_id = await begun(town_session, world, store.id)
    away = StoreContainers(container_ids=(leaving.id,), store_id=None)
    await store_containers(town_session, owner, away, at=LATER)
    came = await labelled(town_session, world, store_id=store.id)
    await found(town_session, world, take_id, came.digital_code)
    await found(town_session, world, take_id, outside.digital_code)
    assert await finished(town_session, world, take_id) == {
        leaving.digital_code: "moved",
        came.digital_code: "as_booked",
        outside.digital_code: "elsewhere",
    }
    assert (leaving.state, outside.state) == ("at_site", "at_site")
    assert "discrepancy:stock_take" not in await balances(town_session, world.generator.site.id)


async def test_what_waits_for_a_filed_manifest_is_not_changed_and_nothing_is_half_done(
    town_session: WriteSession, world: World
) -> None:
    waiting, gone = await a_drum(town_session, world), await a_drum(town_session, world)
    await filed(town_session, world, [waiting])
    take_id = await begun(town_session, world)
    with pytest.raises(ContainerElsewhere):
        await found(town_session, world, take_id, waiting.digital_code, "190 kg")
    with pytest.raises(ContainerElsewhere) as refused:
        await finished(town_session, world, take_id)
    assert refused.value.facts["digital_codes"] == waiting.digital_code
    assert gone.state == "at_site"
    await found(town_session, world, take_id, waiting.digital_code)
    assert (await finished(town_session, world, take_id))[gone.digital_code] == "missing"
    assert waiting.state == "at_site"


async def test_a_place_is_counted_once_at_a_time(town_session: WriteSession, world: World) -> None:
    facility = await a_store(town_session, world)
    zone = await a_zone(town_session, world, facility)
    other = await a_store(town_session, world)
    take_id = await begun(town_session, world, zone.id)
    await begun(town_session, world, other.id)
    for overlapping in (zone.id, facility.id, None):
        with pytest.raises(StockTakeOpen):
            await begun(town_session, world, overlapping)
    await drop_stock_take(town_session, world.generator.owner, EndStockTake(stock_take_id=take_id), at=LATER)
    whole = await begun(town_session, world, facility.id)
    with pytest.raises(StockTakeOpen):
        await begun(town_session, world, zone.id)
    assert [line.outcome for line in await count_queries.lines_of(town_session, whole)] == []


async def test_a_dropped_count_books_nothing_and_an_ended_one_takes_no_more(
    town_session: WriteSession, world: World
) -> None:
    row = await a_drum(town_session, world)
    take_id = await begun(town_session, world)
    end = EndStockTake(stock_take_id=take_id)
    await drop_stock_take(town_session, world.generator.owner, end, at=LATER)
    assert row.state == "at_site"
    for act in (
        finish_stock_take(town_session, world.generator.owner, end, at=LATER),
        drop_stock_take(town_session, world.generator.owner, end, at=LATER),
        found(town_session, world, take_id, row.digital_code),
    ):
        with pytest.raises(StockTakeEnded):
            await act


async def test_who_may_count(town_session: WriteSession, world: World) -> None:
    row = await a_drum(town_session, world)
    take_id = await begun(town_session, world)
    begin = BeginStockTake(site_id=world.generator.site.id)
    end = EndStockTake(stock_take_id=take_id)
    for nobody in (world.stranger.owner, world.generator.people[Role.VIEWER], world.inspector):
        with pytest.raises(Forbidden):
            await begin_stock_take(town_session, nobody, begin, at=AT)
        with pytest.raises(Forbidden):
            await finish_stock_take(town_session, nobody, end, at=LATER)
        with pytest.raises(Forbidden):
            await count_container(
                town_session, nobody, CountContainer(stock_take_id=take_id, digital_code=row.digital_code), at=LATER
            )
    unknown = EndStockTake(stock_take_id=new_id())
    with pytest.raises(NotFound):
        await finish_stock_take(town_session, world.generator.owner, unknown, at=LATER)
    elsewhere = BeginStockTake(site_id=world.generator.site.id, store_id=world.receiver_store_id)
    with pytest.raises(NotFound):
        await begin_stock_take(town_session, world.generator.owner, elsewhere, at=AT)


async def test_a_slipped_unit_is_asked_back(town_session: WriteSession, world: World) -> None:
    row = await a_drum(town_session, world)
    take_id = await begun(town_session, world)
    with pytest.raises(RuleBroken):
        await found(town_session, world, take_id, row.digital_code, "198 t")


@pytest.mark.commits
async def test_of_two_who_begin_or_finish_at_once_one_is_told(fresh_town: AsyncEngine, world: World) -> None:
    async with writing(fresh_town) as session:
        row = await a_drum(session, world)

    async def begin() -> UUID:
        async with writing(fresh_town) as session:
            return await begun(session, world)

    done = await asyncio.gather(*(begin() for _ in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["StockTakeOpen"] * 3 + ["UUID"]
    take_id = next(one for one in done if isinstance(one, UUID))

    async def finish() -> None:
        async with writing(fresh_town) as session:
            await finished(session, world, take_id)

    ended = await asyncio.gather(*(finish() for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in ended if one is not None] == [StockTakeEnded] * 2
    async with writing(fresh_town) as session:
        assert (await queries.container(session, world.generator.owner, row.id)).state == "lost"
        held = await balances(session, world.generator.site.id)
        assert held == {"generated": -180_000, "discrepancy:stock_take": 180_000}, OIL
