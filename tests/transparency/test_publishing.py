"""The sequencer on a real database: no gaps, order as committed, one at a time, safe to kill; it never signs a lie."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.transparency import reference
from tests.transparency.histories import DRUM, MORNING, SIGNER, STRANGER, event, event_id, history
from wastetrack import clock
from wastetrack.db.session import ReadSession, WriteSession, reading, writing
from wastetrack.transparency import checkpoint, publishing, queries
from wastetrack.transparency.appending import append, append_all
from wastetrack.transparency.errors import LogInconsistent, NotYetSequenced, ProofRefused, SizeUnknown
from wastetrack.transparency.publishing import publish, publish_all, run_sequencer


class Undone(Exception):  # noqa: N818  not an error: the writer changes his mind
    """A writer's transaction is rolled back."""


async def contents(session: ReadSession) -> list[bytes]:
    """All leaves in the order of the tree."""
    rows = await session.execute(
        sa.text("select bytes from log_sequence join log_leaves using (arrival) order by log_index")
    )
    return [row.bytes for row in rows]


async def indexes(session: ReadSession) -> list[int]:
    rows = await session.execute(sa.text("select log_index from log_sequence order by log_index"))
    return [row.log_index for row in rows]


@asynccontextmanager
async def sequencers(engine: AsyncEngine, count: int) -> AsyncIterator[None]:
    """Several sequencers at work for a while."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(run_sequencer(engine, SIGNER, stop)) for _ in range(count)]
    yield
    stop.set()
    await asyncio.gather(*tasks)


async def settled(engine: AsyncEngine, *, seconds: float) -> None:
    """Wait until nothing waits for its place, at most so long."""
    async with asyncio.timeout(seconds):
        while True:
            async with reading(engine) as reader:
                if not await queries.any_pending(reader):
                    return
            await asyncio.sleep(0.02)


async def test_published_leaves_have_places_in_order_and_a_signed_root(session: WriteSession) -> None:
    await append_all(session, history())
    turn = await publish(session, SIGNER, at=MORNING)
    assert turn is not None
    assert turn.placed == 5
    leaves = await contents(session)
    assert [stored.log_index for stored in await queries.leaves_of(session, DRUM)] == [0, 1, 2, 3, 4]
    signed = checkpoint.verify(turn.checkpoint.note, SIGNER.verifier)
    assert (signed.size, signed.root) == (5, reference.tree_hash(leaves))
    newest = await queries.latest_checkpoint(session)
    assert newest == turn.checkpoint
    assert newest is not None
    assert newest.origin == SIGNER.name


async def test_nothing_is_signed_when_nothing_waits(session: WriteSession) -> None:
    assert await publish(session, SIGNER, at=MORNING) is None
    assert await queries.latest_checkpoint(session) is None
    await append_all(session, history())
    await publish(session, SIGNER, at=MORNING)
    assert await publish(session, SIGNER, at=MORNING) is None


async def test_a_tree_grown_turn_by_turn_is_the_tree_of_all_leaves(session: WriteSession) -> None:
    for number in range(1, 24):
        await append(session, event(number))
        if number % 3 == 0 or number > 20:
            await publish(session, SIGNER, at=MORNING, limit=2)
    while await publish(session, SIGNER, at=MORNING, limit=2):
        pass
    newest = await queries.latest_checkpoint(session)
    assert newest is not None
    assert (newest.size, newest.root) == (23, reference.tree_hash(await contents(session)))
    for number in range(1, 24):
        found = await queries.inclusion(session, event_id(number))
        assert list(found.proof) == reference.path(found.log_index, await contents(session))


async def test_proofs_are_given_at_every_size_and_agree_with_the_slow_definition(session: WriteSession) -> None:
    await append_all(session, [event(number) for number in range(1, 12)])
    await publish(session, SIGNER, at=MORNING)
    leaves = await contents(session)
    for size in range(4, 12):
        found = await queries.inclusion(session, event_id(4), size)
        assert (found.root, list(found.proof)) == (
            reference.tree_hash(leaves[:size]),
            reference.path(3, leaves[:size]),
        )
        for older in range(1, size + 1):
            both = await queries.consistency(session, older, size)
            assert both.root1 == reference.tree_hash(leaves[:older])
            assert both.root2 == reference.tree_hash(leaves[:size])
            assert list(both.proof) == reference.proof(older, leaves[:size])


async def test_many_proofs_cost_as_many_statements_as_one(session: WriteSession) -> None:
    await append_all(session, [event(number) for number in range(1, 60)])
    await publish(session, SIGNER, at=MORNING)
    driver = await session.driver()
    counts = []
    for many in (1, 59):
        count = 0

        def counting(_: object) -> None:
            nonlocal count
            count += 1

        driver.add_query_logger(counting)
        found = await queries.inclusions(session, [event_id(number) for number in range(1, many + 1)])
        await asyncio.sleep(0)  # the driver tells of a statement a little later
        driver.remove_query_logger(counting)
        assert len(found) == many
        counts.append(count)
    assert counts == [3, 3]


async def test_proofs_that_cannot_be_given_say_why(session: WriteSession) -> None:
    await append(session, event(1))
    with pytest.raises(NotYetSequenced, match="has not published"):
        await queries.inclusion(session, event_id(1))
    await publish(session, SIGNER, at=MORNING)
    await append(session, event(2))
    with pytest.raises(NotYetSequenced, match="not yet in the tree of 1 leaves"):
        await queries.inclusion(session, event_id(2))
    await publish(session, SIGNER, at=MORNING)
    with pytest.raises(NotYetSequenced):
        await queries.inclusion(session, event_id(2), 1)
    with pytest.raises(SizeUnknown):
        await queries.inclusion(session, event_id(1), 3)
    with pytest.raises(SizeUnknown):
        await queries.consistency(session, 1, 3)
    with pytest.raises(ProofRefused):
        await queries.consistency(session, 0, 2)
    with pytest.raises(SizeUnknown):
        await queries.checkpoint_at(session, 7)
    assert (await queries.checkpoint_at(session, 1)).size == 1


@pytest.mark.commits
async def test_two_hundred_writers_of_whom_a_third_give_up_leave_no_gap(fresh_engine: AsyncEngine) -> None:
    chance = random.Random(7)  # noqa: S311  a repeatable test, no secret
    gives_up = {number for number in range(200) if chance.random() < 0.3}
    room = asyncio.Semaphore(16)
    async with writing(fresh_engine) as session:
        await session.execute(sa.text("create table thing (id int primary key, version int not null)"))
        await session.execute(sa.text("insert into thing select n, 0 from generate_series(0, 9) n"))

    async def write(number: int) -> None:
        """Lock the thing, read its version, write the next one: the log must tell the versions in this order."""
        async with room, writing(fresh_engine) as session:
            thing = number % 10
            version = await session.scalar(
                sa.text("select version from thing where id = :id for update"), {"id": thing}
            )
            subject = UUID(int=thing)
            facts = {"version": version + 1}
            await append(session, event(number, subjects=(subject,), facts=facts))
            await session.execute(sa.text("update thing set version = version + 1 where id = :id"), {"id": thing})
            await asyncio.sleep(0.002 * (number % 3))
            if number in gives_up:
                raise Undone

    async with sequencers(fresh_engine, 2):
        results = await asyncio.gather(*(write(number) for number in range(200)), return_exceptions=True)
        await settled(fresh_engine, seconds=5)
    assert [isinstance(result, Undone) for result in results] == [number in gives_up for number in range(200)]
    async with reading(fresh_engine) as reader:
        assert await indexes(reader) == list(range(200 - len(gives_up)))
        for thing in range(10):
            stored = sorted(await queries.leaves_of(reader, UUID(int=thing)), key=lambda leaf: leaf.log_index or 0)
            assert [leaf.leaf.facts["version"] for leaf in stored] == list(range(1, len(stored) + 1))
        newest = await queries.latest_checkpoint(reader)
        assert newest is not None
        assert newest.root == reference.tree_hash(await contents(reader))
        sizes = (await reader.scalars(sa.text("select size from log_checkpoints order by size"))).all()
        for size in sizes:
            assert (await queries.consistency(reader, size, newest.size)).root2 == newest.root


@pytest.mark.commits
async def test_a_leaf_is_published_within_a_second_of_its_commit(fresh_engine: AsyncEngine) -> None:
    async with sequencers(fresh_engine, 1):
        await asyncio.sleep(0.3)
        async with writing(fresh_engine) as session:
            await append(session, event(1))
        committed = clock.now()
        await settled(fresh_engine, seconds=3)
    async with reading(fresh_engine) as reader:
        newest = await queries.latest_checkpoint(reader)
    assert newest is not None
    assert newest.published_at - committed < timedelta(seconds=1)


@pytest.mark.commits
async def test_two_turns_at_once_queue_up_and_place_each_leaf_once(fresh_engine: AsyncEngine) -> None:
    async with writing(fresh_engine) as session:
        await append_all(session, [event(number) for number in range(1, 101)])
    placed = await asyncio.gather(*(publish_all(fresh_engine, SIGNER) for _ in range(8)))
    assert sorted(placed) == [0] * 7 + [100]
    async with reading(fresh_engine) as reader:
        assert await indexes(reader) == list(range(100))


@pytest.mark.commits
@pytest.mark.parametrize("after", [1, 2, 3, 4, 5, 6, 7, 8])
async def test_a_sequencer_cut_off_between_two_steps_is_repeated_without_harm(
    fresh_engine: AsyncEngine, after: int
) -> None:
    """The server ends the sequencer's connection after its n-th statement, as a kill or a lost network would."""
    async with writing(fresh_engine) as session:
        await append_all(session, history())
    await publish_all(fresh_engine, SIGNER)
    async with writing(fresh_engine) as session:
        await append_all(session, [event(number) for number in range(10, 20)])

    statements = 0
    with pytest.raises(Exception, match=r"closed|terminat"):  # noqa: PT012  the cut comes anywhere inside
        async with writing(fresh_engine) as session:
            driver = await session.driver()

            def counting(_: object) -> None:
                nonlocal statements
                statements += 1
                if statements == after:
                    driver.terminate()

            driver.add_query_logger(counting)
            await publish(session, SIGNER, at=MORNING)
            driver.terminate()
    async with reading(fresh_engine) as reader:
        newest = await queries.latest_checkpoint(reader)
        assert newest is not None
        assert (newest.size, await queries.sequenced_size(reader)) == (5, 5)
    assert await publish_all(fresh_engine, SIGNER) == 10
    async with reading(fresh_engine) as reader:
        assert await indexes(reader) == list(range(15))
        newest = await queries.latest_checkpoint(reader)
        assert newest is not None
        assert newest.root == reference.tree_hash(await contents(reader))


