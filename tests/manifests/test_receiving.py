"""The receiver's signature, what goes home, what never came, and the end of a manifest."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.support.acts import Receive, SignAct
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about
from tests.support.world import AT, World, a_drum, arrived, filed, received, scanned
from wastetrack.auth.model import Role
from wastetrack.containers import queries as containers
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden
from wastetrack.ids import new_id
from wastetrack.manifests import gate, queries, receiving, transporting
from wastetrack.manifests.errors import ManifestUnknown, OutOfOrder, Stale
from wastetrack.manifests.model import Outcome, ScanAtGate
from wastetrack.mass import Mass

SIGNED = AT + timedelta(hours=5)
HOME = AT + timedelta(hours=8)
NEXT_DAY = AT + timedelta(days=1)
BOOKED = text("select sum(booked_g) from permit_uses")


async def sent_home(session: WriteSession, world: World, *nets: str) -> tuple[UUID, UUID, list[Container]]:
    """A manifest whose first drum was taken in and whose others were rejected, its return, and the drums."""
    drums = [await a_drum(session, world, net) for net in nets]
    manifest_id = await arrived(session, world, drums)
    await scanned(session, world, manifest_id, drums[0], "200 kg")
    for drum in drums[1:]:
        await scanned(session, world, manifest_id, drum, reject_reason="桶身渗漏")
    _, back, _ = await receiving.receive(session, world.receiver.owner, Receive(manifest_id=manifest_id), at=SIGNED)
    assert back is not None
    return manifest_id, back.id, drums


async def weighed_at_home(session: WriteSession, world: World, back_id: UUID, drum: Container, gross: str) -> Outcome:
    """The shipper's own gate takes a drum back."""
    scan = ScanAtGate(
        manifest_id=back_id, scan_id=new_id(), code=DigitalCode.parse(drum.digital_code), gross=Mass.parse(gross)
    )
    return (await gate.scan_at_gate(session, world.generator.owner, scan, at=HOME)).outcome


async def test_part_is_received_and_the_rest_goes_home_with_its_mass(town_session: WriteSession, world: World) -> None:
    manifest_id, back_id, drums = await sent_home(town_session, world, "180 kg", "90 kg", "60 kg")
    row = await queries.locked(town_session, world.receiver.owner, manifest_id)
    back = await queries.locked(town_session, world.generator.owner, back_id)
    assert (row.state, back.state, back.kind) == ("partly_received", "returning", "return")
    assert (back.number, back.returns_id) == ("20263706000002", manifest_id)
    assert await balances(town_session, manifest_id) == {}
    assert await balances(town_session, back_id) == {"in_transit": 150_000}
    assert await town_session.scalar(BOOKED) == 180_000
    (leg,) = await queries.legs(town_session, back_id)
    assert (leg.carrier_id, leg.start, leg.end) == (world.carrier.id, "莱山区", "芝罘区")

    assert await weighed_at_home(town_session, world, back_id, drums[1], "109.5 kg") is Outcome.ACCEPTED
    missing = Receive(manifest_id=back_id, missing_ids=(drums[2].id,))
    row, none, _ = await receiving.receive(town_session, world.generator.owner, missing, at=HOME)
    assert (row.state, none) == ("returned", None)
    assert await balances(town_session, back_id) == {
        "discrepancy:weighing": 500,
        "discrepancy:missing_container": 60_000,
    }
    assert (await balances(town_session, world.generator.site.id))["stored"] == 89_500
    town_session.expunge_all()
    assert await books_and_containers_agree(town_session, world.generator.site.id, world.receiver.site.id)
    assert await town_session.scalar(BOOKED) == 180_000
    # What came home may go out again.
    town_session.expunge_all()
    again = await containers.container(town_session, world.generator.owner, drums[1].id)
    await filed(town_session, world, [again])
    await town_session.commit()


async def test_a_manifest_closes_only_when_its_return_is_home(town_session: WriteSession, world: World) -> None:
    manifest_id, back_id, drums = await sent_home(town_session, world, "180 kg", "90 kg")
    act = SignAct(manifest_id=manifest_id)
    work = receiving.confirm(town_session, world.receiver.owner, act, at=NEXT_DAY)
    assert await codes_broken(work) == ["return_under_way"]
    await weighed_at_home(town_session, world, back_id, drums[1], "110 kg")
    await receiving.receive(town_session, world.generator.owner, Receive(manifest_id=back_id), at=HOME)
    town_session.expunge_all()
    row, _ = await receiving.confirm(town_session, world.receiver.owner, act, at=NEXT_DAY)
    assert (row.state, row.closed_at) == ("closed", NEXT_DAY)
    with pytest.raises(OutOfOrder):
        await receiving.confirm(town_session, world.receiver.owner, act, at=NEXT_DAY)


async def test_what_comes_home_cannot_be_rejected_and_so_never_hangs(town_session: WriteSession, world: World) -> None:
    _, back_id, drums = await sent_home(town_session, world, "180 kg", "90 kg")
    refusing = ScanAtGate(
        manifest_id=back_id,
        scan_id=new_id(),
        code=DigitalCode.parse(drums[1].digital_code),
        reject_reason="不是我们的",
    )
    work = gate.scan_at_gate(town_session, world.generator.owner, refusing, at=HOME)
    assert await codes_broken(work) == ["return_rejected"]
    assert await weighed_at_home(town_session, world, back_id, drums[1], "110 kg") is Outcome.ACCEPTED
    row, _, _ = await receiving.receive(town_session, world.generator.owner, Receive(manifest_id=back_id), at=HOME)
    assert row.state == "returned"


