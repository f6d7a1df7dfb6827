"""A facility that is called up in an emergency takes medical waste without a permit for it, as long as it is called."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.medical.test_emergencies import ORDER, approver_of
from tests.medical.test_reserves import KILN
from tests.support.medical import Hospital, SignCard, a_card, in_store, packed
from tests.support.refused import balances, codes_broken
from tests.support.world import AT, World
from wastetrack.auth.model import Role
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession
from wastetrack.manifests import grounds
from wastetrack.manifests.exempting import Link, links_of, listed_link
from wastetrack.manifests.queries import manifest_row
from wastetrack.mass import Mass
from wastetrack.medical import card_queries
from wastetrack.medical.called_up import called_for, positions_of
from wastetrack.medical.cards import draft_card
from wastetrack.medical.carrying import arrive, hand_over, pick_up
from wastetrack.medical.designating import call_helper, designate, let_go
from wastetrack.medical.emergencies import declare_emergency
from wastetrack.medical.plant import receive_card
from wastetrack.medical.reserve_model import CallHelper, HelperKind
from wastetrack.medical.reserve_tables import CallRow

LATER = AT + timedelta(hours=2)


async def called(session: WriteSession, world: World, *, is_drill: bool = False) -> CallRow:
    """The kiln of the small world's stranger is called in Yantai."""
    approver = approver_of(world)
    kiln, _ = await designate(session, approver, replace(KILN, site_id=world.stranger.site.id), at=AT)
    emergency, _ = await declare_emergency(session, approver, replace(ORDER, is_drill=is_drill), at=AT)
    command = CallHelper(emergency_id=emergency.id, helper_id=kiln.id, daily=Mass.parse("20 t"), from_at=AT)
    call, _ = await call_helper(session, approver, command, at=AT)
    return call


async def bags_of(session: WriteSession, hospital: Hospital, count: int = 1) -> list[Container]:
    """Bags in the temporary store."""
    bags = [await packed(session, hospital) for _ in range(count)]
    await in_store(session, hospital, bags)
    return bags


async def sent(
    session: WriteSession, hospital: Hospital, world: World, bags: list[Container], at: datetime = LATER
) -> card_queries.Card:
    """A card to the kiln, handed over."""
    command = a_card(hospital, world, bags, receiver_site_id=world.stranger.site.id, method="C1")
    card = await draft_card(session, hospital.office, command, at=at)
    await hand_over(session, hospital.office, SignCard(card_id=card.id), at=at + timedelta(minutes=5))
    return card


def test_the_entries_are_those_of_an_epidemic_and_a_kiln_disposes(official_lists: Catalogue) -> None:
    entries = {one.position: one for one in official_lists.exemptions_on(AT.date())}
    named = [entries[position] for position in positions_of(official_lists, AT)]
    assert sorted(one.stage for one in named) == ["处置", "运输"]
    assert {one.item for one in named} == {2}
    assert {one.patterns for one in named} == {("HW01",)}
    assert (listed_link("C1"), listed_link("C2"), listed_link("D10")) == (Link.DISPOSAL, Link.USE, Link.DISPOSAL)
    kilns = [one for one in entries.values() if "kiln" in one.condition or "水泥窑" in one.condition]
    assert kilns
    assert {link for one in kilns for link in links_of(one)} == {Link.DISPOSAL}


