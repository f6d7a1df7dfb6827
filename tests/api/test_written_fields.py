"""Every field in which people write, in every document and form: a line, prose, or a word of some other known shape."""

from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter

from tests.support.served import Served

SHAPED_OTHERWISE = {
    "password": "compared by its hash, whatever it holds",
    "wanted": "a password",
    "nurse_factor": "compared as a password or a code is",
    "login": "compared with those that are there",
    "token": "compared by its hash",
    "code": "digits, compared with those that were made",
    "signature": "decoded from base64",
    "public_key": "decoded from base64, PEM or OpenSSH",
    "assertion": "a credential's JSON, read by itself",
    "jwks": "a key set's JSON, read by itself",
    "label": "a code, decoded and verified",
    "labels": "each one such a code",
    "next": "an address, cut down by safe_next",
    "file": "a file, examined by its content",
    "photo": "a file, examined by its content",
    "latitude": "a number",
    "longitude": "a number",
    "capacity": "a number",
    "value": "a number",
    "quantity": "a number",
    "gross": "a number",
    "factor": "a number",
    "classes": "each one of a known list",
    "methods": "each one of a known list",
}


def plain(schema: dict[str, Any], root: dict[str, Any], name: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The names of fields that take any text at all."""
    reference = schema.get("$ref", "")
    if reference and reference not in seen:
        yield from plain(root["$defs"][reference.rpartition("/")[2]], root, name, seen | {reference})
    for alternatives in ("anyOf", "allOf", "oneOf"):
        for one in schema.get(alternatives, ()):
            yield from plain(one, root, name, seen)
    for called, one in schema.get("properties", {}).items():
        yield from plain(one, root, called, seen)
    if isinstance(schema.get("items"), dict):
        yield from plain(schema["items"], root, name, seen)
    if schema.get("type") == "string" and not {"format", "enum", "pattern", "const"} & schema.keys():
        yield name


def test_no_field_takes_any_text_at_all(served: Served) -> None:
    found: dict[str, str] = {}
    read = 0
    for context in iter_route_contexts(served.app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and route.body_field is not None:
            body: TypeAdapter[Any] = TypeAdapter(route.body_field.field_info.annotation)  # type: ignore[arg-type]  # a body that was declared has one
            schema = body.json_schema()
            found |= dict.fromkeys(plain(schema, schema, "body"), str(context.path))
            read += 1
    assert read > 80
    assert {name: path for name, path in found.items() if name not in SHAPED_OTHERWISE} == {}
    assert found.keys() == SHAPED_OTHERWISE.keys()
