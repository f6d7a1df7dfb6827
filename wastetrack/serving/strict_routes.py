"""Bodies read strictly, once, before a handler or a table sees them: the route class of everything that takes one.

What two readers of a JSON document could understand differently is refused (RFC 8259 §4 and §6: names that stand
twice, numbers that no computer keeps; I-JSON, RFC 7493), and so is text that cannot be seen or turns around, in
documents and forms alike (characters.py). Fields that hold one line refuse more by themselves (written_text.py).
"""

import json
import math
import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import params
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException as AnsweredByFramework
from starlette.requests import Request
from starlette.responses import Response

from wastetrack.characters import escaped, unseen_character
from wastetrack.errors import Broken, Malformed, refuse
from wastetrack.serving import problems
from wastetrack.serving.doors import Door, door
from wastetrack.serving.reading_input import broken_character

_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_JSON = re.compile(r"application/(json|[a-z0-9.-]+\+json)")
_BY_DOOR = {Door.PAGE: True, Door.API: None, Door.SCIM: False}
"""What a handler that declares no body takes: a page's is a form, a directory's a document that it reads itself."""
_MOST_DIGITS = 19
"""Of a number: what fits into 64 bits, as far as readers agree."""
_MOST_FIELDS = 2_000
_MOST_FILES = 10
_LONGEST_VALUE = 100


class StrictRoute(APIRoute):
    """Reads the body strictly and lets FastAPI find it read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, wrapped."""
        handle = super().get_route_handler()
        declared = self.wants_form()

        async def strict(request: Request) -> Response:
            by_door = _BY_DOOR[door(request)]
            try:
                await read_strictly(request, wants_form=by_door if declared is None else declared)
                return await handle(request)
            finally:
                # Who is refused on the way to the handler has sent files all the same.
                await request.close()

        return strict

    def wants_form(self) -> bool | None:
        """Whether the handler declares a form, or a document; None where it declares no body."""
        field = self.body_field
        return None if field is None else isinstance(field.field_info, params.Form)


def document_of(request: Request) -> object:
    """The JSON document of a request that came through a StrictRoute; None if it has none."""
    return getattr(request.state, "document", None)


async def read_strictly(request: Request, *, wants_form: bool | None) -> None:
    """Read the body. Raises Malformed, RuleBroken, or 415; None takes either kind, for nothing of it is used."""
    if "content-type" not in request.headers:
        if wants_form is not True and await request.body():
            raise AnsweredByFramework(problems.UNSUPPORTED.status)
        return
    media_type, _, parameters = request.headers["content-type"].partition(";")
    media_type = media_type.strip().lower()
    charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    is_form = media_type in _FORMS
    known = is_form or _JSON.fullmatch(media_type) is not None
    if charset not in {"", "utf-8"} or not known or wants_form not in {None, is_form}:
        raise AnsweredByFramework(problems.UNSUPPORTED.status)
    if is_form:
        form = await request.form(max_fields=_MOST_FIELDS, max_files=_MOST_FILES)
        refuse(_unseen((name, value) for name, value in form.multi_items() if isinstance(value, str)))
        return
    raw = await request.body()
    if not raw:
        return
    document = parse(raw)
    # Starlette's own place for a document that was read: FastAPI takes it from there and does not parse it again.
    request._json = document  # noqa: SLF001
    request.state.document = document
    if b"\\" in raw or not raw.isascii():
        refuse(_unseen(_strings(document)))


def parse(raw: bytes) -> Any:  # noqa: ANN401  whatever JSON can say
    """A JSON document in UTF-8. Raises Malformed."""
    try:
        text = raw.decode("utf-8")
        document = json.loads(
            text, object_pairs_hook=_object, parse_int=_whole, parse_float=_number, parse_constant=_constant
        )
        if "\\u" in text:
            # Half of a pair of surrogates is no character: it cannot be stored, nor told in an answer.
            json.dumps(document, ensure_ascii=False).encode()
    except RecursionError:
        raise Malformed("json_too_deep", "The document is nested deeper than anything here needs.") from None
    except (ValueError, UnicodeError):
        raise Malformed("json_invalid", "This is not a JSON document.") from None
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Malformed("json_name_twice", "The document names {name} twice.", name=escaped(twice[:_LONGEST_VALUE]))
    return found


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > _MOST_DIGITS:
        raise _too_large(digits)
    return int(digits)


def _number(digits: str) -> float:
    value = float(digits)
    if math.isinf(value) or len(digits) > _LONGEST_VALUE:
        raise _too_large(digits)
    return value


def _constant(name: str) -> float:
    raise _too_large(name)


def _too_large(digits: str) -> Malformed:
    shown = digits if len(digits) <= _MOST_DIGITS else digits[:_MOST_DIGITS] + "…"
    return Malformed("json_number", "The document holds a number that no computer keeps: {value}.", value=shown)


def _strings(document: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a document, with its path; a name is a text at its own place."""
    if isinstance(document, str):
        yield place, document
    elif isinstance(document, dict):
        for name, value in document.items():
            yield place or "body", name
            yield from _strings(value, f"{place}.{name}" if place else name)
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from _strings(value, f"{place}.{number}" if place else str(number))


def _unseen(texts: Iterator[tuple[str, str]]) -> Iterator[Broken]:
    for field, text in texts:
        found = unseen_character(text, free=True)
        if found is not None:
            yield broken_character(escaped(field), text, found)
