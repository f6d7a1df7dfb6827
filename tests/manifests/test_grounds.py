"""Exempt waste and general industrial solid waste: which checks are left out, and which stay."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import parties as made
from tests.support.acts import Receive, SignAct
from tests.support.approvals import Neighbours, agree, application, approved, build_neighbours, item
from tests.support.plans import contract_for
from tests.support.refused import balances, codes_broken
from tests.support.world import AT, OIL, TODAY, Firm, World, a_drum, plan_for, weighed
from wastetrack.approvals.model import ApprovalKind
from wastetrack.auth.model import Role
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.jurisdiction import differ
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers.bases import CHECKS, TransferBasis
from wastetrack.containers.labelling import label_container
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import Description, Form, LabelContainer, Packaging, Treat
from wastetrack.containers.queries import Container
from wastetrack.containers.treating import treat
from wastetrack.db.session import WriteSession
from wastetrack.errors import RuleBroken
from wastetrack.ids import new_id
from wastetrack.manifests import filing, gate, grounds, receiving, transporting
from wastetrack.manifests.exempting import Link, check_named, free, link_of, links_of
from wastetrack.manifests.model import DraftManifest, LegPlan, Outcome, ScanAtGate
from wastetrack.manifests.tables import ManifestRow
from wastetrack.mass import Mass
from wastetrack.parties.model import OrganisationKind, SiteKind
from wastetrack.parties.registering import add_site, add_vehicle, register_organisation
from wastetrack.plans.model import ReceiverKind, TransferKind

BATTERIES = "900-052-31"
IRON_DRUMS = "900-249-08"
SCRAP = "900-001-S17"


@pytest.fixture
async def neighbours(town_session: WriteSession) -> Neighbours:
    """Made anew for each test, and undone with it."""
    return await build_neighbours(town_session)


async def entry(session: WriteSession, code: str, stage: str) -> int:
    """The place of an entry in the list of the day."""
    lists = await snapshot(session)
    return next(one.position for one in lists.exemptions_on(TODAY) if code in one.patterns and one.stage == stage)


async def filed(session: WriteSession, world: World, command: DraftManifest) -> ManifestRow:
    """Drafted and signed."""
    row = await filing.draft_manifest(session, world.generator.owner, command, at=AT)
    done, _ = await filing.file_manifest(session, world.generator.owner, SignAct(manifest_id=row.id), at=AT)
    return done


async def scrap_sold_to(session: WriteSession, world: World, receiver: Firm) -> None:
    """The contract for scrap, which no plan names."""
    shipper = world.generator
    await contract_for(session, shipper.id, receiver.id, (SCRAP,), shipper=shipper.owner, receiver=receiver.owner)


async def unlicensed(session: WriteSession) -> LegPlan:
    """A carrier without a licence for dangerous goods."""
    operator = made.platform_operator()
    firm = await register_organisation(
        session, operator, made.firm_command(kinds=frozenset({OrganisationKind.TRANSPORTER})), at=AT
    )
    await add_site(session, operator, made.site_command(firm.id, kind=SiteKind.DEPOT), at=AT)
    vehicle = await add_vehicle(session, operator, made.vehicle_command(firm.id), at=AT)
    return LegPlan(carrier_id=firm.id, plate=vehicle.plate)


async def scrap(session: WriteSession, world: World, net: str = "180 kg", **changes: object) -> Container:
    """A bag of scrap, which is no hazardous waste."""
    described = {
        "waste_code": SCRAP,
        "waste_name": "废钢铁",
        "form": Form.SOLID,
        "hazards": (),
        **changes,
    }
    command = LabelContainer(
        site_id=world.generator.site.id,
        description=Description(**described),  # type: ignore[arg-type]
        packaging=Packaging.BIG_BAG,
        volume_l=1000,
        weighing=weighed(net),
        generated_on=TODAY,
    )
    row, _ = await label_container(session, world.generator.owner, command, at=AT)
    return row


def test_each_ground_says_what_it_asks() -> None:
    assert CHECKS.keys() == set(TransferBasis)
    assert [basis for basis, checks in CHECKS.items() if not checks.hazardous] == [TransferBasis.GENERAL]


async def test_links_of_the_list_are_read(official_lists: Catalogue) -> None:
    listed = official_lists.exemptions_on(TODAY)
    assert len(listed) == 56
    assert all(links_of(one) for one in listed)
    both = next(one for one in listed if one.stage == "利用、处置")
    assert links_of(both) == {Link.USE, Link.DISPOSAL}
    assert links_of(next(one for one in listed if one.stage == "全部环节")) == set(Link)
    transport = [one for one in listed if BATTERIES in one.patterns]
    freed = free(transport, [BATTERIES, OIL])
    assert freed.in_link(BATTERIES, Link.TRANSPORT)
    assert not freed.in_link(OIL, Link.TRANSPORT)
    assert not freed.all_in([BATTERIES, OIL], Link.TRANSPORT)
    assert (link_of("R4"), link_of("C1"), link_of("D10"), link_of("Y11")) == (
        Link.USE,
        Link.USE,
        Link.DISPOSAL,
        Link.DISPOSAL,
    )


async def test_what_is_named_must_speak_of_the_waste_and_of_a_link_of_the_way(official_lists: Catalogue) -> None:
    listed = official_lists.exemptions_on(TODAY)
    use = next(one for one in listed if IRON_DRUMS in one.patterns)

    def codes(positions: set[int], wastes: list[str], method: str) -> list[str]:
        return [rule.code for rule in check_named(positions, listed, wastes, method)]

    assert codes(set(), [OIL], "R4") == ["exemption_missing"]
    assert codes({use.position}, [IRON_DRUMS], "R4") == []
    assert codes({use.position}, [BATTERIES], "R4") == ["exemption_of_other_waste"]
    assert codes({use.position}, [IRON_DRUMS], "D10") == ["exemption_of_other_link"]
    assert codes({9999}, [IRON_DRUMS], "R4") == ["exemption_unknown"]


async def test_exempt_transport_needs_no_licence_but_the_permit_stays(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world, code=BATTERIES)
    await agree(
        town_session,
        world,
        world.receiver,
        BATTERIES,
        methods=("R4",),
        kind=TransferKind.WITHIN,
        receiver_kind=ReceiverKind.EXEMPT_USER,
    )
    leg = await unlicensed(town_session)
    way = replace(plan_for(world, [drum]), legs=(leg,), method="R4")
    assert await codes_broken(filed(town_session, world, way)) == [
        "permit_without_code",
        "transport_licence_missing",
    ]
    position = await entry(town_session, BATTERIES, "运输")
    exempt = replace(way, basis=TransferBasis.EXEMPT, exemptions=(position,))
    assert await codes_broken(filed(town_session, world, exempt)) == ["permit_without_code"]
    assert await codes_broken(filed(town_session, world, replace(exempt, exemptions=()))) == [
        "exemption_missing",
        "permit_without_code",
        "transport_licence_missing",
    ]


async def test_exempt_use_needs_no_permit_down_to_the_works(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world, code=IRON_DRUMS)
    await agree(
        town_session,
        world,
        world.stranger,
        IRON_DRUMS,
        methods=("R4",),
        kind=TransferKind.WITHIN,
        receiver_kind=ReceiverKind.EXEMPT_USER,
    )
    position = await entry(town_session, IRON_DRUMS, "利用")
    way = replace(
        plan_for(world, [drum]),
        receiver_site_id=world.stranger.site.id,
        method="R4",
        basis=TransferBasis.EXEMPT,
        exemptions=(position,),
    )
    manifest = await filed(town_session, world, way)
    (named,) = await grounds.exemptions_of(town_session, manifest)
    assert named.item == 8
    await _taken_in(town_session, world, manifest, drum)
    batch = Treat(site_id=world.stranger.site.id, container_ids=(drum.id,), method="R4", treated_on=TODAY)
    with pytest.raises(RuleBroken) as refused:
        await treat(town_session, world.stranger.owner, replace(batch, method="D10"), at=AT)
    assert [rule.code for rule in refused.value.broken] == ["method_not_of_ground"]
    await treat(town_session, world.stranger.owner, batch, at=AT)


async def _taken_in(session: WriteSession, world: World, manifest: ManifestRow, load: Container) -> None:
    command = SignAct(manifest_id=manifest.id)
    await transporting.pick_up(session, world.carrier.owner, command, at=AT)
    await transporting.arrive(session, world.carrier.owner, command, at=AT)
    scan = ScanAtGate(
        manifest_id=manifest.id,
        scan_id=new_id(),
        code=DigitalCode.parse(load.digital_code),
        gross=Mass.parse("200 kg"),
    )
    found = await gate.scan_at_gate(session, world.stranger.people[Role.GATE_OPERATOR], scan, at=AT)
    assert found.outcome is Outcome.ACCEPTED
    await receiving.receive(session, world.stranger.owner, Receive(manifest_id=manifest.id), at=AT)


async def test_general_waste_is_weighed_labelled_and_booked_in_the_same_ledger(
    town_session: WriteSession, world: World
) -> None:
    bag = await scrap(town_session, world)
    assert len(bag.digital_code) == 38
    assert bag.digital_code[18:27] == "900001S17"
    assert str(DigitalCode.parse(bag.digital_code)) == bag.digital_code
    assert DigitalCode.parse(bag.digital_code.lower()).waste_code == SCRAP
    held = await balances(town_session, world.generator.site.id)
    assert held["stored"] == 180_000
    with pytest.raises(RuleBroken) as refused:
        await scrap(town_session, world, hazards=("T",))
    assert [rule.code for rule in refused.value.broken] == ["general_waste_hazardous"]
    for code, rule in (("900-001-S08", "general_waste_class"), ("900-001-S44", "general_waste_class_unknown")):
        with pytest.raises(RuleBroken) as refused:
            await scrap(town_session, world, waste_code=code)
        assert [one.code for one in refused.value.broken] == [rule]


async def test_general_waste_moves_without_permit_and_licence_to_whoever_uses_it(
    town_session: WriteSession, world: World
) -> None:
    bag = await scrap(town_session, world)
    await scrap_sold_to(town_session, world, world.stranger)
    leg = await unlicensed(town_session)
    way = replace(
        plan_for(world, [bag]), receiver_site_id=world.stranger.site.id, method="R4", basis=TransferBasis.GENERAL
    )
    assert (await filed(town_session, world, replace(way, legs=(leg,)))).number
    other = await scrap(town_session, world)
    manifest = await filed(town_session, world, replace(way, container_ids=(other.id,)))
    await _taken_in(town_session, world, manifest, other)
    batch = Treat(site_id=world.stranger.site.id, container_ids=(other.id,), method="R4", treated_on=TODAY)
    await treat(town_session, world.stranger.owner, batch, at=AT)
    held = await balances(town_session, world.stranger.site.id)
    assert held.get("stored", 0) == 0


async def test_hazardous_and_general_waste_do_not_travel_on_one_ground(
    town_session: WriteSession, world: World
) -> None:
    bag, drum = await scrap(town_session, world), await a_drum(town_session, world)
    await scrap_sold_to(town_session, world, world.receiver)
    way = plan_for(world, [bag, drum])
    assert await codes_broken(filed(town_session, world, way)) == ["plan_without_line", "waste_of_other_sort"]
    assert await codes_broken(filed(town_session, world, replace(way, basis=TransferBasis.GENERAL))) == [
        "waste_of_other_sort"
    ]


async def test_where_general_waste_has_no_manifests_none_is_filed(
    town_session: WriteSession, world: World, tmp_path: Path
) -> None:
    await scrap_sold_to(town_session, world, world.receiver)
    way = replace(plan_for(world, [await scrap(town_session, world)]), method="R4", basis=TransferBasis.GENERAL)
    file = tmp_path / "other.toml"
    file.write_text('[general_waste_manifest]\nvalue = "off"\n', encoding="utf-8")
    try:
        differ(file)
        assert await codes_broken(filed(town_session, world, way)) == ["general_waste_without_manifest"]
    finally:
        differ(None)
    assert (await filed(town_session, world, way)).number


@pytest.mark.parametrize(
    ("choice", "method", "needs"),
    [
        ("record", "R4", True),
        ("approval", "R4", True),
        ("off", "R4", False),
        ("off", "D1", True),  # to be disposed of elsewhere it needs an approval everywhere
    ],
)
async def test_general_waste_that_leaves_the_province(
    town_session: WriteSession,
    world: World,
    neighbours: Neighbours,
    tmp_path: Path,
    *,
    choice: str,
    method: str,
    needs: bool,
) -> None:
    await scrap_sold_to(town_session, world, neighbours.receiver)
    way = replace(
        plan_for(world, [await scrap(town_session, world)]),
        receiver_site_id=neighbours.receiver.site.id,
        method=method,
        basis=TransferBasis.GENERAL,
    )
    file = tmp_path / "other.toml"
    file.write_text(f'[general_waste_leaving_to_be_used]\nvalue = "{choice}"\n', encoding="utf-8")
    try:
        differ(file)
        if needs:
            assert await codes_broken(filed(town_session, world, way)) == ["cross_province_approval_missing"]
        else:
            assert (await filed(town_session, world, way)).number
    finally:
        differ(None)


async def test_a_record_of_use_lets_general_waste_leave_the_province_up_to_its_quantity(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    await scrap_sold_to(town_session, world, neighbours.receiver)
    command = application(world, neighbours, item(SCRAP, "200 kg", "R4"), kind=ApprovalKind.RECORD_OF_USE)
    await approved(town_session, world, neighbours, command)

    async def way() -> DraftManifest:
        return replace(
            plan_for(world, [await scrap(town_session, world)]),
            receiver_site_id=neighbours.receiver.site.id,
            method="R4",
            basis=TransferBasis.GENERAL,
        )

    assert (await filed(town_session, world, await way())).number
    assert await codes_broken(filed(town_session, world, await way())) == ["approval_quantity_exceeded"]
