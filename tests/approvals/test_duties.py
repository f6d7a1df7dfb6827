"""Each clock is a duty of exactly whoever owes the act, in one statement; whose approval ends is told too."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.approvals import Act, Neighbours, application, approved, build_neighbours, drafted, step
from tests.support.statements import counted
from tests.support.world import AT, World
from wastetrack.approvals import queries
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.sight import look_as
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.reports.approval_reading import read
from wastetrack.reports.duties import duties_of
from wastetrack.reports.duties_approvals import approval_duties


def everybody(world: World, neighbours: Neighbours) -> dict[str, Actor]:
    """Who might be told."""
    return {
        "owner": world.generator.owner,
        "filer": world.generator.people[Role.FILER],
        "receiver": neighbours.receiver.owner,
        "shandong": neighbours.shandong,
        "jiangsu": neighbours.jiangsu,
        "yantai": neighbours.yantai,
        "inspector": world.inspector,
    }


async def told(session: WriteSession, world: World, neighbours: Neighbours, at: datetime) -> dict[str, list[str]]:
    """Who owes what."""
    found = {
        name: [f"{duty.title} {duty.due_on} {duty.article}" for duty in await approval_duties(session, actor, at)]
        for name, actor in everybody(world, neighbours).items()
    }
    return {name: duties for name, duties in found.items() if duties}


async def test_each_step_is_owed_by_one_side(town_session: WriteSession, world: World, neighbours: Neighbours) -> None:
    row = await drafted(town_session, world, application(world, neighbours))
    assert await told(town_session, world, neighbours, AT) == {}
    await step(town_session, world.generator.owner, row.id, Act.SUBMIT)
    assert await told(town_session, world, neighbours, AT) == {
        "shandong": ["Accept the application, or say all that is missing 2026-03-09 令23 art. 23"]
    }
    late = AT + timedelta(days=9)
    assert await told(town_session, world, neighbours, late) == {
        "shandong": ["Review the application, and consult the other province 2026-03-09 令23 art. 24"]
    }
    await step(town_session, neighbours.shandong, row.id, Act.ACCEPT)
    await step(town_session, neighbours.shandong, row.id, Act.AGREE_IN_REVIEW)
    await step(town_session, neighbours.shandong, row.id, Act.CONSULT)
    assert await told(town_session, world, neighbours, AT) == {
        "jiangsu": ["Reply to the other province 2026-03-16 令23 art. 25"]
    }
    await step(town_session, neighbours.jiangsu, row.id, Act.REPLY_AGREE)
    assert await told(town_session, world, neighbours, AT) == {"shandong": ["Decide 2026-03-09 令23 art. 26"]}
    await step(town_session, neighbours.shandong, row.id, Act.APPROVE)
    assert await told(town_session, world, neighbours, AT) == {}


async def test_the_holder_is_told_before_the_end(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    await approved(town_session, world, neighbours)
    for day, expected in ((datetime(2027, 1, 30, tzinfo=UTC), False), (datetime(2027, 2, 1, tzinfo=UTC), True)):
        found = await told(town_session, world, neighbours, day)
        assert list(found) == (["owner"] if expected else [])
    after = await told(town_session, world, neighbours, datetime(2027, 3, 3, tzinfo=UTC))
    assert after == {}
    (duty,) = await duties_of(town_session, world.generator.owner, at=datetime(2027, 3, 2, 1, tzinfo=UTC))
    assert (duty.what, str(duty.due_on)) == ("鲁环固转〔2026〕1号", "2027-03-02")


@pytest.mark.commits
async def test_lists_ask_the_same_number_of_statements_however_long_they_are(
    fresh_town: AsyncEngine, world: World
) -> None:
    async with writing(fresh_town) as session:
        neighbours = await build_neighbours(session)
    sent = []
    for _ in range(3):
        async with writing(fresh_town) as session:
            row = await drafted(session, world, application(world, neighbours))
            await step(session, world.generator.owner, row.id, Act.SUBMIT)
        with counted(fresh_town) as statements:
            async with reading(fresh_town) as session:
                await look_as(session, neighbours.shandong)
                rows = await queries.page(session, neighbours.shandong, queries.ApprovalFilter())
                await read(session, neighbours.shandong, rows, at=AT)
                await approval_duties(session, neighbours.shandong, AT)
        sent.append((len(rows), len(statements)))
    assert sent == [(1, 4), (2, 4), (3, 4)], "the page, its firms, its sites, the duties"
