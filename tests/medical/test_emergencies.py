"""Emergency mode: an authority's order for its region, and the flag on what is made meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support import parties as made
from tests.support.medical import Hospital, a_bag, drafted, in_store, packed
from tests.support.refused import codes_broken, events_about
from tests.support.world import AT, World
from wastetrack.auth.model import Actor, Role, viewer_of_jurisdiction
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, Forbidden, NotFound
from wastetrack.ids import new_id
from wastetrack.medical import card_queries
from wastetrack.medical.emergencies import declare_emergency, end_emergency, in_force
from wastetrack.medical.model import DeclareEmergency
from wastetrack.medical.packing import pack_bag

ORDER = DeclareEmergency(
    region_code="3706",
    order_number="烟疫指〔2026〕3号",
    reason="聚集性疫情",
    from_at=AT - timedelta(hours=1),
    until_at=AT + timedelta(days=30),
)


def approver_of(world: World) -> Actor:
    """An approver of the prefecture's authority who is a person of the small world."""
    return replace(world.inspector, role=Role.APPROVER)


async def test_what_is_made_under_an_order_bears_its_flag(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    before = await packed(ward_session, hospital)
    row, _ = await declare_emergency(ward_session, approver_of(world), ORDER, at=AT)
    told = (await events_about(ward_session, row.id))[0]
    assert (told["kind"], told["facts"]["order"]) == ("medical_emergency_declared", "烟疫指〔2026〕3号")
    assert "reason" not in told["facts"]  # people's own words can be erased
    container, bag, _ = await pack_bag(ward_session, hospital.nurse, a_bag(hospital), at=AT)
    assert bag.emergency_id == row.id
    await in_store(ward_session, hospital, [before, container])
    card_id = await drafted(ward_session, hospital, world, [before, container])
    flagged = await card_queries.cards(ward_session, hospital.office, emergency=True)
    assert [card.id for card in flagged] == [card_id]


async def test_an_order_holds_in_its_region_and_time(ward_session: WriteSession, world: World) -> None:
    approver = approver_of(world)
    row, _ = await declare_emergency(ward_session, approver, ORDER, at=AT)
    assert await in_force(ward_session, "370602", at=AT) == row.id
    assert await in_force(ward_session, "370202", at=AT) is None
    assert await in_force(ward_session, "370602", at=AT - timedelta(hours=2)) is None
    assert await in_force(ward_session, "370602", at=ORDER.until_at) is None
    await end_emergency(ward_session, approver, row.id, at=AT + timedelta(days=1))
    assert await in_force(ward_session, "370602", at=AT + timedelta(hours=2)) == row.id
    assert await in_force(ward_session, "370602", at=AT + timedelta(days=1)) is None
    with pytest.raises(Conflict):
        await end_emergency(ward_session, approver, row.id, at=AT + timedelta(days=2))
    with pytest.raises(NotFound):
        await end_emergency(ward_session, approver, new_id(), at=AT)


async def test_only_an_approver_orders_and_only_at_home(ward_session: WriteSession, world: World) -> None:
    with pytest.raises(Forbidden):
        await declare_emergency(ward_session, world.inspector, ORDER, at=AT)
    with pytest.raises(Forbidden):
        await declare_emergency(ward_session, world.generator.owner, ORDER, at=AT)
    abroad = made.actor(Role.APPROVER, viewer_of_jurisdiction("3702"))
    with pytest.raises(Forbidden):
        await declare_emergency(ward_session, abroad, ORDER, at=AT)
    empty = replace(ORDER, region_code="37060", order_number=" ", reason="", until_at=ORDER.from_at)
    broken = await codes_broken(declare_emergency(ward_session, approver_of(world), empty, at=AT))
    assert broken == ["ends_early", "order_number_missing", "reason_missing", "region_unreadable"]
