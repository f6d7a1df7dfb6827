"""The queues of findings: each fires in one world, and not in the one beside it."""

from datetime import date, datetime, timedelta

from tests.support import parties as made
from tests.support.acts import Receive, SignAct
from tests.support.papers import a_paper, entered
from tests.support.pipes import a_pipe
from tests.support.world import AT, World, a_drum, arrived, filed, received, scanned
from wastetrack.auth.model import Role, viewer_of_jurisdiction
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.manifests import mismatching, receiving, reporting_incidents, transporting
from wastetrack.manifests.journey_model import (
    CloseIncident,
    IncidentKind,
    MismatchKind,
    ReportIncident,
    ReportMismatch,
)
from wastetrack.mass import Mass
from wastetrack.reports.queues.every import QUEUES, findings_of, heap_of, queue_named
from wastetrack.reports.queues.model import Finding, Heap, Severity, heaviest

DAY = timedelta(days=1)
LATER = AT + 10 * DAY


async def heap(session: WriteSession, world: World, queue: str, at: datetime, most: int = 50) -> Heap:
    """A queue as the inspector of the prefecture reads it."""
    return await heap_of(session, world.inspector, queue_named(queue), at=at, most=most)


async def subjects(session: WriteSession, world: World, queue: str, at: datetime) -> set[object]:
    """The things that a queue names."""
    return {one.subject_id for one in (await heap(session, world, queue, at)).findings}


async def test_a_load_without_arrival_is_overdue_after_two_days(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world, "180 kg")
    manifest_id = await filed(town_session, world, [drum])
    await transporting.pick_up(
        town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=AT + timedelta(hours=1)
    )
    assert manifest_id not in await subjects(town_session, world, "overdue_on_road", AT + 2 * DAY)
    found = await heap(town_session, world, "overdue_on_road", LATER)
    (one,) = [one for one in found.findings if one.subject_id == manifest_id]
    assert (one.mass, one.firm_id, one.days(LATER)) == (Mass.parse("180 kg"), world.carrier.id, 9)
    assert one.facts["containers"] == 1
    assert one.key == f"overdue_on_road:{manifest_id}"
    assert one.evidence[0].address == f"/manifests/{manifest_id}"
    # Reported as arrived, it is the gate's.
    await transporting.arrive(town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=AT + 3 * DAY)
    assert manifest_id not in await subjects(town_session, world, "overdue_on_road", LATER)
    assert manifest_id in await subjects(town_session, world, "not_received", LATER)


