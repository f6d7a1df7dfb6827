"""An organisation's directory over SCIM 2.0: users, roles as groups, and its own people alone."""

from typing import Any

import pytest
import sqlalchemy as sa

from tests.support.belonging import OWN_PASSWORD, newcomer
from tests.support.served import Served, Visitor
from wastetrack.auth.queries import hash_of
from wastetrack.db.session import reading, writing
from wastetrack.ids import new_id
from wastetrack.serving.scim_errors import MEDIA_TYPE

SCIM = "/scim/v2"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


async def directory(served: Served, by: str = "owner", place: str = "generator") -> Visitor:
    """A directory with a fresh token of an organisation."""
    owner = await served.page_visitor(by)
    here = f"/organisations/{served.places[place]}/provisioning"
    page = await owner.send_form(here, {"name": "人事目录", "days": "30"}, page=here)
    assert page.status_code == 200, page.text
    start = page.text.index("wp_")
    visitor = served.visitor()
    visitor.bearer = page.text[start : start + 46]
    return visitor


async def asked(visitor: Visitor, verb: str, path: str, body: object = None) -> Any:  # noqa: ANN401  httpx's own
    headers = {"Authorization": f"Bearer {visitor.bearer}"} if visitor.bearer else {}
    return await visitor.http.request(verb, SCIM + path, json=body, headers=headers)


def a_user(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "schemas": [USER],
        "userName": f"{new_id()}@example.cn",
        "externalId": f"hr-{new_id()}",
        "name": {"familyName": "王", "givenName": "小明"},
        "active": True,
        "roles": [{"value": "filer"}],
        **changes,
    }


def operations(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(changes)}


async def made(visitor: Visitor, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    answered = await asked(visitor, "POST", "/Users", a_user(**changes))
    assert answered.status_code == 201, answered.text
    found: dict[str, Any] = answered.json()
    return found


async def test_a_user_is_made_found_changed_and_let_go(served: Served) -> None:
    own = await directory(served)
    answered = await asked(own, "POST", "/Users", a_user())
    user = answered.json()
    assert answered.status_code == 201
    assert answered.headers["content-type"].startswith(MEDIA_TYPE)
    assert answered.headers["location"] == f"{SCIM}/Users/{user['id']}"
    assert user["name"]["formatted"] == "王小明"
    assert user["roles"][0]["value"] == "filer"
    assert "password" not in user
    found = (await asked(own, "GET", f'/Users?filter=userName eq "{user["userName"].upper()}"')).json()
    assert [one["id"] for one in found["Resources"]] == [user["id"]]
    found = (await asked(own, "GET", f'/Users?filter=externalId eq "{user["externalId"]}"')).json()
    assert (found["totalResults"], found["Resources"][0]["id"]) == (1, user["id"])
    change = operations(
        {"op": "replace", "path": "name.givenName", "value": "大明"},
        {"op": "replace", "path": "roles", "value": [{"value": "signer"}]},
    )
    changed = await asked(own, "PATCH", f"/Users/{user['id']}", change)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["name"]["formatted"], changed.json()["roles"][0]["value"]) == ("王大明", "signer")
    changed = await asked(own, "PATCH", f"/Users/{user['id']}", operations({"op": "remove", "path": "roles"}))
    assert changed.json()["roles"][0]["value"] == "viewer"
    whole = {**a_user(), "userName": user["userName"], "displayName": "王明", "name": {"formatted": "王明"}}
    replaced = await asked(own, "PUT", f"/Users/{user['id']}", whole)
    assert (replaced.json()["name"]["formatted"], replaced.json()["roles"][0]["value"]) == ("王明", "filer")
    assert (await asked(own, "DELETE", f"/Users/{user['id']}")).status_code == 204
    assert (await asked(own, "GET", f"/Users/{user['id']}")).status_code == 404
    again = await asked(own, "POST", "/Users", a_user(userName=user["userName"]))
    assert (again.status_code, again.json()["id"]) == (201, user["id"])


