"""Each POST under its caller's key: one mechanism for pages, API and scans (storage: auth/answering.py).

The key is the header `Idempotency-Key`, a form's hidden `request_id`, or a scan's own `scan_id`. Taking it is the first
statement of the writing session; keeping the answer is the last, before the one commit. What identifies the request is
a hash of method, path and body, where a form's body is its fields without the token against forgery, for that changes
with the session while the request does not.
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from wastetrack.auth import answering
from wastetrack.auth.answering import Answer, RequestKey
from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Malformed
from wastetrack.serving.forgery import FIELD as FORGERY_FIELD
from wastetrack.serving.strict_routes import StrictRoute, document_of

HEADER = "idempotency-key"
FIELD = "request_id"
SCAN_FIELD = "scan_id"
REPLAYED = "idempotent-replayed"
_NOT_KEPT = frozenset({"content-length", "date"})


class AlreadyAnswered(Exception):  # noqa: N818  not an error: the answer is at hand
    """The same request was answered before."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer

    def response(self) -> Response:
        """The stored answer once more, marked as such."""
        response = Response(self.answer.body, self.answer.status)
        for name, value in self.answer.headers:
            response.headers.append(name, value)
        response.headers[REPLAYED] = "true"
        return response


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """A key taken in a session that is still open."""

    session: WriteSession
    key: RequestKey

    async def keep(self, response: Response) -> None:
        """Store the answer in the transaction of its effects."""
        kept = [(name, value) for name, value in response.headers.items() if name not in _NOT_KEPT]
        await answering.store(self.session, self.key, Answer(response.status_code, tuple(kept), bytes(response.body)))


class AnsweringRoute(StrictRoute):
    """The route class of every router that changes something: repeats stored answers, keeps new ones.

    It works inside FastAPI's stack of function-scoped dependencies, so the answer is stored before the writing
    session commits, and a refused commit is still told to the caller.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, wrapped."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except AlreadyAnswered as repeated:
                return repeated.response()
            taken: Taken | None = getattr(request.state, "taken", None)
            if taken is not None:
                await taken.keep(getattr(request.state, "kept_instead", response))
            return response

        return answer


def keep_instead(request: Request, response: Response) -> None:
    """Store this in place of the answer given: for an answer that tells a secret once, which no table may hold."""
    request.state.kept_instead = response


def key_of(request: Request) -> UUID:
    """The key under which this request does its work; for things whose id it is, such as a scan."""
    taken: Taken = request.state.taken
    return taken.key.key


async def answered_before(request: Request, session: ReadSession, actor: Actor) -> bool:
    """Whether this very request has its answer: what works only once is then not looked at again."""
    return await answering.is_answered(session, await _request_key(request, actor))


def refuse_in_flight() -> NoReturn:
    """A request that had its answer a moment ago has none any more."""
    raise answering.in_flight()


async def take_key(request: Request, session: WriteSession, actor: Actor, *, at: datetime) -> None:
    """Take this request's key. Raises AlreadyAnswered, Malformed without a key, RuleBroken for one used otherwise."""
    key = await _request_key(request, actor)
    answer = await answering.take(session, key, at=at)
    if answer is not None:
        raise AlreadyAnswered(answer)
    request.state.taken = Taken(session, key)


async def _request_key(request: Request, actor: Actor) -> RequestKey:
    body = await _Body.read(request)
    return RequestKey(
        key=_key(request, body),
        membership_id=actor.membership_id,
        method=request.method,
        path=request.scope["path"],
        body_hash=body.hash,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Body:
    """A body read once: its hash, and the fields among which a key may be."""

    hash: bytes
    fields: dict[str, str]
    scan_id: str = ""

    @classmethod
    async def read(cls, request: Request) -> "_Body":
        content_type = request.headers.get("content-type", "")
        if not content_type.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
            raw = await request.body()
            return cls(hashlib.sha256(raw).digest(), {}, _scan_id(document_of(request)))
        fields: dict[str, str] = {}
        told = []
        for name, value in (await request.form()).multi_items():
            if isinstance(value, UploadFile):
                content = await value.read()
                await value.seek(0)
                told.append((name, value.filename or "", hashlib.sha256(content).hexdigest()))
            elif name != FORGERY_FIELD:
                fields[name] = value
                told.append((name, value, ""))
        return cls(hashlib.sha256(json.dumps(sorted(told)).encode()).digest(), fields)


def _key(request: Request, body: _Body) -> UUID:
    said = request.headers.get(HEADER) or body.fields.get(FIELD) or body.fields.get(SCAN_FIELD) or body.scan_id
    if not said:
        raise Malformed(
            "key_missing", "Send a fresh UUID in the header Idempotency-Key: it makes repeating the request harmless."
        )
    try:
        return UUID(said)
    except ValueError:
        raise Malformed("key_unreadable", "The key of a request is a UUID, not {value}.", value=said[:60]) from None


def _scan_id(document: object) -> str:
    value = document.get(SCAN_FIELD) if isinstance(document, dict) else None
    return value if isinstance(value, str) else ""
