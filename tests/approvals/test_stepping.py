"""The way of an application on real PostgreSQL: what each step writes, and what it refuses."""

import dataclasses
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.support import parties as made
from tests.support.approvals import (
    PERMIT_END,
    Act,
    Neighbours,
    application,
    approved,
    drafted,
    item,
    step,
    way,
    with_documents,
)
from tests.support.files import CSV
from tests.support.world import AT, SLUDGE, TODAY, World
from wastetrack.approvals import applying, queries
from wastetrack.approvals.errors import Changed, OutOfTurn
from wastetrack.approvals.model import ApprovalKind, ApprovalState, DocumentKind
from wastetrack.attachments import attaching
from wastetrack.attachments.model import Offered
from wastetrack.attachments.storing import FileStore
from wastetrack.auth.model import Role
from wastetrack.catalogues.jurisdiction import differ
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden, NotFound, RuleBroken
from wastetrack.transparency.queries import leaves_of

GENERAL = "900-001-S17"


async def events(session: WriteSession, row: queries.Approval) -> list[str]:
    """The kinds of the events about it."""
    return [stored.leaf.kind for stored in await leaves_of(session, row.id)]


def codes(refused: pytest.ExceptionInfo[RuleBroken]) -> list[str]:
    """Which rules were broken."""
    return [rule.code for rule in refused.value.broken]


