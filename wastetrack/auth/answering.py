"""Requests already answered: the caller's id is the key, and repeating a request is harmless.

A POST first takes its key, in the same transaction as everything it does. A second one with the same key waits at
that row until the first has committed, and then finds the stored answer; if the first is rolled back, nothing has
happened and the second does the work. So a refusal is never stored, and an acknowledged effect always is.
Needs READ COMMITTED: the waiting statement must see what has been committed while it waited.
"""

import dataclasses
import json
from datetime import datetime
from uuid import UUID

from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Conflict, RuleBroken

_TAKE = """
insert into answered_requests (key, membership_id, method, path, body_hash, created_at)
values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning true
"""
_FIND = """
select method, path, body_hash, status, headers::text, answer
from answered_requests where key = $1 and membership_id = $2
"""
_ANSWER = """
update answered_requests set status = $3, headers = $4::text::jsonb, answer = $5 where key = $1 and membership_id = $2
"""
# Of all members, by a job that is nobody: a function, because each sees his own answers only.
_FORGET = "select forget_answers($1)"


@dataclasses.dataclass(frozen=True, slots=True)
class RequestKey:
    """One POST of one member, and what it asked."""

    key: UUID
    membership_id: UUID
    method: str
    path: str
    body_hash: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What was said, to be said again."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


async def take(session: WriteSession, request: RequestKey, *, at: datetime) -> Answer | None:
    """Take the key, or give the answer stored under it. Waits while another holds it.

    Raises RuleBroken where the same key came with another request.
    """
    driver = await session.driver()
    taken = await driver.fetchval(
        _TAKE, request.key, request.membership_id, request.method, request.path, request.body_hash, at
    )
    if taken:
        return None
    row = await driver.fetchrow(_FIND, request.key, request.membership_id)
    if row is None or row["status"] is None:
        # Swept away in this very moment, or committed without an answer by a program older than this table.
        raise in_flight()
    if (row["method"], row["path"], row["body_hash"]) != (request.method, request.path, request.body_hash):
        raise RuleBroken(
            (
                Broken(
                    "idempotency_key",
                    "key_reused",
                    "This key was already used for another request.",
                    str(request.key),
                    next_step="Open the form again, or send the new request under a new key.",
                ),
            )
        )
    headers = tuple((name, value) for name, value in json.loads(row["headers"]))
    return Answer(row["status"], headers, row["answer"])


def in_flight() -> Conflict:
    """The refusal of a request whose twin is being worked on."""
    return Conflict("request_in_flight", "The same request is still being worked on. Try again in a moment.")


async def is_answered(session: ReadSession, request: RequestKey) -> bool:
    """Whether the answer to exactly this request is stored."""
    row = await (await session.driver()).fetchrow(_FIND, request.key, request.membership_id)
    same = (request.method, request.path, request.body_hash)
    return row is not None and row["status"] is not None and (row["method"], row["path"], row["body_hash"]) == same


async def store(session: WriteSession, request: RequestKey, answer: Answer) -> None:
    """Keep the answer, in the transaction of its effects."""
    driver = await session.driver()
    headers = json.dumps([list(pair) for pair in answer.headers])
    await driver.execute(_ANSWER, request.key, request.membership_id, answer.status, headers, answer.body)


async def forget(session: WriteSession, *, before: datetime) -> None:
    """Drop keys older than the time for which we promise to remember; for the nightly job."""
    driver = await session.driver()
    await driver.execute(_FORGET, before)
