"""What the gate finds is an outcome, never an error: the truck is there."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.support import parties as made
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about
from tests.support.world import AT, TODAY, World, a_drum, arrived, filed, received, scanned
from wastetrack.auth.model import Role
from wastetrack.containers import queries as containers
from wastetrack.containers.errors import ContainerUnknown
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import said
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden
from wastetrack.ids import new_id
from wastetrack.manifests import gate, queries
from wastetrack.manifests.errors import ManifestUnknown, OutOfOrder
from wastetrack.manifests.model import Outcome, ScanAtGate
from wastetrack.mass import Mass
from wastetrack.parties.commands import SuspendPermit
from wastetrack.parties.permitting import suspend_permit

NOW = AT + timedelta(hours=4)


def a_scan(manifest_id: Any, drum: Container, **changes: Any) -> ScanAtGate:  # noqa: ANN401  any field of the command
    """A scan of 200 kg gross, but for some changes."""
    command = ScanAtGate(
        manifest_id=manifest_id,
        scan_id=new_id(),
        code=DigitalCode.parse(drum.digital_code),
        gross=Mass.parse("200 kg"),
        scale_id="GATE-2",
    )
    return replace(command, **changes)


@pytest.mark.parametrize(
    ("gross", "outcome", "difference_g"),
    [
        ("200 kg", Outcome.ACCEPTED, 0),
        ("203.6 kg", Outcome.ACCEPTED, -3_600),
        ("196.4 kg", Outcome.ACCEPTED, 3_600),
        ("203.601 kg", Outcome.ACCEPTED_WITH_DIFFERENCE, -3_601),
        ("150 kg", Outcome.ACCEPTED_WITH_DIFFERENCE, 50_000),
    ],
)
async def test_what_is_taken_in_counts_as_measured_and_the_rest_is_the_discrepancy(
    town_session: WriteSession, world: World, gross: str, outcome: Outcome, difference_g: int
) -> None:
    drum = await a_drum(town_session, world, "180 kg")
    manifest_id = await arrived(town_session, world, [drum])
    found = await scanned(town_session, world, manifest_id, drum, gross)
    assert (found.outcome, found.tolerance, found.left) == (outcome, Mass.parse("3.6 kg"), 0)
    expected = {"discrepancy:weighing": difference_g} if difference_g else {}
    assert await balances(town_session, manifest_id) == expected
    assert await balances(town_session, world.receiver.site.id) == {"stored": 180_000 - difference_g}
    assert await books_and_containers_agree(town_session, world.receiver.site.id)
    told = await events_about(town_session, drum.id)
    (event,) = [one for one in told if one["kind"] == "container_scanned"]
    assert event["facts"]["outcome"] == outcome
    assert event["facts"]["declared_g"] - event["facts"]["measured_g"] == difference_g


async def test_what_is_not_weighed_is_taken_in_as_declared_and_says_so(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world, "180 kg")
    manifest_id = await arrived(town_session, world, [drum])
    found = await scanned(town_session, world, manifest_id, drum)
    assert (found.outcome, found.measured) == (Outcome.ACCEPTED, Mass.parse("180 kg"))
    assert (await events_about(town_session, drum.id))[-1]["facts"]["method"] == "declared"


@pytest.mark.parametrize(
    ("gross", "rule"), [("20 kg", "mass_not_positive"), ("5 kg", "mass_not_positive"), ("200 t", "mass_absurd")]
)
async def test_a_weight_that_cannot_be_is_weighed_again(
    town_session: WriteSession, world: World, gross: str, rule: str
) -> None:
    drum = await a_drum(town_session, world, "180 kg")
    manifest_id = await arrived(town_session, world, [drum])
    assert await codes_broken(scanned(town_session, world, manifest_id, drum, gross)) == [rule]
    assert (await scanned(town_session, world, manifest_id, drum, "200 kg")).outcome is Outcome.ACCEPTED


async def test_a_rejected_drum_stays_on_the_road_with_its_reason(town_session: WriteSession, world: World) -> None:
    drum, other = await a_drum(town_session, world), await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum, other])
    found = await scanned(town_session, world, manifest_id, drum, reject_reason=" 桶身渗漏 ")
    assert (found.outcome, found.reason, found.left) == (Outcome.REJECTED, "桶身渗漏", 1)
    assert await balances(town_session, manifest_id) == {"in_transit": 360_000}
    assert await balances(town_session, world.receiver.site.id) == {}
    event = (await events_about(town_session, drum.id))[-1]
    assert (event["facts"]["outcome"], event["postings"]) == ("rejected", [])
    # What somebody wrote in his own words may name somebody: it stands where it can be erased.
    assert "桶身渗漏" not in str(event)
    assert (await said(town_session, [UUID(event["id"])]))[UUID(event["id"])] == {"reason": "桶身渗漏"}


async def test_a_drum_that_is_scanned_twice_is_already_here(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    await scanned(town_session, world, manifest_id, drum, "200 kg")
    again = await scanned(town_session, world, manifest_id, drum, "150 kg")
    assert (again.outcome, again.measured) == (Outcome.ALREADY_HERE, Mass.parse("180 kg"))
    assert await balances(town_session, world.receiver.site.id) == {"stored": 180_000}


async def test_a_strange_drum_is_an_outcome_and_moves_nothing(town_session: WriteSession, world: World) -> None:
    drum, elsewhere = await a_drum(town_session, world), await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    found = await scanned(town_session, world, manifest_id, elsewhere, "200 kg")
    assert (found.outcome, found.container_id, found.left) == (Outcome.UNEXPECTED, None, 1)
    assert await balances(town_session, world.receiver.site.id) == {}
    assert (await events_about(town_session, elsewhere.id))[-1]["facts"]["outcome"] == "unexpected"
    with pytest.raises(ContainerUnknown):
        await containers.container(town_session, world.receiver.owner, elsewhere.id)


async def test_a_label_that_no_container_bears_is_unexpected_too(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    known = DigitalCode.parse(drum.digital_code)
    unknown = DigitalCode.make(
        credit_code=known.credit_code, waste_code=known.waste_code, generated_on=TODAY, serial=998
    )
    operator = world.receiver.people[Role.GATE_OPERATOR]
    found = await gate.scan_at_gate(town_session, operator, a_scan(manifest_id, drum, code=unknown), at=NOW)
    assert (found.outcome, found.container_id) == (Outcome.UNEXPECTED, None)


async def test_a_permit_suspended_on_the_way_is_told_at_the_gate(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    suspension = SuspendPermit(permit_id=world.permit_id, from_on=TODAY, reason="超标排放")
    await suspend_permit(town_session, made.approver(), suspension, at=AT)
    found = await scanned(town_session, world, manifest_id, drum, "200 kg")
    assert (found.outcome, found.left) == (Outcome.NOT_PERMITTED, 1)
    assert "超标排放" in found.reason
    assert await balances(town_session, manifest_id) == {"in_transit": 180_000}
    # It can still be rejected, and so go home.
    rejected = await scanned(town_session, world, manifest_id, drum, reject_reason="许可证暂扣")
    assert (rejected.outcome, rejected.left) == (Outcome.REJECTED, 0)


async def test_what_is_taken_in_is_seen_by_its_new_holder_and_may_go_straight_into_store(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    operator = world.receiver.people[Role.GATE_OPERATOR]
    with pytest.raises(ContainerUnknown):
        await containers.container(town_session, operator, drum.id)
    elsewhere = a_scan(manifest_id, drum, store_id=world.store_id)
    assert await codes_broken(gate.scan_at_gate(town_session, operator, elsewhere, at=NOW)) == ["store_elsewhere"]
    into = a_scan(manifest_id, drum, store_id=world.receiver_store_id)
    await gate.scan_at_gate(town_session, operator, into, at=NOW)
    town_session.expunge_all()
    row = await containers.container(town_session, operator, drum.id)
    assert (row.state, row.site_id, row.store_id) == ("at_site", world.receiver.site.id, world.receiver_store_id)
    assert (await events_about(town_session, drum.id))[-1]["facts"]["store"] == str(world.receiver_store_id)
    assert await queries.open_elsewhere(town_session, [drum.id]) == {}


@pytest.mark.parametrize(
    ("when", "rule"),
    [
        (NOW + timedelta(minutes=3), "dated_in_future"),
        (AT + timedelta(hours=2), "dated_before"),
        (AT + timedelta(hours=3, minutes=30), None),
    ],
)
async def test_a_scan_happens_after_the_arrival(
    town_session: WriteSession, world: World, when: datetime, rule: str | None
) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    operator = world.receiver.people[Role.GATE_OPERATOR]
    work = gate.scan_at_gate(town_session, operator, a_scan(manifest_id, drum, happened_at=when), at=NOW)
    if rule is None:
        assert (await work).outcome is Outcome.ACCEPTED
    else:
        assert await codes_broken(work) == [rule]


async def test_only_between_arrival_and_receipt_is_there_anything_to_scan(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    early = await filed(town_session, world, [drum])
    operator = world.receiver.people[Role.GATE_OPERATOR]
    with pytest.raises(OutOfOrder):
        await gate.scan_at_gate(town_session, operator, a_scan(early, drum), at=NOW)
    other = await a_drum(town_session, world)
    late = await received(town_session, world, [other], "200 kg")
    with pytest.raises(OutOfOrder):
        await gate.scan_at_gate(town_session, operator, a_scan(late, other), at=AT + timedelta(hours=6))


async def test_only_the_receivers_gate_scans(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    for wrong in (world.receiver.people[Role.SIGNER], world.carrier.owner, world.generator.owner, world.inspector):
        with pytest.raises(Forbidden):
            await gate.scan_at_gate(town_session, wrong, a_scan(manifest_id, drum), at=NOW)
    with pytest.raises(ManifestUnknown):
        await gate.scan_at_gate(
            town_session, world.stranger.people[Role.GATE_OPERATOR], a_scan(manifest_id, drum), at=NOW
        )
