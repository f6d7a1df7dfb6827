"""Delegates: for a time, in few roles, and visible on every page, in every event and at every signature."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support.belonging import OWN_PASSWORD, newcomer, people
from tests.support.refused import codes_broken
from tests.support.served import Served, Visitor
from tests.support.trade import Trade, sent
from tests.support.world import World
from wastetrack import clock
from wastetrack.auth import queries
from wastetrack.auth.model import Role
from wastetrack.auth.tables import Membership
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.parties import membership
from wastetrack.parties import queries as parties

NEXT_MONTH = timedelta(days=30)


async def delegated(served: Served, login: str, role: str = "signer") -> str:
    """Let somebody of the stranger's firm act for the generator; gives the address of the leave."""
    owner = await served.page_visitor("owner")
    here = f"/organisations/{served.places['generator']}/delegates"
    async with reading(served.owner) as session:
        firm = await parties.organisation(session, served.places["stranger"])
    until = (clock.now() + NEXT_MONTH).date().isoformat()
    fields = {"credit_code": firm.credit_code, "login": login, "role": role, "valid_until": until}
    answered = await owner.send_form(here, fields, page=here)
    assert answered.status_code == 303, answered.text
    async with reading(served.owner) as session:
        made = await session.scalar(
            sa.text(
                "select m.id from memberships m join people p on p.id = m.person_id "
                "where p.login = :login and m.delegate_of_organisation_id is not null and m.ended_at is null"
            ),
            {"login": login},
        )
    return f"{here}/{made}"


async def consultant(served: Served, role: str = "signer") -> tuple[Visitor, str, str]:
    """A consultant who has changed to the client's hat: the browser, the login, the address of the leave."""
    login = await newcomer(served, "filer", by="stranger", place="stranger")
    leave = await delegated(served, login, role)
    visitor = served.visitor()
    await visitor.sign_in(login, OWN_PASSWORD)
    changed = await visitor.send_form(
        "/account/membership", {"membership_id": leave.rpartition("/")[2]}, page="/account"
    )
    assert changed.status_code == 303
    return visitor, login, leave


async def test_a_delegate_is_shown_as_such_on_every_page_and_is_not_one_with_the_own_hat(served: Served) -> None:
    visitor, login, _ = await consultant(served)
    async with reading(served.owner) as session:
        firm = await parties.organisation(session, served.places["stranger"])
        client = await parties.organisation(session, served.places["generator"])
    sentence = f"您正以{firm.name}受托人的身份代{client.name}办事。"
    for address in ("/", "/manifests", "/containers", "/account", "/organisations", "/codes", "/manifests/nowhere"):
        assert sentence in (await visitor.get(address)).text, address
    own = served.visitor()
    await own.sign_in(login, OWN_PASSWORD)
    assert "受托人的身份" not in (await own.get("/account")).text


async def test_everything_a_delegate_does_says_so(trade: Trade) -> None:
    served = trade.served
    visitor, login, leave = await consultant(served)
    page = await visitor.send_form("/account/tokens", {"name": "program", "days": "9"}, page="/account")
    secret = re.search(r"wt_[A-Za-z0-9_-]{43}", page.text)
    assert secret is not None
    program = served.visitor()
    program.bearer = secret.group(0)
    me = (await program.get("/api/v1/me")).json()
    assert me["delegate_of"] == str(served.places["stranger"])
    drum = await sent(program, "/containers", trade.drum(), expect=201)
    draft = await sent(program, "/manifests", trade.plan(drum["container"]), expect=201)
    manifest_id = draft["manifest"]["id"] if "manifest" in draft else draft["id"]
    own = {"factor": {"kind": "password", "password": OWN_PASSWORD}}
    await sent(program, f"/manifests/{manifest_id}/filing", own)
    shown = await trade.standing(manifest_id)
    async with reading(served.owner) as session:
        firm = await parties.organisation(session, served.places["stranger"])
        leaves = (
            await session.execute(
                sa.text(
                    "select convert_from(l.bytes, 'utf8')::jsonb -> 'facts' as facts from log_leaves l "
                    "join log_subjects s on s.arrival = l.arrival where s.subject_id = any(:ids)"
                ),
                {"ids": [manifest_id, drum["container"]["id"]]},
            )
        ).scalars()
        facts: list[dict[str, Any]] = list(leaves)
    assert len(facts) >= 2
    assert {fact["delegate_of"] for fact in facts} == {str(served.places["stranger"])}
    assert {fact["organisation"] for fact in facts} == {str(served.places["generator"])}
    assert [one["delegate_of"] for one in shown["manifest"]["signatures"]] == [firm.name]
    owner = await served.page_visitor("owner")
    assert f"{firm.name}受托人" in (await owner.get(f"/manifests/{manifest_id}")).text
    # The leave is taken back: session and token end at once.
    ended = await owner.send_form(f"{leave}/end", {}, page=people(served))
    assert ended.status_code == 303
    assert (await visitor.get("/account")).status_code == 303
    assert (await program.get("/api/v1/me")).status_code == 401
    assert login not in (await owner.get(leave.rpartition("/")[0])).text


