"""Bodies that nobody should send, at every address that takes one: a clear 4xx, and nothing is written."""

import gzip
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import text
from starlette.routing import BaseRoute

from tests.support.served import Served, Visitor
from tests.support.trade import API
from wastetrack.db.session import reading
from wastetrack.ids import new_id
from wastetrack.serving.strict_routes import StrictRoute

DEEP = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
JSON = "application/json"
BAD_DOCUMENTS: dict[str, tuple[bytes, str, int, str]] = {
    "malformed": (b'{"a": 1,', JSON, 400, "json_invalid"),
    "single quotes": (b"{'a': 1}", JSON, 400, "json_invalid"),
    "trailing": (b'{"a": 1} {"b": 2}', JSON, 400, "json_invalid"),
    "deep objects": (DEEP, JSON, 400, "json_too_deep"),
    "deep lists": (b"[" * 10_000 + b"]" * 10_000, JSON, 400, "json_too_deep"),
    "ten thousand digits": (b'{"a": ' + b"9" * 10_000 + b"}", JSON, 400, "json_number"),
    "1e400": (b'{"a": 1e400}', JSON, 400, "json_number"),
    "NaN": (b'{"a": NaN}', JSON, 400, "json_number"),
    "-Infinity": (b'{"a": -Infinity}', JSON, 400, "json_number"),
    "a name twice": (b'{"a": 1, "b": {"c": 1, "c": 2}}', JSON, 400, "json_name_twice"),
    "half a surrogate": (b'{"a": "\\ud800"}', JSON, 400, "json_invalid"),
    "half a surrogate as a name": (b'{"\\udfff": 1}', JSON, 400, "json_invalid"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), JSON, 400, "json_invalid"),
    "UTF-32": ('{"a": 1}'.encode("utf-32"), JSON, 400, "json_invalid"),
    "Latin-1": ('{"a": "é"}'.encode("latin-1"), JSON, 400, "json_invalid"),
    "overlong UTF-8": (b'{"a": "\xc0\xaf"}', JSON, 400, "json_invalid"),
    "byte order mark": (b'\xef\xbb\xbf{"a": 1}', JSON, 400, "json_invalid"),
    "a raw control character": (b'{"a": "\x01"}', JSON, 400, "json_invalid"),
    "NUL": (b'{"a": "x\\u0000y"}', JSON, 422, "character_refused"),
    "bidi": ('{"a": "x\u202ey"}'.encode(), JSON, 422, "character_refused"),
    "bidi escaped": (b'{"a": ["b", {"c": "x\\u2066y"}]}', JSON, 422, "character_refused"),
    "zero width in a name": ('{"a\u200b": 1}'.encode(), JSON, 422, "character_refused"),
    "tags": ('{"a": "x\U000e0041"}'.encode(), JSON, 422, "character_refused"),
    "too large": (b'{"a": "' + b"x" * 1_100_000 + b'"}', JSON, 413, "too_large"),
    "a string": (b'"a"', JSON, 422, "input_invalid"),
    "a list": (b"[]", JSON, 422, "input_invalid"),
    "null": (b"null", JSON, 422, "input_invalid"),
    "-0": (b"-0", JSON, 422, "input_invalid"),
    "text": (b'{"a": 1}', "text/plain", 415, "unsupported"),
    "XML": (b"<a/>", "application/xml", 415, "unsupported"),
    "no type": (b'{"a": 1}', "", 415, "unsupported"),
    "another charset": ('{"a": 1}'.encode("gb18030"), "application/json; charset=gb18030", 415,
                        "unsupported"),
    "a form": (b"a=1", "application/x-www-form-urlencoded", 415, "unsupported"),
}  # fmt: skip
TOO_LARGE, UNPROCESSABLE = 413, 422
SCIM_CHANGES = ("POST /Users", "PUT /Users/…", "PATCH /Users/…", "PATCH /Groups/…")
PATCH_OP = b"urn:ietf:params:scim:api:messages:2.0:PatchOp"
BAD_USERS: dict[str, tuple[bytes, str, int, str]] = {
    "nothing": (b"", "", 400, ""),
    "no user": (b"{}", JSON, 400, ""),
    "an unknown schema": (b'{"schemas": ["urn:nothing"], "userName": "a"}', JSON, 400, ""),
    "a number for a name": (b'{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": 1}', JSON, 400,
                            ""),
    "no operation": (b'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "x"}]}',
                     JSON, 400, ""),
    "a path that is none": (b'{"schemas": ["' + PATCH_OP + b'"], "Operations": '
                            b'[{"op": "replace", "path": "a[[b", "value": 1}]}', JSON, 400, ""),
    "members that are none": (b'{"schemas": ["' + PATCH_OP + b'"], "Operations": '
                              b'[{"op": "add", "path": "members", "value": [{"value": "x"}, 7]}]}', JSON, 400, ""),
}  # fmt: skip
NO_IDS = ("x", "00000000-0000-0000-0000-00000000000g", "%00", "%F0%9F%92%A9", "a" * 3000, "%ff", "%E2%80%AE")
ODD_VALUES = ("", "a&{0}=b", "%00", "%ff", "9" * 400, "1e400", "NaN", "-1", "a" * 5000, "%D9%A1")
PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")


