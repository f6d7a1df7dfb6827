"""One custody event: the movement of mass it states goes into the ledger and the event into the log, under one id.

Every use case of containers and manifests records through here, so that no state change is without its leaf, and the
leaf carries the very postings that were made.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.containers.statements import Signing, Statement, Words
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.ids import new_id
from wastetrack.ledger.model import Entry
from wastetrack.ledger.posting import post, post_many
from wastetrack.transparency.appending import Appended, append, append_all, new_salt
from wastetrack.transparency.leaf import SIGNED, Event, leaf_of, personal_bytes, statement_of
from wastetrack.transparency.queries import openings

Recorded = Appended
"""What `record` gives back, under the name by which further rooms know it; the way into the log stays this file's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a thing happened and when we learnt it; offline scans and back-entries make the two differ."""

    happened_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What turns a record into one that somebody signs: how, what he read, and what the server alone adds."""

    signing: Signing
    words: Words
    given: dict[str, Any] = field(default_factory=dict)


OWN_WORDS = frozenset(
    {"answer", "carrier_handler", "handler", "opinion", "reason", "reasons", "taken_by", "taken_on", "taken_with"}
)
"""Facts that are free text, or the name of somebody."""


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
    signed: Signed | None = None,
) -> Appended:
    """Post the entry, if any, and append the event to the log; both or neither. `posted` is an entry that stands in the
    ledger already under `event_id` (a reversal): the event states it and does not post it again.

    `facts` hold codes, grams, ids and words of the domain, no floats. Leaves are for ever, so who signed, and what
    people wrote in their own words (it may name somebody), stand in the leaf only as a salted digest, and in clear
    where they can be erased. `signed` asks the signer for his evidence over exactly this.
    """
    identity = event_id or new_id()
    if entry is not None:
        await post(session, entry, entry_id=identity, happened_at=moment.happened_at, at=moment.recorded_at)
    happening = Happening(id=identity, subjects=subjects, facts=facts, entry=entry or posted)
    event = _event(actor, kind, happening, moment)
    return await append(session, event) if signed is None else await _append_signed(session, event, signed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One of several events of one kind and moment: what it is about, what it says, which mass it moves."""

    subjects: tuple[UUID, ...]
    facts: dict[str, Any]
    entry: Entry | None = None
    id: UUID = field(default_factory=new_id)


async def record_many(
    session: WriteSession, actor: Actor, kind: str, happenings: Sequence[Happening], *, moment: Moment
) -> tuple[Recorded, ...]:
    """The same for many things that happen at once: each has its own entry and its own event under one id, all are
    written in two statements."""
    entries = [(one.id, one.entry) for one in happenings if one.entry is not None]
    if entries:
        await post_many(session, entries, happened_at=moment.happened_at, at=moment.recorded_at)
    return await append_all(session, [_event(actor, kind, one, moment) for one in happenings])


def _event(actor: Actor, kind: str, happening: Happening, moment: Moment) -> Event:
    facts, stated = happening.facts, happening.entry
    said = {name: facts[name] for name in sorted(OWN_WORDS & facts.keys()) if facts[name]}
    kept = {name: fact for name, fact in facts.items() if name not in OWN_WORDS}
    if actor.delegate_of is not None:
        kept["delegate_of"] = str(actor.delegate_of)
    return Event(
        id=happening.id,
        kind=kind,
        subjects=happening.subjects,
        happened_at=moment.happened_at,
        recorded_at=moment.recorded_at,
        facts={**kept, "organisation": str(actor.organisation_id), "role": actor.role.value},
        postings=stated.lines() if stated is not None else (),
        personal={"person": str(actor.person_id), "name": actor.person_name, **said},
    )


async def _append_signed(session: WriteSession, event: Event, signed: Signed) -> Appended:
    signing = signed.signing
    facts: dict[str, object] = {**event.facts, "words_sha256": words_digest(signed.words)}
    if signing.through is not None:
        facts["device_of"] = str(signing.through)
    salt = signing.salt or new_salt()
    event = replace(event, v=SIGNED, facts=facts, given=signed.given)
    statement = Statement(
        content=statement_of(leaf_of(event, salt=salt)),
        event_id=event.id,
        salt=salt,
        happened_at=event.happened_at,
        words=signed.words,
    )
    return await append(session, replace(event, evidence=await signing.seal(statement)), salt=salt)


def words_digest(words: Words) -> str:
    """What the leaf says of the words that the signer read: SHA-256 over their canonical form."""
    return sha256(personal_bytes(dict(words))).hexdigest()
