"""A list declared once: its columns, its filters, its usual order. What it is then able to do, it is able to do by this
file: a page of it, sorting, filtering, saved filters, the choice of columns, and the same rows as CSV or workbook.

    CONTRACTS = Listing(
        message("Contracts"),
        columns=(Column("number", message("Number"), sortable=True, always=True, of=lambda row: row.number, link=…), …),
        filters=(Filter("state", message("State"), ContractState),),
    )

    class Wanted(Asked):
        state: ContractState | None = None

    view = await CONTRACTS.view(page, work, wanted)
    rows = await queries.contracts(work.session, work.actor, view.window, state=wanted.state)
    return await view.answer("contracts/contracts.html", rows, may_file=…)

and in the template `{{ shown.listing(view, _("No contract yet."), …) }}`. A file has the rows of all pages, in the
columns that the person has chosen; it comes from the list's own address (`file=csv`), by the list's own rights.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal
from zoneinfo import ZoneInfo

from markupsafe import Markup
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from wastetrack import clock
from wastetrack.db.windows import Window
from wastetrack.errors import refuse_one
from wastetrack.i18n import label, message
from wastetrack.mass import Mass
from wastetrack.reports import tabular
from wastetrack.reports.figures import Words
from wastetrack.reports.tabular import Cell, Document, MassUnit, Sheet, named, said
from wastetrack.searches import queries as searches
from wastetrack.searches.model import Kept
from wastetrack.serving.deps import ReadWork
from wastetrack.serving.tables import csv_document_answer, workbook_answer
from wastetrack.web.custody_fields import Search
from wastetrack.web.list_views import Column, ListView
from wastetrack.web.rendering import Page, renderer_of
from wastetrack.web.shown_values import NOTHING, Shown, mass_shown

PER_PAGE = 50
MOST_IN_FILE = 20_000
"""Rows. Whoever needs more asks for a narrower list."""
_FARTHEST = 100_000
Options = Sequence[tuple[object, str]]


ALL = message("all")


class Asked(Search):
    """What every list may be asked; a list's own filters are added to it."""

    after: int = Field(0, ge=0, le=_FARTHEST)
    file: Literal["csv", "xlsx"] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Filter:
    """A field above the list, named as in its address. Choices are an enum, or given to `view` where they are found in
    the database; without any it is typed."""

    name: str
    title: str
    choices: type[StrEnum] | None = None
    kind: Literal["search", "text", "date", "choice"] = "text"
    unasked: str = ALL
    """What is listed where nothing is chosen; said in the place of the empty choice."""


@dataclasses.dataclass(frozen=True, slots=True)
class FilterField:
    """A filter in one request."""

    name: str
    title: str
    kind: str
    value: str
    options: Options | None
    unasked: str


@dataclasses.dataclass(frozen=True, slots=True)
class Listing:
    """A list. A column says what a row has there (`of`), or is drawn by the template alone and left out of files."""

    title: str
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    usual: str = ""
    per_page: int = PER_PAGE

    async def view(
        self,
        page: Page,
        work: ReadWork,
        asked: Asked | None = None,
        choices: Mapping[str, Options] | None = None,
        *,
        path: str = "",
    ) -> "ListedView":
        """The list in one request; one statement, for what the person keeps of it."""
        kept = await searches.kept(work.session, work.actor, path or page.path)
        return ListedView(page, self, kept, asked or Asked(), choices or {}, path)


