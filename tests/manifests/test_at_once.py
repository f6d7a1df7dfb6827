"""Several clerks at the same moment, each in a transaction that really commits."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.acts import SignAct
from tests.support.refused import books_and_containers_agree
from tests.support.world import AT, SLUDGE, World, a_drum, arrived, drum_of, filed, plan_for, scanned
from wastetrack.containers.labelling import label_container
from wastetrack.containers.model import Packaging
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.errors import RuleBroken
from wastetrack.manifests import filing, queries, transporting
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.model import LegPlan, Outcome
from wastetrack.manifests.tables import ManifestRow
from wastetrack.transparency.appending import Appended

pytestmark = pytest.mark.commits

Result = tuple[ManifestRow, Appended]


async def at_once(
    engine: AsyncEngine, works: list[Callable[[WriteSession], Awaitable[object]]]
) -> list[object | BaseException]:
    """What becomes of each work, all begun together, each in a unit of work of its own."""

    async def alone(work: Callable[[WriteSession], Awaitable[object]]) -> object:
        async with writing(engine) as session:
            return await work(session)

    return list(await asyncio.gather(*(alone(work) for work in works), return_exceptions=True))


def filing_of(world: World, manifest_id: UUID) -> Callable[[WriteSession], Awaitable[Result]]:
    """The owner signs this draft."""

    async def work(session: WriteSession) -> Result:
        return await filing.file_manifest(session, world.generator.owner, SignAct(manifest_id=manifest_id), at=AT)

    return work


async def drafts(engine: AsyncEngine, world: World, number: int) -> list[UUID]:
    """So many drafts, each with a drum of its own."""
    ids = []
    async with writing(engine) as session:
        for _ in range(number):
            drum = await a_drum(session, world)
            row = await filing.draft_manifest(session, world.generator.owner, plan_for(world, [drum]), at=AT)
            ids.append(row.id)
    return ids


async def test_twenty_filings_at_once_get_twenty_numbers_without_a_gap(fresh_town: AsyncEngine, world: World) -> None:
    ids = await drafts(fresh_town, world, 20)
    done = await at_once(fresh_town, [filing_of(world, manifest_id) for manifest_id in ids])
    assert [one for one in done if isinstance(one, BaseException)] == []
    async with reading(fresh_town) as books:
        numbers = (await books.scalars(text("select number from manifests order by number"))).all()
        assert numbers == [f"20263706{serial:06}" for serial in range(1, 21)]
        used = await books.scalar(text("select sum(booked_g) from permit_uses"))
        assert used == 20 * 180_000


async def test_a_number_that_is_rolled_back_is_given_again(fresh_town: AsyncEngine, world: World) -> None:
    first, second = await drafts(fresh_town, world, 2)

    async def signed_and_lost() -> None:
        async with writing(fresh_town) as session:
            row, _ = await filing_of(world, first)(session)
            assert row.number == "20263706000001"
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await signed_and_lost()
    async with writing(fresh_town) as session:
        row, _ = await filing_of(world, second)(session)
        assert row.number == "20263706000001"
    async with reading(fresh_town) as books:
        state = await books.scalar(text("select state from manifests where id = :id"), {"id": first})
        assert state == "draft"


async def test_two_clerks_who_sign_the_same_manifest_at_once_sign_it_once(
    fresh_town: AsyncEngine, world: World
) -> None:
    (manifest_id,) = await drafts(fresh_town, world, 1)
    done = await at_once(fresh_town, [filing_of(world, manifest_id)] * 5)
    assert sum(isinstance(one, OutOfOrder) for one in done) == 4
    async with reading(fresh_town) as books:
        assert await books.scalar(text("select count(*) from manifest_signatures")) == 1
        assert await books.scalar(text("select last from manifest_numbers")) == 1


async def test_two_clerks_with_two_drafts_do_not_both_get_the_drum(fresh_town: AsyncEngine, world: World) -> None:
    async with writing(fresh_town) as session:
        drums = [await a_drum(session, world) for _ in range(3)]
        plans = (plan_for(world, drums), plan_for(world, [drums[2], drums[0]]))
        ids = [(await filing.draft_manifest(session, world.generator.owner, plan, at=AT)).id for plan in plans]
    done = await at_once(fresh_town, [filing_of(world, manifest_id) for manifest_id in ids])
    (refused,) = [one for one in done if isinstance(one, BaseException)]
    assert isinstance(refused, RuleBroken)
    assert {rule.code for rule in refused.broken} == {"container_on_open_manifest"}
    async with reading(fresh_town) as books:
        taken = await queries.open_elsewhere(books, [drum.id for drum in drums])
        assert set(taken.values()) == {"20263706000001"}


async def test_two_filings_at_once_do_not_both_take_the_last_tonnes(fresh_town: AsyncEngine, world: World) -> None:
    async with writing(fresh_town) as session:
        await session.execute(text("update vehicles set rated_load_g = 49000000"))
        ids = []
        for _ in range(3):
            command = replace(drum_of("6 t", world, code=SLUDGE), packaging=Packaging.TANK, volume_l=30_000)
            tank, _ = await label_container(session, world.generator.owner, command, at=AT)
            legs = (LegPlan(carrier_id=world.carrier.id, plate=world.plate),)
            plan = replace(plan_for(world, [tank]), legs=legs)
            ids.append((await filing.draft_manifest(session, world.generator.owner, plan, at=AT)).id)
    done = await at_once(fresh_town, [filing_of(world, manifest_id) for manifest_id in ids])
    refused = [one for one in done if isinstance(one, BaseException)]
    assert [type(one) for one in refused] == [RuleBroken, RuleBroken]
    codes = {rule.code for one in refused if isinstance(one, RuleBroken) for rule in one.broken}
    assert codes == {"permit_quantity_exceeded"}
    async with reading(fresh_town) as books:
        assert await books.scalar(text("select sum(booked_g) from permit_uses")) == 6_000_000


async def test_drums_labelled_at_once_have_codes_of_their_own(fresh_town: AsyncEngine, world: World) -> None:
    async def label(session: WriteSession) -> object:
        return (await a_drum(session, world)).digital_code[-3:]

    serials = await at_once(fresh_town, [label] * 10)
    assert sorted(str(serial) for serial in serials) == [f"{serial:03}" for serial in range(1, 11)]
    async with reading(fresh_town) as books:
        assert await books_and_containers_agree(books, world.generator.site.id)


async def test_one_drum_scanned_by_two_phones_at_once_is_taken_in_once(fresh_town: AsyncEngine, world: World) -> None:
    async with writing(fresh_town) as session:
        drum = await a_drum(session, world)
        manifest_id = await arrived(session, world, [drum])

    async def scan(session: WriteSession) -> object:
        return (await scanned(session, world, manifest_id, drum, "200 kg")).outcome

    outcomes = await at_once(fresh_town, [scan] * 4)
    assert sorted(str(outcome) for outcome in outcomes) == [Outcome.ACCEPTED, *[Outcome.ALREADY_HERE] * 3]
    async with reading(fresh_town) as books:
        assert await books_and_containers_agree(books, world.receiver.site.id)


async def test_loading_and_cancelling_at_once_leave_one_of_the_two(fresh_town: AsyncEngine, world: World) -> None:
    async with writing(fresh_town) as session:
        ids = [await filed(session, world, [await a_drum(session, world)]) for _ in range(6)]

    def load(manifest_id: UUID) -> Callable[[WriteSession], Awaitable[object]]:
        act = SignAct(manifest_id=manifest_id)
        return lambda session: transporting.pick_up(session, world.carrier.owner, act, at=AT + timedelta(hours=1))

    def cancel(manifest_id: UUID) -> Callable[[WriteSession], Awaitable[object]]:
        act = SignAct(manifest_id=manifest_id, reason="客户改期")
        return lambda session: filing.cancel_manifest(session, world.generator.owner, act, at=AT + timedelta(hours=1))

    done = await at_once(fresh_town, [work(manifest_id) for manifest_id in ids for work in (load, cancel)])
    assert sum(isinstance(one, OutOfOrder) for one in done) == 6
    assert sum(not isinstance(one, BaseException) for one in done) == 6
    async with reading(fresh_town) as books:
        assert await books_and_containers_agree(books, world.generator.site.id)


async def test_opposite_loads_that_open_new_accounts_do_not_lock_up(fresh_town: AsyncEngine, world: World) -> None:
    """Codes in opposite orders: each loading opens accounts and takes from those that the others take from."""
    async with writing(fresh_town) as session:
        ids = []
        for number in range(8):
            codes = ["900-249-08", SLUDGE, "900-214-08"][:: 1 if number % 2 else -1]
            drums = [await a_drum(session, world, "10 kg", code=code) for code in codes]
            ids.append(await filed(session, world, drums))

    def load(manifest_id: UUID) -> Callable[[WriteSession], Awaitable[object]]:
        act = SignAct(manifest_id=manifest_id)
        return lambda session: transporting.pick_up(session, world.carrier.owner, act, at=AT + timedelta(hours=1))

    done = await at_once(fresh_town, [load(manifest_id) for manifest_id in ids])
    assert [one for one in done if isinstance(one, BaseException)] == []
    async with reading(fresh_town) as books:
        assert await books_and_containers_agree(books, world.generator.site.id)
