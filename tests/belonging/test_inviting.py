"""Invitations: a link that works once, a password that nobody else knows, the limits of who may invite whom."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.support.belonging import OWN_PASSWORD, invited, joined, newcomer, people, secret_in
from tests.support.refused import codes_broken
from tests.support.served import PASSWORD, Served
from tests.support.world import World
from wastetrack import clock
from wastetrack.auth import accepting, inviting
from wastetrack.auth.joining_model import ContactKind, contact_of
from wastetrack.auth.model import Role
from wastetrack.auth.queries import hash_of
from wastetrack.db.session import WriteSession, writing
from wastetrack.errors import NotFound
from wastetrack.ids import new_id
from wastetrack.parties import membership

HOURS = timedelta(hours=72)


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        (" Li.Na@Example.CN ", (ContactKind.EMAIL, "li.na@example.cn")),
        ("138 0000-0000", (ContactKind.PHONE, "13800000000")),
        ("+86 138 0000 0000", (ContactKind.PHONE, "+8613800000000")),
        ("李娜@单位.中国", (ContactKind.EMAIL, "李娜@单位.中国")),
        ("li.na", None),
        ("a@b", None),
        ("a b@c.cn", None),
        ("12345", None),
        (f"{'x' * 200}@example.cn", None),
    ],
)
def test_a_contact_is_a_mail_address_or_a_telephone_number(text: str, contact: tuple[ContactKind, str] | None) -> None:
    assert contact_of(text) == contact


async def test_an_invited_person_joins_with_a_password_of_her_own(served: Served) -> None:
    login = await newcomer(served, "signer")
    visitor = served.visitor()
    assert (await visitor.sign_in(login, PASSWORD)).status_code == 401
    assert (await visitor.sign_in(login, OWN_PASSWORD)).status_code == 303
    assert "签字人" in (await visitor.get("/account")).text


async def test_a_link_works_once_even_for_two_at_the_same_time(served: Served) -> None:
    secret = await invited(served, f"{new_id()}@example.cn")
    first, second = served.visitor(), served.visitor()
    answered = await asyncio.gather(joined(first, secret), joined(second, secret))
    assert sorted(answered) == [303, 404]
    assert (await served.visitor().get(f"/join?token={secret}")).status_code == 404


async def test_a_weak_password_is_refused_and_the_link_stays(served: Served) -> None:
    secret = await invited(served, f"{new_id()}@example.cn")
    visitor = served.visitor()
    assert await joined(visitor, secret, "short") == 422
    assert await joined(visitor, secret) == 303


async def test_only_hashes_of_links_are_stored_and_the_queue_holds_no_secret(served: Served) -> None:
    contact = f"{new_id()}@example.cn"
    secret = await invited(served, contact)
    async with writing(served.owner) as session:
        stored = (await session.execute(sa.text("select token_hash from invitation_links"))).scalars().all()
        jobs = (await session.execute(sa.text("select args::text from procrastinate_jobs"))).scalars().all()
        answers = (await session.execute(sa.text("select answer from answered_requests"))).scalars().all()
    assert hash_of(secret) in stored
    assert jobs
    assert not any(secret in job for job in jobs)
    assert not any(secret.encode() in (answer or b"") for answer in answers)


async def test_a_link_sent_again_or_taken_back_ends_the_old_one(served: Served) -> None:
    owner = await served.page_visitor("owner")
    contact = f"{new_id()}@example.cn"
    first = await invited(served, contact)
    row = await _invitation_row(served, contact)
    again = await owner.send_form(f"{row}/resend", {}, page=people(served))
    second = secret_in(again.text)
    assert second != first
    assert (await served.visitor().get(f"/join?token={first}")).status_code == 404
    assert (await served.visitor().get(f"/join?token={second}")).status_code == 200
    assert (await owner.send_form(f"{row}/revoke", {}, page=people(served))).status_code == 303
    assert (await served.visitor().get(f"/join?token={second}")).status_code == 404
    assert contact not in (await owner.get(people(served))).text
    assert (await owner.send_form(f"{row}/resend", {}, page=people(served))).status_code == 409


async def test_a_repeated_request_does_not_tell_the_link_again(served: Served) -> None:
    owner = await served.page_visitor("owner")
    fields = {"contact": f"{new_id()}@example.cn", "name": "某人", "role": "filer"}
    key = new_id()
    first = await owner.send_form(f"{people(served)}/invitations", fields, page=people(served), key=key)
    again = await owner.send_form(f"{people(served)}/invitations", fields, page=people(served), key=key)
    assert secret_in(first.text)
    assert again.status_code == 303
    assert "wi_" not in again.text


async def test_whoever_has_an_account_adds_the_membership_to_it(served: Served) -> None:
    login = await newcomer(served, "viewer", by="stranger", place="stranger")
    secret = await invited(served, login, "filer")
    visitor = served.visitor()
    page = (await visitor.get(f"/join?token={secret}")).text
    assert "您在本平台已有账户" in page
    token = await visitor.token_on("/sign-in")
    refused = await visitor.post("/join", data={"csrf_token": token, "token": secret, "password": OWN_PASSWORD})
    assert refused.status_code == 422
    await visitor.sign_in(login, OWN_PASSWORD)
    added = await visitor.send_form("/join/account", {"token": secret}, page=f"/join?token={secret}")
    assert added.status_code == 303
    assert "经办人" in (await visitor.get("/account")).text


async def test_an_organisation_invites_into_its_own_roles_and_nobody_else_s(served: Served) -> None:
    owner = await served.page_visitor("owner")
    fields = {"contact": f"{new_id()}@example.cn", "name": "某人", "role": "inspector"}
    refused = await owner.send_form(f"{people(served)}/invitations", fields, page=people(served))
    assert refused.status_code == 422
    elsewhere = people(served, "stranger")
    strange = await owner.send_form(f"{elsewhere}/invitations", {**fields, "role": "filer"}, page=people(served))
    assert strange.status_code == 403
    filer = await served.page_visitor("filer")
    assert (
        await filer.send_form(f"{people(served)}/invitations", {**fields, "role": "filer"}, page="/account")
    ).status_code == 403
    operator = await served.page_visitor("operator")
    authority = people(served, "authority")
    made = await operator.send_form(f"{authority}/invitations", fields, page=authority)
    assert made.status_code == 200


async def test_an_official_who_joins_looks_over_the_authority_s_region(served: Served) -> None:
    login = await newcomer(served, "inspector", by="operator", place="authority")
    visitor = served.visitor()
    assert (await visitor.sign_in_at_api(login, OWN_PASSWORD)).status_code == 201
    assert (await visitor.get("/api/v1/me")).json()["role"] == "inspector"
    async with writing(served.owner) as session:
        viewer = await session.scalar(
            sa.text("select viewer from memberships m join people p on p.id = person_id where login = :login"),
            {"login": login},
        )
    assert viewer == "r:3706"


async def test_a_member_who_forgot_the_password_chooses_another_by_a_link(served: Served) -> None:
    login = await newcomer(served)
    member = served.visitor()
    await member.sign_in(login, OWN_PASSWORD)
    owner = await served.page_visitor("owner")
    page = (await owner.get(people(served))).text
    row = page[page.index(login) :]
    address = row[row.index(people(served)) : row.index("/role")]
    answered = await owner.send_form(f"{address}/password-link", {}, page=people(served))
    secret = secret_in(answered.text)
    assert await joined(served.visitor(), secret, "seven other words of mine") == 303
    assert (await member.get("/account")).status_code == 303, "sessions end with the old password"
    assert (await served.visitor().sign_in(login, OWN_PASSWORD)).status_code == 401
    assert (await served.visitor().sign_in(login, "seven other words of mine")).status_code == 303


async def test_all_that_is_wrong_with_an_invitation_is_told_at_once(town_session: WriteSession, world: World) -> None:
    owner = world.generator.owner

    async def asking(contact: str, name: str = "某人") -> inviting.Invited:
        return await membership.invite(
            town_session,
            owner,
            owner.organisation_id,
            contact=contact,
            name=name,
            role=Role.FILER,
            locale="zh",
            lasts=HOURS,
            at=clock.now(),
        )

    assert await codes_broken(asking("nowhere", " ")) == ["contact_form", "invited_name"]
    await asking("zhang@example.cn")
    assert await codes_broken(asking("Zhang@Example.cn")) == ["invited_already"]


async def test_a_link_ends_with_its_time(town_session: WriteSession, world: World) -> None:
    owner, at = world.generator.owner, clock.now()
    made = await membership.invite(
        town_session,
        owner,
        owner.organisation_id,
        contact="13800000000",
        name="某人",
        role=Role.FILER,
        locale="zh",
        lasts=HOURS,
        at=at,
    )
    assert made.expires_at == at + HOURS
    just_before = at + HOURS - timedelta(seconds=1)
    assert (await inviting.by_secret(town_session, made.secret, at=just_before)).id == made.id
    with pytest.raises(NotFound):
        await accepting.accept_with_password(town_session, made.secret, OWN_PASSWORD, at=at + HOURS)


async def test_what_is_no_link_opens_nothing(served: Served) -> None:
    visitor = served.visitor()
    for token in ("", "wi_" + "A" * 43, "x" * 100):
        assert (await visitor.get(f"/join?token={token}")).status_code == 404
    forged = await visitor.post("/join", data={"token": "wi_x", "password": OWN_PASSWORD})
    assert forged.status_code == 403


async def _invitation_row(served: Served, contact: str) -> str:
    page = (await (await served.page_visitor("owner")).get(people(served))).text
    row = page
    row = row[row.index(contact) :]
    start = row.index(f"{people(served)}/invitations/")
    return row[start : row.index("/resend", start)]
