"""One custody event: the movement of mass it states goes into the ledger and the event into the log, under one id.

Every use case of containers and manifests records through here, so that no state change is without its leaf, and the
leaf carries the very postings that were made.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.ids import new_id
from wastetrack.ledger.model import Entry
from wastetrack.ledger.posting import post
from wastetrack.transparency.appending import Appended, append
from wastetrack.transparency.leaf import Event
from wastetrack.transparency.queries import openings


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a thing happened and when we learnt it; offline scans and back-entries make the two differ."""

    happened_at: datetime
    recorded_at: datetime


OWN_WORDS = frozenset({"answer", "opinion", "reason", "reasons"})
"""Facts that are free text."""


async def said(session: ReadSession, event_ids: Iterable[UUID]) -> dict[UUID, dict[str, object]]:
    """What people wrote in their own words, by event, as far as it has not been erased. Who may see the events is the
    caller's rule."""
    return {
        event_id: {name: words for name, words in json.loads(opening.body).items() if name in OWN_WORDS}
        for event_id, opening in (await openings(session, event_ids)).items()
    }


async def record(
    session: WriteSession,
    actor: Actor,
    kind: str,
    *,
    subjects: tuple[UUID, ...],
    moment: Moment,
    facts: dict[str, Any],
    entry: Entry | None = None,
    posted: Entry | None = None,
    event_id: UUID | None = None,
) -> Appended:
    """Post the entry, if any, and append the event to the log; both or neither. `posted` is an entry that stands in the
    ledger already under `event_id` (a reversal): the event states it and does not post it again.

    `facts` hold codes, grams, ids and words of the domain, no floats. Leaves are for ever, so who signed, and what
    people wrote in their own words (it may name somebody), stand in the leaf only as a salted digest, and in clear
    where they can be erased.
    """
    identity = event_id or new_id()
    if entry is not None:
        await post(session, entry, entry_id=identity, happened_at=moment.happened_at, at=moment.recorded_at)
    stated = entry or posted
    said = {name: facts[name] for name in sorted(OWN_WORDS & facts.keys()) if facts[name]}
    kept = {name: fact for name, fact in facts.items() if name not in OWN_WORDS}
    if actor.delegate_of is not None:
        kept["delegate_of"] = str(actor.delegate_of)
    event = Event(
        id=identity,
        kind=kind,
        subjects=subjects,
        happened_at=moment.happened_at,
        recorded_at=moment.recorded_at,
        facts={**kept, "organisation": str(actor.organisation_id), "role": actor.role.value},
        postings=stated.lines() if stated is not None else (),
        personal={"person": str(actor.person_id), "name": actor.person_name, **said},
    )
    return await append(session, event)
