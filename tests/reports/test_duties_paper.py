"""Clocks of pipes and papers: each stands with whoever owes the act, until it is done."""

from datetime import date, timedelta

import pytest

from tests.manifests.test_running import nothing_open
from tests.support.acts import Receive, SignAct
from tests.support.papers import THEN, a_paper, scan_attached
from tests.support.pipes import LAST_DAY, a_pipe
from tests.support.world import AT, World, a_drum
from wastetrack.auth.model import Role
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.working_days import after_working_days
from wastetrack.db.session import WriteSession
from wastetrack.manifests import back_entering, receiving, running
from wastetrack.manifests.model import ManifestKind
from wastetrack.reports.duties_paper import paper_duties

FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 2)
THIRD_MORNING = AT + timedelta(days=1)


async def test_each_end_owes_its_own_reading_of_the_days_before(town_session: WriteSession, world: World) -> None:
    pipe = await a_pipe(town_session, world)
    shipper, receiver = world.generator.owner, world.receiver.owner
    (owed,) = await paper_duties(town_session, shipper, THIRD_MORNING)
    assert (owed.facts, owed.due_on) == ({"count": 2}, FIRST + timedelta(days=3))
    await pipe.both(FIRST, "1", "1")
    await pipe.sent(SECOND, "1")
    assert await paper_duties(town_session, shipper, THIRD_MORNING) == []
    (owed,) = await paper_duties(town_session, receiver, THIRD_MORNING)
    assert (owed.facts, owed.due_on, owed.address) == (
        {"count": 1},
        SECOND + timedelta(days=3),
        f"/manifests/{pipe.id}",
    )
    assert owed.overdue(AT + timedelta(days=4))
    assert not owed.overdue(AT + timedelta(days=3))
    for nobody in (world.stranger.owner, world.inspector, world.generator.people[Role.VIEWER]):
        assert await paper_duties(town_session, nobody, THIRD_MORNING) == []


async def test_the_sum_is_owed_by_the_shipper_once_the_period_is_over(
    town_session: WriteSession, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = await a_pipe(town_session, world)
    after = LAST_DAY + timedelta(days=1)
    titles = [one.title for one in await paper_duties(town_session, world.generator.owner, after)]
    assert "Totals of a period to sign" in titles
    owed = next(
        one
        for one in await paper_duties(town_session, world.generator.owner, after)
        if one.title == "Totals of a period to sign"
    )
    assert owed.due_on == after_working_days(date(2026, 3, 31), 5)
    assert "Totals of a period to sign" not in [
        one.title for one in await paper_duties(town_session, world.receiver.owner, after)
    ]
    monkeypatch.setitem(running.LEFT_OPEN, ManifestKind.CONTINUOUS, nothing_open)
    await running.sum_up(town_session, world.generator.owner, SignAct(manifest_id=pipe.id), at=after)
    assert await paper_duties(town_session, world.generator.owner, after) == []


async def test_a_paper_is_owed_by_its_shipper_and_then_by_its_receiver(
    town_session: WriteSession, world: World
) -> None:
    shipper, receiver = world.generator.owner, world.receiver.owner
    paper = a_paper(world, await a_drum(town_session, world))
    now = AT + timedelta(days=2)
    row = await back_entering.draft_paper(town_session, shipper, paper, at=now)
    (owed,) = await paper_duties(town_session, shipper, now)
    assert (owed.title, owed.what) == ("Paper to enter", "20263706000001")
    assert owed.due_on == after_working_days(legal_day(THEN + timedelta(hours=4)), 10)
    assert await paper_duties(town_session, receiver, now) == []
    await scan_attached(town_session, world, row.id, at=now)
    await back_entering.back_enter(town_session, shipper, SignAct(manifest_id=row.id), at=now)
    assert await paper_duties(town_session, shipper, now) == []
    (owed,) = await paper_duties(town_session, receiver, now)
    assert (owed.title, owed.due_on) == ("Receipt of a paper to sign", after_working_days(legal_day(now), 5))
    await receiving.receive(town_session, receiver, Receive(manifest_id=row.id), at=now)
    assert await paper_duties(town_session, receiver, now) == []