@pytest.mark.commits
async def test_the_sequencer_survives_the_loss_of_its_connections(
    fresh_engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    async with sequencers(fresh_engine, 1):
        for number in range(1, 4):
            async with fresh_engine.connect() as connection:
                await connection.execute(
                    sa.text(
                        "select pg_terminate_backend(pid) from pg_stat_activity "
                        "where datname = current_database() and pid <> pg_backend_pid()"
                    )
                )
            await asyncio.sleep(0.3)
            async with fresh_engine.connect() as connection:
                own = WriteSession(connection)
                await append(own, event(number))
                await own.commit()
                await connection.commit()
            await settled(fresh_engine, seconds=10)
    async with reading(fresh_engine) as reader:
        assert await indexes(reader) == [0, 1, 2]
    assert any("next try" in record.message for record in caplog.records)


async def forge(session: WriteSession, statement: str) -> None:
    """Change the log as a superuser would who switches the triggers off."""
    await session.execute(sa.text("set local session_replication_role = replica"))
    await session.execute(sa.text(statement))
    await session.execute(sa.text("set local session_replication_role = origin"))


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("update log_nodes set hash = sha256('x') where level = 2", "log.root_differs"),
        ("delete from log_nodes where level = 0 and position = 4", "log.node_missing"),
        ("delete from log_sequence where log_index = 4", "log.sequence_and_checkpoint"),
        ("insert into log_sequence select 9, max(arrival) from log_leaves", "log.sequence_and_checkpoint"),
        ("delete from log_checkpoints", "log.sequence_and_checkpoint"),
        ("update log_checkpoints set root = sha256('x')", "log.root_differs"),
        ("update log_checkpoints set note = replace(note, E'\\n5\\n', E'\\n4\\n')", "log.signed_by_another"),
    ],
)
async def test_nothing_is_signed_on_top_of_a_damaged_log(session: WriteSession, statement: str, code: str) -> None:
    await append_all(session, history())
    await publish(session, SIGNER, at=MORNING)
    await append(session, event(9))
    await forge(session, statement)
    with pytest.raises(LogInconsistent) as refused:
        await publish(session, SIGNER, at=MORNING)
    assert refused.value.code == code
    assert str(refused.value)


