"""The pages of an organisation's systems: let in, given new secrets and keys, ended; and members' tokens."""

import html
import json
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwk

from tests.support.machines import public_text, signed
from tests.support.machines_served import TOKEN, asked, assertion_of, elsewhere, signed_asking
from tests.support.served import Served, Visitor
from wastetrack.auth.model import Role
from wastetrack.auth.registering_clients import GRANTABLE
from wastetrack.ids import new_id
from wastetrack.web.systems import WORDS, scopes_for

_SECRET = re.compile(r'<code class="secret">([^<]+)</code>')
NOWHERE = "00000000-0000-7000-8000-000000000000"


async def let_in(served: Served, *scopes: str, **more: str) -> tuple[Visitor, str, str, Any]:
    """The owner's browser, the new system's page, its name, and the answer to the form."""
    owner = await served.page_visitor("owner")
    name = f"ERP {new_id()}"
    token = await owner.token_on("/systems/new")
    fields: dict[str, Any] = {"name": name, "scopes": list(scopes), "auth_method": "client_secret", "days": "30"}
    sent = {"csrf_token": token, "request_id": str(new_id()), **fields, **more}
    answered = await owner.post("/systems/new", data=sent)
    listed = (await owner.get("/systems")).text
    found = re.search(r'href="(/systems/[0-9a-f-]{36})">' + re.escape(name), listed)
    return owner, found.group(1) if found else "", name, answered


async def test_the_form_offers_every_scope_that_can_be_granted(served: Served) -> None:
    page = (await (await served.page_visitor("owner")).get("/systems/new")).text
    assert set(re.findall(r'name="scopes" value="([a-z]+)"', page)) == {scope.value for scope in scopes_for(Role.OWNER)}
    assert set(WORDS) == set(GRANTABLE)


async def token_for(served: Served, place: str, secret: str) -> int:
    form = {
        "grant_type": "client_credentials",
        "client_id": place.rsplit("/", 1)[1],
        "client_secret": html.unescape(secret),
    }
    answered = await asked(elsewhere(served), form, TOKEN)
    status: int = answered.status_code
    return status


def secret_on(text: str) -> str:
    found = _SECRET.search(text)
    assert found is not None
    return found.group(1)


async def test_an_owner_lets_a_system_in_and_is_told_its_secret_once(served: Served) -> None:
    owner, place, name, answered = await let_in(served, "read", "label")
    assert answered.status_code == 200
    secret = secret_on(answered.text)
    assert await token_for(served, place, secret) == 200
    page = (await owner.get(place)).text
    assert name in page
    assert secret not in page
    assert "经办人" in page  # the least role for labels


async def test_sending_the_form_twice_makes_one_system_and_tells_no_secret_again(served: Served) -> None:
    owner = await served.page_visitor("owner")
    name, key = f"twice {new_id()}", new_id()
    fields = {"name": name, "scopes": "read", "auth_method": "client_secret", "days": "30"}
    first = await owner.send_form("/systems/new", fields, page="/systems/new", key=key)
    again = await owner.send_form("/systems/new", fields, page="/systems/new", key=key)
    assert secret_on(first.text)
    assert (again.status_code, again.headers["location"][:9]) == (303, "/systems/")
    assert (await owner.get("/systems")).text.count(name) == 1


async def test_a_refused_form_comes_back_with_what_is_wrong(served: Served) -> None:
    owner = await served.page_visitor("owner")
    fields = {"name": "", "auth_method": "private_key_jwt", "days": "30", "jwks": "no json"}
    refused = await owner.send_form("/systems/new", fields, page="/systems/new?lang=en")
    assert refused.status_code == 422
    for field in ("name", "scopes", "jwks"):
        assert f'href="#f-{field}"' in refused.text, field
    assert "no json" in refused.text
    assert 'value="private_key_jwt" checked' in refused.text


async def test_a_new_secret_holds_beside_the_old_one_until_that_is_ended(served: Served) -> None:
    owner, place, _, answered = await let_in(served, "read")
    old = secret_on(answered.text)
    fields = {"days": "30", "overlap_hours": "24"}
    new = secret_on((await owner.send_form(f"{place}/secrets", fields, page=f"{place}/secrets")).text)
    assert [await token_for(served, place, secret) for secret in (old, new)] == [200, 200]
    refused = await owner.send_form(f"{place}/secrets", fields, page=f"{place}/secrets")
    assert refused.status_code == 422
    assert "已有两个密钥口令同时有效" in refused.text
    ends = re.findall(r'action="([^"]+/secrets/[^"]+/end)"', (await owner.get(place)).text)
    assert len(ends) == 2
    assert (await owner.send_form(ends[0], {}, page=place)).status_code == 303
    assert [await token_for(served, place, secret) for secret in (old, new)] == [401, 200]


