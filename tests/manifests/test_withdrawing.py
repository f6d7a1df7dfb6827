"""A manifest withdrawn before its pick-up: what it held is free again, its number stays used."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.manifests.test_filing import drafted, plan
from tests.support.acts import SignAct
from tests.support.refused import codes_broken, events_about
from tests.support.world import AT, World, a_drum, filed
from wastetrack.auth.model import Role
from wastetrack.containers.recording import said
from wastetrack.db.session import WriteSession
from wastetrack.manifests import filing, queries
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.model import ManifestState


async def test_a_cancelled_manifest_frees_its_drums_and_gives_the_quantity_back(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await filed(town_session, world, [drum])
    booked = text("select sum(booked_g) from permit_uses")
    assert await town_session.scalar(booked) == 180_000
    act = SignAct(manifest_id=manifest_id)
    work = filing.cancel_manifest(town_session, world.generator.owner, act, at=AT)
    assert await codes_broken(work) == ["reason_missing"]
    told = replace(act, reason="客户改期")
    row, _ = await filing.cancel_manifest(town_session, world.generator.owner, told, at=AT)
    assert row.state == ManifestState.CANCELLED
    assert await town_session.scalar(booked) == 0
    assert await queries.open_elsewhere(town_session, [drum.id]) == {}
    again = await filing.draft_manifest(town_session, world.generator.owner, plan(world, drum), at=AT)
    again, _ = await filing.file_manifest(town_session, world.generator.owner, SignAct(manifest_id=again.id), at=AT)
    assert again.number == "20263706000002"


async def test_a_void_manifest_burns_its_number(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    act = SignAct(manifest_id=await filed(town_session, world, [drum]), reason="填报错误")
    row, _ = await filing.void_manifest(town_session, world.generator.owner, act, at=AT)
    assert (row.state, row.number) == ("void", "20263706000001")
    assert await town_session.scalar(text("select sum(booked_g) from permit_uses")) == 0
    assert await queries.open_elsewhere(town_session, [drum.id]) == {}
    event = (await events_about(town_session, row.id))[-1]
    assert event["kind"] == "manifest_voided"
    assert (await said(town_session, [UUID(event["id"])]))[UUID(event["id"])] == {"reason": "填报错误"}
    with pytest.raises(OutOfOrder):
        await filing.cancel_manifest(town_session, world.generator.owner, act, at=AT)


async def test_a_draft_is_dropped_without_a_reason_and_cannot_be_voided(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    act = await drafted(town_session, world, plan(world, drum))
    with pytest.raises(OutOfOrder):
        await filing.void_manifest(town_session, world.generator.owner, act, at=AT)
    row, _ = await filing.cancel_manifest(town_session, world.generator.people[Role.FILER], act, at=AT)
    assert (row.state, row.number) == ("cancelled", None)
