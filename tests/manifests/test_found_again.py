"""A container that was missing turns up again: at the gate, with the carrier, at the shipper's, after the receipt."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.manifests.test_incidents import TAKEN, THERE, on_the_road, telling, told, total
from tests.support.acts import Receive, SignAct
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about
from tests.support.world import AT, World, a_drum, scanned
from wastetrack.auth.model import Actor, Role
from wastetrack.containers import queries as containers
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden
from wastetrack.ids import new_id
from wastetrack.manifests import finding, receiving, transporting
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.journey_model import FindAgain, IncidentKind
from wastetrack.manifests.model import Outcome
from wastetrack.mass import Mass
from wastetrack.reports.ledgers.gathering import balances as ledger_balances
from wastetrack.reports.ledgers.model import Period

AFTER = AT + timedelta(hours=30)


async def lost(session: WriteSession, world: World) -> tuple[UUID, Container, Container]:
    """A manifest of two drums, one of which fell off the truck."""
    drum, other = await a_drum(session, world, "180 kg"), await a_drum(session, world, "90 kg")
    manifest_id = await on_the_road(session, world, [drum, other])
    await told(session, world, telling(manifest_id, IncidentKind.CONTAINER_LOST, drum))
    assert await balances(session, manifest_id) == {"in_transit": 90_000, "discrepancy:missing_container": 180_000}
    return manifest_id, drum, other


async def without_it(session: WriteSession, world: World) -> tuple[UUID, Container]:
    """The same load received and confirmed with one drum missing."""
    manifest_id, drum, other = await lost(session, world)
    await transporting.arrive(session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=THERE)
    await scanned(session, world, manifest_id, other, "110 kg")
    session.expunge_all()
    await receiving.receive(session, world.receiver.owner, Receive(manifest_id=manifest_id), at=TAKEN)
    await receiving.confirm(session, world.receiver.owner, SignAct(manifest_id=manifest_id), at=TAKEN)
    return manifest_id, drum


def finding_of(manifest_id: UUID, drum: Container, gross: str | None = None) -> FindAgain:
    """What its finder says."""
    return FindAgain(
        event_id=new_id(),
        manifest_id=manifest_id,
        container_id=drum.id,
        what="路边沟内找到，桶体完好",
        gross=None if gross is None else Mass.parse(gross),
    )


async def found(session: WriteSession, actor: Actor, command: FindAgain, at: datetime = AFTER) -> None:
    """Said and written."""
    await finding.find_again(session, actor, command, at=at)
    session.expunge_all()


async def booked(session: WriteSession, manifest_id: UUID) -> int:
    """Grams that the manifest has taken of the receiver's permit."""
    statement = text("select coalesce(sum(booked_g), 0) from permit_bookings where manifest_id = :id")
    return int(await session.scalar(statement, {"id": manifest_id}) or 0)


async def test_a_lost_container_that_stands_at_the_gate_is_taken_in(town_session: WriteSession, world: World) -> None:
    manifest_id, drum, other = await lost(town_session, world)
    await transporting.arrive(town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=THERE)
    await scanned(town_session, world, manifest_id, other, "110 kg")
    here = await scanned(town_session, world, manifest_id, drum, "199 kg")
    assert (here.outcome, here.declared, here.left) == (Outcome.ACCEPTED, Mass.parse("180 kg"), 0)
    assert (await scanned(town_session, world, manifest_id, drum, "199 kg")).outcome is Outcome.ALREADY_HERE
    town_session.expunge_all()
    row, _, _ = await receiving.receive(town_session, world.receiver.owner, Receive(manifest_id=manifest_id), at=TAKEN)
    assert row.state == "received"
    assert await balances(town_session, manifest_id) == {"discrepancy:weighing": 1_000}
    assert await total(town_session) == 0
    assert await books_and_containers_agree(town_session, world.receiver.site.id, world.generator.site.id)
    kinds = [event["kind"] for event in await events_about(town_session, drum.id)]
    assert kinds[-4:] == ["container_found", "container_scanned", "container_scanned", "manifest_received"]


