"""Roles change, memberships end, and an organisation always keeps one owner."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.belonging import OWN_PASSWORD, membership_row, newcomer, people
from tests.support.refused import codes_broken
from tests.support.served import PASSWORD, Served
from tests.support.world import World
from wastetrack import clock
from wastetrack.auth import enrolling
from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.model import Role
from wastetrack.db.session import WriteSession, writing
from wastetrack.errors import NotFound
from wastetrack.ids import new_id
from wastetrack.parties import membership


async def test_a_change_of_role_ends_the_session_and_holds(served: Served) -> None:
    login = await newcomer(served)
    member = served.visitor()
    await member.sign_in(login, OWN_PASSWORD)
    assert (await member.get("/account")).status_code == 200
    owner = await served.page_visitor("owner")
    row = await membership_row(served, login)
    changed = await owner.send_form(f"{row}/role", {"role": "signer"}, page=people(served))
    assert changed.status_code == 303
    assert (await member.get("/account")).status_code == 303
    await member.sign_in(login, OWN_PASSWORD)
    assert "签字人" in (await member.get("/account")).text
    official = await owner.send_form(f"{row}/role", {"role": "approver"}, page=people(served))
    assert official.status_code == 422


async def test_a_stranger_changes_nobody_s_role(served: Served) -> None:
    row = await membership_row(served, await newcomer(served))
    stranger = await served.page_visitor("stranger")
    own_page = people(served, "stranger")
    assert (await stranger.send_form(f"{row}/role", {"role": "viewer"}, page=own_page)).status_code == 404
    assert (await stranger.send_form(f"{row}/password-link", {}, page=own_page)).status_code == 404
    filer = await served.page_visitor("filer")
    assert (await filer.send_form(f"{row}/role", {"role": "owner"}, page="/account")).status_code == 403


async def test_the_last_owner_stays(town_session: WriteSession, world: World) -> None:
    owner = world.generator.owner
    work = enrolling.end_membership(town_session, owner, owner.membership_id, at=clock.now())
    assert await codes_broken(work) == ["last_owner"]
    lowered = membership.change_role(town_session, owner, owner.membership_id, Role.FILER)
    assert await codes_broken(lowered) == ["last_owner"]


async def test_two_owners_cannot_both_leave_at_the_same_time(fresh_town: AsyncEngine, world: World) -> None:
    first = world.stranger.owner
    command = Enrol(
        login=f"{new_id()}", name="另一位", password=PASSWORD, organisation_id=world.stranger.id, role=Role.OWNER
    )
    async with writing(fresh_town) as session:
        second = await install(session, command, at=clock.now())

    async def leaving(membership_id: UUID, waits_for: asyncio.Event, told: asyncio.Event) -> None:
        async with writing(fresh_town) as session:
            await enrolling.end_membership(session, first, membership_id, at=clock.now())
            told.set()
            await waits_for.wait()

    ended, may_commit, never = asyncio.Event(), asyncio.Event(), asyncio.Event()
    one = asyncio.create_task(leaving(second, may_commit, ended))
    await ended.wait()
    never.set()
    other = asyncio.create_task(leaving(first.membership_id, never, asyncio.Event()))
    await asyncio.sleep(0.5)
    assert not other.done(), "it waits to learn whether the other owner stays"
    may_commit.set()
    await one
    assert await codes_broken(other) == ["last_owner"]


async def test_an_ended_member_is_not_there_any_more(town_session: WriteSession, world: World) -> None:
    owner = world.generator.owner
    with pytest.raises(NotFound):
        await membership.change_role(town_session, owner, world.stranger.owner.membership_id, Role.FILER)
