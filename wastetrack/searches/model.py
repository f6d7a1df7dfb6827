"""Kept lists: a saved search is a list's address with its filters, under a name of the person's own."""

import dataclasses
import re
from uuid import UUID

from wastetrack.errors import Broken
from wastetrack.i18n import message

LONGEST_NAME = 60
LONGEST_QUERY = 2000
MOST_COLUMNS = 60
MOST_PER_LIST = 30
"""More names than that are no longer found faster than the things themselves."""
_LIST = re.compile(r"(/[a-z0-9-]+){1,6}")
_COLUMN = re.compile(r"[a-z0-9_]{1,40}")


@dataclasses.dataclass(frozen=True, slots=True)
class SavedSearch:
    """Filters of a list (`page`, its path; `query`, what stands behind the question mark) under a name."""

    id: UUID
    page: str
    name: str
    query: str

    @property
    def address(self) -> str:
        """Where it leads."""
        return f"{self.page}?{self.query}" if self.query else self.page


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """What a person keeps of one list."""

    searches: tuple[SavedSearch, ...] = ()
    columns: tuple[str, ...] | None = None
    """The columns to show; None for those that the list shows by itself."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SaveSearch:
    """Keep these filters of this list under this name; the same name once more means these filters from now on."""

    page: str
    name: str
    query: str


def broken_page(page: str) -> list[Broken]:
    """Whether this can be a list of ours."""
    if _LIST.fullmatch(page):
        return []
    step = message("Save it from the page of the list.")
    return [Broken("page", "page_unknown", message("There is no such list."), page, next_step=step)]


def broken_name(name: str) -> list[Broken]:
    """A name that can be read in a row of others."""
    if not name.strip():
        step = message("Write what it shows, in a few words.")
        return [Broken("name", "missing", message("This is needed."), next_step=step)]
    if len(name) > LONGEST_NAME:
        said = message("This may have at most {max_length} characters.")
        return [
            Broken("name", "string_too_long", said, name, next_step="Shorten it.", facts={"max_length": LONGEST_NAME})
        ]
    return []


def broken_query(query: str) -> list[Broken]:
    """Filters as an address has them."""
    if len(query) <= LONGEST_QUERY:
        return []
    said = message("This may have at most {max_length} characters.")
    facts: dict[str, object] = {"max_length": LONGEST_QUERY}
    return [Broken("query", "string_too_long", said, next_step=message("Use fewer filters."), facts=facts)]


def broken_columns(columns: tuple[str, ...]) -> list[Broken]:
    """Names of columns."""
    if len(columns) <= MOST_COLUMNS and all(_COLUMN.fullmatch(column) for column in columns):
        return []
    step = message("Choose them on the page of the list.")
    return [Broken("columns", "columns_unknown", message("These are no columns of a list."), next_step=step)]
