"""A load that is not as its manifest says: told, decided, reported to the authority (令23 art. 18)."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.acts import Receive, SignAct
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about
from tests.support.world import AT, World, a_drum, arrived, received, scanned
from wastetrack.auth.model import Role
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden, NotFound
from wastetrack.ids import new_id
from wastetrack.manifests import journey_queries, mismatching, queries, receiving
from wastetrack.manifests.errors import ManifestUnknown, OutOfOrder
from wastetrack.manifests.journey_model import DecideMismatch, MismatchKind, ReportMismatch
from wastetrack.manifests.journey_tables import MismatchRow
from wastetrack.manifests.model import Outcome
from wastetrack.reports.duties_journeys import journeys_duties

FOUND = AT + timedelta(hours=4)
LATER = AT + timedelta(hours=5)


def finding(manifest_id: UUID, drum: Container | None = None) -> ReportMismatch:
    """Sludge where oil is declared, in a torn bag."""
    return ReportMismatch(
        mismatch_id=new_id(),
        manifest_id=manifest_id,
        kinds=(MismatchKind.PACKAGING, MismatchKind.FORM),
        found="申报为液态，实为污泥",
        container_id=None if drum is None else drum.id,
    )


async def reported(session: WriteSession, world: World, command: ReportMismatch) -> MismatchRow:
    """What the gate operator reports."""
    gate_operator = world.receiver.people[Role.GATE_OPERATOR]
    row, _ = await mismatching.report_mismatch(session, gate_operator, command, at=FOUND)
    return row


async def owed(session: WriteSession, world: World, who: str) -> list[str]:
    """The duties that this party finds on its first page, by their titles."""
    actor = world.inspector if who == "inspector" else getattr(world, who).owner
    return [duty.title for duty in await journeys_duties(session, actor, LATER)]


async def test_the_shipper_and_the_authority_are_told_and_the_receipt_waits(
    town_session: WriteSession, world: World
) -> None:
    drum, other = await a_drum(town_session, world), await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum, other])
    row = await reported(town_session, world, finding(manifest_id, drum))
    assert (row.state, row.kinds) == ("reported", ["form", "packaging"])
    assert await owed(town_session, world, "generator") == ["The receiver tells you of a mismatch"]
    assert await owed(town_session, world, "receiver") == ["Decide the mismatch that the gate has found"]
    assert await owed(town_session, world, "inspector") == ["Acknowledge the report of a mismatch"]
    assert await owed(town_session, world, "carrier") == []
    # The other drum may come in; the one that differs not before it is decided, and the receipt not either.
    await scanned(town_session, world, manifest_id, other, "200 kg")
    assert await codes_broken(scanned(town_session, world, manifest_id, drum, "200 kg")) == ["mismatch_undecided"]
    work = receiving.receive(
        town_session, world.receiver.owner, Receive(manifest_id=manifest_id, missing_ids=(drum.id,)), at=LATER
    )
    assert await codes_broken(work) == ["mismatch_undecided"]
    event = (await events_about(town_session, row.id))[-1]
    assert (event["kind"], event["facts"]["kinds"]) == ("mismatch_reported", ["form", "packaging"])
    assert "污泥" not in str(event)  # somebody's own words stand where they can be erased


async def test_accepted_all_the_same_it_is_weighed_and_received(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    row = await reported(town_session, world, finding(manifest_id, drum))
    decision = DecideMismatch(mismatch_id=row.id, accept=True, reason="")
    work = mismatching.decide_mismatch(town_session, world.receiver.owner, decision, at=LATER)
    assert await codes_broken(work) == ["reason_missing"]
    decision = replace(decision, reason="按合同接受")
    row, _ = await mismatching.decide_mismatch(town_session, world.receiver.owner, decision, at=LATER)
    assert (row.state, row.decided_by) == ("accepted", world.receiver.owner.person_id)
    with pytest.raises(OutOfOrder):
        await mismatching.decide_mismatch(town_session, world.receiver.owner, decision, at=LATER)
    await scanned(town_session, world, manifest_id, drum, "200 kg")
    manifest, back, _ = await receiving.receive(
        town_session, world.receiver.owner, Receive(manifest_id=manifest_id), at=LATER
    )
    assert (manifest.state, back) == ("received", None)
    assert await owed(town_session, world, "receiver") == ["Confirm the receipt"]


async def test_rejected_it_goes_back_and_the_rest_stays(town_session: WriteSession, world: World) -> None:
    drum, other = await a_drum(town_session, world), await a_drum(town_session, world, "90 kg")
    manifest_id = await arrived(town_session, world, [drum, other])
    row = await reported(town_session, world, finding(manifest_id, drum))
    decision = DecideMismatch(mismatch_id=row.id, accept=False, reason="形态不符")
    await mismatching.decide_mismatch(town_session, world.receiver.owner, decision, at=LATER)
    line = await journey_queries.line_of(town_session, manifest_id, drum.id)
    assert line is not None
    assert (line.outcome, line.reason) == ("rejected", "形态不符")
    assert (await scanned(town_session, world, manifest_id, drum, "200 kg")).outcome is Outcome.ALREADY_HERE
    await scanned(town_session, world, manifest_id, other, "110 kg")
    manifest, back, _ = await receiving.receive(
        town_session, world.receiver.owner, Receive(manifest_id=manifest_id), at=LATER
    )
    assert manifest.state == "partly_received"
    assert back is not None
    assert await balances(town_session, manifest_id) == {}
    assert await balances(town_session, back.id) == {"in_transit": 180_000}
    assert await books_and_containers_agree(town_session, world.receiver.site.id)


async def test_the_load_as_a_whole_is_rejected_as_far_as_nothing_is_in(
    town_session: WriteSession, world: World
) -> None:
    drum, other = await a_drum(town_session, world), await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum, other])
    row = await reported(town_session, world, finding(manifest_id))
    assert await codes_broken(reported(town_session, world, finding(manifest_id))) == ["mismatch_waits"]
    decision = DecideMismatch(mismatch_id=row.id, accept=False, reason="名称不符")
    await mismatching.decide_mismatch(town_session, world.receiver.owner, decision, at=LATER)
    manifest, _, _ = await receiving.receive(
        town_session, world.receiver.owner, Receive(manifest_id=manifest_id), at=LATER
    )
    assert manifest.state == "rejected"


async def test_what_was_taken_in_is_not_rejected_any_more(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    await scanned(town_session, world, manifest_id, drum, "200 kg")
    row = await reported(town_session, world, finding(manifest_id, drum))
    decision = DecideMismatch(mismatch_id=row.id, accept=False, reason="形态不符")
    work = mismatching.decide_mismatch(town_session, world.receiver.owner, decision, at=LATER)
    assert await codes_broken(work) == ["taken_in_already"]


async def test_a_mass_beyond_the_tolerance_is_reported_by_the_scan_itself(
    town_session: WriteSession, world: World
) -> None:
    drum, fine = await a_drum(town_session, world, "180 kg"), await a_drum(town_session, world, "180 kg")
    manifest_id = await arrived(town_session, world, [drum, fine])
    await scanned(town_session, world, manifest_id, drum, "190 kg")
    await scanned(town_session, world, manifest_id, fine, "199 kg")
    (row,) = await journey_queries.mismatches_of(town_session, manifest_id)
    assert (row.kinds, row.state, row.container_id) == (["quantity"], "accepted", drum.id)
    facts = (await events_about(town_session, row.id))[-1]["facts"]
    assert (facts["declared_g"], facts["measured_g"]) == (180_000, 170_000)
    await receiving.receive(town_session, world.receiver.owner, Receive(manifest_id=manifest_id), at=LATER)
    assert "Acknowledge the report of a mismatch" in await owed(town_session, world, "inspector")


async def test_who_was_told_says_so_once(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    row = await reported(town_session, world, finding(manifest_id, drum))
    await mismatching.note_mismatch(town_session, world.generator.owner, row.id, at=LATER)
    await mismatching.acknowledge_mismatch(town_session, world.inspector, row.id, at=LATER)
    assert await owed(town_session, world, "generator") == []
    assert await owed(town_session, world, "inspector") == []
    for again in (
        mismatching.note_mismatch(town_session, world.generator.owner, row.id, at=LATER),
        mismatching.acknowledge_mismatch(town_session, world.inspector, row.id, at=LATER),
    ):
        with pytest.raises(OutOfOrder):
            await again
    kinds = [event["kind"] for event in await events_about(town_session, row.id)]
    assert kinds == ["mismatch_reported", "mismatch_noted", "mismatch_acknowledged"]


async def test_each_step_is_for_whose_it_is(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    for other in (world.generator.owner, world.carrier.owner, world.inspector):
        with pytest.raises(Forbidden):
            await mismatching.report_mismatch(town_session, other, finding(manifest_id, drum), at=FOUND)
    with pytest.raises(ManifestUnknown):
        await mismatching.report_mismatch(town_session, world.stranger.owner, finding(manifest_id, drum), at=FOUND)
    row = await reported(town_session, world, finding(manifest_id, drum))
    decision = DecideMismatch(mismatch_id=row.id, accept=True, reason="可接受")
    for other in (world.generator.owner, world.inspector):
        with pytest.raises(Forbidden):
            await mismatching.decide_mismatch(town_session, other, decision, at=LATER)
    for other in (world.carrier.owner, world.stranger.owner):  # no party of it
        with pytest.raises(NotFound):
            await mismatching.decide_mismatch(town_session, other, decision, at=LATER)
    for other in (world.receiver.owner, world.inspector):
        with pytest.raises(Forbidden):
            await mismatching.note_mismatch(town_session, other, row.id, at=LATER)
    for other in (world.receiver.owner, world.generator.owner):
        with pytest.raises(Forbidden):
            await mismatching.acknowledge_mismatch(town_session, other, row.id, at=LATER)


async def test_what_cannot_be_reported_says_why(town_session: WriteSession, world: World) -> None:
    drum, gone = await a_drum(town_session, world), await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum, gone])
    empty = replace(finding(manifest_id, drum), kinds=(), found=" ")
    assert await codes_broken(reported(town_session, world, empty)) == ["mismatch_kind_missing", "reason_missing"]
    await scanned(town_session, world, manifest_id, gone, reject_reason="桶身渗漏")
    town_session.expunge_all()  # as the next request finds it
    assert await codes_broken(reported(town_session, world, finding(manifest_id, gone))) == ["container_decided"]
    with pytest.raises(NotFound):
        await reported(town_session, world, finding(manifest_id, await a_drum(town_session, world)))
    closed = await received(town_session, world, [await a_drum(town_session, world)], "200 kg")
    with pytest.raises(OutOfOrder):
        await reported(town_session, world, finding(closed))


async def test_a_receipt_that_is_not_confirmed_in_time_is_shown_to_the_authority(
    town_session: WriteSession, world: World
) -> None:
    """2026-03-02 is a Monday: five working days end with the Monday after."""
    manifest_id = await received(town_session, world, [await a_drum(town_session, world)], "200 kg")
    row = await queries.manifest_row(town_session, world.receiver.owner, manifest_id)
    (duty,) = await journeys_duties(town_session, world.receiver.owner, LATER)
    assert (duty.due_on.isoformat() if duty.due_on else "", duty.article) == ("2026-03-09", "令23 art. 18")
    assert await journeys_duties(town_session, world.inspector, AT + timedelta(days=7)) == []
    (late,) = await journeys_duties(town_session, world.inspector, AT + timedelta(days=8))
    assert (late.title, late.what.split(" · ")[0]) == ("The receiver has not confirmed in time", row.number)
    await receiving.confirm(
        town_session, world.receiver.owner, SignAct(manifest_id=manifest_id), at=AT + timedelta(days=8)
    )
    assert await journeys_duties(town_session, world.inspector, AT + timedelta(days=8)) == []
