"""How a list is shown to a person: its order, the columns that he wants to see, the filters that he has saved.

    COLUMNS = (
        Column("code", message("Digital code"), always=True),
        Column("net", message("Net mass"), "number", sortable=True),
        Column("packaging", message("Packaging"), extra=True),       # only where it was chosen
    )

    kept = await searches.kept(work.session, work.actor, page.path)
    view = ListView(page, COLUMNS, kept, usual="-net")
    rows = await queries.page(…, order=view.sort, descending=view.descending)

The template gives `view` to shown.filter_bar, shown.data_table and shown.data_cell. Only names of COLUMNS that are
sortable are ever an order, so that `view.sort` may be looked up in the query's table of columns.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from wastetrack.reports.tabular import Cell
from wastetrack.searches.model import Kept
from wastetrack.web.rendering import Page

_NOT_A_FILTER = frozenset({"lang", "theme", "after", "before", "day_after", "place", "key", "file"})
"""What an address says besides: language, light and dark, where the next page of a list begins, whether as a file."""
SORT = "sort"
NOTHING_KEPT = Kept()


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """A column of a list; `title` is a message id, `kind` its class (`number`, `mass`, `code`, `day` or none).

    A list that is declared (web/listings.py) also says what a row has there, where that leads and how it is drawn.
    """

    name: str
    title: str
    kind: str = ""
    sortable: bool = dataclasses.field(default=False, kw_only=True)
    always: bool = dataclasses.field(default=False, kw_only=True)
    """Cannot be hidden: what the row is called by."""
    extra: bool = dataclasses.field(default=False, kw_only=True)
    """Is not shown unless it was chosen."""
    of: Callable[[Any], Cell] | None = dataclasses.field(default=None, kw_only=True)
    """What a row has there: on the page and in a file."""
    link: Callable[[Any], str] | None = dataclasses.field(default=None, kw_only=True)
    """Where it leads; empty: nowhere."""
    badge: Callable[[Any], str] | None = dataclasses.field(default=None, kw_only=True)
    """Drawn as a badge of this kind."""
    under: Callable[[Any], Cell] | None = dataclasses.field(default=None, kw_only=True)
    """What is said besides, on the page only."""

    def value(self, row: Any) -> Cell:  # noqa: ANN401  whatever the list lists
        """What a row has there."""
        assert self.of is not None, f"the column {self.name} does not say what a row has there"  # noqa: S101
        return self.of(row)

    @property
    def css(self) -> str:
        """Masses stand as numbers do, days as words."""
        return {"mass": "number", "day": ""}.get(self.kind, self.kind)


class ListView:
    """One list in one request. `usual` is its order where none is asked for; a minus is the other way round. `path` is
    given where the list stands on the page of a form, whose refusal has another address."""

    def __init__(
        self,
        page: Page,
        columns: Sequence[Column],
        kept: Kept = NOTHING_KEPT,
        *,
        usual: str = "",
        keeps: bool = True,
        path: str = "",
    ) -> None:
        self._page = page
        self.path = path or page.path
        self.name = self.path.strip("/").replace("/", "-") or "list"
        self.all_columns = tuple(columns)
        self.kept = kept
        self.keeps = keeps and page.actor is not None
        self._by_name = {column.name: column for column in columns}
        asked = page.request.query_params.get(SORT, "")
        self.sort_given = asked if self._is_order(asked) else ""
        order = self.sort_given or usual
        self.sort = order.removeprefix("-")
        self.descending = order.startswith("-")
        self.query = query_of(page.request.url.query)
        self.is_filtered = any(value for name, value in parse_qsl(self.query) if name != SORT)
        self.is_saved = any(search.query == self.query for search in kept.searches)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Those to show, in the list's own order."""
        return tuple(column for column in self.all_columns if self.has(column.name))

    def column(self, name: str) -> Column:
        """By its name. Raises KeyError: a template must not name one that is not there."""
        return self._by_name[name]

    def has(self, name: str) -> bool:
        """Whether a column is shown."""
        column = self._by_name[name]
        chosen = self.kept.columns
        return column.always or (name in chosen if chosen is not None else not column.extra)

    def aria_sort(self, name: str) -> str:
        """The order by a column, for who cannot see the arrow."""
        if name != self.sort:
            return "none"
        return "descending" if self.descending else "ascending"

    def arrow(self, name: str) -> str:
        """The same as a sign."""
        if name != self.sort:
            return "↕"
        return "↓" if self.descending else "↑"

    def sort_address(self, name: str) -> str:
        """Where the list stands in the order of a column; where it does already, the other way round."""
        wanted = f"-{name}" if name == self.sort and not self.descending else name
        forgotten: dict[str, object] = dict.fromkeys(_NOT_A_FILTER)
        return self.here(**forgotten, **{SORT: wanted})

    def here(self, **changed: object) -> str:
        """The list's address with some values of its query changed (None: removed); a form on its page that was
        refused has another address than the list."""
        return self._page.here(**changed).replace(self._page.path, self.path, 1)

    def _is_order(self, asked: str) -> bool:
        column = self._by_name.get(asked.removeprefix("-"))
        return column is not None and column.sortable


def query_of(query: str) -> str:
    """The filters and the order of an address, without empty fields and without what is no filter, in one spelling."""
    pairs = [(name, value) for name, value in parse_qsl(query) if value and name not in _NOT_A_FILTER]
    return urlencode(sorted(pairs))
