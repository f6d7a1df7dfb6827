"""An organisation's people: enrolled, given a new password, sent away."""

import re

import pytest

from tests.support.served import PASSWORD, Served
from wastetrack.ids import new_id
from wastetrack.web.account_words import device_of


def people(served: Served, place: str = "generator") -> str:
    return f"/organisations/{served.places[place]}/people"


async def enrolled(served: Served, login: str, role: str = "filer") -> str:
    """The address of a member just enrolled by the platform's operator, on the owner's page."""
    operator = await served.page_visitor("operator")
    fields = {"login": login, "name": f"新人{login[-6:]}", "password": PASSWORD, "role": role}
    response = await operator.send_form(people(served), fields, page=people(served))
    assert response.status_code == 303, response.text
    page = (await (await served.page_visitor("owner")).get(people(served))).text
    row = page[page.index(login) :]
    found = re.search(r'action="([^"]+)/role"', row)
    assert found is not None
    return found.group(1)


async def test_the_platform_enrols_somebody_who_then_signs_in(served: Served) -> None:
    login = f"new.{new_id()}"
    await enrolled(served, login)
    newcomer = served.visitor()
    assert (await newcomer.sign_in(login)).status_code == 303
    for path in ("/", "/account", "/manifests", "/account/factors", "/nowhere-at-all"):
        held_back = await newcomer.get(path)
        assert (held_back.status_code, held_back.headers.get("location")) in {(303, "/account/password"), (404, None)}
    asked = await newcomer.get("/account/password")
    assert "您的密码由他人设置" in asked.text
    assert 'aria-current="page"' not in asked.text
    fields = {"present": PASSWORD, "wanted": PASSWORD.replace("seven", "nine")}
    changed = await newcomer.send_form("/account/password", fields, page="/account/password")
    assert changed.headers["location"] == "/account"
    assert "经办人" in (await newcomer.get("/account")).text


async def test_an_owner_gives_nobody_a_password(served: Served) -> None:
    owner = await served.page_visitor("owner")
    page = (await owner.get(people(served))).text
    assert 'type="password"' not in page
    fields = {"login": f"x.{new_id()}", "name": "某人", "password": PASSWORD, "role": "filer"}
    assert (await owner.send_form(people(served), fields, page=people(served))).status_code == 403
    place = await enrolled(served, f"forgot.{new_id()}")
    wanted = {"wanted": "nine loud rivers at dawn"}
    assert (await owner.send_form(f"{place}/password", wanted, page=people(served))).status_code == 404


async def test_somebody_sent_away_is_nobody_at_once(served: Served) -> None:
    login = f"leaving.{new_id()}"
    place = await enrolled(served, login)
    member = served.visitor()
    await member.sign_in(login)
    owner = await served.page_visitor("owner")
    assert (await owner.send_form(f"{place}/end", {}, page=people(served))).status_code == 303
    assert (await member.get("/account")).status_code == 303
    assert login not in (await owner.get(people(served))).text


async def test_an_owner_gets_no_password_link_over_somebody_elses_hats(served: Served) -> None:
    login = f"two.hats.{new_id()}"
    place = await enrolled(served, login)
    operator = await served.page_visitor("operator")
    there = people(served, "stranger")
    fields = {"login": login, "name": "两处任职", "password": "", "role": "viewer"}
    assert (await operator.send_form(there, fields, page=there)).status_code == 303
    owner = await served.page_visitor("owner")
    refused = await owner.send_form(f"{place}/password-link", {}, page=people(served))
    assert refused.status_code == 403
    assert "此人同时是其他单位的成员" in refused.text
    assert (await operator.send_form(f"{place}/password-link", {}, page=people(served))).status_code == 200


async def test_nobody_is_enrolled_into_a_role_that_the_organisation_has_not(served: Served) -> None:
    operator = await served.page_visitor("operator")
    fields = {"login": f"x.{new_id()}", "name": "某人", "password": PASSWORD, "role": "inspector"}
    assert (await operator.send_form(people(served), fields, page=people(served))).status_code == 422


async def test_a_strangers_members_are_not_there(served: Served) -> None:
    place = await enrolled(served, f"mine.{new_id()}")
    stranger = await served.page_visitor("stranger")
    own_page = people(served, "stranger")
    assert (await stranger.send_form(f"{place}/end", {}, page=own_page)).status_code == 404
    assert (await stranger.send_form(f"{place}/password-link", {}, page=own_page)).status_code == 404


@pytest.mark.parametrize("login", ["filer", "viewer", "stranger", "approver", "driver"])
async def test_only_owners_and_the_platform_see_the_people(served: Served, login: str) -> None:
    assert (await (await served.page_visitor(login)).get(people(served))).status_code == 403
    for allowed in ("owner", "operator"):
        assert (await (await served.page_visitor(allowed)).get(people(served))).status_code == 200


async def test_the_platform_enrols_officials_with_the_authoritys_sight(served: Served) -> None:
    operator = await served.page_visitor("operator")
    login = f"official.{new_id()}"
    place = people(served, "authority")
    fields = {"login": login, "name": "郑凯", "password": PASSWORD, "role": "inspector"}
    assert (await operator.send_form(place, fields, page=place)).status_code == 303
    official = served.visitor()
    assert (await official.sign_in_at_api(login)).status_code == 201
    assert (await official.get("/api/v1/me")).json()["role"] == "inspector"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", ("Chrome", "Linux")),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/126.0 Edg/126.0", ("Edge", "Windows")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/605.1", ("Safari", "iPhone")),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126.0 MicroMessenger/8.0", ("WeChat", "Android")),
        ("curl/8.0", None),
        ("", None),
    ],
)
def test_devices_are_named_as_people_call_them(user_agent: str, device: tuple[str, str] | None) -> None:
    assert device_of(user_agent) == device
