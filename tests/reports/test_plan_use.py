"""How far a plan is used: made by the ledger, taken by manifests; and who is a small source."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from tests.support.world import AT, OIL, World, a_drum, filed
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.mass import ZERO, Mass
from wastetrack.parties import queries as parties
from wastetrack.reports.plan_use import SiteUse, use_of_plans
from wastetrack.reports.small_sources import is_small_source


async def used(session: WriteSession, world: World) -> SiteUse:
    sites = await parties.sites_of(session, world.generator.id)
    found = await use_of_plans(session, world.generator.owner, sites, at=AT)
    return next(one for one in found if one.site.id == world.generator.site.id)


async def test_what_is_made_and_sent_uses_the_plan(town_session: WriteSession, world: World) -> None:
    before = {one.waste_code: one for one in (await used(town_session, world)).wastes}[OIL]
    drum = await a_drum(town_session, world)
    await filed(town_session, world, [drum])
    of = await used(town_session, world)
    assert of.is_filed
    after = {one.waste_code: one for one in of.wastes}[OIL]
    assert after.made - before.made == Mass(drum.net_g)
    assert after.sent - before.sent == Mass(drum.net_g)
    assert after.room == max(after.planned - after.made, ZERO)
    assert before.room_to_send - after.room_to_send == Mass(drum.net_g)


async def set_class(session: WriteSession, site_id: UUID, authority_id: UUID, management_class: str, days: int) -> None:
    await session.execute(
        sa.text(
            "insert into set_classes (id, site_id, authority_id, management_class, reason, set_at) "
            "values (:id, :site, :authority, :class, '核定', :at)"
        ),
        {
            "id": new_id(),
            "site": site_id,
            "authority": authority_id,
            "class": management_class,
            "at": AT + timedelta(days=days),
        },
    )


async def test_a_small_source_is_a_generator_all_of_whose_places_are_of_the_lowest_class(
    town_session: WriteSession, world: World
) -> None:
    owner, authority = world.generator.owner, world.inspector.organisation_id
    assert await is_small_source(town_session, owner)  # by the class of its filed plan
    for days, management_class, small in (
        (0, "simplified", False),
        (1, "registration", True),
        (2, "key_supervision", False),
    ):
        await set_class(town_session, world.generator.site.id, authority, management_class, days)
        assert await is_small_source(town_session, owner) is small, management_class
    assert not await is_small_source(town_session, world.receiver.owner)
    assert not await is_small_source(town_session, world.inspector)