OF_DEVICES = f"{API}/gate/scans"
"""Who comes there with a person's token is sent away before his body is read; a device's bad bodies:
tests/gates/test_replaying.py."""


@pytest.fixture
async def nothing_changes(served: Served) -> AsyncIterator[None]:
    """Every table has as many rows afterwards as before."""
    # Who asks has signed in before.
    await served.api_visitor("owner")
    await served.page_visitor("owner")
    before = await rows(served)
    yield
    assert await rows(served) == before


async def rows(served: Served) -> dict[str, int]:
    """How many rows each table has."""
    async with reading(served.app.state.engine) as session:
        names = await session.scalars(
            text("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
        )
        counts = " union all ".join(f"select '{name}', count(*) from \"{name}\"" for name in sorted(names))  # noqa: S608
        return {str(name): int(count) for name, count in await session.execute(text(counts))}


def addresses(served: Served, media_type: str) -> list[tuple[str, str]]:
    """Verb and address of every operation that takes this kind of body."""
    return [
        (verb, PLACE.sub(lambda _: str(new_id()), path))
        for path, operations in served.app.openapi()["paths"].items()
        for verb, operation in operations.items()
        if media_type in operation.get("requestBody", {}).get("content", {}) and not path.startswith(OF_DEVICES)
    ]


async def send(visitor: Visitor, verb: str, path: str, body: bytes, headers: dict[str, str]) -> Any:  # noqa: ANN401
    """Send bytes as they are."""
    bearer = {"Authorization": f"Bearer {visitor.bearer}", "Idempotency-Key": str(new_id())}
    return await visitor.http.request(verb, path, content=body, headers={**bearer, **headers})


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("name", BAD_DOCUMENTS)
async def test_a_bad_document_is_refused_at_every_address(served: Served, name: str) -> None:
    body, media_type, status, code = BAD_DOCUMENTS[name]
    visitor = await served.api_visitor("owner")
    tried = addresses(served, JSON)
    assert len(tried) > 30
    headers = {"Content-Type": media_type} if media_type else {}
    for verb, path in tried:
        answered = await send(visitor, verb, path, body, headers)
        assert (answered.status_code, answered.json()["code"]) == (status, code), f"{verb} {path}: {answered.text}"


@pytest.mark.usefixtures("nothing_changes")
async def test_packed_bodies_and_bombs_of_parts_are_refused_at_every_address(served: Served) -> None:
    visitor = await served.api_visitor("owner")
    packed = gzip.compress(json.dumps({"a": 1}).encode())
    for verb, path in addresses(served, JSON):
        answered = await send(visitor, verb, path, packed, {"Content-Type": JSON, "Content-Encoding": "gzip"})
        assert (answered.status_code, answered.json()["code"]) == (415, "body_packed"), path
    uploads = addresses(served, "multipart/form-data")
    assert uploads
    part = b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n'
    file = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a%d.csv"\r\n\r\na,b\r\n'
    head = b'--x\r\nContent-Disposition: form-data; name="a"\r\n' + b"X-H: y\r\n" * 10_000 + b"\r\n1\r\n"
    bombs = [b"".join(part % n for n in range(5000)), b"".join(file % n for n in range(50)), head, part % 1, b"nothing"]
    for verb, path in uploads:
        for bomb in bombs:
            answered = await send(visitor, verb, path, bomb, {"Content-Type": "multipart/form-data; boundary=x"})
            assert answered.status_code in {400, 404, 422}, answered.text
        for media_type in ("multipart/form-data", "multipart/form-data; boundary=" + "x" * 500):
            answered = await send(visitor, verb, path, file % 1 + b"--x--\r\n", {"Content-Type": media_type})
            assert answered.status_code in {400, 422}, answered.text


@pytest.mark.usefixtures("nothing_changes")
async def test_what_is_no_id_is_not_found_or_not_readable_at_every_address(served: Served) -> None:
    visitor = await served.api_visitor("owner")
    tried = 0
    for path, operations in served.app.openapi()["paths"].items():
        for bad in NO_IDS:
            address = PLACE.sub(bad, path)
            if address == path:
                continue
            for verb in operations:
                body = b"{}" if verb != "get" else b""
                answered = await send(visitor, verb, address, body, {"Content-Type": JSON} if body else {})
                assert 400 <= answered.status_code < 500, f"{verb} {address}: {answered.status_code} {answered.text}"
                tried += 1
    assert tried > 300


@pytest.mark.usefixtures("nothing_changes")
async def test_odd_queries_never_break_a_list(served: Served) -> None:
    visitor = await served.api_visitor("owner")
    for path, operations in served.app.openapi()["paths"].items():
        if "get" not in operations or not path.startswith(API):
            continue
        address = PLACE.sub(lambda _: str(new_id()), path)
        names = [one["name"] for one in operations["get"].get("parameters", ()) if one["in"] == "query"]
        for name in (*names, "nothing"):
            for value in ODD_VALUES:
                answered = await visitor.get(f"{address}?{name}={value.format(name)}")
                assert answered.status_code < 500, f"{address}?{name}={value[:20]}: {answered.text}"
        for name in names:
            assert (await visitor.get(f"{address}?{name}=%00")).status_code == 400


def routes(served: Served) -> list[tuple[str, set[str], BaseRoute]]:
    """Every address of ours with its verbs; the mounted assets have none."""
    contexts = iter_route_contexts(served.app.routes)
    found = [(context.path, set(context.methods or ()), context.original_route) for context in contexts]
    return [(path, verbs, route) for path, verbs, route in found if path is not None and verbs]


def forms(served: Served) -> list[str]:
    """The address of every page that takes a form."""
    found = [
        PLACE.sub(lambda _: str(new_id()), path)
        for path, verbs, _ in routes(served)
        if "POST" in verbs and not path.startswith(("/api/", "/scim/"))
    ]
    assert len(found) > 25
    return found


def test_every_address_that_takes_a_body_reads_it_strictly(served: Served) -> None:
    changing = [(path, route) for path, verbs, route in routes(served) if verbs - {"GET", "HEAD"}]
    assert len(changing) > 60
    assert [path for path, route in changing if not isinstance(route, StrictRoute)] == []


FORM = "application/x-www-form-urlencoded"
BAD_FORMS: dict[str, tuple[bytes, str, int, str]] = {
    "NUL": (b"name=a%00b", FORM, 422, "character_refused"),
    "bidi": ("name=a\u202eb".encode(), FORM, 422, "character_refused"),
    "bidi escaped": (b"name=a%E2%80%AEb", FORM, 422, "character_refused"),
    "zero width": (b"reason=a%E2%80%8Bb", FORM, 422, "character_refused"),
    "in a part": (b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\na\xe2\x80\xaeb\r\n--x--\r\n',
                  "multipart/form-data; boundary=x", 422, "character_refused"),
    "too many fields": (b"&".join(b"a%d=1" % n for n in range(5000)), FORM, 400, ""),
    "too large": (b"name=" + b"x" * 1_100_000, FORM, 413, "too_large"),
    "JSON": (b"{}", JSON, 415, "unsupported"),
    "text": (b"name=a", "text/plain", 415, "unsupported"),
    "no boundary": (b"--x--", "multipart/form-data", 400, ""),
}  # fmt: skip


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("name", BAD_FORMS)
async def test_a_bad_form_is_refused_at_every_page(served: Served, name: str) -> None:
    body, media_type, status, _code = BAD_FORMS[name]
    browser = await served.page_visitor("owner")
    headers = {"X-CSRF-Token": await browser.token_on("/account"), "Content-Type": media_type,
               "Idempotency-Key": str(new_id())}  # fmt: skip
    for path in forms(served):
        answered = await browser.post(path, content=body, headers=headers)
        assert answered.status_code == status, f"{path}: {answered.status_code} {answered.text[-800:]}"
        assert "\u202e" not in answered.text, path


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("name", BAD_FORMS)
async def test_a_bad_form_is_refused_in_oauth_s_own_words(served: Served, name: str) -> None:
    body, media_type, status, code = BAD_FORMS[name]
    program = served.visitor()
    tried = addresses(served, FORM)
    assert [path.rpartition("/")[2] for _, path in tried] == ["token", "revoke", "introspect"]
    for _, path in tried:
        answered = await program.post(path, content=body, headers={"Content-Type": media_type})
        if status == TOO_LARGE:
            assert (answered.status_code, answered.json()["code"]) == (status, code), path
            continue
        assert (answered.status_code, answered.json()["error"]) == (400, "invalid_request"), answered.text
        assert "\u202e" not in answered.text, path


async def directory(served: Served) -> Visitor:
    """A directory with a fresh token of the owner's organisation."""
    owner = await served.page_visitor("owner")
    here = f"/organisations/{served.places['generator']}/provisioning"
    page = await owner.send_form(here, {"name": "人事目录", "days": "30"}, page=here)
    found = re.search(r"wp_[\w-]+", page.text)
    assert found, page.text
    visitor = served.visitor()
    visitor.bearer = found.group()
    return visitor


async def test_a_bad_document_is_refused_at_every_address_of_directories(served: Served) -> None:
    own = await directory(served)
    listed = (await own.get("/scim/v2/Users")).json()
    known = listed["Resources"][0]["id"]
    before = await rows(served)
    tried = [
        (verb, PLACE.sub("filer" if "Groups" in path else known, path))
        for path, verbs, _ in routes(served)
        for verb in verbs & {"POST", "PUT", "PATCH"}
        if path.startswith("/scim/")
    ]
    assert len(tried) == len(SCIM_CHANGES)
    for verb, path in tried:
        for name, (body, media_type, status, code) in {**BAD_DOCUMENTS, **BAD_USERS}.items():
            headers = {"Content-Type": media_type.replace(JSON, "application/scim+json")} if media_type else {}
            answered = await send(own, verb, path, body, headers)
            told = 400 if status == UNPROCESSABLE else status
            assert answered.status_code == told, f"{name} {verb} {path}: {answered.status_code} {answered.text}"
            if code != "too_large":
                assert answered.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"], name
                assert answered.json()["status"] == str(told), name
        for bad in (*NO_IDS, "\u0661"):
            address = path.replace(known, bad)
            if address != path:
                answered = await send(own, verb, address, b"{}", {"Content-Type": JSON})
                assert 400 <= answered.status_code < 500, f"{verb} {address}: {answered.text}"
    assert await rows(served) == before
