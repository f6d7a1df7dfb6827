"""A plan from its draft to its filed versions, on a real database."""

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.support import parties as made
from tests.support.facilities import facility_added
from tests.support.parties import member
from tests.support.plans import REDUCTION, UNIT, filed_with, plan_for, transfer_line
from tests.support.refused import codes_broken, events_about, rules_broken
from tests.support.world import AT, OIL, SLUDGE, World, a_drum, filed, received
from wastetrack.auth.model import Actor, Role
from wastetrack.catalogues.hazards import Hazard
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, Forbidden, NotFound, RuleBroken
from wastetrack.mass import Mass
from wastetrack.parties.facilities import FacilityKind
from wastetrack.parties.model import OrganisationKind, Site
from wastetrack.plans import actuals, classing, planning, queries
from wastetrack.plans.content import (
    FacilityLine,
    GenerationLine,
    Quantity,
    StorageLine,
    TransferLine,
    TreatmentLine,
)
from wastetrack.plans.model import ManagementClass, PlanTable, ReceiverKind, SetClass, TransferKind

YEAR = 2026


async def a_site(session: WriteSession) -> tuple[Actor, Site]:
    """A place of a firm that has planned nothing yet."""
    firm = await made.registered(session, OrganisationKind.GENERATOR)
    return member(firm.id), await made.site_added(session, firm)


def generation(code: str = OIL, **changes: Any) -> GenerationLine:  # noqa: ANN401  any field
    values: dict[str, Any] = {
        "waste_code": code,
        "hazards": (Hazard.TOXIC, Hazard.IGNITABLE),
        "planned": Quantity(value=5),
    }
    return GenerationLine(**values | changes)


def tables(world: World, **changes: Any) -> dict[PlanTable, Any]:  # noqa: ANN401  tables by name
    """What a small maker of waste must say."""
    told: dict[str, Any] = {
        "unit": UNIT,
        "generation": (generation(),),
        "transfer": (transfer_line(OIL, world.receiver.id, Mass.parse("5 t")),),
    }
    return {PlanTable(name): part for name, part in (told | changes).items()}


async def drafted(
    session: WriteSession, owner: Actor, site: Site, told: dict[PlanTable, Any], year: int = YEAR
) -> queries.Plan:
    row = await planning.start_plan(session, owner, site.id, year, at=AT)
    await planning.save_tables(session, owner, row.id, told, at=AT)
    return row


async def test_a_filed_plan_has_a_number_a_class_and_an_event(town_session: WriteSession, world: World) -> None:
    owner, site = await a_site(town_session)
    row = await drafted(town_session, owner, site, tables(world))
    row, leaf = await planning.file_plan(town_session, owner, row.id, at=AT)

    assert (row.state, row.version, row.filed_at) == ("filed", 1, AT)
    assert row.filing_number is not None
    assert row.filing_number.startswith("3706022026")
    (version,) = await queries.versions(town_session, row.id)
    assert (version.management_class, version.class_ground) == ("registration", "yearly_amount")
    assert version.particulars["site_address"] == site.address
    (event,) = await events_about(town_session, row.id)
    assert (event["kind"], event["id"]) == ("plan_filed", str(leaf.id))
    assert event["facts"]["filing_number"] == row.filing_number
    assert [(one["waste_code"], one["g"]) for one in event["facts"]["items"]] == [(OIL, 5_000_000)]
    said = await town_session.scalar(text("select body from log_personal where leaf_id = :id"), {"id": leaf.id})
    assert said["name"] == owner.person_name


async def test_filing_numbers_of_a_county_are_counted_without_gaps(town_session: WriteSession, world: World) -> None:
    numbers = []
    for _ in range(3):
        owner, site = await a_site(town_session)
        row = await drafted(town_session, owner, site, tables(world))
        row, _ = await planning.file_plan(town_session, owner, row.id, at=AT)
        numbers.append(int(str(row.filing_number)))
    assert numbers == list(range(numbers[0], numbers[0] + 3))