async def test_an_application_goes_its_way_and_each_step_is_an_event(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    row = await approved(town_session, world, neighbours)
    assert (row.state, row.number, row.valid_from) == ("approved", "鲁环固转〔2026〕1号", TODAY)
    assert row.valid_to == date(2027, 3, 2)
    assert await events(town_session, row) == [
        "approval_submitted",
        "approval_accepted",
        "approval_agreed_in_review",
        "approval_consulted",
        "approval_reply_agreed",
        "approval_approved",
    ]
    last = (await leaves_of(town_session, row.id))[-1].leaf
    assert last.facts["items"] == [
        {
            "waste_code": "900-249-08",
            "waste_name": "废矿物油",
            "form": "liquid",
            "quantity_g": 10_000_000,
            "treatment": "D10",
        }
    ]
    assert {"receiver_site", "shipper_site", "valid_from", "valid_to", "number"} <= last.facts.keys()


async def test_all_that_is_missing_is_told_at_once(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    owner = world.generator.owner
    row = await applying.draft_application(town_session, owner, application(world, neighbours), at=AT)
    with pytest.raises(RuleBroken) as refused:
        await step(town_session, owner, row.id, Act.SUBMIT)
    missing = [rule.value for rule in refused.value.broken]
    assert missing == [DocumentKind.PERMIT_COPY, DocumentKind.METHOD_DESCRIPTION, DocumentKind.CONTRACT]
    await with_documents(town_session, owner, row, DocumentKind.CONTRACT)
    with pytest.raises(RuleBroken) as refused:
        await step(town_session, owner, row.id, Act.SUBMIT)
    assert [rule.value for rule in refused.value.broken] == [DocumentKind.CONTRACT]


async def test_a_draft_that_breaks_rules_names_each_of_them(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    command = application(
        world,
        neighbours,
        item("900-249-09", "0 kg"),
        item(GENERAL, method="D77"),
        receiver_site_id=world.receiver.site.id,
        to_on=date(2026, 2, 1),
    )
    with pytest.raises(RuleBroken) as refused:
        await applying.draft_application(town_session, world.generator.owner, command, at=AT)
    assert set(codes(refused)) == {
        "provinces_same",
        "quantity_not_positive",
        "period_reversed",
        "period_over",
        "waste_code_unknown",
        "waste_of_other_sort",
        "method_unknown",
    }


async def test_one_notice_and_then_the_authority_accepts_or_refuses(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    owner, origin = world.generator.owner, neighbours.shandong
    row = await drafted(town_session, world, application(world, neighbours))
    await step(town_session, owner, row.id, Act.SUBMIT)
    await step(town_session, origin, row.id, Act.RETURN, reason="缺少接受人处置方式说明")
    command = application(world, neighbours, item(quantity="8 t"))
    await applying.amend_application(town_session, owner, row.id, command, version=None, at=AT)
    row = await step(town_session, owner, row.id, Act.SUBMIT, at=AT + timedelta(days=3))
    assert row.submitted_at == AT + timedelta(days=3)
    with pytest.raises(RuleBroken) as refused:
        await step(town_session, origin, row.id, Act.RETURN, at=AT + timedelta(days=3))
    assert codes(refused) == ["noticed_already"]
    row = await step(town_session, origin, row.id, Act.ACCEPT, at=AT + timedelta(days=3))
    row = await step(town_session, origin, row.id, Act.REFUSE_IN_REVIEW, at=AT + timedelta(days=3))
    assert row.state == "refused"


async def test_silence_accepts_on_the_day_of_receipt(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    row = await drafted(town_session, world, application(world, neighbours))
    await step(town_session, world.generator.owner, row.id, Act.SUBMIT)
    late = datetime(2026, 3, 10, 1, tzinfo=UTC)  # 9 March was the last day
    assert queries.standing_of(row, late) is ApprovalState.ACCEPTED
    nested = await town_session.begin_nested()
    await town_session.connection()
    with pytest.raises(OutOfTurn):
        await step(town_session, neighbours.shandong, row.id, Act.RETURN, at=late)
    await nested.rollback()
    town_session.expire_all()
    (row,) = await queries.page(town_session, world.generator.owner, queries.ApprovalFilter())
    row = await step(town_session, neighbours.shandong, row.id, Act.AGREE_IN_REVIEW, at=late)
    assert (row.state, row.accepted_at) == ("reviewed", AT)
    assert (await events(town_session, row))[1:] == ["approval_deemed_accepted", "approval_agreed_in_review"]


async def test_a_refusal_of_the_other_province_ends_it(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    row = await drafted(town_session, world, application(world, neighbours))
    for actor, act in way(world, neighbours, ApprovalKind.CROSS_PROVINCE)[:4]:
        await step(town_session, actor, row.id, act)
    await step(town_session, neighbours.jiangsu, row.id, Act.REPLY_REFUSE, reason="处置能力不足")
    with pytest.raises(OutOfTurn):
        await step(town_session, neighbours.shandong, row.id, Act.APPROVE)
    row = await step(town_session, neighbours.shandong, row.id, Act.REFUSE)
    assert row.state == "refused"


@pytest.mark.parametrize(
    "term",
    [
        (date(2030, 1, 1), None, date(2027, 3, 2)),
        (date(2026, 9, 30), None, date(2026, 9, 30)),
        (date(2030, 1, 1), date(2026, 6, 1), date(2026, 6, 1)),
    ],
)
async def test_an_approval_holds_no_longer_than_the_law_lets_it(
    town_session: WriteSession, world: World, neighbours: Neighbours, term: tuple[date, date | None, date]
) -> None:
    to_on, wanted, end = term
    row = await drafted(town_session, world, application(world, neighbours, to_on=to_on))
    for actor, act in way(world, neighbours, ApprovalKind.CROSS_PROVINCE)[:-1]:
        await step(town_session, actor, row.id, act)
    with pytest.raises(RuleBroken) as refused:
        await step(town_session, neighbours.shandong, row.id, Act.APPROVE, valid_to=end + timedelta(days=700))
    assert codes(refused) == ["valid_too_long"]
    row = await step(town_session, neighbours.shandong, row.id, Act.APPROVE, valid_to=wanted)
    assert row.valid_to == end


async def test_nor_longer_than_the_receivers_permit(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    row = await drafted(town_session, world, application(world, neighbours, to_on=date(2030, 1, 1)))
    late = datetime(2026, 11, 2, 1, tzinfo=UTC)
    for actor, act in way(world, neighbours, ApprovalKind.CROSS_PROVINCE):
        row = await step(town_session, actor, row.id, act, at=late)
    assert row.valid_to == PERMIT_END


async def test_what_the_receivers_permit_does_not_cover_is_not_approved(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    wastes = (item(), item(SLUDGE, method="R4"))
    row = await drafted(town_session, world, application(world, neighbours, *wastes))
    for actor, act in way(world, neighbours, ApprovalKind.CROSS_PROVINCE)[:-1]:
        await step(town_session, actor, row.id, act)
    with pytest.raises(RuleBroken) as refused:
        await step(town_session, neighbours.shandong, row.id, Act.APPROVE, number="")
    assert codes(refused) == ["decision_number_missing"]
    with pytest.raises(RuleBroken) as refused:
        await step(town_session, neighbours.shandong, row.id, Act.APPROVE)
    assert codes(refused) == ["receiver_permit_missing"]
    assert refused.value.broken[0].value == SLUDGE


async def test_a_copy_that_takes_its_place_supersedes_the_old_approval(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    owner = world.generator.owner
    old = await approved(town_session, world, neighbours)
    copy = await applying.copy_application(town_session, owner, old.id, in_place=True, at=AT)
    assert (copy.state, copy.replaces_id, copy.receiver_site_id) == ("draft", old.id, old.receiver_site_id)
    assert [one.quantity_g for one in await queries.items(town_session, copy.id)] == [10_000_000]
    await with_documents(town_session, owner, copy)
    for actor, act in way(world, neighbours, ApprovalKind.CROSS_PROVINCE):
        await step(town_session, actor, copy.id, act, number="鲁环固转〔2026〕2号")
    assert old.state == "superseded"
    assert (await events(town_session, old))[-1] == "approval_superseded"


async def test_who_decides_on_directed_use_is_the_deployments_choice(
    town_session: WriteSession, world: World, neighbours: Neighbours, tmp_path: object
) -> None:
    command = application(world, neighbours, kind=ApprovalKind.POINT_TO_POINT)
    row = await drafted(town_session, world, command)
    assert row.deciding == "37"
    file = tmp_path / "other.toml"  # type: ignore[operator]
    file.write_text('[point_to_point_authority]\nvalue = "prefecture"\n', encoding="utf-8")
    try:
        differ(file)
        row = await drafted(town_session, world, command)
        assert row.deciding == "3706"
        await step(town_session, world.generator.owner, row.id, Act.SUBMIT)
        with pytest.raises(Forbidden):
            await step(town_session, neighbours.shandong, row.id, Act.APPROVE)
        row = await step(town_session, neighbours.yantai, row.id, Act.APPROVE)
    finally:
        differ(None)
    assert row.state == "approved"


async def test_use_of_general_waste_in_another_province_is_told_and_stands(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    command = application(world, neighbours, item(GENERAL, method="R4"), kind=ApprovalKind.RECORD_OF_USE)
    row = await drafted(town_session, world, command)
    row = await step(town_session, world.generator.owner, row.id, Act.SUBMIT)
    assert (row.state, row.valid_to) == ("approved", date(2027, 3, 2))
    burnt = application(world, neighbours, item(GENERAL, method="D10"), kind=ApprovalKind.RECORD_OF_USE)
    with pytest.raises(RuleBroken) as refused:
        await drafted(town_session, world, burnt)
    assert codes(refused) == ["not_a_use"]


async def test_only_its_own_firm_sees_a_draft_and_the_named_ones_what_is_submitted(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    row = await drafted(town_session, world, application(world, neighbours))
    county, other = made.approver("320102"), made.approver("3202")
    named = (neighbours.receiver.owner, neighbours.shandong, neighbours.jiangsu, neighbours.yantai, county)
    for actor in (*named, other, world.carrier.owner):
        with pytest.raises(NotFound):
            await queries.approval(town_session, actor, row.id)
    await step(town_session, world.generator.owner, row.id, Act.SUBMIT)
    for actor in named:
        assert (await queries.approval(town_session, actor, row.id)).row.id == row.id
    for actor in (other, world.carrier.owner):
        with pytest.raises(NotFound):
            await queries.approval(town_session, actor, row.id)


async def test_who_saw_another_version_is_told(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    row = await drafted(town_session, world, application(world, neighbours))
    with pytest.raises(Changed):
        await step(town_session, world.generator.owner, row.id, Act.SUBMIT, version=7)
    await step(town_session, world.generator.owner, row.id, Act.SUBMIT, version=1)
    with pytest.raises(OutOfTurn):
        await applying.amend_application(
            town_session, world.generator.owner, row.id, application(world, neighbours), version=None, at=AT
        )


async def test_filers_prepare_nothing_that_binds_the_firm(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    filer = world.generator.people[Role.FILER]
    with pytest.raises(Forbidden):
        await applying.draft_application(town_session, filer, application(world, neighbours), at=AT)


async def test_the_office_alone_puts_documents_beside_an_application(
    town_session: WriteSession, world: World, neighbours: Neighbours, tmp_path: Path
) -> None:
    row = await drafted(town_session, world, application(world, neighbours))
    gate = dataclasses.replace(world.generator.people[Role.FILER], role=Role.GATE_OPERATOR)
    file = await attaching.examined(Offered("合同.csv", "text/csv", CSV))
    with pytest.raises(Forbidden, match="gate_operator"):
        await applying.attach_document(
            town_session,
            FileStore(tmp_path),
            gate,
            row.id,
            file,
            kind=DocumentKind.CONTRACT,
            most_bytes=10**9,
            at=AT,
        )
