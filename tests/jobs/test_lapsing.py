"""The job that lets reservations go: by the application's own role, with the log told once."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.reservations import of_stranger, open_terms, reserved
from tests.support.served import for_application
from tests.support.world import World
from wastetrack.db.engine import make_engine
from wastetrack.db.session import reading, writing
from wastetrack.jobs.lapsing import lapse_reservations
from wastetrack.manifests import setting_aside

pytestmark = pytest.mark.commits


@pytest.fixture
async def application(fresh_town: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    """The same copy of the small world by the application's own role."""
    engine = make_engine(for_application(fresh_town.url.render_as_string(hide_password=False)), pool_size=4)
    yield engine
    await engine.dispose()


async def test_what_is_over_is_let_go_and_told_once(
    fresh_town: AsyncEngine, application: AsyncEngine, world: World
) -> None:
    async with writing(fresh_town) as session:
        await open_terms(session, world)
        mine = await reserved(session, world, "3 t")
        theirs = await of_stranger(session, world, "4 t")
        later = await reserved(session, world, "1 t", planned_on=mine.planned_on + timedelta(days=3))
    assert await lapse_reservations(application, at=mine.until - timedelta(minutes=1)) == 0
    over = mine.until + timedelta(minutes=1)
    assert await lapse_reservations(application, at=over) == 2
    assert await lapse_reservations(application, at=over) == 0
    async with reading(fresh_town) as books:
        assert await books.scalar(text("select sum(held_g) from permit_uses")) == 1_000_000
        told = text(
            "select subject_id, kind, leaf.bytes from log_leaves leaf join log_subjects using (arrival) "
            "where kind = 'reservation_lapsed'"
        )
        rows = (await books.execute(told)).all()
        assert {row.subject_id for row in rows} == {mine.id, theirs.id}
        assert all(str(world.generator.owner.person_id).encode() not in row.bytes for row in rows)
        states = {row.id: row.state for row in await books.execute(text("select id, state from reservations"))}
        assert states == {mine.id: "lapsed", theirs.id: "lapsed", later.id: "held"}


async def test_killed_after_letting_go_the_next_run_tells(
    fresh_town: AsyncEngine, application: AsyncEngine, world: World
) -> None:
    async with writing(fresh_town) as session:
        await open_terms(session, world)
        row = await reserved(session, world, "3 t")
    async with writing(application) as session:
        await setting_aside.let_lapse(session, at=row.until)
    assert await lapse_reservations(application, at=row.until + timedelta(hours=1)) == 1