async def test_everything_that_is_missing_is_told_at_once(town_session: WriteSession) -> None:
    owner, site = await a_site(town_session)
    row = await planning.start_plan(town_session, owner, site.id, YEAR, at=AT)
    assert await codes_broken(planning.file_plan(town_session, owner, row.id, at=AT)) == [
        *["field_empty"] * 4,
        "industry_code_unreadable",
        "operation_undated",
        *["phone_unreadable"] * 2,
        *["plan_table_empty"] * 2,
    ]


WRONG: dict[str, tuple[Callable[[World], dict[str, Any]], str]] = {
    "a code of no list": (lambda _: {"generation": (generation("900-999-08"),), "transfer": ()}, "waste_code_unknown"),
    "no hazard": (lambda _: {"generation": (generation(hazards=()),)}, "hazards_missing"),
    "nothing planned": (lambda _: {"generation": (generation(planned=Quantity()),)}, "mass_not_positive"),
    "litres without density": (
        lambda _: {"generation": (generation(planned=Quantity.model_validate({"value": 5, "unit": "l"})),)},
        "conversion_missing",
    ),
    "a facility that is not there": (
        lambda _: {"generation": (generation(facility_code="MF9999"),)},
        "facility_not_fitting",
    ),
    "a line twice": (lambda _: {"generation": (generation(), generation())}, "plan_line_twice"),
    "a transfer of what is not made": (
        lambda world: {"transfer": (transfer_line(SLUDGE, world.receiver.id),)},
        "waste_not_in_plan",
    ),
    "no receiver": (
        lambda _: {"transfer": (TransferLine(waste_code=OIL, method="D10", planned=Quantity(value=1)),)},
        "receiver_missing",
    ),
    "a receiver without a permit": (
        lambda world: {"transfer": (transfer_line(OIL, world.carrier.id),)},
        "plan_receiver_not_permitted",
    ),
    "a method that its permit lacks": (
        lambda world: {"transfer": (transfer_line(OIL, world.receiver.id, method="D9"),)},
        "plan_receiver_not_permitted",
    ),
    "a method of no list": (
        lambda world: {"transfer": (transfer_line(OIL, world.receiver.id, method="D99"),)},
        "method_unknown",
    ),
    "across provinces within one": (
        lambda world: {"transfer": (transfer_line(OIL, world.receiver.id, kind=TransferKind.ACROSS),)},
        "transfer_kind_wrong",
    ),
    "abroad to a permit holder": (
        lambda world: {"transfer": (transfer_line(OIL, world.receiver.id, kind=TransferKind.ABROAD),)},
        "transfer_kind_wrong",
    ),
    "nobody abroad": (
        lambda _: {
            "transfer": (
                TransferLine(waste_code=OIL, method="R9", kind=TransferKind.ABROAD, receiver_kind=ReceiverKind.ABROAD),
            )
        },
        "field_empty",
    ),
}


@pytest.mark.parametrize("what", WRONG)
async def test_each_rule_of_the_tables(town_session: WriteSession, world: World, what: str) -> None:
    owner, site = await a_site(town_session)
    changes, rule = WRONG[what]
    row = await drafted(town_session, owner, site, tables(world, **changes(world)))
    assert rule in await codes_broken(planning.file_plan(town_session, owner, row.id, at=AT))


async def test_a_transfer_abroad_is_planned_in_words(town_session: WriteSession, world: World) -> None:
    owner, site = await a_site(town_session)
    abroad = TransferLine(
        waste_code=OIL,
        method="R9",
        planned=Quantity(value=1),
        kind=TransferKind.ABROAD,
        receiver_kind=ReceiverKind.ABROAD,
        receiver_name="Recycling AG",
    )
    row = await drafted(town_session, owner, site, tables(world, transfer=(abroad,)))
    row, _ = await planning.file_plan(town_session, owner, row.id, at=AT)
    assert await queries.items(town_session, (row.id,)) == []


