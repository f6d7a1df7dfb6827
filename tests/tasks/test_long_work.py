"""Long work: all of it or nothing, once, taken up again after a dead worker, cancelled, refused; one's own alone."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.served import Served, for_application
from tests.support.trade import API, Trade, asked
from tests.support.world import World
from wastetrack import clock
from wastetrack.auth.model import Actor, Role
from wastetrack.db.engine import make_engine
from wastetrack.db.session import Sight, WriteSession, writing
from wastetrack.errors import Broken, Conflict, refuse_one
from wastetrack.jobs import long_work
from wastetrack.jobs.long_work import Handler, Run, perform, take_up_again
from wastetrack.settings import Settings
from wastetrack.tasks import queries, starting, stepping
from wastetrack.tasks.model import MOST_ATTEMPTS, LongTask, LongTaskState, Outcome, ResultFile, as_json, from_json

MARK = text("insert into saved_marks values (:word)")
COUNTED = text("select count(*) from saved_marks")


@pytest.fixture
async def application(fresh_town: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    """A copy of the small world by the application's own role, with a table on which handlers leave their marks."""
    async with writing(fresh_town) as session:
        await session.execute(text("create table saved_marks (word text)"))
    engine = make_engine(for_application(fresh_town.url.render_as_string(hide_password=False)), pool_size=6)
    yield engine
    await engine.dispose()


async def begun(engine: AsyncEngine, actor: Actor, kind: str = "marking") -> UUID:
    async with writing(engine) as session:
        await session.look_as(actor.viewer, actor.organisation_id, actor.person_id)
        return await starting.start(
            session, actor, kind=kind, title="Check of {name}", facts={"name": "a.csv"}, arguments={}, at=clock.now()
        )


async def as_it_stands(engine: AsyncEngine, actor: Actor, task_id: UUID) -> LongTask:
    async with writing(engine) as session:
        await session.look_as(actor.viewer, actor.organisation_id, actor.person_id)
        return await queries.task(session, actor, task_id)


async def marks(engine: AsyncEngine) -> int:
    async with writing(engine) as session:
        return int((await session.execute(COUNTED)).scalar_one())


def sight_of(actor: Actor) -> Sight:
    return Sight(actor.viewer, actor.organisation_id, actor.person_id)


async def done_by(engine: AsyncEngine, handler: Handler, actor: Actor, task_id: UUID) -> LongTask:
    await perform(engine, Settings(), {"marking": handler}, sight_of(actor), task_id)
    return await as_it_stands(engine, actor, task_id)


async def marking(session: WriteSession, run: Run) -> Outcome:
    """Leave two marks, tell of it between them, give a file."""
    await session.execute(MARK, {"word": str(run.actor.person_id)})
    await run.progress(1, 2)
    await session.execute(MARK, {"word": "again"})
    file = ResultFile("结果.csv", "text/csv", b"a,b")
    return Outcome(message="{count} made", facts={"count": 2}, address="/containers", file=file)


async def test_it_is_done_whole_and_once_and_leaves_its_result(application: AsyncEngine, world: World) -> None:
    owner = world.generator.owner
    task_id = await begun(application, owner)
    task = await done_by(application, marking, owner, task_id)
    assert (task.state, task.done, task.total, task.percent) == (LongTaskState.DONE, 2, 2, 100)
    assert (task.message, task.message_facts, task.result_address) == ("{count} made", {"count": 2}, "/containers")
    async with writing(application) as session:
        await session.look_as(owner.viewer, owner.organisation_id, owner.person_id)
        assert (await queries.result_file(session, owner, task_id)).content == b"a,b"
        assert [one.id for one in await queries.unseen(session, owner)] == [task_id]
        await stepping.note_seen(session, owner, task_id, at=clock.now())
        assert await queries.unseen(session, owner) == []
    assert not await perform(application, Settings(), {"marking": marking}, sight_of(owner), task_id)
    assert await marks(application) == 2


async def test_what_is_refused_or_fails_leaves_nothing_and_says_why(application: AsyncEngine, world: World) -> None:
    owner = world.generator.owner

    async def refusing(session: WriteSession, _run: Run) -> Outcome:
        await session.execute(MARK, {"word": "x"})
        refuse_one(
            "gross_g", "mass_absurd", "{net} cannot be in it.", value=7, facts={"net": "9 t"}, next_step="Weigh."
        )

    async def conflicting(session: WriteSession, _run: Run) -> Outcome:
        await session.execute(MARK, {"word": "x"})
        raise Conflict("opening_closed", "Closed on {day}.", day="Monday")

    async def failing(session: WriteSession, _run: Run) -> Outcome:
        await session.execute(MARK, {"word": "x"})
        raise ZeroDivisionError

    refused = await done_by(application, refusing, owner, await begun(application, owner))
    assert refused.state is LongTaskState.FAILED
    assert [rule.sentence() for rule in refused.broken] == ["9 t cannot be in it."]
    closed = await done_by(application, conflicting, owner, await begun(application, owner))
    assert closed.message.format(**closed.message_facts) == "Closed on Monday."
    failed = await done_by(application, failing, owner, await begun(application, owner))
    assert (failed.state, failed.message) == (LongTaskState.FAILED, long_work._NO_ATTEMPT)
    unknown = await done_by(application, failing, owner, await begun(application, owner, "unheard of"))
    assert unknown.state is LongTaskState.FAILED
    assert await marks(application) == 0


