"""Whose looks are recorded, and which of them need a reason."""

from uuid import UUID

from wastetrack.auth.model import PLATFORM_VIEWER, Actor
from wastetrack.errors import Broken
from wastetrack.looks.model import ASKED_WHY, Look, LookKind, Reason, Why

LONGEST_WORDS = 500
_CHOICES = ", ".join(Why)


def is_recorded(actor: Actor, kind: LookKind) -> bool:
    """Authorities, the platform's operator, and delegates look at what is not their own; a firm looks at its own.

    The record itself is only ever shown to whom it concerns, and the operator is shown nothing of the business.
    """
    if kind is LookKind.LOOKS:
        return False
    if actor.viewer == PLATFORM_VIEWER:
        return kind in _OPERATOR_SEES
    return actor.is_regulator or delegate_of(actor) is not None


_OPERATOR_SEES = frozenset({LookKind.PEOPLE})


def delegate_of(actor: Actor) -> UUID | None:
    """The organisation of somebody who acts for a client."""
    found: UUID | None = getattr(actor, "delegate_of", None)
    return found


def needs_reason(actor: Actor, look: Look) -> bool:
    """Authorities say why they take evidence or names; ordinary looks in the region are recorded without a reason."""
    return actor.is_regulator and look.kind in ASKED_WHY


def read_reason(why: str, words: str) -> Reason | list[Broken]:
    """The reason as it was given, or what is wrong with it."""
    told = words.strip()
    if why not in set(Why):
        return [
            Broken(
                "why",
                "why_missing",
                "Say why you look: this shows evidence or names of persons, and the look is recorded with its reason.",
                why or None,
                next_step="Send one of {choices} as why; with other, say in words what for.",
                facts={"choices": _CHOICES},
            )
        ]
    if len(told) > LONGEST_WORDS:
        step = "Shorten it."
        return [
            Broken(
                "words",
                "string_too_long",
                "This may have at most {max_length} characters.",
                next_step=step,
                facts={"max_length": LONGEST_WORDS},
            )
        ]
    if why == Why.OTHER and not told:
        return [Broken("words", "words_missing", "Say in words what for.", next_step="Write one sentence.")]
    return Reason(why=Why(why), words=told)
