"""Templates of manifests: kept of a manifest, one's own alone, without containers and day."""

import pytest

from tests.support.world import AT, OIL, World, a_drum, filed, plan_for
from wastetrack.auth.model import Role
from wastetrack.auth.sight import look_as
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden, NotFound, RuleBroken
from wastetrack.manifests import filing, templates
from wastetrack.manifests.errors import ManifestUnknown
from wastetrack.manifests.templates import KeepTemplate, RenameTemplate, Template


async def kept(session: WriteSession, world: World, name: str = "每月废油") -> Template:
    manifest_id = await filed(session, world, [await a_drum(session, world)], legs=2)
    command = KeepTemplate(manifest_id=manifest_id, name=name)
    return await templates.keep_template(session, world.generator.owner, command, at=AT)


async def test_a_template_says_everything_of_a_transfer_but_what_moves_and_when(
    town_session: WriteSession, world: World
) -> None:
    row = await kept(town_session, world, "  每月废油 ")
    assert (row.name, row.method, row.basis, row.waste_codes) == ("每月废油", "D10", "permit", [OIL])
    assert row.receiver_site_id == world.receiver.site.id
    assert [leg["plate"] for leg in row.legs] == [world.plate, world.second_plate]
    assert [leg["carrier_id"] for leg in row.legs] == [str(world.carrier.id), str(world.second_carrier.id)]
    assert row.legs[0]["handover_place"] == ""
    assert row.legs[1]["handover_place"]
    assert not {"container_ids", "planned_on"} & set(Template.model_fields)
    assert [one.id for one in await templates.templates(town_session, world.generator.owner)] == [row.id]


async def test_a_name_is_given_once_is_not_empty_and_can_be_changed(town_session: WriteSession, world: World) -> None:
    owner = world.generator.owner
    row = await kept(town_session, world)
    with pytest.raises(RuleBroken, match="template_name_taken"):
        await kept(town_session, world)
    with pytest.raises(RuleBroken, match="field_empty"):
        await templates.rename_template(town_session, owner, RenameTemplate(template_id=row.id, name=" "), at=AT)
    with pytest.raises(RuleBroken, match="field_too_long"):
        await templates.rename_template(town_session, owner, RenameTemplate(template_id=row.id, name="油" * 61), at=AT)
    same = await templates.rename_template(
        town_session, owner, RenameTemplate(template_id=row.id, name="每月废油"), at=AT
    )
    assert same.name == "每月废油"
    await templates.rename_template(town_session, owner, RenameTemplate(template_id=row.id, name="每周废油"), at=AT)
    assert [one.name for one in await templates.templates(town_session, owner)] == ["每周废油"]
    assert await templates.delete_template(town_session, owner, row.id) == "每周废油"
    assert await templates.templates(town_session, owner) == []


async def test_nobody_else_has_it_and_who_only_looks_changes_nothing(town_session: WriteSession, world: World) -> None:
    row = await kept(town_session, world)
    for other in (world.receiver.owner, world.carrier.owner, world.stranger.owner):
        await look_as(town_session, other)
        assert await templates.templates(town_session, other) == []
        with pytest.raises(NotFound):
            await templates.delete_template(town_session, other, row.id)
    viewer = world.generator.people[Role.VIEWER]
    with pytest.raises(Forbidden):
        await templates.delete_template(town_session, viewer, row.id)
    assert [one.id for one in await templates.templates(town_session, viewer)] == [row.id]


async def test_it_is_kept_of_ones_own_road_manifest_a_draft_too(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    row = await filing.draft_manifest(town_session, world.generator.owner, plan_for(world, [drum]), at=AT)
    command = KeepTemplate(manifest_id=row.id, name="从草稿")
    await templates.keep_template(town_session, world.generator.owner, command, at=AT)
    sent = await filed(town_session, world, [await a_drum(town_session, world)])
    with pytest.raises(RuleBroken, match="no_template_of_this"):
        await templates.keep_template(
            town_session, world.receiver.owner, KeepTemplate(manifest_id=sent, name="收"), at=AT
        )
    with pytest.raises(ManifestUnknown):
        await templates.keep_template(
            town_session, world.stranger.owner, KeepTemplate(manifest_id=sent, name="收"), at=AT
        )
