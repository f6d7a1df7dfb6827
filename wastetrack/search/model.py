"""What is looked for, and what kinds of things are found."""

import dataclasses
import unicodedata
from enum import StrEnum
from uuid import UUID

FEWEST_LETTERS = 3
"""Of letters and digits; of Chinese characters two are enough."""


class FoundKind(StrEnum):
    """What a hit is. The first six stand in the table, the others in lists that are at hand anyway."""

    MANIFEST = "manifest"
    """A manifest by its number or by the plate of a vehicle that carries it."""
    CONTAINER = "container"
    """A container by its digital code."""
    ORGANISATION = "organisation"
    """A firm or an authority by name, initials, credit code or address."""
    SITE = "site"
    """A site by name, initials or address."""
    VEHICLE = "vehicle"
    """A vehicle by its plate."""
    PERMIT = "permit"
    """A permit by its number."""
    WASTE = "waste"
    """A waste code by digits, words or initials."""
    PERSON = "person"
    """A colleague by name or login."""
    REGION = "region"
    """A county, prefecture or province by name, initials or code."""


KEPT = (
    FoundKind.MANIFEST,
    FoundKind.CONTAINER,
    FoundKind.ORGANISATION,
    FoundKind.SITE,
    FoundKind.VEHICLE,
    FoundKind.PERMIT,
)
"""Those that stand in the table."""


@dataclasses.dataclass(frozen=True, slots=True)
class Match:
    """A thing that was found, and how many of its kind there are."""

    kind: FoundKind
    subject_id: UUID
    total: int


def words_of(text: str) -> tuple[str, ...]:
    """What was typed, word by word: each has to be found. A full-width space parts words too."""
    return tuple(unicodedata.normalize("NFKC", text).split())


def long_enough(text: str) -> bool:
    """Whether there is enough to look for: two neighbours of which one is Chinese, or three letters and digits."""
    return any(_piece_in(word) for word in words_of(text))


def _piece_in(word: str) -> bool:
    kept = "".join(mark for mark in word if mark.isalnum())
    return len(kept) >= FEWEST_LETTERS or (len(kept) == FEWEST_LETTERS - 1 and not kept.isascii())
