"""The history of a thing, as every room that has one shows it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.responses import Response

from wastetrack.api.fields import json_answer
from wastetrack.api.schemas import Shown
from wastetrack.containers.recording import said
from wastetrack.db.session import ReadSession
from wastetrack.transparency import queries
from wastetrack.transparency.leaf import write_instant
from wastetrack.transparency.queries import StoredLeaf


class PostingShown(Shown):
    """So many grams onto an account; debit positive."""

    account: str
    code: str
    g: int


class EventShown(Shown):
    """One event of the log. `words` are its signer's own and can be erased. `log_index` is null until the sequencer has
    placed it, at most a second later."""

    event_id: UUID
    kind: str
    happened_at: datetime
    recorded_at: datetime
    log_index: int | None
    leaf_hash: str
    subjects: list[UUID]
    facts: dict[str, Any]
    words: dict[str, Any]
    postings: list[PostingShown]


class HistoryShown(Shown):
    """Events in the order in which they were recorded."""

    events: list[EventShown]


async def history_answer(session: ReadSession, subject_id: UUID) -> Response:
    """The history of a thing that the caller has found the actor to see."""
    events = await queries.leaves_of(session, subject_id)
    words = await said(session, [stored.leaf.id for stored in events])
    return json_answer({"events": [event(stored, words.get(stored.leaf.id, {})) for stored in events]})


def event(stored: StoredLeaf, words: Mapping[str, Any]) -> dict[str, Any]:
    """One event as EventShown says."""
    leaf = stored.leaf
    return {
        "event_id": str(leaf.id),
        "kind": leaf.kind,
        "happened_at": write_instant(leaf.happened_at),
        "recorded_at": write_instant(leaf.recorded_at),
        "log_index": stored.log_index,
        "leaf_hash": stored.hash.hex(),
        "subjects": [str(subject) for subject in leaf.subjects],
        "facts": leaf.told,
        "words": words,
        "postings": [
            {"account": posting.account, "code": posting.waste_code, "g": posting.amount_g} for posting in leaf.postings
        ],
    }