class ListedView(ListView):
    """A list in one request, with its rows once they are read."""

    def __init__(  # noqa: PLR0917  made by Listing.view alone
        self, page: Page, listing: Listing, kept: Kept, asked: Asked, choices: Mapping[str, Options], path: str
    ) -> None:
        super().__init__(page, listing.columns, kept, usual=listing.usual, path=path)
        self.listing = listing
        self.file = asked.file
        self.after = asked.after
        self.rows: Sequence[Any] = ()
        self.previous: str | None = None
        self.following: str | None = None
        self._choices = choices
        self._shown = Shown(renderer_of(page.request).zone)
        self._now = clock.now()

    @property
    def window(self) -> Window:
        """What to read: one row more than is shown tells that there is more."""
        if self.file is not None:
            return Window(self.sort, self.descending, MOST_IN_FILE + 1)
        return Window(self.sort, self.descending, self.listing.per_page + 1, self.after)

    @property
    def filters(self) -> list[FilterField]:
        """The fields with what was asked."""
        asked = self._page.request.query_params
        return [
            FilterField(one.name, one.title, one.kind, asked.get(one.name, ""), self._options(one), one.unasked)
            for one in self.listing.filters
        ]

    @property
    def hides(self) -> bool:
        """Whether there may be more than is listed where nothing is chosen."""
        return any(one.unasked != ALL for one in self.listing.filters)

    @property
    def exports(self) -> list[tuple[str, str]]:
        """Where the whole list is as a file."""
        words = (("csv", message("As a table (CSV)")), ("xlsx", message("As a workbook (XLSX)")))
        return [(self._page.translate(title), self.here(after=None, file=kind)) for kind, title in words]

    async def answer(self, template: str, rows: Sequence[Any], **context: Any) -> Response:  # noqa: ANN401
        """The page, or the file where one is asked for."""
        if self.file is not None:
            return await self.saved(rows)
        most = self.listing.per_page
        self.rows = rows[:most]
        self.previous = self.here(after=None) if self.after else None
        self.following = self.here(after=self.after + most) if len(rows) > most else None
        return self._page.show(template, view=self, **context)

    async def saved(self, rows: Sequence[Any]) -> Response:
        """The file. Raises RuleBroken where the list is longer than a file may be."""
        if len(rows) > MOST_IN_FILE:
            refuse_one(
                "file",
                "list_too_long",
                message("A file holds at most {most} rows, and this list is longer."),
                next_step=message("Narrow it by its filters and take it in parts."),
                facts={"most": MOST_IN_FILE},
            )
        document = await run_in_threadpool(self._document, rows)
        if self.file == "csv":
            return csv_document_answer(document, self.name, self._page.locale)
        return await workbook_answer(document, self.name, self._page.locale)

    def words(self, value: Cell, kind: str = "") -> str | Markup:  # noqa: PLR0911  one line per kind
        """A value as the page tells it; of an instant the day alone where the column is of days."""
        locale = self._page.locale
        match value:
            case None | "":
                return NOTHING
            case bool():
                return self._page.translate("Yes" if value else "No")
            case Mass():
                return mass_shown(value)
            case Words():
                return value.of(locale)
            case StrEnum():
                return label(value, locale)
            case datetime() if kind != "day":
                return self._shown.when(value, locale, now=self._now)
            case date():  # an instant in a column of days, too
                return self._shown.day(value, locale, now=self._now)
            case str():
                return value
            case _:
                return f"{value:,}"

    def _document(self, rows: Sequence[Any]) -> Document:
        columns = [column for column in self.columns if column.of is not None]
        zone = self._shown.zone
        cells = tuple(tuple(_cell(column, row, zone) for column in columns) for row in rows)
        heads = tuple(
            tabular.Column(said(column.title), unit=MassUnit.TONNE if column.kind == "mass" else None)
            for column in columns
        )
        title = said(self.listing.title)
        return Document(title, (), (Sheet(title, heads, cells),), self._now, zone.key)

    def _options(self, one: Filter) -> Options | None:
        if one.choices is not None:
            return [(member.value, label(member, self._page.locale)) for member in one.choices]
        return self._choices.get(one.name, ()) if one.kind == "choice" else None


def _cell(column: Column, row: Any, zone: ZoneInfo) -> Cell:  # noqa: ANN401  whatever the list lists
    value: Cell = column.value(row)
    if isinstance(value, datetime):
        local = value.astimezone(zone).replace(microsecond=0)
        return local.date() if column.kind == "day" else local
    if isinstance(value, bool):
        return said("Yes" if value else "No")
    return named(value) if isinstance(value, StrEnum) else value
