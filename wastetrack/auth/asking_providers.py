"""The one place from which a provider of identities is asked over the network: one JSON document, within limits."""

import asyncio
import ipaddress
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2

from wastetrack.errors import Malformed, Unavailable

_SECONDS = 10.0
_MOST_BYTES = 512 * 1024
_OK = 200


async def ask(
    method: str, url: str, *, loopback: bool, headers: Mapping[str, str] | None = None, content: bytes = b""
) -> dict[str, Any]:
    """The JSON object at an address. No redirect is followed, no proxy of the environment used.

    Raises Malformed for an address that may not be asked and for an answer that is none, Unavailable where nobody
    answers in time. Never called inside a unit of work.
    """
    demand_address(url, loopback=loopback)
    told = {"Accept": "application/json", **(headers or {})}
    try:
        async with (
            asyncio.timeout(_SECONDS),
            httpx2.AsyncClient(follow_redirects=False, trust_env=False, timeout=_SECONDS) as client,
            client.stream(method, url, headers=told, content=content) as response,
        ):
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise _unusable(url)
            status = response.status_code
    except (TimeoutError, httpx2.HTTPError, OSError) as lost:
        raise Unavailable("provider_away", "{host} does not answer.", host=urlsplit(url).hostname) from lost
    return _object(url, status, bytes(body))


def demand_address(url: str, *, loopback: bool) -> None:
    """Raise Malformed unless the address is https, or http on this machine where the operator allows that."""
    parts = urlsplit(url)
    own = parts.scheme == "http" and loopback and _is_loopback(parts.hostname or "")
    if (parts.scheme != "https" and not own) or not parts.hostname or parts.username or parts.fragment:
        raise Malformed(
            "provider_address", "{url} is not an https address; a provider is asked at no other.", url=url[:200]
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _object(url: str, status: int, body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if status != _OK or not isinstance(found, dict):
        raise _unusable(url)
    return found


def _unusable(url: str) -> Malformed:
    return Malformed("provider_answer", "{host} gave an answer that cannot be used.", host=urlsplit(url).hostname)
