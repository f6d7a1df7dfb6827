"""Systems at the API: registered, changed, ended by whoever may; their signing keys; what a token may not do."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.machines import public_text, signed
from tests.support.machines_served import asked, asking, elsewhere, registered, system
from tests.support.served import Served, Visitor
from tests.support.statements import counted
from tests.support.wire import on_the_wire
from wastetrack.ids import new_id

API = "/api/v1"
NOWHERE = "00000000-0000-7000-8000-000000000000"
NEW = {"name": "ERP", "scopes": ["read"], "days": 30}
KEY_BODY = {"name": "ERP", "public_key": "", "days": 30}


async def test_a_system_is_listed_and_shown_without_its_secret(served: Served) -> None:
    made, owner = await registered(served, "read", "label"), await served.api_visitor("owner")
    shown = (await owner.get(f"{API}/systems/{made['client_id']}")).json()
    assert (shown["scopes"], shown["role"], shown["auth_method"]) == (["read", "label"], "filer", "client_secret")
    assert shown["created_by"] == "王秀英"
    assert shown["last_used_at"] is None
    assert [secret["id"] for secret in shown["secrets"]] == [made["secret"]["id"]]
    listed = await owner.get(f"{API}/systems")
    assert made["client_id"] in {one["id"] for one in listed.json()}
    assert made["secret"]["secret"] not in listed.text + str(shown)


async def test_a_secret_is_told_once_and_stored_nowhere(served: Served) -> None:
    owner, key = await served.api_visitor("owner"), new_id()
    first = await owner.send_json(f"{API}/systems", NEW, key=key)
    again = await owner.send_json(f"{API}/systems", NEW, key=key)
    assert again.headers["idempotent-replayed"] == "true"
    told = first.json()
    secret = told["secret"]["secret"]
    assert secret.startswith("wc_")
    assert again.json() == {**told, "secret": {**told["secret"], "secret": None}}
    place, key = f"{API}/systems/{told['client_id']}/secrets", new_id()
    rotated = await owner.send_json(place, {"days": 30, "overlap_hours": 1}, key=key)
    assert rotated.status_code == 201
    assert (await owner.send_json(place, {"days": 30, "overlap_hours": 1}, key=key)).json()["secret"] is None
    async with served.app.state.engine.connect() as connection:
        for hidden in (secret, rotated.json()["secret"]):
            found = await connection.exec_driver_sql(
                "select count(*) from answered_requests where position($1::text::bytea in answer) > 0", (hidden,)
            )
            assert found.scalar_one() == 0


async def test_the_last_use_of_system_and_secret_is_shown(served: Served) -> None:
    made, owner, program = await registered(served, "read"), await served.api_visitor("owner"), elsewhere(served)
    async with served.app.state.engine.begin() as connection:
        await connection.exec_driver_sql(
            "update clients set created_at = created_at - interval '2 minutes' where id = $1::text::uuid",
            (made["client_id"],),
        )
    program.bearer = (await asked(program, asking(made))).json()["access_token"]
    me = (await program.get(f"{API}/me")).json()
    assert me["person_name"].startswith("ERP")
    shown = (await owner.get(f"{API}/systems/{made['client_id']}")).json()
    assert shown["last_used_at"] is not None
    assert shown["secrets"][0]["last_used_at"] is not None


def places(made: dict[str, Any]) -> list[tuple[str, str, dict[str, Any] | None]]:
    """Every address below one system, with a body that would do."""
    here = f"{API}/systems/{made['client_id']}"
    return [
        ("get", here, None),
        ("post", f"{here}/secrets", {"days": 30, "overlap_hours": 1}),
        ("post", f"{here}/secrets/{made['secret']['id']}/end", {}),
        ("post", f"{here}/jwks", {"keys": []}),
        ("get", f"{API}/system-keys?system_id={made['client_id']}", None),
        ("post", f"{API}/system-keys", {**KEY_BODY, "system_id": made["client_id"]}),
        ("post", f"{here}/end", {}),
    ]


async def tried(visitor: Visitor, verb: str, path: str, body: dict[str, Any] | None) -> tuple[int, str]:
    answered = await (visitor.get(path) if verb == "get" else visitor.send_json(path, body))
    told = answered.json() if answered.content else {}
    return answered.status_code, str(told.get("code", "")) if isinstance(told, dict) else ""


async def test_foreign_and_absent_systems_cannot_be_told_apart(served: Served) -> None:
    made = await registered(served, "read")
    absent = {"client_id": NOWHERE, "secret": {"id": NOWHERE}}
    stranger, nobody = await served.api_visitor("stranger"), served.visitor()
    for foreign, missing in zip(places(made), places(absent), strict=True):
        refused = await tried(stranger, *foreign)
        assert refused == await tried(stranger, *missing) == (404, "system_unknown"), foreign
        assert (await tried(nobody, *foreign))[0] == 401, foreign
        assert (await tried(await served.api_visitor("signer"), *foreign)) == (403, "may_not_manage_systems"), foreign


async def test_foreign_and_absent_keys_cannot_be_told_apart(served: Served) -> None:
    owner, stranger, mine = await served.api_visitor("owner"), await served.api_visitor("stranger"), a_key()
    body = {**KEY_BODY, "public_key": public_text(mine)}
    entered = (await owner.send_json(f"{API}/system-keys", body)).json()
    for end, sent in (("proof", {"signature": "AAAA"}), ("end", {})):
        for key_id in (entered["id"], NOWHERE):
            answered = await tried(stranger, "post", f"{API}/system-keys/{key_id}/{end}", sent)
            assert answered == (404, "system_key_unknown")
            assert (await tried(served.visitor(), "post", f"{API}/system-keys/{key_id}/{end}", sent))[0] == 401


async def test_only_owners_and_approvers_let_systems_in(served: Served) -> None:
    for login in ("filer", "signer", "gate", "driver", "viewer", "regulator", "inspector", "operator"):
        visitor = await served.api_visitor(login)
        assert await tried(visitor, "post", f"{API}/systems", NEW) == (403, "may_not_manage_systems"), login
        for path in ("/systems", "/members-tokens"):
            assert await tried(visitor, "get", API + path, None) == (403, "may_not_manage_systems"), login
    for login in ("owner", "approver"):
        assert (await tried(await served.api_visitor(login), "post", f"{API}/systems", NEW))[0] == 201
    for path in ("/systems", "/members-tokens"):
        assert (await tried(served.visitor(), "get", API + path, None))[0] == 401


async def test_a_system_ends_at_once(served: Served) -> None:
    made, owner, program = await registered(served, "read"), await served.api_visitor("owner"), elsewhere(served)
    program.bearer = (await asked(program, asking(made))).json()["access_token"]
    assert (await program.get(f"{API}/me")).status_code == 200
    here = f"{API}/systems/{made['client_id']}"
    assert (await owner.send_json(f"{here}/end", {})).status_code == 204
    assert (await program.get(f"{API}/me")).status_code == 401
    assert (await asked(program, asking(made))).status_code == 401
    assert (await owner.get(here)).status_code == 404


async def test_everything_wrong_with_a_system_is_told_at_its_field(served: Served) -> None:
    owner = await served.api_visitor("owner")
    body = {"name": " ", "scopes": ["administer"], "auth_method": "private_key_jwt", "jwks": {"keys": [{"kty": "oct"}]}}
    refused = await owner.send_json(f"{API}/systems", body)
    assert refused.status_code == 422
    assert {rule["field"]: rule["code"] for rule in refused.json()["errors"]} == {
        "name": "system_name",
        "scopes": "system_scopes",
        "jwks.keys.0": "jwk_kind",
    }


# Tokens and their scopes --------------------------------------------------------------------------------------------


async def test_without_read_a_system_looks_at_nothing(served: Served) -> None:
    program = await system(served, "label")
    for path in ("/me", "/containers", "/manifests", "/organisations", "/systems"):
        refused = await program.get(API + path)
        assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope"), path
        assert refused.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="read"'


async def test_a_system_that_may_everything_still_makes_no_tokens_systems_or_keys(served: Served) -> None:
    every = ("read", "label", "file", "sign", "carry", "gate", "treat", "register", "prove", "scim")
    program, mine = await system(served, *every), a_key()
    other = await registered(served, "read")
    refused = [
        await tried(program, "post", f"{API}/tokens", {"name": "child", "days": 30}),
        await tried(program, "post", f"{API}/systems", NEW),
        await tried(program, "post", f"{API}/system-keys", {**KEY_BODY, "public_key": public_text(mine)}),
        await tried(program, "post", f"{API}/tokens/{NOWHERE}/revoke", {}),
        await tried(program, "get", f"{API}/systems", None),
        await tried(program, "get", f"{API}/members-tokens", None),
        *[await tried(program, *place) for place in places(other)],
    ]
    assert {status for status, _ in refused} == {403}


async def test_a_token_of_a_system_opens_no_page(served: Served) -> None:
    program = await system(served, "read")
    assert (await program.get("/account")).status_code == 303
    program.http.cookies.set("wastetrack", program.bearer or "")
    assert (await program.get("/account")).status_code == 303


async def test_a_personal_token_is_narrowed_at_the_api(served: Served) -> None:
    owner = await served.api_visitor("owner")
    made = (await owner.send_json(f"{API}/tokens", {"name": "reader", "days": 1, "scopes": ["read"]})).json()
    assert made["scopes"] == ["read"]
    program = served.visitor()
    program.bearer = made["secret"]
    assert (await program.get(f"{API}/containers")).status_code == 200
    refused = await program.send_json(f"{API}/organisations/{served.places['generator']}/sites", {})
    assert refused.status_code == 422  # what cannot be read is told first
    for path in (f"/tokens/{made['id']}/revoke", f"/systems/{NOWHERE}/end"):
        answered = await program.send_json(API + path, {})
        assert (answered.status_code, "scope=" in answered.headers["www-authenticate"]) == (403, True), path
    unknown = await owner.send_json(f"{API}/tokens", {"name": "x", "days": 1, "scopes": ["everything"]})
    assert unknown.status_code == 422


async def test_owners_see_and_end_the_tokens_of_their_members(served: Served) -> None:
    signer, owner, stranger = [await served.api_visitor(login) for login in ("signer", "owner", "stranger")]
    name = f"scale {new_id()}"
    made = (await signer.send_json(f"{API}/tokens", {"name": name, "days": 1})).json()
    listed = (await owner.get(f"{API}/members-tokens")).json()
    assert [(one["id"], one["owner"]) for one in listed if one["name"] == name] == [(made["id"], "张伟")]
    assert name not in (await stranger.get(f"{API}/members-tokens")).text
    assert (await stranger.send_json(f"{API}/tokens/{made['id']}/revoke", {})).status_code == 404
    assert (await owner.send_json(f"{API}/tokens/{made['id']}/revoke", {})).status_code == 204
    program = served.visitor()
    program.bearer = made["secret"]
    assert (await program.get(f"{API}/me")).status_code == 401


# Signing keys -------------------------------------------------------------------------------------------------------


def a_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


async def test_a_signing_key_is_entered_proved_and_ended(served: Served) -> None:
    made, owner, mine = await registered(served, "sign"), await served.api_visitor("owner"), a_key()
    body = {**KEY_BODY, "public_key": public_text(mine), "system_id": made["client_id"]}
    entered = (await owner.send_json(f"{API}/system-keys", body)).json()
    assert entered["state"] == "to_be_proved"
    here = f"{API}/system-keys/{entered['id']}"
    wrong = await owner.send_json(f"{here}/proof", {"signature": signed(mine, "something else")})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "possession_unproved")
    proved = await owner.send_json(f"{here}/proof", {"signature": signed(mine, entered["statement"])})
    assert (proved.status_code, proved.json()["state"], proved.json()["statement"]) == (200, "in_force", None)
    listed = (await owner.get(f"{API}/system-keys?system_id={made['client_id']}")).json()
    assert [(key["id"], key["state"]) for key in listed] == [(entered["id"], "in_force")]
    assert (await owner.send_json(f"{here}/end", {})).json()["state"] == "ended"
    taken = await owner.send_json(f"{API}/system-keys", body)
    assert (taken.status_code, taken.json()["code"]) == (422, "system_key_taken")


async def test_anybody_who_signed_in_may_have_a_key_of_his_own(served: Served) -> None:
    driver, mine = await served.api_visitor("driver"), a_key()
    entered = (await driver.send_json(f"{API}/system-keys", {**KEY_BODY, "public_key": public_text(mine)})).json()
    proof = {"signature": signed(mine, entered["statement"])}
    assert (await driver.send_json(f"{API}/system-keys/{entered['id']}/proof", proof)).status_code == 200
    assert entered["id"] in {key["id"] for key in (await driver.get(f"{API}/system-keys")).json()}
    carrier = await served.api_visitor("carrier")
    assert entered["id"] not in {key["id"] for key in (await carrier.get(f"{API}/system-keys")).json()}
    assert (await carrier.send_json(f"{API}/system-keys/{entered['id']}/end", {})).json()["state"] == "ended"


async def test_a_personal_token_enters_no_key(served: Served) -> None:
    owner, mine = await served.api_visitor("owner"), a_key()
    made = (await owner.send_json(f"{API}/tokens", {"name": "all", "days": 1})).json()
    program = served.visitor()
    program.bearer = made["secret"]
    refused = [
        await tried(program, "post", f"{API}/system-keys", {**KEY_BODY, "public_key": public_text(mine)}),
        await tried(program, "post", f"{API}/systems", NEW),
    ]
    assert refused == [(403, "token_makes_no_token")] * 2


# What it costs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("systems", [1, 4])
async def test_lists_ask_the_same_however_long_they_are(served: Served, systems: int) -> None:
    for _ in range(systems):
        await registered(served, "read", by="receiver")
    receiver = await served.api_visitor("receiver")
    await receiver.get(f"{API}/systems")
    engine = served.app.state.engine
    with on_the_wire(engine) as sent, counted(engine) as asked_for:
        assert len((await receiver.get(f"{API}/systems")).json()) >= systems
    assert (len(sent), len(asked_for)) == (1, 2)


async def test_a_systems_request_costs_what_a_persons_does(served: Served) -> None:
    program = await system(served, "read")
    await program.get(f"{API}/me")
    engine = served.app.state.engine
    with on_the_wire(engine) as sent, counted(engine) as asked_for:
        assert (await program.get(f"{API}/me")).status_code == 200
    assert (len(sent), len(asked_for)) == (1, 0)
