"""The shipper's signature: what the law asks before a truck moves, told all at once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.support import parties as made
from tests.support.acts import SignAct
from tests.support.plans import contract_for
from tests.support.plans import plan_for as filed_plan_for
from tests.support.refused import balances, codes_broken, events_about, rules_broken
from tests.support.world import (
    AT,
    OIL,
    SLUDGE,
    TODAY,
    World,
    a_drum,
    a_tank,
    filed,
    large_vehicle,
    plan_for,
    weighed,
)
from wastetrack.auth.model import Role
from wastetrack.containers.errors import ContainerUnknown
from wastetrack.containers.model import WeighContainer
from wastetrack.containers.queries import Container
from wastetrack.containers.storing import weigh_container
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden, NotFound
from wastetrack.ids import new_id
from wastetrack.manifests import filing, model, queries
from wastetrack.manifests.errors import ManifestUnknown, OutOfOrder, Stale
from wastetrack.manifests.model import DraftManifest, LegPlan
from wastetrack.parties.commands import SuspendPermit
from wastetrack.parties.model import OrganisationKind, SiteKind
from wastetrack.parties.permitting import grant_permit, suspend_permit
from wastetrack.parties.registering import add_driver, add_site, register_organisation


async def drafted(session: WriteSession, world: World, command: DraftManifest) -> model.SignAct:
    """A draft, ready to be signed."""
    row = await filing.draft_manifest(session, world.generator.owner, command, at=AT)
    return SignAct(manifest_id=row.id)


async def why_not_filed(session: WriteSession, world: World, command: DraftManifest) -> list[str]:
    """The rules that forbid a transfer, on signing."""
    act = await drafted(session, world, command)
    return await codes_broken(filing.file_manifest(session, world.generator.owner, act, at=AT))


def plan(world: World, *containers: Container, **changes: Any) -> DraftManifest:  # noqa: ANN401  any field
    """A transfer from the workshop to the incinerator, but for some changes."""
    return replace(plan_for(world, list(containers)), **changes)


async def test_filing_gives_a_number_and_moves_no_mass(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    act = await drafted(town_session, world, plan(world, drum))
    row, _ = await filing.file_manifest(town_session, world.generator.owner, act, at=AT)
    assert (row.state, row.number, row.list_edition) == ("filed", "20263706000001", "2025")
    assert await balances(town_session, world.generator.site.id) == {"generated": -180_000, "stored": 180_000}
    assert await balances(town_session, row.id) == {}
    (event,) = await events_about(town_session, row.id)
    facts = event["facts"]
    assert (event["kind"], event["given"], facts["state"]) == ("manifest_filed", {"number": "20263706000001"}, "filed")
    assert facts["containers"] == [{"declared_g": 180_000, "digital_code": drum.digital_code, "waste_code": OIL}]
    assert [(one["waste_code"], one["year"], one["g"]) for one in facts["permit_items"]] == [(OIL, 2026, 180_000)]


async def test_what_is_declared_is_what_the_container_weighs_at_the_signature(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world, "180 kg")
    act = await drafted(town_session, world, plan(world, drum))
    again = WeighContainer(container_id=drum.id, weighing=weighed("170 kg"))
    await weigh_container(town_session, world.generator.owner, again, at=AT)
    row, _ = await filing.file_manifest(town_session, world.generator.owner, act, at=AT)
    (line,) = await queries.line_rows(town_session, row.id)
    await town_session.refresh(line)
    assert line.declared_g == 170_000


async def test_every_rule_that_forbids_the_transfer_is_told_at_once(town_session: WriteSession, world: World) -> None:
    heavy = await a_tank(town_session, world, "12 t", SLUDGE)
    acid = await a_drum(town_session, world, code="900-300-34")
    await suspend_permit(
        town_session,
        made.approver(),
        SuspendPermit(permit_id=world.permit_id, from_on=TODAY, reason="超标排放"),
        at=AT,
    )
    far = plan(world, heavy, acid, planned_on=TODAY + timedelta(days=31), method="R9")
    assert await why_not_filed(town_session, world, far) == [
        "contract_missing",
        "permit_suspended",
        "permit_suspended",
        "permit_without_code",
        "permit_without_method",
        "plan_without_line",
        "plan_without_method",
        "planned_on_implausible",
        "vehicle_overloaded",
    ]


async def test_a_code_that_the_permit_does_not_name_is_not_sent(town_session: WriteSession, world: World) -> None:
    acid = await a_drum(town_session, world, code="900-300-34")
    assert await why_not_filed(town_session, world, plan(world, acid)) == [
        "contract_missing",
        "permit_without_code",
        "plan_without_line",
    ]


async def test_a_method_that_no_list_has_is_refused(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    codes = await why_not_filed(town_session, world, plan(world, drum, method="D99"))
    assert "method_unknown" in codes


@pytest.mark.parametrize(
    ("first", "last", "rule"),
    [
        (date(2024, 1, 1), date(2026, 3, 1), "permit_expired"),
        (date(2026, 3, 3), date(2028, 3, 2), "permit_not_yet_valid"),
        (date(2024, 1, 1), date(2026, 3, 2), None),
        (date(2026, 3, 2), date(2028, 3, 2), None),
    ],
)
async def test_the_permit_must_hold_on_the_planned_day(
    town_session: WriteSession, world: World, first: date, last: date, rule: str | None
) -> None:
    drum = await a_drum(town_session, world)
    other = await register_organisation(
        town_session, made.platform_operator(), made.firm_command(kinds=frozenset({OrganisationKind.DISPOSER})), at=AT
    )
    site = await add_site(
        town_session, made.platform_operator(), made.site_command(other.id, kind=SiteKind.TREATMENT), at=AT
    )
    permit = made.permit_command(other.id, valid_from=first, valid_to=last, items=(made.item("HW08", "D10", "9 t"),))
    await grant_permit(town_session, made.approver(), permit, at=AT)
    owner = world.generator.owner
    await filed_plan_for(town_session, world.generator.site, other.id, (OIL,), actor=owner)
    await contract_for(town_session, world.generator.id, other.id, (OIL,), shipper=owner)
    command = plan(world, drum, receiver_site_id=site.id)
    if rule is None:
        await filing.file_manifest(
            town_session, world.generator.owner, await drafted(town_session, world, command), at=AT
        )
    else:
        assert await why_not_filed(town_session, world, command) == [rule]


async def test_the_last_tonnes_of_a_year_are_taken_once(town_session: WriteSession, world: World) -> None:
    legs = await large_vehicle(town_session, world)
    first, second = await a_tank(town_session, world, "6 t", SLUDGE), await a_tank(town_session, world, "4.5 t", SLUDGE)
    act = await drafted(town_session, world, plan(world, first, legs=legs))
    await filing.file_manifest(town_session, world.generator.owner, act, at=AT)
    act = await drafted(town_session, world, plan(world, second, legs=legs))
    (broken,) = await rules_broken(filing.file_manifest(town_session, world.generator.owner, act, at=AT))
    assert broken.code == "permit_quantity_exceeded"
    assert (broken.facts["yearly"], broken.facts["used"], broken.facts["left"]) == ("10 t", "6 t", "4 t")


async def test_a_line_of_a_category_is_shared_by_its_codes(town_session: WriteSession, world: World) -> None:
    legs = await large_vehicle(town_session, world)
    oil = [await a_tank(town_session, world, "20 t") for _ in range(2)]
    for tank in oil:
        act = await drafted(town_session, world, plan(world, tank, legs=legs))
        await filing.file_manifest(town_session, world.generator.owner, act, at=AT)
    rest = [await a_tank(town_session, world, "20 t", "900-214-08") for _ in range(2)]
    act = await drafted(town_session, world, plan(world, rest[0], legs=legs))
    await filing.file_manifest(town_session, world.generator.owner, act, at=AT)
    used = await town_session.scalar(text("select sum(booked_g) from permit_uses"))
    assert used == 60_000_000
    more = plan(world, rest[1], await a_tank(town_session, world, "20.001 t"), legs=legs)
    assert await why_not_filed(town_session, world, more) == ["permit_quantity_exceeded"]


async def test_drums_and_waste_together_must_not_overload_the_vehicle(town_session: WriteSession, world: World) -> None:
    # 990 kg of waste in five drums of 20 kg: with their drums they are 1,090 kg.
    drums = [await a_drum(town_session, world, "198 kg") for _ in range(5)]
    small = await large_vehicle(town_session, world, "1 t")
    act = await drafted(town_session, world, plan(world, *drums, legs=small))
    (broken,) = await rules_broken(filing.file_manifest(town_session, world.generator.owner, act, at=AT))
    assert (broken.code, broken.facts["load"]) == ("vehicle_overloaded", "1,090 kg")


async def test_a_vehicle_of_another_carrier_is_not_taken(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    foreign = plan(world, drum, legs=(LegPlan(carrier_id=world.carrier.id, plate=world.second_plate),))
    work = filing.draft_manifest(town_session, world.generator.owner, foreign, at=AT)
    (broken,) = await rules_broken(work)
    assert (broken.field, broken.code, broken.value) == ("legs.0.plate", "vehicle_unknown", world.second_plate)


@pytest.mark.parametrize("plate", ["鲁F1234", "鲁I12345", "XX"])
async def test_a_plate_that_cannot_be_one_is_told_at_its_leg(
    town_session: WriteSession, world: World, plate: str
) -> None:
    drum = await a_drum(town_session, world)
    wrong = plan(world, drum, legs=(LegPlan(carrier_id=world.carrier.id, plate=plate),))
    (broken,) = await rules_broken(filing.draft_manifest(town_session, world.generator.owner, wrong, at=AT))
    assert broken.field == "legs.0.plate"


async def test_a_carrier_without_a_licence_in_force_does_not_drive(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    changed = text("update transport_licences set valid_to = :day where organisation_id = :carrier")
    await town_session.execute(changed, {"day": date(2026, 3, 1), "carrier": world.carrier.id})
    assert await why_not_filed(town_session, world, plan(world, drum)) == ["transport_licence_not_in_force"]
    changed = text("delete from transport_licences where organisation_id = :carrier")
    await town_session.execute(changed, {"carrier": world.carrier.id})
    assert await why_not_filed(town_session, world, plan(world, drum)) == ["transport_licence_missing"]


async def test_each_leg_of_two_is_looked_at(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    changed = text("update vehicles set licence_valid_to = :day where organisation_id = :carrier")
    await town_session.execute(changed, {"day": date(2026, 3, 1), "carrier": world.second_carrier.id})
    both = plan_for(world, [drum], legs=2)
    assert await why_not_filed(town_session, world, both) == ["vehicle_licence_expired"]


async def test_a_driver_belongs_to_the_carrier_and_holds_a_certificate(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    own = made.driver_command(world.carrier.id, certificate_valid_to=date(2026, 3, 1))
    expired = await add_driver(town_session, world.carrier.owner, own, at=AT)
    other = await add_driver(
        town_session, world.second_carrier.owner, made.driver_command(world.second_carrier.id), at=AT
    )
    for driver, rule in ((expired, "driver_certificate_expired"), (other, "driver_of_other_carrier")):
        leg = LegPlan(carrier_id=world.carrier.id, plate=world.plate, driver_id=driver.id)
        assert await why_not_filed(town_session, world, plan(world, drum, legs=(leg,))) == [rule]
    nobody = LegPlan(carrier_id=world.carrier.id, plate=world.plate, driver_id=new_id())
    with pytest.raises(NotFound):
        await drafted(town_session, world, plan(world, drum, legs=(nobody,)))


async def test_waste_does_not_leave_the_province_without_an_approval(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    site = made.site_command(world.receiver.id, region_code="320102", kind=SiteKind.TREATMENT)
    abroad = await add_site(town_session, world.receiver.owner, site, at=AT)
    codes = await why_not_filed(town_session, world, plan(world, drum, receiver_site_id=abroad.id))
    assert codes == ["cross_province_approval_missing"]


async def test_a_draft_that_can_never_be_filed_is_refused(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    home = world.generator.site.id
    wrong = plan(world, legs=(), receiver_site_id=home)
    work = filing.draft_manifest(town_session, world.generator.owner, wrong, at=AT)
    assert await codes_broken(work) == ["containers_missing", "leg_missing", "receiver_is_shipper"]
    work = filing.draft_manifest(town_session, world.generator.owner, plan(world, drum, drum), at=AT)
    assert await codes_broken(work) == ["container_twice"]


async def test_a_drum_stays_on_one_open_manifest(town_session: WriteSession, world: World) -> None:
    drum, other = await a_drum(town_session, world), await a_drum(town_session, world)
    await filed(town_session, world, [drum])
    act = await drafted(town_session, world, plan(world, other, drum))
    (broken,) = await rules_broken(filing.file_manifest(town_session, world.generator.owner, act, at=AT))
    assert (broken.code, broken.value) == ("container_on_open_manifest", drum.digital_code)
    assert broken.facts["number"] == "20263706000001"


async def test_a_drum_that_does_not_stand_here_is_not_declared(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    act = await drafted(town_session, world, plan(world, drum))
    await town_session.execute(
        text("update containers set state = 'lost', site_id = null where id = :id"), {"id": drum.id}
    )
    assert await codes_broken(filing.file_manifest(town_session, world.generator.owner, act, at=AT)) == [
        "container_elsewhere"
    ]


@pytest.mark.parametrize(("days", "allowed"), [(-2, False), (0, True), (30, True), (31, False)])
async def test_a_manifest_is_filed_for_a_day_near_enough(
    town_session: WriteSession, world: World, days: int, *, allowed: bool
) -> None:
    drum = await a_drum(town_session, world)
    act = await drafted(town_session, world, plan(world, drum, planned_on=TODAY + timedelta(days=days)))
    work = filing.file_manifest(town_session, world.generator.owner, act, at=AT)
    if allowed:
        await work
    else:
        assert await codes_broken(work) == ["planned_on_implausible"]


@pytest.mark.parametrize(
    ("when", "rule"), [(AT + timedelta(minutes=3), "dated_in_future"), (AT - timedelta(minutes=3), "dated_before")]
)
async def test_a_signature_is_dated_between_the_draft_and_now(
    town_session: WriteSession, world: World, when: datetime, rule: str
) -> None:
    drum = await a_drum(town_session, world)
    act = await drafted(town_session, world, plan(world, drum))
    dated = replace(act, happened_at=when)
    assert await codes_broken(filing.file_manifest(town_session, world.generator.owner, dated, at=AT)) == [rule]


async def test_the_year_of_a_number_is_counted_in_the_country_of_the_law(
    town_session: WriteSession, world: World
) -> None:
    # Half past midnight of New Year's Day in Yantai.
    late = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    drum = await a_drum(town_session, world)
    command = plan(world, drum, planned_on=date(2027, 1, 1))
    row = await filing.draft_manifest(town_session, world.generator.owner, command, at=late)
    row, _ = await filing.file_manifest(town_session, world.generator.owner, SignAct(manifest_id=row.id), at=late)
    assert row.number == "20273706000001"


async def test_who_saw_an_older_version_reads_it_again(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    owner = world.generator.owner
    act = await drafted(town_session, world, plan(world, drum))
    await filing.amend_draft(town_session, owner, act.manifest_id, plan(world, drum, remarks="急"), version=1, at=AT)
    with pytest.raises(Stale):
        await filing.file_manifest(town_session, owner, replace(act, version=1), at=AT)
    with pytest.raises(Stale):
        await filing.amend_draft(town_session, owner, act.manifest_id, plan(world, drum), version=1, at=AT)
    row, _ = await filing.file_manifest(town_session, owner, replace(act, version=2), at=AT)
    assert row.version == 3


async def test_a_filed_manifest_is_neither_changed_nor_filed_again(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await filed(town_session, world, [drum])
    owner = world.generator.owner
    with pytest.raises(OutOfOrder):
        await filing.amend_draft(town_session, owner, manifest_id, plan(world, drum), version=None, at=AT)
    with pytest.raises(OutOfOrder):
        await filing.file_manifest(town_session, owner, SignAct(manifest_id=manifest_id), at=AT)


async def test_an_amended_draft_is_filed_as_it_stands(town_session: WriteSession, world: World) -> None:
    drum, other = await a_drum(town_session, world), await a_drum(town_session, world, "90 kg")
    owner = world.generator.owner
    act = await drafted(town_session, world, plan(world, drum))
    changed = plan_for(world, [other], legs=2)
    await filing.amend_draft(town_session, owner, act.manifest_id, changed, version=None, at=AT)
    await filing.file_manifest(town_session, owner, act, at=AT)
    assert await queries.container_ids(town_session, act.manifest_id) == (other.id,)
    assert len(await queries.legs(town_session, act.manifest_id)) == 2
    elsewhere = replace(changed, shipper_site_id=world.receiver.site.id)
    draft = await drafted(town_session, world, plan(world, drum))
    work = filing.amend_draft(town_session, owner, draft.manifest_id, elsewhere, version=None, at=AT)
    assert await codes_broken(work) == ["other_site"]


async def test_who_may_draft_and_who_may_sign(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    people = world.generator.people
    row = await filing.draft_manifest(town_session, people[Role.FILER], plan(world, drum), at=AT)
    act = SignAct(manifest_id=row.id)
    for other in (people[Role.FILER], people[Role.VIEWER]):
        with pytest.raises(Forbidden):
            await filing.file_manifest(town_session, other, act, at=AT)
    with pytest.raises(Forbidden):
        await filing.draft_manifest(town_session, people[Role.VIEWER], plan(world, drum), at=AT)
    with pytest.raises(Forbidden):
        await filing.draft_manifest(town_session, world.stranger.owner, plan(world, drum), at=AT)
    # A draft is its owner's alone: nobody else finds it.
    for other in (world.receiver.owner, world.carrier.owner, world.stranger.owner, world.inspector):
        with pytest.raises(ManifestUnknown):
            await filing.file_manifest(town_session, other, act, at=AT)
        with pytest.raises(ManifestUnknown):
            await queries.manifest_row(town_session, other, row.id)
    await filing.file_manifest(town_session, people[Role.SIGNER], act, at=AT)
    for party in (world.receiver.owner, world.carrier.owner, world.inspector):
        assert (await queries.manifest_row(town_session, party, row.id)).id == row.id
    for outsider in (world.stranger.owner, world.second_carrier.owner):
        with pytest.raises(ManifestUnknown):
            await queries.manifest_row(town_session, outsider, row.id)
    for party in (world.receiver.owner, world.carrier.owner, world.inspector):
        with pytest.raises(Forbidden):
            await filing.cancel_manifest(town_session, party, replace(act, reason="x"), at=AT)


async def test_a_container_of_others_cannot_be_put_on_a_draft(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    command = replace(plan(world, drum), shipper_site_id=world.stranger.site.id)
    with pytest.raises(ContainerUnknown):
        await filing.draft_manifest(town_session, world.stranger.owner, command, at=AT)