async def test_whoever_is_deactivated_is_nobody_at_once_and_may_come_back(served: Served) -> None:
    own = await directory(served)
    login = await newcomer(served, "signer")
    member = served.visitor()
    await member.sign_in(login, OWN_PASSWORD)
    page = await member.send_form("/account/tokens", {"name": "scale", "days": "9"}, page="/account")
    program = served.visitor()
    program.bearer = page.text[page.text.index("wt_") :][:46]
    assert (await program.get("/api/v1/me")).status_code == 200
    user = (await asked(own, "GET", f'/Users?filter=userName eq "{login}"')).json()["Resources"][0]
    off = operations({"op": "Replace", "value": {"active": "False"}})
    assert (await asked(own, "PATCH", f"/Users/{user['id']}", off)).json()["active"] is False
    assert (await member.get("/account")).status_code == 303
    assert (await program.get("/api/v1/me")).status_code == 401
    assert (await served.visitor().sign_in(login, OWN_PASSWORD)).status_code == 401
    on = operations({"op": "replace", "path": "active", "value": True})
    assert (await asked(own, "PATCH", f"/Users/{user['id']}", on)).json()["active"] is True
    assert (await program.get("/api/v1/me")).status_code == 401
    assert (await served.visitor().sign_in(login, OWN_PASSWORD)).status_code == 303


async def test_a_foreign_organisation_s_user_is_not_there(served: Served) -> None:
    own, foreign = await directory(served), await directory(served, "stranger", "stranger")
    user = await made(own)
    off = operations({"op": "replace", "path": "active", "value": False})
    for verb, body in (("GET", None), ("PATCH", off), ("PUT", a_user()), ("DELETE", None)):
        answered = await asked(foreign, verb, f"/Users/{user['id']}", body)
        assert (answered.status_code, answered.json()["schemas"]) == (404, [ERROR]), verb
    found = (await asked(foreign, "GET", f'/Users?filter=userName eq "{user["userName"]}"')).json()
    assert found["totalResults"] == 0
    taken = await asked(foreign, "POST", "/Users", a_user(userName=user["userName"]))
    assert (taken.status_code, taken.json()["scimType"]) == (409, "uniqueness")
    into = operations({"op": "add", "path": "members", "value": [{"value": user["id"]}]})
    assert (await asked(foreign, "PATCH", "/Groups/owner", into)).status_code == 404
    assert (await asked(own, "GET", f"/Users/{user['id']}")).json()["active"] is True


async def test_the_name_of_whoever_works_elsewhere_too_is_not_this_directory_s(served: Served) -> None:
    own = await directory(served)
    user = await made(own)
    operator = await served.page_visitor("operator")
    there = f"/organisations/{served.places['stranger']}/people"
    fields = {"login": user["userName"], "name": "x", "password": "", "role": "viewer"}
    assert (await operator.send_form(there, fields, page=there)).status_code == 303
    rename = operations({"op": "replace", "path": "displayName", "value": "改名"})
    answered = await asked(own, "PATCH", f"/Users/{user['id']}", rename)
    assert (answered.status_code, answered.json()["scimType"]) == (400, "mutability")


async def test_groups_are_roles(served: Served) -> None:
    own = await directory(served)
    user = await made(own)
    listed = (await asked(own, "GET", "/Groups")).json()["Resources"]
    assert {one["id"] for one in listed} == {"owner", "filer", "signer", "gate_operator", "driver", "viewer"}
    into = operations({"op": "add", "path": "members", "value": [{"value": user["id"]}]})
    answered = await asked(own, "PATCH", "/Groups/signer", into)
    assert user["id"] in {one["value"] for one in answered.json()["members"]}
    assert user["id"] not in {
        one["value"] for one in (await asked(own, "GET", "/Groups/filer")).json().get("members", [])
    }
    out = operations({"op": "remove", "path": f'members[value eq "{user["id"]}"]'})
    assert (await asked(own, "PATCH", "/Groups/signer", out)).status_code == 200
    assert (await asked(own, "GET", f"/Users/{user['id']}")).json()["roles"][0]["value"] == "viewer"
    assert (await asked(own, "GET", "/Groups/inspector")).status_code == 404


