"""Manifests that rest on approvals: found, taken, restated, given back, never over-booked."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.acts import Receive, SignAct
from tests.support.approvals import (
    Neighbours,
    agree,
    application,
    approved,
    build_neighbours,
    item,
)
from tests.support.refused import codes_broken, rules_broken
from tests.support.sessions import undone
from tests.support.world import AT, OIL, SLUDGE, TODAY, World, a_drum, plan_for
from wastetrack.approvals import queries as approvals
from wastetrack.approvals.model import ApprovalKind
from wastetrack.auth.model import Role
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import Treat
from wastetrack.containers.queries import Container
from wastetrack.containers.treating import treat
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.errors import RuleBroken
from wastetrack.ids import new_id
from wastetrack.manifests import filing, gate, receiving, transporting
from wastetrack.manifests.model import DraftManifest, Outcome, ScanAtGate
from wastetrack.manifests.tables import ManifestRow
from wastetrack.mass import Mass
from wastetrack.plans.model import ReceiverKind, TransferKind
from wastetrack.reports.auditing.approved import check_approvals
from wastetrack.reports.auditing.findings import Fault, Report


@pytest.fixture
async def neighbours(town_session: WriteSession, world: World) -> Neighbours:
    """Made anew for each test, and undone with it."""
    return await agreed(town_session, world)


async def agreed(session: WriteSession, world: World) -> Neighbours:
    """Neighbours who stand in the workshop's plan and have its contract."""
    neighbours = await build_neighbours(session)
    await agree(session, world, neighbours.receiver, OIL, methods=("D10", "R9"))
    await agree(session, world, neighbours.receiver, SLUDGE)
    return neighbours


def plan(world: World, neighbours: Neighbours, *containers: Container, **changes: object) -> DraftManifest:
    """From the workshop to Nanjing, but for some changes."""
    across = replace(plan_for(world, list(containers)), receiver_site_id=neighbours.receiver.site.id)
    return replace(across, **changes)  # type: ignore[arg-type]


async def filed(session: WriteSession, world: World, command: DraftManifest) -> ManifestRow:
    """Drafted and signed."""
    row = await filing.draft_manifest(session, world.generator.owner, command, at=AT)
    done, _ = await filing.file_manifest(session, world.generator.owner, SignAct(manifest_id=row.id), at=AT)
    return done


async def left(session: WriteSession, row: approvals.Approval) -> list[int]:
    """Grams taken of each line."""
    driver = await session.driver()
    rows = await driver.fetch("select booked_g from approval_items where approval_id = $1 order by position", row.id)
    return [one["booked_g"] for one in rows]


