"""Each POST has its caller's key: repeating it is harmless, at both doors."""

import asyncio

import pytest

from tests.support.served import PASSWORD, Served
from wastetrack.ids import new_id


async def token_names(served: Served, login: str) -> list[str]:
    program = await served.api_visitor(login)
    return [token["name"] for token in (await program.get("/api/v1/tokens")).json()]


async def test_ten_identical_posts_at_once_have_one_effect_and_one_answer(served: Served) -> None:
    program = await served.api_visitor("owner")
    key, name = new_id(), f"scale {new_id()}"
    body = {"name": name, "days": 30}
    answers = await asyncio.gather(*(program.send_json("/api/v1/tokens", body, key=key) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [answer.headers.get("idempotent-replayed") for answer in answers].count("true") == 9
    # The secret is told once; what is kept for repeats does not hold it.
    assert len([answer for answer in answers if answer.json()["secret"]]) == 1
    assert (await token_names(served, "owner")).count(name) == 1


async def test_a_form_sent_ten_times_at_once_is_sent_once(served: Served) -> None:
    browser = await served.page_visitor("filer")
    name = f"browser {new_id()}"
    fields = {
        "csrf_token": await browser.token_on("/account"),
        "request_id": str(new_id()),
        "name": name,
        "days": "7",
    }
    answers = await asyncio.gather(*(browser.post("/account/tokens", data=fields) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [303] * 9
    assert (await token_names(served, "filer")).count(name) == 1


async def test_the_answer_is_the_same_with_its_headers(served: Served) -> None:
    browser = await served.page_visitor("owner")
    program = await served.api_visitor("owner")
    made = (await program.send_json("/api/v1/tokens", {"name": "to be revoked", "days": 1})).json()
    fields = {"csrf_token": await browser.token_on("/account"), "request_id": str(new_id())}
    first, second = [await browser.post(f"/account/tokens/{made['id']}/revoke", data=fields) for _ in range(2)]
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert second.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers


async def test_the_same_form_after_signing_in_again_is_still_the_same_request(served: Served) -> None:
    name, key = f"twice {new_id()}", str(new_id())
    statuses = []
    for _ in range(2):
        browser = served.visitor()
        await browser.sign_in("signer")
        token = await browser.token_on("/account")
        fields = {"csrf_token": token, "request_id": key, "name": name, "days": "7"}
        statuses.append((await browser.post("/account/tokens", data=fields)).status_code)
    assert statuses == [200, 303]
    assert (await token_names(served, "signer")).count(name) == 1


async def test_the_same_key_with_another_body_is_refused(served: Served) -> None:
    program = await served.api_visitor("owner")
    key = new_id()
    assert (await program.send_json("/api/v1/tokens", {"name": "one", "days": 1}, key=key)).status_code == 201
    other = await program.send_json("/api/v1/tokens", {"name": "two", "days": 1}, key=key)
    assert other.status_code == 422
    assert other.json()["errors"][0]["code"] == "key_reused"
    elsewhere = await program.send_json("/api/v1/sign-out", {}, key=key)
    assert elsewhere.status_code == 422


async def test_another_members_key_is_another_key(served: Served) -> None:
    key = new_id()
    for login in ("owner", "stranger"):
        program = await served.api_visitor(login)
        made = await program.send_json("/api/v1/tokens", {"name": "same key", "days": 1}, key=key)
        assert made.json()["secret"]


async def test_a_refusal_is_not_kept_so_the_corrected_request_may_use_the_key(served: Served) -> None:
    program = await served.api_visitor("owner")
    key = new_id()
    assert (await program.send_json("/api/v1/tokens", {"name": " ", "days": 1}, key=key)).status_code == 422
    assert (await program.send_json("/api/v1/tokens", {"name": "well", "days": 1}, key=key)).status_code == 201


@pytest.mark.parametrize(("headers", "code"), [({}, "key_missing"), ({"Idempotency-Key": "7"}, "key_unreadable")])
async def test_a_post_without_a_proper_key_is_refused(served: Served, headers: dict[str, str], code: str) -> None:
    program = await served.api_visitor("owner")
    response = await program.post("/api/v1/tokens", json={"name": "x", "days": 1}, headers=headers)
    assert response.status_code == 400
    assert response.json()["code"] == code


async def test_no_secret_is_kept_in_the_database(served: Served) -> None:
    program = await served.api_visitor("owner")
    secret = (await program.send_json("/api/v1/tokens", {"name": "secret", "days": 1})).json()["secret"]
    session = program.bearer or ""
    async with served.owner.connect() as connection:
        rows = await connection.exec_driver_sql(
            "select 'tokens', t::text from tokens t union all select 'sessions', s::text from sign_in_sessions s "
            "union all select 'answers', encode(a.answer, 'escape') || a.headers::text from answered_requests a "
            "union all select 'people', p::text from people p"
        )
        everything = "\n".join(str(row[1]) for row in rows)
    assert secret not in everything
    assert session not in everything
    assert PASSWORD not in everything