async def test_the_last_owner_is_not_deactivated(served: Served) -> None:
    own = await directory(served, "carrier", "carrier")
    owners = (await asked(own, "GET", "/Groups/owner")).json()["members"]
    off = operations({"op": "replace", "path": "active", "value": False})
    answered = [await asked(own, "PATCH", f"/Users/{one['value']}", off) for one in owners[1:]]
    assert all(one.status_code == 200 for one in answered)
    last = await asked(own, "PATCH", f"/Users/{owners[0]['value']}", off)
    assert (last.status_code, last.json()["scimType"]) == (400, "invalidValue")
    assert "without one" in last.json()["detail"]
    for one in owners[1:]:
        on = operations({"op": "replace", "path": "active", "value": True})
        assert (await asked(own, "PATCH", f"/Users/{one['value']}", on)).status_code == 200


async def test_pages_of_a_list_are_whole(served: Served) -> None:
    own = await directory(served, "receiver", "receiver")
    for _ in range(3):
        await made(own)
    first = (await asked(own, "GET", "/Users?count=2")).json()
    total = first["totalResults"]
    seen: list[str] = []
    for start in range(1, total + 1, 2):
        page = (await asked(own, "GET", f"/Users?count=2&startIndex={start}")).json()
        assert (page["totalResults"], page["startIndex"]) == (total, start)
        assert page["itemsPerPage"] == len(page["Resources"])
        seen += [one["id"] for one in page["Resources"]]
    assert len(seen) == len(set(seen)) == total
    beyond = (await asked(own, "GET", f"/Users?startIndex={total + 1}")).json()
    assert (beyond["totalResults"], beyond.get("Resources", [])) == (total, [])
    assert (await asked(own, "GET", "/Users?count=0")).json()["totalResults"] == total
    assert (await asked(own, "GET", "/Users?startIndex=-5&count=-5")).json()["startIndex"] == 1


@pytest.mark.parametrize(
    ("verb", "path", "body", "keyword"),
    [
        ("GET", '/Users?filter=name co "x"', None, "invalidFilter"),
        ("GET", "/Users?filter=userName eq x", None, "invalidFilter"),
        ("POST", "/Users", {"schemas": [USER]}, "invalidValue"),
        ("POST", "/Users", [1], "invalidSyntax"),
        ("POST", "/Users", a_user(roles=[{"value": "emperor"}]), "invalidValue"),
        ("POST", "/Users", a_user(roles=[{"value": "inspector"}]), "invalidValue"),
        ("POST", "/Users", a_user(userName="li na"), "invalidValue"),
        ("POST", "/Users", a_user(active="maybe"), "invalidValue"),
        ("PATCH", "/Users/{id}", operations(), "invalidValue"),
        ("PATCH", "/Users/{id}", operations({"op": "move", "path": "active"}), "invalidValue"),
        ("PATCH", "/Users/{id}", operations({"op": "replace", "path": "nothing", "value": 1}), "invalidPath"),
        ("PATCH", "/Users/{id}", operations({"op": "replace", "path": "id", "value": "x"}), "mutability"),
        ("PATCH", "/Users/{id}", operations({"op": "replace", "path": "userName", "value": "x"}), "mutability"),
    ],
)
async def test_refusals_are_the_protocol_s_own(
    served: Served, verb: str, path: str, body: object, keyword: str
) -> None:
    own = await directory(served)
    user = await made(own)
    answered = await asked(own, verb, path.replace("{id}", user["id"]), body)
    told = answered.json()
    assert (answered.status_code, told["schemas"], told["status"]) == (400, [ERROR], "400"), answered.text
    assert told["scimType"] == keyword
    assert told["detail"]
    assert answered.headers["content-type"].startswith(MEDIA_TYPE)


