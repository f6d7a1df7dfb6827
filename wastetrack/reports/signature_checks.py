"""Who signed the events of an audit bundle, as far as a third party can tell: looked at event by event, in their order.

A key counts from the event that states its enrolment until the one that states its end, both in the log. So a key that
the server made up afterwards, or put in another's place, does not pass.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wastetrack.reports.bundle_checks import refuse_shape
from wastetrack.transparency.evidence import EvidenceKind, Shown, SigningKey, examine
from wastetrack.transparency.leaf import SIGNED, Leaf, statement_of

if TYPE_CHECKING:
    from uuid import UUID

ENROLLED = "signing_key_enrolled"
REVOKED = "signing_key_revoked"
BRINGS = "followed_by"
"""What the server adds to a signed event: the ids of the events that it brings about."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence on who signed an event, with its facts."""

    message: str
    facts: dict[str, object]


class SignatureChecks:
    """Checks the evidence of one event after the other; keys and signed events are kept from the last."""

    def __init__(self) -> None:
        self._enrolled: dict[UUID, SigningKey] = {}
        self._revoked: set[UUID] = set()
        self._signed: dict[UUID, Leaf] = {}
        self._all: set[UUID] = set()

    def check(self, leaf: Leaf) -> Finding | None:
        """What evidence shows of this event; None for one that the server reports by itself. Raises BundleRefused,
        EvidenceRefused."""
        self._all.add(leaf.id)
        if leaf.kind == ENROLLED:
            self._enrol(leaf)
        elif leaf.kind == REVOKED:
            self._revoked.update(leaf.subjects)
        if leaf.v != SIGNED:
            return None
        if leaf.evidence is None:
            refuse_shape("bundle.unsigned", "The event is of a kind that is signed, and bears no evidence.")
        shown = examine(leaf.evidence, statement_of(leaf))
        self._signed[leaf.id] = leaf
        if shown.event is not None:
            return self._followed(leaf, shown.event)
        return self._by_key(shown, shown.key) if shown.key is not None else _by_word(shown)

    def _enrol(self, leaf: Leaf) -> None:
        facts = leaf.facts
        rp_id = facts.get("rp_id")
        try:
            (key_id,) = leaf.subjects
        except ValueError:
            refuse_shape("bundle.key_enrolled", "The enrolment of a key names that key and nothing else.")
        if key_id in self._enrolled:
            refuse_shape("bundle.key_enrolled", "The key {key} is enrolled a second time.", key=str(key_id))
        self._enrolled[key_id] = SigningKey(
            key_id, str(facts.get("public_key")), str(facts.get("algorithm")), None if rp_id is None else str(rp_id)
        )

    def _by_key(self, shown: Shown, key: SigningKey) -> Finding:
        enrolled = self._enrolled.get(key.id)
        if enrolled is None:
            message = "No event before this one states that the key {key} was enrolled."
            refuse_shape("bundle.key_unknown", message, key=str(key.id))
        if enrolled != key:
            message = "The key {key} is not the one that was enrolled under this name."
            refuse_shape("bundle.key_differs", message, key=str(key.id))
        if key.id in self._revoked:
            refuse_shape("bundle.key_revoked", "The key {key} was revoked before this event.", key=str(key.id))
        facts: dict[str, object] = {"kind": shown.kind.value, "key": str(key.id), "algorithm": key.algorithm}
        return Finding("Signed with the {kind} {key} ({algorithm}); the signature holds.", facts)

    def _followed(self, leaf: Leaf, event_id: "UUID") -> Finding:
        facts: dict[str, object] = {"event": str(event_id)}
        if event_id not in self._all:
            return Finding("Brought about by event {event}, which is not in this bundle.", facts)
        cause = self._signed.get(event_id)
        brings = None if cause is None else cause.given.get(BRINGS)
        if not isinstance(brings, list) or str(leaf.id) not in brings:
            refuse_shape("bundle.not_followed", "The event {event} does not bring this one about.", **facts)
        return Finding("Brought about by the signed event {event}.", facts)


def _by_word(shown: Shown) -> Finding:
    message = "Signed with a {kind}: for this stands the server's word alone."
    if shown.kind is EvidenceKind.DRIVER_LINK:
        message = "Signed by a driver through a link given for this one trip: for this stands the server's word alone."
    return Finding(message, {"kind": shown.kind.value})
