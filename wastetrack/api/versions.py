"""Which version of a thing the caller has seen, so that nobody signs or changes what somebody else has just changed."""

from typing import Annotated

from fastapi import Header

from wastetrack.errors import Malformed

_MOST_DIGITS = 9

IfMatch = Annotated[str | None, Header(max_length=40, description="The ETag under which you have read it")]


def etag(version: int) -> dict[str, str]:
    """The header that tells which version this is."""
    return {"ETag": f'"{version}"'}


def version_seen(version: int | None, if_match: str | None) -> int | None:
    """The version as the body says it or as the entity tag does. Raises Malformed for a strange tag."""
    if if_match is None or version is not None:
        return version
    tag = if_match.strip().removeprefix("W/").strip('"')
    if not (tag.isascii() and tag.isdigit() and len(tag) <= _MOST_DIGITS):
        message = "If-Match carries the ETag under which the manifest was read, not {value}."
        raise Malformed("etag_unreadable", message, value=if_match)
    return int(tag)
