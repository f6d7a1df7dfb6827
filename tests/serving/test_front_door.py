"""What every answer carries, and what is refused before anything is looked at."""

import pytest

from tests.support.served import Served
from wastetrack.serving.admission import LARGEST_BODY


@pytest.mark.parametrize("path", ["/sign-in", "/health", "/api/v1/me", "/nowhere", "/api/v1/nowhere"])
async def test_every_answer_carries_the_security_headers(served: Served, path: str) -> None:
    headers = (await served.visitor().get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize("host", ["evil.example", "", "127.0.0.1.evil.example", "localhost@evil.example"])
async def test_another_host_name_is_not_answered(served: Served, host: str) -> None:
    response = await served.visitor().get("/sign-in", headers={"Host": host})
    assert response.status_code == 400
    assert response.json()["code"] == "host_unknown"


async def test_a_body_too_large_is_refused_before_it_is_read(served: Served) -> None:
    program = await served.api_visitor("owner")
    headers = {"Content-Length": str(LARGEST_BODY + 1), "Content-Type": "application/json"}
    response = await program.post("/api/v1/tokens", content=b"{}", headers=headers)
    assert response.status_code == 413
    assert response.json()["code"] == "too_large"


async def test_a_body_that_hides_its_size_is_cut_off(served: Served) -> None:
    async def endless() -> object:
        for _ in range(LARGEST_BODY // 65536 + 2):
            yield b" " * 65536

    program = await served.api_visitor("owner")
    response = await program.post("/api/v1/tokens", content=endless(), headers={"Content-Type": "application/json"})
    assert response.status_code == 413


async def test_a_request_keeps_the_id_it_came_with_or_gets_one(served: Served) -> None:
    visitor = served.visitor()
    assert (await visitor.get("/health", headers={"X-Request-Id": "weighbridge-42"})).headers[
        "x-request-id"
    ] == "weighbridge-42"
    made = (await visitor.get("/api/v1/me", headers={"X-Request-Id": "no\tgood"})).json()
    assert len(made["request_id"]) == 36


async def test_assets_are_kept_for_ever_under_their_digest_and_only_there(served: Served) -> None:
    visitor = served.visitor()
    assets = served.app.state.assets
    response = await visitor.get(assets.address("frame.css"))
    assert response.status_code == 200
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"].startswith("text/css")
    older = await visitor.get("/static/000000000000/frame.css")
    assert (older.status_code, older.headers["cache-control"]) == (200, "no-cache")


async def test_text_of_assets_is_compressed_for_whoever_takes_it_so_and_is_the_same_text(served: Served) -> None:
    visitor = served.visitor()
    address = served.app.state.assets.address("frame.css")
    plain = await visitor.get(address, headers={"Accept-Encoding": "br"})
    packed = await visitor.get(address, headers={"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.headers["content-type"] == plain.headers["content-type"]
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert packed.text == plain.text


async def test_pages_are_never_compressed_for_secrets_stand_in_them(served: Served) -> None:
    page = await served.visitor().get("/sign-in", headers={"Accept-Encoding": "gzip"})
    assert "csrf_token" in page.text
    assert "content-encoding" not in page.headers


@pytest.mark.parametrize("name", ["../../settings.py", "%2e%2e/%2e%2e/settings.py", "", "frame.css/", "nothing.css"])
async def test_nothing_but_assets_is_served(served: Served, name: str) -> None:
    digest = served.app.state.assets.digest
    assert (await served.visitor().get(f"/static/{digest}/{name}")).status_code == 404
