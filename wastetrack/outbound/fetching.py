"""Asking somebody else over the network: the only way out.

    answer = await fetch("GET", url, policy=policy)
    document = answer.json()

The name is resolved and judged where the connection is made, and the connection goes to the judged address: there is
no second look-up in between that could answer otherwise (DNS rebinding). No redirect is followed, no proxy of the
environment used, no cookie kept, no compressed answer taken.
"""

import asyncio
import json
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import Any

import httpcore2

from wastetrack.errors import Unavailable
from wastetrack.i18n import message
from wastetrack.outbound.addresses import Destination, OutboundPolicy, OutboundRefused, destination, judge
from wastetrack.settings import Settings

_REDIRECTS = range(300, 400)
_USER_AGENT = "wastetrack"


def policy_of(settings: Settings) -> OutboundPolicy:
    """What the settings of this deployment allow."""
    return OutboundPolicy(
        hosts=settings.outbound_hosts,
        private_hosts=settings.outbound_private_hosts,
        loopback=settings.outbound_loopback,
    )


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back, whole."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; of repeated ones the last."""
    body: bytes

    def json(self) -> Any:  # noqa: ANN401  whatever JSON can say
        """The body as JSON. Raises OutboundRefused if it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as unreadable:
            told = message("The answer is not a JSON document.")
            raise OutboundRefused("outbound_answer_unreadable", told) from unreadable


async def fetch(
    method: str,
    url: str,
    *,
    policy: OutboundPolicy,
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
    tls: ssl.SSLContext | None = None,
) -> Answered:
    """One request. Raises OutboundRefused for what may not be asked or taken, Unavailable where nobody answers.

    Never inside a unit of work that has written something: it may take as long as the policy allows.
    """
    where = destination(url, policy)
    told = {"Host": _host(where), "User-Agent": _USER_AGENT, "Accept-Encoding": "identity", **(headers or {})}
    try:
        async with asyncio.timeout(policy.seconds):
            return await _asked(method, where, list(told.items()), content, policy=policy, tls=tls)
    except (TimeoutError, httpcore2.TimeoutException) as slow:
        raise Unavailable("outbound_slow", "{host} did not answer in time.", host=where.host) from slow
    except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as lost:
        raise Unavailable("outbound_lost", "{host} cannot be reached.", host=where.host) from lost


async def _asked(
    method: str,
    where: Destination,
    headers: list[tuple[str, str]],
    content: bytes,
    *,
    policy: OutboundPolicy,
    tls: ssl.SSLContext | None,
) -> Answered:
    pool = httpcore2.AsyncConnectionPool(
        ssl_context=tls or _trusted(), network_backend=_JudgingBackend(policy), max_connections=1, http2=False
    )
    async with pool, pool.stream(method, where.url, headers=headers, content=content) as response:
        status = response.status
        got = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        if status in _REDIRECTS:
            told = message("{host} leads elsewhere; enter the final address.")
            raise OutboundRefused("outbound_redirects", told, host=where.host)
        if got.get("content-encoding", "identity") != "identity":
            raise OutboundRefused("outbound_compressed", message("{host} answers in a packed form."), host=where.host)
        body = bytearray()
        async for chunk in response.aiter_stream():
            body += chunk
            if len(body) > policy.most_bytes:
                told = message("The answer of {host} is too large.")
                raise OutboundRefused("outbound_too_large", told, host=where.host)
    return Answered(status, got, bytes(body))


class _JudgingBackend(httpcore2.AsyncNetworkBackend):
    """Connects to addresses that were judged, never to names."""

    def __init__(self, policy: OutboundPolicy) -> None:
        self._policy = policy
        self._below = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the library's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Resolve once, judge every address found, connect to the first that answers."""
        addresses = await resolved(host, port, self._policy)
        failure: Exception = OSError("no address")
        for address in addresses:
            try:
                return await self._below.connect_tcp(address, port, timeout, local_address, socket_options)
            except (OSError, httpcore2.ConnectError) as refused:
                failure = refused
        raise failure

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore2.AsyncNetworkStream:  # noqa: ANN401
        """Sockets of this machine are nobody else."""
        raise OutboundRefused("outbound_host_unreadable", message("Only hosts of the network are asked."))

    async def sleep(self, seconds: float) -> None:
        """Between tries."""
        await asyncio.sleep(seconds)


async def resolved(host: str, port: int, policy: OutboundPolicy) -> list[str]:
    """The addresses of a host. Raises OutboundRefused if any of them may not be asked: a public one beside a private
    one is how a check is tricked."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found))
    for address in addresses:
        judge(ip_address(address), host, policy)
    return addresses


@cache
def _trusted() -> ssl.SSLContext:
    """TLS 1.2 or later, with the system's authorities."""
    return ssl.create_default_context()


def _host(where: Destination) -> str:
    return where.url.partition("://")[2].partition("/")[0]