async def test_a_checkpoint_swapped_for_another_signed_one_is_noticed(session: WriteSession) -> None:
    await append_all(session, history())
    turn = await publish(session, SIGNER, at=MORNING)
    assert turn is not None
    other = checkpoint.sign(checkpoint.Checkpoint(SIGNER.name, 4, turn.checkpoint.root), SIGNER)
    await forge(session, f"update log_checkpoints set note = '{other}'")  # noqa: S608  a test's own text
    await append(session, event(9))
    with pytest.raises(LogInconsistent, match="says otherwise"):
        await publish(session, SIGNER, at=MORNING)


async def test_another_key_does_not_go_on_where_the_log_stands(session: WriteSession) -> None:
    await append_all(session, history())
    await publish(session, SIGNER, at=MORNING)
    await append(session, event(9))
    with pytest.raises(LogInconsistent, match="not signed by"):
        await publish(session, STRANGER, at=MORNING)


async def test_a_damaged_tree_gives_no_proofs(session: WriteSession) -> None:
    await append_all(session, history())
    await publish(session, SIGNER, at=MORNING)
    await forge(session, "update log_nodes set hash = sha256('x') where level = 0 and position = 1")
    with pytest.raises(LogInconsistent, match="leads to root"):
        await queries.inclusion(session, event_id(1))
    with pytest.raises(LogInconsistent):
        await queries.consistency(session, 1, 3)


@pytest.mark.commits
async def test_a_damaged_log_is_reported_again_and_again_while_events_are_still_accepted(
    fresh_engine: AsyncEngine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_LONGEST_PAUSE_SECONDS", 0.05)
    async with writing(fresh_engine) as session:
        await append_all(session, history())
    await publish_all(fresh_engine, SIGNER)
    async with writing(fresh_engine) as session:
        await forge(session, "update log_nodes set hash = sha256('x') where level = 2")
        await append(session, event(9))
    async with sequencers(fresh_engine, 1):
        await asyncio.sleep(0.4)
        async with writing(fresh_engine) as session:
            await append(session, event(10))
    told = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert len(told) > 1
    assert "log.root_differs" in told[0].message