async def test_what_stands_at_the_gate_for_a_day_is_told_until_it_is_received(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    assert manifest_id not in await subjects(town_session, world, "not_received", AT + timedelta(hours=20))
    assert manifest_id in await subjects(town_session, world, "not_received", LATER)
    await scanned(town_session, world, manifest_id, drum, "200 kg")
    town_session.expunge_all()
    await receiving.receive(
        town_session, world.receiver.owner, Receive(manifest_id=manifest_id), at=AT + timedelta(hours=5)
    )
    assert manifest_id not in await subjects(town_session, world, "not_received", LATER)


async def test_a_declared_container_that_is_not_there_is_missing(town_session: WriteSession, world: World) -> None:
    there, gone = await a_drum(town_session, world), await a_drum(town_session, world, "90 kg")
    manifest_id = await arrived(town_session, world, [there, gone])
    assert gone.id not in await subjects(town_session, world, "missing_containers", LATER)
    await scanned(town_session, world, manifest_id, there, "200 kg")
    town_session.expunge_all()
    await receiving.receive(
        town_session,
        world.receiver.owner,
        Receive(manifest_id=manifest_id, missing_ids=(gone.id,)),
        at=AT + timedelta(hours=5),
    )
    found = {one.subject_id: one for one in (await heap(town_session, world, "missing_containers", LATER)).findings}
    assert there.id not in found
    assert found[gone.id].mass == Mass.parse("90 kg")
    assert found[gone.id].evidence[1].address == f"/manifests/{manifest_id}"


async def test_two_scales_that_disagree_are_a_difference_for_ninety_days(
    town_session: WriteSession, world: World
) -> None:
    alike, unlike = await a_drum(town_session, world), await a_drum(town_session, world)
    good = await received(town_session, world, [alike], "200 kg")
    town_session.expunge_all()
    bad = await received(town_session, world, [unlike], "170 kg")
    found = {one.subject_id: one for one in (await heap(town_session, world, "differences", LATER)).findings}
    assert good not in found
    assert (found[bad].mass, found[bad].facts["measured_g"]) == (Mass.parse("30 kg"), Mass.parse("150 kg"))
    assert bad not in await subjects(town_session, world, "differences", AT + 95 * DAY)


async def test_a_mismatch_and_an_incident_stand_until_they_are_decided(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    report = ReportMismatch(mismatch_id=new_id(), manifest_id=manifest_id, kinds=(MismatchKind.FORM,), found="实为固态")
    gate = world.receiver.people[Role.GATE_OPERATOR]
    assert report.mismatch_id not in await subjects(town_session, world, "mismatches", LATER)
    await mismatching.report_mismatch(town_session, gate, report, at=AT + timedelta(hours=4))
    found = {one.subject_id: one for one in (await heap(town_session, world, "mismatches", LATER)).findings}
    assert found[report.mismatch_id].facts["found"] == "实为固态"
    other = await a_drum(town_session, world, "60 kg")
    town_session.expunge_all()
    on_road = await filed(town_session, world, [other])
    await transporting.pick_up(
        town_session, world.carrier.owner, SignAct(manifest_id=on_road), at=AT + timedelta(hours=1)
    )
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
    driver = world.carrier.people[Role.DRIVER]
    await reporting_incidents.report_incident(town_session, driver, incident, at=AT + timedelta(hours=2))
    found = {one.subject_id: one for one in (await heap(town_session, world, "incidents", LATER)).findings}
    assert found[incident.incident_id].mass == Mass.parse("60 kg")
    over = CloseIncident(incident_id=incident.incident_id, outcome="换车后续运")
    await reporting_incidents.close_incident(town_session, driver, over, at=AT + DAY)
    assert incident.incident_id not in await subjects(town_session, world, "incidents", LATER)


async def test_storage_is_exceeded_after_a_year_and_not_before(town_session: WriteSession, world: World) -> None:
    await a_drum(town_session, world, "180 kg")
    site = world.generator.site.id
    before = (await heap(town_session, world, "storage_time", AT + 300 * DAY)).findings
    assert site not in {one.subject_id for one in before}
    after = (await heap(town_session, world, "storage_time", AT + 400 * DAY)).findings
    (one,) = [one for one in after if one.subject_id == site]
    assert (one.mass, one.facts["containers"]) == (Mass.parse("180 kg"), 1)
    assert one.since > AT + 360 * DAY


async def test_a_pipe_without_readings_is_told_with_what_a_day_usually_moves(
    town_session: WriteSession, world: World
) -> None:
    pipe = await a_pipe(town_session, world)
    first = date(2026, 3, 1)
    at = AT + 3 * DAY
    for more in range(3):
        await pipe.both(first + more * DAY, "1.000", "1.000", at=AT + (more + 1) * DAY)
    assert pipe.id not in await subjects(town_session, world, "pipe_readings", at)
    found = {one.subject_id: one for one in (await heap(town_session, world, "pipe_readings", LATER)).findings}
    days = found[pipe.id].facts["count"]
    assert isinstance(days, int)
    assert days > 0
    assert found[pipe.id].mass.grams == days * 1_000_000


async def test_paper_whose_receipt_nobody_signs_is_late(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await entered(town_session, world, a_paper(world, drum), at=AT + DAY)
    assert manifest_id not in await subjects(town_session, world, "paper_late", AT + 2 * DAY)
    assert manifest_id in await subjects(town_session, world, "paper_late", AT + 30 * DAY)


async def test_a_report_is_missing_once_it_was_due(town_session: WriteSession, world: World) -> None:
    await a_drum(town_session, world)
    site = world.generator.site.id
    assert site not in await subjects(town_session, world, "reports_missing", AT + 20 * DAY)
    found = (await heap(town_session, world, "reports_missing", AT + 420 * DAY)).findings
    mine = [one for one in found if one.subject_id == site]
    assert mine
    assert mine[0].mass == Mass.parse("180 kg")
    assert mine[0].key.endswith(mine[0].part)


async def test_another_region_and_a_firm_find_nothing(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    await arrived(town_session, world, [drum])
    far = AT + 500 * DAY
    elsewhere = made.approver("3201")
    assert elsewhere.viewer == viewer_of_jurisdiction("3201")
    assert sum(found.total for _, found in await findings_of(town_session, elsewhere, at=far, most=5)) == 0
    own = await findings_of(town_session, world.generator.owner, at=far, most=5)
    assert sum(found.total for _, found in own) == 0


async def test_a_queue_tells_the_heaviest_and_counts_the_rest(town_session: WriteSession, world: World) -> None:
    for net in ("60 kg", "180 kg", "90 kg"):
        town_session.expunge_all()
        await arrived(town_session, world, [await a_drum(town_session, world, net)])
    found = await heap(town_session, world, "not_received", LATER, most=2)
    assert [one.mass for one in found.findings] == [Mass.parse("180 kg"), Mass.parse("90 kg")]
    assert (found.total, found.more, found.mass) == (3, 1, Mass.parse("330 kg"))


def test_queues_say_everything_that_an_inspector_needs() -> None:
    assert len({queue.id for queue in QUEUES}) == len(QUEUES) == 13
    for queue in QUEUES:
        assert queue.title
        assert queue.innocent
        assert queue.next_step
        assert queue.severity in Severity


def test_weight_is_kilograms_times_days() -> None:
    def one(mass: str, days: int) -> Finding:
        return Finding(
            queue="q",
            subject_id=new_id(),
            what="x",
            since=LATER - days * DAY,
            mass=Mass.parse(mass),
            firm_id=new_id(),
            firm="f",
        )

    light, old = one("10 kg", 100), one("100 kg", 20)
    ranked = heaviest([light, old], LATER, 1)
    assert ranked.findings == (old,)
    assert (ranked.more, old.weight(LATER)) == (1, 2000)
