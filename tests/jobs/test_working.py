"""The sequencer and the jobs beside a process: they do their work, and end when told to."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.world import AT, World, a_drum
from wastetrack import clock, resources
from wastetrack.auth import answering, ceremonies, throttling
from wastetrack.auth.answering import Answer, RequestKey
from wastetrack.auth.ceremonies import CeremonyKind
from wastetrack.db import addresses
from wastetrack.db.session import reading, writing
from wastetrack.ids import new_id
from wastetrack.jobs.housekeeping import ANSWERS_KEPT, sweep
from wastetrack.jobs.sequencing import sequencing
from wastetrack.jobs.worker import both, make_queue
from wastetrack.settings import Settings
from wastetrack.transparency import queries
from wastetrack.transparency.note import Signer

SIGNER = Signer("yantai.example/log", bytes(32))
IDLE = timedelta(hours=12)


def dsn_of(engine: AsyncEngine) -> str:
    return addresses.over("", engine.url.render_as_string(hide_password=False))


async def placed_in_time(engine: AsyncEngine) -> int:
    """How many leaves have a place once none waits, within five seconds."""
    async with asyncio.timeout(5):
        while True:
            async with reading(engine) as session:
                size = await queries.sequenced_size(session)
                if size and not await queries.any_pending(session):
                    return size
            await asyncio.sleep(0.05)


async def test_what_is_committed_gets_its_place_while_the_sequencer_runs(fresh_town: AsyncEngine, world: World) -> None:
    async with sequencing(fresh_town, SIGNER):
        async with writing(fresh_town) as session:
            await a_drum(session, world)
        size = await placed_in_time(fresh_town)
    async with reading(fresh_town) as session:
        newest = await queries.latest_checkpoint(session)
    assert newest is not None
    assert newest.size == size


async def test_a_job_in_the_queue_is_done_and_the_worker_ends_when_told(
    fresh_town: AsyncEngine, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)
    dsn = dsn_of(fresh_town)
    async with asyncio.timeout(20), both(settings, dsn=dsn, engine=fresh_town):
        queue = make_queue(settings, dsn=dsn, engine=fresh_town)
        async with queue.open_async():
            await queue.configure_task("sweep", allow_unknown=False).defer_async(timestamp=0)
        state = ""
        while state != "succeeded":
            await asyncio.sleep(0.05)
            async with reading(fresh_town) as session:
                state = str(await session.scalar(text("select status::text from procrastinate_jobs")))
    assert not [task for task in asyncio.all_tasks() if task.get_name() in {"jobs", "sequencer"}]


async def test_old_answers_and_ended_sessions_are_forgotten_and_no_others(
    fresh_town: AsyncEngine, world: World
) -> None:
    now = clock.now()
    member = world.generator.owner

    async def answered(at_age: timedelta) -> UUID:
        request = RequestKey(new_id(), member.membership_id, "POST", "/containers", bytes(32))
        async with writing(fresh_town) as session:
            await answering.take(session, request, at=now - at_age)
            await answering.store(session, request, Answer(201, (), b"{}"))
        return request.key

    async def opened(token: bytes, *, seen_ago: timedelta, ends_in: timedelta) -> None:
        async with writing(fresh_town) as session:
            await session.execute(
                text("""
                  insert into sign_in_sessions (token_hash, person_id, membership_id, csrf_token, created_at,
                    last_seen_at, expires_at, user_agent)
                  values (:token, :person, :member, '', :at, :seen, :ends, '')
                """),
                {
                    "token": token * 32,
                    "person": member.person_id,
                    "member": member.membership_id,
                    "at": AT,
                    "seen": now - seen_ago,
                    "ends": now + ends_in,
                },
            )

    await answered(ANSWERS_KEPT + timedelta(hours=1))
    young = await answered(ANSWERS_KEPT - timedelta(hours=1))
    await opened(b"a", seen_ago=timedelta(hours=1), ends_in=timedelta(hours=1))
    await opened(b"b", seen_ago=timedelta(hours=13), ends_in=timedelta(hours=1))
    await opened(b"c", seen_ago=timedelta(hours=1), ends_in=timedelta(hours=-1))
    await sweep(fresh_town, idle=IDLE, at=now)
    async with reading(fresh_town) as session:
        keys = (await session.execute(text("select key from answered_requests"))).scalars().all()
        tokens = (await session.execute(text("select token_hash from sign_in_sessions"))).scalars().all()
    assert keys == [young]
    assert tokens == [b"a" * 32]


async def test_what_is_left_of_trying_to_sign_in_is_forgotten(fresh_town: AsyncEngine) -> None:
    now = clock.now()
    async with writing(fresh_town) as session:
        for number, age in enumerate((timedelta(minutes=1), timedelta(days=2))):
            kind, bound = CeremonyKind.SIGN_IN, bytes([number]) * 32
            await ceremonies.give(session, kind, bound, at=now - age)
            await throttling.count_attempt(session, f"somebody {number}", f"192.0.2.{number}", at=now - age)
    await sweep(fresh_town, idle=IDLE, at=now)
    async with reading(fresh_town) as session:
        bound_to = (await session.execute(text("select bound_to from ceremonies"))).scalars().all()
        counts = (await session.execute(text("select count(*) from sign_in_failures"))).scalar_one()
    assert bound_to == [bytes(32)]
    assert counts == 3, "login and address, address, account"


async def test_the_queue_s_tables_go_as_they_came(fresh_database: str) -> None:
    source = (resources.migrations_dir() / "versions" / "2026_11_23_0008_jobs.py").read_text(encoding="utf-8")
    script = source.split('_TAKE_AWAY = """')[1].split('"""')[0].replace("\\\\", "\\")
    left = """
        select relname::text from pg_class where relname like 'procrastinate\\_%'
        union select proname::text from pg_proc where proname like 'procrastinate\\_%'
        union select typname::text from pg_type where typname like 'procrastinate\\_%'
    """
    with psycopg.connect(addresses.over("", fresh_database)) as connection:
        assert connection.execute(left).fetchall()
        connection.execute(script.encode())
        assert connection.execute(left).fetchall() == []