async def test_it_can_be_cancelled_before_it_begins_and_in_the_middle(application: AsyncEngine, world: World) -> None:
    owner = world.generator.owner
    waiting, running = await begun(application, owner), await begun(application, owner)

    async def cancelled(task_id: UUID) -> LongTask:
        async with writing(application) as session:
            await session.look_as(owner.viewer, owner.organisation_id, owner.person_id)
            return await stepping.cancel(session, owner, task_id, at=clock.now())

    async def interrupted(session: WriteSession, run: Run) -> Outcome:
        await session.execute(MARK, {"word": "x"})
        await cancelled(run.task.id)
        await run.progress(1)
        raise AssertionError

    async def too_late(session: WriteSession, run: Run) -> Outcome:
        await session.execute(MARK, {"word": "x"})
        await cancelled(run.task.id)
        return Outcome(message="done")

    assert (await cancelled(waiting)).state is LongTaskState.CANCELLED
    assert not await perform(application, Settings(), {"marking": marking}, sight_of(owner), waiting)
    assert (await done_by(application, interrupted, owner, running)).state is LongTaskState.CANCELLED
    with pytest.raises(Conflict):
        await cancelled(running)
    last = await done_by(application, too_late, owner, await begun(application, owner))
    assert last.state is LongTaskState.CANCELLED
    assert await marks(application) == 0


async def test_a_worker_thought_dead_finds_its_run_taken_over(application: AsyncEngine, world: World) -> None:
    owner = world.generator.owner
    task_id = await begun(application, owner)

    async def slow(session: WriteSession, _run: Run) -> Outcome:
        await session.execute(MARK, {"word": "slow"})
        assert await take_up_again(application, stalled_after=timedelta(seconds=-1)) == 1
        assert await perform(application, Settings(), {"marking": marking}, sight_of(owner), task_id)
        return Outcome(message="mine")

    task = await done_by(application, slow, owner, task_id)
    assert (task.message, task.attempt) == ("{count} made", 2)
    assert await marks(application) == 2


async def test_a_worker_that_must_go_puts_it_back_and_one_that_always_dies_is_given_up(
    application: AsyncEngine, world: World
) -> None:
    owner = world.generator.owner
    task_id, reached = await begun(application, owner), asyncio.Event()

    async def endless(session: WriteSession, _run: Run) -> Outcome:
        await session.execute(MARK, {"word": "x"})
        reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    running = asyncio.create_task(perform(application, Settings(), {"marking": endless}, sight_of(owner), task_id))
    await reached.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    put_back = await as_it_stands(application, owner, task_id)
    assert (put_back.state, put_back.attempt) == (LongTaskState.QUEUED, 0)
    for _ in range(MOST_ATTEMPTS):
        async with writing(application) as session:
            await session.look_as(owner.viewer, owner.organisation_id, owner.person_id)
            assert await stepping.begin(session, task_id, at=clock.now())
        await take_up_again(application, stalled_after=timedelta(seconds=-1))
    given_up = await done_by(application, marking, owner, task_id)
    assert given_up.state is LongTaskState.FAILED
    assert "5 times" in given_up.message.format(**given_up.message_facts)
    assert await marks(application) == 0


_WORKER = textwrap.dedent("""
    import asyncio, sys
    from uuid import UUID
    from sqlalchemy import text
    from wastetrack.db.engine import make_engine
    from wastetrack.jobs.worker import make_queue
    from wastetrack.settings import Settings

    async def handler(session, run):
        await session.execute(text("insert into saved_marks values ('killed')"))
        await run.progress(1, 2)
        print("in the middle", flush=True)
        await asyncio.sleep(600)

    async def main(url, dsn):
        engine = make_engine(url, pool_size=4)
        queue = make_queue(Settings(), dsn=dsn, engine=engine, handlers={"marking": handler})
        async with queue.open_async():
            await queue.run_worker_async(install_signal_handlers=False, delete_jobs="never")

    asyncio.run(main(*sys.argv[1:]))
""")


