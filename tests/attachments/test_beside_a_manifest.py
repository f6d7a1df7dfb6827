"""Files beside a manifest, through both doors: who attaches, who sees, what is served and how."""

import hashlib
from typing import Any
from uuid import UUID

import pytest

from tests.support import files
from tests.support.served import Served, Visitor
from tests.support.trade import API, Trade
from wastetrack.attachments.model import LARGEST_FILE
from wastetrack.attachments.storing import FileStore
from wastetrack.ids import new_id


async def attached(
    visitor: Visitor,
    manifest_id: object,
    content: bytes = b"",
    name: str = "车.jpg",
    *,
    key: UUID | None = None,
    expect: int = 201,
) -> Any:  # noqa: ANN401
    """Send a file through the API."""
    answered = await visitor.post(
        f"{API}/manifests/{manifest_id}/attachments",
        files={"file": (name, content or files.picture(), "application/octet-stream")},
        headers={"Idempotency-Key": str(key or new_id())},
    )
    assert answered.status_code == expect, answered.text
    return answered.json()


@pytest.fixture
async def manifest_id(trade: Trade) -> str:
    """A fresh filed manifest."""
    return str(await trade.filed(await trade.labelled()))


async def test_who_is_on_the_paper_attaches_and_sees(trade: Trade, manifest_id: str) -> None:
    shown = await attached(await trade.shipper(), manifest_id, files.located_picture())
    listed = (await (await trade.carrier()).get(f"{API}/manifests/{manifest_id}/attachments")).json()
    assert listed == {"items": [shown]}
    assert shown["sent_sha256"] == hashlib.sha256(files.located_picture()).hexdigest()
    for visitor in (await trade.shipper(), await trade.gate(), await trade.inspector()):
        answered = await visitor.get(f"{API}/attachments/{shown['id']}")
        assert answered.status_code == 200
        assert hashlib.sha256(answered.content).hexdigest() == shown["sha256"]
        assert b"SecretCamera" not in answered.content


async def test_strangers_and_nobody_learn_nothing(trade: Trade, manifest_id: str) -> None:
    shown = await attached(await trade.shipper(), manifest_id)
    stranger = await trade.stranger()
    absent = await stranger.get(f"{API}/attachments/{new_id()}")
    foreign = await stranger.get(f"{API}/attachments/{shown['id']}")
    assert (absent.status_code, foreign.status_code) == (404, 404)
    assert absent.json()["detail"] == foreign.json()["detail"]
    assert (await stranger.get(f"{API}/manifests/{manifest_id}/attachments")).status_code == 404
    await attached(stranger, manifest_id, expect=404)
    nobody = await trade.nobody()
    assert (await nobody.get(f"{API}/attachments/{shown['id']}")).status_code == 401
    await attached(nobody, manifest_id, expect=401)


@pytest.mark.parametrize("login", ["viewer", "inspector"])
async def test_who_only_looks_does_not_attach(trade: Trade, manifest_id: str, login: str) -> None:
    problem = await attached(await trade.served.api_visitor(login), manifest_id, expect=403)
    assert problem["code"] == "may_not_attach"


async def test_it_is_served_as_what_it_is_and_never_run(trade: Trade, manifest_id: str) -> None:
    shipper = await trade.shipper()
    picture = await attached(shipper, manifest_id)
    answered = await shipper.get(f"{API}/attachments/{picture['id']}")
    assert answered.headers["content-type"] == "image/jpeg"
    assert answered.headers["content-disposition"] == "inline; filename*=UTF-8''%E8%BD%A6.jpg"
    assert answered.headers["x-content-type-options"] == "nosniff"
    assert answered.headers["content-security-policy"].startswith("sandbox;")
    assert "script" not in answered.headers["content-security-policy"]
    assert answered.headers["cache-control"] == "private, no-cache"
    for name, content in (("a.pdf", files.document()), ("a.csv", files.CSV), ("a.xlsx", files.workbook())):
        shown = await attached(shipper, manifest_id, content, name)
        answered = await shipper.get(f"{API}/attachments/{shown['id']}")
        assert answered.headers["content-disposition"].startswith("attachment;"), name
        assert answered.headers["content-type"] == shown["media_type"]
        assert answered.content == content


