"""Events written into the log in their writer's transaction; what is stored cannot be changed."""

from dataclasses import replace

import asyncpg
import pytest
import sqlalchemy as sa

from tests.transparency.histories import DRUM, MANIFEST, SIGNER, event, event_id, history
from wastetrack.db.session import WriteSession
from wastetrack.transparency import queries, receipt
from wastetrack.transparency.appending import append, append_all
from wastetrack.transparency.errors import LeafExists, LeafRefused, LeafUnknown
from wastetrack.transparency.hashing import leaf_hash
from wastetrack.transparency.leaf import personal_digest
from wastetrack.transparency.publishing import publish

TABLES = ("log_leaves", "log_subjects", "log_sequence", "log_nodes", "log_checkpoints")


async def test_an_event_is_found_under_each_of_its_subjects(session: WriteSession) -> None:
    await append_all(session, history())
    drum = await queries.leaves_of(session, DRUM)
    assert [stored.leaf.id for stored in drum] == [one.id for one in history()]
    assert [stored.log_index for stored in drum] == [None] * 5
    manifest = await queries.leaves_of(session, MANIFEST)
    assert [stored.leaf.kind for stored in manifest] == ["manifest.filed", "manifest.picked_up", "container.received"]
    assert await queries.leaves_of(session, event_id(99)) == []


async def test_the_receipt_is_over_the_stored_bytes(session: WriteSession) -> None:
    given = (await append(session, event())).receipt(SIGNER)
    (stored,) = await queries.leaves(session, [event().id])
    assert given.leaf_hash == stored.hash == leaf_hash(stored.content)
    receipt.verify(given, SIGNER.verifier)


async def test_arrival_follows_the_order_in_which_events_are_given(session: WriteSession) -> None:
    events = [event(number) for number in (9, 3, 7, 1, 8)]
    await append_all(session, events)
    stored = await queries.leaves(session, [one.id for one in events])
    assert [leaf.leaf.id for leaf in stored] == [one.id for one in events]


async def test_the_personal_part_lies_beside_the_log_and_may_be_erased(session: WriteSession) -> None:
    picked_up = history()[2]
    await append_all(session, history())
    opening = (await queries.openings(session, [one.id for one in history()]))[picked_up.id]
    assert opening.body.decode() == '{"driver":"王小明","phone":"13800000000"}'
    (stored,) = await queries.leaves(session, [picked_up.id])
    assert stored.leaf.personal == personal_digest(opening.salt, opening.body)
    await session.execute(sa.text("delete from log_personal"))
    assert await queries.openings(session, [picked_up.id]) == {}


async def test_an_event_is_in_the_log_once(session: WriteSession) -> None:
    await append(session, event())
    with pytest.raises(LeafExists):
        await append(session, event())


async def test_an_event_that_cannot_be_written_leaves_nothing_behind(session: WriteSession) -> None:
    with pytest.raises(LeafRefused):
        await append_all(session, [event(1), replace(event(2), facts={"weight": 1.5})])
    assert await queries.leaves_of(session, DRUM) == []


async def test_asking_for_an_unknown_event_is_refused(session: WriteSession) -> None:
    with pytest.raises(LeafUnknown, match=str(event_id(7))):
        await queries.leaves(session, [event_id(7)])


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["update {} set {} = {}", "delete from {}", "truncate {} cascade"])
async def test_nothing_in_the_log_is_changed_or_deleted(session: WriteSession, table: str, change: str) -> None:
    await append_all(session, history())
    await publish(session, SIGNER, at=event().recorded_at)
    column = "hash" if table == "log_nodes" else {"log_sequence": "arrival", "log_subjects": "arrival"}.get(table)
    column = column or {"log_leaves": "kind", "log_checkpoints": "note"}[table]
    driver = await session.driver()
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await driver.execute(change.format(table, column, column))


@pytest.mark.parametrize("statement", ["update log_personal set body = '{}'", "update log_pending set arrival = 1"])
async def test_personal_parts_and_waiting_leaves_are_not_changed_either(session: WriteSession, statement: str) -> None:
    await append_all(session, history())
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await (await session.driver()).execute(statement)


async def test_the_database_itself_refuses_a_hash_that_is_not_of_the_bytes(session: WriteSession) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="ck_log_leaves_hash"):
        await (await session.driver()).execute(
            "insert into log_leaves (id, kind, bytes, hash, recorded_at) values ($1, 'a', $2, $3, now())",
            event_id(1),
            b"bytes",
            leaf_hash(b"other bytes"),
        )
