"""The renewal of a permit, told to its holder in time."""

from datetime import UTC, date, datetime, time

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support import parties as made
from tests.support.statements import counted
from tests.support.world import AT, World
from wastetrack.auth.model import Role
from wastetrack.catalogues.working_days import before_working_days, working_days_until
from wastetrack.db.session import WriteSession
from wastetrack.parties.commands import RenewPermit
from wastetrack.parties.permitting import renew_permit
from wastetrack.reports.duties import duties_of
from wastetrack.reports.duties_permits import permit_duties

ENDS = date(2029, 12, 31)  # the incinerator's permit of the small world
LAST = date(2029, 11, 19)
"""Thirty working days lie after it, up to and including the last day of the permit."""


def noon(day: date) -> datetime:
    return datetime.combine(day, time(4), UTC)


def test_the_last_day_leaves_thirty_working_days() -> None:
    assert before_working_days(ENDS, 30) == LAST
    assert working_days_until(LAST, ENDS) == 30
    assert before_working_days(date(2026, 10, 9), 1) == date(2026, 10, 8)
    assert before_working_days(date(2026, 10, 8), 2) == date(2026, 9, 29), "the week of the national day has none"


async def test_the_holder_is_told_two_months_ahead_and_until_it_is_renewed(
    town_session: WriteSession, world: World
) -> None:
    owner = world.receiver.owner
    assert await permit_duties(town_session, owner, noon(date(2029, 9, 19))) == []
    (duty,) = await permit_duties(town_session, owner, noon(date(2029, 9, 20)))
    assert (duty.due_on, duty.facts) == (LAST, {"valid_to": "2029-12-31"})
    assert duty.article == "危险废物经营许可证管理办法 art. 13 (2)"
    assert duty.address == f"/organisations/{world.receiver.id}"
    assert duty in await duties_of(town_session, owner, at=noon(date(2029, 9, 20)))
    late = noon(date(2029, 11, 20))
    (again,) = await permit_duties(town_session, owner, late)
    assert again.overdue(late)
    assert await permit_duties(town_session, world.receiver.people[Role.GATE_OPERATOR], late) == []
    assert await permit_duties(town_session, world.generator.owner, late) == []
    assert await permit_duties(town_session, owner, noon(date(2030, 1, 1))) == [], "then the permit itself says no"
    successor = RenewPermit(
        permit_id=world.permit_id, number="烟台危证001号", valid_from=date(2030, 1, 1), valid_to=date(2034, 12, 31)
    )
    await renew_permit(town_session, made.approver("3706"), successor, at=AT)
    assert await permit_duties(town_session, owner, late) == []


async def test_it_is_one_statement(town_session: WriteSession, town_engine: AsyncEngine, world: World) -> None:
    with counted(town_engine) as statements:
        await permit_duties(town_session, world.receiver.owner, noon(LAST))
    assert len(statements) == 1
