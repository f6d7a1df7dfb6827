"""Asking a provider of identities: one JSON object, through the guard that every outbound request goes through."""

from collections.abc import Mapping
from typing import Any

from wastetrack.errors import Malformed
from wastetrack.outbound.addresses import OutboundPolicy, destination
from wastetrack.outbound.fetching import fetch

_OK = 200


async def ask(
    method: str,
    url: str,
    *,
    policy: OutboundPolicy,
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
) -> dict[str, Any]:
    """The JSON object at an address.

    Raises OutboundRefused for an address that may not be asked, Malformed for an answer that is none, Unavailable
    where nobody answers in time. Never called inside a unit of work.
    """
    answered = await fetch(
        method, url, policy=policy, headers={"Accept": "application/json", **(headers or {})}, content=content
    )
    found = answered.json() if answered.status == _OK else None
    if not isinstance(found, dict):
        host = destination(url, policy).host
        raise Malformed("provider_answer", "{host} gave an answer that cannot be used.", host=host)
    return found