async def test_a_called_facility_takes_what_its_permit_does_not_name(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    await called(ward_session, world)
    # A later order, of another authority, does not hide the one that calls.
    later = replace(ORDER, order_number="芝疫指〔2026〕1号", region_code="370602")
    await declare_emergency(ward_session, approver_of(world), later, at=AT + timedelta(hours=1))
    bags = await bags_of(ward_session, hospital, 2)
    card = await sent(ward_session, hospital, world, bags)
    manifest = await manifest_row(ward_session, hospital.office, card.manifest_id)
    assert (manifest.basis, manifest.state) == ("exempt", "running")
    assert len(await grounds.named(ward_session, manifest.id)) == 2
    driver, kiln = world.carrier.people[Role.DRIVER], world.stranger
    await pick_up(ward_session, driver, SignCard(card_id=card.id), at=LATER + timedelta(minutes=10))
    await arrive(ward_session, kiln.owner, card.id, at=LATER + timedelta(hours=2))
    total = Mass(sum(bag.net_g for bag in bags))
    await receive_card(ward_session, kiln.owner, SignCard(card_id=card.id), total=total, at=LATER + timedelta(hours=3))
    assert await balances(ward_session, kiln.site.id, card.manifest_id) == {"stored": total.grams}


async def test_without_a_call_a_drill_or_after_it_nobody_takes_it(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    unsent, first, second = await bags_of(ward_session, hospital, 3)
    command = a_card(hospital, world, [unsent], receiver_site_id=world.stranger.site.id, method="C1")
    card = await draft_card(ward_session, hospital.office, command, at=LATER)
    await ward_session.commit()
    assert "permit_missing" in await codes_broken(
        hand_over(ward_session, hospital.office, SignCard(card_id=card.id), at=LATER)
    )
    await ward_session.rollback()
    for bag in (first, second):
        await ward_session.refresh(bag)
    call = await called(ward_session, world)  # what was drafted before rests on it from now on
    await sent(ward_session, hospital, world, [first])
    await let_go(ward_session, approver_of(world), call.id, at=LATER + timedelta(hours=1))
    after = sent(ward_session, hospital, world, [second], at=LATER + timedelta(hours=2))
    assert await codes_broken(after) == ["call_over"]


async def test_a_drill_calls_nobody_up(ward_session: WriteSession, hospital: Hospital, world: World) -> None:
    await called(ward_session, world, is_drill=True)
    (bag,) = await bags_of(ward_session, hospital)
    assert "permit_missing" in await codes_broken(sent(ward_session, hospital, world, [bag]))


async def test_who_is_called_is_told_with_the_order_and_chosen_as_long_as_it_stands(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    assert await called_for(ward_session, "370602", at=LATER) == []
    call = await called(ward_session, world)
    (one,) = await called_for(ward_session, "370602", at=LATER)
    assert (one.call_id, one.site_id, one.daily) == (call.id, world.stranger.site.id, Mass.parse("20 t"))
    assert (one.kind, one.order_number, one.reason) == (HelperKind.CEMENT_KILN, ORDER.order_number, ORDER.reason)
    assert await called_for(ward_session, "370702", at=LATER) == []
    assert await called_for(ward_session, "370602", at=AT - timedelta(seconds=1)) == []
    assert await called_for(ward_session, "370602", at=ORDER.until_at) == []
    (bag,) = await bags_of(ward_session, hospital)
    to_kiln = a_card(hospital, world, [bag], receiver_site_id=world.stranger.site.id, method="C1", call_id=call.id)
    elsewhere = replace(to_kiln, receiver_site_id=world.receiver.site.id)
    assert await codes_broken(draft_card(ward_session, hospital.office, elsewhere, at=LATER)) == ["call_not_in_force"]
    await let_go(ward_session, approver_of(world), call.id, at=LATER)
    over = draft_card(ward_session, hospital.office, to_kiln, at=LATER)
    assert await codes_broken(over) == ["call_not_in_force"]
    assert await called_for(ward_session, "370602", at=LATER) == []


async def test_who_is_chosen_as_called_takes_it_by_the_call(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    call = await called(ward_session, world)
    (bag,) = await bags_of(ward_session, hospital)
    command = a_card(hospital, world, [bag], receiver_site_id=world.stranger.site.id, method="C1", call_id=call.id)
    card = await draft_card(ward_session, hospital.office, command, at=LATER)
    assert (await manifest_row(ward_session, hospital.office, card.manifest_id)).basis == "exempt"


@pytest.mark.parametrize("is_called", [True, False])
async def test_a_plant_with_a_permit_takes_it_by_that(
    ward_session: WriteSession, hospital: Hospital, world: World, *, is_called: bool
) -> None:
    if is_called:
        await called(ward_session, world)
    (bag,) = await bags_of(ward_session, hospital)
    card = await draft_card(ward_session, hospital.office, a_card(hospital, world, [bag]), at=LATER)
    assert (await manifest_row(ward_session, hospital.office, card.manifest_id)).basis == "permit"
