"""What is told while a manifest is being planned: the same refusals as at the filing, without a lock or a trace."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.support.acts import SignAct
from tests.support.world import AT, OIL, TODAY, World, a_drum, filed, plan_for
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden, RuleBroken
from wastetrack.manifests import filing, foreseeing
from wastetrack.manifests.foreseeing import Concern, Foreseen, Intended
from wastetrack.manifests.model import DraftManifest


def intended(command: DraftManifest) -> Intended:
    return Intended(
        shipper_site_id=command.shipper_site_id,
        container_ids=command.container_ids,
        receiver_site_id=command.receiver_site_id,
        method=command.method,
        planned_on=command.planned_on,
        legs=command.legs,
        basis=command.basis,
        exemptions=command.exemptions,
    )


def refused(seen: Foreseen) -> dict[Concern, set[str]]:
    return {one.concern: {wrong.code for wrong in one.refused} for one in seen.found if one.refused}


async def test_a_usual_transfer_is_in_order_and_nothing_is_written(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    before = await town_session.scalar(sa.text("select count(*) from manifests"))
    seen = await foreseeing.foresee(
        town_session, world.generator.owner, intended(plan_for(world, [drum], legs=2)), at=AT
    )
    assert refused(seen) == {}
    assert [one.concern for one in seen.found] == [
        Concern.CONTAINERS,
        Concern.WASTE,
        Concern.PERMIT,
        Concern.PLAN,
        Concern.CONTRACT,
        Concern.TRANSPORT,
        Concern.DAY,
    ]
    assert seen.is_whole
    assert seen.grams_by_code == {OIL: drum.net_g}
    (of,) = seen.compared
    assert of.plan is not None
    assert of.plan.left.grams > 0
    assert await town_session.scalar(sa.text("select count(*) from manifests")) == before


async def test_what_is_not_said_yet_is_not_asked_yet(town_session: WriteSession, world: World) -> None:
    command = intended(plan_for(world, [await a_drum(town_session, world)]))
    site = Intended(shipper_site_id=command.shipper_site_id)
    seen = await foreseeing.foresee(town_session, world.generator.owner, site, at=AT)
    assert (seen.found, seen.containers, seen.is_whole) == ((), 0, False)
    chosen = replace(site, container_ids=command.container_ids)
    seen = await foreseeing.foresee(town_session, world.generator.owner, chosen, at=AT)
    assert [one.concern for one in seen.found] == [Concern.CONTAINERS]
    carried = replace(site, legs=command.legs)
    seen = await foreseeing.foresee(town_session, world.generator.owner, carried, at=AT)
    assert [one.concern for one in seen.found] == [Concern.TRANSPORT]
    with pytest.raises(Forbidden):
        await foreseeing.foresee(town_session, world.receiver.owner, site, at=AT)


async def test_what_the_filing_refuses_is_told_before_under_what_it_is_about(
    town_session: WriteSession, world: World
) -> None:
    owner = world.generator.owner
    drum = await a_drum(town_session, world)
    taken = await a_drum(town_session, world)
    await filed(town_session, world, [taken])
    (leg,) = plan_for(world, [drum]).legs
    wrong = replace(
        plan_for(world, [drum, taken]),
        method="D9",
        planned_on=TODAY + timedelta(days=400),
    )
    row = await filing.draft_manifest(town_session, owner, wrong, at=AT)
    with pytest.raises(RuleBroken) as refusal:
        await filing.file_manifest(town_session, owner, SignAct(manifest_id=row.id), at=AT)
    seen = await foreseeing.foresee(town_session, owner, intended(wrong), at=AT)
    told = {code for codes in refused(seen).values() for code in codes}
    assert told == {one.code for one in refusal.value.broken}
    assert refused(seen)[Concern.CONTAINERS] == {"container_on_open_manifest"}
    assert "permit_without_method" in refused(seen)[Concern.PERMIT]
    assert "planned_on_implausible" in refused(seen)[Concern.DAY]
    unknown = replace(plan_for(world, [drum]), legs=(replace(leg, plate="鲁F00000"),))
    seen = await foreseeing.foresee(town_session, owner, intended(unknown), at=AT)
    assert refused(seen) == {Concern.TRANSPORT: {"vehicle_unknown"}}


async def test_the_draft_that_is_changed_is_no_other_manifest(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    row = await filing.draft_manifest(town_session, world.generator.owner, plan_for(world, [drum]), at=AT)
    command = replace(intended(plan_for(world, [drum])), manifest_id=row.id)
    assert refused(await foreseeing.foresee(town_session, world.generator.owner, command, at=AT)) == {}
