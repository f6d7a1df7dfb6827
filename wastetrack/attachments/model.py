"""What may be attached, to what, and how much of it."""

import dataclasses
from enum import StrEnum
from uuid import UUID

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes of one file. A photograph of a phone has three to six million."""
MOST_PER_SUBJECT = 100
"""Files at one paper."""
LONGEST_NAME = 120


class MediaType(StrEnum):
    """The kinds of files that are kept: what a gate photographs, what an office scans, what a scale exports."""

    PDF = "application/pdf"
    """Only ever offered for download: what stands inside is not looked at in full."""
    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    CSV = "text/csv"


PICTURES = frozenset({MediaType.PNG, MediaType.JPEG, MediaType.WEBP})
"""Shown in the page itself: they were painted anew by us and hold nothing but their points."""

ENDINGS: dict[str, MediaType] = {
    "pdf": MediaType.PDF,
    "png": MediaType.PNG,
    "jpg": MediaType.JPEG,
    "jpeg": MediaType.JPEG,
    "webp": MediaType.WEBP,
    "xlsx": MediaType.XLSX,
    "csv": MediaType.CSV,
}
SAID_OF_ANYTHING = frozenset({"", "application/octet-stream"})
"""What a program says that does not know what it sends; then content and ending decide."""
OTHER_NAMES = {
    MediaType.CSV: frozenset({"text/csv", "application/csv", "text/plain", "application/vnd.ms-excel"}),
    MediaType.JPEG: frozenset({"image/jpeg", "image/jpg", "image/pjpeg"}),
}
"""What browsers and systems call the same thing; Windows with Excel says the last of a CSV."""


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """What a file stands beside: a kind of thing as sight knows it, and which."""

    kind: str
    id: UUID


@dataclasses.dataclass(frozen=True, slots=True)
class Offered:
    """A file as it came."""

    name: str
    declared: str
    content: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Examined:
    """A file as it is kept: pictures painted anew, everything else byte for byte."""

    name: str
    media_type: MediaType
    content: bytes = dataclasses.field(repr=False)
    sha256: str
    """Of `content`; its name in the store."""
    sent_sha256: str
    """Of the bytes as they came: whoever has the original can show that it is the same."""
