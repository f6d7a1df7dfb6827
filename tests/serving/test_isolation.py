"""What other sites, odd requests and plain connections get: nothing; and no page of ours holds script or style of its
own."""

import re
from collections.abc import AsyncIterator

import pytest

from tests.support.databases import Cluster
from tests.support.served import PASSWORD, Served, served_on
from tests.support.trade import Trade, trade
from tests.support.world import World
from wastetrack.db.addresses import Address
from wastetrack.serving.admission import LARGEST_HEAD

__all__ = ["trade"]

_INLINE = re.compile(
    # A block of JSON is data: a browser runs nothing of it, and the templates escape every `<` in it.
    r"<script(?![^>]*\ssrc=)(?! type=\"application/json\">)[^>]*>|"
    r"<style\b|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<(iframe|object|embed|base)\b|srcdoc=",
    re.IGNORECASE,
)
_LINK = re.compile(r'(?:href|action|hx-get)="(/[^"#]*)')


@pytest.mark.parametrize("login", ["owner", "gate", "driver", "inspector", "approver", "operator"])
async def test_no_page_holds_script_or_style_of_its_own(served: Served, trade: Trade, login: str) -> None:
    drum = await trade.labelled()
    await trade.arrived(drum)
    browser = await served.page_visitor(login)
    seen: set[str] = set()
    shapes: set[str] = set()
    ahead = ["/"]
    while ahead and len(seen) < 120:
        path = ahead.pop(0)
        shape = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{6,}", "#", path.partition("?")[0])
        if shape in shapes:
            continue
        shapes.add(shape)
        answered = await browser.get(path)
        seen.add(path)
        if not answered.headers.get("content-type", "").startswith("text/html"):
            continue
        assert not (found := _INLINE.search(answered.text)), f"{path}: {found}"
        policy = answered.headers["content-security-policy"]
        # The reader of codes is compiled wasm: text does not become script by it, and only pages with a camera have it.
        assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "")
        assert ("wasm-unsafe-eval" in policy) == ("zxing_reader" in answered.text), path
        ahead += [link.replace("&amp;", "&") for link in _LINK.findall(answered.text) if "sign-out" not in link]
    assert len(seen) > 8, seen


def test_the_crawl_would_see_what_it_looks_for() -> None:
    for bad in ("<script>", '<a onclick="x">', '<p style="x">', "<style>", '<a href="javascript:x">', "<iframe "):
        assert _INLINE.search(bad), bad
    assert not _INLINE.search('<script src="/static/a.js" defer>')
    assert not _INLINE.search("<option selected>")


CROSS = {"Sec-Fetch-Site": "cross-site"}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/manifests", {**CROSS, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200),
        ("/manifests", {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, 200),
        ("/manifests", {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, 200),
        ("/manifests", {**CROSS, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403),
        ("/manifests", {**CROSS, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403),
        ("/manifests", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, 403),
        ("/manifests.csv", {**CROSS, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, 403),
        ("/api/v1/log/key", {**CROSS, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 403),
        ("/api/v1/log/key", {}, 200),
    ],
)
async def test_another_site_s_page_gets_nothing_but_a_link(
    served: Served, path: str, headers: dict[str, str], status: int
) -> None:
    browser = await served.page_visitor("owner")
    assert (await browser.get(path, headers=headers)).status_code == status


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "FOO"])
async def test_other_methods_are_not_known(served: Served, method: str) -> None:
    answered = await served.visitor().http.request(method, "/sign-in")
    assert answered.status_code == 405


@pytest.mark.parametrize(
    "path", ["/api/v1/me%00", "/api\\v1\\me", "/sign-in%0d%0aX: y", "/sign-in?next=%e2%80%ae", "/a%ff?b=%ff"]
)
async def test_an_address_that_cannot_be_read_is_refused(served: Served, path: str) -> None:
    answered = await served.visitor().get(path)
    assert (answered.status_code, answered.json()["code"]) == (400, "address_unreadable")


@pytest.mark.parametrize(
    "path", ["//api/v1/me", "/api/v1/%2e%2e/v1/log/key", "/%2e/sign-in", "/sign-in/", "/SIGN-IN", "/static//x"]
)
async def test_an_address_is_never_made_into_another(served: Served, path: str) -> None:
    answered = await served.visitor().http.get("http://127.0.0.1:8000" + path)
    assert answered.status_code == 404


@pytest.mark.parametrize("name", ["Authorization", "Content-Type", "Idempotency-Key", "Origin"])
async def test_a_header_that_may_stand_once_stands_once(served: Served, name: str) -> None:
    answered = await served.visitor().http.get("/api/v1/me", headers=[(name, "a"), (name, "b")])
    assert (answered.status_code, answered.json()["code"]) == (400, "header_twice")


async def test_a_head_has_an_end(served: Served) -> None:
    visitor = served.visitor()
    many = {f"X-{number}": "y" for number in range(120)}
    assert (await visitor.get("/health", headers=many)).status_code == 431
    assert (await visitor.get("/health", headers={"X-Large": "y" * LARGEST_HEAD})).status_code == 431
    assert (await visitor.get("/health", headers={"X-Fine": "y" * 8000})).status_code == 200


@pytest.fixture(scope="module")
async def secure(
    cluster: Cluster, town: tuple[World, Address], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """The application as it runs behind TLS."""
    world, template = town
    address = cluster.clone(template.database)
    async with served_on(address.url, world, tmp_path_factory.mktemp("secure"), secure_cookies=True) as served:
        yield served
    cluster.drop(address)


async def test_behind_tls_cookies_are_this_host_s_alone_and_browsers_come_back_encrypted(secure: Served) -> None:
    visitor = secure.visitor()
    visitor.http.base_url = "https://127.0.0.1:8000"
    answered = await visitor.get("/sign-in?lang=en")
    assert answered.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    signed_in = await visitor.sign_in("owner", PASSWORD)
    assert signed_in.status_code == 303
    token = await visitor.token_on("/account")
    noted = await visitor.post("/account/password", data={"csrf_token": token})
    cookies = [value for each in (answered, signed_in, noted) for value in each.headers.get_list("set-cookie")]
    kept = {"__Host-wastetrack", "__Host-wastetrack_form", "__Host-wastetrack_device"}
    assert {each.partition("=")[0] for each in cookies} >= kept
    for each in cookies:
        assert each.startswith("__Host-"), each
        assert "Secure" in each
        assert "HttpOnly" in each
        assert "Path=/" in each
        assert "Domain" not in each
        assert ("SameSite=strict" if "_form" in each or "_flash" in each else "SameSite=lax") in each
    assert (await visitor.get("/account")).status_code == 200
