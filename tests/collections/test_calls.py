"""A source calls, its collector answers, a load ends it; who sees it, what is told of it, what it costs."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.acts import SignAct
from tests.support.refused import codes_broken
from tests.support.statements import counted
from tests.support.world import AT, OIL, TODAY, World, a_drum, filed
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.sight import eyes_of
from wastetrack.collections import calling, queries
from wastetrack.collections.model import (
    AcceptCall,
    CallCollection,
    CallState,
    CancelCall,
    DeclineCall,
    OrderStops,
    Stop,
    StopKind,
)
from wastetrack.collections.ordering import order_of, order_stops
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, Forbidden, NotFound
from wastetrack.manifests import transporting
from wastetrack.reports.duties_collections import collections_duties

LATER = AT + timedelta(hours=1)


async def called(session: WriteSession, world: World, **changes: object) -> queries.Call:
    """The workshop calls the incinerator."""
    command = CallCollection(site_id=world.generator.site.id, collector_id=world.receiver.id, **changes)  # type: ignore[arg-type]
    row, _ = await calling.call_collection(session, world.generator.owner, command, at=AT)
    return row


async def titles(session: WriteSession, actor: Actor) -> list[str]:
    """What somebody owes about calls, by the word that the title begins with."""
    async with eyes_of(session, actor):
        return [duty.title.partition(" ")[0] for duty in await collections_duties(session, actor, LATER)]


async def events_of(session: WriteSession, call_id: object) -> list[str]:
    """The kinds of events about a call, in their order."""
    rows = await session.execute(
        text("select kind from log_leaves join log_subjects using (arrival) where subject_id = :id order by arrival"),
        {"id": call_id},
    )
    return [kind for (kind,) in rows]


async def test_one_button_tells_what_how_much_since_when_and_by_when(town_session: WriteSession, world: World) -> None:
    drums = [await a_drum(town_session, world, net) for net in ("180 kg", "90 kg")]
    (offer,) = await queries.offers(town_session, world.generator.owner, at=AT)
    assert (offer.net_g, len(offer.containers), offer.since) == (270_000, 2, TODAY)
    assert offer.by_waste() == [(OIL, "废矿物油", 2, 270_000)]
    row = await called(town_session, world)
    assert (row.state, row.containers, row.net_g) == ("called", 2, 270_000)
    assert row.wanted_by == TODAY + timedelta(days=7)
    assert row.due_on == date(2027, 3, 2)
    assert await events_of(town_session, row.id) == ["collection_called"]
    assert (await events_of(town_session, drums[0].id))[-1] == "collection_called"
    # What is called for is not on offer a second time.
    assert await queries.offers(town_session, world.generator.owner, at=AT) == []
    again = CallCollection(site_id=world.generator.site.id, collector_id=world.receiver.id)
    work = calling.call_collection(town_session, world.generator.owner, again, at=AT)
    assert await codes_broken(work) == ["nothing_to_collect"]


async def test_only_some_of_it_and_a_day_of_one_s_own(town_session: WriteSession, world: World) -> None:
    drums = [await a_drum(town_session, world) for _ in range(2)]
    tomorrow = TODAY + timedelta(days=1)
    row = await called(town_session, world, container_ids=(drums[1].id,), wanted_by=tomorrow, remarks="走后门")
    assert (row.containers, row.wanted_by, row.remarks) == (1, tomorrow, "走后门")
    (offer,) = await queries.offers(town_session, world.generator.owner, at=AT)
    assert [one.container_id for one in offer.containers] == [drums[0].id]
    late = CallCollection(
        site_id=world.generator.site.id,
        collector_id=world.receiver.id,
        container_ids=(drums[1].id,),
        wanted_by=TODAY - timedelta(days=1),
        remarks="x" * 501,
    )
    work = calling.call_collection(town_session, world.generator.owner, late, at=AT)
    assert await codes_broken(work) == ["container_not_ready", "day_over", "text_long"]


async def test_the_collector_answers_and_the_pick_up_ends_it(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    row = await called(town_session, world)
    assert await titles(town_session, world.receiver.owner) == ["Answer"]
    assert await titles(town_session, world.generator.owner) == []
    with pytest.raises(NotFound):
        await queries.call(town_session, world.carrier.owner, row.id)
    command = AcceptCall(
        call_id=row.id, planned_on=TODAY + timedelta(days=2), carrier_id=world.carrier.id, plate=world.plate
    )
    await calling.accept_call(town_session, world.receiver.owner, command, at=LATER)
    assert await titles(town_session, world.carrier.people[Role.DRIVER]) == ["Fetch"]
    assert await titles(town_session, world.receiver.owner) == []
    assert await titles(town_session, world.generator.owner) == ["File"]
    replanned = AcceptCall(call_id=row.id, planned_on=TODAY, plate=world.plate)
    await calling.accept_call(town_session, world.carrier.people[Role.DRIVER], replanned, at=LATER)
    manifest_id = await filed(town_session, world, [drum])
    assert await titles(town_session, world.generator.owner) == []
    async with eyes_of(town_session, world.carrier.owner):
        await transporting.pick_up(town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=LATER)
    done = await queries.locked(town_session, world.generator.owner, row.id)
    assert (done.state, done.manifest_id, done.ended_at) == (CallState.DONE, manifest_id, LATER)
    assert await titles(town_session, world.carrier.owner) == []
    with pytest.raises(Conflict):
        await calling.accept_call(town_session, world.receiver.owner, command, at=LATER)
    assert await events_of(town_session, row.id) == ["collection_called", "collection_accepted", "collection_replanned"]


async def test_declined_with_a_reason_it_can_be_called_for_again(town_session: WriteSession, world: World) -> None:
    await a_drum(town_session, world)
    row = await called(town_session, world)
    silent = calling.decline_call(town_session, world.receiver.owner, DeclineCall(call_id=row.id, reason=" "), at=LATER)
    assert await codes_broken(silent) == ["reason_missing"]
    await calling.decline_call(
        town_session, world.receiver.owner, DeclineCall(call_id=row.id, reason="车辆检修"), at=LATER
    )
    assert await titles(town_session, world.generator.owner) == ["The"]
    assert await titles(town_session, world.receiver.owner) == []
    second = await called(town_session, world)
    assert await titles(town_session, world.generator.owner) == []
    await calling.cancel_call(
        town_session, world.generator.owner, CancelCall(call_id=second.id, reason="自行利用"), at=LATER
    )
    assert (await queries.call(town_session, world.generator.owner, second.id)).end_reason == "自行利用"
    assert len(await queries.offers(town_session, world.generator.owner, at=LATER)) == 1


async def test_whose_call_it_is_and_whose_answer(town_session: WriteSession, world: World) -> None:
    await a_drum(town_session, world)
    row = await called(town_session, world)
    refused = [
        calling.accept_call(
            town_session, world.generator.owner, AcceptCall(call_id=row.id, planned_on=TODAY), at=LATER
        ),
        calling.accept_call(
            town_session,
            world.receiver.people[Role.GATE_OPERATOR],
            AcceptCall(call_id=row.id, planned_on=TODAY),
            at=LATER,
        ),
        calling.cancel_call(town_session, world.receiver.owner, CancelCall(call_id=row.id, reason="-"), at=LATER),
        calling.call_collection(
            town_session,
            world.generator.people[Role.VIEWER],
            CallCollection(site_id=world.generator.site.id, collector_id=world.receiver.id),
            at=LATER,
        ),
    ]
    for each in refused:
        with pytest.raises(Forbidden):
            await each
    wrong = AcceptCall(
        call_id=row.id,
        planned_on=TODAY + timedelta(days=91),
        carrier_id=world.stranger.id,
        plate=world.plate,
    )
    work = calling.accept_call(town_session, world.receiver.owner, wrong, at=LATER)
    assert await codes_broken(work) == ["day_far", "not_a_carrier", "vehicle_unknown"]
    # The authority of the place sees it, and nobody else.
    assert [one.id for one in await queries.calls(town_session, world.inspector)] == [row.id]
    assert await queries.calls(town_session, world.stranger.owner) == []


async def test_offers_and_lists_cost_the_same_for_one_as_for_many(
    town_session: WriteSession, town_engine: AsyncEngine, world: World
) -> None:
    for _ in range(2):
        await a_drum(town_session, world)
        await called(town_session, world)
        await a_drum(town_session, world)
        with counted(town_engine) as sent:
            assert await queries.offers(town_session, world.generator.owner, at=AT)
            rows = await queries.calls(town_session, world.generator.owner)
            await queries.wastes_of(town_session, [row.id for row in rows])
            await collections_duties(town_session, world.generator.owner, AT)
        assert len(sent) == 3, sent  # and what asyncpg asks for the offers


async def test_a_carrier_s_order_of_the_day_is_its_own(town_session: WriteSession, world: World) -> None:
    stops = tuple(Stop(kind=StopKind.CALL, subject_id=firm.id) for firm in (world.generator, world.stranger))
    driver = world.carrier.people[Role.DRIVER]
    for chosen in (stops, stops[::-1]):
        await order_stops(town_session, driver, OrderStops(day=TODAY, stops=chosen), at=AT)
    order = await order_of(town_session, driver, TODAY)
    assert [key[1] for key, _ in sorted(order.items(), key=lambda one: one[1])] == [
        world.stranger.id,
        world.generator.id,
    ]
    assert await order_of(town_session, world.second_carrier.owner, TODAY) == {}
    twice = OrderStops(day=TODAY, stops=(stops[0], stops[0]))
    assert await codes_broken(order_stops(town_session, driver, twice, at=AT)) == ["stop_twice_a_day"]
    with pytest.raises(Forbidden):
        await order_stops(town_session, world.generator.people[Role.FILER], twice, at=AT)
