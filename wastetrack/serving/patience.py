"""How long somebody may take to send a request: a limit for its head (over the socket) and for its body (in ASGI).

uvicorn waits for ever for the rest of a head; who opens many connections and trickles would keep the others out.
"""

import asyncio
from typing import Any

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException as AnsweredByFramework
from starlette.types import Message, Receive
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from wastetrack.serving import problems
from wastetrack.serving.admission import LARGEST_HEAD, MOST_HEADERS

HEAD_SECONDS = 10.0
"""From the opening of a connection, or from the first byte of a later request on it, to the end of the head."""
SILENCE_SECONDS = 10.0
"""Between two pieces of a body."""
BODY_SECONDS = 20.0
"""For a body, and a second more for every SLOWEST_RATE bytes that have come."""
SLOWEST_RATE = 8 * 1024

_LARGEST_RAW_HEAD = 2 * LARGEST_HEAD
_CLOSING = b"Connection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\n" + _CLOSING
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\n" + _CLOSING


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol with an end to its patience: `uvicorn.Config(http=PatientProtocol)`."""

    head_seconds = HEAD_SECONDS
    _timer: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection that says nothing is closed as well."""
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes before the end of a head; the parser itself would keep any amount."""
        if self._timer is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._timer is not None and self._head_bytes > _LARGEST_RAW_HEAD:
            self._give_up(_TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        if self._timer is None:
            self._start_timer()

    def on_header(self, name: bytes, value: bytes) -> None:
        """One more header."""
        super().on_header(name, value)
        if len(self.headers) > 2 * MOST_HEADERS:
            self._give_up(_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._stop_timer()
        super().on_headers_complete()

    def _start_timer(self) -> None:
        self._head_bytes = 0
        self._timer = self.loop.call_later(self.head_seconds, self._give_up, _TOO_SLOW)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self, last_words: bytes) -> None:
        self._stop_timer()
        if not self.transport.is_closing():
            # Nobody who listens for the answer of an earlier request on this connection is cut off by our words.
            under_way: RequestResponseCycle | None = self.cycle  # None until the first request is whole
            if under_way is None or under_way.response_complete:
                self.transport.write(last_words)
            self.transport.close()


def has_body(headers: Headers) -> bool:
    """Whether a body follows the head."""
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


class Patience:
    """The body of one request: one that grows too large or comes too slowly ends with 413 or 408."""

    def __init__(self, receive: Receive, largest: int) -> None:
        self._receive = receive
        self._left = largest
        self._now = asyncio.get_running_loop().time
        self._ends = self._now() + BODY_SECONDS
        self.whole = False
        """Whether all of it has been read."""

    async def receive(self) -> Message:
        """ASGI's `receive`."""
        if self.whole:
            # What comes after the body is only that the caller has gone; that may take as long as the answer.
            return await self._receive()
        try:
            async with asyncio.timeout(min(SILENCE_SECONDS, self._ends - self._now())):
                heard = await self._receive()
        except TimeoutError:
            raise AnsweredByFramework(problems.TOO_SLOW.status) from None
        came = len(heard.get("body", b""))
        self._left -= came
        self._ends += came / SLOWEST_RATE
        if self._left < 0:
            raise AnsweredByFramework(problems.TOO_LARGE.status)
        self.whole = not heard.get("more_body", False)
        return heard


def for_uvicorn() -> dict[str, Any]:
    """What a uvicorn.Config needs so that nobody is waited for too long."""
    return {"http": PatientProtocol, "timeout_keep_alive": 10, "h11_max_incomplete_event_size": LARGEST_HEAD}
