"""Slow, endless and malformed requests over real sockets: they end, and meanwhile others are served."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import uvicorn

from tests.support.served import Served
from wastetrack.serving import patience


@pytest.fixture
async def port(served: Served, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """The application at a port, as `wastetrack serve` runs it, with less patience so that tests end."""
    monkeypatch.setattr(patience.PatientProtocol, "head_seconds", 1.0)
    monkeypatch.setattr(patience, "SILENCE_SECONDS", 1.0)
    monkeypatch.setattr(patience, "BODY_SECONDS", 2.0)
    config = uvicorn.Config(
        served.app, host="127.0.0.1", port=0, log_level="error", lifespan="off", **patience.for_uvicorn()
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn tells by an attribute only
        await asyncio.sleep(0.02)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running


async def said(port: int, raw: bytes, *more: bytes, pause: float = 0.0) -> bytes:
    """Everything that comes back until the other side closes; each further piece is sent after a pause."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    answered = asyncio.create_task(reader.read())
    try:
        for piece in more:
            await asyncio.sleep(pause)
            if answered.done():
                break
            writer.write(piece)
        return await asyncio.wait_for(answered, 10)
    except ConnectionResetError:
        return b""
    finally:
        answered.cancel()
        writer.close()


def status(answer: bytes) -> int:
    """The status of the first answer."""
    return int(answer.split(b" ", 2)[1])


HOST = b"Host: 127.0.0.1\r\n"
POST = b"POST /api/v1/sign-in HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"


async def test_a_head_that_trickles_ends_and_keeps_nobody_out(port: int) -> None:
    began = time.monotonic()
    slow = [
        asyncio.create_task(said(port, b"GET /health HTTP/1.1\r\n", *(b"X-A: b\r\n" for _ in range(50)), pause=0.1))
        for _ in range(100)
    ]
    await asyncio.sleep(0.2)
    for _ in range(5):
        asked = time.monotonic()
        answer = await said(port, b"GET /health HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
        assert status(answer) == 200
        assert time.monotonic() - asked < 1.0
    answers = await asyncio.gather(*slow)
    assert {status(answer) for answer in answers} == {408}
    assert time.monotonic() - began < 8


async def test_a_connection_that_says_nothing_is_closed(port: int) -> None:
    began = time.monotonic()
    assert status(await said(port, b"")) == 408
    assert time.monotonic() - began < 3


async def test_a_second_head_on_a_connection_has_the_same_limit(port: int) -> None:
    first = b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n"
    answer = await said(port, first, b"GET /health HTTP/1.1\r\n", *(b"X-A: b\r\n" for _ in range(50)), pause=0.1)
    assert status(answer) == 200
    assert answer.count(b"HTTP/1.1 ") == 2
    assert b"HTTP/1.1 408 " in answer


@pytest.mark.parametrize("length", [b"Content-Length: 500\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n1f4\r\n"])
async def test_a_body_that_stops_is_told_and_ended(port: int, length: bytes) -> None:
    answer = await said(port, POST + length + b'{"login":')
    assert status(answer) == 408
    assert b"connection: close" in answer.lower()


async def test_a_body_that_trickles_is_told_and_ended_while_others_sign_in(port: int) -> None:
    slow = [
        asyncio.create_task(said(port, POST + b"Content-Length: 500\r\n\r\n", *(b" " for _ in range(100)), pause=0.3))
        for _ in range(30)
    ]
    await asyncio.sleep(0.3)
    answer = await said(port, POST + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}")
    assert status(answer) == 422
    assert {status(answer) for answer in await asyncio.gather(*slow)} == {408}


async def test_a_body_that_nobody_reads_ends_the_connection(port: int) -> None:
    head = b"POST /nowhere HTTP/1.1\r\n" + HOST + b"Content-Length: 100\r\n\r\n"
    answer = await said(port, head, *(b" " for _ in range(100)), pause=0.1)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize(
    "raw",
    [
        POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        POST + b"Content-Length: +2\r\n\r\n{}",
        POST + b"Content-Length: 0x2\r\n\r\n{}",
        POST + b"Content-Length: -1\r\n\r\n",
        POST + b"Content-Length : 2\r\n\r\n{}",
        POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n folded: yes\r\n\r\n",
        b"GET /health HTTP/1.1\nHost: 127.0.0.1\n\n",
        b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\x00b\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET http://evil.example/health HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"nonsense\r\n\r\n",
    ],
)
async def test_what_two_servers_could_read_differently_is_refused(port: int, raw: bytes) -> None:
    answer = await said(port, raw)
    assert status(answer) == 400, answer
    assert answer.count(b"HTTP/1.1 ") == 1, "one answer, and the connection ends"


async def test_a_head_without_end_is_cut_off(port: int) -> None:
    answer = await said(
        port, b"GET /health HTTP/1.1\r\n" + HOST, *(b"X-A: " + b"b" * 8000 + b"\r\n" for _ in range(40))
    )
    assert answer == b"" or status(answer) == 431
    answer = await said(port, b"GET /health?" + b"a" * 100_000)
    assert answer == b"" or status(answer) == 431
    answer = await said(port, b"GET /health HTTP/1.1\r\n" + HOST + b"a: b\r\n" * 150 + b"\r\n")
    assert status(answer) == 431
