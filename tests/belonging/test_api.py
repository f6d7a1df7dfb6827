"""Invitations at the API: tried by nobody, a stranger, a member who may not, and the right person."""

from tests.support.belonging import joined
from tests.support.served import Served
from wastetrack.ids import new_id


def path_of(served: Served, place: str = "generator") -> str:
    return f"/api/v1/organisations/{served.places[place]}/invitations"


async def test_an_invitation_is_made_listed_sent_again_and_taken_back(served: Served) -> None:
    path, contact = path_of(served), f"{new_id()}@example.cn"
    body = {"contact": contact, "name": "李娜", "role": "filer"}
    nobody = served.visitor()
    owner, stranger, filer = [await served.api_visitor(login) for login in ("owner", "stranger", "filer")]
    for visitor, status in ((nobody, 401), (stranger, 403), (filer, 403)):
        assert (await visitor.send_json(path, body)).status_code == status
        assert (await visitor.get(path)).status_code == status
    key = new_id()
    made = await owner.send_json(path, body, key=key)
    assert made.status_code == 201, made.text
    link = made.json()["link"]
    assert (await owner.send_json(path, body, key=key)).json() == {**made.json(), "link": None}
    listed = (await owner.get(path)).json()["items"]
    mine = next(one for one in listed if one["contact"] == contact)
    assert (mine["state"], mine["contact_kind"], "link" in mine) == ("pending", "email", False)
    one = f"{path}/{mine['id']}"
    for verb in ("resending", "revocation"):
        for visitor, status in ((nobody, 401), (stranger, 403), (filer, 403)):
            assert (await visitor.send_json(f"{one}/{verb}", {})).status_code == status
        elsewhere = f"{path_of(served, 'stranger')}/{mine['id']}/{verb}"
        assert (await stranger.send_json(elsewhere, {})).status_code == 404
    again = await owner.send_json(f"{one}/resending", {})
    assert again.status_code == 200
    assert again.json()["link"] not in {link, None}
    assert (await owner.send_json(f"{one}/revocation", {})).status_code == 204
    assert contact not in (await owner.get(path)).text


async def test_the_link_of_the_api_lets_somebody_join(served: Served) -> None:
    owner = await served.api_visitor("owner")
    body = {"contact": "138 1234 5678", "name": "李娜", "role": "driver"}
    made = (await owner.send_json(path_of(served), body)).json()
    assert made["contact"] == "13812345678"
    assert await joined(served.visitor(), made["link"].partition("token=")[2]) == 303
    again = await owner.send_json(path_of(served), body)
    assert again.status_code == 422
    assert [one["code"] for one in again.json()["errors"]] == ["member_already"]


async def test_unknown_roles_and_members_are_refused(served: Served) -> None:
    owner = await served.api_visitor("owner")
    body = {"contact": "li@example.cn", "name": "李娜", "role": "emperor"}
    assert (await owner.send_json(path_of(served), body)).status_code == 422
    more = {"contact": "li@example.cn", "name": "李娜", "role": "filer", "password": "chosen for you"}
    assert (await owner.send_json(path_of(served), more)).status_code == 422
