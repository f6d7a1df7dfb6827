"""Treatment told in full: a batch with recipe, readings and products, one that runs, and a works' own."""

from datetime import date
from decimal import Decimal

from wastetrack.auth.model import Role
from wastetrack.cli.demonstration import places
from wastetrack.cli.demonstration.firms import Trade
from wastetrack.cli.demonstration.guests import ACID
from wastetrack.cli.demonstration.stories.hauling import Haul, label, weighed
from wastetrack.cli.demonstration.stories.telling import Teller
from wastetrack.cli.demonstration.wastes import WASTES
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.containers.batch_rules import BatchBasis, BatchOutcome, BatchPlan, Product, Reading, ReadingKind
from wastetrack.containers.batching import begin_batch, finish_batch
from wastetrack.containers.ledger_facts import Operation
from wastetrack.containers.model import BeginBatch, FinishBatch, Residue, Treat
from wastetrack.containers.treating import treat
from wastetrack.mass import Mass
from wastetrack.parties.equipping import register_facility
from wastetrack.parties.facilities import Described, FacilityKind, RegisterFacility
from wastetrack.plans import planning, queries
from wastetrack.plans.content import Quantity, TreatmentLine
from wastetrack.plans.model import PlanTable

_OIL, _OIL_METHOD = "900-214-08", "R9"
_OWN_METHOD, _OWN_RESIDUE, _OWN_FACILITY = "D9", "772-006-49", "TS002"


async def batches(teller: Teller) -> None:
    """Waste oil of a garage becomes base oil in one batch; the next is still in the still."""
    plant, garage = teller.year.cast.plants["oil"], teller.year.cast.shipper(Trade.GARAGE, places.SHOUGUANG)
    step = await teller.at(10, 8.0)
    loads = await label(teller, step, garage, _OIL, 172, 169, 174, 165)
    haul = Haul(
        teller=teller, sender=garage, receiver=plant, carriers=[teller.carrier()], method=_OIL_METHOD, loads=loads
    )
    await haul.go(await teller.later(step, 0.5))
    step = await teller.at(7, 8.0)
    plan = BatchPlan(
        recipe="减压蒸馏 2号方",
        components=(Reading(kind=ReadingKind.COMPONENT, name="废机油", quantity=Decimal(100), unit="%"),),
    )
    command = BeginBatch(
        site_id=plant.site.id,
        container_ids=tuple(load.id for load in loads[:2]),
        method=_OIL_METHOD,
        begun_on=local_day(step.at),
        plan=plan,
    )
    gate = plant.by(Role.GATE_OPERATOR)
    batch, _ = await begin_batch(step.session, gate, command, at=step.at)
    step = await teller.later(step, 9)
    ended = FinishBatch(
        batch_id=batch.id,
        treated_on=local_day(step.at),
        outcome=BatchOutcome(
            readings=(
                Reading(kind=ReadingKind.ENERGY, name="电", quantity=Decimal("41.5"), unit="kWh"),
                Reading(kind=ReadingKind.REAGENT, name="白土", quantity=Decimal(9), unit="kg"),
            ),
            products=(Product(name="再生基础油", mass=Mass.parse("248 kg"), destination="成品罐 V-302"),),
        ),
    )
    await finish_batch(step.session, gate, ended, at=step.at)
    step = await teller.at(1, 9.0)
    command = BeginBatch(
        site_id=plant.site.id,
        container_ids=tuple(load.id for load in loads[2:]),
        method=_OIL_METHOD,
        begun_on=local_day(step.at),
        plan=plan,
    )
    await begin_batch(step.session, gate, command, at=step.at)


async def own_treatment(teller: Teller) -> None:
    """The works enters a neutralisation plant, changes its filed plan for it, and neutralises acid of its own."""
    works = teller.guests.works
    owner = works.by(Role.OWNER)
    step = await teller.at(103, 9.0)
    command = RegisterFacility(
        site_id=works.site.id,
        kind=FacilityKind.DISPOSAL,
        code=_OWN_FACILITY,
        described=Described(name="废酸中和装置", capacity=Decimal(200), capacity_unit="t/a"),
        since=date(local_day(step.at).year, 1, 1),
    )
    facility = await register_facility(step.session, owner, command, at=step.at)
    step = await teller.later(step, 2)
    plan = await queries.plan_of(step.session, owner, works.site.id, local_day(step.at).year)
    assert plan is not None  # noqa: S101  every works has filed its plans
    await planning.start_change(step.session, owner, plan.id, at=step.at)
    line = TreatmentLine(
        facility_code=_OWN_FACILITY, waste_code=ACID, method=_OWN_METHOD, planned=Quantity(value=Decimal(60))
    )
    await planning.save_tables(step.session, owner, plan.id, {PlanTable.TREATMENT: (line,)}, at=step.at)
    await planning.file_plan(step.session, owner, plan.id, at=step.at)
    step = await teller.at(96, 8.0)
    loads = await label(teller, step, works, ACID, 960)
    step = await teller.later(step, 26)
    waste = WASTES[_OWN_RESIDUE]
    treated = Treat(
        site_id=works.site.id,
        container_ids=tuple(load.id for load in loads),
        method=_OWN_METHOD,
        treated_on=local_day(step.at),
        residues=(
            Residue(
                description=teller.year.description(_OWN_RESIDUE, local_day(step.at)),
                packaging=waste.vessel.packaging,
                volume_l=waste.vessel.volume_l,
                weighing=weighed(610_000, waste.vessel),
            ),
        ),
        operation=Operation(facility_code=_OWN_FACILITY, handler="孙志远"),
        plan=BatchPlan(basis=BatchBasis.OWN, facility_id=facility.id, recipe="石灰乳中和"),
        outcome=BatchOutcome(
            readings=(Reading(kind=ReadingKind.REAGENT, name="熟石灰", quantity=Decimal(310), unit="kg"),)
        ),
    )
    await treat(step.session, owner, treated, at=step.at)
