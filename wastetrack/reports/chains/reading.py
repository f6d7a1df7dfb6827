"""Events of the log as a chain needs them, from the bytes that were hashed."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from wastetrack.reports.chains.model import Event, StepSign

_SIGNS = {"totp": StepSign.TOTP, "follows": StepSign.FOLLOWS}


def event_of(content: bytes, *, leaf_hash: bytes, log_index: int | None) -> Event:
    """One event. The bytes are those that the log holds, whose form was looked at when they came in."""
    tree = json.loads(content)
    evidence = tree.get("evidence")
    return Event(
        id=UUID(tree["id"]),
        kind=tree["kind"],
        subjects=tuple(map(UUID, tree["subjects"])),
        happened_at=datetime.fromisoformat(tree["happened_at"]),
        recorded_at=datetime.fromisoformat(tree["recorded_at"]),
        facts={**tree["facts"], **tree.get("given", {})},
        postings=tuple((one["account"], one["code"], one["g"]) for one in tree["postings"]),
        sign=_SIGNS.get(evidence["kind"]) or StepSign(evidence["kind"]) if evidence else StepSign.RECORDED,
        log_index=log_index,
        hash=leaf_hash,
        content=content,
    )


def known_on(events: Iterable[Event], until: datetime | None) -> list[Event]:
    """Those that had been recorded by then; all of them without a limit."""
    return [event for event in events if until is None or event.recorded_at <= until]


def text(facts: Mapping[str, object], name: str) -> str:
    """A fact as text; empty where it is not stated."""
    found = facts.get(name)
    return "" if found is None else str(found)


def grams(facts: Mapping[str, object], name: str) -> int | None:
    """A fact in grams."""
    found = facts.get(name)
    return found if type(found) is int else None


def rows(facts: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    """A list of objects; empty where it is not stated."""
    found = facts.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def ids(facts: Mapping[str, object], name: str) -> list[UUID]:
    """A list of identifiers."""
    found = facts.get(name)
    return [UUID(str(one)) for one in found] if isinstance(found, list) else []
