"""Personal tokens, health, and what the description of the API promises."""

from datetime import timedelta

import pytest

from tests.support.served import PEOPLE, Served, Visitor
from wastetrack import clock


async def program_with(served: Served, secret: str) -> Visitor:
    program = served.visitor()
    program.bearer = secret
    return program


async def test_a_token_does_what_its_owner_may_until_it_is_revoked(served: Served) -> None:
    owner = await served.api_visitor("owner")
    made = (await owner.send_json("/api/v1/tokens", {"name": "weighbridge 2", "days": 30})).json()
    assert made["secret"].startswith("wt_")
    program = await program_with(served, made["secret"])
    assert (await program.get("/api/v1/me")).json()["person_name"] == "王秀英"
    assert (await owner.send_json(f"/api/v1/tokens/{made['id']}/revoke", {})).status_code == 204
    assert (await program.get("/api/v1/me")).status_code == 401


async def test_a_token_makes_no_token(served: Served) -> None:
    owner = await served.api_visitor("owner")
    made = (await owner.send_json("/api/v1/tokens", {"name": "mother", "days": 30})).json()
    program = await program_with(served, made["secret"])
    refused = await program.send_json("/api/v1/tokens", {"name": "child", "days": 30})
    assert (refused.status_code, refused.json()["code"]) == (403, "token_makes_no_token")


@pytest.mark.parametrize("bearer", ["wt_made-up", "ws_made-up", "", "nonsense"])
async def test_a_made_up_token_is_nobody(served: Served, bearer: str) -> None:
    program = await program_with(served, bearer)
    assert (await program.get("/api/v1/me")).status_code == 401


async def test_an_expired_token_is_nobody(served: Served) -> None:
    owner = await served.api_visitor("owner")
    made = (await owner.send_json("/api/v1/tokens", {"name": "old", "days": 1})).json()
    async with served.owner.begin() as connection:
        await connection.exec_driver_sql(
            "update tokens set created_at = created_at - $2::interval, expires_at = expires_at - $2::interval "
            "where id = $1::text::uuid",
            (made["id"], timedelta(days=1, seconds=1)),
        )
    assert (await (await program_with(served, made["secret"])).get("/api/v1/me")).status_code == 401


async def test_a_stranger_cannot_revoke_it_nor_see_it(served: Served) -> None:
    owner = await served.api_visitor("owner")
    made = (await owner.send_json("/api/v1/tokens", {"name": "mine alone", "days": 30})).json()
    stranger = await served.api_visitor("stranger")
    assert (await stranger.send_json(f"/api/v1/tokens/{made['id']}/revoke", {})).status_code == 404
    assert "mine alone" not in (await stranger.get("/api/v1/tokens")).text
    assert "mine alone" in (await owner.get("/api/v1/tokens")).text


async def test_each_role_is_told_who_it_is(served: Served) -> None:
    for login, (name, place, role, _jurisdiction) in PEOPLE.items():
        me = (await (await served.api_visitor(login)).get("/api/v1/me")).json()
        assert (me["person_name"], me["organisation_id"], me["role"]) == (name, str(served.places[place]), role.value)


async def test_the_server_says_that_it_lives_and_can_work(served: Served) -> None:
    visitor = served.visitor()
    assert (await visitor.get("/health")).json()["status"] == "ok"
    assert (await visitor.get("/ready")).json()["status"] == "ready"


async def test_a_use_is_written_down_at_most_once_a_minute(served: Served) -> None:
    owner = await served.api_visitor("owner")
    made = (await owner.send_json("/api/v1/tokens", {"name": "noted", "days": 30})).json()
    program = await program_with(served, made["secret"])

    async def last_used() -> str | None:
        shown = (await owner.get("/api/v1/tokens")).json()
        used: str | None = next(token["last_used_at"] for token in shown if token["id"] == made["id"])
        return used

    await program.get("/api/v1/me")
    assert await last_used() is None
    async with served.owner.begin() as connection:
        await connection.exec_driver_sql(
            "update tokens set created_at = created_at - interval '2 minutes' where id = $1::text::uuid", (made["id"],)
        )
    await program.get("/api/v1/me")
    noted = await last_used()
    assert noted is not None
    assert noted[:13] == clock.now().isoformat()[:13]
    await program.get("/api/v1/me")
    assert await last_used() == noted


async def test_every_operation_is_described_with_its_refusals(served: Served) -> None:
    described = (await served.visitor().get("/api/v1/openapi.json")).json()
    for path, operations in described["paths"].items():
        assert path.startswith(("/api/v1/", "/health", "/ready"))
        for verb, operation in operations.items():
            assert operation["description"], f"{verb} {path}"
            if path.startswith("/api/v1/"):
                assert "401" in operation["responses"], f"{verb} {path}"