async def test_who_has_it_already_is_told_so_as_long_as_he_may_see_it(trade: Trade, manifest_id: str) -> None:
    shown = await attached(await trade.shipper(), manifest_id)
    address = f"{API}/attachments/{shown['id']}"
    tag = (await (await trade.shipper()).get(address)).headers["etag"]
    again = await (await trade.shipper()).get(address, headers={"If-None-Match": f'"x", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert (await (await trade.stranger()).get(address, headers={"If-None-Match": tag})).status_code == 404


async def test_the_same_request_attaches_once_and_the_same_file_is_stored_once(trade: Trade, manifest_id: str) -> None:
    shipper, key = await trade.shipper(), new_id()
    content = files.picture("PNG", colour=(7, 8, 9))
    first = await attached(shipper, manifest_id, content, "a.png", key=key)
    assert await attached(shipper, manifest_id, content, "a.png", key=key) == first
    problem = await attached(shipper, manifest_id, content, "a.png", expect=422)
    assert problem["errors"][0]["code"] == "file_there_already"
    other = str(await trade.filed(await trade.labelled()))
    second = await attached(shipper, other, content, "b.png")
    assert second["sha256"] == first["sha256"]
    store = FileStore(trade.app.state.settings.data_dir)
    assert store.path(first["sha256"]).is_file()
    assert store.path(first["sha256"]).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (files.workbook({"xl/sharedStrings.xml": b" " * (64 * 1024 * 1024)}), "a.xlsx", "workbook_too_large"),
        (b"<svg onload=alert(1)>", "a.svg", "file_kind_not_kept"),
        (files.picture(), "a.pdf", "file_not_what_it_says"),
        (b"x" * (LARGEST_FILE + 1), "a.csv", "file_too_large"),
    ],
)
async def test_what_is_not_kept_leaves_nothing(
    trade: Trade, manifest_id: str, content: bytes, name: str, code: str
) -> None:
    shipper = await trade.shipper()
    problem = await attached(shipper, manifest_id, content, name, expect=422)
    assert code in [error["code"] for error in problem["errors"]]
    assert (await shipper.get(f"{API}/manifests/{manifest_id}/attachments")).json() == {"items": []}


async def test_a_damaged_file_is_told_and_not_served(trade: Trade, manifest_id: str) -> None:
    shipper = await trade.shipper()
    shown = await attached(shipper, manifest_id, files.picture("PNG", colour=(1, 1, 1)), "a.png")
    path = FileStore(trade.app.state.settings.data_dir).path(shown["sha256"])
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    answered = await shipper.get(f"{API}/attachments/{shown['id']}")
    assert (answered.status_code, answered.json()["code"]) == (503, "attachment_damaged")
    # Sent again, it is whole again.
    await attached(
        shipper, str(await trade.filed(await trade.labelled())), files.picture("PNG", colour=(1, 1, 1)), "a.png"
    )
    assert (await shipper.get(f"{API}/attachments/{shown['id']}")).status_code == 200


async def test_a_browser_attaches_from_the_manifest_s_page(served: Served, trade: Trade, manifest_id: str) -> None:
    browser = await served.page_visitor("owner")
    page = f"/manifests/{manifest_id}"
    fields = {"csrf_token": await browser.token_on(page), "request_id": str(new_id())}
    sent = await browser.post(
        f"{page}/attachments", data=fields, files={"file": ("铅.png", files.picture("PNG"), "image/png")}
    )
    assert sent.status_code == 303
    html = (await browser.get(page)).text
    (shown,) = (await (await trade.shipper()).get(f"{API}{page}/attachments")).json()["items"]
    assert "铅.png" in html
    assert f'<img class="thumbnail" src="/attachments/{shown["id"]}"' in html
    answered = await browser.get(f"/attachments/{shown['id']}")
    assert (answered.status_code, answered.headers["content-type"]) == (200, "image/png")
    assert (await (await served.page_visitor("stranger")).get(f"/attachments/{shown['id']}")).status_code == 404
    nobody = await served.visitor().get(f"/attachments/{shown['id']}")
    assert nobody.status_code == 303
    assert nobody.headers["location"].startswith("/sign-in")


async def test_a_refused_file_is_told_on_the_page_at_its_field(served: Served, manifest_id: str) -> None:
    browser = await served.page_visitor("owner")
    page = f"/manifests/{manifest_id}"
    fields = {"csrf_token": await browser.token_on(page), "request_id": str(new_id())}
    sent = await browser.post(f"{page}/attachments", data=fields, files={"file": ("a.exe", b"MZ", "image/png")})
    assert sent.status_code == 422
    assert "不保存扩展名为 .exe 的文件" in sent.text
    without = await browser.post(f"{page}/attachments", data=fields)
    assert without.status_code == 422
    forged = await browser.post(f"{page}/attachments", files={"file": ("a.png", files.picture("PNG"), "image/png")})
    assert forged.status_code == 403


async def test_a_viewer_sees_no_form(served: Served, manifest_id: str) -> None:
    html = (await (await served.page_visitor("viewer")).get(f"/manifests/{manifest_id}")).text
    assert 'type="file"' not in html
