"""Asking over real sockets: where the connection goes, how much and how long, and what is not followed."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from wastetrack.errors import Unavailable
from wastetrack.outbound.addresses import OutboundPolicy, OutboundRefused
from wastetrack.outbound.fetching import fetch, policy_of, resolved
from wastetrack.settings import Settings

TRIAL = OutboundPolicy(loopback=True, seconds=2, most_bytes=1000)
Answering = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def somebody(answering: Answering) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server of this machine that answers so; its address, and what it was asked."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        try:
            await answering(heard[-1], writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heard


def saying(text: bytes) -> Answering:
    """Answer with these bytes."""

    async def answer(_heard: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()

    return answer


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n" + b'{"a": 1}'


async def test_an_answer_comes_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    # A proxy of the environment would connect for us, to whatever it likes.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with somebody(saying(OK)) as (address, heard):
        answered = await fetch("GET", f"{address}/.well-known/x?y=z", policy=TRIAL, headers={"Accept": "a/b"})
    assert (answered.status, answered.json(), answered.headers["content-type"]) == (200, {"a": 1}, "application/json")
    asked = heard[0].decode()
    assert asked.startswith("GET /.well-known/x?y=z HTTP/1.1\r\n")
    assert "Accept-Encoding: identity\r\n" in asked
    assert f"Host: {address.removeprefix('http://')}\r\n" in asked


async def test_nobody_is_connected_to_without_leave() -> None:
    async with somebody(saying(OK)) as (address, heard):
        with pytest.raises(OutboundRefused):
            await fetch("GET", address, policy=OutboundPolicy())
        with pytest.raises(OutboundRefused):
            await fetch("GET", address.replace("http:", "https:"), policy=OutboundPolicy())
    assert heard == []


async def test_a_redirect_is_told_and_not_followed() -> None:
    async with somebody(saying(OK)) as (inner, heard):
        leading = f"HTTP/1.1 302 Found\r\nLocation: {inner}/\r\nContent-Length: 0\r\n\r\n".encode()
        async with somebody(saying(leading)) as (address, _):
            with pytest.raises(OutboundRefused) as refused:
                await fetch("GET", address, policy=TRIAL)
    assert refused.value.code == "outbound_redirects"
    assert heard == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000, "outbound_too_large"),
        (CHUNKED + (b"200\r\n" + b"x" * 512 + b"\r\n") * 2 + b"0\r\n\r\n", "outbound_too_large"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", "outbound_compressed"),
    ],
)  # fmt: skip
async def test_an_answer_that_grows_is_not_taken(answer: bytes, code: str) -> None:
    async with somebody(saying(answer)) as (address, _):
        with pytest.raises(OutboundRefused) as refused:
            await fetch("GET", address, policy=TRIAL)
    assert refused.value.code == code


async def test_what_is_no_json_is_told() -> None:
    async with somebody(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n<a>")) as (address, _):
        answered = await fetch("POST", address, policy=TRIAL, content=b"{}")
    with pytest.raises(OutboundRefused, match="not a JSON"):
        answered.json()


async def test_one_who_trickles_is_left_in_time() -> None:
    async def trickle(_heard: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        for _ in range(100):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.1)

    began = time.monotonic()
    async with somebody(trickle) as (address, _):
        with pytest.raises(Unavailable, match="in time"):
            await fetch("GET", address, policy=OutboundPolicy(loopback=True, seconds=0.5))
    assert time.monotonic() - began < 3


async def test_one_who_is_not_there_or_speaks_something_else_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    with pytest.raises(Unavailable, match="cannot be reached"):
        await fetch("GET", f"http://127.0.0.1:{port}", policy=TRIAL)
    async with somebody(saying(b"SSH-2.0-OpenSSH_9.6\r\n")) as (address, _):
        with pytest.raises(Unavailable, match="cannot be reached"):
            await fetch("GET", address, policy=TRIAL)


async def test_a_name_is_judged_by_what_it_resolves_to_at_that_moment() -> None:
    # `localhost` is the one name that every machine resolves; to the guard it is a name like any other.
    with pytest.raises(OutboundRefused) as refused:
        await resolved("localhost", 443, OutboundPolicy())
    assert refused.value.code == "outbound_address_not_public"
    for address in await resolved("localhost", 443, TRIAL):
        assert address in {"127.0.0.1", "::1"}


def test_the_settings_say_what_is_allowed() -> None:
    chosen = Settings(outbound_hosts=("a.example.org",), outbound_private_hosts=("b.inner.test",))
    policy = policy_of(chosen)
    assert (policy.hosts, policy.private_hosts, policy.loopback) == (("a.example.org",), ("b.inner.test",), False)
