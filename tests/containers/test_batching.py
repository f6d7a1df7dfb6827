"""Batches that run for days, on the ground of a permit or as one's own waste; where their grams went."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tests.containers.test_treating import ASH, LATER, a_residue, at_the_plant, burning
from tests.support.facilities import facility_added
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about
from tests.support.world import AT, SLUDGE, TODAY, World, a_drum, filed, weighed
from wastetrack.auth.model import Actor, Role
from wastetrack.containers import queries
from wastetrack.containers.batch_rules import (
    BatchBasis,
    BatchOutcome,
    BatchPlan,
    Heel,
    Product,
    Reading,
    ReadingKind,
    balance,
)
from wastetrack.containers.batching import begin_batch, finish_batch, withdraw_batch
from wastetrack.containers.errors import BatchOver, BatchUnknown, ContainerElsewhere
from wastetrack.containers.model import BeginBatch, FinishBatch, WeighContainer, WithdrawBatch
from wastetrack.containers.queries import Container
from wastetrack.containers.storing import weigh_container
from wastetrack.containers.treating import treat
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden
from wastetrack.mass import Mass
from wastetrack.parties.facilities import FacilityKind

POWER = Reading(kind=ReadingKind.ENERGY, name="电", quantity=Decimal("1200.5"), unit="kWh")
LIME = Reading(kind=ReadingKind.REAGENT, name="石灰", quantity=Decimal(30), unit="kg")
HEAT = Reading(kind=ReadingKind.PARAMETER, name="炉温", quantity=Decimal(1100), unit="℃")
BASE_OIL = Product(name="再生基础油", mass=Mass.parse("150 kg"), destination="山东某润滑油公司")
DAYS_LATER = LATER + timedelta(days=3)


def operator(world: World) -> Actor:
    return world.receiver.people[Role.GATE_OPERATOR]


def beginning(world: World, drums: list[Container], **changes: Any) -> BeginBatch:  # noqa: ANN401  any field
    fields: dict[str, Any] = {
        "site_id": world.receiver.site.id,
        "container_ids": tuple(drum.id for drum in drums),
        "method": "R9",
        "begun_on": TODAY + timedelta(days=1),
    }
    return BeginBatch(**fields | changes)


def ending(batch_id: UUID, **changes: Any) -> FinishBatch:  # noqa: ANN401  any field
    fields: dict[str, Any] = {"batch_id": batch_id, "treated_on": TODAY + timedelta(days=5)}
    return FinishBatch(**fields | changes)


async def test_a_batch_runs_for_days_and_ends_in_products_residues_and_smoke(
    town_session: WriteSession, world: World
) -> None:
    drums = await at_the_plant(town_session, world, "180 kg", "90 kg")
    furnace = await facility_added(town_session, world.receiver.owner, world.receiver.site.id, FacilityKind.USE)
    plan = BatchPlan(facility_id=furnace.id, recipe="蒸馏 2号方", started_at=LATER)
    batch, _ = await begin_batch(town_session, operator(world), beginning(world, drums, plan=plan), at=LATER)
    assert (batch.state, batch.input_g) == ("running", 270_000)
    assert await balances(town_session, world.receiver.site.id) == {"stored": 270_000}, "nothing is booked yet"
    outcome = BatchOutcome(finished_at=DAYS_LATER, readings=(POWER, LIME, HEAT), products=(BASE_OIL,), heels=())
    command = ending(batch.id, outcome=outcome, residues=(a_residue("40 kg"),))
    done, residues, _ = await finish_batch(town_session, operator(world), command, at=DAYS_LATER)
    assert (done.state, done.input_g, done.product_g, done.residue_g) == ("finished", 270_000, 150_000, 40_000)
    assert (done.started_at, done.finished_at) == (LATER, DAYS_LATER)
    assert await balances(town_session, world.receiver.site.id) == {
        "treated:R9": 270_000,
        "stored": 40_000,
        "residue_source": -40_000,
    }
    assert await books_and_containers_agree(town_session, world.receiver.site.id)
    begun, treated = (await events_about(town_session, drums[0].id))[-2:]
    assert (begun["kind"], treated["kind"], treated["id"]) == ("batch_begun", "batch_treated", str(batch.id))
    facts = treated["facts"]
    assert facts["rest_g"] == 270_000 + 30_000 - 150_000 - 40_000
    assert (facts["facility"], facts["recipe"]) == (str(furnace.id), "蒸馏 2号方")
    assert facts["products"] == [{"name": "再生基础油", "mass_g": 150_000, "destination": "山东某润滑油公司"}]
    assert facts["readings"][0] == {"kind": "energy", "name": "电", "quantity": "1200.5", "unit": "kWh"}
    assert [row.waste_code for row in residues] == [ASH]
    readings = await queries.readings_of(town_session, batch.id)
    assert [(row.kind, row.name, row.quantity) for row in readings][:1] == [("energy", "电", Decimal("1200.5"))]
    assert [row.mass_g for row in await queries.products_of(town_session, batch.id)] == [150_000]
    await town_session.commit()


async def test_a_running_batch_holds_its_containers(town_session: WriteSession, world: World) -> None:
    drums = await at_the_plant(town_session, world, "180 kg")
    batch, _ = await begin_batch(town_session, operator(world), beginning(world, drums), at=LATER)
    with pytest.raises(ContainerElsewhere, match="container_in_batch"):
        await treat(town_session, operator(world), burning(world, drums), at=LATER)
    with pytest.raises(ContainerElsewhere, match="container_in_batch"):
        await begin_batch(town_session, operator(world), beginning(world, drums), at=LATER)
    with pytest.raises(Forbidden):
        await finish_batch(town_session, world.receiver.people[Role.SIGNER], ending(batch.id), at=DAYS_LATER)
    withdrawn = WithdrawBatch(batch_id=batch.id, reason="设备故障")
    row, _ = await withdraw_batch(town_session, operator(world), withdrawn, at=LATER)
    assert row.state == "withdrawn"
    await treat(town_session, operator(world), burning(world, drums), at=LATER)
    for late in (finish_batch(town_session, operator(world), ending(batch.id), at=DAYS_LATER),):
        with pytest.raises(BatchOver):
            await late
    with pytest.raises(BatchUnknown):
        await withdraw_batch(town_session, operator(world), WithdrawBatch(batch_id=drums[0].id, reason="x"), at=LATER)


async def test_what_is_in_a_batch_is_on_no_manifest_and_is_not_weighed_again(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    owner, site = world.generator.owner, world.generator.site.id
    still = await facility_added(town_session, owner, site, FacilityKind.USE)
    own = BatchPlan(basis=BatchBasis.OWN, facility_id=still.id)
    command = BeginBatch(site_id=site, container_ids=(drum.id,), method="R9", begun_on=TODAY, plan=own)
    await begin_batch(town_session, owner, command, at=AT)
    assert await codes_broken(filed(town_session, world, [drum])) == ["container_in_batch"]
    with pytest.raises(ContainerElsewhere):
        await weigh_container(
            town_session, owner, WeighContainer(container_id=drum.id, weighing=weighed("181 kg")), at=AT
        )


async def test_a_generator_treats_its_own_waste_in_its_own_facility_without_a_permit(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    owner, site = world.generator.owner, world.generator.site.id
    still = await facility_added(town_session, owner, site, FacilityKind.USE)
    own = BatchPlan(basis=BatchBasis.OWN, facility_id=still.id)
    command = burning(world, [drum], site_id=site, method="R9", treated_on=TODAY, plan=own)
    batch, _, _ = await treat(town_session, owner, command, at=AT)
    assert (batch.basis, batch.facility_id) == ("own", still.id)
    assert await balances(town_session, site) == {"generated": -180_000, "treated:R9": 180_000}


async def test_the_ground_of_an_own_treatment_is_own_waste_in_an_own_facility(
    town_session: WriteSession, world: World
) -> None:
    owner, site = world.generator.owner, world.generator.site.id
    drum = await a_drum(town_session, world)
    line = await facility_added(town_session, owner, site, FacilityKind.PRODUCTION)
    theirs = await facility_added(town_session, world.receiver.owner, world.receiver.site.id, FacilityKind.DISPOSAL)

    async def broken(facility_id: UUID | None, method: str = "R9") -> list[str]:
        plan = BatchPlan(basis=BatchBasis.OWN, facility_id=facility_id)
        command = burning(world, [drum], site_id=site, method=method, treated_on=TODAY, plan=plan)
        return await codes_broken(treat(town_session, owner, command, at=AT))

    assert await broken(None) == ["facility_missing"]
    assert await broken(line.id) == ["facility_of_other_kind"]
    assert await broken(theirs.id) == ["facility_elsewhere"]
    assert await broken(None, "Y10") == ["facility_missing", "method_of_other_waste"]
    (brought,) = await at_the_plant(town_session, world, "180 kg", code=SLUDGE)
    plan = BatchPlan(basis=BatchBasis.OWN, facility_id=theirs.id)
    others = burning(world, [brought], plan=plan)
    assert await codes_broken(treat(town_session, operator(world), others, at=LATER)) == ["not_own_waste"]


async def test_a_container_keeps_what_was_left_in_it(town_session: WriteSession, world: World) -> None:
    drum, other = await at_the_plant(town_session, world, "180 kg", "180 kg")
    heel = Heel(container_id=drum.id, gross=Mass.parse("25 kg"), scale_id="PS-9")
    command = burning(world, [drum, other], outcome=BatchOutcome(heels=(heel,)))
    batch, _, _ = await treat(town_session, operator(world), command, at=LATER)
    assert batch.input_g == 355_000
    assert (drum.state, drum.net_g, drum.gross_g, drum.treatment_batch_id) == ("at_site", 5_000, 25_000, None)
    assert other.state == "treated"
    assert await balances(town_session, world.receiver.site.id) == {"treated:D10": 355_000, "stored": 5_000}
    assert await books_and_containers_agree(town_session, world.receiver.site.id)
    facts = (await events_about(town_session, drum.id))[-1]["facts"]
    assert facts["containers"][0]["heel_g"] == 5_000
    # What was left can be treated by the next batch.
    await treat(town_session, operator(world), burning(world, [drum]), at=LATER)
    assert await balances(town_session, world.receiver.site.id) == {"treated:D10": 360_000}


async def test_everything_wrong_with_an_outcome_is_told_at_once(town_session: WriteSession, world: World) -> None:
    (drum,) = await at_the_plant(town_session, world, "180 kg")
    nameless = Product(name=" ", mass=Mass(0))
    heavy = Product(name="油", mass=Mass.parse("200 kg"))
    bad = Reading(kind=ReadingKind.ENERGY, name="", quantity=Decimal(-1), unit="kWh")
    wrong = burning(
        world,
        [drum],
        outcome=BatchOutcome(finished_at=LATER + timedelta(days=9), readings=(bad,), products=(nameless, heavy)),
    )
    assert await codes_broken(treat(town_session, operator(world), wrong, at=LATER)) == [
        "dated_in_future",
        "disposal_without_product",
        "finished_on_other_day",
        "product_massless",
        "product_nameless",
        "products_exceed_input",
        "reading_absurd",
        "reading_incomplete",
    ]
    heels = (Heel(container_id=drum.id, gross=Mass.parse("20 kg")), Heel(container_id=world.permit_id, gross=Mass(1)))
    wrong = burning(world, [drum], outcome=BatchOutcome(heels=heels))
    assert await codes_broken(treat(town_session, operator(world), wrong, at=LATER)) == [
        "heel_absurd",
        "heel_elsewhere",
    ]
    plan, end = BatchPlan(started_at=LATER), BatchOutcome(finished_at=LATER - timedelta(days=1))
    wrong = burning(world, [drum], plan=plan, outcome=end)
    assert await codes_broken(treat(town_session, operator(world), wrong, at=LATER)) == [
        "finished_before_begun",
        "finished_before_begun",
    ]


def test_reagents_in_a_unit_of_mass_count_and_others_do_not() -> None:
    litres = Reading(kind=ReadingKind.REAGENT, name="碱液", quantity=Decimal(10), unit="L")
    tonnes = Reading(kind=ReadingKind.REAGENT, name="石灰", quantity=Decimal("0.5"), unit="t")
    whole = balance(Mass(100_000), (litres, tonnes, POWER, HEAT), (BASE_OIL,), [Mass(20_000)])
    assert (whole.reagents.grams, whole.rest.grams) == (500_000, 430_000)


async def test_a_batch_that_began_under_a_permit_for_no_such_oil_does_not_begin(
    town_session: WriteSession, world: World
) -> None:
    drums = await at_the_plant(town_session, world, "180 kg", code=SLUDGE)
    command = beginning(world, drums)
    assert await codes_broken(begin_batch(town_session, operator(world), command, at=LATER)) == [
        "permit_without_method"
    ]