async def test_a_worker_killed_in_the_middle_leaves_nothing_and_another_does_it_once(
    application: AsyncEngine, world: World, tmp_path: Path
) -> None:
    owner = world.generator.owner
    task_id = await begun(application, owner)
    url = application.url.render_as_string(hide_password=False)
    script = tmp_path / "worker.py"
    script.write_text(_WORKER, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    dsn = url.replace("+asyncpg", "")
    worker = subprocess.Popen(  # noqa: ASYNC220  it is to be killed
        [sys.executable, str(script), url, dsn], stdout=subprocess.PIPE, env=environment, text=True
    )
    assert worker.stdout is not None
    assert (await asyncio.to_thread(worker.stdout.readline)).strip() == "in the middle"
    worker.send_signal(signal.SIGKILL)
    await asyncio.to_thread(worker.wait)
    worker.stdout.close()
    left = await as_it_stands(application, owner, task_id)
    assert (left.state, left.done) == (LongTaskState.RUNNING, 1)
    assert await marks(application) == 0
    assert await take_up_again(application) == 0, "its heart may still beat"
    assert await take_up_again(application, stalled_after=timedelta(0)) == 1
    async with writing(application) as session:
        jobs = "select args from procrastinate_jobs where status = 'todo' and task_name = 'long_work'"
        (told,) = (await session.execute(text(jobs))).scalars()
    assert told["task_id"] == str(task_id)
    assert (await done_by(application, marking, owner, task_id)).state is LongTaskState.DONE
    assert await marks(application) == 2


async def test_it_runs_with_the_role_of_now_and_the_scopes_of_then(application: AsyncEngine, world: World) -> None:
    filer = world.generator.people[Role.FILER]
    seen: list[Actor] = []

    async def looking(_session: WriteSession, run: Run) -> Outcome:
        seen.append(run.actor)
        return Outcome(message="seen")

    await done_by(application, looking, filer, await begun(application, filer))
    assert seen == [filer]
    gone = await begun(application, filer)
    async with writing(application) as session:
        ended = text("update memberships set ended_at = now() where id = :id")
        await session.execute(ended, {"id": filer.membership_id})
    task = await done_by(application, looking, filer, gone)
    assert (task.state, len(seen)) == (LongTaskState.FAILED, 1)


def test_a_broken_rule_is_kept_and_read_back() -> None:
    rule = Broken("gross_g", "absurd", "{net}", 3.5, "HJ 1276", "Weigh.", {"net": Role.OWNER})
    kept = from_json(as_json(rule))
    assert (kept.field, kept.value, kept.facts) == ("gross_g", "3.5", {"net": "owner"})


async def test_pages_and_the_api_show_one_s_own_alone(trade: Trade) -> None:
    served: Served = trade.served
    me = await asked(await trade.shipper(), "/me")
    async with writing(served.owner) as session:
        named = text("select membership_id from sign_in_sessions where person_id = :id limit 1")
        membership_id = (await session.execute(named, {"id": me["person_id"]})).scalar_one()
    owner = Actor(
        UUID(me["person_id"]), "王秀英", UUID(me["organisation_id"]), membership_id, Role.OWNER, world_eyes(me)
    )
    task_id, other = await begun(served.app.state.engine, owner), await begun(served.app.state.engine, owner)
    browser, stranger, colleague = [await served.page_visitor(login) for login in ("owner", "stranger", "filer")]
    page = (await browser.get(f"/tasks/{task_id}?lang=en")).text
    assert 'hx-trigger="every 2s"' in page
    assert "Check of a.csv" in page
    assert "排队中" in (await browser.get("/tasks?lang=zh")).text
    assert "长任务" in (await browser.get("/")).text
    cancelled = await browser.send_form(f"/tasks/{other}/cancel", {}, page=f"/tasks/{other}")
    assert cancelled.status_code == 303
    await perform(served.app.state.engine, Settings(), {"marking": plain}, sight_of(owner), task_id)
    assert (await browser.get(f"/tasks/{task_id}/result")).content == b"=1+1"
    page = (await browser.get(f"/tasks/{task_id}?lang=en")).text
    assert "every 2s" not in page
    assert "2 made" in page
    assert str(task_id) not in (await browser.get("/")).text, "it was looked at"
    shown = await asked(await trade.shipper(), f"/tasks/{task_id}")
    assert (shown["state"], shown["message"], shown["result_name"]) == ("done", "2 made", "结果.csv")
    for visitor in (stranger, colleague):
        for path in (f"/tasks/{task_id}", f"/tasks/{task_id}/result"):
            assert (await visitor.get(path)).status_code == 404
        assert str(task_id) not in (await visitor.get("/tasks")).text
    program = await trade.stranger()
    for path in (f"{API}/tasks/{task_id}", f"{API}/tasks/{task_id}/result"):
        assert (await program.get(path)).status_code == 404
    assert (await program.send_json(f"{API}/tasks/{task_id}/cancellation", {})).status_code == 404
    over = await (await trade.shipper()).send_json(f"{API}/tasks/{task_id}/cancellation", {})
    assert (over.status_code, over.json()["code"]) == (409, "task_over")


async def plain(_session: WriteSession, _run: Run) -> Outcome:
    """Give a file."""
    return Outcome(message="{count} made", facts={"count": 2}, file=ResultFile("结果.csv", "text/csv", b"=1+1"))


def world_eyes(me: dict[str, str]) -> str:
    """The eyes of a firm."""
    return f"o:{me['organisation_id']}"
