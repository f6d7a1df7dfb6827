"""A form that changes something must come from a page of ours."""

import pytest

from tests.support.served import Served, Visitor
from wastetrack.ids import new_id


async def revoke(visitor: Visitor, token: str | None, headers: dict[str, str] | None = None) -> int:
    fields = {"request_id": str(new_id()), "name": "forged", "days": "1"}
    if token is not None:
        fields["csrf_token"] = token
    return (await visitor.post("/account/tokens", data=fields, headers=headers or {})).status_code


async def test_a_form_without_or_with_a_wrong_token_changes_nothing(served: Served) -> None:
    browser = await served.page_visitor("owner")
    right = await browser.token_on("/account")
    assert await revoke(browser, None) == 403
    assert await revoke(browser, "") == 403
    assert await revoke(browser, right[:-1] + ("A" if right[-1] != "A" else "B")) == 403
    other = served.visitor()
    await other.sign_in("owner")
    assert await revoke(browser, await other.token_on("/account")) == 403
    assert "forged" not in (await browser.get("/account")).text
    assert await revoke(browser, right) == 200


async def test_what_a_forged_form_carried_is_not_shown_again(served: Served) -> None:
    browser = await served.page_visitor("owner")
    refused = await browser.post("/account/tokens", data={"name": "planted", "days": "1", "request_id": str(new_id())})
    assert refused.status_code == 403
    assert "planted" not in refused.text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_request_that_the_browser_says_comes_from_elsewhere_is_refused(served: Served, site: str) -> None:
    browser = await served.page_visitor("owner")
    token = await browser.token_on("/account")
    assert await revoke(browser, token, {"Sec-Fetch-Site": site}) == 403
    assert await revoke(browser, token, {"Sec-Fetch-Site": "same-origin"}) == 200


async def test_htmx_may_repeat_the_token_in_a_header(served: Served) -> None:
    browser = await served.page_visitor("owner")
    token = await browser.token_on("/account")
    assert await revoke(browser, None, {"X-CSRF-Token": token}) == 200


async def test_nobody_can_be_signed_in_or_out_by_another_site(served: Served) -> None:
    visitor = served.visitor()
    credentials = {"login": "owner", "password": "does not matter here"}
    forged = await visitor.post("/sign-in", data={**credentials, "csrf_token": "guessed"})
    assert forged.status_code == 403
    browser = await served.page_visitor("owner")
    assert (await browser.post("/sign-out", data={})).status_code == 403
    assert (await browser.get("/account")).status_code == 200