async def test_the_carrier_that_has_the_load_takes_it_home(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await filed(town_session, world, [drum], legs=2)
    # The first carrier drove the whole way; the second, though planned, never took over.
    act = SignAct(manifest_id=manifest_id)
    await transporting.pick_up(town_session, world.carrier.owner, act, at=AT + timedelta(hours=1))
    await transporting.arrive(town_session, world.carrier.owner, act, at=AT + timedelta(hours=3))
    await scanned(town_session, world, manifest_id, drum, reject_reason="桶身渗漏")
    row, back, _ = await receiving.receive(
        town_session, world.receiver.owner, Receive(manifest_id=manifest_id), at=SIGNED
    )
    assert row.state == "rejected"
    assert back is not None
    (leg,) = await queries.legs(town_session, back.id)
    assert leg.carrier_id == world.carrier.id
    assert await town_session.scalar(BOOKED) == 0


async def test_every_drum_is_scanned_or_named_missing(town_session: WriteSession, world: World) -> None:
    drums = [await a_drum(town_session, world), await a_drum(town_session, world, "90 kg")]
    manifest_id = await arrived(town_session, world, drums)
    await scanned(town_session, world, manifest_id, drums[0], "200 kg")
    owner = world.receiver.owner
    work = receiving.receive(town_session, owner, Receive(manifest_id=manifest_id), at=SIGNED)
    assert await codes_broken(work) == ["containers_undecided"]
    wrong = Receive(manifest_id=manifest_id, missing_ids=(drums[0].id, drums[1].id))
    assert await codes_broken(receiving.receive(town_session, owner, wrong, at=SIGNED)) == ["not_missing"]
    named = Receive(manifest_id=manifest_id, missing_ids=(drums[1].id,))
    row, back, _ = await receiving.receive(town_session, owner, named, at=SIGNED)
    assert (row.state, back) == ("partly_received", None)
    assert await balances(town_session, manifest_id) == {"discrepancy:missing_container": 90_000}
    lost = (await events_about(town_session, drums[1].id))[-2]
    assert (lost["kind"], [line["g"] for line in lost["postings"]]) == ("containers_missing", [90_000, -90_000])
    town_session.expunge_all()
    assert (await containers.container(town_session, world.generator.owner, drums[1].id)).state == "lost"
    assert await town_session.scalar(BOOKED) == 180_000


async def test_a_permit_is_used_by_what_was_measured(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world, "180 kg")
    await received(town_session, world, [drum], "170 kg")
    assert await town_session.scalar(BOOKED) == 150_000


async def test_a_receipt_is_dated_after_the_last_scan(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    await scanned(town_session, world, manifest_id, drum, "200 kg")
    early = Receive(manifest_id=manifest_id, happened_at=AT + timedelta(hours=3, minutes=30))
    assert await codes_broken(receiving.receive(town_session, world.receiver.owner, early, at=SIGNED)) == [
        "dated_before"
    ]
    late = Receive(manifest_id=manifest_id, happened_at=SIGNED + timedelta(hours=1))
    assert await codes_broken(receiving.receive(town_session, world.receiver.owner, late, at=SIGNED)) == [
        "dated_in_future"
    ]


async def test_only_the_receiver_signs_for_it_once_and_as_it_stands(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    await scanned(town_session, world, manifest_id, drum, "200 kg")
    command = Receive(manifest_id=manifest_id)
    for wrong in (world.generator.owner, world.carrier.owner, world.inspector):
        with pytest.raises(Forbidden):
            await receiving.receive(town_session, wrong, command, at=SIGNED)
    with pytest.raises(ManifestUnknown):
        await receiving.receive(town_session, world.stranger.owner, command, at=SIGNED)
    with pytest.raises(Stale):
        await receiving.receive(
            town_session, world.receiver.owner, Receive(manifest_id=manifest_id, version=2), at=SIGNED
        )
    signer = world.receiver.people[Role.SIGNER]
    await receiving.receive(town_session, signer, command, at=SIGNED)
    with pytest.raises(OutOfOrder):
        await receiving.receive(town_session, signer, command, at=SIGNED)
    with pytest.raises(Forbidden):
        await receiving.confirm(town_session, world.generator.owner, SignAct(manifest_id=manifest_id), at=NEXT_DAY)


async def test_nothing_is_received_or_confirmed_before_its_time(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    with pytest.raises(OutOfOrder):
        await receiving.receive(town_session, world.receiver.owner, Receive(manifest_id=manifest_id), at=SIGNED)
    with pytest.raises(OutOfOrder):
        await receiving.confirm(town_session, world.receiver.owner, SignAct(manifest_id=manifest_id), at=SIGNED)


async def test_who_saw_the_manifest_sees_its_return_and_nobody_else(town_session: WriteSession, world: World) -> None:
    _, back_id, _ = await sent_home(town_session, world, "180 kg", "90 kg")
    for party in (world.generator.owner, world.carrier.owner, world.receiver.owner, world.inspector):
        assert (await queries.manifest_row(town_session, party, back_id)).id == back_id
    for outsider in (world.stranger.owner, world.second_carrier.owner):
        with pytest.raises(ManifestUnknown):
            await queries.manifest_row(town_session, outsider, back_id)
