"""The session that tests use behaves like a real one where it matters."""

import socket

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.sockets import ReachedOutside
from wastetrack.db.session import WriteSession, writing

DEFERRED = """
create temporary table drums (number int primary key, next int references drums initially deferred) on commit drop
"""


async def test_a_commit_fires_deferred_constraints_and_the_session_lives_on(session: WriteSession) -> None:
    await session.execute(text(DEFERRED))
    await session.execute(text("insert into drums values (1, 1)"))
    await session.commit()

    await session.execute(text("insert into drums values (2, 99)"))
    with pytest.raises(DBAPIError, match="drums"):
        await session.commit()

    assert (await session.scalars(text("select number from drums"))).all() == [1]
    await session.execute(text("insert into drums values (3, 4)"))
    await session.execute(text("insert into drums values (4, 3)"))
    await session.commit()
    assert (await session.scalars(text("select count(*) from drums"))).all() == [3]


@pytest.mark.parametrize("attempt", [1, 2])
async def test_the_work_of_a_test_is_undone(session: WriteSession, attempt: int) -> None:
    assert attempt
    await session.execute(text("create table left_behind (id int)"))
    await session.commit()


async def test_a_database_of_its_own_may_be_committed_to(fresh_engine: AsyncEngine) -> None:
    async with writing(fresh_engine) as session:
        await session.execute(text("create table kept as select 1 as number"))
    async with writing(fresh_engine) as session:
        assert (await session.scalars(text("select number from kept"))).all() == [1]


def test_tests_cannot_reach_another_machine() -> None:
    with socket.socket() as outside, pytest.raises(ReachedOutside):
        outside.connect(("192.0.2.1", 80))
