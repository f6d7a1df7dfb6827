"""What a browser is given to keep, and that leaving takes it away."""

from pathlib import Path

from tests.support.served import Served
from wastetrack import resources


def test_every_cookie_is_set_in_the_one_place_that_gives_it_its_prefix() -> None:
    setting = {
        str(file.relative_to(resources.PACKAGE))
        for file in Path(resources.PACKAGE).rglob("*.py")
        if ".set_cookie(" in file.read_text(encoding="utf-8")
    }
    assert setting == {"serving/cookies.py"}


async def test_whoever_signs_out_leaves_nothing_in_the_browser(served: Served) -> None:
    for address in ("/sign-out", "/account/sign-out-everywhere"):
        browser = served.visitor()
        await browser.sign_in("viewer")
        page = await browser.get("/account")
        assert page.headers["cache-control"] == "no-store"
        assert "clear-site-data" not in page.headers
        left = await browser.send_form(address, {}, page="/account")
        assert left.headers["clear-site-data"] == '"cache", "storage"'
        assert any(cookie.startswith('wastetrack=""') for cookie in left.headers.get_list("set-cookie"))
        assert (await browser.get("/account")).headers["location"].startswith("/sign-in")