async def test_without_an_approval_nothing_leaves_the_province(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    drum = await a_drum(town_session, world)
    assert await codes_broken(filed(town_session, world, plan(world, neighbours, drum))) == [
        "cross_province_approval_missing"
    ]


async def test_a_manifest_takes_of_the_approval_and_names_it(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    held = await approved(town_session, world, neighbours)
    drum = await a_drum(town_session, world)
    manifest = await filed(town_session, world, plan(world, neighbours, drum))
    assert await left(town_session, held) == [180_000]
    (rested,) = await approvals.approvals_of_manifest(town_session, manifest.id)
    assert (rested.number, rested.kind, rested.booked) == (
        "鲁环固转〔2026〕1号",
        ApprovalKind.CROSS_PROVINCE,
        Mass(180_000),
    )
    (use,) = await approvals.uses_of(town_session, held.id)
    assert (use.manifest_id, use.waste_code) == (manifest.id, OIL)


@pytest.mark.parametrize("act", [filing.cancel_manifest, filing.void_manifest])
async def test_what_is_withdrawn_is_given_back(
    town_session: WriteSession, world: World, neighbours: Neighbours, act: object
) -> None:
    held = await approved(town_session, world, neighbours)
    manifest = await filed(town_session, world, plan(world, neighbours, await a_drum(town_session, world)))
    command = SignAct(manifest_id=manifest.id, reason="改期")
    await act(town_session, world.generator.owner, command, at=AT)  # type: ignore[operator]
    assert await left(town_session, held) == [0]


async def test_the_receipt_restates_it_as_measured(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    held = await approved(town_session, world, neighbours)
    first, second = await a_drum(town_session, world), await a_drum(town_session, world)
    manifest = await filed(town_session, world, plan(world, neighbours, first, second))
    await _at_the_gate(town_session, world, manifest)
    await _scanned(town_session, neighbours, manifest, first, "202 kg")
    await _scanned(town_session, neighbours, manifest, second, "200 kg", reject_reason="包装破损")
    await receiving.receive(
        town_session, neighbours.receiver.owner, Receive(manifest_id=manifest.id), at=AT + timedelta(hours=12)
    )
    assert await left(town_session, held) == [182_000]


async def _at_the_gate(session: WriteSession, world: World, manifest: ManifestRow) -> None:
    command = SignAct(manifest_id=manifest.id)
    await transporting.pick_up(session, world.carrier.owner, command, at=AT + timedelta(hours=1))
    await transporting.arrive(session, world.carrier.owner, command, at=AT + timedelta(hours=9))


async def _scanned(
    session: WriteSession,
    neighbours: Neighbours,
    manifest: ManifestRow,
    drum: Container,
    gross: str,
    *,
    reject_reason: str = "",
) -> gate.Scanned:
    return await gate.scan_at_gate(
        session,
        neighbours.receiver.people[Role.GATE_OPERATOR],
        ScanAtGate(
            manifest_id=manifest.id,
            scan_id=new_id(),
            code=DigitalCode.parse(drum.digital_code),
            gross=Mass.parse(gross),
            reject_reason=reject_reason,
        ),
        at=AT + timedelta(hours=10),
    )


async def test_a_change_of_kind_quantity_method_or_receiver_needs_a_new_approval(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    await approved(town_session, world, neighbours, application(world, neighbours, item(quantity="300 kg")))
    oil, more, sludge = (
        await a_drum(town_session, world),
        await a_drum(town_session, world),
        await a_drum(town_session, world, code=SLUDGE),
    )

    async def refused(command: DraftManifest) -> list[tuple[str, str | None]]:
        broken = await rules_broken(filed(town_session, world, command))
        return [(rule.code, rule.article) for rule in broken if "approval" in rule.code]

    assert await refused(plan(world, neighbours, sludge)) == [("approval_without_code", "令23 art. 28(1)")]
    assert await refused(plan(world, neighbours, oil, more)) == [("approval_quantity_exceeded", "令23 art. 28(1)")]
    assert await refused(plan(world, neighbours, oil, method="R9")) == [("approval_of_other_method", "令23 art. 28(2)")]
    other = await agreed(town_session, world)
    assert await refused(plan(world, other, oil)) == [("approval_of_other_receiver", "令23 art. 28(3)")]
    # All reasons at once.
    assert await refused(plan(world, other, oil, more, method="R9")) == [
        ("approval_of_other_receiver", "令23 art. 28(3)"),
        ("approval_of_other_method", "令23 art. 28(2)"),
    ]


async def test_an_approval_holds_on_its_days_at_filing_and_at_pick_up(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    command = application(world, neighbours, to_on=TODAY + timedelta(days=3))
    await approved(town_session, world, neighbours, command)
    drum = await a_drum(town_session, world)
    late = plan(world, neighbours, drum, planned_on=TODAY + timedelta(days=4))
    assert await codes_broken(filed(town_session, world, late)) == ["approval_not_in_force"]
    manifest = await filed(town_session, world, plan(world, neighbours, drum))
    with pytest.raises(RuleBroken) as refused:
        await transporting.pick_up(
            town_session, world.carrier.owner, SignAct(manifest_id=manifest.id), at=AT + timedelta(days=4)
        )
    assert [rule.code for rule in refused.value.broken] == ["approval_not_in_force"]
    await transporting.pick_up(
        town_session, world.carrier.owner, SignAct(manifest_id=manifest.id), at=AT + timedelta(days=3)
    )


async def test_what_was_superseded_carries_nothing_more(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    held = await approved(town_session, world, neighbours)
    manifest = await filed(town_session, world, plan(world, neighbours, await a_drum(town_session, world)))
    held.state = "superseded"
    await town_session.flush()
    with pytest.raises(RuleBroken) as refused:
        await transporting.pick_up(
            town_session, world.carrier.owner, SignAct(manifest_id=manifest.id), at=AT + timedelta(hours=1)
        )
    assert [rule.code for rule in refused.value.broken] == ["approval_not_in_force"]


@pytest.mark.parametrize("basis", [TransferBasis.POINT_TO_POINT, TransferBasis.GROUP_INTERNAL])
async def test_directed_use_needs_its_approval_and_no_permit(
    town_session: WriteSession, world: World, neighbours: Neighbours, basis: TransferBasis
) -> None:
    drum = await a_drum(town_session, world)
    await agree(
        town_session,
        world,
        world.stranger,
        methods=("R9",),
        kind=TransferKind.WITHIN,
        receiver_kind=ReceiverKind.APPROVED_USER,
    )
    way = plan(world, neighbours, drum, basis=basis, method="R9", receiver_site_id=world.stranger.site.id)
    assert await codes_broken(filed(town_session, world, way)) == ["approval_missing"]
    kind = ApprovalKind(basis.value)
    held = await approved(town_session, world, neighbours, application(world, neighbours, item(method="R9"), kind=kind))
    manifest = await filed(town_session, world, way)
    assert await left(town_session, held) == [180_000]
    # At the gate and in the works the same ground holds; and for its own method only.
    await transporting.pick_up(
        town_session, world.carrier.owner, SignAct(manifest_id=manifest.id), at=AT + timedelta(hours=1)
    )
    await transporting.arrive(
        town_session, world.carrier.owner, SignAct(manifest_id=manifest.id), at=AT + timedelta(hours=2)
    )
    scan = ScanAtGate(
        manifest_id=manifest.id,
        scan_id=new_id(),
        code=DigitalCode.parse(drum.digital_code),
        gross=Mass.parse("200 kg"),
    )
    found = await gate.scan_at_gate(
        town_session, world.stranger.people[Role.GATE_OPERATOR], scan, at=AT + timedelta(hours=3)
    )
    assert found.outcome is Outcome.ACCEPTED
    await receiving.receive(
        town_session, world.stranger.owner, Receive(manifest_id=manifest.id), at=AT + timedelta(hours=4)
    )
    batch = Treat(site_id=world.stranger.site.id, container_ids=(drum.id,), method="D10", treated_on=TODAY)
    with pytest.raises(RuleBroken) as refused:
        await treat(town_session, world.stranger.owner, batch, at=AT + timedelta(hours=5))
    assert [rule.code for rule in refused.value.broken] == ["method_not_of_ground"]
    await treat(town_session, world.stranger.owner, replace(batch, method="R9"), at=AT + timedelta(hours=5))


pytest_commits = pytest.mark.commits


@pytest_commits
async def test_of_two_clerks_one_gets_the_last_tonne(fresh_town: AsyncEngine, world: World) -> None:
    async with writing(fresh_town) as session:
        neighbours = await agreed(session, world)
        held = await approved(session, world, neighbours, application(world, neighbours, item(quantity="1 t")))
        drafts = []
        for _ in range(10):
            drum = await a_drum(session, world)
            row = await filing.draft_manifest(session, world.generator.owner, plan(world, neighbours, drum), at=AT)
            drafts.append(row.id)

    async def clerk(manifest_id: UUID) -> object:
        async with writing(fresh_town) as session:
            return await filing.file_manifest(
                session,
                world.generator.owner,
                SignAct(manifest_id=manifest_id),
                at=AT,
            )

    done = await asyncio.gather(*(clerk(one) for one in drafts), return_exceptions=True)
    refused = [one for one in done if isinstance(one, RuleBroken)]
    assert [one for one in done if isinstance(one, BaseException) and not isinstance(one, RuleBroken)] == []
    assert len(refused) == 5, "five drums of 180 kg fit into a tonne"
    assert {rule.code for one in refused for rule in one.broken} == {"approval_quantity_exceeded"}
    async with reading(fresh_town) as books:
        driver = await books.driver()
        assert await driver.fetchval("select booked_g from approval_items where approval_id = $1", held.id) == 900_000
        assert await driver.fetchval("select sum(booked_g)::bigint from approval_uses") == 900_000


@settings(max_examples=8, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cap=st.integers(min_value=100, max_value=900),
    steps=st.lists(
        st.tuples(st.sampled_from(["file", "cancel", "receive"]), st.integers(min_value=20, max_value=190)),
        min_size=3,
        max_size=12,
    ),
)
async def test_filing_never_books_more_than_the_approval_allows(
    town_engine: AsyncEngine, world: World, cap: int, steps: list[tuple[str, int]]
) -> None:
    """Beside a model that adds up by itself. A receipt may weigh more than was declared, then nothing is left."""
    async with undone(town_engine) as session:
        neighbours = await agreed(session, world)
        held = await approved(session, world, neighbours, application(world, neighbours, item(quantity=f"{cap} kg")))
        open_ones: list[tuple[ManifestRow, Container, int]] = []
        model = 0
        for act, kilograms in steps:
            if act == "file":
                drum = await a_drum(session, world, f"{kilograms} kg")
                work = filed(session, world, plan(world, neighbours, drum))
                if model + kilograms > cap:
                    assert await codes_broken(work) == ["approval_quantity_exceeded"]
                    continue
                open_ones.append((await work, drum, kilograms))
                model += kilograms
                assert model <= cap
            elif open_ones and act == "cancel":
                manifest, _, declared = open_ones.pop()
                command = SignAct(manifest_id=manifest.id, reason="改期")
                await filing.cancel_manifest(session, world.generator.owner, command, at=AT)
                model -= declared
            elif open_ones:
                manifest, drum, declared = open_ones.pop(0)
                await _at_the_gate(session, world, manifest)
                await _scanned(session, neighbours, manifest, drum, f"{kilograms + 20} kg")
                await receiving.receive(
                    session, neighbours.receiver.owner, Receive(manifest_id=manifest.id), at=AT + timedelta(hours=12)
                )
                model += kilograms - declared
            assert await left(session, held) == [model * 1000]


async def test_steps_of_others_do_not_touch_it(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    held = await approved(town_session, world, neighbours)
    drum = await a_drum(town_session, world)
    within = plan(world, neighbours, drum, receiver_site_id=world.receiver.site.id)
    await filed(town_session, world, within)
    assert await left(town_session, held) == [0]
    assert held.valid_to == date(2027, 3, 2)


@pytest.mark.parametrize("table", ["approval_items", "approval_uses"])
async def test_the_recomputation_finds_what_was_booked_otherwise(
    town_session: WriteSession, world: World, neighbours: Neighbours, table: str
) -> None:
    await approved(town_session, world, neighbours)
    await filed(town_session, world, plan(world, neighbours, await a_drum(town_session, world)))
    report = Report()
    await check_approvals(town_session, report)
    assert report.findings == []
    await (await town_session.driver()).execute(f"update {table} set booked_g = booked_g + 1")  # noqa: S608
    await check_approvals(town_session, report)
    assert Fault.APPROVAL_USE_WRONG in {one.fault for one in report.findings}
    assert (Fault.BOOKING_WRONG in {one.fault for one in report.findings}) == (table == "approval_uses")
