"""Trip cards: hand-over, pick-up, arrival, receipt; the month's manifest runs under them and is summed up."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.audit.eventful import SIGNER
from tests.support.acts import SignAct
from tests.support.medical import (
    Hospital,
    SignCard,
    a_card,
    at_the_plant,
    drafted,
    in_store,
    loaded,
    packed,
    taken_in,
    weighed,
)
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about
from tests.support.world import AT, World, a_drum
from wastetrack.auth.model import Actor, Role
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import Packaging
from wastetrack.containers.packaging_rules import MedicalClass
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.errors import Conflict, Forbidden, NotFound, RuleBroken
from wastetrack.manifests import queries as manifests
from wastetrack.manifests import receiving, running
from wastetrack.manifests.errors import Stale
from wastetrack.manifests.filing import cancel_manifest
from wastetrack.manifests.model import ManifestState
from wastetrack.mass import Mass
from wastetrack.medical import card_queries, signing_cards
from wastetrack.medical.cards import cancel_card, draft_card
from wastetrack.medical.carrying import arrive, hand_over, pick_up
from wastetrack.medical.cleaning import record_cleaning
from wastetrack.medical.model import CardState, Cleaned, RecordCleaning, WeighAtPlant
from wastetrack.medical.plant import receive_card, weigh_at_plant
from wastetrack.medical.sharing import shares
from wastetrack.reports.auditing.running import recompute
from wastetrack.transparency.publishing import publish_all

MONTH_END = datetime(2026, 3, 31, 10, 0, tzinfo=UTC)
assert signing_cards.CARD_STEPS


async def stored(session: WriteSession, hospital: Hospital, *gross: str) -> list[Container]:
    """Bags in the temporary store."""
    bags = [await packed(session, hospital, weighing=weighed(one)) for one in gross]
    await in_store(session, hospital, bags)
    return bags


def gate(world: World) -> Actor:
    """Who weighs at the plant."""
    return world.receiver.people[Role.GATE_OPERATOR]


def found_of(bag: Container, card_id: UUID, gross: str) -> WeighAtPlant:
    """One bag on the plant's scale."""
    return WeighAtPlant(card_id=card_id, code=DigitalCode.parse(bag.digital_code), gross=Mass.parse(gross))


async def test_a_card_moves_its_bags_within_the_months_manifest(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    bags = await stored(ward_session, hospital, "3.25 kg", "8.05 kg")
    card_id = await loaded(ward_session, hospital, world, bags)
    card = await card_queries.card(ward_session, hospital.office, card_id)
    manifest = await manifests.manifest_row(ward_session, world.carrier.owner, card.manifest_id)
    assert (manifest.state, manifest.kind, manifest.number) == ("running", "medical", None)
    assert (card.state, card.serial, card.bags, card.declared_g) == ("on_the_road", 1, 2, 11_200)
    assert await balances(ward_session, hospital.site_id, card.manifest_id) == {
        "generated": -11_200,
        "in_transit": 11_200,
    }
    assert {bag.state for bag in bags} == {"in_transit"}
    await arrive(ward_session, gate(world), card_id, at=AT + timedelta(hours=4))
    for bag, gross in zip(bags, ("3.25 kg", "7.05 kg"), strict=True):
        await weigh_at_plant(ward_session, gate(world), found_of(bag, card_id, gross), at=AT + timedelta(hours=4))
    await receive_card(ward_session, world.receiver.owner, SignCard(card_id=card_id), at=AT + timedelta(hours=5))
    found = [bag.found for bag in await card_queries.bags_of(ward_session, card_id)]
    assert sorted(map(str, found)) == ["as_declared", "different"]
    assert await balances(ward_session, world.receiver.site.id, card.manifest_id) == {
        "stored": 10_200,
        "discrepancy:weighing": 1_000,
    }
    assert await books_and_containers_agree(ward_session, hospital.site_id, world.receiver.site.id)


async def test_a_load_that_was_weighed_as_a_whole_is_shared_among_its_bags(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    bags = await stored(ward_session, hospital, "3.25 kg", "3.25 kg", "8.05 kg")
    card_id = await at_the_plant(ward_session, hospital, world, bags)
    signer = world.receiver.people[Role.SIGNER]
    receipt = partial(receive_card, ward_session, signer, SignCard(card_id=card_id), at=AT + timedelta(hours=5))
    assert await codes_broken(receipt()) == ["nothing_weighed"]
    lost = WeighAtPlant(card_id=card_id, container_id=bags[1].id, missing=True)
    assert await codes_broken(weigh_at_plant(ward_session, gate(world), lost, at=AT)) == ["reason_missing"]
    await weigh_at_plant(ward_session, gate(world), replace(lost, reason="车厢内未见"), at=AT)
    assert await codes_broken(receipt(total=Mass(1))) == ["total_too_small"]
    await receipt(total=Mass(11_000))
    measured = {
        bag.container_id: (bag.found, bag.measured_g) for bag in await card_queries.bags_of(ward_session, card_id)
    }
    assert [measured[bag.id] for bag in bags] == [("as_declared", 3_143), ("missing", None), ("as_declared", 7_857)]
    assert [bag.state for bag in bags] == ["at_site", "lost", "at_site"]
    card = await card_queries.card(ward_session, signer, card_id)
    assert await balances(ward_session, world.receiver.site.id, card.manifest_id) == {
        "stored": 11_000,
        "discrepancy:weighing": 200,
        "discrepancy:missing_container": 3_200,
    }


@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=40), st.integers(0, 1_000_000))
def test_shares_add_up_and_leave_nobody_empty(declared: list[int], spare: int) -> None:
    total = len(declared) + spare
    given_out = shares(total, declared)
    assert sum(given_out) == total
    assert min(given_out) >= 1
    for one, share in zip(declared, given_out, strict=True):
        assert abs(share - 1 - spare * one / sum(declared)) < 1


