"""Each finding goes when what it tells of is put right, by the same use cases; its honest neighbour was never told."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from tests.medical.test_institutions import a_visit, covered
from tests.reports.test_queues import DAY, LATER, heap, subjects
from tests.support import parties as made
from tests.support.acts import AnswerCorrection, Receive, RequestCorrection, SignAct
from tests.support.approvals import Act, Neighbours, application, build_neighbours, drafted, step
from tests.support.medical import Hospital, build_hospital
from tests.support.papers import a_paper, entered
from tests.support.pipes import a_pipe
from tests.support.world import AT, OIL, SLUDGE, World, a_drum, arrived, filed, received, scanned
from wastetrack.auth.model import Role
from wastetrack.containers.extending import ExtendStorage, extend_storage
from wastetrack.db.session import WriteSession
from wastetrack.filings.model import ReportKind
from wastetrack.ids import new_id
from wastetrack.manifests import correcting, finding, mismatching, receiving, reporting_incidents, transporting
from wastetrack.manifests.journey_model import (
    CloseIncident,
    DecideMismatch,
    FindAgain,
    IncidentKind,
    MismatchKind,
    ReportIncident,
    ReportMismatch,
)
from wastetrack.mass import Mass
from wastetrack.medical.region_tables import InstitutionRow
from wastetrack.medical.visiting import take_from_institution
from wastetrack.parties.commands import LiftSuspension, SuspendPermit
from wastetrack.parties.permitting import lift_suspension, suspend_permit
from wastetrack.reports.ledgers.reporting import due_days, last_period, submit

HOUR = timedelta(hours=1)


async def test_a_found_container_is_missing_no_more(town_session: WriteSession, world: World) -> None:
    there, gone, lost = [await a_drum(town_session, world, net) for net in ("180 kg", "90 kg", "60 kg")]
    manifest_id = await arrived(town_session, world, [there, gone, lost])
    await scanned(town_session, world, manifest_id, there, "200 kg")
    town_session.expunge_all()
    received_without = Receive(manifest_id=manifest_id, missing_ids=(gone.id, lost.id))
    await receiving.receive(town_session, world.receiver.owner, received_without, at=AT + 5 * HOUR)
    await receiving.confirm(town_session, world.receiver.owner, SignAct(manifest_id=manifest_id), at=AT + 6 * HOUR)
    assert await subjects(town_session, world, "missing_containers", LATER) == {gone.id, lost.id}
    town_session.expunge_all()
    here = FindAgain(event_id=new_id(), manifest_id=manifest_id, container_id=gone.id, what="装车时漏装", gross=None)
    await finding.find_again(town_session, world.generator.owner, here, at=AT + DAY)
    assert await subjects(town_session, world, "missing_containers", LATER) == {lost.id}


async def test_what_was_rejected_and_lost_on_its_way_home_is_told_once(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    await scanned(town_session, world, manifest_id, drum, reject_reason="泄漏")
    town_session.expunge_all()
    refusing = Receive(manifest_id=manifest_id)
    _, back, _ = await receiving.receive(town_session, world.receiver.owner, refusing, at=AT + 5 * HOUR)
    assert back is not None
    home = Receive(manifest_id=back.id, missing_ids=(drum.id,))
    await receiving.receive(town_session, world.generator.owner, home, at=AT + 9 * HOUR)
    (one,) = (await heap(town_session, world, "missing_containers", LATER)).findings
    assert one.subject_id == drum.id
    assert one.evidence[1].address == f"/manifests/{back.id}"


async def test_a_permit_suspended_is_told_until_the_last_day_of_its_suspension(
    town_session: WriteSession, world: World
) -> None:
    drum, other = await a_drum(town_session, world), await a_drum(town_session, world)
    done = await received(town_session, world, [other], "200 kg")
    town_session.expunge_all()
    manifest_id = await filed(town_session, world, [drum])
    assert await subjects(town_session, world, "lapsed_permits", LATER) == set()
    authority = made.approver("3706")
    stopping = SuspendPermit(permit_id=world.permit_id, from_on=date(2026, 3, 5), reason="整改")
    (stopped,) = (await suspend_permit(town_session, authority, stopping, at=AT)).suspensions
    found = {one.subject_id: one for one in (await heap(town_session, world, "lapsed_permits", LATER)).findings}
    assert set(found) == {manifest_id}, f"{done} is received, whatever came later"
    assert (found[manifest_id].facts["ended_on"], found[manifest_id].firm_id) == ("2026-03-05", world.receiver.id)
    assert manifest_id not in await subjects(town_session, world, "lapsed_permits", AT + DAY), "it held until the 5th"
    # An end that is announced has not come.
    ending = LiftSuspension(permit_id=world.permit_id, suspension_id=stopped.id, last_on=date(2026, 3, 12))
    await lift_suspension(town_session, authority, ending, at=AT + 5 * DAY)
    assert manifest_id in await subjects(town_session, world, "lapsed_permits", LATER)
    assert manifest_id not in await subjects(town_session, world, "lapsed_permits", LATER + DAY)


async def test_a_permit_that_ran_out_is_told_and_another_site_s_does_not_help(
    town_session: WriteSession, world: World
) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    over = AT.replace(year=2030)
    assert manifest_id in await subjects(town_session, world, "lapsed_permits", over)
    assert manifest_id not in await subjects(town_session, world, "lapsed_permits", AT.replace(year=2029, month=12))


@pytest.mark.parametrize(
    ("gross", "corrected", "told"),
    [
        pytest.param("170 kg", "179 kg", (True, False), id="misread"),
        pytest.param("170 kg", "160 kg", (True, True), id="misread, and less all the same"),
        pytest.param("200 kg", "150 kg", (False, True), id="agreed by mistake"),
    ],
)
async def test_a_difference_that_both_have_corrected_is_compared_anew(
    town_session: WriteSession,
    world: World,
    gross: str,
    corrected: str,
    told: tuple[bool, bool],
) -> None:
    drum, beside = await a_drum(town_session, world), await a_drum(town_session, world)
    manifest_id = await received(town_session, world, [drum], gross)
    town_session.expunge_all()
    honest = await received(town_session, world, [beside], "199 kg")
    assert (manifest_id in await subjects(town_session, world, "differences", LATER)) is told[0]
    town_session.expunge_all()
    asking = RequestCorrection(
        manifest_id=manifest_id, container_id=drum.id, measured=Mass.parse(corrected), reason="误读"
    )
    asked, _ = await correcting.request_correction(town_session, world.receiver.owner, asking, at=AT + 6 * HOUR)
    assert (manifest_id in await subjects(town_session, world, "differences", LATER)) is told[0], "asked for only"
    agreed = AnswerCorrection(correction_id=asked.id, consent=True, reason="")
    await correcting.answer_correction(town_session, world.generator.owner, agreed, at=AT + 7 * HOUR)
    found = await subjects(town_session, world, "differences", LATER)
    assert (manifest_id in found) is told[1]
    assert honest not in found


@pytest.mark.parametrize("accept", [True, False])
async def test_a_mismatch_that_is_decided_is_told_no_more(
    town_session: WriteSession,
    world: World,
    accept: bool,  # noqa: FBT001  a case
) -> None:
    reported, manifests = [], []
    for _ in range(2):
        town_session.expunge_all()
        manifests.append(await arrived(town_session, world, [await a_drum(town_session, world)]))
        reported.append(
            ReportMismatch(
                mismatch_id=new_id(), manifest_id=manifests[-1], kinds=(MismatchKind.FORM,), found="实为固态"
            )
        )
        gate = world.receiver.people[Role.GATE_OPERATOR]
        await mismatching.report_mismatch(town_session, gate, reported[-1], at=AT + 4 * HOUR)
    first, second = (one.mismatch_id for one in reported)
    assert await subjects(town_session, world, "mismatches", LATER) == {first, second}
    decided = DecideMismatch(mismatch_id=first, accept=accept, reason="化验相符" if accept else "化验不符")
    await mismatching.decide_mismatch(town_session, world.receiver.owner, decided, at=AT + 5 * HOUR)
    assert await subjects(town_session, world, "mismatches", LATER) == {second}


async def test_an_incident_is_told_until_its_carrier_ends_it_and_no_load_beside_it(
    town_session: WriteSession, world: World
) -> None:
    driver, told = world.carrier.people[Role.DRIVER], []
    for number in range(3):
        town_session.expunge_all()
        on_road = await filed(town_session, world, [await a_drum(town_session, world)])
        await transporting.pick_up(town_session, world.carrier.owner, SignAct(manifest_id=on_road), at=AT + HOUR)
        if number == 2:
            continue
        incident = ReportIncident(
            incident_id=new_id(),
            manifest_id=on_road,
            kind=IncidentKind.BREAKDOWN,
            place="荣乌高速 K123",
            region_code=made.ZHIFU,
            what="车辆故障",
            measures="设警示牌",
            reported_to="烟台市生态环境局",
        )
        await reporting_incidents.report_incident(town_session, driver, incident, at=AT + 2 * HOUR)
        told.append(incident.incident_id)
    assert await subjects(town_session, world, "incidents", LATER) == set(told)
    over = CloseIncident(incident_id=told[0], outcome="修复后续运")
    await reporting_incidents.close_incident(town_session, driver, over, at=AT + DAY)
    assert await subjects(town_session, world, "incidents", LATER) == {told[1]}


async def test_what_comes_in_time_is_not_overdue_beside_what_does_not(town_session: WriteSession, world: World) -> None:
    late = await filed(town_session, world, [await a_drum(town_session, world)])
    await transporting.pick_up(town_session, world.carrier.owner, SignAct(manifest_id=late), at=AT + HOUR)
    town_session.expunge_all()
    only_filed = await filed(town_session, world, [await a_drum(town_session, world)])
    drum = await a_drum(town_session, world)
    town_session.expunge_all()
    in_time = await received(town_session, world, [drum], "200 kg")
    told = await subjects(town_session, world, "overdue_on_road", LATER)
    assert (late in told, only_filed in told, in_time in told) == (True, False, False)
    assert in_time not in await subjects(town_session, world, "not_received", LATER)


async def test_an_extension_ends_the_finding_of_its_code_alone(town_session: WriteSession, world: World) -> None:
    await a_drum(town_session, world, "180 kg")
    await a_drum(town_session, world, "90 kg", code=SLUDGE)
    late, site_id = AT + 400 * DAY, world.generator.site.id

    async def told() -> set[str]:
        return {one.part for one in (await heap(town_session, world, "storage_time", late)).findings}

    assert await told() == {OIL, SLUDGE}
    approver = replace(made.approver("3706"), organisation_id=world.inspector.organisation_id)
    granted = ExtendStorage(
        site_id=site_id, waste_code=OIL, until=date(2027, 8, 31), document="烟环函〔2026〕12号", reason="接收单位检修"
    )
    await extend_storage(town_session, approver, granted, at=AT)
    assert await told() == {SLUDGE}
    late = AT + 600 * DAY
    assert await told() == {OIL, SLUDGE}, "the extension has its end too"


async def test_missing_readings_are_told_until_they_are_entered(town_session: WriteSession, world: World) -> None:
    pipe = await a_pipe(town_session, world)
    days = [date(2026, 3, number) for number in range(1, 9)]
    await pipe.sent(days[0], "1.000", at=AT + DAY)

    async def missing() -> list[object]:
        found = (await heap(town_session, world, "pipe_readings", LATER)).findings
        return [one.facts["count"] for one in found if one.subject_id == pipe.id]

    assert await missing() == [8], "half a day is none; the latest days may still come"
    await pipe.received(days[0], "1.000", at=AT + DAY)
    for day in days[1:-1]:
        await pipe.both(day, "1.000", "1.000", at=LATER)
    assert await missing() == [1]
    await pipe.both(days[-1], "1.000", "1.000", at=LATER)
    assert await missing() == []


async def test_an_institution_that_hands_over_is_quiet_no_more(town_session: WriteSession, world: World) -> None:
    hospital = await build_hospital(town_session, world)
    quiet, busy, empty = await covered(town_session, hospital, world, "西村卫生室", "口腔诊所", "南村卫生室")
    assert await subjects(town_session, world, "quiet_institutions", AT + 20 * DAY) == set()
    await visit_of(town_session, hospital, busy, "1.05 kg")
    await visit_of(town_session, hospital, empty)
    found = await subjects(town_session, world, "quiet_institutions", AT + 40 * DAY)
    assert found == {quiet.id, empty.id}, "a visit that brought nothing is no waste"
    await visit_of(town_session, hospital, quiet, "1.05 kg", at=AT + 39 * DAY)
    assert await subjects(town_session, world, "quiet_institutions", AT + 40 * DAY) == {empty.id}


async def visit_of(
    session: WriteSession, hospital: Hospital, clinic: InstitutionRow, *gross: str, at: datetime = AT + 20 * DAY
) -> None:
    """The collector comes by."""
    visit = a_visit(clinic, *gross, store_id=hospital.store_id) if gross else a_visit(clinic)
    await take_from_institution(session, hospital.collector, visit, at=at)


async def test_an_application_is_told_when_a_term_is_over_until_the_step_is_taken(
    town_session: WriteSession, world: World
) -> None:
    neighbours = await build_neighbours(town_session)
    waiting, draft = [await drafted(town_session, world, application(world, neighbours)) for _ in range(2)]
    await step(town_session, world.generator.owner, waiting.id, Act.SUBMIT)

    async def told(at: datetime) -> dict[UUID, object]:
        found = (await heap(town_session, world, "approvals_due", at)).findings
        return {one.subject_id: one.facts["due_on"] for one in found}

    assert await told(AT + 7 * DAY) == {}, "the 9th is the last day"
    assert await told(AT + 8 * DAY) == {waiting.id: "2026-03-09"}
    (one,) = (await heap(town_session, world, "approvals_due", AT + 8 * DAY)).findings
    assert (one.mass, one.firm_id, one.days(AT + 8 * DAY)) == (Mass.parse("10 t"), world.generator.id, 0)
    assert one.evidence[0].address == f"/approvals/{waiting.id}"
    assert draft.id not in await told(LATER), "nobody has been asked"
    await healed_step_by_step(town_session, neighbours, waiting.id, told)
    assert await told(AT.replace(year=2028)) == {}, "an approval that ends is no act that is owed"


Told = Callable[[datetime], Awaitable[dict[UUID, object]]]


async def healed_step_by_step(
    session: WriteSession,
    neighbours: Neighbours,
    approval_id: UUID,
    told: Callable[[datetime], Awaitable[dict[UUID, object]]],
) -> None:
    """The provinces take their steps late; after each, the next term runs and is over in its turn."""
    at = AT + 8 * DAY
    for actor, act in (
        (neighbours.shandong, Act.AGREE_IN_REVIEW),
        (neighbours.shandong, Act.CONSULT),
        (neighbours.jiangsu, Act.REPLY_AGREE),
    ):
        await step(session, actor, approval_id, act, at=at)
        if act is not Act.AGREE_IN_REVIEW:
            assert await told(at) == {}, act
        at += 30 * DAY
        assert set(await told(at)) == {approval_id}, act
    await step(session, neighbours.shandong, approval_id, Act.APPROVE, at=at)
    assert await told(at) == {}


async def test_paper_is_late_by_its_receipt_or_by_its_entry(town_session: WriteSession, world: World) -> None:
    drum, other = await a_drum(town_session, world), await a_drum(town_session, world)
    unsigned = await entered(town_session, world, a_paper(world, drum), at=AT + DAY)
    late = await entered(town_session, world, a_paper(world, other, late_reason="邮寄延误"), at=AT + 20 * DAY)
    at = AT + 30 * DAY
    assert await subjects(town_session, world, "paper_late", at) == {unsigned, late}
    town_session.expunge_all()
    for manifest_id in (unsigned, late):
        await receiving.receive(town_session, world.receiver.owner, Receive(manifest_id=manifest_id), at=AT + 25 * DAY)
    assert await subjects(town_session, world, "paper_late", at) == {late}, "signed, but entered too late"
    assert await subjects(town_session, world, "paper_late", AT + 120 * DAY) == set()


async def test_a_report_that_is_handed_in_is_missing_no_more(town_session: WriteSession, world: World) -> None:
    await a_drum(town_session, world, "180 kg")
    at, site_id = AT + 420 * DAY, world.generator.site.id

    async def told() -> set[str]:
        found = (await heap(town_session, world, "reports_missing", at)).findings
        return {one.part for one in found if one.subject_id == site_id}

    owed = {period.name for kind in ReportKind if (period := last_period(kind, at)).due_on(due_days()) < at.date()}
    missing = await told()
    assert missing
    assert missing <= owed
    for kind in ReportKind:
        period = last_period(kind, at)
        if period.name in missing:
            await submit(town_session, world.generator.owner, site_id, period, seen=None, reason="", at=at)
            missing.remove(period.name)
            assert await told() == missing
    stranger = {one.subject_id for one in (await heap(town_session, world, "reports_missing", at)).findings}
    assert world.stranger.site.id not in stranger, "it has made no waste"