async def test_a_site_of_ten_tonnes_says_how_it_stores_and_reduces(town_session: WriteSession, world: World) -> None:
    owner, site = await a_site(town_session)
    unit = UNIT.model_copy(update={"before_records": Quantity(value=10)})
    row = await drafted(town_session, owner, site, tables(world, unit=unit))
    broken = await rules_broken(planning.file_plan(town_session, owner, row.id, at=AT))
    assert [one.field for one in broken] == [
        "storage",
        "reduction.less_waste",
        "reduction.less_harm",
        "reduction.measures",
    ]
    store = await facility_added(town_session, owner, site.id, FacilityKind.STORAGE)
    more = {
        PlanTable.STORAGE: (StorageLine(facility_code=store.code, waste_code=OIL, packaging="钢桶"),),
        PlanTable.REDUCTION: REDUCTION,
    }
    version = await planning.save_tables(town_session, owner, row.id, more, at=AT)
    assert version.management_class == "simplified"
    await planning.file_plan(town_session, owner, row.id, at=AT)


async def test_own_disposal_makes_a_site_of_the_first_class_and_asks_for_all_tables(
    town_session: WriteSession, world: World
) -> None:
    owner, site = await a_site(town_session)
    codes = {
        kind: (await facility_added(town_session, owner, site.id, kind)).code
        for kind in (FacilityKind.PRODUCTION, FacilityKind.STORAGE, FacilityKind.DISPOSAL)
    }
    told = tables(
        world,
        facilities=(),
        generation=(generation(facility_code=codes[FacilityKind.PRODUCTION]),),
        storage=(StorageLine(facility_code=codes[FacilityKind.STORAGE], waste_code=OIL, packaging="钢桶"),),
        reduction=REDUCTION,
    )
    row = await drafted(town_session, owner, site, told)
    broken = await rules_broken(planning.file_plan(town_session, owner, row.id, at=AT))
    assert [one.field for one in broken] == ["facilities", "treatment"]
    more = {
        PlanTable.FACILITIES: tuple(FacilityLine(facility_code=code) for code in codes.values()),
        PlanTable.TREATMENT: (
            TreatmentLine(
                facility_code=codes[FacilityKind.DISPOSAL], waste_code=OIL, method="D10", planned=Quantity(value=2)
            ),
        ),
    }
    await planning.save_tables(town_session, owner, row.id, more, at=AT)
    row, _ = await planning.file_plan(town_session, owner, row.id, at=AT)
    (version,) = await queries.versions(town_session, row.id)
    assert (version.management_class, version.class_ground) == ("key_supervision", "own_use_or_disposal")


async def test_a_permit_holder_is_of_the_first_class(town_session: WriteSession, world: World) -> None:
    row = await planning.start_plan(town_session, world.receiver.owner, world.receiver.site.id, YEAR, at=AT)
    (version,) = await queries.versions(town_session, row.id)
    assert (version.management_class, version.class_ground) == ("key_supervision", "holds_an_operating_permit")


async def test_an_authority_sets_the_class_with_a_reason_and_takes_it_back(
    town_session: WriteSession, world: World
) -> None:
    owner, site = await a_site(town_session)
    approver = made.actor(Role.APPROVER, "r:3706", (world.inspector.organisation_id))
    command = SetClass(site_id=site.id, management_class=ManagementClass.KEY, reason="沿河一公里内")
    set_id, _ = await classing.set_class(town_session, approver, command, at=AT)
    row = await planning.start_plan(town_session, owner, site.id, YEAR, at=AT)
    (version,) = await queries.versions(town_session, row.id)
    assert (version.management_class, version.class_ground) == ("key_supervision", "set_by_the_authority")
    (event,) = await events_about(town_session, set_id)
    assert (event["kind"], event["facts"]["class"]) == ("class_set", "key_supervision")

    back = SetClass(site_id=site.id, management_class=None, reason="已搬迁")
    await classing.set_class(town_session, approver, back, at=AT + timedelta(hours=1))
    version = await planning.save_tables(town_session, owner, row.id, {PlanTable.UNIT: UNIT}, at=AT)
    assert version.management_class == "registration"


