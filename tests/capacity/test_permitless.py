"""Offers of receivers that need no permit, and how far it is to any: approvals, the exemption list, roads."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.capacity.test_offering import JINAN, NANJING, plant, ranked, sought
from tests.manifests.test_grounds import IRON_DRUMS
from tests.support import parties as made
from tests.support.approvals import agree
from tests.support.plans import plan_for
from tests.support.served import for_application
from tests.support.world import AT, SLUDGE, World
from wastetrack.auth.sight import look_as
from wastetrack.capacity.offering import OfferOrder
from wastetrack.capacity.reaching import uploaded_km
from wastetrack.capacity.roads import RoadLine, UploadRoads
from wastetrack.capacity.uploading_roads import upload_roads
from wastetrack.containers.bases import TransferBasis
from wastetrack.db.engine import make_engine
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.plans.model import ReceiverKind, TransferKind

WITHIN: dict[str, Any] = {"kind": TransferKind.WITHIN, "receiver_kind": ReceiverKind.EXEMPT_USER}


async def test_an_exempt_user_of_the_filed_plan_takes_it_without_a_permit(
    town_session: WriteSession, world: World
) -> None:
    asked = sought(world, IRON_DRUMS, "4 t")
    stranger = world.stranger.site.id
    possible, _ = await ranked(town_session, world, asked)
    assert stranger not in {one.site_id for one in possible}
    await agree(town_session, world, world.stranger, IRON_DRUMS, methods=("R4",), **WITHIN)
    (found,) = [one for one in (await ranked(town_session, world, asked))[0] if one.site_id == stranger]
    assert (found.basis, found.method, found.yearly, found.free) == (
        TransferBasis.EXEMPT,
        "R4",
        Mass.parse("1000 t"),
        Mass.parse("1000 t"),
    )
    assert found.without is not None
    assert found.without.entry is not None
    assert found.without.entry.item == 8
    assert "利用" in found.without.entry.stage
    assert (found.can_reserve, found.unreservable) == (False, ())
    by_method, _ = await ranked(town_session, world, replace(asked, method="R4"))
    assert stranger in {one.site_id for one in by_method}


@pytest.mark.parametrize("changes", [{"method": "D10"}, {"waste_code": SLUDGE}])
async def test_what_neither_list_nor_plan_frees_needs_a_permit_as_ever(
    town_session: WriteSession, world: World, changes: dict[str, Any]
) -> None:
    """The list frees the use of these drums, not their disposal, and no other waste of the plan."""
    for code in (IRON_DRUMS, SLUDGE):
        await agree(town_session, world, world.stranger, code, methods=("R4", "D10"), **WITHIN)
    possible, _ = await ranked(town_session, world, replace(sought(world, IRON_DRUMS, "4 t"), **changes))
    assert world.stranger.site.id not in {one.site_id for one in possible}


async def test_an_approved_user_of_the_plan_is_no_exempt_user(town_session: WriteSession, world: World) -> None:
    """The plan sends it drums that the list would free, but on the ground of an approval, and there is none."""
    approved = {**WITHIN, "receiver_kind": ReceiverKind.APPROVED_USER}
    await agree(town_session, world, world.stranger, IRON_DRUMS, methods=("R4",), **approved)
    possible, _ = await ranked(town_session, world, sought(world, IRON_DRUMS, "4 t"))
    assert world.stranger.site.id not in {one.site_id for one in possible}


async def test_no_more_than_the_plan_still_sends_there(town_session: WriteSession, world: World) -> None:
    await agree(town_session, world, world.stranger, IRON_DRUMS, methods=("R4",), **WITHIN)
    possible, excluded = await ranked(town_session, world, sought(world, IRON_DRUMS, "1000.001 t"))
    assert world.stranger.site.id not in {one.site_id for one in possible}
    assert ["plan_quantity_exceeded"] in excluded.values()


async def test_across_the_border_an_exempt_user_needs_an_approval(town_session: WriteSession, world: World) -> None:
    firm = await plant(town_session, NANJING, "32.0603", "118.7969", made.item("HW34", "D10", "50 t"))
    across = {**WITHIN, "kind": TransferKind.ACROSS}
    maker = world.generator
    await plan_for(town_session, maker.site, firm.id, (IRON_DRUMS,), methods=("R4",), actor=maker.owner, **across)
    _, excluded = await ranked(town_session, world, sought(world, IRON_DRUMS, "4 t"))
    assert excluded[firm.name] == ["cross_province_approval_missing"]


async def test_an_uploaded_road_counts_before_the_great_circle(town_session: WriteSession, world: World) -> None:
    sludge = made.item(SLUDGE, "D10", "50 t")
    jinan = await plant(town_session, JINAN, "36.6512", "117.1201", sludge)
    near = await plant(town_session, "370613", "37.51", "121.44", sludge)
    (jinan_site,) = await parties.sites_of(town_session, jinan.id)
    own, county = world.generator.site, world.generator.site.region_code
    lines = [RoadLine(county, jinan_site.id, 700.0), RoadLine(county, world.receiver.site.id, 12.0)]
    await upload_roads(town_session, world.inspector, UploadRoads(lines=tuple(lines), reason="交通局"), at=AT)
    possible, _ = await ranked(town_session, world, sought(world))
    told = {one.firm_id: (one.km, one.by_road) for one in possible}
    assert told == {world.receiver.id: (12, True), near.id: (7, False), jinan.id: (700, True)}
    assert [one.firm_id for one in possible] == [near.id, world.receiver.id, jinan.id]
    # What is told of the site itself counts before its county.
    lines.append(RoadLine(str(own.id), world.receiver.site.id, 3.4))
    await upload_roads(town_session, world.inspector, UploadRoads(lines=tuple(lines), reason="交通局"), at=AT)
    possible, _ = await ranked(town_session, world, sought(world, order=OfferOrder.DISTANCE))
    assert [one.firm_id for one in possible] == [world.receiver.id, near.id, jinan.id]
    assert possible[0].km == 3


async def test_a_firm_is_told_the_roads_of_its_own_site_alone(fresh_town: AsyncEngine, world: World) -> None:
    to = world.receiver.site.id
    lines = (RoadLine(world.generator.site.region_code, to, 12.0),)
    async with writing(fresh_town) as session:
        await upload_roads(session, world.inspector, UploadRoads(lines=lines, reason="交通局"), at=AT)
    engine = make_engine(for_application(fresh_town.url.render_as_string(hide_password=False)))
    try:
        async with reading(engine) as session:
            await look_as(session, world.generator.owner)
            assert await uploaded_km(session, world.generator.site, [to]) == {to: 12.0}
            assert await (await session.driver()).fetch("select from road_distances") == []
            await look_as(session, world.stranger.owner)
            assert await uploaded_km(session, world.generator.site, [to]) == {}
    finally:
        await engine.dispose()