async def test_the_month_is_summed_up_from_its_cards_and_confirmed(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    first = await taken_in(ward_session, hospital, world, await stored(ward_session, hospital, "3.25 kg"), "3.2 kg")
    sharps = await packed(
        ward_session,
        hospital,
        kind=MedicalClass.SHARP,
        packaging=Packaging.SHARPS_BOX,
        volume_l=5,
        weighing=weighed("1.05 kg"),
    )
    second = await at_the_plant(ward_session, hospital, world, [sharps])
    cards = [await card_queries.card(ward_session, hospital.office, one) for one in (first, second)]
    assert [card.serial for card in cards] == [1, 2]
    assert len({card.manifest_id for card in cards}) == 1
    manifest_id = cards[0].manifest_id
    sum_up = partial(running.sum_up, ward_session, hospital.office, SignAct(manifest_id=manifest_id), at=MONTH_END)
    assert await codes_broken(sum_up()) == ["card_left_open"]
    await receive_card(
        ward_session, world.receiver.owner, SignCard(card_id=second), total=Mass(980), at=AT + timedelta(hours=6)
    )
    row, _ = await sum_up()
    assert row.number is not None
    assert row.number.startswith("20263706")
    _, totals = await running.period_of(ward_session, manifest_id)
    assert [(one.waste_code, one.records, one.sent_g, one.received_g) for one in totals] == [
        ("841-001-01", 1, 3_200, 3_200),
        ("841-002-01", 1, 1_000, 980),
    ]
    late = draft_card(
        ward_session,
        hospital.office,
        a_card(hospital, world, await stored(ward_session, hospital, "2 kg")),
        at=MONTH_END,
    )
    assert await codes_broken(late) == ["month_summed_up"]
    row, _ = await receiving.confirm(
        ward_session, world.receiver.owner, SignAct(manifest_id=manifest_id), at=MONTH_END + timedelta(hours=1)
    )
    assert row.state == ManifestState.CLOSED.value


async def test_who_may_do_which_step_and_in_which_order(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    bags = await stored(ward_session, hospital, "3.25 kg")
    card_id = await drafted(ward_session, hospital, world, bags)
    sign, at = SignCard(card_id=card_id), AT + timedelta(hours=3)
    driver, office = world.carrier.people[Role.DRIVER], hospital.office
    with pytest.raises(NotFound):  # nobody else sees a draft
        await pick_up(ward_session, driver, sign, at=at)
    with pytest.raises(Forbidden):
        await hand_over(ward_session, hospital.nurse, sign, at=at)
    with pytest.raises(Stale):
        await hand_over(ward_session, office, SignCard(card_id=card_id, version=7), at=at)
    unsigned = SignCard(card_id=card_id, signing=None)
    assert await codes_broken(hand_over(ward_session, office, unsigned, at=at)) == ["factor_missing"]
    await ward_session.rollback()


async def test_a_handed_over_card_waits_for_its_carrier(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    bags = await stored(ward_session, hospital, "3.25 kg")
    card_id = await drafted(ward_session, hospital, world, bags)
    sign, at = SignCard(card_id=card_id), AT + timedelta(hours=3)
    driver, office = world.carrier.people[Role.DRIVER], hospital.office
    await hand_over(ward_session, office, sign, at=at)
    with pytest.raises(Conflict):
        await hand_over(ward_session, office, sign, at=at)
    with pytest.raises(Conflict):
        await arrive(ward_session, driver, card_id, at=at)
    with pytest.raises(Forbidden):
        await pick_up(ward_session, gate(world), sign, at=at)
    with pytest.raises(NotFound):
        await pick_up(ward_session, world.stranger.owner, sign, at=at)
    await pick_up(ward_session, driver, sign, at=at)
    with pytest.raises(Conflict):
        await cancel_card(ward_session, office, card_id, reason="改期", at=at)
    with pytest.raises(Forbidden):
        await arrive(ward_session, hospital.office, card_id, at=at)
    await arrive(ward_session, driver, card_id, at=at)
    other = await packed(ward_session, hospital)
    with pytest.raises(NotFound):
        await weigh_at_plant(ward_session, gate(world), found_of(other, card_id, "3 kg"), at=at)


async def test_a_card_is_withdrawn_before_it_moves(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    bags = await stored(ward_session, hospital, "3.25 kg")
    card_id = await drafted(ward_session, hospital, world, bags)
    again = a_card(hospital, world, bags)
    assert await codes_broken(draft_card(ward_session, hospital.office, again, at=AT)) == ["container_on_open_card"]
    await hand_over(ward_session, hospital.office, SignCard(card_id=card_id), at=AT + timedelta(hours=3))
    at = AT + timedelta(hours=4)
    assert await codes_broken(cancel_card(ward_session, hospital.office, card_id, at=at)) == ["reason_missing"]
    card, _ = await cancel_card(ward_session, hospital.office, card_id, reason="车辆故障", at=at)
    assert card.state == CardState.CANCELLED.value
    another = await draft_card(ward_session, hospital.office, again, at=at)
    assert (another.serial, another.manifest_id) == (2, card.manifest_id)


async def test_a_manifest_with_a_load_on_the_road_is_not_withdrawn(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    card_id = await loaded(ward_session, hospital, world, await stored(ward_session, hospital, "3.25 kg"))
    card = await card_queries.card(ward_session, hospital.office, card_id)
    command = SignAct(manifest_id=card.manifest_id, reason="填错")
    broken = await codes_broken(cancel_manifest(ward_session, hospital.office, command, at=AT + timedelta(hours=4)))
    assert broken == ["moved_already"]


async def test_what_a_card_may_not_hold(ward_session: WriteSession, hospital: Hospital, world: World) -> None:
    bag = await packed(ward_session, hospital)
    wrong = a_card(hospital, world, [bag], plate="鲁F99999", driver_name=" ", boxes=-1)
    broken = await codes_broken(draft_card(ward_session, hospital.office, wrong, at=AT))
    assert broken == ["boxes_negative", "driver_missing", "vehicle_unknown"]
    drum = await a_drum(ward_session, world)
    strange = a_card(hospital, world, [], site_id=world.generator.site.id, container_ids=(drum.id,))
    assert await codes_broken(draft_card(ward_session, world.generator.owner, strange, at=AT)) == ["not_medical"]
    await loaded(ward_session, hospital, world, [bag])
    gone = a_card(hospital, world, [bag])
    assert await codes_broken(draft_card(ward_session, hospital.office, gone, at=AT)) == ["container_elsewhere"]


async def test_a_vehicle_whose_licence_has_ended_takes_no_bags(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    card_id = await drafted(ward_session, hospital, world, await stored(ward_session, hospital, "3.25 kg"))
    at, sign = AT + timedelta(hours=3), SignCard(card_id=card_id)
    await hand_over(ward_session, hospital.office, sign, at=at)
    ended = sa.text("update vehicles set licence_valid_to = :day where organisation_id = :carrier")
    await ward_session.execute(ended, {"day": AT.date() - timedelta(days=1), "carrier": world.carrier.id})
    work = pick_up(ward_session, world.carrier.people[Role.DRIVER], sign, at=at)
    assert await codes_broken(work) == ["vehicle_licence_expired"]


async def test_highly_infectious_bags_come_first(ward_session: WriteSession, hospital: Hospital, world: World) -> None:
    plain = await packed(ward_session, hospital)
    fever = await packed(ward_session, hospital, highly_infectious=True, layers=2)
    card_id = await drafted(ward_session, hospital, world, [plain, fever])
    bags = await card_queries.bags_of(ward_session, card_id)
    assert [bag.container_id for bag in bags] == [fever.id, plain.id]
    card = await card_queries.card(ward_session, hospital.office, card_id)
    assert card.highly_infectious


async def test_after_the_trip_vehicle_and_boxes_are_cleaned(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    card_id = await loaded(ward_session, hospital, world, await stored(ward_session, hospital, "3.25 kg"))
    wash = RecordCleaning(card_id=card_id, what=(Cleaned.VEHICLE, Cleaned.BOXES), agent="含氯消毒剂 1000 mg/L", boxes=2)
    with pytest.raises(Conflict):
        await record_cleaning(ward_session, gate(world), wash, at=AT + timedelta(hours=4))
    await arrive(ward_session, gate(world), card_id, at=AT + timedelta(hours=4))
    with pytest.raises(Forbidden):
        await record_cleaning(ward_session, hospital.office, wash, at=AT + timedelta(hours=5))
    empty = RecordCleaning(card_id=card_id, what=(), agent=" ")
    broken = await codes_broken(record_cleaning(ward_session, gate(world), empty, at=AT + timedelta(hours=5)))
    assert broken == ["agent_missing", "cleaning_missing"]
    await record_cleaning(ward_session, gate(world), wash, at=AT + timedelta(hours=5))
    kept = await card_queries.cleanings_of(ward_session, card_id)
    assert sorted(one.what for one in kept) == ["boxes", "vehicle"]
    assert (await events_about(ward_session, card_id))[-1]["kind"] == "trip_cleaned"


@pytest.mark.commits
async def test_the_whole_way_recomputes_to_the_gram(
    fresh_hospital: AsyncEngine, hospital: Hospital, world: World
) -> None:
    async with writing(fresh_hospital) as session:
        bags = await stored(session, hospital, "3.25 kg", "8.05 kg", "2.05 kg")
        card_id = await at_the_plant(session, hospital, world, bags)
        lost = WeighAtPlant(card_id=card_id, container_id=bags[2].id, missing=True, reason="车厢内未见")
        await weigh_at_plant(session, gate(world), lost, at=AT + timedelta(hours=4))
        await weigh_at_plant(session, gate(world), found_of(bags[0], card_id, "3.3 kg"), at=AT + timedelta(hours=4))
        receipt = SignCard(card_id=card_id)
        at = AT + timedelta(hours=5)
        card, _ = await receive_card(session, world.receiver.owner, receipt, total=Mass(11_500), at=at)
        month = SignAct(manifest_id=card.manifest_id)
        await running.sum_up(session, hospital.office, month, at=MONTH_END)
        await receiving.confirm(session, world.receiver.owner, month, at=MONTH_END)
    await publish_all(fresh_hospital, SIGNER)
    async with reading(fresh_hospital) as books:
        report = await recompute(books, SIGNER.verifier)
        assert [finding.sentence() for finding in report.findings] == []
        sums = await books.execute(sa.text("select coalesce(sum(balance_g), 0) from accounts"))
        assert sums.scalar_one() == 0
        road = await books.execute(sa.text("select sum(balance_g) from accounts where kind = 'in_transit'"))
        assert road.scalar_one() == 0


@pytest.mark.commits
async def test_two_cards_over_one_bag_made_at_once(
    fresh_hospital: AsyncEngine, hospital: Hospital, world: World
) -> None:
    async with writing(fresh_hospital) as session:
        bags = await stored(session, hospital, "3.25 kg", "2.05 kg")

    async def make() -> None:
        async with writing(fresh_hospital) as session:
            await draft_card(session, hospital.office, a_card(hospital, world, bags), at=AT + timedelta(hours=2))

    done = await asyncio.gather(*(make() for _ in range(5)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["NoneType", *["RuleBroken"] * 4]
    assert {rule.code for one in done if isinstance(one, RuleBroken) for rule in one.broken} == {
        "container_on_open_card"
    }
    async with reading(fresh_hospital) as books:
        months = await books.execute(sa.text("select count(*) from manifests where kind = 'medical'"))
        assert months.scalar_one() == 1