@pytest.mark.parametrize(
    ("role", "viewer"),
    [(Role.APPROVER, "r:370602"), (Role.APPROVER, "r:3702"), (Role.INSPECTOR, "r:3706"), (Role.OWNER, "o:x")],
)
async def test_nobody_else_sets_a_class(town_session: WriteSession, role: Role, viewer: str) -> None:
    _, site = await a_site(town_session)
    command = SetClass(site_id=site.id, management_class=ManagementClass.KEY, reason="x")
    with pytest.raises(Forbidden):
        await classing.set_class(town_session, made.actor(role, viewer), command, at=AT)


async def test_a_change_is_a_new_version_and_the_old_one_stays_whole(town_session: WriteSession, world: World) -> None:
    owner, site = await a_site(town_session)
    row = await filed_with(town_session, owner, site, YEAR, [transfer_line(OIL, world.receiver.id, Mass.parse("5 t"))])
    with pytest.raises(Conflict):
        await planning.save_tables(town_session, owner, row.id, tables(world), at=AT)
    await planning.start_change(town_session, owner, row.id, at=AT)
    with pytest.raises(Conflict):
        await planning.start_change(town_session, owner, row.id, at=AT)
    more = transfer_line(OIL, world.receiver.id, Mass.parse("9 t"))
    await planning.save_tables(town_session, owner, row.id, {PlanTable.TRANSFER: (more,)}, at=AT)
    (item,) = await queries.items(town_session, (row.id,))
    assert item.planned_g == 5_000_000, "the filed version is in force until the new one is filed"
    row, _ = await planning.file_plan(town_session, owner, row.id, at=AT + timedelta(days=1))
    await town_session.refresh(item)
    assert (row.version, item.planned_g) == (2, 9_000_000)
    new, old = await queries.versions(town_session, row.id)
    assert [queries.content_of(one).transfer[0].planned.mass() for one in (old, new)] == [
        Mass(5_000_000),
        Mass(9_000_000),
    ]
    assert [event["kind"] for event in await events_about(town_session, row.id)] == ["plan_filed", "plan_changed"]


async def test_a_change_does_not_plan_less_than_manifests_have_taken(town_session: WriteSession, world: World) -> None:
    await filed(town_session, world, [await a_drum(town_session, world, "180 kg")])
    owner, site = world.generator.owner, world.generator.site
    row = await queries.plan_of(town_session, owner, site.id, YEAR)
    assert row is not None
    await planning.start_change(town_session, owner, row.id, at=AT)
    (newest, *_) = await queries.versions(town_session, row.id)
    content = queries.content_of(newest)
    fewer = tuple(line for line in content.transfer if line.waste_code != OIL)
    await planning.save_tables(town_session, owner, row.id, {PlanTable.TRANSFER: fewer}, at=AT)
    (broken,) = await rules_broken(planning.file_plan(town_session, owner, row.id, at=AT))
    assert (broken.code, broken.facts["used"]) == ("plan_below_use", "0.18 t")


async def test_next_year_s_plan_begins_as_this_year_s(town_session: WriteSession, world: World) -> None:
    owner, site = await a_site(town_session)
    first = await filed_with(town_session, owner, site, YEAR, [transfer_line(OIL, world.receiver.id)])
    second = await planning.start_plan(town_session, owner, site.id, YEAR + 1, at=AT)
    (one,), (other,) = await queries.versions(town_session, first.id), await queries.versions(town_session, second.id)
    assert one.content == other.content
    with pytest.raises(Conflict):
        await planning.start_plan(town_session, owner, site.id, YEAR + 1, at=AT)
    with pytest.raises(RuleBroken):
        await planning.start_plan(town_session, owner, site.id, YEAR + 2, at=AT)


