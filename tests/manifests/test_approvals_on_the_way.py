"""What an approval is used by when a load goes elsewhere on the way, and when a pipe runs for a month."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import text

from tests.support.acts import BY_PASSWORD, Receive, SignAct
from tests.support.approvals import Neighbours, agree, application, approved, build_neighbours, item
from tests.support.pipes import LAST_DAY, Pipe, a_meter, a_month, opened
from tests.support.world import AT, World, a_drum, plan_for, scanned
from wastetrack.approvals import queries
from wastetrack.auth.sight import look_as
from wastetrack.db.session import WriteSession
from wastetrack.manifests import filing, metering, receiving, redirecting, running, transporting
from wastetrack.manifests.journey_model import Redirect
from wastetrack.manifests.model import PartyRole
from wastetrack.mass import Mass
from wastetrack.reports.auditing.approved import check_approvals
from wastetrack.reports.auditing.findings import Report


@pytest.fixture
async def neighbours(town_session: WriteSession, world: World) -> Neighbours:
    """In plan and contract of the workshop."""
    neighbours = await build_neighbours(town_session)
    await agree(town_session, world, neighbours.receiver)
    return neighbours


async def taken(session: WriteSession, approval: queries.Approval) -> list[int]:
    """Grams taken of each line."""
    driver = await session.driver()
    rows = await driver.fetch("select booked_g from approval_items where approval_id = $1", approval.id)
    return [row["booked_g"] for row in rows]


async def faults(session: WriteSession) -> list[str]:
    """What the audit finds of approvals."""
    report = Report()
    await check_approvals(session, report)
    return [one.sentence() for one in report.findings]


async def test_a_load_that_is_redirected_home_takes_nothing_of_the_approval_any_more(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    held = await approved(town_session, world, neighbours)
    drum = await a_drum(town_session, world)
    across = replace(plan_for(world, [drum]), receiver_site_id=neighbours.receiver.site.id)
    owner, carrier = world.generator.owner, world.carrier.owner
    act = SignAct(manifest_id=(await filing.draft_manifest(town_session, owner, across, at=AT)).id)
    await filing.file_manifest(town_session, owner, act, at=AT)
    await transporting.pick_up(town_session, carrier, act, at=AT + timedelta(hours=1))
    assert (await taken(town_session, held), await faults(town_session)) == ([180_000], [])
    home = Redirect(
        manifest_id=act.manifest_id,
        receiver_site_id=world.receiver.site.id,
        method="D10",
        reason="焚烧炉临时停炉",
        signing=BY_PASSWORD,
    )
    await town_session.execute(text("set local role wastetrack_app"))  # row-level security binds the shipper here
    await look_as(town_session, owner)
    await redirecting.redirect(town_session, owner, home, at=AT + timedelta(hours=2))
    await town_session.execute(text("reset role"))
    assert (await taken(town_session, held), await faults(town_session)) == ([0], [])
    await transporting.arrive(town_session, carrier, act, at=AT + timedelta(hours=3))
    await scanned(town_session, world, act.manifest_id, drum, "200 kg")
    receipt = Receive(manifest_id=act.manifest_id)
    await receiving.receive(town_session, world.receiver.owner, receipt, at=AT + timedelta(hours=5))
    assert (await taken(town_session, held), await faults(town_session)) == ([0], [])
    assert await queries.uses_of(town_session, held.id) == []


async def test_a_pipe_takes_what_is_planned_until_its_sum_and_then_what_came(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    held = await approved(town_session, world, neighbours, application(world, neighbours, item(quantity="30 t")))
    month = replace(a_month(world), receiver_site_id=neighbours.receiver.site.id)
    manifest_id = await opened(town_session, world, month, at=AT)
    assert (await taken(town_session, held), await faults(town_session)) == ([20_000_000], [])
    ends = {PartyRole.SHIPPER: world.generator, PartyRole.RECEIVER: neighbours.receiver}
    register = partial(metering.register_meter, town_session, at=AT)
    meters = {side: (await register(firm.owner, a_meter(firm.site.id))).id for side, firm in ends.items()}
    pipe = Pipe(town_session, world, manifest_id, meters[PartyRole.SHIPPER], meters[PartyRole.RECEIVER])
    for number in range(1, 32):
        day = date(2026, 3, number)
        await pipe.sent(day, "0.5", at=LAST_DAY)
        await pipe.received(day, "0.5", actor=neighbours.receiver.owner, at=LAST_DAY)
    act = SignAct(manifest_id=manifest_id)
    await running.sum_up(town_session, world.generator.owner, act, at=LAST_DAY + timedelta(hours=1))
    assert await taken(town_session, held) == [Mass.parse("15.5 t").grams]
    assert await faults(town_session) == []
