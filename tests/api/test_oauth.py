"""How a system gets its tokens: each way to show who it is, and everything that may be wrong with it."""

import asyncio
from typing import Any

import pytest
from joserfc import jwk

from tests.support.machines_served import (
    ISSUER,
    TOKEN,
    asked,
    asking,
    assertion_of,
    basic,
    elsewhere,
    registered,
    signed_asking,
)
from tests.support.served import Served, Visitor
from wastetrack.ids import new_id

KEY = jwk.generate_key("EC", "P-256", {"kid": "erp-1"})
REVOKE, INTROSPECT = "/api/v1/oauth/revoke", "/api/v1/oauth/introspect"
WRONG = "wc_wrong"
GRANT = {"grant_type": "client_credentials"}


async def signing(served: Served, *keys: Any) -> dict[str, Any]:  # noqa: ANN401  keys are of many kinds
    public = [dict(key.as_dict(private=False)) for key in keys or (KEY,)]
    return await registered(served, "read", "file", auth_method="private_key_jwt", jwks={"keys": public})


async def me(program: Visitor, token: str) -> int:
    program.bearer = token
    answered = await program.get("/api/v1/me")
    program.bearer = None
    status: int = answered.status_code
    return status


async def test_a_secret_in_the_form_gets_a_token(served: Served) -> None:
    made, program = await registered(served, "read", "file"), elsewhere(served)
    answered = await asked(program, asking(made))
    told = answered.json()
    assert (answered.status_code, told["token_type"], told["expires_in"], told["scope"]) == (
        200,
        "Bearer",
        3600,
        "read file",
    )
    assert answered.headers["cache-control"] == "no-store"
    assert told["access_token"].startswith("wa_")
    assert await me(program, told["access_token"]) == 200


async def test_a_secret_in_the_header_gets_a_token(served: Served) -> None:
    made, program = await registered(served, "read"), elsewhere(served)
    headers = basic(made["client_id"], made["secret"]["secret"])
    answered = await asked(program, {**GRANT, "scope": "read"}, headers=headers)
    assert answered.status_code == 200, answered.text
    assert await me(program, answered.json()["access_token"]) == 200


@pytest.mark.parametrize("audience", [ISSUER, ISSUER + TOKEN])
async def test_a_signed_assertion_gets_a_token(served: Served, audience: str) -> None:
    made, program = await signing(served), elsewhere(served)
    assert made["secret"] is None
    answered = await asked(program, signed_asking(assertion_of(made["client_id"], KEY, aud=audience)))
    assert answered.status_code == 200, answered.text
    assert await me(program, answered.json()["access_token"]) == 200


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize(("algorithm", "kind", "size"), [("EdDSA", "OKP", "Ed25519"), ("PS256", "RSA", 2048)])
async def test_other_kinds_of_keys_do_too(served: Served, algorithm: str, kind: Any, size: Any) -> None:  # noqa: ANN401  joserfc's own
    key = jwk.generate_key(kind, size)
    made, program = await signing(served, key), elsewhere(served)
    answered = await asked(program, signed_asking(assertion_of(made["client_id"], key, algorithm=algorithm)))
    assert answered.status_code == 200, answered.text


