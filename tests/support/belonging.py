"""How people come to belong, as tests do it: through the pages."""

import re
from datetime import timedelta

from tests.support.served import PASSWORD, Served, Visitor
from wastetrack.ids import new_id

OWN_PASSWORD = "nine loud rivers at dawn"  # noqa: S105  of people who exist in tests only
HOUR = timedelta(hours=1)
_LINK = re.compile(r"/join\?token=(wi_[A-Za-z0-9_-]{43})")


def people(served: Served, place: str = "generator") -> str:
    """The page of an organisation's people."""
    return f"/organisations/{served.places[place]}/people"


def secret_in(text: str) -> str:
    """The secret of the one link on a page."""
    found = set(_LINK.findall(text))
    assert len(found) == 1, text
    return str(found.pop())


async def invited(
    served: Served, contact: str, role: str = "filer", *, by: str = "owner", place: str = "generator"
) -> str:
    """The secret of an invitation just made."""
    owner = await served.page_visitor(by)
    fields = {"contact": contact, "name": "新来的人", "role": role}
    here = people(served, place)
    answered = await owner.send_form(f"{here}/invitations", fields, page=here)
    assert answered.status_code == 200, answered.text
    return secret_in(answered.text)


async def joined(visitor: Visitor, secret: str, password: str = OWN_PASSWORD) -> int:
    """The status of joining with a password of one's own."""
    page = f"/join?token={secret}"
    token = await visitor.token_on(page)
    fields = {"csrf_token": token, "token": secret, "password": password}
    return (await visitor.post("/join", data=fields)).status_code


async def newcomer(served: Served, role: str = "filer", *, by: str = "owner", place: str = "generator") -> str:
    """The login of somebody who has just joined by invitation."""
    login = f"{new_id()}@example.cn"
    secret = await invited(served, login, role, by=by, place=place)
    assert await joined(served.visitor(), secret) == 303
    return login


async def membership_row(served: Served, login: str, *, by: str = "owner", place: str = "generator") -> str:
    """The address of a member's row on the people page."""
    page = (await (await served.page_visitor(by)).get(people(served, place))).text
    row = page[page.index(login) :]
    found = re.search(r'action="([^"]+)/role"', row)
    assert found is not None
    return found.group(1)


__all__ = ["HOUR", "OWN_PASSWORD", "PASSWORD", "invited", "joined", "membership_row", "newcomer", "people"]