async def test_a_system_that_signs_has_a_key_set_to_replace(served: Served) -> None:
    old, new = jwk.generate_key("EC", "P-256"), jwk.generate_key("EC", "P-256")
    sets = [json.dumps({"keys": [dict(key.as_dict(private=False))]}) for key in (old, new)]
    owner, place, _, answered = await let_in(served, "read", auth_method="private_key_jwt", jwks=sets[0])
    assert (answered.status_code, answered.headers["location"]) == (303, place)
    client_id = place.rsplit("/", 1)[1]

    async def works(key: Any) -> bool:  # noqa: ANN401  a key
        answered = await asked(elsewhere(served), signed_asking(assertion_of(client_id, key)))
        return bool(answered.status_code == 200)

    assert [await works(old), await works(new)] == [True, False]
    assert old.thumbprint() in (await owner.get(f"{place}/jwks")).text
    refused = await owner.send_form(f"{place}/jwks", {"jwks": "{}"}, page=f"{place}/jwks")
    assert refused.status_code == 422
    assert (await owner.send_form(f"{place}/jwks", {"jwks": sets[1]}, page=f"{place}/jwks")).status_code == 303
    assert [await works(old), await works(new)] == [False, True]


async def test_a_signing_key_is_entered_proved_and_ended(served: Served) -> None:
    owner, place, _, _ = await let_in(served, "sign")
    page, mine = f"{place}/keys", Ed25519PrivateKey.generate()
    fields = {"name": "HSM 2", "public_key": public_text(mine), "days": "365"}
    assert (await owner.send_form(page, {**fields, "public_key": "x"}, page=page)).status_code == 422
    assert (await owner.send_form(page, fields, page=page)).status_code == 303
    shown = (await owner.get(page)).text
    assert "待证明" in shown
    proof = re.search(r'action="([^"]+/proof)"', shown)
    assert proof is not None
    wrong = await owner.send_form(proof.group(1), {"signature": signed(mine, "other")}, page=page)
    assert wrong.status_code == 422
    assert 'id="f-signature-error"' in wrong.text
    right = {"signature": signed(mine, secret_on(shown))}
    assert (await owner.send_form(proof.group(1), right, page=page)).status_code == 303
    assert "有效" in (await owner.get(page)).text
    end = proof.group(1).replace("/proof", "/end")
    assert (await owner.send_form(end, {"hours": "1000"}, page=page)).status_code == 422
    assert (await owner.send_form(end, {"hours": "24"}, page=page)).status_code == 303
    assert "已终止" not in (await owner.get(page)).text
    assert (await owner.send_form(end, {"hours": "0"}, page=page)).status_code == 303
    assert "已终止" in (await owner.get(page)).text


async def test_an_ended_system_is_gone(served: Served) -> None:
    owner, place, name, answered = await let_in(served, "read")
    assert (await owner.send_form(f"{place}/end", {}, page=place)).status_code == 303
    assert name not in (await owner.get("/systems")).text
    assert (await owner.get(place)).status_code == 404
    assert await token_for(served, place, secret_on(answered.text)) == 401


async def test_an_owner_ends_a_members_token(served: Served) -> None:
    signer, owner = await served.api_visitor("signer"), await served.page_visitor("owner")
    name = f"scale {new_id()}"
    made = (await signer.send_json("/api/v1/tokens", {"name": name, "days": 1, "scopes": ["read"]})).json()
    assert name in (await owner.get("/systems")).text
    revoke = f"/systems/tokens/{made['id']}/revoke"
    stranger = await served.page_visitor("stranger")
    assert (await stranger.send_form(revoke, {}, page="/systems/new")).status_code == 404
    assert (await signer_page(served, revoke)) == 403
    assert (await owner.send_form(revoke, {}, page="/systems/new")).status_code == 303
    assert name not in (await owner.get("/systems")).text


async def signer_page(served: Served, path: str) -> int:
    signer = await served.page_visitor("signer")
    answered = await signer.send_form(path, {}, page="/account")
    status: int = answered.status_code
    return status


async def test_foreign_and_absent_systems_are_not_there(served: Served) -> None:
    _, place, _, _ = await let_in(served, "read")
    stranger = await served.page_visitor("stranger")
    for here in (place, f"/systems/{NOWHERE}"):
        for path in ("", "/secrets", "/jwks", "/keys"):
            assert (await stranger.get(here + path)).status_code == 404, here + path
        for path, fields in (
            ("/secrets", {"days": "1", "overlap_hours": "1"}),
            (f"/secrets/{NOWHERE}/end", {}),
            ("/jwks", {"jwks": "{}"}),
            ("/keys", {"name": "x", "public_key": "x", "days": "1"}),
            (f"/keys/{NOWHERE}/proof", {"signature": "x"}),
            (f"/keys/{NOWHERE}/end", {"hours": "0"}),
            ("/end", {}),
        ):
            assert (await stranger.send_form(here + path, fields, page="/account")).status_code == 404, here + path


@pytest.mark.parametrize("login", ["filer", "signer", "viewer", "driver", "inspector", "operator"])
async def test_only_owners_and_approvers_find_the_page(served: Served, login: str) -> None:
    visitor = await served.page_visitor(login)
    for path in ("/systems", "/systems/new"):
        assert (await visitor.get(path)).status_code == 403
    assert 'href="/systems"' not in (await visitor.get("/account")).text
    for allowed in ("owner", "approver"):
        visitor = await served.page_visitor(allowed)
        assert 'href="/systems"' in (await visitor.get("/account")).text
        assert (await visitor.get("/systems")).status_code == 200


async def test_an_approver_grants_what_an_authority_does(served: Served) -> None:
    page = (await (await served.page_visitor("approver")).get("/systems/new")).text
    assert re.findall(r'name="scopes" value="([a-z]+)"', page) == ["read", "register", "prove", "track"]
    page = (await (await served.page_visitor("owner")).get("/systems/new")).text
    assert "administer" not in page