async def test_a_rejected_find_goes_back_as_any_other(town_session: WriteSession, world: World) -> None:
    manifest_id, drum, other = await lost(town_session, world)
    await transporting.arrive(town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=THERE)
    await scanned(town_session, world, manifest_id, other, "110 kg")
    await scanned(town_session, world, manifest_id, drum, reject_reason="桶身凹陷")
    town_session.expunge_all()
    _, back, _ = await receiving.receive(town_session, world.receiver.owner, Receive(manifest_id=manifest_id), at=TAKEN)
    assert back is not None
    assert await balances(town_session, manifest_id) == {}
    assert await balances(town_session, back.id) == {"in_transit": 180_000}


async def test_the_carrier_brings_it_on_under_its_manifest(town_session: WriteSession, world: World) -> None:
    manifest_id, drum, _ = await lost(town_session, world)
    driver = world.carrier.people[Role.DRIVER]
    await found(town_session, driver, finding_of(manifest_id, drum), THERE)
    assert await balances(town_session, manifest_id) == {"in_transit": 270_000}
    assert (await containers.container(town_session, world.generator.owner, drum.id)).state == "in_transit"
    with pytest.raises(OutOfOrder, match="not_missing"):
        await finding.find_again(town_session, driver, finding_of(manifest_id, drum), at=THERE)
    await told(town_session, world, replace(telling(manifest_id, IncidentKind.CONTAINER_LOST, drum), happened_at=None))
    assert await balances(town_session, manifest_id) == {"in_transit": 90_000, "discrepancy:missing_container": 180_000}


async def test_the_shipper_has_it_again_and_its_ledger_says_so(town_session: WriteSession, world: World) -> None:
    manifest_id, drum = await without_it(town_session, world)
    await found(town_session, world.generator.owner, finding_of(manifest_id, drum, "198 kg"))
    assert await balances(town_session, manifest_id) == {"discrepancy:weighing": 2_000}
    assert await total(town_session) == 0
    site_id = world.generator.site.id
    row = await containers.container(town_session, world.generator.owner, drum.id)
    assert (row.state, row.site_id, row.net_g) == ("at_site", site_id, 178_000)
    assert await books_and_containers_agree(town_session, world.receiver.site.id, site_id)
    period = Period(since=AT.date(), until=AT.date() + timedelta(days=2))
    (balance,), _ = await ledger_balances(town_session, site_id, period)
    assert balance.told == balance.booked
    assert balance.told.contracted_out == Mass.parse("92 kg")  # 270 kg left, 178 kg came back
    assert balance.standing == Mass.parse("178 kg")


async def test_the_receiver_takes_it_in_after_the_receipt(town_session: WriteSession, world: World) -> None:
    manifest_id, drum = await without_it(town_session, world)
    assert await booked(town_session, manifest_id) == 90_000
    gate = world.receiver.people[Role.GATE_OPERATOR]
    await found(town_session, gate, finding_of(manifest_id, drum, "200 kg"))
    assert await balances(town_session, manifest_id) == {}
    assert await booked(town_session, manifest_id) == 270_000
    assert await books_and_containers_agree(town_session, world.receiver.site.id, world.generator.site.id)
    with pytest.raises(OutOfOrder):
        await finding.find_again(town_session, gate, finding_of(manifest_id, drum), at=AFTER)


async def test_who_has_it_not_and_what_is_not_said(town_session: WriteSession, world: World) -> None:
    manifest_id, drum = await without_it(town_session, world)
    command = finding_of(manifest_id, drum)
    with pytest.raises(OutOfOrder, match="no_longer_under_way"):
        await finding.find_again(town_session, world.carrier.owner, command, at=AFTER)
    with pytest.raises(Forbidden):
        await finding.find_again(town_session, world.inspector, command, at=AFTER)
    silent = finding.find_again(town_session, world.generator.owner, replace(command, what=" "), at=AFTER)
    assert await codes_broken(silent) == ["finding_unsaid"]
    absurd = replace(command, gross=Mass.parse("20 kg"))
    work = finding.find_again(town_session, world.generator.owner, absurd, at=AFTER)
    assert await codes_broken(work) == ["mass_not_positive"]
    early = replace(command, happened_at=AT)
    assert await codes_broken(finding.find_again(town_session, world.generator.owner, early, at=AFTER)) == [
        "dated_before"
    ]
    assert [one.id for one in await finding.missing_from(town_session, manifest_id)] == [drum.id]
