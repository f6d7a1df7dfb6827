"""One person and two sides of a manifest: refused, unless both sides are one organisation; then it is recorded."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.support.acts import SignAct
from tests.support.world import AT, World, a_drum, filed
from wastetrack.auth.model import Actor
from wastetrack.db.session import WriteSession
from wastetrack.errors import RuleBroken
from wastetrack.manifests import transporting
from wastetrack.manifests.model import PartyRole
from wastetrack.manifests.sides import BothSides, SignedBefore, why_both
from wastetrack.transparency.queries import leaves

SHIPPER, CARRIER, RECEIVER = PartyRole.SHIPPER, PartyRole.CARRIER, PartyRole.RECEIVER


def as_person(actor: Actor, other: Actor) -> Actor:
    """The membership of one, worn by another person."""
    return dataclasses.replace(actor, person_id=other.person_id, person_name=other.person_name)


def test_only_one_organisation_on_both_sides_is_an_exception(world: World) -> None:
    mine, theirs = world.generator.id, world.carrier.id
    assert why_both(CARRIER, mine, []) is None
    assert why_both(SHIPPER, mine, [SignedBefore(SHIPPER, mine)]) is None
    assert why_both(CARRIER, mine, [SignedBefore(SHIPPER, mine)]) is BothSides.OWN_TRANSPORT
    assert why_both(RECEIVER, mine, [SignedBefore(CARRIER, mine)]) is BothSides.OWN_TRANSPORT
    assert why_both(RECEIVER, mine, [SignedBefore(SHIPPER, mine)]) is BothSides.ONE_ORGANISATION
    for before in ([SignedBefore(SHIPPER, theirs)], [SignedBefore(SHIPPER, mine), SignedBefore(RECEIVER, theirs)]):
        with pytest.raises(RuleBroken) as refused:
            why_both(CARRIER, mine, before)
        assert refused.value.broken[0].code == "same_person_two_sides"


async def test_a_person_of_two_firms_does_not_sign_for_both(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    both = as_person(world.carrier.owner, world.generator.owner)
    at = AT + timedelta(hours=1)
    with pytest.raises(RuleBroken) as refused:
        await transporting.pick_up(town_session, both, SignAct(manifest_id=manifest_id), at=at)
    [broken] = refused.value.broken
    assert (broken.code, broken.article, broken.field) == ("same_person_two_sides", "令23 art. 10–13", "factor")


async def test_a_receiver_that_fetches_with_its_own_truck_may_and_the_event_says_so(
    town_session: WriteSession, world: World
) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    at = AT + timedelta(hours=1)
    statement = "update manifest_legs set carrier_id = :firm where manifest_id = :id"
    await town_session.execute(text(statement), {"firm": world.receiver.id, "id": manifest_id})
    owner = world.receiver.owner
    await transporting.pick_up(town_session, owner, SignAct(manifest_id=manifest_id), at=at)
    _, appended = await transporting.arrive(
        town_session, owner, SignAct(manifest_id=manifest_id), at=at + timedelta(hours=1)
    )
    (stored,) = await leaves(town_session, [appended.id])
    assert stored.leaf.facts["both_sides"] == "own_transport"
