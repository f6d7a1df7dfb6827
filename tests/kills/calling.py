"""Callers that do not give up: a request is sent again under its key until it is answered; every answer is kept."""

import asyncio
import itertools
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2

from tests.support.world import PASSWORD
from wastetrack.ids import new_id

_SECONDS_TO_GIVE_UP = 180.0
_TRY_AGAIN = {"request_in_flight", "try_again"}


@dataclass(frozen=True)
class Acknowledged:
    """One write that the server said it has done."""

    login: str
    path: str
    key: UUID
    body: dict[str, Any]
    status: int
    content: bytes
    answer: dict[str, Any]


class Refused(Exception):  # noqa: N818  it says what happened
    """An answer that no repetition will change."""


@dataclass
class Journal:
    """What was acknowledged, outside the machine; the harness itself is never killed."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    repeated: int = 0
    """Requests sent again because no answer came."""
    replayed: int = 0
    """Of these, how many had been done already: the stored answer came."""
    statuses: Counter[str] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)


class Caller:
    """A program that is signed in once for each person and talks to the machine through all its deaths."""

    def __init__(self, base_url: str, journal: Journal) -> None:
        self.http = httpx2.AsyncClient(base_url=base_url, timeout=20, limits=httpx2.Limits(max_connections=50))
        self.journal = journal
        self._tokens: dict[str, str] = {}

    async def sign_in(self, login: str) -> None:
        """Once, before anything is killed."""
        answer = await self.http.post("/api/v1/sign-in", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        self._tokens[login] = answer.json()["token"]

    async def write(self, login: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send until it is acknowledged. Raises Refused for what will not change by repeating."""
        key = new_id()
        deadline = time.monotonic() + _SECONDS_TO_GIVE_UP
        for attempt in itertools.count():
            self.journal.repeated += attempt > 0
            answer = await self._sent(login, path, key, body)
            if answer is not None and answer.is_success:
                self.journal.replayed += "idempotent-replayed" in answer.headers
                tree: dict[str, Any] = answer.json()
                self.journal.acknowledged.append(
                    Acknowledged(login, path, key, body, answer.status_code, answer.content, tree)
                )
                return tree
            if answer is not None and answer.is_client_error:
                code = answer.json().get("code", "")
                if code not in _TRY_AGAIN:
                    self.journal.refusals.append(f"{path} {answer.status_code} {answer.text[:500]}")
                    raise Refused(self.journal.refusals[-1])
            if time.monotonic() > deadline:
                raise Refused(f"{path}: no answer for {_SECONDS_TO_GIVE_UP} s")
            await asyncio.sleep(min(0.05 * 2**attempt, 0.5))
        raise AssertionError

    async def repeat(self, one: Acknowledged) -> httpx2.Response | None:
        """The same request under the same key once more."""
        return await self._sent(one.login, one.path, one.key, one.body)

    async def read(self, login: str, path: str) -> dict[str, Any]:
        """What stands at an address."""
        answer = await self.http.get(f"/api/v1{path}", headers=self._headers(login))
        tree: dict[str, Any] = answer.json()
        return tree

    async def _sent(self, login: str, path: str, key: UUID, body: dict[str, Any]) -> httpx2.Response | None:
        headers = {**self._headers(login), "Idempotency-Key": str(key)}
        try:
            answer = await self.http.post(f"/api/v1{path}", json=body, headers=headers)
        except httpx2.TransportError as error:
            self.journal.statuses[type(error).__name__] += 1
            return None
        told = answer.json().get("code", "") if answer.is_error else ""
        self.journal.statuses[f"{answer.status_code} {told}".strip()] += 1
        return answer

    def _headers(self, login: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens[login]}"}