# Whoever reads RFC 8037 knows this key: the assertions of unknown clients are checked against its public half.
KNOWN_TO_ALL = jwk.import_key(
    {
        "kty": "OKP",
        "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }
)


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
async def test_the_key_of_nobody_opens_nothing(served: Served) -> None:
    for client_id in ((await registered(served, "read"))["client_id"], str(new_id())):
        for kid in ({}, {"kid": "nobody"}):
            assertion = assertion_of(client_id, KNOWN_TO_ALL, algorithm="EdDSA", **kid)
            assert (await asked(elsewhere(served), signed_asking(assertion))).status_code == 401


async def test_an_assertion_counts_once(served: Served) -> None:
    made, program = await signing(served), elsewhere(served)
    form = signed_asking(assertion_of(made["client_id"], KEY))
    answers = await asyncio.gather(*(asked(elsewhere(served), form) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    assert (await asked(program, form)).status_code == 401


OTHER = jwk.generate_key("EC", "P-256", {"kid": "erp-1"})


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example"},
        {"exp": 1_000_000_000},
        {"exp": 4_000_000_000},
        {"jti": ""},
        {"kid": "erp-2"},
        {"key": OTHER},
        {"iss": str(new_id())},
        {"algorithm": "HS256", "key": jwk.import_key({"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXM"})},
    ],
    ids=["aud", "expired", "too long", "jti", "kid", "another key", "iss", "alg"],
)
async def test_a_wrong_assertion_is_refused_and_not_told_why(served: Served, changes: dict[str, Any]) -> None:
    made, program = await signing(served), elsewhere(served)
    refused = await asked(program, signed_asking(assertion_of(made["client_id"], **{"key": KEY, **changes})))
    nobody = await asked(program, signed_asking(assertion_of(str(new_id()), KEY)))
    for answered in (refused, nobody):
        assert answered.status_code == 401
        assert answered.json() == {
            "error": "invalid_client",
            "error_description": "The client could not be authenticated.",
        }
        assert answered.headers["www-authenticate"] == 'Basic realm="wastetrack"'
    assert {*refused.headers} == {*nobody.headers}


async def test_wrong_secrets_and_unknown_clients_look_the_same(served: Served) -> None:
    made, signs, program = await registered(served, "read"), await signing(served), elsewhere(served)
    forms = [
        asking(made, client_secret=WRONG),
        asking(made, client_id=str(new_id())),
        asking(made, client_id="nonsense"),
        asking(made, client_id=signs["client_id"]),
        {**GRANT, "client_id": made["client_id"]},
        {**GRANT, "client_id": signs["client_id"]},
        GRANT,
        {},
        signed_asking(assertion_of(made["client_id"], KEY)),
        signed_asking("nonsense"),
    ]
    answers = [await asked(program, form) for form in forms]
    headers = [basic(made["client_id"], "wrong"), {"Authorization": "Basic !"}, {"Authorization": "Basic YQ=="}]
    answers += [await asked(program, GRANT, headers=header) for header in headers]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"scope": "read sign"}, "invalid_scope"),
        ({"scope": "administer"}, "invalid_scope"),
        ({"client_assertion": "a.b.c"}, "invalid_request"),
        ({"scope": "\0"}, "invalid_request"),
        ({"scope": "x" * 20_000}, "invalid_request"),
    ],
)
async def test_a_known_client_is_told_what_is_wrong(served: Served, changes: dict[str, str], error: str) -> None:
    made, program = await registered(served, "read"), elsewhere(served)
    answered = await asked(program, asking(made, **changes))
    assert (answered.status_code, answered.json()["error"]) == (400, error)


async def test_the_form_must_be_a_form_that_says_each_thing_once(served: Served) -> None:
    made, program = await registered(served, "read"), elsewhere(served)
    answers = [
        await program.post(TOKEN, json=asking(made)),
        await program.post(TOKEN, content=b"{", headers={"content-type": "application/json"}),
        await program.post(TOKEN, headers=basic(made["client_id"], made["secret"]["secret"])),
        await program.post(TOKEN, files={"grant_type": (None, "client_credentials")}),
        await asked(program, {**asking(made), "scope": ["read", "read"]}),  # type: ignore[dict-item]  # sent twice
        await asked(program, asking(made), headers=basic(made["client_id"], made["secret"]["secret"])),
        await asked(program, {**GRANT, "client_id": "x"}, headers=basic(made["client_id"], made["secret"]["secret"])),
        await asked(program, signed_asking("a.b.c", client_assertion_type="saml")),
        await asked(program, signed_asking(assertion_of(made["client_id"], KEY), client_id=str(new_id()))),
    ]
    assert {(answer.status_code, answer.json()["error"]) for answer in answers} == {(400, "invalid_request")}


async def test_guessing_is_throttled_per_client_and_address(served: Served) -> None:
    made, guesser = await registered(served, "read"), elsewhere(served)
    wrong = asking(made, client_secret=WRONG)
    assert {(await asked(guesser, wrong)).status_code for _ in range(10)} == {401}
    slowed = await asked(guesser, asking(made))
    assert (slowed.status_code, slowed.json()["error"]) == (429, "temporarily_unavailable")
    assert int(slowed.headers["retry-after"]) > 0
    assert (await asked(elsewhere(served), asking(made))).status_code == 200


async def test_a_client_that_is_right_is_never_slowed(served: Served) -> None:
    made, program = await registered(served, "read"), elsewhere(served)
    assert {(await asked(program, asking(made))).status_code for _ in range(15)} == {200}


