"""Roles change, memberships end, and an organisation always keeps one owner."""

import asyncio

import pytest
import sqlalchemy as sa

from tests.support.belonging import OWN_PASSWORD, membership_row, newcomer, people
from tests.support.refused import codes_broken
from tests.support.served import Served
from tests.support.world import World
from wastetrack import clock
from wastetrack.auth import enrolling
from wastetrack.auth.model import Role
from wastetrack.db.session import WriteSession, writing
from wastetrack.errors import NotFound
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


async def test_two_owners_cannot_both_leave_at_the_same_time(served: Served) -> None:
    one = await newcomer(served, "owner", by="stranger", place="stranger")
    other = await newcomer(served, "owner", by="stranger", place="stranger")
    engine = served.owner
    async with writing(engine) as session:
        # The world's own owners of the firm: only the two of this test are left.
        await session.execute(
            sa.text(
                "update memberships set role = 'viewer' from people p where p.id = person_id and role = 'owner' "
                "and organisation_id = :firm and p.login not in (:one, :other)"
            ),
            {"firm": served.places["stranger"], "one": one, "other": other},
        )
    try:
        visitors = [served.visitor(), served.visitor()]
        rows = []
        for visitor, login, seen in zip(visitors, (one, other), (other, one), strict=True):
            await visitor.sign_in(login, OWN_PASSWORD)
            page = (await visitor.get(people(served, "stranger"))).text
            row = page[page.index(seen) :]
            rows.append(row[row.index("/organisations/") : row.index("/role")])
        left = await asyncio.gather(
            *(
                visitor.send_form(f"{row}/end", {}, page=people(served, "stranger"))
                for visitor, row in zip(visitors, rows, strict=True)
            )
        )
        # Each ends the other; whoever comes second is refused, or is nobody any more.
        assert sorted(answer.status_code == 303 and "sign-in" not in answer.headers["location"] for answer in left) == [
            False,
            True,
        ]
        async with writing(engine) as session:
            owners = await session.scalar(
                sa.text(
                    "select count(*) from memberships where organisation_id = :firm and role = 'owner' "
                    "and ended_at is null"
                ),
                {"firm": served.places["stranger"]},
            )
        assert owners == 1
    finally:
        async with writing(engine) as session:
            await session.execute(
                sa.text(
                    "update memberships set role = 'owner' from people p where p.id = person_id "
                    "and p.login = 'stranger' and organisation_id = :firm"
                ),
                {"firm": served.places["stranger"]},
            )


async def test_an_ended_member_is_not_there_any_more(town_session: WriteSession, world: World) -> None:
    owner = world.generator.owner
    with pytest.raises(NotFound):
        await membership.change_role(town_session, owner, world.stranger.owner.membership_id, Role.FILER)