async def test_what_is_no_json_is_refused(served: Served) -> None:
    own = await directory(served)
    headers = {"Authorization": f"Bearer {own.bearer}", "Content-Type": MEDIA_TYPE}
    answered = await own.http.post(f"{SCIM}/Users", content=b"{", headers=headers)
    assert (answered.status_code, answered.json()["scimType"]) == (400, "invalidSyntax")


async def test_the_service_describes_itself(served: Served) -> None:
    own = await directory(served)
    config = (await asked(own, "GET", "/ServiceProviderConfig")).json()
    assert (config["patch"]["supported"], config["bulk"]["supported"], config["filter"]["maxResults"]) == (
        True,
        False,
        200,
    )
    types = (await asked(own, "GET", "/ResourceTypes")).json()
    assert {one["endpoint"] for one in types["Resources"]} == {"/Users", "/Groups"}
    schemas = (await asked(own, "GET", "/Schemas")).json()
    assert {one["id"] for one in schemas["Resources"]} == {USER, USER.replace("User", "Group")}
    assert (await asked(own, "GET", f"/Schemas/{USER}")).json()["name"] == "User"
    assert (await asked(own, "GET", "/ResourceTypes/Nothing")).status_code == 404


EVERY = [
    ("GET", "/Users"),
    ("POST", "/Users"),
    ("GET", "/Users/x"),
    ("PUT", "/Users/x"),
    ("PATCH", "/Users/x"),
    ("DELETE", "/Users/x"),
    ("GET", "/Groups"),
    ("GET", "/Groups/owner"),
    ("PATCH", "/Groups/owner"),
    ("GET", "/ServiceProviderConfig"),
    ("GET", "/ResourceTypes"),
    ("GET", "/ResourceTypes/User"),
    ("GET", "/Schemas"),
    ("GET", f"/Schemas/{USER}"),
]


@pytest.mark.parametrize(("verb", "path"), EVERY)
async def test_each_address_is_closed_to_whoever_has_no_token_of_a_directory(
    served: Served, verb: str, path: str
) -> None:
    nobody, person, browser = served.visitor(), await served.api_visitor("owner"), await served.page_visitor("owner")
    made_up = served.visitor()
    made_up.bearer = "wp_" + "A" * 43
    for visitor in (nobody, person, browser, made_up):
        answered = await asked(visitor, verb, path, {} if verb in {"POST", "PUT", "PATCH"} else None)
        assert (answered.status_code, answered.json()["schemas"]) == (401, [ERROR])
        assert answered.headers["www-authenticate"].startswith("Bearer")


async def test_the_token_of_a_directory_opens_no_other_door(served: Served) -> None:
    own = await directory(served)
    assert (await own.get("/api/v1/me")).status_code == 401
    assert (await own.get("/account")).status_code == 303


async def test_a_token_ends_when_revoked_or_over_and_is_stored_as_a_hash(served: Served) -> None:
    own = await directory(served)
    assert own.bearer is not None
    engine = served.owner
    async with reading(engine) as session:
        token_id = await session.scalar(
            sa.text("select id from provisioning_tokens where token_hash = :hash"), {"hash": hash_of(own.bearer)}
        )
    owner = await served.page_visitor("owner")
    stranger = await served.page_visitor("stranger")
    here = f"/organisations/{served.places['generator']}/provisioning"
    theirs = f"/organisations/{served.places['stranger']}/provisioning"
    assert (await stranger.get(here)).status_code == 403
    assert (await stranger.send_form(f"{theirs}/{token_id}/revoke", {}, page=theirs)).status_code == 404
    assert (await asked(own, "GET", "/Users")).status_code == 200
    assert (await owner.send_form(f"{here}/{token_id}/revoke", {}, page=here)).status_code == 303
    assert (await asked(own, "GET", "/Users")).status_code == 401
    second = await directory(served)
    async with writing(engine) as session:
        await session.execute(
            sa.text(
                "update provisioning_tokens set created_at = now() - interval '2 days', "
                "expires_at = now() - interval '1 day' where token_hash = :hash"
            ),
            {"hash": hash_of(str(second.bearer))},
        )
    assert (await asked(second, "GET", "/Users")).status_code == 401
