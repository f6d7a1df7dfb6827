"""Lists in pages by key: stable while rows are added, and as fast on the last page as on the first.

A list is ordered by a key that never changes and ends in the id. A page tells the next one's address in a `Link` header
(RFC 8288) and in `next`. The cursor is the last row's key; callers pass it back and do not look inside.
"""

import base64
import binascii
import dataclasses
import json
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from starlette.requests import Request

from wastetrack.errors import Malformed

LARGEST_PAGE = 200
_LONGEST_CURSOR = 500

Row = TypeVar("Row")
Key = tuple[str | int, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Paging:
    """Which page is asked for: rows after a key, so many."""

    limit: int
    after: Key | None
    request: Request

    @property
    def fetch(self) -> int:
        """How many rows to ask the database for: one more than shown tells whether there is a next page."""
        return self.limit + 1

    def following(self, rows: Sequence[Row], key: Callable[[Row], Key]) -> str | None:
        """The address of the page after this one; None on the last."""
        if len(rows) <= self.limit:
            return None
        url = self.request.url.include_query_params(cursor=encode(key(rows[self.limit - 1])), limit=self.limit)
        return f"{url.path}?{url.query}"

    def links(self, following: str | None) -> dict[str, str]:
        """The header that tells it."""
        return {} if following is None else {"Link": f'<{following}>; rel="next"'}


def encode(key: Key) -> str:
    """A key as an opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")


def decode(cursor: str) -> Key:
    """The key in a cursor. Raises Malformed for one we did not make."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        key = None
    if not isinstance(key, list) or not key or not all(isinstance(part, str | int) for part in key):
        raise Malformed("cursor_unreadable", "This cursor is not one that a list gave out.")
    return tuple(key)


async def _paging(  # a plain function would run in a thread of its own
    request: Request,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Rows per page")] = 50,
    cursor: Annotated[
        str | None, Query(max_length=_LONGEST_CURSOR, description="From the Link of the last page")
    ] = None,
) -> Paging:
    return Paging(limit, None if cursor is None else decode(cursor), request)


Paged = Annotated[Paging, Depends(_paging)]
"""What a list's handler asks for: `paging: Paged`."""


def uuid_before(paging: Paging) -> UUID | None:
    """The id after which the page begins, for lists ordered by id alone. Raises Malformed for another list's cursor."""
    if paging.after is None:
        return None
    try:
        (text,) = paging.after
        return UUID(str(text))
    except ValueError:
        raise Malformed("cursor_unreadable", "This cursor is not one that a list gave out.") from None