async def test_a_first_plan_begins_with_what_the_ledger_knows_of_last_year(
    town_session: WriteSession, world: World
) -> None:
    await a_drum(town_session, world, "180 kg")
    await a_drum(town_session, world, "40 kg", code=SLUDGE)
    await town_session.execute(text("delete from plan_items"))
    await town_session.execute(text("delete from plan_versions"))
    await town_session.execute(text("delete from management_plans"))
    owner, site = world.generator.owner, world.generator.site
    row = await planning.start_plan(town_session, owner, site.id, YEAR + 1, at=AT)
    (version,) = await queries.versions(town_session, row.id)
    content = queries.content_of(version)
    assert {line.waste_code: line.planned.mass() for line in content.generation} == {
        OIL: Mass(180_000),
        SLUDGE: Mass(40_000),
    }


async def test_the_ledger_s_figures_are_those_of_its_events(town_session: WriteSession, world: World) -> None:
    """Summed a second time, from the leaves of the log, with nothing of the ledger's own tables."""
    for net, code in (("180 kg", OIL), ("95 kg", OIL), ("40 kg", SLUDGE)):
        await a_drum(town_session, world, net, code=code)
    await received(town_session, world, [await a_drum(town_session, world, "60 kg")], "80 kg")
    site = world.generator.site.id
    found = (await actuals.of_sites(town_session, (site,), first_year=2023, last_year=2026))[site]
    leaves = await town_session.scalars(text("select convert_from(bytes, 'utf8') from log_leaves"))
    summed: dict[tuple[int, str], int] = defaultdict(int)
    for leaf in map(json.loads, leaves):
        year = legal_day(datetime.fromisoformat(leaf["happened_at"])).year
        for posting in leaf["postings"]:
            account, code, grams = posting["account"], posting["code"], posting["g"]
            kind, holder = account.partition(":")[0].split("@")
            if kind in {"generated", "residue_source"} and holder == str(site):
                summed[year, code] -= grams
    assert {key: mass.grams for key, mass in found.generated.items()} == dict(summed)
    assert sum(summed.values()) == 375_000


async def test_drafts_are_the_firm_s_own_and_filed_plans_the_region_s(town_session: WriteSession, world: World) -> None:
    owner, site = await a_site(town_session)
    row = await drafted(town_session, owner, site, tables(world))
    inspector = made.actor(Role.INSPECTOR, "r:3706")
    with pytest.raises(NotFound):
        await queries.plan(town_session, inspector, row.id)
    before = await queries.who_filed(town_session, "370602", YEAR, filed=False)
    assert site.id in {one.site_id for one in before}
    await planning.file_plan(town_session, owner, row.id, at=AT)
    assert (await queries.plan(town_session, inspector, row.id)).id == row.id
    for other in (made.actor(Role.INSPECTOR, "r:3702"), member(world.stranger.id)):
        with pytest.raises(NotFound):
            await queries.plan(town_session, other, row.id)
    after = await queries.who_filed(town_session, "370602", YEAR, filed=True)
    (shown,) = [one for one in after if one.site_id == site.id]
    assert (shown.filing_number, shown.management_class) == (row.filing_number, ManagementClass.REGISTERED)


async def test_only_whoever_files_plans_and_only_whoever_signs_files_them(
    town_session: WriteSession, world: World
) -> None:
    owner, site = await a_site(town_session)
    filer, viewer = member(site.organisation_id, Role.FILER), member(site.organisation_id, Role.VIEWER)
    with pytest.raises(Forbidden):
        await planning.start_plan(town_session, viewer, site.id, YEAR, at=AT)
    with pytest.raises(Forbidden):
        await planning.start_plan(town_session, member(world.stranger.id), site.id, YEAR, at=AT)
    row = await drafted(town_session, filer, site, tables(world))
    with pytest.raises(Forbidden):
        await planning.file_plan(town_session, filer, row.id, at=AT)
    await planning.file_plan(town_session, owner, row.id, at=AT)


async def test_plans_are_supplied_for_years_that_have_gone(town_session: WriteSession, world: World) -> None:
    (row,) = await plan_for(town_session, (await a_site(town_session))[1], world.receiver.id, (OIL,), years=(2025,))
    assert (row.year, row.state) == (2025, "filed")
