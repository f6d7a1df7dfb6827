"""Pick up, hand over, arrive: whose signature, in which order, dated when, and looked at again on the day."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.support import parties as made
from tests.support.acts import SignAct
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about
from tests.support.world import AT, TODAY, World, a_drum, arrived, filed
from wastetrack.auth.model import Role
from wastetrack.containers import queries as containers
from wastetrack.containers.errors import ContainerUnknown
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden
from wastetrack.manifests import filing, queries, transporting
from wastetrack.manifests.errors import ManifestUnknown, OutOfOrder, Stale
from wastetrack.manifests.model import Act
from wastetrack.parties.commands import SuspendPermit
from wastetrack.parties.permitting import suspend_permit

LOADED = AT + timedelta(hours=1)
HANDED = AT + timedelta(hours=2)
THERE = AT + timedelta(hours=3)


async def test_at_pick_up_the_mass_leaves_the_site_and_is_on_the_road(town_session: WriteSession, world: World) -> None:
    drums = [await a_drum(town_session, world, "180 kg"), await a_drum(town_session, world, "90 kg")]
    left = await a_drum(town_session, world, "50 kg")
    manifest_id = await filed(town_session, world, drums)
    driver = world.carrier.people[Role.DRIVER]
    with pytest.raises(ContainerUnknown):
        await containers.container(town_session, driver, drums[0].id)
    row, _ = await transporting.pick_up(town_session, driver, SignAct(manifest_id=manifest_id), at=LOADED)
    assert (row.state, row.picked_up_at) == ("picked_up", LOADED)
    assert await balances(town_session, manifest_id) == {"in_transit": 270_000}
    assert (await balances(town_session, world.generator.site.id))["stored"] == 50_000
    assert await books_and_containers_agree(town_session, world.generator.site.id)
    assert (await containers.container(town_session, driver, drums[0].id)).state == "in_transit"
    assert (await events_about(town_session, drums[1].id))[-1]["kind"] == "manifest_picked_up"
    del left


async def test_only_the_carrier_that_is_named_loads(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)], legs=2)
    act = SignAct(manifest_id=manifest_id)
    for wrong in (world.second_carrier.owner, world.generator.owner, world.receiver.owner, world.inspector):
        with pytest.raises(Forbidden):
            await transporting.pick_up(town_session, wrong, act, at=LOADED)
    with pytest.raises(ManifestUnknown):
        await transporting.pick_up(town_session, world.stranger.owner, act, at=LOADED)


async def test_a_signature_out_of_order_says_what_is_possible(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)], legs=2)
    act = SignAct(manifest_id=manifest_id, reason="x")
    with pytest.raises(OutOfOrder):
        await transporting.hand_over(town_session, world.second_carrier.owner, act, at=LOADED)
    with pytest.raises(OutOfOrder) as refused:
        await transporting.arrive(town_session, world.receiver.owner, act, at=LOADED)
    assert refused.value.facts["possible"] == (Act.CANCEL, Act.VOID, Act.CHECK_LOADING, Act.PICK_UP)
    await transporting.pick_up(town_session, world.carrier.owner, act, at=LOADED)
    with pytest.raises(OutOfOrder):
        await transporting.pick_up(town_session, world.carrier.owner, act, at=LOADED)
    for withdraw in (filing.cancel_manifest, filing.void_manifest):
        with pytest.raises(OutOfOrder):
            await withdraw(town_session, world.generator.owner, act, at=LOADED)


@pytest.mark.parametrize(
    ("when", "rule"),
    [
        (LOADED + timedelta(minutes=3), "dated_in_future"),
        (AT - timedelta(minutes=3), "dated_before"),
        (LOADED + timedelta(minutes=1), None),  # within what clocks differ by
        (AT + timedelta(minutes=10), None),  # told later, happened then
    ],
)
async def test_loading_is_dated_after_the_filing_and_not_in_the_future(
    town_session: WriteSession, world: World, when: datetime, rule: str | None
) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    act = SignAct(manifest_id=manifest_id, happened_at=when)
    work = transporting.pick_up(town_session, world.carrier.owner, act, at=LOADED)
    if rule is not None:
        assert await codes_broken(work) == [rule]
    else:
        row, _ = await work
        assert row.picked_up_at == min(when, LOADED)


async def test_a_driver_who_saw_an_older_version_reads_it_again(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    with pytest.raises(Stale):
        await transporting.pick_up(
            town_session, world.carrier.owner, SignAct(manifest_id=manifest_id, version=1), at=LOADED
        )


async def test_a_permit_suspended_after_filing_stops_the_loading(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    suspension = SuspendPermit(permit_id=world.permit_id, from_on=TODAY, reason="超标排放")
    await suspend_permit(town_session, made.approver(), suspension, at=AT)
    work = transporting.pick_up(town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=LOADED)
    assert await codes_broken(work) == ["permit_suspended"]


async def test_vehicle_and_load_are_looked_at_again_on_the_day(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    changed = text(
        "update vehicles set licence_valid_to = :day, rated_load_g = 199999 where organisation_id = :carrier"
    )
    await town_session.execute(changed, {"day": date(2026, 3, 1), "carrier": world.carrier.id})
    work = transporting.pick_up(town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=LOADED)
    assert await codes_broken(work) == ["vehicle_licence_expired", "vehicle_overloaded"]


async def test_a_load_of_two_legs_changes_hands_once(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await filed(town_session, world, [drum], legs=2)
    act = SignAct(manifest_id=manifest_id)
    await transporting.pick_up(town_session, world.carrier.owner, act, at=LOADED)
    with pytest.raises(ContainerUnknown):
        await containers.container(town_session, world.second_carrier.owner, drum.id)
    with pytest.raises(Forbidden):
        await transporting.hand_over(town_session, world.carrier.owner, act, at=HANDED)
    early = replace(act, happened_at=LOADED - timedelta(minutes=5))
    work = transporting.hand_over(town_session, world.second_carrier.owner, early, at=HANDED)
    assert await codes_broken(work) == ["dated_before"]
    row, _ = await transporting.hand_over(town_session, world.second_carrier.owner, act, at=HANDED)
    assert row.state == "in_transit"
    assert await balances(town_session, manifest_id) == {"in_transit": 180_000}
    assert (await containers.container(town_session, world.second_carrier.owner, drum.id)).id == drum.id
    assert [leg.taken_over_at for leg in await queries.legs(town_session, manifest_id)] == [LOADED, HANDED]
    work = transporting.hand_over(town_session, world.second_carrier.owner, act, at=HANDED)
    assert await codes_broken(work) == ["no_further_leg"]
    # The first carrier has the load no more.
    with pytest.raises(Forbidden):
        await transporting.arrive(town_session, world.carrier.owner, act, at=THERE)
    row, _ = await transporting.arrive(town_session, world.second_carrier.people[Role.DRIVER], act, at=THERE)
    assert (row.state, row.arrived_at) == ("arrived", THERE)


async def test_the_second_vehicle_is_looked_at_when_it_takes_over(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)], legs=2)
    act = SignAct(manifest_id=manifest_id)
    await transporting.pick_up(town_session, world.carrier.owner, act, at=LOADED)
    changed = text("update vehicles set rated_load_g = 199999 where organisation_id = :carrier")
    await town_session.execute(changed, {"carrier": world.second_carrier.id})
    work = transporting.hand_over(town_session, world.second_carrier.owner, act, at=HANDED)
    assert await codes_broken(work) == ["vehicle_overloaded"]


async def test_the_receivers_gate_reports_the_arrival_too_and_others_do_not(
    town_session: WriteSession, world: World
) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    act = SignAct(manifest_id=manifest_id)
    await transporting.pick_up(town_session, world.carrier.owner, act, at=LOADED)
    for wrong in (world.generator.owner, world.inspector):
        with pytest.raises(Forbidden):
            await transporting.arrive(town_session, wrong, act, at=THERE)
    with pytest.raises(ManifestUnknown):
        await transporting.arrive(town_session, world.stranger.owner, act, at=THERE)
    gate = world.receiver.people[Role.GATE_OPERATOR]
    row, _ = await transporting.arrive(town_session, gate, act, at=THERE)
    assert row.state == "arrived"


async def test_what_happened_is_signed_and_logged_step_by_step(town_session: WriteSession, world: World) -> None:
    manifest_id = await arrived(town_session, world, [await a_drum(town_session, world)])
    events = await events_about(town_session, manifest_id)
    assert [event["kind"] for event in events] == ["manifest_filed", "manifest_picked_up", "manifest_arrived"]
    signed = await town_session.execute(
        text("select act, event_id from manifest_signatures where manifest_id = :id order by position"),
        {"id": manifest_id},
    )
    assert [(act, str(event_id)) for act, event_id in signed] == [
        (act, event["id"]) for act, event in zip(("file", "pick_up", "arrive"), events, strict=True)
    ]