async def test_an_old_secret_holds_through_the_overlap_and_an_ended_one_does_not(served: Served) -> None:
    made, program = await registered(served, "read"), elsewhere(served)
    owner = await served.api_visitor("owner")
    place = f"/api/v1/systems/{made['client_id']}/secrets"
    second = (await owner.send_json(place, {"days": 30, "overlap_hours": 1})).json()
    assert (await asked(program, asking(made))).status_code == 200
    assert (await asked(program, asking(made, client_secret=second["secret"]))).status_code == 200
    assert (await owner.send_json(f"{place}/{made['secret']['id']}/end", {})).status_code == 204
    assert (await asked(program, asking(made))).status_code == 401
    third = (await owner.send_json(place, {"days": 30, "overlap_hours": 0})).json()
    assert (await asked(program, asking(made, client_secret=second["secret"]))).status_code == 401
    assert (await asked(program, asking(made, client_secret=third["secret"]))).status_code == 200


async def test_keys_are_changed_with_overlap(served: Served) -> None:
    new = jwk.generate_key("EC", "P-256", {"kid": "erp-2"})
    made, program, owner = await signing(served), elsewhere(served), await served.api_visitor("owner")

    async def replaced(*keys: Any) -> None:  # noqa: ANN401  keys
        body = {"keys": [dict(key.as_dict(private=False)) for key in keys]}
        assert (await owner.send_json(f"/api/v1/systems/{made['client_id']}/jwks", body)).status_code == 204

    async def works(key: Any, kid: str) -> bool:  # noqa: ANN401
        form = signed_asking(assertion_of(made["client_id"], key, kid=kid))
        answered = await asked(program, form)
        return bool(answered.status_code == 200)

    await replaced(KEY, new)
    assert [await works(KEY, "erp-1"), await works(new, "erp-2")] == [True, True]
    await replaced(new)
    assert [await works(KEY, "erp-1"), await works(new, "erp-2")] == [False, True]


async def test_a_token_is_revoked_and_asked_about_by_its_client_alone(served: Served) -> None:
    made, other, program = await registered(served, "read"), await registered(served, "read"), elsewhere(served)
    token = (await asked(program, asking(made))).json()["access_token"]
    described = (await asked(program, asking(made, token=token), INTROSPECT)).json()
    assert described["active"] is True
    assert (described["client_id"], described["scope"], described["iss"]) == (made["client_id"], "read", ISSUER)
    assert 3590 < described["exp"] - described["iat"] <= 3600
    for wrong in (asking(other, token=token), asking(made, token=WRONG)):
        assert (await asked(program, wrong, INTROSPECT)).json() == {"active": False}
    assert (await asked(program, asking(other, token=token), REVOKE)).status_code == 200
    assert await me(program, token) == 200
    assert (await asked(program, asking(made, token=token), REVOKE)).status_code == 200
    assert await me(program, token) == 401
    assert (await asked(program, asking(made, token=token), INTROSPECT)).json() == {"active": False}
    for path in (REVOKE, INTROSPECT):
        assert (await asked(program, {"token": token}, path)).status_code == 401
        missing = await asked(program, asking(made), path)
        assert (missing.status_code, missing.json()["error"]) == (400, "invalid_request")


async def test_an_ended_or_expired_token_says_so(served: Served) -> None:
    made, program = await registered(served, "read"), elsewhere(served)
    token = (await asked(program, asking(made))).json()["access_token"]
    async with served.app.state.engine.begin() as connection:
        await connection.exec_driver_sql(
            "update access_tokens set created_at = created_at - interval '2 hours', "
            "expires_at = expires_at - interval '2 hours' where client_id = $1::text::uuid",
            (made["client_id"],),
        )
    program.bearer = token
    refused = await program.get("/api/v1/me")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')


async def test_what_the_server_offers_is_told_at_the_known_address(served: Served) -> None:
    told = (await served.visitor().get("/.well-known/oauth-authorization-server")).json()
    assert told["issuer"] == ISSUER
    assert told["token_endpoint"] == ISSUER + TOKEN
    assert told["revocation_endpoint"] == ISSUER + REVOKE
    assert told["introspection_endpoint"] == ISSUER + INTROSPECT
    assert told["grant_types_supported"] == ["client_credentials"]
    assert set(told["token_endpoint_auth_methods_supported"]) == {
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    }
    algorithms = told["token_endpoint_auth_signing_alg_values_supported"]
    assert set(algorithms) == {"ES256", "EdDSA", "PS256", "RS256"}
    assert "administer" not in told["scopes_supported"]
