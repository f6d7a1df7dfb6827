"""A look: somebody who is no party to a thing has been shown it."""

import dataclasses
from enum import StrEnum
from uuid import UUID


class LookKind(StrEnum):
    """What was shown. The value stands in the record and does not change."""

    MANIFEST = "manifest"
    """A manifest, its history or its printed form."""
    CONTAINER = "container"
    """A container, its history or its label."""
    LEDGER = "ledger"
    """The books of a site or of a manifest."""
    EVENT = "event"
    """An event of the log, its receipt or its proof."""
    BUNDLE = "bundle"
    """A manifest's audit bundle, taken away."""
    PERSONAL = "personal"
    """The same with the names of who acted."""
    PEOPLE = "people"
    """The people of an organisation."""
    FLEET = "fleet"
    """Vehicles and drivers of a carrier."""
    STORES = "stores"
    """The storage areas of a site."""
    SEARCH = "search"
    """A list, with what was asked for."""
    LOOKS = "looks"
    """The record of looks itself."""


class Why(StrEnum):
    """Why an authority looks, where the rule asks."""

    ROUTINE_INSPECTION = "routine_inspection"
    """A planned inspection."""
    COMPLAINT = "complaint"
    """Somebody complained."""
    CASE = "case"
    """An open case; such looks are not shown to whom they concern."""
    STATISTICS = "statistics"
    """Figures over many."""
    OTHER = "other"
    """Anything else, told in words."""


class Channel(StrEnum):
    """How it was shown."""

    PAGE = "page"
    """In a browser."""
    API = "api"
    """To a program."""
    BUNDLE = "bundle"
    """As a file that proves itself elsewhere."""


ASKED_WHY = frozenset({LookKind.BUNDLE, LookKind.PERSONAL})
"""What an authority gives a reason for: taking evidence away, and names."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One thing that one answer showed; `subject_id` is None for lists."""

    kind: LookKind
    subject_id: UUID | None = None
    terms: str = ""
    """What was asked for, in lists."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """The why-code and, for `other`, its words."""

    why: Why
    words: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """How a look came about: by which door, in which request, under which sign-in."""

    channel: Channel
    request_id: str
    session: bytes
    """Names a sign-in or token without giving it."""
    delegate_of: UUID | None = None
    """The consultant's organisation, where somebody acts for a client."""
