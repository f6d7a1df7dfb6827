"""A milk run: several shippers, one vehicle, one manifest each, one act at the end (令23 art. 16)."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.support.acts import Receive, SignAct
from tests.support.journeys import drum_at, filed_by, picked_up, planned, sign_trip
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about, rules_broken
from tests.support.world import AT, TODAY, World, a_drum, filed, scanned
from wastetrack.auth.model import Role
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Forbidden, NotFound
from wastetrack.ids import new_id
from wastetrack.manifests import closing_trips, filing, journey_queries, planning_trips, receiving, transporting
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.giving_evidence import vouched
from wastetrack.manifests.journey_model import PlanTrip, SignTrip
from wastetrack.manifests.model import SignedStep
from wastetrack.manifests.preparing import prepare, sign_intent
from wastetrack.reports.signature_checks import SignatureChecks
from wastetrack.transparency.evidence import EvidenceKind
from wastetrack.transparency.leaf import read

LOADED, THERE, TAKEN = (AT + timedelta(hours=hours) for hours in (1, 3, 5))


async def acts(session: ReadSession, manifest_id: UUID) -> list[str]:
    """What was signed on a manifest."""
    rows = await session.execute(
        text("select act from manifest_signatures where manifest_id = :id order by position"), {"id": manifest_id}
    )
    return [act for (act,) in rows]


async def test_one_act_arrives_and_one_act_receives_and_confirms_them_all(
    town_session: WriteSession, world: World
) -> None:
    run = await planned(town_session, world)
    await picked_up(town_session, world, run, at=LOADED)
    trip, arrival = await closing_trips.arrive_trip(
        town_session, world.carrier.people[Role.DRIVER], sign_trip(run.trip_id), at=THERE
    )
    assert trip.state == "arrived"
    for manifest_id, drum, gross in zip(run.manifests, run.drums, ("200 kg", "110 kg"), strict=True):
        await scanned(town_session, world, manifest_id, drum, gross)
    town_session.expunge_all()
    trip, closing = await closing_trips.close_trip(town_session, world.receiver.owner, sign_trip(run.trip_id), at=TAKEN)
    assert trip.state == "closed"
    for manifest_id in run.manifests:
        # Each manifest keeps its own signatures, its own leaves, its own books.
        assert await acts(town_session, manifest_id) == ["file", "pick_up", "arrive", "receive", "confirm"]
        assert await balances(town_session, manifest_id) == {}
        told = [event for event in await events_about(town_session, manifest_id) if event.get("evidence")]
        by_kind = {event["kind"]: event for event in told}
        assert by_kind["manifest_arrived"]["evidence"] == {"kind": "follows", "event": str(arrival.id)}
        for kind in ("manifest_received", "manifest_confirmed"):
            assert by_kind[kind]["evidence"] == {"kind": "follows", "event": str(closing.id)}
            assert by_kind[kind]["id"] in by_kind["trip_closed"]["given"]["followed_by"]
        assert by_kind["trip_closed"]["evidence"] == {"kind": "password"}
    assert await balances(town_session, world.receiver.site.id) == {"stored": 270_000}
    assert await books_and_containers_agree(town_session, world.receiver.site.id)
    with pytest.raises(OutOfOrder):
        await closing_trips.close_trip(town_session, world.receiver.owner, sign_trip(run.trip_id), at=TAKEN)


async def test_a_verifier_finds_the_one_signature_from_each_manifest(town_session: WriteSession, world: World) -> None:
    run = await planned(town_session, world)
    await picked_up(town_session, world, run, at=LOADED)
    await closing_trips.arrive_trip(town_session, world.carrier.owner, sign_trip(run.trip_id), at=THERE)
    rows = await town_session.execute(
        text("select bytes from log_leaves join log_subjects using (arrival) where subject_id = :id order by arrival"),
        {"id": run.manifests[1]},
    )
    checks = SignatureChecks()
    found = [checks.check(read(bytes(content))) for (content,) in rows]
    assert found[-1] is not None
    assert found[-1].message == "Brought about by the signed event {event}."


async def test_the_signer_reads_every_manifest_and_gives_one_factor(town_session: WriteSession, world: World) -> None:
    run = await planned(town_session, world)
    await picked_up(town_session, world, run, at=LOADED)
    asked = Asked(step=SignedStep.TRIP_ARRIVAL, subject_id=run.trip_id)
    actor = world.carrier.people[Role.DRIVER]
    intent = await prepare(town_session, actor, asked, at=THERE)
    numbers = await town_session.execute(
        text("select number from manifests where id = any(:ids)"), {"ids": list(run.manifests)}
    )
    for (number,) in numbers:
        assert number in intent.words["zh"]
        assert number in intent.words["en"]
    assert await acts(town_session, run.manifests[0]) == ["file", "pick_up"]  # only prepared
    acted = await sign_intent(town_session, actor, intent.id, vouched(EvidenceKind.TOTP), at=THERE)
    assert acted.trip is not None
    assert acted.appended.id == intent.event_id
    assert await acts(town_session, run.manifests[1]) == ["file", "pick_up", "arrive"]


async def test_nothing_is_signed_for_a_trip_without_a_factor(town_session: WriteSession, world: World) -> None:
    run = await planned(town_session, world)
    await picked_up(town_session, world, run, at=LOADED)
    unsigned = SignTrip(trip_id=run.trip_id)
    work = closing_trips.arrive_trip(town_session, world.carrier.owner, unsigned, at=THERE)
    assert await codes_broken(work) == ["factor_missing"]


async def test_a_stop_that_is_ahead_keeps_the_trip_open_and_a_withdrawn_one_does_not(
    town_session: WriteSession, world: World
) -> None:
    run = await planned(town_session, world)
    first, second = run.manifests
    await transporting.pick_up(town_session, world.carrier.owner, SignAct(manifest_id=first), at=LOADED)
    arrive = closing_trips.arrive_trip(town_session, world.carrier.owner, sign_trip(run.trip_id), at=THERE)
    assert await codes_broken(arrive) == ["stop_ahead"]
    await filing.cancel_manifest(
        town_session, world.stranger.owner, SignAct(manifest_id=second, reason="未备妥"), at=LOADED
    )
    await closing_trips.arrive_trip(town_session, world.carrier.owner, sign_trip(run.trip_id), at=THERE)
    assert (await acts(town_session, first))[-1] == "arrive"
    assert (await acts(town_session, second))[-1] == "cancel"


async def test_what_differs_has_a_receipt_of_its_own_and_the_rest_is_closed_together(
    town_session: WriteSession, world: World
) -> None:
    run = await planned(town_session, world)
    await picked_up(town_session, world, run, at=LOADED)
    await closing_trips.arrive_trip(town_session, world.carrier.owner, sign_trip(run.trip_id), at=THERE)
    close = closing_trips.close_trip(town_session, world.receiver.owner, sign_trip(run.trip_id), at=TAKEN)
    assert await codes_broken(close) == ["containers_undecided", "containers_undecided"]
    await scanned(town_session, world, run.manifests[0], run.drums[0], "150 kg")
    await scanned(town_session, world, run.manifests[1], run.drums[1], "110 kg")
    town_session.expunge_all()
    close = closing_trips.close_trip(town_session, world.receiver.owner, sign_trip(run.trip_id), at=TAKEN)
    (rule,) = await rules_broken(close)
    assert (rule.code, rule.article) == ("stop_differs", "令23 art. 18")
    await receiving.receive(town_session, world.receiver.owner, Receive(manifest_id=run.manifests[0]), at=TAKEN)
    await closing_trips.close_trip(town_session, world.receiver.owner, sign_trip(run.trip_id), at=TAKEN)
    assert (await acts(town_session, run.manifests[0]))[-1] == "receive"
    assert (await acts(town_session, run.manifests[1]))[-1] == "confirm"


async def test_the_vehicle_bears_all_manifests_together(town_session: WriteSession, world: World) -> None:
    """Each load alone is light enough; both and their drums are not."""
    run = await planned(town_session, world)
    changed = text("update vehicles set rated_load_g = 309999 where organisation_id = :carrier")
    await town_session.execute(changed, {"carrier": world.carrier.id})
    first, second = (SignAct(manifest_id=manifest_id) for manifest_id in run.manifests)
    await transporting.pick_up(town_session, world.carrier.owner, first, at=LOADED)
    work = transporting.pick_up(town_session, world.carrier.owner, second, at=LOADED)
    assert await codes_broken(work) == ["vehicle_overloaded"]
    await town_session.execute(text("update vehicles set rated_load_g = 310000"))
    await transporting.pick_up(town_session, world.carrier.owner, second, at=LOADED)


async def test_a_trip_is_planned_over_what_belongs_together(town_session: WriteSession, world: World) -> None:
    run = await planned(town_session, world)
    owner = world.carrier.owner
    command = PlanTrip(trip_id=new_id(), plate=world.plate, day=TODAY, manifest_ids=run.manifests)

    async def why(wrong: PlanTrip) -> list[str]:
        return await codes_broken(planning_trips.plan_trip(town_session, owner, wrong, at=AT))

    assert await why(command) == ["stop_taken", "stop_taken"]
    assert await why(replace(command, manifest_ids=run.manifests[:1])) == ["trip_too_short"]
    assert await why(replace(command, manifest_ids=(run.manifests[0],) * 2)) == ["stop_twice"]
    assert await why(replace(command, manifest_ids=tuple(new_id() for _ in range(61)))) == ["trip_too_long"]
    assert await why(replace(command, plate=world.second_plate)) == ["vehicle_unknown"]
    free = await filed(town_session, world, [await a_drum(town_session, world)])
    gone = await filed_by(town_session, world.stranger, world, [await drum_at(town_session, world.stranger, world)])
    await transporting.pick_up(town_session, owner, SignAct(manifest_id=gone), at=LOADED)
    assert await why(replace(command, manifest_ids=(free, gone))) == ["stop_not_filed"]
    await town_session.execute(text("update vehicles set rated_load_g = 300000"))
    other = await filed(town_session, world, [await a_drum(town_session, world)])
    assert await why(replace(command, manifest_ids=(free, other))) == ["vehicle_overloaded"]


async def test_a_trip_is_for_its_carrier_and_its_receiver_and_no_shipper_sees_another(
    town_session: WriteSession, world: World
) -> None:
    run = await planned(town_session, world)
    for other in (world.generator.owner, world.stranger.owner, world.second_carrier.owner):
        with pytest.raises(NotFound):
            await journey_queries.trip(town_session, other, run.trip_id)
        with pytest.raises(NotFound):
            await closing_trips.arrive_trip(town_session, other, sign_trip(run.trip_id), at=THERE)
    await picked_up(town_session, world, run, at=LOADED)
    with pytest.raises(Forbidden):
        await closing_trips.arrive_trip(
            town_session, world.receiver.people[Role.SIGNER], sign_trip(run.trip_id), at=THERE
        )
    await closing_trips.arrive_trip(
        town_session, world.receiver.people[Role.GATE_OPERATOR], sign_trip(run.trip_id), at=THERE
    )
    with pytest.raises(Forbidden):
        await closing_trips.close_trip(town_session, world.carrier.owner, sign_trip(run.trip_id), at=TAKEN)
    # In the chain of one shipper's manifest stand the ids of the others, and nothing else of them.
    other_number = await town_session.scalar(
        text("select number from manifests where id = :id"), {"id": run.manifests[1]}
    )
    assert str(other_number) not in str(await events_about(town_session, run.manifests[0]))