async def test_without_a_delegate_no_event_speaks_of_one(trade: Trade) -> None:
    shown = await trade.standing(await trade.filed(await trade.labelled()))
    assert [one["delegate_of"] for one in shown["manifest"]["signatures"]] == [None]


async def test_whoever_leaves_the_consultant_s_firm_acts_for_nobody(served: Served) -> None:
    visitor, login, _ = await consultant(served, "viewer")
    stranger = await served.page_visitor("stranger")
    there = people(served, "stranger")
    page = (await stranger.get(there)).text
    row = page[page.index(login) :]
    address = row[row.index(there) : row.index("/role")]
    assert (await stranger.send_form(f"{address}/end", {}, page=there)).status_code == 303
    assert (await visitor.get("/account")).status_code == 303


async def test_a_delegate_whose_time_is_over_is_nobody_at_once(served: Served) -> None:
    visitor, _, leave = await consultant(served, "viewer")
    assert (await visitor.get("/account")).status_code == 200
    async with writing(served.owner) as session:
        await session.execute(
            sa.text("update memberships set valid_until = now() - interval '1 second' where id = :id"),
            {"id": leave.rpartition("/")[2]},
        )
    assert (await visitor.get("/account")).status_code == 303


async def test_a_delegate_manages_nobody(served: Served) -> None:
    visitor, _, _ = await consultant(served)
    assert (await visitor.get(people(served))).status_code == 403
    assert (await visitor.get(f"/organisations/{served.places['generator']}/delegates")).status_code == 403


async def test_the_delegates_of_others_are_nobody_s_business(served: Served) -> None:
    here = f"/organisations/{served.places['generator']}/delegates"
    assert (await served.visitor().get(here)).status_code == 303
    assert (await (await served.page_visitor("stranger")).get(here)).status_code == 403
    assert (await (await served.page_visitor("owner")).get(here)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"role": Role.OWNER}, ["delegate_role", "delegate_unknown"]),
        ({"role": Role.GATE_OPERATOR}, ["delegate_role", "delegate_unknown"]),
        ({"days": 367}, ["delegate_time", "delegate_unknown"]),
        ({"days": -1}, ["delegate_time", "delegate_unknown"]),
        ({"credit_code": "91370602MA00000012"}, ["credit_code_check"]),
        ({"own": True}, ["delegate_of_oneself"]),
        ({}, ["delegate_unknown"]),
    ],
)
async def test_all_that_is_wrong_with_a_leave_is_told_at_once(
    town_session: WriteSession, world: World, changes: dict[str, Any], codes: list[str]
) -> None:
    owner = world.generator.owner
    firm = await parties.organisation(town_session, (world.generator if changes.get("own") else world.stranger).id)
    until = clock.now() + timedelta(days=changes.get("days", 30))
    work = membership.delegate(
        town_session,
        owner,
        owner.organisation_id,
        credit_code=changes.get("credit_code", firm.credit_code),
        login="nobody.at.all",
        role=changes.get("role", Role.FILER),
        valid_until=until,
        at=clock.now(),
    )
    found = await codes_broken(work)
    assert found == codes or (codes == ["credit_code_check"] and found and found[0].startswith("credit_code")), found


async def test_a_leave_ends_with_its_time_and_may_be_given_again(town_session: WriteSession, world: World) -> None:
    owner, person = world.generator.owner, world.stranger.owner
    firm = await parties.organisation(town_session, world.stranger.id)
    login = await town_session.scalar(sa.text("select login from people where id = :id"), {"id": person.person_id})

    async def leave(until: datetime) -> Any:  # noqa: ANN401  an id
        return await membership.delegate(
            town_session,
            owner,
            owner.organisation_id,
            credit_code=firm.credit_code,
            login=str(login),
            role=Role.FILER,
            valid_until=until,
            at=clock.now(),
        )

    made = await leave(clock.now() + NEXT_MONTH)
    hats = await queries.memberships_in_force(town_session, person.person_id)
    assert made in {hat.id for hat in hats}
    await town_session.execute(
        sa.update(Membership).where(sa.column("id") == made).values(valid_until=clock.now() - timedelta(seconds=1))
    )
    hats = await queries.memberships_in_force(town_session, person.person_id)
    assert made not in {hat.id for hat in hats}
    assert await leave(clock.now() + NEXT_MONTH) != made
